"""What returns cost under a printed list: examination, not approved, handling and freight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.facts import InspectionCompleted, ReturnReceived, RmaIssued, RmaReceived, RmaRequested
from domain.outcomes import Because, Fee, Owed, Ruling
from domain.policies import rma_case
from domain.policies.claims import (
    READS, at_seller, case_kind, case_lines, case_pieces, last_findings,
)  # fmt: skip
from domain.policies.discretion import ask, choice, refuse, waived
from domain.policies.grounds import Readings, distinct
from domain.policies.policy import Policy
from domain.policies.rma_case import Ending, applied, disapprovals, fate, is_rejected
from domain.state import OrderState, Rma, Told
from domain.terms import Terms
from domain.terms.rma import RmaFeeTerms
from domain.terms.values import Term


@dataclass(slots=True, frozen=True)
class Cost:
    """A fee of the list, for a line where it is charged a product."""

    kind: str
    price: Term[int]
    rule: str
    clauses: tuple[str, ...]
    readings: Readings = ()
    line: str | None = None


def rma_fees(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """Each fee of the list once a case, or once a product where the list says so."""
    owed = Owed()
    own = terms.rma_fees
    if own is None:
        return owed
    for case in order.rmas.values():
        for cost in _costs(owed, order, terms, own, case):
            _fee(owed, order, own, case, cost)
    return owed


def _costs(owed: Owed, order: OrderState, terms: Terms, own: RmaFeeTerms, case: Rma) -> list[Cost]:
    """What a case costs; scrapping takes the place of the return and what it would have cost."""
    ends, deviating = disapprovals(order, terms, case), _deviating(order, own, case)
    decision = choice(order, fate(case))
    if ends:
        found = _disapproved(own, ends)
    elif deviating:
        found = [*_unnumbered(owed, order, own, case, decision), *deviating]
    elif is_rejected(order, terms, case):
        found = _not_approved(own, _lines(order, case), "rejected", own.disapproved.clauses)
    else:
        found = _unnumbered(owed, order, own, case, decision)
    if decision == "scrapped":
        found = _scrapped(own, found)
    return [*found, *_faultless(order, own, case, ends)]


def _scrapped(own: RmaFeeTerms, instead_of: list[Cost]) -> list[Cost]:
    """What is left of the fees for a return that is not approved."""
    by = own.scrapping
    if by.value == "none":
        return []
    return [
        replace(cost, rule="scrapped", clauses=by.clauses, readings=by.readings)
        for cost in instead_of
        if cost.kind == "not_approved_return"
    ]


def _disapproved(own: RmaFeeTerms, ends: Mapping[str, Ending]) -> list[Cost]:
    """The costs of all that goes back without action, by the reasons for it."""
    cheaper = own.packaging_damage.value == "handling_and_freight"
    found: list[Cost] = []
    for end in dict.fromkeys(ends.values()):
        lines = [line for line, one in ends.items() if one == end]
        if end.reason == "packaging_damage" and cheaper:
            by = (end.reason, distinct(end.clauses, own.handling.clauses), end.readings)
            found += [Cost("handling", own.handling, *by), *_freights(own, lines, *by)]
        else:
            found += _not_approved(own, lines, end.reason, end.clauses, end.readings)
    return found


def _not_approved(
    own: RmaFeeTerms, lines: Sequence[str], rule: str, clauses: tuple[str, ...],
    readings: Readings = (),
) -> list[Cost]:  # fmt: skip
    """The fee for a return that is not approved, and the freight back."""
    how, with_handling = own.not_approved_per, own.not_approved_handling
    readings = (*readings, *how.readings)
    clauses = (*clauses, *own.not_approved.clauses)
    found = [
        Cost("not_approved_return", own.not_approved, rule, clauses, readings, line)
        for line in _each(lines, how.value == "per_product")
    ]
    if with_handling.value == "with_handling" and rule in ("not_bought_here", "damaged"):
        handling = (*clauses, *own.handling.clauses)
        found.append(Cost("handling", own.handling, rule, handling, with_handling.readings))
    return found + _freights(own, lines, rule, clauses, readings)


def _freights(
    own: RmaFeeTerms, lines: Sequence[str], rule: str, clauses: tuple[str, ...],
    readings: Readings = (),
) -> list[Cost]:  # fmt: skip
    """The freight back, once a parcel or once a product."""
    by = distinct(clauses, own.freight.clauses)
    readings = (*readings, *own.freight_per.readings)
    return [
        Cost("return_freight", own.freight, rule, by, readings, line)
        for line in _each(lines, own.freight_per.value == "product")
    ]


def _each(lines: Sequence[str], a_product: bool) -> Sequence[str | None]:
    """What a fee is charged for: each product, or the return as a whole."""
    return lines if a_product and lines else (None,)


def _lines(order: OrderState, case: Rma) -> tuple[str, ...]:
    """The lines that were examined, or those of the case; none where nobody said."""
    said = case_lines(order, case) if applied(case) is not None else ()
    return tuple(last_findings(order, case)) or said


def _unnumbered(
    owed: Owed, order: OrderState, own: RmaFeeTerms, case: Rma, decision: str | None
) -> list[Cost]:
    """A return without an approved number, or not marked with it: a person chooses its price."""
    told = next((one for one in at_seller(order, case) if _is_unnumbered(case, one)), None)
    if told is None:
        return []
    because = Because(
        rule="rma_fees.unnumbered", clauses=own.number.clauses, inputs={"rma": case.id}
    )
    cause = None if case.id else told.id
    refuse(owed, order, fate(case), because, rma=case.id or None)
    if decision == "handling":
        clauses = (*own.number.clauses, *own.handling.clauses)
        return [Cost("handling", own.handling, "unnumbered", clauses)]
    if decision == "not_approved_return":
        owed.add(
            Ruling(
                about="return", decision="refused", reasons=("unnumbered",), rma=case.id or None,
                cause=cause, because=because,
            )
        )  # fmt: skip
    if decision in ("not_approved_return", "scrapped"):
        return _not_approved(own, _lines(order, case), "unnumbered", own.number.clauses)
    ask(owed, fate(case), because, rma=case.id or None, cause=cause)
    return []


def _is_unnumbered(case: Rma, received: Told[RmaReceived] | Told[ReturnReceived]) -> bool:
    numbered = any(told.place < received.place for told in case.all(RmaIssued))
    return not case.id or not numbered or received.fact.marked is False


def _deviating(order: OrderState, own: RmaFeeTerms, case: Rma) -> list[Cost]:
    """A return that lacks accessories or is not what was applied for."""
    incomplete = any(told.fact.complete is False for told in at_seller(order, case))
    results = [told.fact.result for told in last_findings(order, case).values()]
    if not incomplete and "wrong_product" not in results:
        return []
    readings = own.incomplete_doa.readings if case_kind(case) == "doa" else ()
    clauses = (*own.deviating.clauses, *own.handling.clauses)
    return [Cost("handling", own.handling, "deviating", clauses, readings)]


def _faultless(
    order: OrderState, own: RmaFeeTerms, case: Rma, ends: Mapping[str, Ending]
) -> list[Cost]:
    """What was said to be faulty and is not: an examination a product, and freight."""
    if case_kind(case) == "sales_return":
        return []
    lines = [
        line
        for line, told in last_findings(order, case).items()
        if told.fact.result == "faultless" and line not in ends
    ]
    clauses = (*own.faultless.clauses, *own.examination.clauses)
    found = [
        Cost("examination", own.examination, "faultless", clauses, line=line) for line in lines
    ]
    return found + (_freights(own, lines, "faultless", clauses) if lines else [])


def _fee(owed: Owed, order: OrderState, own: RmaFeeTerms, case: Rma, cost: Cost) -> None:
    """A fee a product is one fee a line; its case says how many pieces that are."""
    by_line = {"line": cost.line, "cause": case.id or None} if cost.line else {}
    subject = {**by_line, "rma": case.id or None}
    amount = cost.price.value * (_pieces(order, case, cost.line) if cost.line else 1)
    fee = Fee(
        kind=cost.kind, amount=amount, vat=own.vat.value, **subject,
        because=Because(
            rule=f"rma_fees.{cost.rule}",
            clauses=distinct(cost.clauses),
            inputs={"rma": case.id, "line": cost.line},
            steps=((cost.kind, amount),),
            readings=distinct(cost.readings, own.vat.readings),
        ),
    )  # fmt: skip
    if fee.key not in owed.items and not waived(order, cost.kind, cost.line or case.id):
        owed.add(fee)


def _pieces(order: OrderState, case: Rma, line: str) -> int:
    """How many pieces of a line the case was said to be about; one where nobody said."""
    said = [told.fact.quantity for told in case.all(RmaRequested)]
    said += [told.fact.quantity for told in case.all(RmaIssued)]
    return case_pieces(order, case, line) if any(said) else 1


RMA_FEES = Policy(
    "rma_fees",
    rma_fees,
    reads=(*READS, *rma_case.READS),
    starts=(RmaReceived, ReturnReceived, InspectionCompleted),
    sentences={
        "rma_fees.unnumbered": (
            "Goods came without an approved and marked number (case {rma}).",
            "Varor kom utan godkänt och utmärkt nummer (ärende {rma}).",
        ),
        "rma_fees.deviating": (
            "The return of case {rma} is not complete or not what was applied for.",
            "Returen i ärende {rma} är inte komplett eller avviker från ansökan.",
        ),
        "rma_fees.faultless": (
            "What came in case {rma} as faulty has no fault.",
            "Det som kom som felaktigt i ärende {rma} är felfritt.",
        ),
        "rma_fees.not_bought_here": (
            "The product of case {rma} was not bought here.",
            "Produkten i ärende {rma} är inte köpt här.",
        ),
        "rma_fees.damaged": (
            "The product of case {rma} is damaged.", "Produkten i ärende {rma} är skadad.",
        ),
        "rma_fees.packaging_damage": (
            "Poor packaging let the product of case {rma} be damaged.",
            "Bristfälligt emballage har skadat produkten i ärende {rma}.",
        ),
        "rma_fees.incomplete_doa": (
            "The DOA return of case {rma} was not complete in original packaging.",
            "DOA-returen i ärende {rma} var inte komplett i originalförpackning.",
        ),
        "rma_fees.rejected": (
            "The sales return of case {rma} was not approved.",
            "Säljreturen i ärende {rma} godkändes inte.",
        ),
        "rma_fees.scrapped": (
            "The product of case {rma} is scrapped instead of being sent back.",
            "Produkten i ärende {rma} skrotas i stället för att återsändas.",
        ),
    },
)  # fmt: skip
