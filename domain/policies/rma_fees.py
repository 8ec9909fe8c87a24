"""What returns cost under a printed list: examination, not approved, handling and freight."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.facts import InspectionCompleted, RmaIssued, RmaReceived
from domain.outcomes import Because, DecisionNeeded, Fee, Owed, Ruling
from domain.policies import rma_case
from domain.policies.claims import READS, at_seller, case_kind, case_lines, last_findings
from domain.policies.discretion import exercised, waived
from domain.policies.grounds import Readings, distinct
from domain.policies.policy import Policy
from domain.policies.rma_case import approval, disapproval
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
    decision = _decision(order, case)
    end = disapproval(order, terms, case)
    rejected = case_kind(case) == "sales_return" and approval(order, case) is False
    if decision == "scrapped":
        scrapped = end is not None and own.scrapping.value == "not_approved_without_freight"
        by = own.scrapping
        cost = Cost("not_approved_return", own.not_approved, "scrapped", by.clauses, by.readings)
        return [cost] if scrapped else []
    cheaper = own.packaging_damage.value == "handling_and_freight"
    if end is not None and end.reason == "packaging_damage" and cheaper:
        by_end = (end.reason, distinct(end.clauses, own.handling.clauses), end.readings)
        return [Cost("handling", own.handling, *by_end), *_freights(order, own, case, *by_end)]
    if end is not None or rejected:
        clauses = end.clauses if end else own.disapproved.clauses
        readings = end.readings if end else ()
        return _not_approved(order, own, case, end.reason if end else "rejected", clauses, readings)
    return [
        *_unnumbered(owed, order, own, case, decision),
        *_deviating(order, own, case),
        *_faultless(order, own, case),
    ]


def _decision(order: OrderState, case: Rma) -> str:
    told = exercised(order, "return", case.id)
    return told.fact.decision if told else ""


def _not_approved(
    order: OrderState, own: RmaFeeTerms, case: Rma, rule: str, clauses: tuple[str, ...],
    readings: Readings = (),
) -> list[Cost]:  # fmt: skip
    """The fee for a return that is not approved, and the freight back."""
    how, with_handling = own.not_approved_per, own.not_approved_handling
    readings = (*readings, *how.readings)
    clauses = (*clauses, *own.not_approved.clauses)
    lines = _lines(order, case) if how.value == "per_product" else [None]
    found = [
        Cost("not_approved_return", own.not_approved, rule, clauses, readings, line)
        for line in lines
    ]
    if with_handling.value == "with_handling" and rule in ("not_bought_here", "damaged"):
        handling = (*clauses, *own.handling.clauses)
        found.append(Cost("handling", own.handling, rule, handling, with_handling.readings))
    return found + _freights(order, own, case, rule, clauses, readings)


def _freights(
    order: OrderState, own: RmaFeeTerms, case: Rma, rule: str, clauses: tuple[str, ...],
    readings: Readings = (),
) -> list[Cost]:  # fmt: skip
    """The freight back, once a parcel or once a product."""
    lines = _lines(order, case) if own.freight_per.value == "product" else [None]
    by = distinct(clauses, own.freight.clauses)
    readings = (*readings, *own.freight_per.readings)
    return [Cost("return_freight", own.freight, rule, by, readings, line) for line in lines]


def _lines(order: OrderState, case: Rma) -> Iterable[str | None]:
    """The lines that were examined, or those of the case."""
    return tuple(last_findings(order, case)) or case_lines(order, case)


def _unnumbered(
    owed: Owed, order: OrderState, own: RmaFeeTerms, case: Rma, decision: str
) -> list[Cost]:
    """A return without an approved number, or not marked with it: a person chooses its price."""
    told = next((one for one in at_seller(case) if _is_unnumbered(case, one)), None)
    if told is None:
        return []
    because = Because(
        rule="rma_fees.unnumbered", clauses=own.number.clauses, inputs={"rma": case.id}
    )
    cause = None if case.id else told.id
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
        return _not_approved(order, own, case, "unnumbered", own.number.clauses)
    choices = ("handling", "not_approved_return", "scrapped")
    owed.add(
        DecisionNeeded(
            about="return", choices=choices, rma=case.id or None, cause=cause, because=because
        )
    )
    return []


def _is_unnumbered(case: Rma, received: Told[RmaReceived]) -> bool:
    numbered = any(told.place < received.place for told in case.all(RmaIssued))
    return not case.id or not numbered or received.fact.marked is False


def _deviating(order: OrderState, own: RmaFeeTerms, case: Rma) -> list[Cost]:
    """A return that lacks accessories or is not what was applied for."""
    incomplete = any(told.fact.complete is False for told in at_seller(case))
    results = [told.fact.result for told in last_findings(order, case).values()]
    if not incomplete and "wrong_product" not in results:
        return []
    readings = own.incomplete_doa.readings if case_kind(case) == "doa" else ()
    clauses = (*own.deviating.clauses, *own.handling.clauses)
    return [Cost("handling", own.handling, "deviating", clauses, readings)]


def _faultless(order: OrderState, own: RmaFeeTerms, case: Rma) -> list[Cost]:
    """What was said to be faulty and is not: an examination a product, and freight."""
    lines = [
        line for line, told in last_findings(order, case).items() if told.fact.result == "faultless"
    ]
    clauses = (*own.faultless.clauses, *own.examination.clauses)
    found = [
        Cost("examination", own.examination, "faultless", clauses, line=line) for line in lines
    ]
    freight = _freights(order, own, case, "faultless", clauses)
    return found + [one for one in freight if lines and one.line in (None, *lines)]


def _fee(owed: Owed, order: OrderState, own: RmaFeeTerms, case: Rma, cost: Cost) -> None:
    by_line = {"line": cost.line, "cause": case.id or None} if cost.line else {}
    subject = by_line or {"rma": case.id or None}
    fee = Fee(
        kind=cost.kind, amount=cost.price.value, vat=own.vat.value, **subject,
        because=Because(
            rule=f"rma_fees.{cost.rule}",
            clauses=distinct(cost.clauses),
            inputs={"rma": case.id, "line": cost.line},
            steps=((cost.kind, cost.price.value),),
            readings=distinct(cost.readings, own.vat.readings),
        ),
    )  # fmt: skip
    if fee.key not in owed.items and not waived(order, cost.kind, cost.line or case.id):
        owed.add(fee)


RMA_FEES = Policy(
    "rma_fees",
    rma_fees,
    reads=(*READS, *rma_case.READS),
    starts=(RmaReceived, InspectionCompleted),
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
