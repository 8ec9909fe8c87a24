"""Whether a purchase may be rescinded because the goods are late or an event lasts too long."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from domain.calendar import add_days, lapses_at, start_of
from domain.facts import DiscretionExercised, RescissionDeclared
from domain.outcomes import Effect
from domain.policies import cancelled, hindrance, promise
from domain.policies.cancelled import effectuated_at
from domain.policies.discretion import Question, choice
from domain.policies.grounds import clauses_of, distinct, readings_of, value_of
from domain.policies.hindrance import events
from domain.policies.placing import STANDING_READS, order_stands
from domain.policies.promise import Limit, awaited_lines, done_at, limit, received_at
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.delivery import DelayTerms
from domain.terms.values import Term

READS = (
    *promise.READS, *hindrance.READS, *cancelled.READS, *STANDING_READS, RescissionDeclared,
    DiscretionExercised,
)  # fmt: skip

BY_A_PERSON = ("found_essential", "found_unessential")


@dataclass(slots=True, frozen=True, kw_only=True)
class Verdict:
    """What a declaration leads to, for which lines, and the words of the terms that decide it."""

    decision: Literal["accepted", "refused", "pending"]
    reason: str
    lines: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class Rescission:
    """A declaration that the goods are not wanted any more, and its verdict."""

    told: Told[RescissionDeclared]
    verdict: Verdict

    @property
    def subject(self) -> str:
        return f"#{self.told.id}"


# -- the verdict ----------------------------------------------------------------------------------


def _decided(order: OrderState, told: Told[RescissionDeclared], verdict: Verdict) -> Verdict:
    """What staff found where it is left to them."""
    if verdict.decision != "pending":
        return verdict
    decision = choice(order, essence(told))
    if decision == "accepted":
        return replace(verdict, decision="accepted", reason="found_essential")
    if decision == "refused":
        return replace(verdict, decision="refused", reason="found_unessential")
    return verdict


def essence(told: Told[RescissionDeclared]) -> Question:
    """Whether a delay entitles to rescission, once it was declared."""
    return Question(
        about="rescission", choices=("accepted", "refused"), subject=f"#{told.id}", since=told.at
    )


def judged(
    order: OrderState, terms: Terms, told: Told[RescissionDeclared], left: Container[str]
) -> Verdict:
    """The verdict on a declaration, while these lines are left of the order."""
    return _decided(order, told, _judged(order, terms, told, left))


def _judged(
    order: OrderState, terms: Terms, told: Told[RescissionDeclared], left: Container[str]
) -> Verdict:
    """Either ground is enough, whichever was named; the seller has the event beyond control."""
    refused = order_stands(order, terms).decision == "refused"
    lines = () if refused else tuple(
        line
        for line in order.named(told.fact.lines)
        if line in awaited_lines(order) and line in left
        and ((at := received_at(order, terms, line)) is None or at > told.at)
    )  # fmt: skip
    if not lines:
        return Verdict(decision="refused", reason="nothing_awaited", clauses=statute(order, terms))
    verdicts = [_by_event(order, terms, told, lines)]
    if told.fact.by == "customer":
        place = 1 if told.fact.ground == "force_majeure" else 0
        verdicts.insert(place, _by_delay(order, terms, told.at, lines))
    for wanted in ("accepted", "pending"):
        for verdict in verdicts:
            if verdict.decision == wanted:
                return verdict
    return replace(
        verdicts[0],
        clauses=distinct(*(one.clauses for one in verdicts)),
        readings=distinct(*(one.readings for one in verdicts)),
    )


def statute(order: OrderState, terms: Terms) -> tuple[str, ...]:
    """The section that lets a buyer rescind for delay."""
    law = terms.law.delay
    return (law.consumer_rescission if order.consumer else law.company_rescission).clauses


def _by_event(
    order: OrderState, terms: Terms, told: Told[RescissionDeclared], lines: tuple[str, ...]
) -> Verdict:
    """Who is released may give up during the event; both may when it has lasted too long."""
    own, at = terms.force_majeure, told.at
    if own is not None and own.months is not None:
        for event in events(order):
            due = event.due(own.months)
            if at >= lapses_at(due) and event.outlasts(due):
                lasted = _refused("event_lasted", own.months)
                return replace(lasted, decision="accepted", lines=lines)
    if own is not None and own.released is not None:
        if own.released.value == "seller" and told.fact.by == "customer":
            return _refused("not_released", own.released)
        if any(event.lasts_at(at) for event in events(order)):
            return replace(_refused("released", own.released), decision="accepted", lines=lines)
        return _refused("event_over", own.months, own.released)
    if own is not None and own.months is not None:
        return _refused("event_not_lasted", own.months)
    return Verdict(decision="refused", reason="no_such_right", clauses=statute(order, terms))


def _by_delay(order: OrderState, terms: Terms, at: datetime, lines: tuple[str, ...]) -> Verdict:
    """Refused while it is too early or the customer's own doing, else as `_granted` says."""
    own, due = terms.delay, limit(order, terms)
    right = right_of(order, own)
    web = own.web_orders if own and order.order.channel == "web" else None
    if value_of(web, "allowed") == "barred":
        return _refused("web_order", web)
    if due is None:
        return _undated(order, terms, right, lines)
    base = Verdict(
        decision="refused",
        reason="not_late",
        clauses=distinct(clauses_of(right, web), due.clauses),
        readings=distinct(readings_of(right, web, _opening(order, own)), due.readings),
        statutes=due.statutes,
        beaten=due.beaten,
    )
    if at < start_of(right_from(order, own, due)):
        return base
    late = tuple(one for one in lines if not _in_time(done_at(order, terms, one), due.due))
    if not late:
        return replace(base, reason="customers_delay")
    if (event := _event_bars(order, terms, at)) is not None:
        return event
    until = own.until if own else None
    if value_of(until, "delivered") == "effectuated" and effectuated_by(order, terms, late, at):
        cancelling = terms.cancellation
        return _refused("effectuated", until, cancelling.until if cancelling else None)
    return _granted(order, terms, due, replace(base, lines=late), at)


