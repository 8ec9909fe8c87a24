"""Until when goods can be complained of: the terms, and the statute where they are worse."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from domain.calendar import day_of, lapses_at, rolled
from domain.outcomes import Effect
from domain.policies.claims import Claim, received_at
from domain.policies.grounds import Readings, clauses_of, distinct, readings_of
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.complaint import ComplaintTerms, SaleLaw, Span
from domain.terms.values import Term


@dataclass(slots=True, frozen=True, kw_only=True)
class Period:
    """The last day of something, and by what it was found."""

    due: date
    clauses: tuple[str, ...]
    readings: Readings = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class Timing:
    """Whether a claim came in time; `judgement`: a person decides whether it did."""

    decision: Literal["in_time", "late", "judgement"]
    by: Period | None = None


def sale_law(terms: Terms) -> SaleLaw:
    """The consumer law that tests the terms."""
    own = terms.complaint.consumer_law if terms.complaint else None
    return terms.law.danish_sale if own and own.value == "danish" else terms.law.sale


def remedy_law(order: OrderState, terms: Terms) -> Term[bool] | None:
    """The statute that gives this customer remedies."""
    return sale_law(terms).free if order.consumer else terms.law.sale.company


def complaint_period(order: OrderState, terms: Terms, received: datetime) -> Period:
    """For how long goods received then can be complained of."""
    if not order.consumer:
        return _company_period(order, terms, received)
    law = sale_law(terms)
    own = terms.complaint.period if terms.complaint else None
    # The act of 1990 asks for a complaint in the time, an act of the customer, so its end can move
    # to a working day; the act of 2022 asks for a fault that shows in it.
    moves = not law.appearance.value
    return _longer(order, terms.complaint, own, law.complaint, received, moves=moves)


def _company_period(order: OrderState, terms: Terms, received: datetime) -> Period:
    own = terms.complaint
    years = terms.law.report.company_years
    if own is None or own.period_business is None or own.period_business.value == "statutory":
        due = rolled(Span(months=12 * years.value).after(day_of(received)))
        by = own.period_business if own else None
        return Period(
            due=due,
            clauses=clauses_of(by, years),
            readings=readings_of(by),
            statutes=tuple((clause, "applies") for clause in years.clauses),
        )
    start = day_of(order.placed_at if _from_purchase(own) else received)
    return Period(
        due=own.period_business.value.after(start),
        clauses=clauses_of(own.period_business),
        readings=readings_of(own.period_business, own.period_from),
    )


def printed_period(order: OrderState, terms: Terms, received: datetime) -> date | None:
    """The last day as printed, whatever the statute adds."""
    own = terms.complaint
    if own is None:
        return None
    span = own.period.value if own.period else None
    if not order.consumer:
        company = own.period_business.value if own.period_business else None
        span = company if isinstance(company, Span) else None
    start = order.placed_at if _from_purchase(own) else received
    return span.after(day_of(start)) if span else None


def presumption(order: OrderState, terms: Terms, received: datetime) -> Period | None:
    """For how long a fault is taken to be original; the statute has a time for consumers only."""
    law = sale_law(terms)
    if not order.consumer:
        return _company_presumption(order, terms, received)
    if law.presumption is None:
        return None
    own = terms.complaint.presumption if terms.complaint else None
    return _longer(order, terms.complaint, own, law.presumption, received, moves=False)


def _company_presumption(order: OrderState, terms: Terms, received: datetime) -> Period | None:
    own = terms.complaint
    if own is None or own.presumption_business is None:
        return None
    start = day_of(order.placed_at if _from_purchase(own) else received)
    return Period(
        due=own.presumption_business.value.after(start),
        clauses=own.presumption_business.clauses,
        readings=readings_of(own.period_from),
    )


def notice_period(order: OrderState, terms: Terms, found_at: datetime) -> Period | None:
    """Until when a fault that was noticed then may be notified, always in time."""
    own, day = terms.complaint, day_of(found_at)
    if not order.consumer:
        asked = own.notice_business if own else None
        if asked is None:
            return None
        return Period(due=asked.value.after(day), clauses=asked.clauses)
    law = sale_law(terms).notice
    printed = own.notice if own else None
    due = law.value.after(day)
    worse = printed is not None and printed.value.after(day) < due
    if printed is not None:
        due = max(due, printed.value.after(day))
    return Period(
        due=rolled(due),
        clauses=clauses_of(printed, law),
        statutes=tuple((clause, "bounded" if worse else "applies") for clause in law.clauses),
        beaten=_beaten(printed, day, law) if printed and worse else (),
    )


def timing(order: OrderState, terms: Terms, claim: Claim) -> Timing:
    """Whether the first report of a claim came in time."""
    received = received_at(order, claim.line)
    at, found_at = claim.first.at, claim.found_at or claim.first.at
    notice = notice_period(order, terms, found_at)
    if received is not None:
        period = complaint_period(order, terms, received)
        shows_in_time = order.consumer and sale_law(terms).appearance.value
        late = (found_at if shows_in_time else at) >= lapses_at(period.due)
        if shows_in_time:
            last = rolled(sale_law(terms).notice.value.after(period.due))
            late = late or at >= lapses_at(last)
            period = replace(
                period, clauses=distinct(period.clauses, sale_law(terms).notice.clauses)
            )
        if late:
            return Timing("late", period)
    if notice is None:
        return Timing("in_time", complaint_period(order, terms, received) if received else None)
    if at < lapses_at(notice.due):
        return Timing("in_time", notice)
    how = terms.complaint.late_notice if terms.complaint else None
    notice = replace(
        notice,
        clauses=distinct(notice.clauses, how.clauses if how else ()),
        readings=notice.readings + readings_of(how),
    )
    return Timing("late" if how and how.value == "refused" else "judgement", notice)


def _longer(
    order: OrderState, own: ComplaintTerms | None, printed: Term[Span] | None, law: Term[Span],
    received: datetime, *, moves: bool,
) -> Period:  # fmt: skip
    """The printed period, or the statutory one where that ends later, and whose law tests it.

    A start that a reading chose stands for the statutory period too (FACTS.md section 5). The last
    day `moves` to a working day where it is for an act of the customer.
    """
    start = day_of(order.placed_at if _from_purchase(own) else received)
    chosen = own.period_from.readings if own and own.period_from else ()
    lawful = law.value.after(start if chosen else day_of(received))
    due = printed.value.after(start) if printed else lawful
    worse = printed is not None and due < lawful
    last, tested = max(due, lawful), own.consumer_law if own else None
    return Period(
        due=rolled(last) if moves else last,
        clauses=clauses_of(printed, law, tested),
        readings=chosen + readings_of(tested),
        statutes=tuple((clause, "bounded" if worse else "applies") for clause in law.clauses),
        beaten=_beaten(printed, start, law) if printed and worse else (),
    )


def _from_purchase(own: ComplaintTerms | None) -> bool:
    return own is not None and own.period_from is not None and own.period_from.value == "purchase"


def _beaten(printed: Term[Span], start: date, law: Term[Span]) -> tuple[tuple[str, str, str], ...]:
    return ((printed.clauses[0], printed.value.after(start).isoformat(), law.clauses[-1]),)
