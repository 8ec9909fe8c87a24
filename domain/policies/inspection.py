"""What an examined item costs the customer: by its finding, by the hour, and by its way back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.calendar import lapses_at
from domain.facts import (
    DiscretionExercised, InspectionCompleted, ReturnSent, RmaReceived, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Because, DecisionNeeded, Effect, Fee, Owed, Vat
from domain.policies import rma_case
from domain.policies.claims import (
    READS, Claim, at_seller, case_kind, case_lines, charge_of, claims, last_findings, received_at,
)  # fmt: skip
from domain.policies.complaint_period import complaint_period, printed_period, sale_law
from domain.policies.discretion import exercised
from domain.policies.policy import Policy
from domain.policies.verdict import accepted, verdict
from domain.state import OrderState, Rma, Told
from domain.terms import Terms
from domain.terms.rma import Charge, InspectionTerms
from domain.terms.values import Term

Readings = tuple[tuple[str, str], ...]
MINUTES = 60
OMISSIONS = ("bad_description", "locked_device")
"""What the customer left undone: it says nothing of the goods."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Ground:
    """One reason for a fee of a case: a fixed amount, or None where a person or a tariff says."""

    kind: str
    amount: int | None
    clauses: tuple[str, ...]
    readings: Readings = ()
    steps: tuple[tuple[str, int], ...] = ()
    bounds: tuple[int, int] | None = None


@dataclass(slots=True, frozen=True)
class Case:
    """A return case with the claims that it is about, and those of them that are justified."""

    rma: Rma
    claims: tuple[Claim, ...]
    justified: tuple[Claim, ...]