def _undated(
    order: OrderState, terms: Terms, right: Term[Any] | None, lines: tuple[str, ...]
) -> Verdict:
    """Nobody set a time: whether an essential one has passed is a person's judgement."""
    verdict = _with(
        Verdict(decision="refused", reason="no_time_set", clauses=statute(order, terms)), right
    )
    if value_of(right, None) == "essential":
        return replace(verdict, decision="pending", reason="judgement", lines=lines)
    return verdict


def _granted(order: OrderState, terms: Terms, due: Limit, late: Verdict, at: datetime) -> Verdict:
    """The goods are late: the terms' own right, an agreed importance, or a person's judgement."""
    own, law = terms.delay, statute(order, terms)
    right, essential = right_of(order, own), agreed_essential(order)
    effectuated = effectuated_by(order, terms, late.lines, at)
    if order.consumer:
        applies: tuple[tuple[str, Effect], ...] = tuple((one, "applies") for one in law)
        late = replace(late, clauses=(*late.clauses, *law), statutes=(*late.statutes, *applies))
    if right is not None and right.value == "time_passed" and due.basis != "statute":
        return _accepted_as("time_passed", _with(late, *_meanwhile(order, terms, at)))
    if essential:
        late = _with(late, own.until if own and effectuated else None)
        return _accepted_as("essential", replace(late, clauses=distinct(late.clauses, law)))
    if own and own.before_effectuation and not effectuated:
        return _accepted_as("not_effectuated", _with(late, own.before_effectuation))
    if order.consumer:
        unreasonable = own.unreasonable if own else None
        return replace(_with(late, unreasonable), decision="pending", reason="judgement")
    if right is not None and right.value == "essential" and essential is None:
        return replace(late, decision="pending", reason="judgement")
    late = _with(late, own.holder if own else None)
    return replace(late, reason="not_essential", clauses=distinct(late.clauses, law))


def _accepted_as(reason: str, late: Verdict) -> Verdict:
    return replace(late, decision="accepted", reason=reason)


def _meanwhile(order: OrderState, terms: Terms, at: datetime) -> tuple[Term[Any] | None, ...]:
    """What the terms say of a delay while an event beyond control lasts."""
    own = terms.force_majeure
    return (own.with_delay,) if own and any(one.lasts_at(at) for one in events(order)) else ()


def right_of(order: OrderState, own: DelayTerms | None) -> Term[Any] | None:
    """The right that the terms give this customer."""
    if own is None or (own.holder and own.holder.value == "consumer" and not order.consumer):
        return None
    return own.right


def right_from(order: OrderState, own: DelayTerms | None, due: Limit) -> date:
    """The first day on which a customer may rescind for delay."""
    waits = value_of(_opening(order, own), "statutory") == "printed"
    last = due.printed if waits and due.printed is not None else due.due
    return add_days(last, 1)


def _opening(order: OrderState, own: DelayTerms | None) -> Term[Any] | None:
    """What a consumer's right is counted from where the printed time fell to the statute."""
    return own.consumer_from if own and order.consumer else None


def agreed_essential(order: OrderState) -> bool | None:
    """Whether the time of delivery was agreed to be essential; None where nobody said."""
    value = (order.order.custom_terms or {}).get("delivery_time_essential")
    return None if value is None else str(value).lower() == "true"


def effectuated_by(order: OrderState, terms: Terms, lines: Iterable[str], at: datetime) -> bool:
    """Whether any of the lines had been effectuated by then, as the terms mean it."""
    own = terms.cancellation
    times = [effectuated_at(order, own, line) for line in lines] if own else []
    return any(one is not None and one <= at for one in times)


def _event_bars(order: OrderState, terms: Terms, at: datetime) -> Verdict | None:
    own = terms.force_majeure
    if own is None or value_of(own.with_delay, "both_rights") == "both_rights":
        return None
    if not _meanwhile(order, terms, at):
        return None
    return _refused("event_lasts", own.months, own.with_delay)


def _in_time(done: datetime | None, due: date) -> bool:
    return done is not None and done < lapses_at(due)


def _refused(reason: str, *words: Term[Any] | None) -> Verdict:
    return _with(Verdict(decision="refused", reason=reason), *words)


def _with(verdict: Verdict, *words: Term[Any] | None) -> Verdict:
    """The verdict with the clauses and readings of more words of the terms."""
    return replace(
        verdict,
        clauses=distinct(verdict.clauses, clauses_of(*words)),
        readings=distinct(verdict.readings, readings_of(*words)),
    )
