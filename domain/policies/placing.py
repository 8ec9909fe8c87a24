"""Whether an order stands: the conditions of the terms, and what a person decided about it."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from domain.calendar import day_of
from domain.facts import DiscretionExercised, OrderConfirmed, OrderPlaced, PaymentReceived
from domain.facts import PriceErrorFound
from domain.fields import Line
from domain.money import half_up
from domain.outcomes import Because, Owed, Refund, Ruling
from domain.policies.discretion import Question, ask, choice, refuse
from domain.policies.grounds import clauses_of, distinct, readings_of
from domain.policies.policy import Policy
from domain.policies.question import question
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.contract import ContractTerms
from domain.terms.placing import PlacingTerms
from domain.terms.values import Term

STANDING_READS = (PriceErrorFound, DiscretionExercised)
REFUSING = ("cancel", "stop", "refused")


@dataclass(slots=True, frozen=True)
class Standing:
    """Whether an order stands, why, and what says so."""

    decision: Literal["accepted", "refused", "pending"]
    reason: str
    clauses: tuple[str, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()


def placing(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The ruling about the order; what was paid for one that is refused goes back whole."""
    owed, stands = Owed(), order_stands(order, terms)
    because = _because(order, terms, stands)
    reasons = () if stands.decision == "accepted" else (stands.reason,)
    owed.add(Ruling(about="order", decision=stands.decision, reasons=reasons, because=because))
    if terms.placing is not None and stands.reason != "below_minimum":
        question = fate(order, terms.placing)
        refuse(owed, order, question, because)
        if stands.reason == "price_error":
            ask(owed, question, because)
    if stands.decision == "refused" and order.paid:
        _refund(owed, order, stands)
    return owed


def _because(order: OrderState, terms: Terms, stands: Standing) -> Because:
    if stands.reason == "accepted" and terms.contract is not None:
        return _contract(order, terms, terms.contract, stands)
    failed = terms.placing if stands.reason == "below_minimum" else None
    return Because(
        rule=f"placing.{stands.reason}",
        clauses=stands.clauses,
        inputs={"counted_amount": _counted(order, failed)} if failed is not None else {},
        readings=stands.readings,
    )


def _contract(order: OrderState, terms: Terms, own: ContractTerms, stands: Standing) -> Because:
    """Between whom the contract is, of what it consists, and which terms are in it."""
    merchant = terms.marketplace not in (None, terms.seller)
    words: tuple[Term[Any], ...] = (own.terms_of, own.documents, own.acceptance)
    if merchant:
        words += (own.merchant_party, own.fills_gaps, own.merchant, own.services)
    else:
        words += (own.party,)
    return Because(
        rule="placing.merchant_contract" if merchant else "placing.contract",
        clauses=distinct(stands.clauses, clauses_of(*words)),
        readings=stands.readings,
        inputs={
            "party": terms.seller,
            "marketplace": terms.marketplace if merchant else None,
            "day": day_of(order.placed_at).isoformat(),
        },
    )


def _refund(owed: Owed, order: OrderState, stands: Standing) -> None:
    goods = min(order.goods, order.paid)
    rest = order.paid - goods
    because = Because(
        rule="placing.refund",
        clauses=stands.clauses,
        inputs={"paid": order.paid},
        readings=stands.readings,
    )
    breakdown = (("goods", goods), *((("delivery", rest),) if rest else ()))
    owed.add(Refund(kind="cancellation", amount=order.paid, breakdown=breakdown, because=because))


@question
def order_stands(order: OrderState, terms: Terms) -> Standing:
    """Refused if a condition fails or a person stopped it, pending while something is awaited."""
    own = terms.placing
    if own is None:
        return Standing("accepted", "accepted")
    if own.minimum is not None and _counted(order, own) < own.minimum.value:
        words = (own.minimum, own.minimum_basis, own.minimum_scope)
        return Standing("refused", "below_minimum", clauses_of(*words), readings_of(*words))
    decision = choice(order, fate(order, own))
    word = _may_refuse(order, own)
    if word is not None and decision in REFUSING:
        return Standing("refused", "stopped", word.clauses, word.readings)
    permitted = decision == "accepted"
    if own.guardian is not None and _waits_for_guardian(order) and not permitted:
        return Standing("pending", "guardian", own.guardian.clauses, own.guardian.readings)
    if decision is None and own.price_error is not None and _price_error(order, own):
        return Standing("pending", "price_error", own.price_error.clauses, own.price_error.readings)
    held = _conditions(order, own)
    return Standing("accepted", "accepted", clauses_of(*held), readings_of(*held))


