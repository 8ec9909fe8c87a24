"""Accounting months: which of them are closed follows from a partition's own log, in its order."""

from datetime import date
from typing import Any

from domain.acts import PeriodClosed
from domain.events import AnyEvent, FactTold

Months = dict[str, date]
"""Seller -> the first day of the last month that its books are closed for."""


def month(told: str) -> date:
    """The first day of a month, as `2024-03`."""
    return date.fromisoformat(f"{told}-01")


def after(day: date) -> date:
    """The first day of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def closing(event: AnyEvent, closed: Months) -> Months:
    """What is closed once an event is known; no month is ever opened again."""
    fact: Any = event.told.fact if isinstance(event, FactTold) else None
    if not isinstance(fact, PeriodClosed):
        return closed
    closes = month(fact.month)
    return closed | {fact.seller: max(closes, closed.get(fact.seller, closes))}


def period_of(booked: date, closed: date | None) -> date:
    """The month of a posting: that of its day, or the first after what is closed by then."""
    own = booked.replace(day=1)
    return own if closed is None or own > closed else after(closed)
