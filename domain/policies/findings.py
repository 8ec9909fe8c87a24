"""For what an examined item costs: its finding, an omission, hours of work, and its way back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.calendar import lapses_at
from domain.facts import ComplaintAssessed, InspectionCompleted, ReturnSent, WithdrawalNotified
from domain.policies import claims, leaving, rma_case
from domain.policies.claims import (
    OMISSIONS, Claim, at_seller, case_kind, case_lines, charge_of, is_in_scope, last_findings,
    received_at, under_number,
)  # fmt: skip
from domain.policies.complaint_period import complaint_period, printed_period
from domain.policies.grounds import Readings, clauses_of, distinct, readings_of
from domain.policies.rma_case import applied
from domain.policies.verdict import verdict
from domain.policies.leaving import withdrawn_lines
from domain.state import OrderState, Rma, Told
from domain.terms import Terms
from domain.terms.rma import Charge, InspectionTerms
from domain.terms.values import Term

READS = (*claims.READS, *rma_case.READS, *leaving.READS, ReturnSent, WithdrawalNotified)
MINUTES = 60


@dataclass(slots=True, frozen=True, kw_only=True)
class Ground:
    """One reason for a fee of a case: a fixed amount, or None where a person or a tariff says."""

    kind: str
    amount: int | None
    clauses: tuple[str, ...]
    readings: Readings = ()
    steps: tuple[tuple[str, int], ...] = ()
    figures: tuple[tuple[str, int], ...] = ()
    """What the amount was reckoned from, by name."""
    bounds: tuple[int, int] | None = None
    cause: str | None = None
    """The finding, where each of several has its own fee."""


@dataclass(slots=True, frozen=True)
class Case:
    """A return case with the claims that it is about, and those of them that are justified."""

    rma: Rma
    claims: tuple[Claim, ...]
    justified: tuple[Claim, ...]


def grounds(
    order: OrderState, terms: Terms, own: InspectionTerms, case: Case, now: datetime
) -> list[Ground]:
    """Every reason for a fee of a case, one a kind and cause; the first of a kind counts."""
    found = _fixed(order, terms, own, case)
    found += _partner(own, case.rma) + _foreign_system(own, case.rma)
    found += _way_back(order, terms, own, case, now)
    return list({(one.kind, one.cause): one for one in reversed(found)}.values())


def _fixed(order: OrderState, terms: Terms, own: InspectionTerms, case: Case) -> list[Ground]:
    """What the test found comes before what the customer left undone."""
    tested = _tested(order, terms, own, case)
    omitted = _omissions(order, own, case)
    hours = _hours(order, own, case, tested)
    each = _is_per_ground(own)
    kept = tested + omitted if each else tested or omitted
    beside = own.technician_beside is not None and own.technician_beside.value == "beside"
    if hours and not beside and own.faultless is not None:
        kept = [one for one in kept if one.kind != own.faultless.value.kind]
    kept = kept if each else kept[:1]
    partner = any(told.fact.partner_cost for told in case.rma.all(InspectionCompleted))
    if partner and own.partner_cost and own.partner_case:
        kept = [_left_open(own, one) for one in kept]
    return kept + hours


def _is_per_ground(own: InspectionTerms) -> bool:
    return own.grounds is not None and own.grounds.value == "per_ground"


def _findings(
    order: OrderState, own: InspectionTerms, case: Case
) -> list[Told[InspectionCompleted]]:
    """What was last found of each line that nobody has approved since.

    Where every ground has its fee, also what is to blame beside it, but for a fault or none.
    """
    approved = {
        one.line
        for one in case.justified
        if one.decisive and isinstance(one.decisive.fact, ComplaintAssessed)
    }
    found: list[Told[InspectionCompleted]] = []
    for line, last in last_findings(order, case.rma).items():
        for told in case.rma.all(InspectionCompleted):
            of_goods = {told.fact.result, last.fact.result}.isdisjoint(("defect", "faultless"))
            counts = told is last or (_is_per_ground(own) and of_goods)
            if line in order.named(told.fact.lines or ()) and line not in approved and counts:
                found.append(told)
    return list(dict.fromkeys(found))


def _tested(order: OrderState, terms: Terms, own: InspectionTerms, case: Case) -> list[Ground]:
    """One ground a finding with a price; a withdrawal in the guise of a complaint is one too."""
    found: list[Ground] = []
    for told in _findings(order, own, case):
        charge = charge_of(terms, told.fact.result)
        if charge is None or told.fact.result in OMISSIONS:
            continue
        if told.fact.result != "faultless" or _reaches(order, terms, own, case.rma, told):
            ground = _ground(order, terms, own, case.rma, charge)
            found.append(replace(ground, cause=told.id) if _is_per_ground(own) else ground)
    if not found and own.disguised is not None and _is_disguised(order, terms, own, case):
        found.append(_ground(order, terms, own, case.rma, own.disguised))
    return found


def _ground(
    order: OrderState, terms: Terms, own: InspectionTerms, rma: Rma, charge: Term[Charge]
) -> Ground:
    in_warranty = case_kind(rma) in ("warranty", "doa")
    kind = (in_warranty and charge.value.in_warranty) or charge.value.kind
    tariff = terms.tariff.get(charge.value.tariff or kind)
    amount = tariff.value if tariff else charge.value.amount
    steps = ((charge.value.tariff or kind, amount or 0),)
    slip = _slip(order, own, rma) if amount is not None and charge.value.tariff else 0
    limits = (own.faultless_scope, own.faultless_window) if charge == own.faultless else ()
    slipped = own.slip if charge.value.tariff else None
    return Ground(
        kind=kind,
        amount=None if amount is None else amount + slip,
        clauses=clauses_of(charge, *limits),
        readings=distinct(charge.readings, readings_of(*limits, slipped)),
        steps=(*steps, ("return_slip", slip)) if slip else steps,
    )


def _slip(order: OrderState, own: InspectionTerms, rma: Rma) -> int:
    """What the seller's return slips for the goods of a case cost; faulty ones travel free."""
    if own.slip is None or own.slip.value != "both_legs":
        return 0
    found = last_findings(order, rma)
    faulty = {line for line, told in found.items() if told.fact.result == "defect"}
    return sum(
        told.fact.label_cost or 0
        for told in order.all(ReturnSent)
        if told.fact.label == "prepaid"
        and _case_of(order, told) is rma
        and faulty.isdisjoint(order.named(told.fact.lines))
    )


