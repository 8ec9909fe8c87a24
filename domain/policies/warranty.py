"""Warranties: for how long, and whether a case is one."""

from datetime import datetime

from domain.calendar import day_of
from domain.facts import Collected, Delivered, RmaIssued, RmaRequested
from domain.outcomes import Because, Deadline, Owed, Ruling, standing
from domain.policies.claims import READS, Claim, claims
from domain.policies.grounds import clauses_of, distinct
from domain.policies.policy import Policy
from domain.policies.verdict import cover, verdict
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.warranty import WarrantyTerms


def warranty(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The last day of each line's warranty, and the answer to every claim under it."""
    owed = Owed()
    if terms.warranty is None:
        return owed
    found = [claim for claim in claims(order, terms) if claim.kind == "warranty"]
    for line in order.lines:
        _deadline(owed, order, terms.warranty, line, found, now)
    for claim in found:
        answer = verdict(order, terms, claim, now)
        because = Because(
            rule=f"warranty.{answer.reason}",
            clauses=answer.clauses,
            inputs={"line": claim.line, "reported": day_of(claim.first.at).isoformat()},
            readings=answer.readings,
        )
        reasons = () if answer.decision == "accepted" else (answer.reason,)
        owed.add(
            Ruling(
                about="warranty", decision=answer.decision, reasons=reasons, line=claim.line,
                cause=claim.first.id, because=because,
            )
        )  # fmt: skip
    return owed


def _deadline(
    owed: Owed, order: OrderState, own: WarrantyTerms, line: str, found: list[Claim],
    now: datetime,
) -> None:  # fmt: skip
    """A time for a fault to show is no act of the customer: its end never moves."""
    held = cover(order, own, line)
    if held is None:
        return
    met_at = min((claim.first.at for claim in found if claim.line == line), default=None)
    because = Because(
        rule="warranty.period" if own.proof is None else "warranty.proven_period",
        clauses=distinct(held.clauses, clauses_of(own.proof)),
        inputs={"line": line, "due": held.due.isoformat()},
        readings=held.readings,
    )
    owed.add(
        Deadline(
            kind="warranty", due=held.due, party="customer", line=line, because=because,
            state=standing(held.due, met_at, now),
        )
    )  # fmt: skip


WARRANTY = Policy(
    "warranty",
    warranty,
    reads=READS,
    starts=(Collected, Delivered, RmaRequested, RmaIssued),
    sections=("warranty",),
    sentences={
        "warranty.period": (
            "Line {line} has a warranty until {due}.",
            "Rad {line} har garanti till och med {due}.",
        ),
        "warranty.proven_period": (
            "Line {line} has a warranty until {due}; the order confirmation is the proof of it.",
            "Rad {line} har garanti till och med {due}; orderbekräftelsen är garantibevis.",
        ),
        "warranty.accepted": (
            "Line {line} has a fault that the warranty covers.",
            "Rad {line} har ett fel som garantin täcker.",
        ),
        "warranty.open": (
            "The warranty case of line {line}, of {reported}, is still to be examined.",
            "Garantiärendet om rad {line}, av den {reported}, ska undersökas.",
        ),
        "warranty.late": (
            "The fault of line {line} was reported on {reported}, after its warranty had ended.",
            "Felet på rad {line} anmäldes {reported}, sedan garantin löpt ut.",
        ),
        "warranty.evidence": (
            "Pictures or a video of the fault of line {line} are still awaited.",
            "Bilder eller film på felet på rad {line} väntas fortfarande.",
        ),
        "warranty.unmarked": (
            "Line {line} came without its number marked on it, which the warranty asks for.",
            "Rad {line} kom utan det nummer på kartongen som garantin kräver.",
        ),
        "warranty.packaging": (
            "Line {line} came without approved outer packaging and goes back unhandled.",
            "Rad {line} kom utan godkänt ytteremballage och återsänds utan åtgärd.",
        ),
        "warranty.manufacturer": (
            "The time to complain of line {line} is over; its guarantee is the maker's affair.",
            "Reklamationstiden för rad {line} är slut; garantin är tillverkarens sak.",
        ),
        "warranty.excluded": (
            "Goods such as line {line} have no warranty.",
            "Varor som rad {line} har ingen garanti.",
        ),
        "warranty.found": (
            "Line {line} was examined and has no fault that the warranty covers.",
            "Rad {line} har undersökts och har inget fel som garantin täcker.",
        ),
    },
)
