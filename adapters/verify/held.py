"""An order that other rules decided in part: what today's decided of it, and what is held.

What the rules of another version raised is taken as it is recorded, for they are no longer there
to be asked. Each stretch of the order that today's rules decided is decided again: they raise only
what changed under them, until somebody adopted them (domain/held.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from adapters.codec import KINDS, OutcomeMeta, decode
from adapters.held import compared
from adapters.postgres.batch import EventRow
from domain.decide import follow, lapse, tell
from domain.events import AnyEvent, FactTold, TermsPinned
from domain.held import Held
from domain.order import Order
from domain.terms.book import Book

_outcome_meta = msgspec.json.Decoder(OutcomeMeta)
Decided = tuple[list[EventRow], list[AnyEvent]]
"""The rows of a stretch, and the events that today's rules make of it where they decided it."""


@dataclass(slots=True)
class Since:
    """What today's rules decided of an order, stretch by stretch, and what they would otherwise.

    Where they fail about it, `failure` says how.
    """

    decided: list[Decided] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    failure: str | None = None


def by_others(rows: Sequence[EventRow], today: str) -> bool:
    """Whether rules of another version decided any of these events."""
    return any(rules != today for rules in map(_rules, rows) if rules is not None)


def since(key: str, rows: Sequence[EventRow], book: Book, today: str) -> Since:
    """Decide an order again where today's rules decided it. Raises VillkorError as they do."""
    result, order = Since(), Order.blank(key)
    events = [decode(key, row.version, row.recorded_at, row.stored) for row in rows]
    for event in events:
        if isinstance(event, TermsPinned):
            order.editions[event.seller, event.marketplace, event.day] = event.edition
    at, stretches = 0, list(_stretches(rows, events))
    for stretch, is_todays in zip(stretches, _todays(stretches, today), strict=True):
        those = events[at : at + len(stretch)]
        at += len(stretch)
        if is_todays:
            result.decided.append((stretch, _decided(order, those, book, today)))
        for event in those:
            order.apply(event)
        order.catch_up()
    order.holds = not order.rules <= {today}
    if order.holds:
        result.held, result.failure = compared(order, book)
    return result


def _decided(
    order: Order, those: Sequence[AnyEvent], book: Book, today: str
) -> list[AnyEvent]:  # fmt: skip
    """What today's rules make of a stretch, up to which the order is as it was recorded."""
    mark = order.mark()
    order.holds = not order.rules <= {today}
    follow(order, book)
    fact = next((one for one in those if isinstance(one, FactTold)), None)
    if fact is None:
        lapse(order, those[-1].timestamp, book)
    else:
        tell(order, fact.told, fact.body, book)
    found = order.collect()
    order.restore(mark)
    return found


def _stretches(
    rows: Sequence[EventRow], events: Sequence[AnyEvent]
) -> Iterator[list[EventRow]]:  # fmt: skip
    """What lapsed before a fact, the fact, and what it caused; at the end what lapsed after all."""
    stretch: list[EventRow] = []
    told = False
    for row, event in zip(rows, events, strict=True):
        lapsed = row.type in KINDS and _outcome_meta.decode(row.meta).cause == 0
        if told and (lapsed or isinstance(event, FactTold)):
            yield stretch
            stretch, told = [], False
        stretch.append(row)
        told = told or isinstance(event, FactTold)
    if stretch:
        yield stretch


def _todays(stretches: Sequence[Sequence[EventRow]], today: str) -> list[bool]:
    """Which stretches today's rules decided: those whose outcomes say so.

    Where there is none, the outcomes before and after it do.
    """
    named = [{one for one in map(_rules, rows) if one is not None} for rows in stretches]
    before: set[str] = set()
    since = []
    for rules in named:
        before = rules or before
        since.append(before)
    after: set[str] = set()
    found = []
    for rules, was in zip(reversed(named), reversed(since), strict=True):
        after = rules or after
        found.append((was | after) <= {today})
    return found[::-1]


def _rules(row: EventRow) -> str | None:
    return _outcome_meta.decode(row.meta).rules if row.type in KINDS else None
