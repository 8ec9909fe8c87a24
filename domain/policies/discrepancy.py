"""Goods that are missing or wrong on arrival: reported in time, the right ones are sent."""

from datetime import datetime

from domain.facts import (
    Collected, Delivered, DiscrepancyReported, DiscretionExercised, RemedyChosen, Shipped,
)  # fmt: skip
from domain.outcomes import Because, Deadline, Owed, Replacement, standing
from domain.policies import release
from domain.policies.answer import SENTENCES, answer, deadlines, evidence, first_report
from domain.policies.policy import Policy
from domain.policies.question import question
from domain.policies.release import released_lines
from domain.policies.report import READS, Case, cases, choice, in_money, judge
from domain.state import OrderState
from domain.terms import Terms

ACCEPTED_READS = (
    *READS, *release.READS, DiscrepancyReported, DiscretionExercised, RemedyChosen,
)  # fmt: skip


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
        if _answered(owed, order, terms, case):
            _redelivery(owed, order, terms, case)
    return owed


@question
def accepted_discrepancies(order: OrderState, terms: Terms) -> list[Case]:
    """What was reported as missing or wrong, and rightly so."""
    found = cases(order, order.all(DiscrepancyReported))
    return [case for case in found if _answered(Owed(), order, terms, case)]


def _answered(owed: Owed, order: OrderState, terms: Terms, case: Case) -> bool:
    own = terms.discrepancy
    verdict, shown = judge(order, terms, own, case, noticed_late=False), evidence(own, case)
    return answer(owed, order, "discrepancy", case, verdict, [shown] if shown else [])


def _redelivery(owed: Owed, order: OrderState, terms: Terms, case: Case) -> None:
    """What was not delivered is sent, unless the customer withdrew from it or chose money."""
    gone = released_lines(order, terms)
    wanted = [line for line in case.lines if line not in gone]
    lines = tuple(line for line in wanted if not in_money(choice(order, case, line)))
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
    reads=ACCEPTED_READS,
    starts=(Shipped, Collected, Delivered, DiscrepancyReported),
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
