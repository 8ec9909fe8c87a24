"""The answer to a claim: in time, packed as asked, and with a fault, or what stands against it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from domain.calendar import day_of, lapses_at
from domain.facts import ComplaintAssessed, ComplaintReported, InspectionCompleted
from domain.outcomes import Effect
from domain.policies.claims import Claim, arrivals, charge_of, is_in_scope, received_at
from domain.policies.complaint_period import complaint_period, remedy_law, sale_law, timing
from domain.policies.grounds import Readings, clauses_of, distinct, readings_of
from domain.policies.rma_case import arrival_due, has_expired
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.complaint import ComplaintTerms
from domain.terms.values import Term
from domain.terms.warranty import Start, WarrantyTerms

Decision = Literal["accepted", "refused", "pending"]


@dataclass(slots=True, frozen=True, kw_only=True)
class Verdict:
    """`reason` names the sentence; with `judgement` a person is asked."""

    decision: Decision
    reason: str
    clauses: tuple[str, ...] = ()
    readings: Readings = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()


def verdict(order: OrderState, terms: Terms, claim: Claim, now: datetime) -> Verdict:
    """What is to be answered at a moment to a complaint or a warranty claim."""
    if claim.kind == "warranty":
        return _warranty(order, terms, claim)
    return _complaint(order, terms, claim, now)


def accepted(order: OrderState, terms: Terms, claim: Claim, now: datetime) -> bool:
    return verdict(order, terms, claim, now).decision == "accepted"


def _complaint(order: OrderState, terms: Terms, claim: Claim, now: datetime) -> Verdict:
    time = timing(order, terms, claim)
    by = time.by
    bare = Verdict(
        decision="pending", reason="open",
        clauses=by.clauses if by else _law_of(order, terms).clauses,
        readings=by.readings if by else (),
        statutes=by.statutes if by else (),
        beaten=by.beaten if by else (),
    )  # fmt: skip
    if time.decision == "late":
        return _as(bare, "refused", "late")
    packaging = terms.complaint.packaging if terms.complaint else None
    if packaging is not None and _badly_packed(order, claim):
        if not order.consumer or packaging.value == "returned_for_all":
            return _as(bare, "refused", "packaging", packaging)
        bare = _handled_all_the_same(terms, packaging, bare)
    closing = terms.rma.closing if terms.rma else None
    if closing is not None and closing.value == "claim_lost" and _closed(order, terms, claim, now):
        return _as(bare, "refused", "closed", closing)
    if claim.fault is False:
        return _denied(order, terms, claim, bare)
    told = claim.judged if time.decision == "judgement" else None
    if told is not None and told.fact.decision == "refused":
        return _as(bare, "refused", "decided")
    if time.decision == "judgement" and (told is None or told.fact.decision != "accepted"):
        return _as(bare, "pending", "judgement")
    if claim.fault is None:
        return _unexamined(order, terms.complaint, claim, bare)
    acceptance = terms.complaint.acceptance if terms.complaint else None
    return _as(bare, "accepted", "accepted", acceptance, remedy_law(order, terms))


def _law_of(order: OrderState, terms: Terms) -> Term[Any]:
    """The statute that says for how long this customer may complain."""
    return sale_law(terms).complaint if order.consumer else terms.law.report.company_years


def _unexamined(
    order: OrderState, own: ComplaintTerms | None, claim: Claim, bare: Verdict
) -> Verdict:
    """What a complaint that nobody has judged waits for: its evidence, its description, or both."""
    if own is not None and _awaits(order, claim, own.evidence):
        return _as(bare, "pending", "evidence", own.evidence)
    if own is not None and own.described is not None and not _is_described(order, claim):
        return _as(bare, "pending", "description", own.described)
    return bare


def _is_described(order: OrderState, claim: Claim) -> bool:
    """Whether the last that was told of the fault could be understood."""
    told = [
        one.fact.description_ok
        for one in order.all(ComplaintReported)
        if claim.line in order.named(one.fact.lines) and one.place >= claim.first.place
    ]
    return not told or told[-1] is not False


def _awaits(order: OrderState, claim: Claim, shown: Term[tuple[str, ...]] | None) -> bool:
    """Whether what a report was to show is still awaited; goods that have come show themselves."""
    reports = [
        told.fact.evidence
        for told in order.all(ComplaintReported)
        if claim.line in order.named(told.fact.lines)
        and (claim.kind == "warranty" or told.place >= claim.first.place)
    ]
    if shown is None or not reports or arrivals(order, claim):
        return False
    return not any(one in shown.value for evidence in reports for one in evidence)


def _as(bare: Verdict, decision: Decision, reason: str, *by: Term[Any] | None) -> Verdict:
    """The same timing, and the words that decide before it."""
    return Verdict(
        decision=decision,
        reason=reason,
        clauses=distinct(clauses_of(*by), bare.clauses),
        readings=distinct(readings_of(*by), bare.readings),
        statutes=bare.statutes,
        beaten=bare.beaten,
    )


def _closed(order: OrderState, terms: Terms, claim: Claim, now: datetime) -> bool:
    """Whether a case of the claim closed for want of its goods before anybody had decided."""
    decided_at = claim.findings[0].at if claim.findings else None
    cases = [order.rmas[rma] for rma in claim.rmas]
    ends = [
        lapses_at(due)
        for case in cases
        if (due := arrival_due(order, terms, case)) and has_expired(order, terms, case, now)
    ]
    return any(decided_at is None or decided_at >= end for end in ends)


def _handled_all_the_same(terms: Terms, packaging: Term[Any], bare: Verdict) -> Verdict:
    """Packaging is no condition of a consumer's right: the words that send it back fall."""
    law = sale_law(terms).free.clauses
    return replace(
        _as(bare, bare.decision, bare.reason, packaging),
        statutes=distinct(bare.statutes, tuple((one, "struck") for one in law)),
        beaten=distinct(
            bare.beaten,
            tuple((clause, "returned_unhandled", law[0]) for clause in packaging.clauses),
        ),
    )


