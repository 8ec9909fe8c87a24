"""What is asked of the ledger, as people write it: months and days, and the span that they make."""

import re
from datetime import date, timedelta

from adapters.ledger.trial import EVER, Span
from domain.errors import Refused
from projections.periods import after

MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])", re.ASCII)


def month_of(told: str | None, name: str = "month") -> date | None:
    """The first day of a month, `2026-09`. Raises Refused where it is none."""
    if not told:
        return None
    if not MONTH.fullmatch(told):
        raise Refused(f"{name}: {told!r} is not a month, like 2026-09")
    return date.fromisoformat(f"{told}-01")


def day_of(told: str | None, name: str = "as_of") -> date | None:
    """A day, `2026-09-30`. Raises Refused where it is none."""
    if not told:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise Refused(f"{name}: {told!r} is not a day, like 2026-09-30") from error


def span_of(
    month: str | None = None, since: str | None = None, until: str | None = None,
    as_of: str | None = None,
) -> Span:  # fmt: skip
    """One month, or those from `since` to `until`; all where none is said.

    Raises Refused where one of them is unreadable, or they contradict each other.
    """
    if month and (since or until):
        raise Refused("month: it is one month; from and to are several")
    first = month_of(month or since, "month" if month else "from") or EVER[0]
    last = month_of(month or until, "month" if month else "to") or EVER[1]
    if since and until and last < first:
        raise Refused(f"to: {until} is before {since}")
    return Span(first, last, day_of(as_of) or EVER[1])


def last_day(span: Span, today: date) -> date:
    """As of which day what is asked about ends: the one that is said, or the last of the months;
    today where they are not over, or none is said."""
    if span.as_of != EVER[1]:
        return span.as_of
    return today if span.last == EVER[1] else min(after(span.last) - timedelta(days=1), today)
