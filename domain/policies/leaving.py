"""Who leaves what of an order, piece by piece: struck, cancelled, withdrawn from or rescinded.

Each message takes what earlier ones have left, in order of time: nothing goes back twice, and no
later message changes what became of an earlier one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from domain.facts import (
    CancellationRequested, ComplaintReported, DamageReported, DiscrepancyReported, LineStruck,
    RescissionDeclared, ReturnReceived, ReturnSent, RmaIssued, RmaRequested, WithdrawalNotified,
)  # fmt: skip
from domain.policies import cancelled, rescission, withdrawal_right
from domain.policies.cancelled import Cancellation, accepted_again, answer
from domain.policies.grounds import value_of
from domain.policies.placing import order_stands
from domain.policies.promise import received_at
from domain.policies.question import question
from domain.policies.rescission import Rescission, judged
from domain.policies.withdrawal_period import starts_at
from domain.policies.withdrawal_right import Message, Withdrawal, verdict
from domain.state import OrderState, Told
from domain.terms import Terms

READS = (
    *cancelled.READS, *rescission.READS, *withdrawal_right.READS, LineStruck, WithdrawalNotified,
    ReturnSent, ReturnReceived, RmaIssued, RmaRequested, ComplaintReported, DamageReported,
    DiscrepancyReported,
)  # fmt: skip
Way = Literal["struck", "cancelled", "withdrawn", "rescinded"]


@dataclass(slots=True, frozen=True)
class Departure:
    """Pieces that one message took out of the order; `last`: nothing is left after it."""

    way: Way
    told: Told[Any]
    at: datetime
    pieces: Mapping[str, int]
    last: bool


@dataclass(slots=True)
class Leaving:
    """What every message came to, and what of the order is left (no line without pieces)."""

    left: dict[str, int]
    gone: dict[str, datetime] = field(default_factory=dict)
    """Line -> when the last piece of it left."""
    departures: list[Departure] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)
    rescissions: list[Rescission] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    answered: dict[str, int] = field(default_factory=dict)
    """Line -> pieces whose withdrawal was refused: asking again gives no other answer."""
    spoken: set[str] = field(default_factory=set)
    """Lines that a notice or an earlier return was about: sending them back says nothing new."""

    def take(self, way: Way, told: Told[Any], at: datetime, pieces: Mapping[str, int]) -> None:
        for line, count in pieces.items():
            self.left[line] -= count
            if not self.left[line]:
                del self.left[line]
                self.gone[line] = at
        if pieces:
            self.departures.append(Departure(way, told, at, pieces, last=not self.left))

    def rest(self, lines: Iterable[str]) -> dict[str, int]:
        """All that is left of these lines."""
        return {line: self.left[line] for line in lines if line in self.left}


@question
def leaving(order: OrderState, terms: Terms) -> Leaving:
    """The whole story, in order of time; shared by all who ask, and changed by none of them."""
    story = Leaving({name: line.quantity for name, line in order.lines.items()})
    for told in _messages(order):
        match told.fact:
            case LineStruck():
                _strike(story, order, terms, told)
            case CancellationRequested():
                _cancel(story, order, terms, told)
            case WithdrawalNotified():
                _withdraw(story, order, terms, _notice(order, told))
            case ReturnSent() | ReturnReceived():
                _send_back(story, order, terms, told)
            case RescissionDeclared() if told.fact.ground != "defect":
                _rescind(story, order, terms, told)
    return story


def _messages(order: OrderState) -> list[Told[Any]]:
    kinds = (
        LineStruck, CancellationRequested, WithdrawalNotified, ReturnSent, ReturnReceived,
        RescissionDeclared,
    )  # fmt: skip
    return sorted((told for kind in kinds for told in order.all(kind)), key=lambda one: one.place)


# -- what each message takes ----------------------------------------------------------------------


def _strike(story: Leaving, order: OrderState, terms: Terms, told: Told[LineStruck]) -> None:
    """What cannot be delivered; not what the customer had already."""
    pieces = story.rest([told.fact.line])
    had = received_at(order, terms, told.fact.line) if pieces else None
    if had is None or had > told.at:
        story.take("struck", told, told.at, pieces)


def _cancel(
    story: Leaving, order: OrderState, terms: Terms, told: Told[CancellationRequested]
) -> None:
    """What is refused as a cancellation is a consumer's withdrawal, where that right exists."""
    one, before = Cancellation(told), {line for other in story.cancellations for line in other.new}
    for line in order.named(told.fact.lines):
        if line in story.left:
            one.add(line, answer(order, terms, told, line))
        elif line in before:
            one.add(line, accepted_again(terms), repeated=True)
    if not one.answers:
        return
    story.cancellations.append(one)
    pieces = story.rest(one.new)
    story.take("cancelled", told, told.at, pieces)
    own = terms.cancellation
    if order.consumer and not (own and own.if_late and own.if_late.value == "own_notice"):
        asked = story.rest(one.refused)
        if asked:
            _withdraw(story, order, terms, Message(told, told.at, asked, "cancellation"))


