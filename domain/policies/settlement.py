"""Refunds that were paid are never un-happened: what was paid and is not owed waits for a person.

When a paid refund is no longer owed, its reversal is a claim on the customer, and a person decides
what becomes of it; it is never a fee (DESIGN.md section 1).
"""

from collections.abc import Iterable

from domain.facts import RefundPaid
from domain.outcomes import Because, Owed, Refund
from domain.policies.discretion import Question, ask, decided, refuse
from domain.policies.policy import Sentences
from domain.state import OrderState

SETTLEMENT = "settlement"
SENTENCES: Sentences = {
    "settlement.overpaid": (
        "{paid} has been paid back, but only {owed_amount} is owed.",
        "{paid} har betalats tillbaka, men bara {owed_amount} ska betalas.",
    ),
}


def settlement(order: OrderState, refunds: Iterable[Refund]) -> Owed:
    """A decision about `refund` while more has been paid back than all refunds come to.

    Who claims it without an amount claims all of it.
    """
    owed = Owed()
    paid = sum(told.fact.amount for told in order.all(RefundPaid))
    due = sum(refund.amount for refund in refunds)
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
