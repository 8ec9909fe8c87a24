"""Whether an order may be paid as it says: who may pay how, from what value, for which goods."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from domain.facts import DiscretionExercised, LineStruck, PaymentReceived
from domain.money import kronor
from domain.outcomes import Because, Block, Owed, Ruling
from domain.policies.debt import credit_terms, plan_of, with_vat
from domain.policies.discretion import Question, ask, choice, refuse
from domain.policies.grounds import Readings, clauses_of, readings_of
from domain.policies.policy import Policy
from domain.policies.question import question
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.payment_method import Method, Methods, Offer, PaymentMethodTerms
from domain.terms.values import Term

PAYABLE_READS = (DiscretionExercised, LineStruck)
REFUSING = ("refused", "stop")
JUDGED = Question(about="payment_method", choices=("accepted", "refused"), also=("stop",))


@dataclass(slots=True, frozen=True, kw_only=True)
class Answer:
    """Whether the method may be used, why, and what says so."""

    decision: Literal["accepted", "refused", "pending"]
    reason: str
    clauses: tuple[str, ...]
    inputs: dict[str, str | int | bool | None] = field(default_factory=dict)
    readings: Readings = ()
    beaten: tuple[tuple[str, str, str], ...] = ()
    undelivered: Term[Methods] | None = None
    """The words by which nothing is delivered either."""


def payment_method(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The ruling about the chosen method; none where the terms do not speak of it."""
    owed, answer = Owed(), payable(order, terms)
    if answer is None:
        return owed
    because = Because(
        rule=f"payment_method.{answer.reason}",
        clauses=answer.clauses,
        inputs=answer.inputs,
        readings=answer.readings,
        beaten=answer.beaten,
    )
    reasons = () if answer.decision == "accepted" else (answer.reason,)
    owed.add(
        Ruling(about="payment_method", decision=answer.decision, reasons=reasons, because=because)
    )
    if _left_to_a_person(order, terms):
        refuse(owed, order, JUDGED, because)
    if answer.reason == "restricted":
        ask(owed, JUDGED, because)
    words, first = answer.undelivered, _paid_first(order, terms)
    if (words or first) and order.paid < order.goods + order.freight:
        rule = "payment_method.undelivered" if words else "payment_method.paid_first"
        owed.add(Block(because=Because(rule=rule, clauses=clauses_of(words or first))))
    return owed


def _paid_first(order: OrderState, terms: Terms) -> Term[Methods] | None:
    """The words by which goods paid so are delivered only once they are paid."""
    own, payment = terms.payment_method, order.order.payment
    if own is None or payment is None or not _within(own.paid_first, payment.method):
        return None
    return own.paid_first


@question
def payable(order: OrderState, terms: Terms) -> Answer | None:
    """The first of the conditions that is not met, else accepted."""
    own, payment = terms.payment_method, order.order.payment
    if own is None or payment is None:
        return None
    for check in CHECKS:
        answer = check(order, terms, own, payment.method)
        if answer is not None:
            return answer
    return _accepted(order, terms, own, payment.method)


def may_be_paid_so(order: OrderState, terms: Terms) -> bool:
    """Whether nothing stands, or waits, against the chosen method."""
    answer = payable(order, terms)
    return answer is None or answer.decision == "accepted"


def _offered(
    order: OrderState, terms: Terms, own: PaymentMethodTerms, method: Method
) -> Answer | None:
    """Who buys in person has methods of their own, and so has who fetches the goods."""
    fetched, here = order.order.shipping.method == "pickup", order.order.channel == "in_person"
    if own.in_person is not None and order.consumer and (here or fetched):
        if method in own.in_person.value:
            return None
        if here:
            return _refused("in_person", own.in_person, method=method)
    if _offer(order, own, method) is not None or own.others is None:
        return None
    return _refused("not_offered", own.others, method=method)


def _offer(order: OrderState, own: PaymentMethodTerms, method: Method) -> Term[Offer] | None:
    """The words by which the method is offered to this customer, be it over a limit only."""
    offer: Term[Offer] | None = getattr(own, method)
    if offer is not None and (offer.value == "everyone" or not order.consumer):
        return offer
    if own.over is not None and method in own.over.value:
        return Term("everyone", own.over.clauses)
    return None


