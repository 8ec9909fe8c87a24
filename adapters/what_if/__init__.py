"""What a what-if answers: the orders, outcomes, krona and accounts that would differ."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal, NamedTuple

from adapters.what_if.supposed import Question

What = Literal["raised", "otherwise", "gone"]
MONEY = ("fee", "refund", "write_off")
"""The classes of outcomes that are owed in money."""


@dataclass(slots=True, frozen=True)
class Change:
    """An outcome that would differ: its key (`fee unclaimed:p1`), and what it is and would be.

    `before` and `after` are its amount, day or answer in words, '' where there is none; of what
    is owed in money `amount_before` and `amount_after` are the öre, else 0.
    """

    policy: str
    outcome: str
    what: What
    before: str
    after: str
    amount_before: int = 0
    amount_after: int = 0

    @property
    def kind(self) -> str:
        """Of which kind, whatever it is about: `fee unclaimed`."""
        return self.outcome.split(":", 1)[0].strip()

    @property
    def difference(self) -> int:
        """How many öre more would be owed."""
        return self.amount_after - self.amount_before


@dataclass(slots=True, frozen=True)
class Moved:
    """An account that would have another balance, in öre, debits positive."""

    account: int
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(slots=True, frozen=True)
class Differs:
    """An order that would differ: in which outcomes, and on which accounts."""

    seller: str
    order: str
    currency: str
    changes: list[Change]
    accounts: list[Moved]
    recorded_otherwise: bool = False
    """Whether the log has other amounts than today's decision under its own terms."""


@dataclass(slots=True, frozen=True)
class Undecided:
    """An order that could not be decided, and why."""

    seller: str
    order: str
    why: str


@dataclass(slots=True)
class Found:
    """What came of some orders: how many there are and would have another edition of their terms,
    which of them would differ, and which could not be decided.
    """

    orders: int = 0
    concerned: int = 0
    differing: list[Differs] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)

    def __iadd__(self, other: "Found") -> "Found":
        self.orders += other.orders
        self.concerned += other.concerned
        self.differing += other.differing
        self.undecided += other.undecided
        return self


@dataclass(slots=True, frozen=True)
class WhatIf:
    """What would differ at a moment, over the whole log."""

    question: Question
    at: datetime
    found: Found
    resumed: int
    """Partitions that were answered before."""

    @property
    def differs(self) -> bool:
        return bool(self.found.differing or self.found.undecided)

    def kinds(self) -> "list[KindTotal]":
        """The outcomes that would differ, by seller, currency and kind."""
        named = [
            ((one.seller, one.currency, change.kind), one.order, change)
            for one in self.found.differing for change in one.changes
        ]  # fmt: skip
        named.sort(key=lambda row: row[0])
        return [
            KindTotal.of(name, [(order, change) for _, order, change in rows])
            for name, rows in groupby(named, key=lambda row: row[0])
        ]

    def totals(self) -> "list[Total]":
        """What those of them come to that are money, by currency and class."""
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        for kind in self.kinds():
            if kind.group in MONEY:
                before, after = sums.get((kind.currency, kind.group), (0, 0))
                sums[kind.currency, kind.group] = (before + kind.before, after + kind.after)
        return [Total(*name, *amounts) for name, amounts in sorted(sums.items())]

    def accounts(self) -> "list[AccountTotal]":
        """The accounts that would differ, by seller and currency; in each they come to 0."""
        sums: dict[tuple[str, str, int], int] = {}
        for one in self.found.differing:
            for moved in one.accounts:
                name = (one.seller, one.currency, moved.account)
                sums[name] = sums.get(name, 0) + moved.difference
        return [AccountTotal(*name, amount) for name, amount in sorted(sums.items()) if amount]


class KindTotal(NamedTuple):
    """Outcomes of a kind that would differ: how many of which orders, and in öre."""

    seller: str
    currency: str
    kind: str
    orders: int
    raised: int
    otherwise: int
    gone: int
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def group(self) -> str:
        """Its class of outcomes: `fee`, `refund`, `write_off`, `deadline`, .."""
        return self.kind.split(" ", 1)[0]

    @classmethod
    def of(cls, name: tuple[str, str, str], rows: list[tuple[str, Change]]) -> "KindTotal":
        """The total of (order, change) under a name."""
        whats = [change.what for _, change in rows]
        return cls(
            *name, len({order for order, _ in rows}),
            whats.count("raised"), whats.count("otherwise"), whats.count("gone"),
            sum(change.amount_before for _, change in rows),
            sum(change.amount_after for _, change in rows),
        )  # fmt: skip


class Total(NamedTuple):
    """The fees, refunds or write-offs that would differ, in all, in öre."""

    currency: str
    group: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


class AccountTotal(NamedTuple):
    """How much more (öre, debits positive) would stand on an account of a seller."""

    seller: str
    currency: str
    account: int
    difference: int
