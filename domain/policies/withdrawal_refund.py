"""What a withdrawal gives back: goods and delivery, less what the law lets the seller deduct."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from domain.calendar import add_days, day_of
from domain.facts import RefundPaid, ReturnAssessed, ReturnSent, WithdrawalAssessed
from domain.outcomes import Because, Deadline, Effect, Owed, Refund, standing
from domain.policies import returned
from domain.policies import shares as parts
from domain.policies.grounds import clauses_of, distinct, readings_of, value_of
from domain.policies.policy import Policy
from domain.policies.return_costs import Deduction, deductions, is_free
from domain.policies.returned import (
    accepted, line_returns, named_notice, released_at, returns_of,
)  # fmt: skip
from domain.policies.shares import Share, share_of
from domain.policies.withdrawal_right import NOTICES, Withdrawal
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.values import Term

READS = (*returned.READS, *parts.READS, WithdrawalAssessed)
WAITING = "goods_or_proof"


def withdrawal_refund(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """One refund a notice, of no more than was paid, and its last day."""
    owed, refunds = Owed(), list[tuple[Withdrawal, Refund]]()
    found = accepted(order, terms)
    for one in found:
        share = share_of(order, terms, "withdrawn", one.message.told)
        refund = _refund(order, terms, found, one, share) if share and share.paid > 0 else None
        if refund is not None:
            owed.add(refund)
            refunds.append((one, refund))
    settled = _settled(order, refunds)
    for one, refund in refunds:
        if refund.due is not None and not refund.withheld:
            state = standing(refund.due, settled.get(one.id), now)
            owed.add(
                Deadline(kind="refund", due=refund.due, party="seller", state=state,
                         amount=refund.amount, cause=one.id, because=refund.because)
            )  # fmt: skip
    return owed


def _settled(
    order: OrderState, refunds: Sequence[tuple[Withdrawal, Refund]]
) -> dict[str, datetime]:
    """Notice -> when its refund had been paid in whole, by payments that name it or none."""
    settled: dict[str, datetime] = {}
    left = {one.id: refund.amount for one, refund in refunds}
    for told in order.all(RefundPaid):
        rest, cause = told.fact.amount, named_notice(told.fact)
        for one, _ in refunds:
            if cause not in ("", one.id) or one.at > told.at or one.id in settled:
                continue
            share = min(rest, left[one.id])
            rest, left[one.id] = rest - share, left[one.id] - share
            if not left[one.id]:
                settled[one.id] = told.at
    return settled


def _refund(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal, share: Share
) -> Refund | None:
    less = deductions(order, terms, found, one)
    entries = (
        ("goods", share.goods), ("delivery", share.delivery), ("extra_delivery", share.extra),
        ("unpaid", -share.unpaid), *((entry.name, -entry.amount) for entry in less),
    )  # fmt: skip
    breakdown = tuple((name, amount) for name, amount in entries if amount)
    amount = sum(amount for _, amount in breakdown)
    if amount <= 0:
        return None
    due, withheld = _due(order, terms, found, one)
    return Refund(
        kind="withdrawal", amount=amount, breakdown=breakdown, due=due, withheld=withheld,
        withheld_until=WAITING if withheld else None, line=_line(one), cause=one.id,
        because=_because(order, terms, found, one, share, less, breakdown),
    )  # fmt: skip


def _line(one: Withdrawal) -> str | None:
    """The line, where a notice is about one alone."""
    lines = tuple(one.accepted)
    return lines[0] if len(lines) == 1 else None


# -- when -----------------------------------------------------------------------------------------


def _due(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> tuple[date | None, bool]:
    """The last day of the refund, and whether it still waits for goods or proof of sending."""
    own, law = terms.returns, terms.law.withdrawal
    days = value_of(own.refund_days if own else None, law.refund_days.value)
    if order.consumer:
        days = min(days, law.refund_days.value)
    needed, released = released_at(order, found, one)
    if value_of(own.refund_from if own else None, "from_notice") == "from_acceptance" and needed:
        taken = _accepted_at(order, found, one)
        return (None, True) if taken is None else (add_days(day_of(taken), days), False)
    due = add_days(day_of(one.at), days)
    if not needed or value_of(own.withholding if own else None, "statutory") == "none":
        return due, False
    return (due, True) if released is None else (max(due, day_of(released)), False)


def _accepted_at(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal
) -> datetime | None:
    """When the goods were received and, where somebody said so, accepted."""
    _, received = released_at(order, found, one, proof=False)
    judged = [
        told.at for line in one.accepted
        for told in line_returns(order, found, one, line, ReturnAssessed)
    ]  # fmt: skip
    return max([received, *judged]) if received is not None else None


def _way_back(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal
) -> list[Term[Any] | None]:
    """What is said of postage, proof of sending and approval, as far as it was at work."""
    own, sent = terms.way_back, returns_of(order, found, one, ReturnSent)
    if own is None:
        return []
    posted = any(told.fact.label != "prepaid" for told in sent) and not is_free(order, terms)
    proven = any(told.fact.proof for told in sent)
    waits = own.approval is not None and own.approval.value == "from_acceptance"
    return [
        own.postage if posted else None, own.receipt if proven else None,
        own.approval if waits else None,
    ]  # fmt: skip


def _because(
    order: OrderState, terms: Terms, found: Sequence[Withdrawal], one: Withdrawal, share: Share,
    less: Sequence[Deduction], breakdown: tuple[tuple[str, int], ...],
) -> Because:  # fmt: skip
    own, law = terms.returns, terms.law.withdrawal
    words: list[Term[Any] | None] = []
    if own:
        words = [own.refund_days, own.refund_from, own.withholding, own.delivery, own.means]
    if own and not share.delivery and order.freight:
        words += [own.part_delivery, own.last_part]
    if own and share.delivery:
        words += [own.last_part, own.part_delivery if own.extra_delivery else None]
    standard = order.order.shipping.standard_price
    dearer = bool(share.delivery) and standard is not None and order.freight > standard
    if own:
        words += [own.own_cost, own.extra_delivery if dearer else None]
    words += _way_back(order, terms, found, one)
    statutes = law.refund_days.clauses if order.consumer else ()
    if order.consumer:
        dear = law.deductions.clauses if dearer else ()
        statutes = (*statutes, *law.return_days.clauses, *dear)
    marks: tuple[tuple[str, Effect], ...] = tuple((name, "applies") for name in statutes)
    return Because(
        rule="withdrawal_refund.due",
        clauses=distinct(clauses_of(*words), *(entry.clauses for entry in less), statutes),
        inputs={
            "lines": ", ".join(one.accepted),
            "told": one.at.isoformat(),
            "goods_amount": share.goods,
            **dict(figure for entry in less for figure in entry.figures),
        },
        steps=breakdown,
        readings=distinct(readings_of(*words), *(entry.readings for entry in less)),
        statutes=distinct(marks, *(entry.statutes for entry in less)),
        beaten=distinct(*(entry.beaten for entry in less), _unapproved(order, terms)),
    )


def _unapproved(order: OrderState, terms: Terms) -> tuple[tuple[str, str, str], ...]:
    """A refund that would wait for goods that were accepted falls for a consumer (DAL 2:14)."""
    own = terms.way_back.approval if terms.way_back else None
    if own is None or own.value == "from_acceptance" or not order.consumer:
        return ()
    law = terms.law.withdrawal.refund_days.clauses[0]
    return tuple((one, "from_acceptance", law) for one in own.clauses)


WITHDRAWAL_REFUND = Policy(
    "withdrawal_refund",
    withdrawal_refund,
    reads=READS,
    starts=NOTICES,
    sentences={
        "withdrawal_refund.due": (
            "Withdrawn on {told} from {lines}: the amount is paid back.",
            "Köpet av {lines} ångrades {told}: beloppet betalas tillbaka.",
        ),
    },
)
