"""What a withdrawal gives back: goods and delivery, less what the law lets the seller deduct."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from domain.calendar import add_days, day_of
from domain.facts import PaymentReceived, ReturnAssessed, WithdrawalAssessed
from domain.money import half_up
from domain.outcomes import Because, Deadline, Effect, Owed, Refund, standing
from domain.policies import returned
from domain.policies.grounds import clauses_of, distinct, readings_of, value_of
from domain.policies.policy import Policy
from domain.policies.return_costs import Deduction, deductions
from domain.policies.returned import accepted, line_returns, paid_at, released_at
from domain.policies.withdrawal_right import NOTICES, Withdrawal, bought
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.values import Term

READS = (*returned.READS, PaymentReceived, WithdrawalAssessed)
WAITING = "goods_or_proof"


@dataclass(slots=True, frozen=True)
class Share:
    """A withdrawal's part of goods and delivery price, in öre."""

    one: Withdrawal
    goods: int
    delivery: int
    extra: int
    """Delivery beyond the seller's standard one, which is not given back; zero or negative."""

    @property
    def gross(self) -> int:
        return self.goods + self.delivery + self.extra


def withdrawal_refund(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """One refund a notice, of no more than was paid, and its last day."""
    owed = Owed()
    found = accepted(order, terms)
    unpaid = max(0, _price(order, terms) - order.paid)
    for share in shares(order, terms, found):
        free = min(unpaid, share.gross)
        unpaid -= free
        if free < share.gross:
            _refund(owed, order, terms, found, share, free, now)
    return owed


def _refund(
    owed: Owed, order: OrderState, terms: Terms, found: Sequence[Withdrawal], share: Share,
    unpaid: int, now: datetime,
) -> None:  # fmt: skip
    one = share.one
    less = deductions(order, terms, found, one)
    entries = (
        ("goods", share.goods), ("delivery", share.delivery), ("extra_delivery", share.extra),
        ("unpaid", -unpaid), *((entry.name, -entry.amount) for entry in less),
    )  # fmt: skip
    breakdown = tuple((name, amount) for name, amount in entries if amount)
    amount = sum(amount for _, amount in breakdown)
    if amount <= 0:
        return
    due, withheld = _due(order, terms, found, one)
    because = _because(order, terms, share, less, breakdown)
    owed.add(
        Refund(
            kind="withdrawal", amount=amount, breakdown=breakdown, due=due, withheld=withheld,
            withheld_until=WAITING if withheld else None, line=_line(one), cause=one.id,
            because=because,
        )
    )  # fmt: skip
    if due is not None and not withheld:
        state = standing(due, paid_at(order, found, one), now)
        owed.add(
            Deadline(kind="refund", due=due, party="seller", state=state, amount=amount,
                     cause=one.id, because=because)
        )  # fmt: skip


def _line(one: Withdrawal) -> str | None:
    """The line, where a notice is about one alone."""
    lines = tuple(one.accepted)
    return lines[0] if len(lines) == 1 else None


# -- goods and delivery ---------------------------------------------------------------------------


def shares(order: OrderState, terms: Terms, found: Sequence[Withdrawal]) -> list[Share]:
    """What each withdrawal has of the order, in order of time; the parts add up to the whole."""
    whole = bought(order, terms)
    gone = dict.fromkeys(whole, 0)
    before = 0
    result = []
    for one in found:
        alone = all(one.accepted.get(line, 0) >= count for line, count in whole.items())
        for line, count in one.accepted.items():
            gone[line] = gone.get(line, 0) + count
        sent = _delivery(order, terms, whole, gone, alone=alone)
        goods = sum(order.value(line, count) for line, count in one.accepted.items())
        extra = _extra(order, terms, sent) - _extra(order, terms, before)
        result.append(Share(one, goods, sent - before, extra))
        before = sent
    return result


def _price(order: OrderState, terms: Terms) -> int:
    """What the pieces and their delivery cost, in öre."""
    pieces = bought(order, terms)
    return sum(order.value(line) for line in pieces) + (order.freight if pieces else 0)


def _delivery(
    order: OrderState, terms: Terms, whole: dict[str, int], gone: dict[str, int], *, alone: bool
) -> int:
    """How much of the delivery price goes back once these pieces are gone, in öre.

    With the whole order all of it (DAL 2:14), with a part what the terms say, else nothing.
    """
    own = terms.returns
    everything = all(gone[line] >= count for line, count in whole.items())
    if everything:
        apart = value_of(own.last_part if own else None, "whole_order") == "separate"
        return order.freight if alone or not apart else 0
    rule = value_of(own.part_delivery if own else None, "not_refunded")
    if rule == "pro_rata_value":
        worth = sum(order.value(line, count) for line, count in whole.items())
        back = sum(order.value(line, count) for line, count in gone.items())
        return half_up(Fraction(order.freight * back, worth)) if worth else 0
    if rule == "per_line":
        parts = sum(Fraction(gone[line], count) for line, count in whole.items())
        return half_up(Fraction(order.freight) * parts / len(whole))
    return 0


def _extra(order: OrderState, terms: Terms, sent: int) -> int:
    """The part of a delivery price that the customer's choice of a dearer way caused, negative."""
    standard, own = order.order.shipping.standard_price, terms.returns
    if value_of(own.extra_delivery if own else None, "kept") == "refunded":
        return 0
    if standard is None or standard >= order.freight or not sent:
        return 0
    return -half_up(Fraction(sent * (order.freight - standard), order.freight))


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


def _because(
    order: OrderState, terms: Terms, share: Share, less: Sequence[Deduction],
    breakdown: tuple[tuple[str, int], ...],
) -> Because:  # fmt: skip
    own, law = terms.returns, terms.law.withdrawal
    words: list[Term[Any] | None] = []
    if own:
        words = [own.refund_days, own.refund_from, own.withholding, own.delivery]
    if own and not share.delivery and order.freight:
        words += [own.part_delivery, own.last_part]
    if own and share.delivery:
        words += [own.last_part, own.part_delivery if own.extra_delivery else None]
    standard = order.order.shipping.standard_price
    dearer = bool(share.delivery) and standard is not None and order.freight > standard
    if own:
        words += [own.own_cost, own.extra_delivery if dearer else None]
    statutes = law.refund_days.clauses if order.consumer else ()
    if order.consumer:
        dear = law.deductions.clauses if dearer else ()
        statutes = (*statutes, *law.return_days.clauses, *dear)
    marks: tuple[tuple[str, Effect], ...] = tuple((one, "applies") for one in statutes)
    return Because(
        rule="withdrawal_refund.due",
        clauses=distinct(clauses_of(*words), *(entry.clauses for entry in less), statutes),
        inputs={
            "lines": ", ".join(share.one.accepted),
            "told": share.one.at.isoformat(),
            "goods_amount": share.goods,
        },
        steps=breakdown,
        readings=distinct(readings_of(*words), *(entry.readings for entry in less)),
        statutes=distinct(marks, *(entry.statutes for entry in less)),
        beaten=distinct(*(entry.beaten for entry in less)),
    )


WITHDRAWAL_REFUND = Policy(
    "withdrawal_refund",
    withdrawal_refund,
    reads=READS,
    starts=NOTICES,
    sentences={
        "withdrawal_refund.due": (
            "Withdrawn on {told} from {lines}: the price and its delivery go back.",
            "Köpet av {lines} ångrades {told}: pris och frakt betalas tillbaka.",
        ),
    },
)
