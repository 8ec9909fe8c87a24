"""Late interest: simple, actual days over 365, rounded half up once at the end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from domain.calendar import add_months
from domain.money import half_up

Counting = Literal["per_day", "started_months", "whole_months", "once"]
YEAR = 365


@dataclass(slots=True, frozen=True)
class Span:
    """Days, both included, during which the same balance (öre) was late."""

    first: date
    last: date
    balance: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def late_spans(due: date, balance: int, payments: Sequence[tuple[date, int]]) -> list[Span]:
    """The spans from the day after `due` to the payment that ends the delay, that day included.

    Payments are (day, öre) in order of day; those by `due` lower the balance from the start. What
    is still unpaid at the end has no span: interest is raised with the payment that ends the delay.
    """
    spans: list[Span] = []
    since = due
    for day, amount in payments:
        if balance > 0 and day > since:
            spans.append(Span(since + timedelta(days=1), day, balance))
            since = day
        balance -= amount
    return spans


def half_years(span: Span) -> Iterator[Span]:
    """The same days, cut where the reference rate may change: 1 January and 1 July."""
    first = span.first
    while first <= span.last:
        end = date(first.year, 6, 30) if first.month <= 6 else date(first.year, 12, 31)
        yield Span(first, min(end, span.last), span.balance)
        first = end + timedelta(days=1)


def by_days(spans: Sequence[Span], rate: Callable[[date], Decimal]) -> int:
    """Interest in öre at yearly per cent; `rate` is asked once for each half-year."""
    exact = sum(
        Fraction(piece.balance * piece.days) * Fraction(rate(piece.first)) / (100 * YEAR)
        for span in spans
        for piece in half_years(span)
    )
    return half_up(Fraction(exact))


def by_months(due: date, spans: Sequence[Span], monthly: Fraction, *, started: bool) -> int:
    """Interest in öre at monthly per cent, for each started month or each completed one only.

    A started month counts the balance with which it starts, a completed one what was late to its
    end.
    """
    if not spans:
        return 0
    exact, month = Fraction(0), 0
    while True:
        start, end = add_months(due, month), add_months(due, month + 1)
        counted = start + timedelta(days=1) if started else end
        balance = next((one.balance for one in spans if one.first <= counted <= one.last), 0)
        if balance == 0:
            return half_up(exact)
        exact += Fraction(balance) * monthly / 100
        month += 1
