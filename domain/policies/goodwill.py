"""What a person gives or asks beside the terms: goodwill, freight given back, a fee agreed on.

No clause asks for these and none forbids them. They count up to a bound that follows from the order
as it was when they were decided: nobody is paid back more than was paid, nor more freight than was
charged, and the fees that the customer agreed to are at most what the order comes to. What is owed
back later, by a return for instance, takes nothing of it away; where both come to more than was
paid, a person is asked (`settlement`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.facts import DiscretionExercised, RefundPaid
from domain.outcomes import Because, Fee, Owed, Refund, Ruling
from domain.policies.policy import Policy
from domain.policies.seller_return import vat_of
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.vocabulary import FACTS

GOODWILL, FREIGHT, AGREED_FEE = "goodwill", "freight", "agreed_fee"
DECISIONS = {GOODWILL: "accepted", FREIGHT: "accepted", AGREED_FEE: "charge"}
"""What a decision is about, and the word that makes it count."""
NAME = "goodwill"
REFUNDS = (GOODWILL, "freight_goodwill")
"""The refunds that are given beside the terms."""
CHARGED = ("shipping", "reship_freight")
"""Fees that are freight."""
GIVEN_BACK = "delivery"
"""The part of a refund that is the freight of the order."""


@dataclass(slots=True, frozen=True)
class Room:
    """The money of an order at the time of a decision, in öre; `whole` is what it comes to.

    What is due beside the terms is counted in neither `due` nor `freight_due`; `repaid` is all that
    was paid back.
    """

    whole: int
    paid: int
    due: int
    repaid: int
    freight: int
    freight_due: int


@dataclass(slots=True)
class Given:
    """What decisions beside the terms came to so far."""

    items: list[Refund | Fee | Ruling] = field(default_factory=list)
    refunds: int = 0
    freight: int = 0
    fees: int = 0

    def most(self, about: str, room: Room) -> int:
        """The bound of the next decision."""
        if about == AGREED_FEE:
            return max(room.whole - self.fees, 0)
        left = max(room.paid - max(room.due + self.refunds, room.repaid), 0)
        freight = max(room.freight - room.freight_due - self.freight, 0)
        return left if about == GOODWILL else min(left, freight)


def beside(others: tuple[Policy, ...]) -> Policy:
    """The policy of what is decided beside what the `others` say is owed."""

    def goodwill(order: OrderState, terms: Terms, now: datetime) -> Owed:
        owed, given = Owed(), Given()
        for told in order.all(DiscretionExercised):
            if told.fact.about in DECISIONS:
                _decide(given, order, told, _room(order, terms, told, others))
        for item in given.items:
            owed.add(item)
        return owed

    return Policy(NAME, goodwill, reads=FACTS, starts=(DiscretionExercised,), sentences=SENTENCES)


def _room(
    order: OrderState, terms: Terms, told: Told[Any], others: Iterable[Policy]
) -> Room:  # fmt: skip
    """The order as it was when a person decided: what had been paid, and what was owed back."""
    facts = sorted(
        (one for one in order.every() if one.at <= told.at),
        key=lambda one: one.place,
    )
    then = OrderState(facts, id=order.id)
    if then.data is None:
        return Room(0, 0, 0, 0, 0, 0)
    then.kind = order.kind
    items = [
        item
        for policy in others
        if policy.concerns(then, terms)
        for item in policy(then, terms, told.at)
    ]
    refunds = [item for item in items if isinstance(item, Refund)]
    charged = (item.amount for item in items if isinstance(item, Fee) and item.kind in CHARGED)
    parts = (part for refund in refunds for part in refund.breakdown)
    return Room(
        whole=then.goods + then.freight,
        paid=then.paid,
        due=sum(refund.amount for refund in refunds),
        repaid=sum(one.fact.amount for one in then.all(RefundPaid)),
        freight=then.freight + sum(charged),
        freight_due=sum(amount for name, amount in parts if name == GIVEN_BACK and amount > 0),
    )


def _decide(given: Given, order: OrderState, told: Told[Any], room: Room) -> None:
    """Give what a decision gives, or refuse it with its bound."""
    fact = told.fact
    most, rule = given.most(fact.about, room), ""
    if fact.decision != DECISIONS[fact.about]:
        rule = "goodwill.word"
    elif not fact.amount:
        rule = "goodwill.unsaid"
    elif fact.amount > most:
        rule = f"goodwill.{fact.about}_bound"
    if rule:
        given.items.append(_refused(told, rule, most))
    elif fact.about == AGREED_FEE:
        given.fees += fact.amount
        because = Because(
            rule="goodwill.agreed_fee", clauses=(), steps=((AGREED_FEE, fact.amount),)
        )
        given.items.append(
            Fee(kind=AGREED_FEE, amount=fact.amount, vat=vat_of(order), cause=told.id,
                because=because)
        )  # fmt: skip
    else:
        _give(given, told)


def _give(given: Given, told: Told[Any]) -> None:
    fact, freight = told.fact, told.fact.about == FREIGHT
    given.refunds += fact.amount
    given.freight += fact.amount if freight else 0
    part = GIVEN_BACK if freight else GOODWILL
    given.items.append(
        Refund(
            kind=REFUNDS[freight], amount=fact.amount,
            breakdown=((part, fact.amount),), cause=told.id,
            because=Because(
                rule=f"goodwill.{fact.about}", clauses=(), steps=((part, fact.amount),)
            ),
        )
    )  # fmt: skip


def _refused(told: Told[Any], rule: str, most: int) -> Ruling:
    inputs: dict[str, Any] = {"about": told.fact.about, "decision": told.fact.decision}
    if rule == "goodwill.word":
        inputs["word"] = DECISIONS[told.fact.about]
    elif rule != "goodwill.unsaid":
        inputs |= {"decided_amount": told.fact.amount, "most_amount": most}
    return Ruling(
        about="discretion", decision="refused", reasons=("out_of_bounds",), cause=told.id,
        because=Because(rule=rule, clauses=(), inputs=inputs),
    )  # fmt: skip


SENTENCES = {
    "goodwill.goodwill": (
        "The seller gives this back beside the terms, out of goodwill.",
        "Säljaren ger tillbaka detta vid sidan av villkoren, av goodwill.",
    ),
    "goodwill.freight": (
        "The seller gives freight back beside the terms.",
        "Säljaren ger tillbaka frakt vid sidan av villkoren.",
    ),
    "goodwill.agreed_fee": (
        "The customer agreed to this fee beside the terms.",
        "Kunden har gått med på denna avgift vid sidan av villkoren.",
    ),
    "goodwill.goodwill_bound": (
        "{decided_amount} out of goodwill is more than the {most_amount} that the customer had "
        "paid and was not to get back then.",
        "{decided_amount} av goodwill är mer än de {most_amount} som kunden då hade betalat och "
        "inte skulle få tillbaka.",
    ),
    "goodwill.freight_bound": (
        "{decided_amount} of freight is more than the {most_amount} that the customer had been "
        "charged for freight, had paid and was not to get back then.",
        "{decided_amount} i frakt är mer än de {most_amount} som kunden då hade debiterats i "
        "frakt, hade betalat och inte skulle få tillbaka.",
    ),
    "goodwill.agreed_fee_bound": (
        "An agreed fee of {decided_amount} is more than the {most_amount} that the order comes to "
        "beside fees that were agreed on already.",
        "En avtalad avgift på {decided_amount} är mer än de {most_amount} som ordern uppgår till "
        "utöver avgifter som redan avtalats.",
    ),
    "goodwill.unsaid": (
        "The decision about {about} names no amount.",
        "Beslutet om {about} anger inget belopp.",
    ),
    "goodwill.word": (
        "The decision {decision} about {about} counts only as {word}.",
        "Beslutet {decision} om {about} gäller bara som {word}.",
    ),
}