def _case_of(order: OrderState, sent: Told[ReturnSent]) -> Rma | None:
    """The case that goods were sent back for: the last one on them by then, else the first."""
    lines = set(order.named(sent.fact.lines))
    begun = [
        (told.place, rma)
        for rma in order.rmas.values()
        if (told := applied(rma)) is not None and lines & set(case_lines(order, rma))
    ]
    begun.sort(key=lambda one: one[0])
    by_then = [rma for place, rma in begun if place <= sent.place]
    return by_then[-1] if by_then else begun[0][1] if begun else None


def _reaches(
    order: OrderState, terms: Terms, own: InspectionTerms, rma: Rma,
    told: Told[InspectionCompleted],
) -> bool:  # fmt: skip
    """Whether the fee for a faultless item reaches this case and this test."""
    if not is_in_scope(terms, rma, told.fact):
        return False
    if own.faultless_window is None:
        return True
    for line in order.named(told.fact.lines or ()):
        received = received_at(order, line)
        due = received and printed_period(order, terms, received)
        if received is not None and own.faultless_window.value == "statutory":
            due = complaint_period(order, terms, received).due
        if due is None or told.at < lapses_at(due):
            return True
    return False


def _omissions(order: OrderState, own: InspectionTerms, case: Case) -> list[Ground]:
    """A poor description or a locked device; a consumer's justified complaint bears neither."""
    found: list[Ground] = []
    left = [told for told in case.rma.all(InspectionCompleted) if told.fact.result in OMISSIONS]
    undone = [(told.fact.result, line) for told in left for line in told.fact.lines or ()]
    struck = order.consumer and own.justified is not None and own.justified.value == "struck"
    freed = {claim.line for claim in case.justified} if struck else set()
    came = bool(under_number(case.rma) or case.rma.all(InspectionCompleted))
    poor = {line for result, line in undone if result == "bad_description"} & set(order.lines)
    poor |= {one.line for one in case.claims if came and not one.description_ok}
    locked = {line for result, line in undone if result == "locked_device"} & set(order.lines)
    for name, charge, duty, lines in (
        ("locked_device", own.locked_device, own.unlocked, locked),
        ("bad_description", own.bad_description, own.described, poor),
    ):
        if charge is not None and lines - freed:
            readings = own.justified.readings if own.justified and order.consumer else ()
            found.append(
                Ground(
                    kind=charge.value.kind, amount=charge.value.amount,
                    clauses=clauses_of(charge, duty), readings=readings,
                    steps=((charge.value.kind, charge.value.amount or 0),),
                    cause=name if _is_per_ground(own) else None,
                )
            )  # fmt: skip
    return found


def _is_disguised(order: OrderState, terms: Terms, own: InspectionTerms, case: Case) -> bool:
    """Goods sent in as a complaint by who had meant to withdraw, and had no right to.

    What was meant may also be told with the goods or after them, as long as nothing has been
    tested; a fault makes it a complaint after all.
    """
    binds = not order.consumer or (
        own.disguised_by is not None and own.disguised_by.value == "everybody"
    )
    received = at_seller(order, case.rma)
    if not binds or not received or case_kind(case.rma) != "complaint" or case.justified:
        return False
    tested = case.rma.first(InspectionCompleted)
    meant = {
        line
        for told in order.all(WithdrawalNotified)
        if tested is None or told.at <= tested.at
        for line in order.named(told.fact.lines)
    }
    meant -= set(withdrawn_lines(order, terms))
    return bool(meant & set(case_lines(order, case.rma)))


