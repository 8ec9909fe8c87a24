"""What of an order's refunds and invoices is still to be paid, in öre and with VAT.

The ledger says how much: nobody is to be paid back more than 2420 holds, nor to pay more, once it
is late, than is on 1510. What each refund and invoice has of it follows from the payments.
"""

from collections.abc import Sequence
from datetime import date

from adapters.asking import Answer
from domain.facts import InvoiceIssued, PaymentReceived, RefundPaid
from domain.money import divided
from domain.outcomes import Deadline, Refund
from domain.policies.debt import with_vat
from projections.books import gross
from projections.dossier import refund_stands
from projections.posting_rules import ADVANCE, RECEIVABLE


def balance(found: Answer, account: int) -> int:
    """What is on an account, in the order's currency; debits are positive."""
    return found.balances.get(found.row["currency"], {}).get(account, 0)


def unpaid(found: Answer) -> int:
    """What of an order's refunds is to be paid back."""
    return sum(refunds_left(found).values())


def refunds_left(found: Answer) -> dict[str, int]:
    """Refund, by its key -> what of it is to be paid back, and is not set off: the oldest first."""
    refunds = _oldest_first(found)
    held, left = -balance(found, ADVANCE), dict[str, int]()
    for item, rest in zip(refunds, _rests(found, refunds), strict=True):
        whole = gross(found.state, refund_stands(item))
        left[item.key] = min(divided(whole * rest, item.amount), held) if rest else 0
        held -= left[item.key]
    if found.state.order.prices == "excluding_vat" and held <= len(found.state.lines):
        for key in [key for key, rest in left.items() if rest][-1:]:
            left[key] += held  # the VAT of each line was rounded by itself
    return left


def _oldest_first(found: Answer) -> list[Refund]:
    """Refunds in the order in which they are to be paid: those that were paid in time, then those
    that have a last day.
    """
    met = {item.cause for item in found.outcomes
           if isinstance(item, Deadline) and item.kind == "refund" and item.state == "met"}  # fmt: skip
    refunds = [item for item in found.outcomes if isinstance(item, Refund)]
    refunds.sort(key=lambda item: (item.cause not in met, item.due or date.max))
    return refunds


def _rests(found: Answer, refunds: Sequence[Refund]) -> list[int]:
    """What no payment covers of each refund, as the order's prices say. A payment goes to what it
    names, and what is left of it to the oldest.
    """
    rests, over = [item.amount for item in refunds], 0
    for told in found.state.all(RefundPaid):
        over += told.fact.amount
        for place, item in enumerate(refunds):
            if told.fact.refund in (item.kind, f"{item.kind}:{item.subject}"):
                ...
    return rests


def refund_of(item: Deadline, refunds: Sequence[Refund]) -> str | None:
    ...
