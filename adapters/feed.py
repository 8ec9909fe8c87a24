"""The log as a feed: pages of events, each from a vector of positions to the next.

The log has no order over all its partitions; in each of them, and so in each order, events come as
they were written, every one once. A vector says how far each partition was read, also past events
that are not there for who asks.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import groupby
from typing import Annotated, Any, NamedTuple

import asyncpg
import msgspec
from msgspec import Meta

from adapters.codec import KINDS, FactMeta
from adapters.kafka.outcomes import data_of
from adapters.partitions import PARTITIONS
from adapters.postgres.batch import EventRow
from domain.errors import Refused

SPAN = 5_000
"""So many positions of a partition are looked through for a page, whoever's they are."""
HEADS = "select partition, position from partitions where position > 0"
EVENTS = """
    select e.partition, e.position, e.seller, e.order_id, e.version, e.type, e.schema, e.at,
           e.recorded_at, e.source, e.id, e.body, e.meta, e.hash
    from unnest($1::smallint[], $2::bigint[], $3::bigint[]) s(partition, after, until),
         lateral (
             select * from events
             where partition = s.partition and position > s.after and position <= s.until
               and ($4::text is null or seller = $4) and ($5::text[] is null or type = any($5))
             order by position limit $6
         ) e
    order by e.partition, e.position
"""
_Positions = Annotated[
    list[Annotated[int, Meta(ge=0, le=2**62)]], Meta(min_length=PARTITIONS, max_length=PARTITIONS)
]
_vector = msgspec.msgpack.Decoder(_Positions)
_meta = msgspec.json.Decoder(FactMeta)


class Vector(tuple[int, ...]):
    """How far each partition was read; as text it is what a feed goes on from."""

    __slots__ = ()

    @classmethod
    def beginning(cls) -> "Vector":
        return cls((0,) * PARTITIONS)

    @classmethod
    def read(cls, told: str) -> "Vector":
        """From its text. Raises Refused where it is none."""
        try:
            packed = base64.b64decode(told + "=" * (-len(told) % 4), b"-_", validate=True)
            return cls(_vector.decode(packed))
        except (ValueError, msgspec.MsgspecError) as error:
            raise Refused("cursor: that is no cursor of this feed; begin without one") from error

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(msgspec.msgpack.encode(list(self))).decode().rstrip("=")

    def moved(self, positions: dict[int, int]) -> "Vector":
        """The same, with some partitions read further."""
        return Vector(positions.get(at, one) for at, one in enumerate(self))


class Wanted(NamedTuple):
    """Which events; None does not ask."""

    seller: str | None = None
    types: Sequence[str] | None = None


@dataclass(slots=True, frozen=True)
class Page:
    """Events, where to go on from, and whether there is more already; `length` is the log's."""

    events: list[EventRow]
    next: Vector
    more: bool
    length: int


class Event(msgspec.Struct, omit_defaults=True):
    """An event as it is shown: a fact's data as it was told, an outcome's as it is sent.

    What is personal is not in it: `personal` has digests by field. `void` is a fact that had been
    taken back before it came; `extensions` are unknown attributes of its message.
    """

    partition: int
    position: int
    seller: str
    order: str
    version: int
    type: str
    at: datetime
    recorded_at: datetime
    source: str | None
    id: str | None
    data: Any
    personal: dict[str, str] = {}
    void: bool = False
    extensions: dict[str, Any] = {}


async def end(pool: asyncpg.Pool) -> Vector:
    """The vector of a log read to its end."""
    return Vector.beginning().moved(await _heads(pool))


async def page(pool: asyncpg.Pool, after: Vector, wanted: Wanted, limit: int) -> Page:
    """The events after a vector that are there for who asks, at most so many.

    Partitions share a page evenly, those that are furthest behind first, so that none waits for
    another. Within a partition the order is the log's; beside each other they are by recorded time.
    Raises Refused where the vector is ahead of the log: it is another log's, or this was restored.
    """
    heads = await _heads(pool)
    if any(at > heads.get(partition, 0) for partition, at in enumerate(after)):
        raise Refused("cursor: it is ahead of this log, so it is another's; begin without one")
    behind = sorted(
        (after[partition] - head, partition)
        for partition, head in heads.items() if head > after[partition]
    )  # fmt: skip
    chosen = sorted(partition for _, partition in behind[:limit])
    length = sum(heads.values())
    if not chosen:
        return Page([], after, more=False, length=length)
    share = limit // len(chosen)
    until = {one: min(heads[one], after[one] + SPAN) for one in chosen}
    rows = await pool.fetch(
        EVENTS, chosen, [after[one] for one in chosen], list(until.values()), *wanted, share
    )
    found = {
        partition: list(some)
        for partition, some in groupby((EventRow(*row) for row in rows), lambda row: row.partition)
    }
    until |= {one: some[-1].position for one, some in found.items() if len(some) == share}
    further = after.moved(until)
    events = list(merge(*found.values(), key=lambda row: row.recorded_at))
    more = any(further[one] < head for one, head in heads.items())
    return Page(events, further, more, length)


async def _heads(pool: asyncpg.Pool) -> dict[int, int]:
    return dict(await pool.fetch(HEADS))


def shown(row: EventRow) -> Event:
    """An event for programs. Raises Corrupt where its form is not known."""
    event = Event(
        row.partition, row.position, row.seller, row.order_id, row.version, row.type,
        row.at.astimezone(UTC), row.recorded_at.astimezone(UTC), row.source, row.id, None,
    )  # fmt: skip
    if row.type in KINDS:
        event.data = data_of(row)
        return event
    meta = _meta.decode(row.meta)
    event.data, event.void = msgspec.Raw(row.body), meta.void
    event.personal, event.extensions = meta.personal, meta.extensions
    return event
