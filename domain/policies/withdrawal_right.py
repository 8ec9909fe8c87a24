"""Whether a message withdraws from a line of the order, decided by what bars it first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from domain.facts import (
    CancellationRequested, DiscretionExercised, ReturnReceived, ReturnSent, RmaIssued,
    WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Effect
from domain.policies import exclusion as excluded
from domain.policies.discretion import Question, choice
from domain.policies.exclusion import exclusion, is_named
from domain.policies.grounds import Readings, clauses_of, distinct, readings_of, value_of
from domain.policies.withdrawal_period import Period, open_purchase, withdrawal_period
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.values import Term

READS = (*excluded.READS, RmaIssued, DiscretionExercised)
Ground = Literal["withdrawal", "open_purchase", "goodwill"]


NOTICES = (WithdrawalNotified, CancellationRequested, ReturnSent, ReturnReceived)
"""Facts without one of which nothing is withdrawn from."""


@dataclass(slots=True, frozen=True)
class Message:
    """What counts as a notice of withdrawal: who told it, from when, for how many pieces a line."""

    told: Told[Any]
    at: datetime
    asked: Mapping[str, int]
    kind: Literal["notice", "cancellation", "silent"] = "notice"

    @property
    def id(self) -> str:
        return self.told.id


@dataclass(slots=True, frozen=True, kw_only=True)
class Verdict:
    """Why a line of a notice is accepted (`ground`) or refused (`reason`), and by what."""

    ground: Ground | None
    reason: str
    clauses: tuple[str, ...]
    readings: Readings = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class Withdrawal:
    """One notice and its verdict on each line that it newly covers."""

    message: Message
    pieces: Mapping[str, int]
    verdicts: Mapping[str, Verdict]

    @property
    def id(self) -> str:
        return self.message.id

    @property
    def at(self) -> datetime:
        return self.message.at

    @property
    def accepted(self) -> dict[str, int]:
        """The pieces that the customer has withdrawn from."""
        return {line: count for line, count in self.pieces.items() if self.verdicts[line].ground}


# -- the verdict on a line ------------------------------------------------------------------------


def verdict(
    order: OrderState, terms: Terms, message: Message, line: str, start: datetime | None
) -> Verdict:
    """Whether a message withdraws from a line; `start`: from when the period runs, if it does."""
    barred = _no_right(order, terms) or _no_message(terms, message)
    goods = exclusion(order, terms, line)
    named = withdrawal_period(
        order, terms, start, message.at, named=named_after_statutory(terms, order, line)
    )
    further = open_purchase(order, terms, start)
    if barred is None and goods.reason is not None:
        barred = Verdict(ground=None, reason=goods.reason, clauses=goods.clauses,
                         readings=goods.readings, statutes=goods.statutes)  # fmt: skip
    in_open = further is not None and further.holds(message.at)
    if barred is None and named.holds(message.at):
        return _accepted(order, terms, message, "withdrawal", named, goods)
    if further is not None and in_open and (barred is None or barred.reason == "business"):
        return _accepted(order, terms, message, "open_purchase", further, goods)
    refused = barred or _late(terms, message, goods, named, further)
    goodwill = Question(about="withdrawal", choices=("accepted", "refused"), subject=message.id)
    if choice(order, goodwill) == "accepted":
        return Verdict(ground="goodwill", reason="goodwill", clauses=refused.clauses,
                       readings=refused.readings)  # fmt: skip
    return replace(refused, clauses=distinct(refused.clauses, _numbered(order, terms, line)))


def _numbered(order: OrderState, terms: Terms, line: str) -> tuple[str, ...]:
    """The words by which a return number that was given for the line accepts nothing."""
    given = any(line in order.named(told.fact.lines) for told in order.all(RmaIssued))
    return clauses_of(terms.notice.return_number if terms.notice and given else None)


def named_after_statutory(terms: Terms, order: OrderState, line: str) -> bool:
    """Whether the seller's longer period is not for this line, only the statutory one."""
    own = terms.exclusions
    if own is None or own.hygiene is None or own.hygiene.value != "named_after_statutory":
        return False
    return is_named(own, order.lines[line])