def _hours(
    order: OrderState, own: InspectionTerms, case: Case, tested: list[Ground]
) -> list[Ground]:
    """Started hours of technicians, on what proved faultless or on everything."""
    if own.technician is None:
        return []
    results = last_findings(order, case.rma)
    always = own.technician_scope is not None and own.technician_scope.value == "always"
    freed = {claim.line for claim in case.justified} if order.consumer else set()
    faultless = {line for line, told in results.items() if told.fact.result == "faultless"}
    charged = own.faultless is not None and any(
        one.kind == own.faultless.value.kind for one in tested
    )
    lines = set(results) - freed if always else faultless if charged else set()
    sessions = [
        minutes
        for told in case.rma.all(InspectionCompleted)
        if lines & set(order.named(told.fact.lines or ()))
        for minutes in told.fact.technician_minutes
    ]
    each = own.technician_sum is not None and own.technician_sum.value == "each_session"
    hours = sum(map(_started, sessions)) if each else _started(sum(sessions))
    if hours == 0:
        return []
    how = (own.technician_sum, own.technician_beside, own.technician_scope)
    return [
        Ground(
            kind="technician",
            amount=hours * own.technician.value,
            clauses=own.technician.clauses,
            readings=readings_of(*how),
            steps=(("technician", hours * own.technician.value),),
            figures=(
                *_minutes(sessions),
                ("started_hours", hours),
                ("technician_price", own.technician.value),
            ),
        )
    ]


def _minutes(sessions: Sequence[int]) -> Iterator[tuple[str, int]]:
    """What was worked, each time by itself where there were several."""
    for number, minutes in enumerate(sessions, 1):
        yield "technician_minutes" + (f"_{number}" if len(sessions) > 1 else ""), minutes


def _started(minutes: int) -> int:
    return -(-minutes // MINUTES)


def _left_open(own: InspectionTerms, ground: Ground) -> Ground:
    """In a partner's case a fixed fee for an unjustified complaint can be a person's decision."""
    by, fixed = own.partner_case, own.physical_damage
    if by is None or by.value != "all_discretionary" or own.partner_cost is None:
        return ground
    if fixed is None or ground.kind != fixed.value.kind:
        return ground
    clauses = (*own.partner_cost.clauses, *ground.clauses)
    return Ground(
        kind=ground.kind, amount=None, clauses=clauses, readings=by.readings,
        bounds=(0, ground.amount or 0),
    )  # fmt: skip


def _partner(own: InspectionTerms, rma: Rma) -> list[Ground]:
    """What a service partner asks may be passed on; for a fault it asks nothing of the customer."""
    free = own.partner_free is not None and own.partner_free.value
    cost = sum(
        told.fact.partner_cost or 0
        for told in rma.all(InspectionCompleted)
        if not (free and told.fact.result == "defect")
    )
    if own.partner_cost is None or not own.partner_cost.value or cost == 0:
        return []
    by = own.partner_case.readings if own.partner_case else ()
    clauses = own.partner_cost.clauses
    return [
        Ground(kind="partner_cost", amount=None, clauses=clauses, readings=by, bounds=(0, cost))
    ]


def _foreign_system(own: InspectionTerms, rma: Rma) -> list[Ground]:
    """Searching a system around the item that was not bought here may be charged for."""
    searched = any(told.fact.lines is None for told in rma.all(InspectionCompleted))
    if own.foreign_system is None or not searched:
        return []
    return [Ground(kind="examination", amount=None, clauses=own.foreign_system.clauses)]


def _way_back(
    order: OrderState, terms: Terms, own: InspectionTerms, case: Case, now: datetime
) -> list[Ground]:
    """What it cost to send the item back to the customer, where that is the customer's."""
    refused = [
        claim for claim in case.claims if verdict(order, terms, claim, now).decision == "refused"
    ]
    denied = {claim.kind for claim in refused}
    whole = own.way_back_business if not order.consumer else None
    complaint = own.way_back if "complaint" in denied else None
    warranty = own.way_back_warranty if "warranty" in denied else None
    by = whole or complaint or warranty
    lines = set(order.lines) if whole else {claim.line for claim in refused}
    cost = sum(
        told.fact.freight or 0
        for told in case.rma.all(InspectionCompleted)
        if told.fact.lines is None or lines & set(told.fact.lines)
    )
    if by is None or cost == 0:
        return []
    steps = (("return_freight", cost),)
    return [Ground(kind="return_freight", amount=cost, clauses=by.clauses, steps=steps)]
