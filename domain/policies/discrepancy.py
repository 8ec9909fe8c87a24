"""Goods that are missing or wrong on arrival: reported in time, the right ones are sent."""

from datetime import datetime

from domain.facts import (
    Collected, Delivered, DiscrepancyReported, DiscretionExercised,
)  # fmt: skip
from domain.outcomes import Because, Deadline, Owed, Replacement, standing
from domain.policies import release
from domain.policies.answer import SENTENCES, answer, deadlines, evidence, first_report
from domain.policies.policy import Policy
from domain.policies.release import released_lines
from domain.policies.report import READS, Case, cases, judge
from domain.state import OrderState
from domain.terms import Terms


def discrepancy(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """A ruling on each case, the goods still owed, and until when a report is in time."""
    owed, own = Owed(), terms.discrepancy
    reported = cases(order, order.all(DiscrepancyReported))
    for parcel, due, because in deadlines(order, terms, own, noticed_late=False):
        met_at = first_report(order, reported, parcel)
        owed.add(
            Deadline(
                kind="discrepancy_report", due=due, party="customer", because=because,
                state=standing(due, met_at, now), parcel=parcel.id if parcel else None,
            )
        )  # fmt: skip
    for case in reported:
        verdict = judge(order, terms, own, case, noticed_late=False)
        shown = evidence(own, case)
        if answer(owed, order, "discrepancy", case, verdict, [shown] if shown else []):
            _redelivery(owed, order, terms, case)
    return owed


def _redelivery(owed: Owed, order: OrderState, terms: Terms, case: Case) -> None:
    """What was not delivered is sent, unless the customer has withdrawn from it."""
    gone = released_lines(order, terms)
    lines = tuple(line for line in case.lines if line not in gone)
    law = terms.law.report
    asked = law.redelivery_consumer if order.consumer else law.redelivery_company
    if lines:
        because = Because(
            rule="discrepancy.sent",
            clauses=asked.clauses,
            inputs={"lines": ", ".join(lines)},
            statutes=tuple((one, "applies") for one in asked.clauses),
        )
        owed.add(Replacement(lines=lines, because=because, **case.subject(order)))


DISCREPANCY = Policy(
    "discrepancy",
    discrepancy,
    reads=(*READS, *release.READS, DiscrepancyReported, DiscretionExercised),
    starts=(Collected, Delivered, DiscrepancyReported),
    sentences={
        "discrepancy.accepted": (
            "What is missing or wrong of {lines} was reported in time.",
            "Det som saknas eller är fel av {lines} anmäldes i tid.",
        ),
        "discrepancy.late": (
            "What is missing or wrong of {lines} was reported too late, on {reported}.",
            "Det som saknas eller är fel av {lines} anmäldes för sent, {reported}.",
        ),
        "discrepancy.judgement": (
            "What is missing or wrong of {lines} was reported late, on {reported}; a person "
            "decides.",
            "Det som saknas eller är fel av {lines} anmäldes sent, {reported}; en människa avgör.",
        ),
        "discrepancy.decided": (
            "Staff found that what is missing or wrong of {lines} was reported too late.",
            "Personalen fann att det som saknas eller är fel av {lines} anmäldes för sent.",
        ),
        "discrepancy.evidence": (
            "Pictures of what came instead of {lines} are still awaited.",
            "Bilder på vad som kom i stället för {lines} väntas fortfarande.",
        ),
        "discrepancy.sent": (
            "The goods {lines} are still to be delivered.",
            "Varorna {lines} ska fortfarande levereras.",
        ),
        **SENTENCES,
    },
)