def may_withdraw(order: OrderState, terms: Terms, line: str) -> bool:
    """Whether the customer has a right of withdrawal from a line, as far as is known."""
    return _no_right(order, terms) is None and exclusion(order, terms, line).reason is None


def may_return(order: OrderState, terms: Terms, line: str) -> bool:
    """Whether the seller's open purchase covers a line; it takes the withdrawal's conditions."""
    barred = _no_right(order, terms)
    allowed = barred is None or barred.reason == "business"
    return allowed and exclusion(order, terms, line).reason is None


def _no_right(order: OrderState, terms: Terms) -> Verdict | None:
    """A company, or a contract concluded face to face, has no right of withdrawal."""
    own, law = terms.withdrawal, terms.law.withdrawal
    circle = own.circle if own else None
    if not order.consumer and value_of(circle, "consumers_only") == "consumers_only":
        kind = terms.customer.business if terms.customer else None
        words = (circle, None if order.order.customer.kind else kind)
        return Verdict(ground=None, reason="business", clauses=clauses_of(*words),
                       readings=readings_of(*words))  # fmt: skip
    if order.order.channel == "in_person":
        met = own.face_to_face if own else None
        return Verdict(ground=None, reason="face_to_face",
                       clauses=clauses_of(met) or law.days.clauses)  # fmt: skip
    handover = own.handover if own else None
    collected = order.order.shipping.method == "pickup"
    if collected and handover and handover.value == "handover_excludes":
        return Verdict(ground=None, reason="face_to_face", clauses=handover.clauses,
                       readings=handover.readings)  # fmt: skip
    return None


def _no_message(terms: Terms, message: Message) -> Verdict | None:
    """A message that the terms do not take for a notice: by another way, or without the form."""
    own, fact = terms.withdrawal, message.told.fact
    if own is None or not isinstance(fact, WithdrawalNotified):
        return None
    elsewhere = own.channel and own.channel.value == "email_only" and fact.channel != "email"
    formless = own.form and own.form.value == "required" and not fact.form
    words = own.channel if elsewhere else own.form if formless else None
    if words is None:
        return None
    return Verdict(ground=None, reason="form", clauses=words.clauses, readings=words.readings)


def _accepted(
    order: OrderState, terms: Terms, message: Message, ground: Ground, period: Period,
    goods: excluded.Exclusion,
) -> Verdict:  # fmt: skip
    own, how = terms.withdrawal, _spoken(terms, message)
    by_hand = own.handover if own and order.order.shipping.method == "pickup" else None
    how = (*how, by_hand)
    law = terms.law.withdrawal.days.clauses if order.consumer and ground == "withdrawal" else ()
    business = None if order.consumer or ground != "withdrawal" or own is None else own.circle
    return Verdict(
        ground=ground,
        reason=ground,
        clauses=distinct(period.clauses, goods.clauses, clauses_of(*how, business), law),
        readings=distinct(period.readings, goods.readings, readings_of(*how, business)),
        statutes=distinct(period.statutes, goods.statutes),
        beaten=period.beaten,
    )


def _spoken(terms: Terms, message: Message) -> tuple[Term[Any] | None, ...]:
    """The terms by which a message is a notice."""
    own, late = terms.withdrawal, terms.cancellation
    if message.kind == "silent" and own:
        return (own.silent_return, own.silent_date)
    if message.kind == "cancellation" and late:
        return (late.if_late,)
    return (own.channel, own.form) if message.kind == "notice" and own else ()


def _late(
    terms: Terms, message: Message, goods: excluded.Exclusion, period: Period,
    further: Period | None,
) -> Verdict:  # fmt: skip
    how, open_ = _spoken(terms, message), further.clauses if further else ()
    chosen = further.readings if further else ()
    return Verdict(
        ground=None,
        reason="late",
        clauses=distinct(period.clauses, open_, goods.clauses, clauses_of(*how)),
        readings=distinct(period.readings, chosen, goods.readings, readings_of(*how)),
        statutes=period.statutes,
        beaten=period.beaten,
    )
