"""A partner's guarantee of the purchase: who has it, until when, and what the partner pays.

The partner pays, so nothing is raised against the seller: a ruling carries the amount.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.facts import (
    ComplaintReported, DamageReported, DiscrepancyReported, DiscretionExercised,
    PurchaseGuaranteeClaimed, PurchaseGuaranteeRegistered,
)  # fmt: skip
from domain.outcomes import Because, Deadline, Owed, Ruling, standing
from domain.policies import promise
from domain.policies.debt import with_vat
from domain.policies.discretion import Question, ask, choice, refuse
from domain.policies.grounds import clauses_of, readings_of
from domain.policies.policy import Policy
from domain.policies.promise import received_at
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.purchase_guarantee import PurchaseGuaranteeTerms

STARTS = (PurchaseGuaranteeRegistered, PurchaseGuaranteeClaimed)
Claim = Told[PurchaseGuaranteeClaimed]
Steps = tuple[tuple[str, int], ...]


@dataclass(slots=True, frozen=True)
class Answer:
    """What a claim comes to, and why."""

    decision: Literal["accepted", "refused", "pending"]
    reason: str
    clauses: tuple[str, ...]


def purchase_guarantee(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The deadline for registering, once the partner has spoken, and a ruling on each claim.

    The maximum is that of the purchase: what an earlier claim was paid is gone from it.
    """
    owed, own = Owed(), terms.purchase_guarantee
    if own is None or not any(order.all(kind) for kind in STARTS):
        return owed
    if _is_private(order):
        _registration(owed, order, own, now)
    left = own.most.value
    for claim in order.all(PurchaseGuaranteeClaimed):
        found = _answer(order, terms, own, claim)
        steps = _steps(order, own, claim, left) if found.decision == "accepted" else ()
        left -= sum(step for _, step in steps)
        _ruling(owed, order, own, claim, found, steps)
    return owed


def _registration(
    owed: Owed, order: OrderState, own: PurchaseGuaranteeTerms, now: datetime
) -> None:
    """The last instant for registering; who was a member before the purchase has met it."""
    due = _due(order, own)
    met_at = min((told.at for told in order.all(PurchaseGuaranteeRegistered)), default=None)
    because = Because(
        rule="purchase_guarantee.registration",
        clauses=own.minutes.clauses,
        inputs={"bought": order.placed_at.isoformat(), "due": due.isoformat()},
    )
    owed.add(
        Deadline(
            kind="guarantee_registration", due=due, party="customer",
            state=standing(due, met_at, now), because=because,
        )
    )  # fmt: skip


def _due(order: OrderState, own: PurchaseGuaranteeTerms) -> datetime:
    return order.placed_at + timedelta(minutes=own.minutes.value)


def _is_private(order: OrderState) -> bool:
    """Whether the order is addressed to a private person, and not to a company's address."""
    return order.consumer and order.order.customer.invoice_address != "business"


# -- one claim ------------------------------------------------------------------------------------


def _answer(order: OrderState, terms: Terms, own: PurchaseGuaranteeTerms, claim: Claim) -> Answer:
    """Refused without membership in time, accepted on a ground that the order's facts show."""
    if not _is_private(order):
        return Answer("refused", "addressed_to_company", own.addressed_to.clauses)
    registered = [told.at for told in order.all(PurchaseGuaranteeRegistered)]
    if not registered:
        return Answer("refused", "not_a_member", clauses_of(own.members, own.minutes))
    if min(registered) > _due(order, own):
        return Answer("refused", "registered_late", own.minutes.clauses)
    words = (own.members, own.addressed_to, own.grounds)
    decision = choice(order, _merit(claim))
    if decision == "refused":
        return Answer("refused", "decided", own.grounds.clauses)
    if decision == "accepted":
        return Answer("accepted", "accepted", clauses_of(*words))
    if any(_shown(order, terms, ground, claim.at) for ground in own.grounds.value):
        return Answer("accepted", "accepted", clauses_of(*words))
    return Answer("pending", "no_ground_shown", own.grounds.clauses)


def _merit(claim: Claim) -> Question:
    """Whether there is a ground for a member's claim."""
    return Question(
        about="purchase_guarantee", choices=("accepted", "refused"), subject=f"#{claim.id}"
    )