def _withdraw(story: Leaving, order: OrderState, terms: Terms, message: Message) -> None:
    story.spoken |= message.asked.keys()
    if order_stands(order, terms).decision == "refused":
        return
    start = starts_at(order, terms, story.gone)
    pieces, verdicts = {}, {}
    for line, count in message.asked.items():
        count = min(count, story.left.get(line, 0) - story.answered.get(line, 0))
        if count > 0:
            found = verdict(order, terms, message, line, start)
            if found.ground or message.kind != "cancellation":
                pieces[line], verdicts[line] = count, found
    if not verdicts:
        return
    one = Withdrawal(message, pieces, verdicts)
    story.withdrawals.append(one)
    for line, count in pieces.items():
        if verdicts[line].ground is None and verdicts[line].reason != "form":
            story.answered[line] = story.answered.get(line, 0) + count
    story.take("withdrawn", message.told, message.at, one.accepted)


def _rescind(
    story: Leaving, order: OrderState, terms: Terms, told: Told[RescissionDeclared]
) -> None:
    one = Rescission(told, judged(order, terms, told, story.left))
    story.rescissions.append(one)
    if one.verdict.decision == "accepted":
        story.take("rescinded", told, told.at, story.rest(one.verdict.lines))


# -- notices --------------------------------------------------------------------------------------


def _notice(order: OrderState, told: Told[WithdrawalNotified]) -> Message:
    lines, quantity = order.named(told.fact.lines), told.fact.quantity
    return Message(told, told.at, {
        line: quantity or order.lines[line].quantity for line in lines
    })  # fmt: skip


def _send_back(
    story: Leaving, order: OrderState, terms: Terms, told: Told[ReturnSent] | Told[ReturnReceived]
) -> None:
    """Goods sent back with a message, or without a word where that is a notice (ALL-8.6-1).

    Where nobody said whether a message came with them, a notice told otherwise goes before.
    """
    own, worded = terms.withdrawal, getattr(told.fact, "message", None)
    silent = value_of(own.silent_return if own else None, "message_needed") == "withdrawal"
    posted = value_of(own.silent_date if own else None, "posting") == "posting"
    if not worded and (not silent or (isinstance(told.fact, ReturnSent) and not posted)):
        return
    known = story.spoken | _otherwise(order)
    if worded is not False:
        known |= _noticed(order)
    asked = story.rest(line for line in order.named(told.fact.lines) if line not in known)
    if asked:
        kind: Literal["notice", "silent"] = "notice" if worded else "silent"
        _withdraw(story, order, terms, Message(told, told.at, asked, kind))


def _noticed(order: OrderState) -> set[str]:
    """Lines that a notice speaks of, at whatever time."""
    return {line for one in order.all(WithdrawalNotified) for line in order.named(one.fact.lines)}


def _otherwise(order: OrderState) -> set[str]:
    """Lines that go back for another reason: a fault, or a return that was asked for."""
    told: list[Told[Any]] = [
        *order.all(ComplaintReported), *order.all(DamageReported),
        *order.all(DiscrepancyReported), *order.all(RmaRequested), *order.all(RmaIssued),
    ]  # fmt: skip
    return {line for one in told for line in order.named(one.fact.lines)}


# -- what policies ask ----------------------------------------------------------------------------


def gone_at(order: OrderState, terms: Terms) -> Mapping[str, datetime]:
    """Line -> when the last piece of it had left the order: nobody waits for it from then on."""
    return leaving(order, terms).gone


def cancelled_at(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when its cancellation was asked for, where that was accepted."""
    found = leaving(order, terms).cancellations
    return {line: one.told.at for one in found for line in one.new}


def rescinded_at(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when it was declared rescinded, where that was accepted."""
    found = leaving(order, terms).departures
    return {line: one.at for one in found if one.way == "rescinded" for line in one.pieces}


def withdrawn_lines(order: OrderState, terms: Terms) -> dict[str, int]:
    """How many pieces of each line the customer has withdrawn from, lines without any left out."""
    pieces: dict[str, int] = {}
    for one in leaving(order, terms).withdrawals:
        for line, count in one.accepted.items():
            pieces[line] = pieces.get(line, 0) + count
    return pieces


@question
def received_whole_at(order: OrderState, terms: Terms) -> datetime | None:
    """When the customer had all that was not left: from then on the withdrawal period runs."""
    return starts_at(order, terms, leaving(order, terms).gone)
