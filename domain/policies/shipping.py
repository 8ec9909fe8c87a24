"""What delivery costs where the order does not say: a price that nobody knows is asked for."""

from datetime import datetime
from fractions import Fraction

from domain.facts import DiscretionExercised, Shipped
from domain.outcomes import Because, Fee, Owed
from domain.policies import release
from domain.policies.discretion import Question, ask, decided, refuse, waived
from domain.policies.policy import Policy
from domain.policies.release import all_released, released_lines
from domain.quotes.delivery import Cart, CartQuote, delivered
from domain.state import OrderState
from domain.terms import Terms


def shipping(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """Nothing is charged for delivery until somebody has said how much; then that is a fee."""
    owed = Owed()
    if order.order.shipping.price is not None or terms.shipping is None:
        return owed
    quote = delivered(cart(order), terms)
    if all_released(order, released_lines(order, terms)):
        return owed
    if quote.shipping is not None:
        if _goes_by_list(order, terms):
            _fee(owed, order, quote, quote.shipping, "shipping.listed")
        return owed
    question = Question(about="shipping", choices=("charge", "waive"))
    refuse(owed, order, question, quote.because)
    told = decided(order, question)
    if told is None:
        ask(owed, question, quote.because)
    else:
        _fee(owed, order, quote, question.amount(told), "shipping.charged")
    return owed


def _goes_by_list(order: OrderState, terms: Terms) -> bool:
    """Whether the seller sent the goods at the one price of its list, which it then charges."""
    listed = terms.shipping.price_list if terms.shipping else None
    sent = order.first(Shipped) is not None and not waived(order, "shipping")
    return listed is not None and listed.value == "one_price" and sent


def _fee(owed: Owed, order: OrderState, quote: CartQuote, amount: int, rule: str) -> None:
    """Once an order, in however many parcels it goes."""
    because = Because(
        rule=rule,
        clauses=quote.because.clauses,
        inputs={"amount": amount, "method": order.order.shipping.method},
        steps=(("delivery", amount),),
        readings=quote.because.readings,
    )
    if amount:
        owed.add(Fee(kind="shipping", amount=amount, vat=quote.vat, because=because))


def cart(order: OrderState) -> Cart:
    """What is delivered. Goods that were struck are not paid, and yet count towards free delivery:
    they were ordered.
    """
    included = order.order.prices == "including_vat"
    gross = Fraction(0)
    for name, line in order.lines.items():
        gross += order.value(name) * (1 if included else 1 + Fraction(line.vat_rate) / 100)
    return Cart(
        goods=sum(order.value(name) for name in order.lines if name not in order.struck),
        gross=gross,
        method=order.order.shipping.method,
        price=order.order.shipping.price,
        currency=order.order.currency,
        vat="included" if included else "excluded",
    )


SHIPPING = Policy(
    "shipping",
    shipping,
    reads=(*release.READS, Shipped, DiscretionExercised),
    sections=("shipping",),
    sentences={
        "shipping.listed": (
            "The seller sent the goods ({method}); its price list has {amount} for that.",
            "Säljaren sände varorna ({method}); prislistan har {amount} för det.",
        ),
        "shipping.charged": (
            "Staff set the price of delivery ({method}): {amount}.",
            "Personalen bestämde priset för frakten ({method}): {amount}.",
        ),
    },
)
