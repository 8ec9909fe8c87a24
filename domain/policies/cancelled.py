"""Whether a line can be cancelled: in time, in the right way, and confirmed.

A cancellation where none is possible is refused; a consumer's is then taken as a withdrawal.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from domain.facts import (
    CancellationConfirmed, CancellationRequested, DiscretionExercised, Effectuated, InvoiceIssued,
)  # fmt: skip
from domain.policies import whereabouts
from domain.policies.discretion import Question, choice
from domain.policies.grounds import Readings, clauses_of, readings_of
from domain.policies.whereabouts import sent_at, to_be_had_at
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.cancellation import CancellationTerms
from domain.terms.values import Term

READS = (
    *whereabouts.READS, CancellationRequested, CancellationConfirmed, Effectuated, InvoiceIssued,
    DiscretionExercised,
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

    def add(self, line: str, found: Answer, *, repeated: bool = False) -> None:
        """What the request comes to for one more line."""
        self.answers.append(found)
        if found.decision == "accepted":
            self.lines.append(line)
            self.new += [] if repeated else [line]
        elif found.decision == "refused":
            self.refused.append(line)

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
        excluded = terms.exclusions.made_to_order if terms.exclusions else None
        return Answer("refused", "made_to_order", (own.made_to_order, excluded))
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


def accepted_again(terms: Terms) -> Answer:
    """The answer to a request about what was cancelled before."""
    return Answer("accepted", "accepted", _words(terms.cancellation))


def _words(own: CancellationTerms | None) -> tuple[Term[Any] | None, ...]:
    """What says that a cancellation counts."""
    if own is None:
        return ()
    return (own.until, own.by, own.made_to_order, own.confirmation, own.web_orders)


def _agreed(order: OrderState, own: CancellationTerms, told: Told[CancellationRequested]) -> Answer:
    decision = choice(order, agreement(told))
    if decision == "accepted":
        return Answer("accepted", "accepted", (own.until,))
    if decision == "refused":
        return Answer("refused", "not_agreed", (own.until,))
    return Answer("pending", "by_agreement", (own.until,))


def agreement(told: Told[CancellationRequested]) -> Question:
    """Whether staff accept a cancellation that the terms do not give."""
    return Question(
        about="cancellation", choices=("accepted", "refused"), subject=f"#{told.id}",
        elsewhere=("charge", "waive"),
    )  # fmt: skip


def compensation(told: Told[Any]) -> Question:
    """Costs so far and lost profit for goods made to order, in an amount that a person enters."""
    return Question(
        about="cancellation", choices=("charge", "waive"), subject=f"#{told.id}",
        elsewhere=("accepted", "refused"),
    )  # fmt: skip


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
