"""A story of one order: events as the aggregate records them, and what read models make of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from domain.calendar import moment
from domain.events import AnyEvent, FactTold, OutcomeRaised
from domain.facts import OrderPlaced, Retracted
from domain.fields import Customer, Line, Payment, Shipping, Value
from domain.money import kronor
from domain.outcomes import AnyOutcome, Because, Fee, Refund, WriteOff
from domain.state import Told
from projections.fold import Changes, Rows, fold_events
from projections.projection import Recorded

WHY = Because(rule="test", clauses=("ALL-1",))
SOURCE = "/test"


def goods(
    *lines: tuple[str, int, int],
    freight: int = 0,
    prices: Any = "including_vat",
    method: Any = "card",
    currency: str = "SEK",
) -> OrderPlaced:
    """An order of (line, price in öre, VAT rate)."""
    return OrderPlaced(
        customer=Customer(ref="C1", kind="consumer"),
        lines=tuple(
            Line(line=line, unit_price=price, vat_rate=Decimal(rate)) for line, price, rate in lines
        ),
        shipping=Shipping(price=freight),
        payment=Payment(method=method),
        prices=prices,
        currency=currency,
    )


def fee(kind: str, amount: int, vat: Any = "included", **about: str) -> Fee:
    return Fee(kind=kind, amount=amount, vat=vat, because=WHY, **about)


def refund(kind: str, breakdown: dict[str, int], **about: str) -> Refund:
    amount = sum(breakdown.values())
    entries = tuple(breakdown.items())
    return Refund(kind=kind, amount=amount, breakdown=entries, because=WHY, **about)


def written_off(invoice: str, amount: int) -> WriteOff:
    return WriteOff(invoice=invoice, amount=amount, because=WHY)


class Story:
    """Events of the order `acme/A-1`, told one after the other."""

    def __init__(self, seller: str = "acme", order: str = "A-1") -> None:
        self.seller, self.order = seller, order
        self.events: list[Recorded] = []
        self.seen: dict[tuple[str, str], Told[Any]] = {}
        self.void: set[tuple[str, str]] = set()

    def tell(
        self, fact: Value, at: str = "2024-03-04", id: str = "", recorded_at: str = ""
    ) -> "Story":
        when = moment(at)
        told = Told(fact, when, moment(recorded_at) if recorded_at else when, SOURCE,
                    id or f"m{len(self.events) + 1}")  # fmt: skip
        names = (SOURCE, fact.fact) if isinstance(fact, Retracted) else None
        if names is not None:
            self.void.add(names)
        self.seen[told.source, told.id] = told
        event = FactTold(
            f"{self.seller}/{self.order}", len(self.events) + 1, told.recorded_at, told, b"{}",
            void=(told.source, told.id) in self.void,
            retracted=self.seen.get(names) if names else None,
        )  # fmt: skip
        return self._add(event)

    def owe(
        self, item: AnyOutcome, event: int | str = 0, at: str = "2024-03-05", policy: str = "policy"
    ) -> "Story":
        """An outcome arises (0), changes (1), falls away (2), or by the name of its event."""
        name = item.names[event] if isinstance(event, int) else event
        key = f"{self.seller}/{self.order}"
        version = len(self.events) + 1
        return self._add(
            OutcomeRaised(key, version, moment(at), name, policy, item, None, version - 1)
        )

    def _add(self, event: AnyEvent) -> "Story":
        position = len(self.events) + 1
        self.events.append(Recorded(event, self.seller, self.order, 7, position))
        return self

    def then(self, batches: Sequence[int] = (), *, reload: bool = False) -> "Tables":
        return Tables(self.events, batches, reload=reload)


class Tables:
    """What the tables hold after the events, folded in batches that end at these places."""

    def __init__(
        self, events: Sequence[Recorded], batches: Iterable[int] = (), *, reload: bool = False
    ) -> None:
        self.rows = Rows()
        self.tables: dict[str, dict[Any, Any]] = {}
        self.appended: dict[str, list[Any]] = {}
        start = 0
        for end in [*sorted(batches), len(events)]:
            changes = Changes()
            fold_events(events[start:end], self.rows, changes)
            self._write(changes)
            start = end
            if reload:
                self.rows = Rows(self.tables)

    def _write(self, changes: Changes) -> None:
        for table, rows in changes.appended.items():
            self.appended.setdefault(table, []).extend(rows)
        for table, gone in changes.deleted.items():
            for key in gone:
                del self.tables[table][key]
        for table, by_key in changes.upserted.items():
            self.tables.setdefault(table, {}).update(by_key)

    @property
    def postings(self) -> list[Any]:
        return self.appended.get("postings", [])

    def journal(self) -> str:
        """One line an entry: what it is about, and its legs in kronor, debits positive."""
        entries: dict[tuple[int, str], list[str]] = {}
        for row in self.postings:
            leg = f"{row.account} {kronor(row.amount)}"
            entries.setdefault((row.position, row.kind), []).append(leg)
        return "\n".join(f"{kind}: {', '.join(legs)}" for (_, kind), legs in entries.items())

    def balances(self) -> dict[tuple[str, int], int]:
        total: Counter[tuple[str, int]] = Counter()
        for row in self.postings:
            total[row.currency, row.account] += row.amount
        return {account: amount for account, amount in sorted(total.items()) if amount}

    def one(self, table: str) -> Any:
        (row,) = self.tables[table].values()
        return row
