"""One stream decided again: what its recorded facts lead to, against what was recorded of them.

The facts are told anew to a blank stream, under the terms that it pinned, and what follows must be
the recorded events, byte for byte and in their order. Then nothing else of the stream need be read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from datetime import datetime
from itertools import zip_longest
from typing import Any

import msgspec

from adapters.codec import KINDS, FactMeta, OutcomeMeta, Stored, TermsBody, decode, encode
from adapters.verify.differences import Difference, Values, place_of
from adapters.verify.words import compared, event_said
from adapters.postgres.batch import EventRow
from adapters.rules import rules_digest
from adapters.streams import AnyStream, blank
from adapters.verify.held import by_others, since
from domain.decide import lapse, tell
from domain.errors import VillkorError
from domain.events import AnyEvent, FactTold, OutcomeRaised
from domain.held import Held
from domain.order import Order
from domain.stream import hear
from domain.terms.book import Book

PINNED = "TermsPinned"
_fact_meta = msgspec.json.Decoder(FactMeta)
_outcome_meta = msgspec.json.Decoder(OutcomeMeta)
_terms = msgspec.json.Decoder(TermsBody)


@dataclass(slots=True)
class Again:
    """A stream as its recorded events make it, these events, and where they should be others.

    No stream, and no event, where what is recorded cannot be read.
    """

    stream: AnyStream | None = None
    events: list[AnyEvent] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    """What today's rules would decide otherwise than those of another version did."""
    failure: str | None = None
    """How they fail about what those decided."""


def again(key: str, rows: Sequence[EventRow], book: Book) -> Again:
    """Decide one order again, hear a customer's facts, or enter a register's acts."""
    try:
        stream = _told(key, rows, book)
        events = stream.collect()
        if len(events) == len(rows) and all(map(_same, events, rows, _causes(events))):
            return Again(stream, events)
    except Exception as error:  # noqa: BLE001 - whatever a changed row, or a changed rule, leads to
        result = recorded(key, rows)
        if result.stream is None or not by_others(rows, rules_digest()):
            result.differences[:0] = _unreadable(key, rows, error).differences
            return result
        events = []
    return _otherwise(key, rows, events, book)


def _told(key: str, rows: Sequence[EventRow], book: Book) -> AnyStream:
    """A blank stream, told what is recorded."""
    stream = blank(key)
    if isinstance(stream, Order):
        for row in rows:
            if row.type == PINNED:
                pin = _terms.decode(row.body)
                stream.editions[pin.seller, pin.marketplace, pin.day] = pin.edition
    for row in rows:
        if row.type in KINDS or row.type == PINNED:
            continue
        event = decode(key, row.version, row.recorded_at, row.stored)
        assert isinstance(event, FactTold)
        if isinstance(stream, Order):
            tell(stream, event.told, event.body, book)
        else:
            hear(stream, event.told, event.body)
    if isinstance(stream, Order):
        lapse(stream, rows[-1].recorded_at, book)
    return stream


# -- byte for byte --------------------------------------------------------------------------------

Cause = tuple[str, str] | None


def _causes(events: Sequence[AnyEvent]) -> Iterator[Cause]:
    """The message of each event's cause, as it is stored with outcomes."""
    messages: dict[int, Cause] = {}
    for event in events:
        if isinstance(event, FactTold):
            messages[event.originator_version] = (event.told.source, event.told.id)
        yield messages.get(event.cause) if isinstance(event, OutcomeRaised) else None


def _same(event: AnyEvent, row: EventRow, cause: Cause) -> bool:
    """Whether an event is stored as this row."""
    if (event.originator_version, event.timestamp) != (row.version, row.recorded_at):
        return False
    stored = encode(event, rules_digest(), cause=cause)
    if (stored.type, stored.at, stored.body) != (row.type, row.at, row.body):
        return False
    if stored.meta == row.meta:
        return True
    was = row.stored
    return _beside(stored) == _beside(was) and _named_alike(stored, was)


def _beside(stored: Stored) -> tuple[Any, ...]:
    """What is stored beside an event, as far as it follows from facts and terms.

    The version of the rules does not, nor what came with a message.
    """
    if stored.type in KINDS:
        by = _outcome_meta.decode(stored.meta)
        return (by.policy, by.cause, by.currency)
    fact = _fact_meta.decode(stored.meta)
    return (fact.void, None if fact.retracted is None else msgspec.json.encode(fact.retracted))


