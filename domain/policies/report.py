"""Reports of what was wrong on arrival: what they are about, and whether they were in time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypedDict

from domain.calendar import (
    add_days, add_hours, add_months, add_wall_hours, add_working_days, add_years, day_of,
    lapses_at, rolled,
)  # fmt: skip
from domain.facts import (
    Collected, DamageReported, Delivered, DiscrepancyReported, LineStruck, RemedyChosen,
    ShipmentLost, Shipped,
)  # fmt: skip
from domain.outcomes import Effect
from domain.policies.grounds import Readings, clauses_of, distinct, readings_of
from domain.state import OrderState, Parcel, Told
from domain.terms import Terms
from domain.terms.damage import ReportTerms

READS = (Shipped, Collected, Delivered, ShipmentLost, LineStruck)
Due = date | datetime
Report = Told[DamageReported] | Told[DiscrepancyReported]


class Subject(TypedDict, total=False):
    """What in the order an outcome is about, and the report that gave rise to it."""

    parcel: str
    line: str
    cause: str


@dataclass(slots=True, frozen=True)
class Case:
    """Lines that were reported, and all reports that speak of them."""

    lines: tuple[str, ...]
    reports: tuple[Told[Any], ...]

    @property
    def first(self) -> Told[Any]:
        return self.reports[0]

    def subject(self, order: OrderState) -> Subject:
        """The parcel that all lines came in, or the single line, and the first report."""
        ids = {one.id for one in parcels_of(order, self.lines)}
        if len(ids) == 1:
            return {"parcel": ids.pop(), "cause": self.first.id}
        if len(self.lines) == 1:
            return {"line": self.lines[0], "cause": self.first.id}
        return {"cause": self.first.id}


@dataclass(slots=True, frozen=True, kw_only=True)
class Verdict:
    """Whether a case was reported in time, and by what it was judged."""

    timing: Literal["in_time", "late", "judgement"]
    clauses: tuple[str, ...]
    readings: Readings = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()


def cases(order: OrderState, reports: Iterable[Report]) -> list[Case]:
    """Every reported line in one case; a later report of the same lines adds to it."""
    found: list[Case] = []
    for told in reports:
        lines = reported_lines(order, told)
        known = {line for case in found for line in case.lines}
        found = [
            Case(case.lines, (*case.reports, told)) if set(lines) & set(case.lines) else case
            for case in found
        ]
        fresh = tuple(line for line in lines if line not in known)
        if fresh:
            found.append(Case(fresh, (told,)))
    return found


def reported_lines(order: OrderState, told: Report) -> tuple[str, ...]:
    """The lines that a report is about: as it names them, else those of its parcel, else all."""
    fact = told.fact
    parcel = fact.parcel if isinstance(fact, DamageReported) else None
    if fact.lines is not None or parcel is None:
        return order.named(fact.lines)
    return tuple(line for one in sent(order) if one.id == parcel for line in lines_in(order, one))


def sent(order: OrderState) -> list[Parcel]:
    """The parcels that were sent, as the seller said or because they were received."""
    parcels = order.parcels.values()
    return [one for one in parcels if one.last(Shipped) is not None or one.received is not None]


def lines_in(order: OrderState, parcel: Parcel) -> tuple[str, ...]:
    """The lines of a parcel; of an order's only one, all where nobody said what is in it."""
    if not parcel.lines and len(sent(order)) == 1:
        return order.named(None)
    return order.named(parcel.lines)


def choice(order: OrderState, case: Case, line: str) -> Told[RemedyChosen] | None:
    """What was last chosen for a line since it was reported."""
    told = [
        one
        for one in order.all(RemedyChosen)
        if one.at >= case.first.at and line in order.named(one.fact.lines)
    ]
    return told[-1] if told else None


def in_money(chosen: Told[RemedyChosen] | None) -> bool:
    """Whether money was chosen in place of goods."""
    return chosen is not None and chosen.fact.remedy in ("refund", "credit", "price_reduction")


# -- from when, and until when --------------------------------------------------------------------


def received_at(order: OrderState, parcels: Sequence[Parcel]) -> datetime | None:
    """When the last of the parcels was received; None while one is on its way."""
    received = [parcel.received for parcel in parcels]
    times = [told.at for told in received if told is not None]
    return max(times) if times and len(times) == len(received) else None


def order_received_at(order: OrderState) -> datetime | None:
    """When the order was received: all that was on its way when no line was awaited any more.

    Until a line was struck it was awaited. What was sent later replaces what had come.
    """
    parcels = [one for one in sent(order) if one.received or one.last(ShipmentLost) is None]
    awaited = [line for line in order.lines if line not in order.struck]
    there = [
        [told.at for one in parcels if line in lines_in(order, one) and (told := one.received)]
        for line in awaited
    ]
    if not awaited or not all(there):
        return None
    strikes = [told.at for told in order.all(LineStruck) if told.fact.line in order.lines]
    complete = max([min(times) for times in there] + strikes)
    part = [one for one in parcels if not _sent_after(one, complete)]
    received = received_at(order, part)
    return None if received is None else max(received, complete)


def _sent_after(parcel: Parcel, at: datetime) -> bool:
    shipped = parcel.first(Shipped)
    return shipped is not None and shipped.at > at