def _prohibited(
    order: OrderState, terms: Terms, own: PaymentMethodTerms, method: Method
) -> Answer | None:
    """Goods that the method's provider takes no payment for, whatever anybody decides."""
    if not _within(own.goods_of, method):
        return None
    power = own.may_reject if _within(own.may_reject, method) else None
    health = own.health if own.health and own.health.value == "prohibited" else None
    for category in _categories(order):
        if own.prohibited is not None and category in own.prohibited.value:
            return _refused("prohibited", own.goods_of, own.prohibited, power, category=category)
        if health is not None and own.health_goods and category in own.health_goods.value:
            return _refused("prohibited", own.goods_of, health, power, category=category)
    return None


def _too_small(
    order: OrderState, terms: Terms, own: PaymentMethodTerms, method: Method
) -> Answer | None:
    """Order values up to a limit are not taken; a limit for consumers leaves companies free."""
    least = own.over.value.get(method) if own.over is not None else None
    if least is None or _value(order) > least or not _bound(order, own):
        return None
    company = () if order.consumer else (own.over_binds, own.others)
    prices = {"order_price": _value(order), "least_price": least}
    return _refused("too_small", own.over, *company, **prices)


def _bound(order: OrderState, own: PaymentMethodTerms) -> bool:
    return order.consumer or own.over_binds is None or own.over_binds.value == "everyone"


def _plan(
    order: OrderState, terms: Terms, own: PaymentMethodTerms, method: Method
) -> Answer | None:
    """A credit period can be for larger orders only, and a credit needs one."""
    credit = credit_terms(order, terms)
    plan = plan_of(order, credit) if credit is not None else None
    least = plan.value.order_value_over if plan is not None else None
    value = _value(order)
    if least is not None and value <= least:
        return _refused("plan_too_small", plan, order_price=value, least_price=least)
    if _within(own.plan, method) and order.order.payment and order.order.payment.plan is None:
        return Answer(decision="pending", reason="plan", clauses=clauses_of(own.plan))
    return None


def _customer(
    order: OrderState, terms: Terms, own: PaymentMethodTerms, method: Method
) -> Answer | None:
    """Consumers of age and registered in the country; companies that are registered."""
    customer = order.order.customer
    if order.consumer and _within(own.persons, method):
        if customer.of_age is False:
            return _refused("under_age", own.persons)
        if customer.registered is False:
            return _refused("not_registered", own.persons)
    if not order.consumer and _within(own.firms, method) and customer.registered is False:
        return _refused("not_registered", own.firms)
    return None


def _by_a_person(
    order: OrderState, terms: Terms, own: PaymentMethodTerms, method: Method
) -> Answer | None:
    """After a check of card or credit, on suspicion of misuse, or for restricted goods."""
    decision, restricted = choice(order, JUDGED), _restriction(order, own, method)
    words = _checks(order, own, method)
    if decision in REFUSING and words:
        return Answer(
            decision="refused", reason="refused", clauses=clauses_of(*words),
            undelivered=own.no_delivery if _within(own.no_delivery, method) else None,
        )  # fmt: skip
    if restricted is None or decision == "accepted":
        return None
    return Answer(
        decision="pending", reason="restricted", clauses=restricted.clauses,
        readings=restricted.readings,
    )  # fmt: skip


def _left_to_a_person(order: OrderState, terms: Terms) -> bool:
    own, payment = terms.payment_method, order.order.payment
    return own is not None and payment is not None and bool(_checks(order, own, payment.method))


def _checks(order: OrderState, own: PaymentMethodTerms, method: Method) -> list[Term[Any]]:
    """The words by which a person may refuse the method."""
    checks = (own.card_check, own.invoice_check, own.credit_check, own.may_reject)
    restricted = _restriction(order, own, method)
    words: list[Term[Any]] = [restricted] if restricted is not None else []
    return words + [term for term in checks if term is not None and method in term.value]


def _restriction(
    order: OrderState, own: PaymentMethodTerms, method: Method
) -> Term[tuple[str, ...]] | None:
    """The list by which some of the goods are judged one by one."""
    if not _within(own.goods_of, method) or own.restricted is None:
        return None
    goods = _categories(order)
    if any(category in own.restricted.value for category in goods):
        return own.restricted
    if own.health_goods is None or not set(own.health_goods.value).intersection(goods):
        return None
    clauses = clauses_of(own.restricted, own.health_goods, own.health)
    return Term(own.health_goods.value, clauses, readings_of(own.health))


Check = Callable[[OrderState, Terms, PaymentMethodTerms, Method], Answer | None]
CHECKS: tuple[Check, ...] = (_offered, _prohibited, _too_small, _customer, _plan, _by_a_person)