def _denied(order: OrderState, terms: Terms, claim: Claim, bare: Verdict) -> Verdict:
    """There is no fault to answer for, by the finding that says why or by an assessment."""
    fact = claim.decisive.fact if claim.decisive else None
    denial = terms.complaint.denial if terms.complaint else None
    if isinstance(fact, ComplaintAssessed):
        return _as(bare, "refused", "assessed", denial)
    priced = _priced(order, terms, fact) if isinstance(fact, InspectionCompleted) else None
    clauses = clauses_of(priced, denial) or bare.clauses
    return Verdict(decision="refused", reason="found", clauses=clauses, statutes=bare.statutes)


def _priced(order: OrderState, terms: Terms, fact: InspectionCompleted) -> Term[Any] | None:
    """The words on a finding that also give it a price, where they are for such a case."""
    in_scope = is_in_scope(terms, order.rmas[fact.rma], fact)
    return charge_of(terms, fact.result) if in_scope else None


def _badly_packed(order: OrderState, claim: Claim) -> bool:
    """Whether the goods last came without outer packaging that a carrier accepts."""
    came = arrivals(order, claim)
    return bool(came) and came[-1].fact.packaging == "envelope"


# -- warranty -------------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Cover:
    """The warranty of a line: its last day, and whether it is the short one."""

    due: date
    is_short: bool
    clauses: tuple[str, ...]
    readings: Readings


def cover(order: OrderState, own: WarrantyTerms, line: str) -> Cover | None:
    """Until when a fault of the line may show; None where it has no warranty or has not come."""
    goods, received = order.lines[line], received_at(order, line)
    categories = own.short_categories.value if own.short_categories else ()
    traits = own.short_traits.value if own.short_traits else ()
    is_short = goods.category in categories or not set(goods.traits).isdisjoint(traits)
    period, start = (own.short, own.short_from) if is_short else (own.period, own.period_from)
    if received is None or period is None or excluded(order, own, line) is not None:
        return None
    return Cover(
        due=period.value.after(day_of(_start(order, start, received))),
        is_short=is_short,
        clauses=period.clauses,
        readings=start.readings if start else (),
    )


