"""Random facts of every type, read off the vocabulary itself (`domain.facts`)."""

from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.between import OrderJoined
from domain.calendar import day_of
from domain.vocabulary import FACTS
from domain.facts import OrderConfirmed, OrderPlaced, Retracted
from domain.fields import (
    Amount, Day, Line, Moment, NewLines, Percent, PersonalText, Quantity, Value,
)  # fmt: skip

KINDS = tuple(
    kind for kind in FACTS if kind not in (OrderPlaced, OrderConfirmed, Retracted, OrderJoined)
)
"""What is told of an order after it was placed."""

KEPT = Line(line="1", sku="A", category="electronics", unit_price=90000)
MORE = Line(line="2", sku="B", category="home", unit_price=29900, quantity=3)
ABOUT = (
    "order", "unclaimed", "cancellation", "return", "damage", "complaint", "rescission", "handling",
    "late_payment", "partner_cost", "reship_freight", "warranty", "payment_method", "technician",
    "personal_data", "credit", "purchase_guarantee", "examination", "return_freight", "refund",
)  # fmt: skip
DECISIONS = (
    "charge", "waive", "accepted", "refused", "stop", "cancel", "keep", "deduct", "scrapped",
    "handling", "not_approved_return",
)  # fmt: skip
AMOUNTS = st.sampled_from([0, 100, 9500, 30000, 129900])
LINES = st.sampled_from([None, None, ("1",), ("2",), ("1", "2"), ("9",)])
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "parcel": st.sampled_from(["p1", "p2"]),
    "invoice": st.sampled_from(["f1", "f2"]),
    "rma": st.just("r1"),
    "line": st.sampled_from(["1", "2", "9"]),
    "lines": LINES,
    "about": st.builds(str.__add__, st.sampled_from(ABOUT), st.sampled_from(["", ":p1", ":f1"])),
    "decision": st.sampled_from(DECISIONS),
    "evidence": st.sampled_from([(), ("parcel", "label"), ("a", "b", "c", "d", "e", "f")]),
    "technician_minutes": st.sampled_from([(), (20,), (61, 90)]),
    "tracking": st.sampled_from([None, "t1"]),
    "from_country": st.sampled_from([None, "SE", "NO"]),
    "refund": st.none(),
    "reason": st.sampled_from([None, "nobody_home", "refused", "wrong_address"]),
}
"""Fields whose name says more than their type."""


@cache
def facts_of(kind: type[Value], start: datetime) -> st.SearchStrategy[Value]:
    """A fact of a type about an order that was placed at `start`."""
    hints = get_type_hints(kind, include_extras=True)
    drawn = {one.name: _drawn(one.name, hints[one.name], start) for one in fields(kind)}
    return st.builds(kind, **drawn)


def _drawn(name: str, hint: Any, start: datetime) -> st.SearchStrategy[Any]:
    if hint == NewLines:
        return st.sampled_from([(KEPT,), (KEPT, MORE)])
    if name in BY_NAME:
        return BY_NAME[name]
    if hint == PersonalText:
        return st.none()
    inner = [one for one in get_args(hint) if one is not NoneType]
    if NoneType in get_args(hint):
        return st.none() | _of_type(inner[0], start)
    return _of_type(hint, start)


def _of_type(hint: Any, start: datetime) -> st.SearchStrategy[Any]:
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if hint is bool:
        return st.booleans()
    some_day = st.integers(0, 90).map(lambda days: start + timedelta(days=days))
    by_type = (
        (Amount, AMOUNTS), (Moment, some_day), (Day, some_day.map(day_of)),
        (Quantity, st.integers(1, 2)), (Percent, st.sampled_from([Decimal(30), Decimal(100)])),
    )  # fmt: skip
    for known, drawn in by_type:
        if hint == known:
            return drawn
    return st.just("word")
