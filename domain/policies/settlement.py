"""Refunds that were paid are never un-happened: what was paid and is not owed waits for a person.

When a paid refund is no longer owed, its reversal is a claim on the customer, and a person decides
what becomes of it; it is never a fee (DESIGN.md section 1).

Nor does goodwill count towards what terms and statutes give back later: both are owed. Where they
come to more than was paid, a person says that this is meant, or takes the goodwill back.
"""

from collections.abc import Iterable

from domain.facts import RefundPaid
from domain.outcomes import Because, Owed, Refund
from domain.policies.discretion import Question, ask, decided, refuse
from domain.policies.goodwill import REFUNDS as BESIDE
from domain.policies.policy import Sentences
from domain.state import OrderState

SETTLEMENT = "settlement"
SENTENCES: Sentences = {
    "settlement.overpaid": (
        "{paid} has been paid back, but only {owed_amount} is owed.",
        "{paid} har betalats tillbaka, men bara {owed_amount} ska betalas.",
    ),
    "settlement.more_than_paid": (
        "{given_amount} of goodwill and {owed_amount} of other refunds are owed, together more "
        "than the {paid} that was paid.",
        "{given_amount} av goodwill och {owed_amount} i andra återbetalningar ska betalas, "
        "tillsammans mer än de {paid} som har betalats.",
    ),
}


def settlement(order: OrderState, refunds: Iterable[Refund]) -> Owed:
    """A decision about `refund` while more has been paid back than all refunds come to, and one
    about `more_than_paid` while these are more than was paid and goodwill is among them.

    Who claims it without an amount claims all of it.
    """
    owed, given, due = Owed(), 0, 0
    for refund in refunds:
        due += refund.amount
        given += refund.amount if refund.kind in BESIDE else 0
    paid = sum(told.fact.amount for told in order.all(RefundPaid))
    if given and due > order.paid:
        _more_than_paid(owed, order, given, due - given)
    if paid > due:
        because = Because(
            rule="settlement.overpaid",
            clauses=(),
            inputs={"paid": paid, "owed_amount": due},
        )
        question = Question(
            about="refund", choices=("claim", "waive"), bounds=(0, paid - due), usual=paid - due
        )
        refuse(owed, order, question, because)
        if decided(order, question) is None:
            ask(owed, question, because)
    return owed


def _more_than_paid(owed: Owed, order: OrderState, given: int, others: int) -> None:
    because = Because(
        rule="settlement.more_than_paid",
        clauses=(),
        inputs={"given_amount": given, "owed_amount": others, "paid": order.paid},
    )
    question = Question(about="more_than_paid", choices=("keep",))
    refuse(owed, order, question, because)
    if decided(order, question) is None:
        ask(owed, question, because)