def _named_alike(now: Stored, was: Stored) -> bool:
    """Whether goods and cause are called the same, where they were named: once they were not."""
    if now.type not in KINDS:
        return True
    by, told = _outcome_meta.decode(now.meta), _outcome_meta.decode(was.meta)
    causes = ((None, None), (by.source, by.id))
    return told.goods in ({}, by.goods) and (told.source, told.id) in causes


# -- where they differ ----------------------------------------------------------------------------


def _otherwise(
    key: str, rows: Sequence[EventRow], events: Sequence[AnyEvent], book: Book
) -> Again:  # fmt: skip
    """The stream as it was recorded, and each event that should be another.

    What rules of another version decided is not for today's to find fault with: it is held.
    """
    result, today = recorded(key, rows), rules_digest()
    if not by_others(rows, today):
        result.differences += _apart(key, rows, events)
        return result
    try:
        found = since(key, rows, book, today)
    except Exception as error:  # noqa: BLE001 - where today's rules decided, and cannot again
        result.differences += _unreadable(key, rows, error).differences
        return result
    result.held, result.failure = found.held, found.failure
    for stretch, decided in found.decided:
        result.differences += _apart(key, stretch, decided)
    return result


def _apart(
    key: str, rows: Sequence[EventRow], events: Sequence[AnyEvent]
) -> Iterator[Difference]:  # fmt: skip
    """Each of these rows that should be another event."""
    today = rules_digest()
    now = [encode(one, today, cause=by) for one, by in zip(events, _causes(events), strict=True)]
    was = [row.stored for row in rows]
    times, others = [row.recorded_at for row in rows], [one.timestamp for one in events]
    aligned = SequenceMatcher(
        None, _told_apart(was, times), _told_apart(now, others), autojunk=False
    )
    for kind, start, end, other, last in aligned.get_opcodes():
        for here, there in zip_longest(range(start, end), range(other, last)):
            if kind == "equal" and _named_alike(now[there], was[here]):
                continue
            row = rows[max(0, start - 1) if here is None else here]
            found = None if here is None else was[here]
            expected = None if there is None else now[there]
            yield _difference(key, row, expected, found)


def _told_apart(
    stored: Sequence[Stored], times: Sequence[datetime]
) -> list[tuple[Any, ...]]:  # fmt: skip
    """All of events that is compared, but their versions, which one event more or less moves."""
    return [
        (one.type, one.at, at, one.body, *_beside(one))
        for one, at in zip(stored, times, strict=True)
    ]


def _difference(
    key: str, row: EventRow, expected: Stored | None, found: Stored | None
) -> Difference:
    """`row` is the event, or the one behind which another would follow."""
    both = _values(expected), _values(found)
    if found is None:
        sentence = f"{key}: {event_said(expected)} would follow {row.version}"
    elif expected is None or expected.type != found.type:
        sentence = f"{key} {row.version}: {event_said(found)}, now {event_said(expected)}"
    else:
        lines = compared(both[0] or {}, both[1] or {})
        what = "; ".join(f"{path} {was}, now {now}" for path, now, was in lines)
        sentence = f"{key} {row.version}: {found.type} {what}"
    return Difference(
        sentence=sentence, table="events", order=key, event=place_of(row),
        expected=both[0], found=both[1],
    )  # fmt: skip


def _values(stored: Stored | None) -> Values | None:
    """An event for programs: amounts in its body are öre, as they are stored."""
    if stored is None:
        return None
    return {"type": stored.type, "body": stored.body.decode(), "meta": stored.meta.decode()}


def recorded(key: str, rows: Sequence[EventRow]) -> Again:
    """The stream as its rows make it, whatever the rules say."""
    stream, events = blank(key), list[AnyEvent]()
    try:
        for row in rows:
            events.append(event := decode(key, row.version, row.recorded_at, row.stored))
            stream.apply(event)
    except Exception as error:  # noqa: BLE001 - whatever a changed row leads to
        return _unreadable(key, rows, error)
    return Again(stream, events)


def _unreadable(key: str, rows: Sequence[EventRow], error: Exception) -> Again:
    """What cannot be told again, of a stream whose rows make it or do not."""
    what = str(error) if isinstance(error, VillkorError) else f"{type(error).__name__}: {error}"
    sentence = what if what.startswith(f"{key}: ") else f"{key}: {what}"
    return Again(
        differences=[
            Difference(sentence=sentence, table="events", order=key, event=place_of(rows[-1]))
        ]
    )
