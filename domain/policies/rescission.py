"""Whether a purchase may be rescinded because the goods are late or an event lasts too long."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from domain.calendar import add_days, lapses_at, start_of
from domain.facts import (
    CancellationConfirmed, CancellationRequested, DiscretionExercised, Effectuated, InvoiceIssued,
    LineStruck, RescissionDeclared, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Effect, State, standing
from domain.policies import hindrance, promise
from domain.policies.discretion import exercised
from domain.policies.hindrance import events
from domain.policies.promise import (
    Limit, awaited_lines, clauses_of, done_at, limit, received_at,
)  # fmt: skip
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.delivery import DelayTerms
from domain.terms.values import Term

READS = (
    *promise.READS, *hindrance.READS, CancellationRequested, CancellationConfirmed, Effectuated,
    InvoiceIssued, WithdrawalNotified, RescissionDeclared, DiscretionExercised,
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


def let_go_at(order: OrderState) -> dict[str, datetime]:
    """Line -> when it was struck, withdrawn from or cancelled: nobody waits for it from then on.

    A consumer's cancellation that comes too late is a withdrawal; a company's is to be confirmed.
    """
    said: list[Told[Any]] = []
    if order.consumer or order.first(CancellationConfirmed) is not None:
        said += order.all(CancellationRequested)
    if order.consumer:
        said += [told for told in order.all(WithdrawalNotified) if told.fact.quantity is None]
    gone = {told.fact.line: told.at for told in reversed(order.all(LineStruck))}
    for told in said:
        for line in order.named(told.fact.lines):
            gone[line] = min(told.at, gone.get(line, told.at))
    return gone


def delivery_state(order: OrderState, terms: Terms, due: date, now: datetime) -> State | None:
    """Where the seller stands with delivery; None where nothing was left to wait for by then."""
    gone = let_go_at(order)
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
    gone = let_go_at(order)
    lines = tuple(
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
    return verdicts[0]


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
    if own and own.web_orders and own.web_orders.value == "barred" and order.order.channel == "web":
        return _refused("web_order", own.web_orders)
    if due is None:
        return replace(_refused("no_time_set", right), clauses=statute(order, terms))
    base = replace(
        _refused("not_late", right, own.consumer_from if own else None),
        clauses=tuple(dict.fromkeys((*clauses_of(right), *due.clauses))),
        statutes=due.statutes,
        beaten=due.beaten,
    )
    base = replace(base, readings=tuple(dict.fromkeys((*base.readings, *due.readings))))
    if at < start_of(right_from(order, own, due)):
        return base
    late = tuple(one for one in lines if not _in_time(done_at(order, terms, one), due.due))
    if not late:
        return replace(base, reason="customers_delay")
    if (event := _event_bars(order, terms, at)) is not None:
        return event
    if own and own.until and own.until.value == "effectuated" and effectuated_by(order, at):
        return _refused("effectuated", own.until)
    return _granted(order, terms, due, replace(base, lines=late), at)


def _granted(
    order: OrderState, terms: Terms, due: Limit, late: Verdict, at: datetime
) -> Verdict:
    """The goods are late: the terms' own right, an agreed importance, or a person's judgement."""
    own, law = terms.delay, statute(order, terms)
    right, essential = right_of(order, own), agreed_essential(order)
    if order.consumer:
        applies: tuple[tuple[str, Effect], ...] = tuple((one, "applies") for one in law)
        late = replace(
            late, clauses=(*late.clauses, *law), statutes=(*late.statutes, *applies)
        )
    if right is not None and right.value == "time_passed" and due.basis != "statute":
        meanwhile = terms.force_majeure
        if meanwhile and any(event.lasts_at(at) for event in events(order)):
            late = _with(late, meanwhile.with_delay)
        return replace(late, decision="accepted", reason="time_passed")
    if essential:
        extra = own.until if own and own.until and effectuated_by(order, at) else None
        clauses = tuple(dict.fromkeys((*late.clauses, *(() if right else law))))
        return replace(_with(late, extra), decision="accepted", reason="essential", clauses=clauses)
    if own and own.before_effectuation and not effectuated_by(order, at):
        return replace(
            _with(late, own.before_effectuation), decision="accepted", reason="not_effectuated"
        )
    if order.consumer:
        unreasonable = own.unreasonable if own else None
        return replace(_with(late, unreasonable), decision="pending", reason="judgement")
    if right is not None and right.value == "essential" and essential is None:
        return replace(late, decision="pending", reason="judgement")
    holder = own.holder if own else None
    return replace(_with(late, holder), reason="not_essential", clauses=(*late.clauses, *law))


def right_of(order: OrderState, own: DelayTerms | None) -> Term[Any] | None:
    """The right that the terms give this customer."""
    if own is None or (own.holder and own.holder.value == "consumer" and not order.consumer):
        return None
    return own.right


def right_from(order: OrderState, own: DelayTerms | None, due: Limit) -> date:
    """The first day on which a customer may rescind for delay."""
    waits = own and own.consumer_from and own.consumer_from.value == "printed"
    last = due.printed if waits and due.printed is not None else due.due
    return add_days(last, 1)


def agreed_essential(order: OrderState) -> bool | None:
    """Whether the time of delivery was agreed to be essential; None where nobody said."""
    value = (order.order.custom_terms or {}).get("delivery_time_essential")
    return None if value is None else str(value).lower() == "true"


def effectuated_by(order: OrderState, at: datetime) -> bool:
    """Whether an invoice or freight document existed by then (NET-leverans-8)."""
    documents = [
        told for told in order.all(Effectuated)
        if told.fact.what in (None, "invoice", "freight_document")
    ]  # fmt: skip
    shipped = [told for one in order.parcels.values() for told in one.all(Shipped)]
    return any(told.at <= at for told in (*documents, *order.all(InvoiceIssued), *shipped))


def _event_bars(order: OrderState, terms: Terms, at: datetime) -> Verdict | None:
    own = terms.force_majeure
    if own is None or own.with_delay.value == "both_rights":
        return None
    if not any(event.lasts_at(at) for event in events(order)):
        return None
    verdict = _refused("event_lasts", own.with_delay)
    return replace(verdict, clauses=(*own.months.clauses, *verdict.clauses))


def _in_time(done: datetime | None, due: date) -> bool:
    return done is not None and done < lapses_at(due)


def _refused(reason: str, *words: Term[Any] | None) -> Verdict:
    return _with(Verdict(decision="refused", reason=reason), *words)


def _with(verdict: Verdict, *words: Term[Any] | None) -> Verdict:
    """The verdict with the clauses and readings of more words of the terms."""
    readings = [one for word in words if word for one in word.readings]
    return replace(
        verdict,
        clauses=tuple(dict.fromkeys((*verdict.clauses, *clauses_of(*words)))),
        readings=tuple(dict.fromkeys((*verdict.readings, *readings))),
    )
