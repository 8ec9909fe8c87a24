"""A customer over the credit limit, or with an overdue invoice, is delivered nothing."""

from datetime import datetime
from typing import Any

from domain.facts import AccountSettled, CreditLimitExceeded, InvoiceOverdue, Shipped
from domain.outcomes import Because, Block, Owed
from domain.policies import debt
from domain.policies.debt import Debt, debts
from domain.policies.leaving import cancelled_at
from domain.policies.policy import Policy
from domain.policies.promise import awaited_lines
from domain.policies.release import released_lines
from domain.policies.report import lines_in
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.credit_stop import CreditStopTerms, Ground


def credit_stop(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """Stopped from the ledger's word, or the order's own unpaid due day, until it is settled."""
    owed, own = Owed(), terms.credit_stop
    if own is None:
        return owed
    ground, since = _told(order, own) or _own(owed, order, terms, own, now) or (None, None)
    if ground is not None and since is not None:
        because = Because(
            rule=f"credit_stop.{ground}",
            clauses=own.grounds.clauses,
            inputs={"since": since.isoformat()},
        )
        owed.add(Block(because=because))
    return owed


def _told(order: OrderState, own: CreditStopTerms) -> tuple[Ground, datetime] | None:
    """The first of the ledger's words since the account was last settled."""
    settled = order.last(AccountSettled)
    words: list[tuple[Ground, list[Told[Any]]]] = [
        ("credit_limit_exceeded", list(order.all(CreditLimitExceeded))),
        ("invoice_overdue", list(order.all(InvoiceOverdue))),
    ]
    stops = [
        (told.place, ground, told.at)
        for ground, found in words
        for told in found
        if ground in own.grounds.value and (settled is None or told.place > settled.place)
    ]
    return min(stops)[1:] if stops else None


def _own(
    owed: Owed, order: OrderState, terms: Terms, own: CreditStopTerms, now: datetime
) -> tuple[Ground, datetime] | None:
    """An invoice of this order that is due and unpaid, while goods of it are still to be sent."""
    if "invoice_overdue" not in own.grounds.value or not _is_awaited(order, terms):
        return None
    settled = order.last(AccountSettled)
    late: list[datetime] = []
    for one in debts(order, terms):
        if _is_open(one) and now < one.late_from:
            owed.again_at(one.late_from)
        elif one.overdue(now) and (settled is None or settled.at < one.late_from):
            late.append(one.late_from)
    return ("invoice_overdue", min(late)) if late else None


def _is_open(one: Debt) -> bool:
    return one.amount > 0 and one.ended_at is None


def _is_awaited(order: OrderState, terms: Terms) -> bool:
    parcels = [one for one in order.parcels.values() if one.last(Shipped) is not None]
    sent = {line for parcel in parcels for line in lines_in(order, parcel)}
    gone = {*released_lines(order, terms), *cancelled_at(order, terms)}
    return any(line not in sent and line not in gone for line in awaited_lines(order))


CREDIT_STOP = Policy(
    "credit_stop",
    credit_stop,
    reads=(*debt.READS, Shipped, CreditLimitExceeded, InvoiceOverdue, AccountSettled),
    sections=("credit_stop",),
    sentences={
        "credit_stop.credit_limit_exceeded": (
            "The credit limit is exceeded since {since}; nothing is delivered until that ends.",
            "Kreditgränsen är överskriden sedan {since}; inget levereras förrän det är löst.",
        ),
        "credit_stop.invoice_overdue": (
            "A due invoice is unpaid since {since}; nothing is delivered until it is settled.",
            "En förfallen faktura är obetald sedan {since}; inget levereras förrän den betalats.",
        ),
    },
)
