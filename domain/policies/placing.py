"""Whether an order stands: the conditions of the terms, and what a person decided about it."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from domain.facts import DiscretionExercised, OrderConfirmed, OrderPlaced, PaymentReceived
from domain.facts import PriceErrorFound
from domain.fields import Line
from domain.outcomes import Because, DecisionNeeded, Owed, Refund, Ruling
from domain.policies.discretion import exercised
from domain.policies.policy import Policy
from domain.policies.question import question
from domain.state import OrderState
from domain.terms import Terms
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
    because = Because(
        rule=f"placing.{stands.reason}",
        clauses=stands.clauses,
        inputs={"goods": _value(order)} if stands.reason == "below_minimum" else {},
        readings=stands.readings,
    )
    reasons = () if stands.decision == "accepted" else (stands.reason,)
    owed.add(Ruling(about="order", decision=stands.decision, reasons=reasons, because=because))
    if stands.reason == "price_error":
        choices = ("cancel", "keep")
        owed.add(DecisionNeeded(about="order", choices=choices, because=because))
    if stands.decision == "refused" and order.paid:
        _refund(owed, order, stands)
    return owed


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
    if own.minimum is not None and _value(order) < own.minimum.value:
        return Standing("refused", "below_minimum", own.minimum.clauses, own.minimum.readings)
    told = exercised(order, "order")
    word = _may_refuse(order, own)
    if word is not None and told is not None and told.fact.decision in REFUSING:
        return Standing("refused", "stopped", word.clauses, word.readings)
    if own.guardian is not None and _waits_for_guardian(order):
        return Standing("pending", "guardian", own.guardian.clauses, own.guardian.readings)
    if told is None and own.price_error is not None and _price_error(order, own):
        return Standing("pending", "price_error", own.price_error.clauses, own.price_error.readings)
    return Standing("accepted", "accepted", own.binding.clauses if own.binding else ())


def _may_refuse(order: OrderState, own: PlacingTerms) -> Term[Any] | None:
    """The words that let staff refuse the order; None where there are none."""
    return own.price_error if _price_error(order, own) else own.may_stop


def _price_error(order: OrderState, own: PlacingTerms) -> bool:
    """Whether a wrong price was found that the terms let a person act upon."""
    found = any(told.fact.line in order.lines for told in order.all(PriceErrorFound))
    if own.price_error is None or not found:
        return False
    return own.price_error.value == "may_cancel" or order.confirmed_at is None


def _waits_for_guardian(order: OrderState) -> bool:
    customer = order.order.customer
    return customer.of_age is False and not customer.guardian_consent


def _value(order: OrderState) -> int:
    """The goods of the whole cart as they were ordered, VAT included."""
    if order.order.cart_total is not None:
        return order.order.cart_total
    data = order.order
    lines = data.lines if isinstance(data, (OrderPlaced, OrderConfirmed)) else ()
    return int(sum((_with_vat(order, line) for line in lines), Fraction(0)))


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
        "placing.below_minimum": (
            "The goods come to {goods}, less than the smallest order that is taken.",
            "Varorna kostar {goods}, mindre än den minsta order som tas emot.",
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