def inspection(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The fees of every case whose goods were looked at."""
    owed = Owed()
    own = terms.inspection
    if own is None:
        return owed
    found = claims(order, terms)
    for rma in order.rmas.values():
        if not rma.id:
            continue
        about = tuple(claim for claim in found if rma.id in claim.rmas)
        justified = tuple(one for one in about if accepted(order, terms, one, now))
        case = Case(rma, about, justified)
        grounds = _grounds(order, terms, own, case)
        grounds += _partner(own, rma) + _foreign_system(own, rma)
        grounds += _way_back(order, terms, own, case, now)
        for ground in {one.kind: one for one in reversed(grounds)}.values():
            _charge(owed, order, terms, own, rma, ground)
    return owed


def _grounds(order: OrderState, terms: Terms, own: InspectionTerms, case: Case) -> list[Ground]:
    """The grounds of a case: what the test found comes before what the customer left undone."""
    tested = _tested(order, terms, own, case)
    omitted = _omissions(order, own, case)
    hours = _hours(order, own, case, tested)
    per_ground = own.grounds is not None and own.grounds.value == "per_ground"
    kept = tested + omitted if per_ground else (tested + omitted)[:1]
    beside = own.technician_beside is not None and own.technician_beside.value == "beside"
    if hours and not beside and own.faultless is not None:
        kept = [one for one in kept if one.kind != own.faultless.value.kind]
    partner = any(told.fact.partner_cost for told in case.rma.all(InspectionCompleted))
    if partner and own.partner_cost and own.partner_case:
        kept = [_left_open(own, one) for one in kept]
    return kept + hours


def _tested(order: OrderState, terms: Terms, own: InspectionTerms, case: Case) -> list[Ground]:
    """One ground a finding with a price; a withdrawal in the guise of a complaint is one too."""
    found: list[Ground] = []
    for told in last_findings(order, case.rma).values():
        charge = charge_of(terms, told.fact.result)
        if charge is None or told.fact.result in OMISSIONS:
            continue
        if told.fact.result != "faultless" or _reaches(order, terms, own, case.rma, told):
            found.append(_ground(order, terms, own, case.rma, charge))
    if not found and own.disguised is not None and _is_disguised(order, own, case):
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
    readings = charge.readings + tuple(
        reading for term in limits if term is not None for reading in term.readings
    )
    return Ground(
        kind=kind,
        amount=None if amount is None else amount + slip,
        clauses=charge.clauses,
        readings=readings + (own.slip.readings if own.slip and charge.value.tariff else ()),
        steps=(*steps, ("return_slip", slip)) if slip else steps,
    )


def _slip(order: OrderState, own: InspectionTerms, rma: Rma) -> int:
    """What the seller's return slip for the goods of a case cost."""
    if own.slip is None or own.slip.value != "both_legs":
        return 0
    lines = set(case_lines(order, rma))
    return sum(
        told.fact.label_cost or 0
        for told in order.all(ReturnSent)
        if told.fact.label == "prepaid" and lines & set(order.named(told.fact.lines))
    )


def _reaches(
    order: OrderState, terms: Terms, own: InspectionTerms, rma: Rma,
    told: Told[InspectionCompleted],
) -> bool:  # fmt: skip
    """Whether the fee for a faultless item reaches this case and this test."""
    scope, warranty = own.faultless_scope, case_kind(rma) in ("warranty", "doa")
    if scope is not None:
        reached = {
            "complaint": not warranty,
            "warranty_sent_abroad": warranty and told.fact.sent_abroad is True,
            "any_warranty_case": warranty,
            "any_faultless_case": True,
        }[scope.value]
        if not reached:
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
    results = {line: told.fact.result for line, told in last_findings(order, case.rma).items()}
    struck = order.consumer and own.justified is not None and own.justified.value == "struck"
    freed = {claim.line for claim in case.justified} if struck else set()
    came = bool(at_seller(case.rma)) or bool(results)
    poor = {line for line, result in results.items() if result == "bad_description"}
    poor |= {one.line for one in case.claims if came and not one.description_ok}
    locked = {line for line, result in results.items() if result == "locked_device"}
    for charge, lines in ((own.locked_device, locked), (own.bad_description, poor)):
        if charge is not None and lines - freed:
            readings = own.justified.readings if own.justified and order.consumer else ()
            found.append(
                Ground(
                    kind=charge.value.kind, amount=charge.value.amount, clauses=charge.clauses,
                    readings=readings, steps=((charge.value.kind, charge.value.amount or 0),),
                )
            )  # fmt: skip
    return found


def _is_disguised(order: OrderState, own: InspectionTerms, case: Case) -> bool:
    """Goods sent in as a complaint by who had meant to withdraw; a fault makes it a complaint."""
    binds = not order.consumer or (
        own.disguised_by is not None and own.disguised_by.value == "everybody"
    )
    received = at_seller(case.rma)
    if not binds or not received or case_kind(case.rma) != "complaint" or case.justified:
        return False
    meant = {
        line
        for told in order.all(WithdrawalNotified)
        if told.at <= received[0].at
        for line in order.named(told.fact.lines)
    }
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
            readings=tuple(reading for term in how if term for reading in term.readings),
            steps=(("technician", hours * own.technician.value),),
        )
    ]


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
    """What a service partner asks for an item without a fault of its own may be passed on."""
    cost = sum(
        told.fact.partner_cost or 0
        for told in rma.all(InspectionCompleted)
        if told.fact.result != "defect"
    )
    if own.partner_cost is None or cost == 0:
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
    cost = sum(told.fact.freight or 0 for told in case.rma.all(InspectionCompleted))
    denied = {
        claim.kind
        for claim in case.claims
        if verdict(order, terms, claim, now).decision == "refused"
    }
    whole = own.way_back_business if not order.consumer else None
    complaint = own.way_back if "complaint" in denied else None
    warranty = own.way_back_warranty if "warranty" in denied else None
    by = whole or complaint or warranty
    if by is None or cost == 0:
        return []
    steps = (("return_freight", cost),)
    return [Ground(kind="return_freight", amount=cost, clauses=by.clauses, steps=steps)]


