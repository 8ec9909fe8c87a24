"""Complaints: until when, whether in time, and whether there is a fault."""

from datetime import datetime

from domain.calendar import day_of, lapses_at
from domain.facts import (
    Collected, ComplaintReported, Delivered, RescissionDeclared, RmaIssued, RmaRequested,
)  # fmt: skip
from domain.outcomes import Because, Deadline, Information, Owed, Ruling, standing
from domain.policies import rma_case
from domain.policies.claims import JUDGEMENTS, READS, Claim, claims
from domain.policies.complaint_period import (
    Period, complaint_period, notice_period, presumption, timing,
)  # fmt: skip
from domain.policies.discretion import Question, ask, refuse
from domain.policies.grounds import clauses_of
from domain.policies.policy import Policy
from domain.policies.report import lines_in
from domain.policies.rma_case import arrival_due
from domain.policies.verdict import Decision, verdict
from domain.state import OrderState
from domain.terms import Terms


def complaint(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The periods of every parcel received, and for every complaint its answer."""
    owed = Owed()
    found = [claim for claim in claims(order, terms) if claim.kind == "complaint"]
    _periods(owed, order, terms, found, now)
    for claim in found:
        _notice(owed, order, terms, claim, now)
        _handling(owed, terms, claim, now)
        _ruling(owed, order, terms, claim, now)
    return owed


def _periods(
    owed: Owed, order: OrderState, terms: Terms, found: list[Claim], now: datetime
) -> None:
    """How long what was in a parcel can be complained of, and is taken to have been faulty."""
    for parcel in order.parcels.values():
        if parcel.received is None:
            continue
        received = parcel.received.at
        lines = lines_in(order, parcel)
        met_at = min((one.first.at for one in found if one.line in lines), default=None)
        period = complaint_period(order, terms, received)
        owed.add(
            Deadline(
                kind="complaint_period", due=period.due, party="customer", parcel=parcel.id,
                state=standing(period.due, met_at, now), because=_because(period, received),
            )
        )  # fmt: skip
        presumed = presumption(order, terms, received)
        if presumed is not None:
            owed.add(
                Deadline(
                    kind="presumption", due=presumed.due, party="seller", parcel=parcel.id,
                    state=standing(presumed.due, None, now),
                    because=_because(presumed, received, "complaint.presumption"),
                )
            )  # fmt: skip


def _because(period: Period, since: datetime, rule: str = "complaint.period") -> Because:
    return Because(
        rule=rule,
        clauses=period.clauses,
        inputs={"from": day_of(since).isoformat(), "due": period.due.isoformat()},
        readings=period.readings,
        statutes=period.statutes,
        beaten=period.beaten,
    )


def _notice(owed: Owed, order: OrderState, terms: Terms, claim: Claim, now: datetime) -> None:
    """Until when the complaint was in time in any case, from the noticing that was told."""
    period = notice_period(order, terms, claim.found_at) if claim.found_at else None
    if period is not None and claim.found_at is not None:
        owed.add(
            Deadline(
                kind="complaint_notice", due=period.due, party="customer",
                state=standing(period.due, claim.first.at, now), line=claim.line,
                cause=claim.first.id, because=_because(period, claim.found_at, "complaint.notice"),
            )
        )  # fmt: skip


def _handling(owed: Owed, terms: Terms, claim: Claim, now: datetime) -> None:
    """The time in which the seller means to have answered; nothing follows if it has not."""
    span = terms.complaint.handling if terms.complaint else None
    if span is None:
        return
    start = claim.first.at
    due = span.value.after(day_of(start))
    answered_at = claim.findings[0].at if claim.findings else None
    owed.add(
        Deadline(
            kind="complaint_handling", due=due, party="seller", line=claim.line,
            cause=claim.first.id, state=standing(due, answered_at, now),
            because=Because(
                rule="complaint.handling",
                clauses=span.clauses,
                inputs={"from": day_of(start).isoformat(), "due": due.isoformat()},
            ),
        )
    )  # fmt: skip


def _ruling(owed: Owed, order: OrderState, terms: Terms, claim: Claim, now: datetime) -> None:
    """Accepted, refused or pending; whether a late notice was reasonable is a person's question."""
    answer = verdict(order, terms, claim, now)
    because = Because(
        rule=f"complaint.{answer.reason}",
        clauses=answer.clauses,
        inputs={"line": claim.line, "reported": day_of(claim.first.at).isoformat()},
        readings=answer.readings,
        statutes=answer.statutes,
        beaten=answer.beaten,
    )
    if timing(order, terms, claim).decision == "judgement":
        for subject in (claim.line, claim.first.id):
            question = Question(about="complaint", choices=JUDGEMENTS, subject=subject)
            refuse(owed, order, question, because, line=claim.line)
    if answer.reason == "judgement":
        question = Question(about="complaint", choices=JUDGEMENTS)
        ask(owed, question, because, line=claim.line, cause=claim.first.id)
    reasons = () if answer.decision == "accepted" else (answer.reason,)
    if answer.decision == "refused":
        _disputes(owed, order, terms, claim)
    owed.add(
        Ruling(
            about="complaint", decision=answer.decision, reasons=reasons, line=claim.line,
            cause=claim.first.id, because=because,
        )
    )  # fmt: skip
    _rescission(owed, claim, answer.decision, because)
    for rma in claim.rmas:
        due = arrival_due(order, terms, order.rmas[rma])
        if due is not None and now < lapses_at(due):
            owed.again_at(lapses_at(due))


def _disputes(owed: Owed, order: OrderState, terms: Terms, claim: Claim) -> None:
    """A consumer whose complaint was refused is told who else can judge it."""
    own = terms.dispute
    if own is None or own.board is None or not order.consumer:
        return
    because = Because(
        rule="complaint.disputes",
        clauses=clauses_of(own.board, own.forum),
        inputs={"line": claim.line},
    )
    owed.add(Information(about="disputes", line=claim.line, cause=claim.first.id, because=because))


def _rescission(owed: Owed, claim: Claim, decision: Decision, because: Because) -> None:
    """Who rescinds because of a fault is answered as who complains of it."""
    told = claim.remedy
    if told is not None and isinstance(told.fact, RescissionDeclared):
        owed.add(
            Ruling(
                about="rescission", decision=decision, line=claim.line, cause=told.id,
                reasons=() if decision == "accepted" else ("fault",), because=because,
            )
        )  # fmt: skip


COMPLAINT = Policy(
    "complaint",
    complaint,
    reads=(*READS, *rma_case.READS),
    starts=(Collected, Delivered, ComplaintReported, RmaRequested, RmaIssued, RescissionDeclared),
    sentences={
        "complaint.period": (
            "Received on {from}, the goods can be complained of until {due}.",
            "Varorna togs emot {from} och kan reklameras till och med {due}.",
        ),
        "complaint.presumption": (
            "Received on {from}; a fault that shows by {due} is taken to be original.",
            "Mottaget {from}; ett fel som visar sig senast {due} antas vara ursprungligt.",
        ),
        "complaint.notice": (
            "Noticed on {from}, the fault can be notified in time until {due}.",
            "Felet märktes {from} och reklameras alltid i tid till och med {due}.",
        ),
        "complaint.handling": (
            "The seller means to have dealt with the complaint of {from} by {due}.",
            "Säljaren avser att ha behandlat reklamationen av den {from} senast {due}.",
        ),
        "complaint.accepted": (
            "Line {line} has a fault that the seller answers for.",
            "Rad {line} har ett fel som säljaren ansvarar för.",
        ),
        "complaint.open": (
            "Line {line} was complained of in time, on {reported}; it is still to be examined.",
            "Rad {line} reklamerades i tid, {reported}, och ska undersökas.",
        ),
        "complaint.late": (
            "Line {line} was complained of too late, on {reported}.",
            "Rad {line} reklamerades för sent, {reported}.",
        ),
        "complaint.judgement": (
            "Line {line} was complained of on {reported}, late; a person decides whether in time.",
            "Rad {line} reklamerades sent, {reported}; en människa avgör om det var i tid.",
        ),
        "complaint.decided": (
            "Staff found that line {line} was complained of too late, on {reported}.",
            "Personalen fann att rad {line} reklamerades för sent, {reported}.",
        ),
        "complaint.evidence": (
            "Pictures or a video of the fault of line {line} are still awaited.",
            "Bilder eller film på felet på rad {line} väntas fortfarande.",
        ),
        "complaint.description": (
            "A description of the fault of line {line} that can be understood is awaited.",
            "En begriplig beskrivning av felet på rad {line} väntas.",
        ),
        "complaint.disputes": (
            "The complaint of line {line} was refused; the customer can take it to the National "
            "Board for Consumer Disputes (ARN), whose recommendations are followed, and to court.",
            "Reklamationen av rad {line} avslogs; kunden kan vända sig till Allmänna "
            "reklamationsnämnden (ARN), vars rekommendationer följs, och till domstol.",
        ),
        "complaint.packaging": (
            "Line {line} came without approved outer packaging and goes back unhandled.",
            "Rad {line} kom utan godkänt ytteremballage och återsänds utan åtgärd.",
        ),
        "complaint.found": (
            "Line {line} was examined and has no fault that the seller answers for.",
            "Rad {line} har undersökts och har inget fel som säljaren ansvarar för.",
        ),
        "complaint.assessed": (
            "The complaint of line {line} was assessed and not approved.",
            "Reklamationen av rad {line} har bedömts och inte godkänts.",
        ),
        "complaint.closed": (
            "The case of line {line} closed before its goods came, and the claim with it.",
            "Ärendet om rad {line} stängdes innan varan kom, och anspråket med det.",
        ),
    },
)