def _accepted(
    order: OrderState, terms: Terms, own: PaymentMethodTerms, method: Method
) -> Answer | None:
    """None where no words of the terms offer the method."""
    in_person = own.in_person if order.consumer and _within(own.in_person, method) else None
    offer = _offer(order, own, method) or in_person
    if offer is None:
        return None
    credit = credit_terms(order, terms)
    plan = plan_of(order, credit) if credit is not None else None
    early = credit.early if credit is not None and credit.formed_by is None else None
    restricted = _restriction(order, own, method)
    least = own.over.value.get(method, 0) if own.over is not None else 0
    spared = own.over if _value(order) <= least else None
    return Answer(
        decision="accepted",
        reason="accepted" if early is None else "on_credit",
        clauses=clauses_of(offer, plan, early, restricted),
        inputs={"method": method},
        readings=readings_of(own.over_binds if spared else None, restricted),
        beaten=((spared.clauses[0], kronor(least), offer.clauses[0]),) if spared else (),
    )


def _within(term: Term[Methods] | None, method: Method) -> bool:
    return term is not None and method in term.value


def _refused(reason: str, *words: Term[Any] | None, **inputs: str | int | bool | None) -> Answer:
    return Answer(
        decision="refused", reason=reason, clauses=clauses_of(*words), inputs=inputs,
        readings=readings_of(*words),
    )  # fmt: skip


def _categories(order: OrderState) -> list[str]:
    """Those of the lines that are still to be delivered, by name."""
    left = {goods.category for line, goods in order.lines.items() if line not in order.struck}
    return sorted(left)


def _value(order: OrderState) -> int:
    """Goods and freight with VAT: "purchase" and "order value" have no narrower meaning."""
    return with_vat(order, order.goods + order.freight, None)


PAYMENT_METHOD = Policy(
    "payment_method",
    payment_method,
    reads=(*PAYABLE_READS, PaymentReceived),
    sections=("payment_method",),
    sentences={
        "payment_method.accepted": (
            "The order may be paid by {method}.",
            "Ordern får betalas med {method}.",
        ),
        "payment_method.on_credit": (
            "The order may be paid by {method}; paying more, or all at once, costs nothing extra.",
            "Ordern får betalas med {method}; att betala mer, eller allt på en gång, kostar inget "
            "extra.",
        ),
        "payment_method.in_person": (
            "What is bought in person is not paid by {method}.",
            "Det som köps på plats betalas inte med {method}.",
        ),
        "payment_method.not_offered": (
            "Payment by {method} is not offered to this customer.",
            "Betalning med {method} erbjuds inte den här kunden.",
        ),
        "payment_method.prohibited": (
            "No payment is taken for goods of the kind {category}; a breach can lead to suspension "
            "from the service.",
            "Ingen betalning tas emot för varor av slaget {category}; den som bryter mot det kan "
            "stängas av från tjänsten.",
        ),
        "payment_method.too_small": (
            "The order comes to {order_price}; the method is for more than {least_price}.",
            "Ordern är på {order_price}; betalningssättet är för mer än {least_price}.",
        ),
        "payment_method.plan_too_small": (
            "The order comes to {order_price}; the credit period is for more than {least_price}.",
            "Ordern är på {order_price}; kredittiden är för mer än {least_price}.",
        ),
        "payment_method.under_age": (
            "The customer has to be of age to pay so.",
            "Kunden måste vara myndig för att betala så.",
        ),
        "payment_method.not_registered": (
            "The customer has to be registered in Sweden to pay so.",
            "Kunden måste vara registrerad i Sverige för att betala så.",
        ),
        "payment_method.plan": (
            "The customer has not chosen a credit period yet.",
            "Kunden har inte valt kredittid än.",
        ),
        "payment_method.refused": (
            "A person refused payment by this method after a check.",
            "En människa nekade betalningssättet efter en kontroll.",
        ),
        "payment_method.undelivered": (
            "Nothing is delivered on credit that was refused; it is once the order is paid.",
            "Inget levereras mot kredit som nekats; det gör det när ordern är betald.",
        ),
        "payment_method.paid_first": (
            "The order is paid in advance: nothing is delivered before it is paid.",
            "Ordern betalas i förskott: inget levereras innan den är betald.",
        ),
        "payment_method.restricted": (
            "Goods of this kind are paid for so only after a person has judged the case.",
            "Varor av det här slaget betalas så först när en människa har bedömt fallet.",
        ),
    },
)
