"""What of an order's refunds and invoices is still to be paid, in öre and with VAT.

The ledger says how much: nobody is paid back more than 2420 holds, and what is late is no more than
is on 1510. How much of it is of which refund or invoice follows from the payments.
"""

from adapters.asking import Answer
from domain.facts import InvoiceIssued, PaymentReceived
from domain.money import divided
from domain.outcomes import Deadline, Refund
from domain.policies.debt import with_vat
from projections.books import gross, repaid
from projections.dossier import refund_stands
from projections.posting_rules import ADVANCE
from projections.repaid import oldest_first, pay, rests


def balance(found: Answer, account: int) -> int:
    """What is on an account, in the order's currency; debits are positive."""
    return found.balances.get(found.row["currency"], {}).get(account, 0)


# -- to be paid back ------------------------------------------------------------------------------


def unpaid(found: Answer) -> int:
    """What of an order's refunds is to be paid back, and is not set off."""
    refunds = [item for item in found.outcomes if isinstance(item, Refund)]
    whole = sum(gross(found.state, refund_stands(item)) for item in refunds)
    held, left = -balance(found, ADVANCE), max(whole - repaid(found.state), 0)
    return held if left and held - left <= _roundings(found) else min(held, left)


def refunds_left(found: Answer) -> list[tuple[Refund, int]]:
    """Refunds that were not paid in whole, and what of each is to be paid back: the oldest has
    first what there is, and the last what VAT leaves over.
    """
    refunds = oldest_first((one for one in found.outcomes if isinstance(one, Refund)), found.state)
    priced = [pair for pair in zip(refunds, rests(refunds, found.state), strict=True) if pair[1]]
    left, lefts = unpaid(found), list[tuple[Refund, int]]()
    for item, rest in priced:
        whole = divided(gross(found.state, refund_stands(item)) * rest, item.amount)
        share = left if item is priced[-1][0] else min(whole, left)
        lefts.append((item, share))
        left -= share
    return lefts


def left_by_day(found: Answer) -> list[tuple[Deadline, int]]:
    """Each last day of a refund that was not paid by it, or is yet to be, and what is left."""
    days = [
        item for item in found.outcomes
        if isinstance(item, Deadline) and item.kind == "refund" and item.state != "met"
    ]  # fmt: skip
    lefts: list[tuple[Deadline, int]] = []
    for refund, left in refunds_left(found):
        of = next((day for day in days if (day.cause, day.due) == (refund.cause, refund.due)), None)
        if of is not None:
            days.remove(of)
            lefts.append((of, left))
    return lefts


def _roundings(found: Answer) -> int:
    """How far postings may be off a refund: where VAT is put on top, each line's was rounded."""
    return len(found.state.lines) if found.state.order.prices == "excluding_vat" else 0


# -- to be paid on invoices -----------------------------------------------------------------------


def invoices_left(found: Answer) -> list[tuple[Deadline, int]]:
    """Each last day of an invoice that is not paid, and what is left of it, the oldest first.

    A payment that names no invoice counts towards the oldest that is not paid.
    """
    state = found.state
    days = [
        item for item in found.outcomes
        if isinstance(item, Deadline) and item.kind == "payment" and item.invoice in state.invoices
    ]  # fmt: skip
    days.sort(key=lambda item: state.invoices[item.invoice or ""].all(InvoiceIssued)[-1].place)
    left, over = [item.amount for item in days], 0
    for told in state.all(PaymentReceived):
        amount = with_vat(state, told.fact.amount, told.fact.vat)
        named = [place for place, item in enumerate(days) if item.invoice == told.fact.invoice]
        rest = pay(left, named, amount)
        over += rest if told.fact.invoice is None else 0
    pay(left, range(len(left)), over)
    return [(item, rest) for item, rest in zip(days, left, strict=True) if item.state != "met"]