def _start(order: OrderState, start: Term[Start] | None, received: datetime) -> datetime:
    return order.placed_at if start is not None and start.value == "purchase" else received


def excluded(order: OrderState, own: WarrantyTerms, line: str) -> Term[tuple[str, ...]] | None:
    """The words that leave goods of this sort without a warranty."""
    out = own.excluded_traits
    goods = order.lines[line]
    return out if out is not None and not set(goods.traits).isdisjoint(out.value) else None


def _warranty(order: OrderState, terms: Terms, claim: Claim) -> Verdict:
    own = terms.warranty
    if own is None:
        return Verdict(decision="pending", reason="open")
    out, held = excluded(order, own, claim.line), cover(order, own, claim.line)
    by = held.clauses if held else own.covers.clauses
    readings = held.readings if held else ()
    if out is not None:
        return Verdict(decision="refused", reason="excluded", clauses=out.clauses)
    extended = extended_guarantee(order, terms, claim.line, claim.first.at)
    if extended is not None:
        return Verdict(
            decision="refused", reason="manufacturer", clauses=extended.clauses,
            readings=extended.readings,
        )  # fmt: skip
    if held is not None and claim.first.at >= lapses_at(held.due):
        return Verdict(decision="refused", reason="late", clauses=by, readings=readings)
    if own.packaging is not None and own.packaging.value and _badly_packed(order, claim):
        return Verdict(decision="refused", reason="packaging", clauses=own.packaging.clauses)
    if _is_unmarked(order, own, claim):
        words = clauses_of(own.submitted)
        return Verdict(decision="refused", reason="unmarked", clauses=words)
    if claim.fault is None or (claim.fault and not _has_come(order, own, claim)):
        awaited = _awaits(order, claim, own.evidence)
        by = distinct(clauses_of(own.evidence) if awaited else (), clauses_of(own.submitted), by)
        reason = "evidence" if awaited else "open"
        return Verdict(decision="pending", reason=reason, clauses=by, readings=readings)
    if claim.fault:
        clauses = (*(own.remedy.clauses if own.remedy else ()), *by)
        return Verdict(decision="accepted", reason="accepted", clauses=clauses, readings=readings)
    fact = claim.decisive.fact if claim.decisive else None
    priced, other = None, None
    if isinstance(fact, InspectionCompleted):
        priced = _priced(order, terms, fact)
        other = own.excluded_findings
        other = other if other and fact.result in other.value else None
    words = clauses_of(other or own.covers, priced)
    return Verdict(decision="refused", reason="found", clauses=words)


def _is_unmarked(order: OrderState, own: WarrantyTerms, claim: Claim) -> bool:
    """Whether the goods last came without their number, where the terms ask for it."""
    came, asked = arrivals(order, claim), own.submitted is not None and own.submitted.value
    return asked and bool(came) and came[-1].fact.marked is False


def _has_come(order: OrderState, own: WarrantyTerms, claim: Claim) -> bool:
    """Whether the goods were with the seller, where the terms give nothing before."""
    if own.submitted is None or not own.submitted.value:
        return True
    return bool(arrivals(order, claim) or claim.inspections)


def extended_guarantee(
    order: OrderState, terms: Terms, line: str, at: datetime
) -> Term[Any] | None:
    """The words that send who asks then to the maker: after the time to complain has ended."""
    own = terms.warranty.extended if terms.warranty else None
    received = received_at(order, line)
    if own is None or own.value != "manufacturer" or received is None:
        return None
    return own if at >= lapses_at(complaint_period(order, terms, received).due) else None
