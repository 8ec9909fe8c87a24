"""The answer to a report of what was wrong on arrival, and the deadlines for such reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain.outcomes import Because, Owed, Ruling
from domain.policies.discretion import Question, ask, choice, refuse
from domain.policies.grounds import Readings, clauses_of, distinct, readings_of
from domain.policies.policy import Sentences
from domain.policies.report import (
    Case, Due, Subject, Verdict, company_due, is_request, lines_in, printed_due, received_at, sent,
    starts_at, statutory_due,
)  # fmt: skip
from domain.state import OrderState, Parcel
from domain.terms import Terms
from domain.terms.damage import ReportTerms
from domain.terms.values import Term

Decision = Literal["accepted", "refused", "pending"]

ASKED = "report.asked"
"""The rule of a deadline that is only asked for: nothing is lost after it."""
SENTENCES: Sentences = {
    "report.due": (
        "What is wrong on arrival, counted from {from}, is to be reported by {due}.",
        "Fel vid mottagandet ska anmälas senast {due}, räknat från {from}.",
    ),
    ASKED: (
        "What is wrong on arrival is asked to be reported by {due}, counted from {from}; nothing "
        "is lost after it, as a report is in time until {binding} at least.",
        "Fel vid mottagandet önskas anmälda senast {due}, räknat från {from}; inget går förlorat "
        "efter det, då en anmälan är i tid åtminstone till och med {binding}.",
    ),
}


@dataclass(slots=True, frozen=True)
class Objection:
    """What beside its time decides a report: it refuses it, keeps it waiting, or is satisfied."""

    reason: str
    decision: Literal["refused", "pending", "none"]
    clauses: tuple[str, ...]
    readings: Readings = ()


def answer(
    owed: Owed, order: OrderState, about: str, case: Case, verdict: Verdict,
    objections: list[Objection],
) -> bool:  # fmt: skip
    """The ruling on a case, and whether it is accepted.

    Refused if objected to or late, pending while something is awaited. Whether a late report was
    reasonable is a person's judgement (`DecisionNeeded`).
    """
    decision, reason, readings = _decision(order, about, case, verdict, objections)
    because = Because(
        rule=f"{about}.{reason}",
        clauses=distinct(verdict.clauses, *(one.clauses for one in objections)),
        inputs={"lines": ", ".join(case.lines), "reported": case.first.at.isoformat()},
        readings=distinct(verdict.readings, readings),
        statutes=verdict.statutes,
        beaten=verdict.beaten,
    )
    subject = case.subject(order)
    if verdict.timing == "judgement":
        refuse(owed, order, _lateness(about, subject), because, **subject)
    if reason == "judgement":
        ask(owed, _lateness(about, subject), because, **subject)
    reasons = () if decision == "accepted" else (reason,)
    owed.add(Ruling(about=about, decision=decision, reasons=reasons, because=because, **subject))
    return decision == "accepted"


def _decision(
    order: OrderState, about: str, case: Case, verdict: Verdict, objections: list[Objection]
) -> tuple[Decision, str, Readings]:
    refusal = next((one for one in objections if one.decision == "refused"), None)
    awaited = next((one for one in objections if one.decision == "pending"), None)
    if refusal is not None:
        return "refused", refusal.reason, refusal.readings
    if verdict.timing == "late":
        return "refused", "late", ()
    if verdict.timing == "judgement":
        found = choice(order, _lateness(about, case.subject(order)))
        if found is None:
            return "pending", "judgement", ()
        if found == "refused":
            return "refused", "decided", ()
    if awaited is not None:
        return "pending", awaited.reason, awaited.readings
    return "accepted", "accepted", tuple(one for part in objections for one in part.readings)


def _lateness(about: str, subject: Subject) -> Question:
    """Whether a late report was reasonable."""
    named = subject.get("parcel") or subject.get("line", "")
    return Question(about=about, choices=("accepted", "refused"), subject=named)


def evidence(own: ReportTerms | None, case: Case) -> Objection | None:
    """The pictures that are still awaited: as many as are enough of those that can be shown."""
    if own is None or own.evidence is None or own.evidence_needed is None:
        return None
    shown = {one for told in case.reports for one in told.fact.evidence}
    enough = min(own.evidence_needed.value, len(own.evidence.value))
    clauses = clauses_of(own.evidence_needed, own.evidence)
    missing = len(shown.intersection(own.evidence.value)) < enough
    decision: Literal["pending", "none"] = "pending" if missing else "none"
    return Objection("evidence", decision, clauses, own.evidence_needed.readings)


def deadlines(
    order: OrderState, terms: Terms, own: ReportTerms | None, *, noticed_late: bool
) -> list[tuple[Parcel | None, Due, Because]]:
    """The last moments for a report, one a parcel received or one for the whole order.

    A consumer's printed period falls to two months from receipt of the parcel, where what is wrong
    was noticed; what shows only later has none.
    """
    if own is None or own.unit is None:
        return []
    of_order = own.counted_from is not None and own.counted_from.value == "order"
    noticed, every = order.consumer and not is_request(own), sent(order)
    subjects: list[Parcel | None] = [None] if of_order and not noticed else [*every]
    found = []
    for parcel in subjects:
        parcels = [parcel] if parcel else every
        on_receipt = of_order and noticed
        start = received_at(order, parcels) if on_receipt else starts_at(order, own, parcels)
        because = start and _last_moment(order, terms, own, start, noticed_late)
        if because:
            found.append((parcel, *because))
    return found


def _last_moment(
    order: OrderState, terms: Terms, own: ReportTerms, start: datetime, noticed_late: bool
) -> tuple[Due, Because] | None:
    assert own.unit is not None
    period, months = own.period or own.unit, terms.law.report.notice_months
    due = printed_due(own, start, order.consumer)
    bounded = order.consumer and not is_request(own)
    if due is None or (bounded and noticed_late):
        return None
    if not bounded and own.unit.value == "before_handover":
        return None
    readings = readings_of(period, own.counted_from, own.clock)
    if not bounded and _is_wish(order, own):
        return due, _asked(order, terms, own, start, due)
    if not bounded:
        because = Because(
            rule="report.due",
            clauses=period.clauses,
            inputs={"from": start.isoformat(), "due": due.isoformat()},
            readings=readings,
        )
        return due, because
    lawful = statutory_due(terms, start)
    return lawful, Because(
        rule="report.due",
        clauses=(*period.clauses, *months.clauses),
        inputs={"from": start.isoformat(), "due": lawful.isoformat()},
        readings=distinct(readings, readings_of(own.for_consumer)),
        statutes=tuple((one, "bounded") for one in months.clauses),
        beaten=((period.clauses[0], due.isoformat(), months.clauses[-1]),),
    )


def _is_wish(order: OrderState, own: ReportTerms) -> bool:
    """Whether nothing is lost by a report that comes after the printed period."""
    return is_request(own) if order.consumer else own.late is not None and own.late.value == "wish"


def _asked(
    order: OrderState, terms: Terms, own: ReportTerms, start: datetime, due: Due
) -> Because:  # fmt: skip
    """A period that binds nobody, and what binds in its place."""
    law = terms.law.report
    instead: Term[Any] | None = own.late_consumer if order.consumer else own.late
    binding = law.notice_months if order.consumer else law.company_years
    last = statutory_due(terms, start) if order.consumer else company_due(terms, start)
    return Because(
        rule=ASKED,
        clauses=distinct(clauses_of(own.period or own.unit, instead), binding.clauses),
        inputs={"from": start.isoformat(), "due": due.isoformat(), "binding": last.isoformat()},
        readings=readings_of(own.period or own.unit, own.counted_from, own.clock, own.for_consumer),
        statutes=tuple((one, "applies") for one in binding.clauses),
    )


def first_report(order: OrderState, cases: list[Case], parcel: Parcel | None) -> datetime | None:
    """When anything in the parcel, or in the order, was first reported."""
    lines = set(order.lines if parcel is None else lines_in(order, parcel))
    times = [case.first.at for case in cases if lines & set(case.lines)]
    return min(times, default=None)
