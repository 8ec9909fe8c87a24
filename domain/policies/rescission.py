"""Whether a purchase may be rescinded because the goods are late or an event lasts too long."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from domain.calendar import add_days, lapses_at, start_of
from domain.facts import DiscretionExercised, LineStruck, RescissionDeclared, WithdrawalNotified
from domain.outcomes import Effect, State, standing
from domain.policies import cancelled, hindrance, promise
from domain.policies.cancelled import (
    cancellation_taken_as_withdrawal, cancelled_at, effectuated_at,
)  # fmt: skip
from domain.policies.discretion import exercised
from domain.policies.exclusion import exclusion
from domain.policies.grounds import clauses_of, distinct, readings_of, value_of
from domain.policies.hindrance import events
from domain.policies.placing import STANDING_READS, order_stands
from domain.policies.promise import Limit, awaited_lines, done_at, limit, received_at
from domain.policies.question import question
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.delivery import DelayTerms
from domain.terms.values import Term

READS = (
    *promise.READS, *hindrance.READS, *cancelled.READS, *STANDING_READS, LineStruck,
    WithdrawalNotified, RescissionDeclared, DiscretionExercised,
)  # fmt: skip


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


@question
def rescissions(order: OrderState, terms: Terms) -> list[Rescission]:
    """Every declaration on the ground of delay or force majeure, in order of time."""
    found: list[Rescission] = []
    for told in order.all(RescissionDeclared):
        if told.fact.ground == "defect":
            continue
        verdict = _decided(order, told, _judged(order, terms, told, _accepted(found)))
        found.append(Rescission(told, verdict))
    return found


def rescinded_at(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when it was declared rescinded, where that was accepted."""
    return _accepted(rescissions(order, terms))


def _accepted(found: list[Rescission]) -> dict[str, datetime]:
    accepted = [one for one in found if one.verdict.decision == "accepted"]
    return {line: one.told.at for one in accepted for line in one.verdict.lines}


@question
def given_up_at(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when it was struck, cancelled or withdrawn from: nobody waits for it from then on.

    Before delivery a consumer withdraws in time, where the right exists at all.
    """
    gone = cancelled_at(order, terms)
    for struck in order.all(LineStruck):
        line = struck.fact.line
        gone[line] = min(struck.at, gone.get(line, struck.at))
    for told, lines in _withdrawn(order, terms):
        for line in lines:
            gone[line] = min(told.at, gone.get(line, told.at))
    return gone


def _withdrawn(order: OrderState, terms: Terms) -> Iterator[tuple[Told[Any], tuple[str, ...]]]:
    if not order.consumer or order.order.channel == "in_person":
        return
    notices: list[tuple[Told[Any], tuple[str, ...]]] = [
        (told, order.named(told.fact.lines))
        for told in order.all(WithdrawalNotified)
        if told.fact.quantity is None
    ]
    for told, lines in notices + cancellation_taken_as_withdrawal(order, terms):
        yield told, tuple(one for one in lines if exclusion(order, terms, one).reason is None)


def delivery_state(order: OrderState, terms: Terms, due: date, now: datetime) -> State | None:
    """Where the seller stands with delivery; None where nothing was left to wait for by then."""
    gone = given_up_at(order, terms)
    for line, at in rescinded_at(order, terms).items():
        gone[line] = min(at, gone.get(line, at))
    done = {line: done_at(order, terms, line) for line in awaited_lines(order)}
    times = [
        at for line, at in done.items()
        if line not in gone or gone[line] >= lapses_at(due) or (at is not None and at <= gone[line])
    ]  # fmt: skip
    if not times:
        return None
    there = [at for at in times if at is not None]
    return standing(due, max(there) if len(there) == len(times) else None, now)


# -- the verdict ----------------------------------------------------------------------------------


def _decided(order: OrderState, told: Told[RescissionDeclared], verdict: Verdict) -> Verdict:
    """What staff found where it is left to them."""
    decision = exercised(order, "rescission", f"#{told.id}")
    if verdict.decision != "pending" or decision is None or decision.at < told.at:
        return verdict
    if decision.fact.decision == "accepted":
        return replace(verdict, decision="accepted", reason="found_essential")
    if decision.fact.decision == "refused":
        return replace(verdict, decision="refused", reason="found_unessential")
    return verdict


def _judged(
    order: OrderState, terms: Terms, told: Told[RescissionDeclared], before: dict[str, datetime]
) -> Verdict:
    """Either ground is enough, whichever was named; the seller has the event beyond control."""
    gone = given_up_at(order, terms)
    refused = order_stands(order, terms).decision == "refused"
    lines = () if refused else tuple(
        line
        for line in order.named(told.fact.lines)
        if line in awaited_lines(order) and line not in before
        and (line not in gone or gone[line] > told.at)
        and ((at := received_at(order, terms, line)) is None or at > told.at)
    )  # fmt: skip
    if not lines:
        return Verdict(decision="refused", reason="nothing_awaited", clauses=statute(order, terms))
    ways = [_by_event] if told.fact.by == "seller" else [_by_delay, _by_event]
    if told.fact.ground == "force_majeure":
        ways.reverse()
    verdicts = [way(order, terms, told.at, lines) for way in ways]
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


def _by_event(order: OrderState, terms: Terms, at: datetime, lines: tuple[str, ...]) -> Verdict:
    """Both parties may cancel when an event has lasted longer than the terms say."""
    own = terms.force_majeure
    if own is None:
        return Verdict(decision="refused", reason="no_such_right", clauses=statute(order, terms))
    for event in events(order):
        due = event.due(own)
        if at >= lapses_at(due) and event.outlasts(due):
            return Verdict(
                decision="accepted", reason="event_lasted", lines=lines, clauses=own.months.clauses
            )
    return Verdict(decision="refused", reason="event_not_lasted", clauses=own.months.clauses)


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
    if own is None or own.with_delay.value == "both_rights" or not _meanwhile(order, terms, at):
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
