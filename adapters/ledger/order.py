"""Where an order's money is: what came in is what went out, what was earned, and what is owed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import asyncpg

from projections.posting_rules import ADVANCE, BANK, RECEIVABLE

MONEY = (BANK, RECEIVABLE, ADVANCE)
NAMED = ("partition", "position", "booked", "occurred", "period", "kind", "currency")
LEGS = f"""
    select {", ".join(f"p.{name}" for name in NAMED)}, p.account, p.amount, t.recorded_at
    from timeline t cross join lateral (
        select * from postings p where (p.partition, p.position) = (t.partition, t.position)
        offset 0
    ) p
    where t.seller = $1 and t.order_id = $2
    order by p.partition, p.position, p.leg
"""
"""An order's postings, by the places of its events: no index has them by its name."""
Leg = Mapping[str, Any]


class Line(NamedTuple):
    """An entry, in öre: money in and out, what was earned with its tax, and what it leaves owed.

    `paid_in` = `repaid` + `earned` + what is owed to the customer more than before. `owed` is what
    the customer owes behind it, negative where it is owed to the customer.
    """

    partition: int
    position: int
    booked: date
    occurred: date
    period: date
    what: str
    currency: str
    paid_in: int
    repaid: int
    earned: int
    owed: int

    @property
    def late(self) -> bool:
        """Whether its own month was closed when it was booked."""
        return self.booked.replace(day=1) < self.period


@dataclass(slots=True, frozen=True)
class OrderMoney:
    """One order in one currency, line by line and by account; öre, `earned` credits positive."""

    seller: str
    order: str
    currency: str
    lines: tuple[Line, ...]
    earned: dict[int, int]
    """What was earned by account, the tax on it by its accounts."""
    owes: int
    """What the customer owes: 1510."""
    owed: int
    """What is owed to the customer, refunds that are due among it: 2420."""

    @property
    def paid_in(self) -> int:
        return sum(line.paid_in for line in self.lines)

    @property
    def repaid(self) -> int:
        return sum(line.repaid for line in self.lines)

    @property
    def off(self) -> int:
        """Money in, less money out, what was earned and what is owed: nought."""
        return self.paid_in - self.repaid - sum(self.earned.values()) + self.owes - self.owed


async def order_money(pool: asyncpg.Pool, seller: str, order: str) -> list[OrderMoney]:
    """An order's money, in each currency that it moved; nothing where it moved none."""
    return money_of(seller, order, await pool.fetch(LEGS, seller, order))


def money_of(seller: str, order: str, legs: Iterable[Leg]) -> list[OrderMoney]:
    """What an order's legs come to, which are in the order of the log."""
    in_turn = sorted(legs, key=lambda leg: leg["currency"])
    return [
        _money(seller, order, currency, list(some))
        for currency, some in groupby(in_turn, key=lambda leg: leg["currency"])
    ]


def off(legs: Iterable[Leg]) -> dict[str, int]:
    """What an order's legs come to by currency, where that is not 0: somebody changed one."""
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg["currency"]] = sums.get(leg["currency"], 0) + leg["amount"]
    return {currency: amount for currency, amount in sums.items() if amount}


def _money(seller: str, order: str, currency: str, legs: Sequence[Leg]) -> OrderMoney:
    balances: dict[int, int] = {}
    lines = []
    for _, entry in groupby(legs, key=lambda leg: (leg["partition"], leg["position"])):
        own = list(entry)
        for leg in own:
            balances[leg["account"]] = balances.get(leg["account"], 0) + leg["amount"]
        bank = sum(leg["amount"] for leg in own if leg["account"] == BANK)
        earned = -sum(leg["amount"] for leg in own if leg["account"] not in MONEY)
        owed = balances.get(RECEIVABLE, 0) + balances.get(ADVANCE, 0)
        named = (own[0][name] for name in NAMED)
        lines.append(Line._make((*named, max(bank, 0), max(-bank, 0), earned, owed)))
    return OrderMoney(
        seller, order, currency, tuple(lines),
        {account: -amount for account, amount in sorted(balances.items())
         if account not in MONEY and amount},
        balances.get(RECEIVABLE, 0), -balances.get(ADVANCE, 0),
    )  # fmt: skip