def _charge(
    owed: Owed, order: OrderState, terms: Terms, own: InspectionTerms, rma: Rma, ground: Ground
) -> None:
    """The fee, or the question whether and how much, unless a person has answered it."""
    told = exercised(order, ground.kind, rma.id)
    if told is not None and told.fact.decision == "waive":
        return
    tariff = terms.tariff.get(ground.kind)
    amount = ground.amount if ground.amount is not None or not tariff else tariff.value
    if amount is None and told is not None and told.fact.decision == "charge":
        amount = _within(told, ground.bounds)
    because = Because(
        rule=f"inspection.{ground.kind}" if amount is not None else "inspection.open",
        clauses=ground.clauses,
        inputs={"rma": rma.id},
        steps=ground.steps if ground.amount is not None else ((ground.kind, amount or 0),),
        readings=tuple(dict.fromkeys(ground.readings)),
        statutes=_statutes(order, terms, ground),
    )
    if amount is None:
        owed.add(
            DecisionNeeded(
                about=ground.kind, choices=("charge", "waive"), bounds=ground.bounds, rma=rma.id,
                because=because,
            )
        )  # fmt: skip
    elif amount > 0:
        vat: Vat = own.vat.value if own.vat and ground.bounds is None else "unspecified"
        owed.add(Fee(kind=ground.kind, amount=amount, vat=vat, rma=rma.id, because=because))


def _within(
    told: Told[DiscretionExercised], bounds: tuple[int, int] | None
) -> int | None:
    """What a person charges, no more than the terms allow; all of it where nobody said."""
    amount = told.fact.amount
    if bounds is None:
        return amount
    return bounds[1] if amount is None else min(amount, bounds[1])


def _statutes(
    order: OrderState, terms: Terms, ground: Ground
) -> tuple[tuple[str, Effect], ...]:
    """A fee that a justified complaint of a consumer would not bear stands beside the statute."""
    if not order.consumer or ground.kind == "partner_cost":
        return ()
    law: Any = sale_law(terms).free
    return tuple((clause, "applies") for clause in law.clauses)


INSPECTION = Policy(
    "inspection",
    inspection,
    reads=(*READS, *rma_case.READS, ReturnSent, RmaReceived, WithdrawalNotified),
    sentences={
        "inspection.faultless": (
            "The item of case {rma} was tested and has no fault.",
            "Varan i ärende {rma} testades och är felfri.",
        ),
        "inspection.warranty_faultless": (
            "The item of the warranty case {rma} was tested and has no fault.",
            "Varan i garantiärende {rma} testades och är felfri.",
        ),
        "inspection.technician": (
            "Technicians searched the faultless item of case {rma}, by the started hour.",
            "Tekniker felsökte den felfria varan i ärende {rma}, per påbörjad timme.",
        ),
        "inspection.unjustified_complaint": (
            "What was found in case {rma} is no fault of the goods.",
            "Det som påträffades i ärende {rma} är inget fel på varan.",
        ),
        "inspection.handling": (
            "Case {rma} could not be handled as it was sent in.",
            "Ärende {rma} kunde inte hanteras så som det sändes in.",
        ),
        "inspection.partner_cost": (
            "The service partner's cost in case {rma} is passed on.",
            "Servicepartnerns kostnad i ärende {rma} förs vidare.",
        ),
        "inspection.examination": (
            "A system not bought here was searched in case {rma}.",
            "Ett system som inte köpts här felsöktes i ärende {rma}.",
        ),
        "inspection.return_freight": (
            "The item of case {rma} goes back at the customer's expense.",
            "Varan i ärende {rma} återsänds på kundens bekostnad.",
        ),
        "inspection.open": (
            "Whether case {rma} costs the customer this, and how much, is for a person to say.",
            "Om och hur mycket ärende {rma} kostar kunden avgör en människa.",
        ),
    },
)