def starts_at(order: OrderState, own: ReportTerms | None, parcels: list[Parcel]) -> datetime | None:
    """The event that the printed period is counted from, if it has come."""
    counted_from = own.counted_from.value if own and own.counted_from else "parcel"
    if counted_from == "order":
        return order_received_at(order)
    if counted_from == "handover":
        shipped = [told.at for one in parcels if (told := one.last(Shipped)) is not None]
        return max(shipped, default=None)
    return received_at(order, parcels)


def printed_due(own: ReportTerms, start: datetime, consumer: bool) -> Due | None:
    """The last day or instant that the terms print; a consumer's day moves to a working day."""
    if own.unit is None:
        return None
    if own.unit.value == "before_handover":
        return start
    if own.period is None:
        return None
    if own.unit.value == "hours":
        on_the_wall = own.clock is not None and own.clock.value == "wall_clock"
        return (add_wall_hours if on_the_wall else add_hours)(start, own.period.value)
    count = add_days if own.unit.value == "days" else add_working_days
    due = count(day_of(start), own.period.value)
    return rolled(due) if consumer else due


def statutory_due(terms: Terms, noticed: datetime) -> date:
    """Until this day a consumer's notice is in time whatever the terms say (KKL 5:2, KKL90 23)."""
    return rolled(add_months(day_of(noticed), terms.law.report.notice_months.value))


def company_due(terms: Terms, received: datetime) -> date:
    """The last day of a company, whatever the terms say (KL 32)."""
    return add_years(day_of(received), terms.law.report.company_years.value)


def is_request(own: ReportTerms) -> bool:
    """Whether the printed period takes nothing from a consumer even on paper."""
    return own.for_consumer is not None and own.for_consumer.value == "request"


def judge(
    order: OrderState, terms: Terms, own: ReportTerms | None, case: Case, *, noticed_late: bool
) -> Verdict:
    """Whether the case's first report was in time; `noticed_late`: the fault showed only then."""
    parcels = parcels_of(order, case.lines)
    if order.consumer:
        return _consumer(order, terms, own, case, received_at(order, parcels), noticed_late)
    start, at = starts_at(order, own, parcels), case.first.at
    due = printed_due(own, start, consumer=False) if own and start else None
    if own is None or own.unit is None or (own.late and own.late.value == "wish"):
        return _company_statute(terms, own, at, start)
    clauses = clauses_of(own.period, own.unit)
    readings = readings_of(own.period, own.unit, own.counted_from, own.clock)
    if due is None or at < lapses_at(due):
        return Verdict(timing="in_time", clauses=clauses, readings=readings)
    statute = terms.law.report.company_years.clauses
    return Verdict(
        timing="judgement" if own.late and own.late.value == "staff_decides" else "late",
        clauses=distinct(clauses, own.late.clauses if own.late else (), statute),
        readings=distinct(readings, readings_of(own.late)),
        statutes=tuple((one, "applies") for one in statute),
    )


def parcels_of(order: OrderState, lines: Iterable[str]) -> list[Parcel]:
    """The parcels that the lines came in; all, where they came in none that is known."""
    parcels, wanted = sent(order), set(lines)
    return [one for one in parcels if wanted & set(lines_in(order, one))] or parcels


def _company_statute(
    terms: Terms, own: ReportTerms | None, at: datetime, start: datetime | None
) -> Verdict:
    """No period binds a company: two years after receipt at the latest (KL 32)."""
    years = terms.law.report.company_years
    clauses = distinct(clauses_of(own.late) if own else (), years.clauses)
    late = start is not None and at >= lapses_at(company_due(terms, start))
    return Verdict(
        timing="late" if late else "in_time",
        clauses=clauses,
        statutes=tuple((one, "applies") for one in years.clauses),
    )


def _consumer(
    order: OrderState, terms: Terms, own: ReportTerms | None, case: Case,
    received: datetime | None, noticed_late: bool,
) -> Verdict:  # fmt: skip
    """Two months from noticing are always in time; what showed on receipt was noticed then."""
    months, at = terms.law.report.notice_months, case.first.at
    printed = clauses_of(own.period, own.unit) if own else ()
    worse = own is not None and own.unit is not None and not is_request(own)
    risk = terms.law.report.seller_bears_risk.clauses
    late = (
        not noticed_late and received is not None
        and at >= lapses_at(statutory_due(terms, received))
    )  # fmt: skip
    refused = late and own and own.late_consumer and own.late_consumer.value == "refused"
    start = starts_at(order, own, parcels_of(order, case.lines))
    due = printed_due(own, start, consumer=True) if own and start else None
    fell = worse and due is not None and at >= lapses_at(due)
    chosen = (own.period, own.for_consumer, own.late_consumer if late else None) if own else ()
    return Verdict(
        timing="late" if refused else "judgement" if late else "in_time",
        clauses=distinct(printed, months.clauses, risk),
        readings=readings_of(*chosen),
        statutes=tuple((one, "bounded" if worse else "applies") for one in months.clauses),
        beaten=((printed[0], due.isoformat(), months.clauses[-1]),) if fell and due else (),
    )
