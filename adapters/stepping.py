"""One order, event by event: what each event changed, and what every policy that ran said then.

What was recorded is shown as it is recorded. What policies said is found by telling the facts anew,
to today's rules: where rules of another version decided, they may say otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from adapters.asking import by_account
from domain import looking
from domain.acts import ACTS
from domain.decide import lapse, tell
from domain.errors import VillkorError
from domain.events import AnyEvent, FactTold, OutcomeRaised, TermsPinned
from domain.looking import EVERYTHING, FACTS_OF, NOTHING, Parts
from domain.order import Order
from domain.outcomes import AnyOutcome, Owed
from domain.policies import POLICIES
from domain.policies.grounds import clauses_of
from domain.state import Told
from domain.terms import Terms
from domain.terms.book import Book
from domain.terms.values import Term
from projections.fold import Changes, Rows, fold_events
from projections.orders import ORDERS
from projections.parcels import PARCELS
from projections.projection import AnyProjection, Recorded
from projections.sla import SLA

TABLES: tuple[AnyProjection, ...] = (ORDERS, PARCELS, SLA)
NOT_SHOWN = ("seller", "order_id", "dossier", "version", "last_event_at")
PARTS = {
    looking.ORDER: "the order itself", looking.CONFIRMED: "when it was confirmed",
    looking.PARCELS: "its parcels", looking.INVOICES: "its invoices", looking.CASES: "its RMAs",
}  # fmt: skip
"""What policies look at beside facts, in words."""
SECTIONS = {one.name: one.sections or (one.name,) for one in POLICIES}
"""Policy -> the sections of the terms that it goes by."""
Values = dict[tuple[str, str, str], Any]
"""(table, whose row, column) -> value."""


class Changed(NamedTuple):
    """A value of a read model that an event changed; None where there was or is no row."""

    table: str
    row: str
    column: str
    before: Any
    after: Any


class Seen(NamedTuple):
    """What a policy looked at: parts of the order in words, and facts by their types."""

    parts: Sequence[str]
    told: Mapping[str, Sequence[int]]
    """Type -> the events that told such facts."""
    untold: Sequence[str]
    """The types of which none had been told."""


class Said(NamedTuple):
    """What a policy said when it ran, what it looked at for it, and the events that came of it.

    `clauses` are those of the terms' sections that it goes by; none where they are silent.
    """

    policy: str
    items: Sequence[AnyOutcome]
    wakes_at: datetime | None
    events: Sequence[OutcomeRaised]
    seen: Seen
    clauses: Sequence[str]

    @property
    def raised(self) -> Sequence[str]:
        return tuple(one.type for one in self.events)


@dataclass(slots=True, frozen=True)
class Step:
    """An event: what it changed, and what policies said at it.

    `failure` says why today's rules cannot be asked.
    """

    event: AnyEvent
    changed: Sequence[Changed]
    said: Sequence[Said]
    failure: str | None = None


def step(recorded: Sequence[Recorded], number: int, book: Book) -> Step:
    """The event `number` (from 1) of an order, whose events all are given."""
    event = recorded[number - 1].event
    changed = tuple(_changes(recorded[: number - 1], recorded[number - 1]))
    known = [one.event for one in recorded[:number]]
    try:
        answered = _answers(known, event, book)
    except VillkorError as error:
        return Step(event, changed, (), str(error))
    raised = [
        one.event for one in recorded
        if isinstance(one.event, OutcomeRaised) and _moment(one.event) == _moment(event)
    ]  # fmt: skip
    return Step(event, changed, tuple(
        Said(policy, tuple(owed), owed.wakes_at,
             tuple(one for one in raised if one.policy == policy),
             _seen(looked, known), _clauses(policy, terms))
        for policy, (owed, looked, terms) in answered.items()
    ))  # fmt: skip


# -- what changed ---------------------------------------------------------------------------------


def _changes(earlier: Sequence[Recorded], one: Recorded) -> Iterator[Changed]:
    rows, changes = Rows(), Changes()
    fold_events(earlier, rows, changes, TABLES)
    before = _values(rows)
    fold_events([one], rows, changes, TABLES)
    after = _values(rows)
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old != new and not (old in (None, 0) and new in (None, 0)):
            yield Changed(*key, old, new)


def _values(rows: Rows) -> Values:
    """All that the read models have of an order, value by value, with each account's balance."""
    found: Values = {}
    for table in TABLES:
        names = [column.name for column in table.columns]
        keys = set(table.key)
        for key, row in rows.of(table.table).items():
            whose = " ".join(str(part) for part in key[2:] if part)
            for name, value in zip(names, row, strict=True):
                if name not in NOT_SHOWN and name not in keys:
                    found[table.name, whose, name] = value
    if rows.dossier is not None:
        for currency, accounts in by_account(rows.dossier.stands.booked).items():
            for account, balance in accounts.items():
                found["accounts", currency, str(account)] = balance
    return found