def _shown(order: OrderState, terms: Terms, ground: str, by: datetime) -> bool:
    """Whether the order's facts of that time show that this went wrong."""
    match ground:
        case "defective":
            reports = [*order.all(ComplaintReported), *order.all(DamageReported)]
            return any(told.at <= by for told in reports)
        case "not_delivered":
            had = [received_at(order, terms, line) for line in order.lines]
            return any(at is None or at > by for at in had)
        case _:
            kind = "missing" if ground == "missing" else "wrong_item"
            found = order.all(DiscrepancyReported)
            return any(told.fact.kind == kind and told.at <= by for told in found)


def _steps(order: OrderState, own: PurchaseGuaranteeTerms, claim: Claim, left: int) -> Steps:
    """The price, of no more than the goods cost, the shipping and the loss, cut to what is left."""
    fact, goods = claim.fact, with_vat(order, order.goods, None)
    asked = goods if fact.amount is None else fact.amount
    loss = (fact.direct_loss or 0) if own.direct_loss.value == "covered" else 0
    parts = (("price", min(asked, goods)), ("shipping", fact.shipping or 0), ("direct_loss", loss))
    over = sum(part for _, part in parts) - left
    cut = (("over_maximum", -over),) if over > 0 else ()
    return tuple(part for part in (*parts, *cut) if part[1])


def _ruling(
    owed: Owed, order: OrderState, own: PurchaseGuaranteeTerms, claim: Claim, found: Answer,
    steps: Steps,
) -> None:  # fmt: skip
    clauses, readings = found.clauses, readings_of()
    amount = sum(step for _, step in steps) if found.decision == "accepted" else None
    if amount is not None:
        clauses = (*clauses, *clauses_of(own.covers, own.direct_loss, own.most))
        readings = own.direct_loss.readings
    because = Because(
        rule=f"purchase_guarantee.{found.reason}",
        clauses=tuple(dict.fromkeys(clauses)),
        inputs={"claimed": claim.at.isoformat(), "most_amount": own.most.value},
        steps=steps,
        readings=readings,
    )
    reasons = () if found.decision == "accepted" else (found.reason,)
    owed.add(
        Ruling(
            about="purchase_guarantee", decision=found.decision, reasons=reasons, amount=amount,
            cause=claim.id, because=because,
        )
    )  # fmt: skip
    if found.reason in ("accepted", "decided", "no_ground_shown"):
        refuse(owed, order, _merit(claim), because)
    if found.decision == "pending":
        ask(owed, _merit(claim), because, cause=claim.id)


PURCHASE_GUARANTEE = Policy(
    "purchase_guarantee",
    purchase_guarantee,
    reads=(
        *promise.READS, PurchaseGuaranteeRegistered, PurchaseGuaranteeClaimed, ComplaintReported,
        DamageReported, DiscrepancyReported, DiscretionExercised,
    ),
    starts=STARTS,
    sentences={
        "purchase_guarantee.registration": (
            "Bought at {bought}: who is no member yet registers for the guarantee by {due}.",
            "Köpt {bought}: den som inte är medlem registrerar sig för garantin senast {due}.",
        ),
        "purchase_guarantee.accepted": (
            "The purchase guarantee pays what the purchase cost, at most {most_amount}.",
            "Köpgarantin ersätter vad köpet kostade, högst {most_amount}.",
        ),
        "purchase_guarantee.addressed_to_company": (
            "The purchase guarantee covers only orders addressed to a private person.",
            "Köpgarantin gäller bara order som är ställda till en privatperson.",
        ),
        "purchase_guarantee.not_a_member": (
            "The customer is not registered for the purchase guarantee.",
            "Kunden är inte registrerad för köpgarantin.",
        ),
        "purchase_guarantee.registered_late": (
            "The customer registered for the purchase guarantee too late after the purchase.",
            "Kunden registrerade sig för köpgarantin för sent efter köpet.",
        ),
        "purchase_guarantee.no_ground_shown": (
            "Nothing that went wrong is known of the order; a person decides on the claim.",
            "Inget fel är känt om ordern; en människa avgör kravet.",
        ),
        "purchase_guarantee.decided": (
            "Staff found no ground for the claim on the purchase guarantee.",
            "Personalen fann ingen grund för kravet på köpgarantin.",
        ),
    },
)  # fmt: skip
