"""Which lines were cancelled: whether a request came in time, in the right way, and was confirmed.

A cancellation where none is possible is refused; a consumer's is then taken as a withdrawal.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from domain.facts import (
    CancellationConfirmed, CancellationRequested, DiscretionExercised, Effectuated, InvoiceIssued,
    LineStruck, WithdrawalNotified,
)  # fmt: skip
from domain.policies import exclusion as excluded
from domain.policies import whereabouts
from domain.policies.discretion import exercised
from domain.policies.exclusion import exclusion
from domain.policies.grounds import Readings, clauses_of, readings_of
from domain.policies.whereabouts import sent_at, to_be_had_at
from domain.policies.question import question
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.cancellation import CancellationTerms
from domain.terms.values import Term

READS = (
    *excluded.READS, *whereabouts.READS, CancellationRequested, CancellationConfirmed,
    Effectuated, InvoiceIssued, LineStruck, WithdrawalNotified, DiscretionExercised,
)  # fmt: skip

Decision = Literal["accepted", "refused", "pending"]


@dataclass(slots=True, frozen=True)
class Answer:
    """What a request comes to for one line, and the words of the terms that say so."""

    decision: Decision
    reason: str
    words: tuple[Term[Any] | None, ...] = ()


@dataclass(slots=True)
class Cancellation:
    """A request: `lines` are those that it cancelled, `refused` those that it could not cancel.

    `new` are the cancelled lines that no earlier request had cancelled.
    """

    told: Told[CancellationRequested]
    lines: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def decision(self) -> Decision:
        """Accepted where anything could be cancelled, pending while it waits."""
        decisions = {one.decision for one in self.answers}
        if "accepted" in decisions:
            return "accepted"
        return "pending" if "pending" in decisions else "refused"

    @property
    def answer(self) -> Answer:
        """The answer that decides the whole."""
        return next(one for one in self.answers if one.decision == self.decision)

    @property
    def clauses(self) -> tuple[str, ...]:
        return clauses_of(*self.answer.words)

    @property
    def readings(self) -> Readings:
        return readings_of(*self.answer.words)


@question
def cancellations(order: OrderState, terms: Terms) -> list[Cancellation]:
    """Every request about lines that the order still had, in order of time."""
    found: list[Cancellation] = []
    done: set[str] = set()
    for told in order.all(CancellationRequested):
        one = Cancellation(told)
        for line in order.named(told.fact.lines):
            if line in done:
                one.lines.append(line)
                one.answers.append(Answer("accepted", "accepted", _words(terms.cancellation)))
            elif not _left_before(order, terms, line, told.at):
                _add(one, line, answer(order, terms, told, line))
        if one.answers:
            done |= set(one.lines)
            found.append(one)
    return found


def _add(one: Cancellation, line: str, found: Answer) -> None:
    one.answers.append(found)
    if found.decision == "accepted":
        one.lines.append(line)
        one.new.append(line)
    elif found.decision == "refused":
        one.refused.append(line)


def cancelled_at(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when its cancellation was asked for, where that was accepted."""
    return {line: one.told.at for one in cancellations(order, terms) for line in one.new}


def cancellation_taken_as_withdrawal(
    order: OrderState, terms: Terms
) -> list[tuple[Told[CancellationRequested], tuple[str, ...]]]:
    """A consumer's requests, or the lines of them, that came to nothing as a cancellation.

    Whether the right of withdrawal exists for them is for the withdrawal to say.
    """
    own = terms.cancellation
    if not order.consumer or (own and own.if_late and own.if_late.value == "own_notice"):
        return []
    return [(one.told, tuple(one.refused)) for one in cancellations(order, terms) if one.refused]


# -- one line of a request ------------------------------------------------------------------------


def answer(order: OrderState, terms: Terms, told: Told[CancellationRequested], line: str) -> Answer:
    """Whether the line can be cancelled by this request."""
    own = terms.cancellation
    if own is None or own.until.value == "withdrawal":
        return Answer("refused", "no_clause", (own.until,) if own else ())
    if own.until.value == "agreement":
        return _agreed(order, own, told)
    if own.by is not None and own.by.value == "email" and told.fact.channel != "email":
        return Answer("refused", "channel", (own.by,))
    if own.web_orders and own.web_orders.value == "no" and order.order.channel == "web":
        return Answer("refused", "web_order", (own.web_orders,))
    made = "made_to_order" in order.lines[line].traits
    if own.made_to_order and own.made_to_order.value == "no" and made:
        return Answer("refused", "made_to_order", (own.made_to_order,))
    return _timely(order, own, told, line)


def _timely(
    order: OrderState, own: CancellationTerms, told: Told[CancellationRequested], line: str
) -> Answer:
    confirmed = next((one for one in order.all(CancellationConfirmed) if one.at >= told.at), None)
    end, counts = _ended_at(order, own, line), told.at
    if own.confirmation is not None and own.confirmation.value == "confirmation_counts":
        if confirmed is None:
            late = end is not None and end >= told.at
            return Answer("refused" if late else "pending", "late" if late else "unconfirmed",
                          (own.until, own.confirmation))  # fmt: skip
        counts = confirmed.at
    if end is not None and counts > end:
        return Answer("refused", "late", (own.until, own.minutes, own.effectuated_by))
    if own.confirmation is not None and confirmed is None:
        return Answer("pending", "unconfirmed", (own.confirmation,))
    return Answer("accepted", "accepted", _words(own))


def _words(own: CancellationTerms | None) -> tuple[Term[Any] | None, ...]:
    """What says that a cancellation counts."""
    if own is None:
        return ()
    return (own.until, own.by, own.made_to_order, own.confirmation, own.web_orders)


def _agreed(order: OrderState, own: CancellationTerms, told: Told[CancellationRequested]) -> Answer:
    decided = exercised(order, "cancellation", f"#{told.id}")
    if decided is not None and decided.fact.decision == "accepted":
        return Answer("accepted", "accepted", (own.until,))
    if decided is not None and decided.fact.decision == "refused":
        return Answer("refused", "not_agreed", (own.until,))
    return Answer("pending", "by_agreement", (own.until,))


def _ended_at(order: OrderState, own: CancellationTerms, line: str) -> datetime | None:
    """The last instant at which the line could be cancelled, once that is known."""
    match own.until.value:
        case "available":
            return to_be_had_at(order, line)
        case "minutes" if own.minutes is not None:
            return order.placed_at + timedelta(minutes=own.minutes.value)
        case "effectuated":
            return effectuated_at(order, own, line)
        case _:
            return sent_at(order, line)


def effectuated_at(order: OrderState, own: CancellationTerms, line: str) -> datetime | None:
    """When the first act that effectuates was done, or the line was sent."""
    acts = own.effectuated_by.value if own.effectuated_by else ()
    times = [
        told.at
        for told in order.all(Effectuated)
        if told.fact.what is None or told.fact.what in acts
    ]
    if "invoice" in acts:
        times += [told.at for told in order.all(InvoiceIssued)]
    sent = sent_at(order, line)
    return min([*times, *([sent] if sent else [])], default=None)


def _left_before(order: OrderState, terms: Terms, line: str, at: datetime) -> bool:
    """Whether the line had been struck or withdrawn from when its cancellation was asked for."""
    struck = [told.at for told in order.all(LineStruck) if told.fact.line == line]
    right = order.order.channel != "in_person" and exclusion(order, terms, line).reason is None
    if order.consumer and right:
        struck += [
            told.at
            for told in order.all(WithdrawalNotified)
            if line in order.named(told.fact.lines) and told.fact.quantity is None
        ]
    return any(when <= at for when in struck)