# -- what policies said ---------------------------------------------------------------------------


class Answered(NamedTuple):
    """What a policy answered, what it looked at, and under which terms."""

    owed: Owed
    looked: Parts
    terms: Terms | None


class _Listening(Order):
    """An order that keeps what policies said of it, by the fact or the instant at which they ran,
    and as which of its events each fact was told.
    """

    def begin(self, key: str) -> None:
        super().begin(key)
        self.heard: dict[object, dict[str, Answered]] = {}
        self.told_as: list[int] = []

    def tell(self, told: Told[Any], body: bytes) -> FactTold:
        event = super().tell(told, body)
        self.told_as.append(event.originator_version)
        return event

    def settle(self, policy: str, owed: Owed, cause: int) -> None:
        looked = next((at for one, at in self.state.rests.items() if one.name == policy), NOTHING)
        answered = Answered(owed, looked, self.state.terms)
        self.heard.setdefault(self.clock if cause == 0 else cause, {})[policy] = answered
        super().settle(policy, owed, cause)


def _answers(events: Sequence[AnyEvent], event: AnyEvent, book: Book) -> dict[str, Answered]:
    """What each policy said that ran at the moment of an event, by its name."""
    order = _Listening.blank(events[0].originator_id)
    assert isinstance(order, _Listening)
    for one in events:
        if isinstance(one, TermsPinned):
            order.editions[one.seller, one.marketplace, one.day] = one.edition
    versions: dict[int, int] = {}
    for one in events:
        if isinstance(one, FactTold):
            tell(order, one.told, one.body, book)
            versions[one.originator_version] = order.told_as[-1]
    lapse(order, event.timestamp, book)
    moment = _moment(event)
    return order.heard.get(versions.get(moment) if isinstance(moment, int) else moment, {})


def _moment(event: AnyEvent) -> int | datetime:
    """When policies ran for an event: at a fact, by its version, or at an instant by the clock."""
    if isinstance(event, OutcomeRaised):
        return event.cause or event.timestamp
    return event.originator_version


def _seen(looked: Parts, events: Sequence[AnyEvent]) -> Seen:
    """What an answer rests on, of what had been told by then."""
    told: dict[str, list[int]] = {}
    for one in events:
        if isinstance(one, FactTold) and not isinstance(one.told.fact, ACTS):
            told.setdefault(one.type, []).append(one.originator_version)
    kinds = [kind.__name__ for kind, bit in FACTS_OF.items() if looked & bit]
    return Seen(
        tuple(words for bit, words in PARTS.items() if looked & bit),
        {kind: told[kind] for kind in kinds if kind in told},
        () if looked == EVERYTHING else tuple(kind for kind in kinds if kind not in told),
    )


def _clauses(policy: str, terms: Terms | None) -> tuple[str, ...]:
    """The clauses behind the sections of the terms that a policy goes by."""
    sections = [getattr(terms, name, None) for name in SECTIONS.get(policy, ())]
    values = [
        getattr(section, one.name) for section in sections if section is not None
        for one in fields(section)
    ]  # fmt: skip
    return clauses_of(*(value for value in values if isinstance(value, Term)))
