"""What happened to an order, row by row: who said it, in words, and all that lies behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec

from adapters.asking.plain import outcome_of
from adapters.console.drawn import Mark
from adapters.narrated import narrated, reason, replaced
from domain.calendar import day_of
from domain.events import AnyEvent, FactTold, OutcomeRaised
from domain.explain import arithmetic
from domain.facts import (
    CollectionStarted, InvoiceIssued, PaymentReceived, RefundPaid, ReminderSent, ReturnReceived,
    ReturnSent, RmaReceived,
)  # fmt: skip
from domain.outcomes import Deadline, Fee, Refund, WriteOff
from domain.state import PARCEL_FACTS

Row = Mapping[str, Any]
Legs = Mapping[tuple[int, int], Sequence[Row]]
"""(partition, position) -> what an event moved on the accounts."""
Beside = Mapping[int, Mapping[str, str]]
"""Version -> what lies beside an event about persons, by field."""
MONEY = (InvoiceIssued, PaymentReceived, RefundPaid, ReminderSent, CollectionStarted)
GOODS = (*PARCEL_FACTS, ReturnSent, ReturnReceived, RmaReceived)


@dataclass(slots=True, frozen=True)
class Happening:
    """A row. `known` is when it became known, None where that was when it happened; `by` is who
    said it.
    """

    event: AnyEvent

    number: int
    type: str
    kind: str
    at: datetime
    known: datetime | None
    by: str
    words: str
    why: str
    amount: int | None
    currency: str
    arithmetic: str
    clauses: tuple[str, ...]
    cause: int | None
    """The event that made a policy decide; 0 is the clock, None where nobody decided."""
    beside: Mapping[str, str]
    legs: Sequence[Row]
    about: Mapping[str, str]
    """What else there is to know, by name."""
    replaces: int | None = None
    """The event that said the same of a parcel before, and counts no more."""

    @property
    def payload(self) -> str:
        """What was told, or raised, as JSON."""
        if isinstance(self.event, OutcomeRaised):
            return _pretty(outcome_of(self.event.item))
        if isinstance(self.event, FactTold):
            return _pretty(msgspec.json.decode(self.event.body or b"{}"))
        return _pretty({"edition": self.event.edition, "day": str(self.event.day)})

    @property
    def is_money(self) -> bool:
        return bool(self.legs) or self.kind in ("money", "owed")

    @property
    def mark(self) -> Mark:
        """Its place on the time line."""
        said = f"{self.number}. {self.words}{f': {self.why}' if self.why else ''}"
        return Mark(day_of(self.at), self.kind, f"#e{self.number}", said)


def entries(legs: Iterable[Row]) -> Legs:
    """What each event moved, from an order's legs in the order of the log."""
    by_place = groupby(legs, key=lambda leg: (leg["partition"], leg["position"]))
    return {place: list(some) for place, some in by_place}


def happened(
    events: Iterable[AnyEvent], timeline: Iterable[Row], legs: Legs, beside: Beside,
    currency: str,
) -> list[Happening]:  # fmt: skip
    """The rows of events, each with what its place in the log leads to."""
    places = {row["version"]: (row["partition"], row["position"]) for row in timeline}
    events = list(events)
    again, rows = replaced(events), []
    for event in events:
        number = event.originator_version
        place = places.get(number)
        about = {} if place is None else {"place in the log": "/".join(map(str, place))}
        moved = () if place is None else legs.get(place, ())
        row = _row(event, moved, beside.get(number, {}), about, currency)
        rows.append(replace(row, replaces=again.get(number)))
    return rows


def _row(
    event: AnyEvent, legs: Sequence[Row], beside: Mapping[str, str], about: dict[str, str],
    currency: str,
) -> Happening:  # fmt: skip
    number, words = event.originator_version, narrated(event, currency)
    if isinstance(event, OutcomeRaised):
        item: Any = event.item
        amount = None if isinstance(item, Deadline) else getattr(item, "amount", None)
        by = "the clock" if event.cause == 0 else "the terms"
        return Happening(
            event, number, event.type, _kind(event), event.timestamp, None, by, words,
            reason(event), amount, event.currency, arithmetic(item, "en", event.currency),
            item.because.clauses, event.cause, beside, legs,
            about | {"policy": event.policy, "rules": event.rules[:12]},
        )  # fmt: skip
    known = at = event.timestamp
    if not isinstance(event, FactTold):
        return Happening(event, number, event.type, "told", at, None, "the order", words, "", None,
                         currency, "", (), None, beside, legs, about)  # fmt: skip
    told = event.told
    return Happening(
        event, number, event.type, _kind(event), told.at, None if told.at == known else known,
        _who(told.source, beside), words, "", _amount(told.fact), currency, "", (), None,
        beside, legs, about | {"source": told.source, "message": told.id},
    )  # fmt: skip


def _kind(event: AnyEvent) -> str:
    """The shape on the time line."""
    if isinstance(event, FactTold):
        fact = event.told.fact
        if isinstance(fact, MONEY):
            return "money"
        return "parcel" if isinstance(fact, GOODS) else "told"
    if isinstance(event, OutcomeRaised) and isinstance(event.item, Deadline):
        return "late" if event.type == "DeadlineLapsed" else "time"
    is_owed = isinstance(event, OutcomeRaised) and isinstance(event.item, (Fee, Refund, WriteOff))
    return "owed" if is_owed else "answer"


def _who(source: str, beside: Mapping[str, str]) -> str:
    """Who said it: a person by name, else the system that told it."""
    if "by" in beside:
        return beside["by"]
    first, _, rest = source.strip("/").partition("/")
    return SYSTEMS.get(first, source if not rest else f"{first} ({rest})")


SYSTEMS = {
    "orders": "the order system", "carriers": "the carrier", "warehouse": "the warehouse",
    "payments": "payments", "billing": "billing", "service": "customer service",
    "workshop": "the workshop", "villkor:acts": "a person",
    "villkor:streams": "the customer's orders",
}  # fmt: skip
"""First part of a source -> who that is."""


def _amount(fact: Any) -> int | None:
    amount: int | None = getattr(fact, "amount", None)
    return amount


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