def _conditions(order: OrderState, own: PlacingTerms) -> tuple[Term[Any] | None, ...]:
    """What makes the order binding, and the conditions that were at stake and hold."""
    words: list[Term[Any] | None] = [own.binding, own.minimum]
    if own.minimum is not None and order.goods < own.minimum.value:
        words += [own.minimum_basis, own.minimum_scope]
    if order.order.customer.of_age is False:
        words.append(own.guardian)
    if _wrong_price(order):
        words.append(own.price_error)
    return tuple(words)


def fate(order: OrderState, own: PlacingTerms) -> Question:
    """What staff may decide of the order: its wrong price, its guardian's consent, its stop.

    To cancel it for its wrong price is no other ground for stopping it.
    """
    refusing: tuple[str, ...] = REFUSING if _may_refuse(order, own) is not None else ()
    if _price_error(order, own):
        waits = own.guardian is not None and _waits_for_guardian(order)
        also = (*refusing, "accepted") if waits else refusing
        return Question(about="order", choices=("cancel", "keep"), also=also)
    if own.price_error is not None and _wrong_price(order):
        refusing = tuple(one for one in refusing if one != "cancel")
    return Question(about="order", choices=("accepted", "keep", *refusing))


def _may_refuse(order: OrderState, own: PlacingTerms) -> Term[Any] | None:
    """The words that let staff refuse the order; None where there are none."""
    if _price_error(order, own):
        return own.price_error
    if own.guardian is not None and _waits_for_guardian(order):
        return own.guardian
    return own.may_stop


def _price_error(order: OrderState, own: PlacingTerms) -> bool:
    """Whether a wrong price was found that the terms let a person act upon."""
    if own.price_error is None or not _wrong_price(order):
        return False
    return own.price_error.value == "may_cancel" or order.confirmed_at is None


def _wrong_price(order: OrderState) -> bool:
    return any(told.fact.line in order.lines for told in order.all(PriceErrorFound))


def _waits_for_guardian(order: OrderState) -> bool:
    customer = order.order.customer
    return customer.of_age is False and not customer.guardian_consent


def _counted(order: OrderState, own: PlacingTerms) -> int:
    """What counts towards the least order, as it was placed and VAT included."""
    data = order.order
    lines = data.lines if isinstance(data, (OrderPlaced, OrderConfirmed)) else ()
    net = Fraction(sum(line.unit_price * line.quantity for line in lines))
    gross = sum((_with_vat(order, line) for line in lines), Fraction(0))
    per_seller = own.minimum_scope is not None and own.minimum_scope.value == "per_seller"
    goods_only = own.minimum_basis is None or own.minimum_basis.value == "goods_only"
    whole = data.cart_total is not None and not per_seller
    counted = Fraction(data.cart_total or 0) if whole else gross
    if not goods_only:
        together = data.cart_shipping if whole else None
        freight = order.freight if together is None else together
        counted += freight * (gross / net if net else 1)
    return half_up(counted)


def _with_vat(order: OrderState, line: Line) -> Fraction:
    price = Fraction(line.unit_price * line.quantity)
    included = order.order.prices == "including_vat"
    return price if included else price * (1 + Fraction(line.vat_rate) / 100)


PLACING = Policy(
    "placing",
    placing,
    reads=(*STANDING_READS, PaymentReceived),
    sentences={
        "placing.accepted": (
            "The order stands.",
            "Ordern gäller.",
        ),
        "placing.contract": (
            "The order stands: with its confirmation it is the contract with {party}, "
            "under the terms of {day}.",
            "Ordern gäller: med bekräftelsen är den avtalet med {party}, enligt villkoren "
            "den {day}.",
        ),
        "placing.merchant_contract": (
            "The order stands: with its confirmation it is the contract with {party} alone, under "
            "the terms of {day}: its own, in their gaps those of {marketplace}, and always those "
            "for what {marketplace} does itself.",
            "Ordern gäller: med bekräftelsen är den avtalet med {party} ensam, enligt villkoren "
            "den {day}: de egna, i deras luckor {marketplace}s, och {marketplace}s för det som den "
            "gör själv.",
        ),
        "placing.below_minimum": (
            "The order comes to {counted_amount}, less than the smallest that is taken.",
            "Ordern är på {counted_amount}, mindre än den minsta som tas emot.",
        ),
        "placing.stopped": (
            "Staff stopped the order.",
            "Personalen stoppade ordern.",
        ),
        "placing.refund": (
            "The order does not stand; the {paid} that was paid goes back.",
            "Ordern gäller inte; de {paid} som betalats går tillbaka.",
        ),
        "placing.guardian": (
            "The customer is under age and a guardian's permission is awaited.",
            "Kunden är underårig och målsmans tillstånd inväntas.",
        ),
        "placing.price_error": (
            "A price in the order was wrong; a person decides whether it is cancelled.",
            "Ett pris i ordern var fel; en människa avgör om den ska avbeställas.",
        ),
    },
)
