"""One order, event by event: what each event changed, and what every policy that ran said then.

What was recorded is shown as it is recorded. What policies said is found by telling the facts anew,
to today's rules: where rules of another version decided, they may say otherwise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from adapters.asking import by_account
from domain.decide import lapse, tell
from domain.errors import VillkorError
from domain.events import AnyEvent, FactTold, OutcomeRaised, TermsPinned
from domain.order import Order
from domain.outcomes import AnyOutcome, Owed
from domain.state import Told
from domain.terms.book import Book
from projections.fold import Changes, Rows, fold_events
from projections.orders import ORDERS
from projections.parcels import PARCELS
from projections.projection import AnyProjection, Recorded
from projections.sla import SLA

TABLES: tuple[AnyProjection, ...] = (ORDERS, PARCELS, SLA)
NOT_SHOWN = ("seller", "order_id", "dossier", "version", "last_event_at")
Values = dict[tuple[str, str, str], Any]
"""(table, whose row, column) -> value."""


class Changed(NamedTuple):
    """A value of a read model that an event changed; None where there was or is no row."""

    table: str
    row: str
    column: str
    before: Any
    after: Any


class Said(NamedTuple):
    """What a policy said when it ran; `raised` are the types of the events that came of it."""

    policy: str
    items: Sequence[AnyOutcome]
    wakes_at: datetime | None
    raised: Sequence[str]


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
    try:
        answered = _answers([one.event for one in recorded[:number]], event, book)
    except VillkorError as error:
        return Step(event, changed, (), str(error))
    raised = [
        one.event for one in recorded
        if isinstance(one.event, OutcomeRaised) and _moment(one.event) == _moment(event)
    ]  # fmt: skip
    return Step(event, changed, tuple(
        Said(policy, tuple(owed), owed.wakes_at,
             tuple(one.type for one in raised if one.policy == policy))
        for policy, owed in answered.items()
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


class _Listening(Order):
    """An order that keeps what policies said of it, by the fact or the instant at which they ran,
    and as which of its events each fact was told.
    """

    def begin(self, key: str) -> None:
        super().begin(key)
        self.heard: dict[object, dict[str, Owed]] = {}
        self.told_as: list[int] = []

    def tell(self, told: Told[Any], body: bytes) -> FactTold:
        event = super().tell(told, body)
        self.told_as.append(event.originator_version)
        return event

    def settle(self, policy: str, owed: Owed, cause: int) -> None:
        self.heard.setdefault(self.clock if cause == 0 else cause, {})[policy] = owed
        super().settle(policy, owed, cause)


def _answers(events: Sequence[AnyEvent], event: AnyEvent, book: Book) -> dict[str, Owed]:
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
