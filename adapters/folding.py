"""Folding: the stored events of a partition into rows of the read models, some orders at a time.

Who rebuilds writes these rows, who verifies compares them with the live ones. A stretch of the log
that does not begin at its start is folded on the rows that its orders have, as a writer does.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import starmap
from typing import Any, NamedTuple

import asyncpg
import msgspec

from adapters.codec import decode
from adapters.partitions import registers
from adapters.postgres import sql
from adapters.postgres.batch import EventRow
from domain.events import AnyEvent
from projections import Appended
from projections.fold import Changes, Rows, fold_events, plain
from projections.periods import Months, closing
from projections.projection import AnyProjection, Key, Recorded, Row

TOGETHER = 5_000
"""Events of whole orders that are folded at a time: what is in memory of a partition."""
SHOWN = 1_000
"""Rows of what is not in the log that are listed of a table."""
Stream = Sequence[EventRow]
"""Events of one order, in their order."""


async def pages(connection: asyncpg.Connection, partition: int) -> AsyncIterator[list[EventRow]]:
    """All events of a partition in the order of the log, some at a time."""
    after, rows = 0, [None] * TOGETHER
    while len(rows) == TOGETHER:
        rows = await connection.fetch(sql.READ_EVENTS, partition, after, TOGETHER)
        if page := list(starmap(EventRow, rows)):
            yield page
            after = page[-1].position


async def streams(
    connection: asyncpg.Connection, partition: int, after: int, until: int
) -> AsyncIterator[list[Stream]]:
    """The events at the positions `after` < .. <= `until`, order by order, some orders at a time.

    In a transaction: it reads on as it is asked to.
    """
    together: list[Stream] = []
    stream: list[EventRow] = []
    count, key = 0, ("", "")
    cursor = connection.cursor(sql.READ_STREAMS, partition, after, until, prefetch=TOGETHER)
    async for found in cursor:
        row = EventRow(*found)
        if (row.seller, row.order_id) != key:
            if count >= TOGETHER:
                yield together
                together, count = [], 0
            key, stream = (row.seller, row.order_id), []
            together.append(stream)
        stream.append(row)
        count += 1
    if together:
        yield together


async def since(
    connection: asyncpg.Connection, stretches: Sequence[tuple[int, int, int]]
) -> list[Stream]:
    """The events of stretches (partition, after, until) of the log, order by order, at once."""
    by_order: dict[str, list[EventRow]] = {}
    rows = await connection.fetch(sql.READ_SINCE, *zip(*stretches, strict=True))
    for row in starmap(EventRow, rows):
        by_order.setdefault(row.key, []).append(row)
    return list(by_order.values())


@dataclass(slots=True)
class Closings:
    """When the months of sellers' books were closed in one partition."""

    by_seller: dict[str, list[tuple[int, date]]] = field(default_factory=dict)
    """(position, the last month that is closed from there on), in order."""

    @classmethod
    async def of(
        cls, connection: asyncpg.Connection, until: Mapping[int, int]
    ) -> dict[int, "Closings"]:
        """Those of partitions, each up to a position."""
        registers_until = [registers(until), list(until.values())]
        told: dict[int, list[EventRow]] = {partition: [] for partition in until}
        for row in starmap(EventRow, await connection.fetch(sql.CLOSINGS, *registers_until)):
            told[row.partition].append(row)
        return {partition: cls.told(rows) for partition, rows in told.items()}

    @classmethod
    def told(cls, register: Iterable[EventRow]) -> "Closings":
        """Those of the events of a partition's register."""
        found, months = cls(), Months()
        for row in register:
            months = closing(decode(row.key, row.version, row.recorded_at, row.stored), months)
            for closed, month in months.items():
                found.by_seller.setdefault(closed, []).append((row.position, month))
        return found

    def before(self, seller: str, position: int) -> date | None:
        """The last month that a seller's books were closed for at an event."""
        closed = self.by_seller.get(seller)
        if closed is None:
            return None
        earlier = bisect_left(closed, (position, date.min))
        return closed[earlier - 1][1] if earlier else None


def fold_stream(
    stream: Stream, rows: Rows, closings: Closings, changes: Changes,
    wanted: Sequence[AnyProjection], events: Iterable[AnyEvent] | None = None,
) -> None:  # fmt: skip
    """Fold events of one order on its rows; what is to be written is put into `changes`.

    `events` are those of the stream, where they have been decoded already.
    """
    if events is None:
        events = [decode(one.key, one.version, one.recorded_at, one.stored) for one in stream]
    recorded = [
        Recorded(
            event, one.seller, one.order_id, one.partition, one.position,
            closings.before(one.seller, one.position),
        )
        for one, event in zip(stream, events, strict=True)
    ]  # fmt: skip
    fold_events(recorded, rows, changes, wanted)


def written(projection: AnyProjection, changes: Changes) -> Iterable[Row]:
    """The rows of a table that a fold puts there."""
    if isinstance(projection, Appended):
        return changes.appended.get(projection.table, ())
    return changes.upserted.get(projection.table, {}).values()


# -- against what is there -----------------------------------------------------------------------


class Difference(NamedTuple):
    """A row that should be another: what follows from the log, and what is there."""

    table: str
    key: Key
    expected: Row | None
    found: Row | None


async def compare(
    connection: asyncpg.Connection,
    together: Sequence[Stream],
    changes: Changes,
    wanted: Sequence[AnyProjection],
) -> tuple[Counter[str], list[Difference]]:
    """How many rows these orders have by table, and where they are not what they should be.

    `changes` is what the whole streams fold into from nothing.
    """
    names = [(stream[0].seller, stream[0].order_id) for stream in together]
    places = [(one.partition, one.position) for stream in together for one in stream]
    count, differences = Counter[str](), list[Difference]()
    for one in wanted:
        which = names if one.key[0] == "seller" else places
        found = await connection.fetch(sql.ROWS_OF[one.table], *zip(*which, strict=True))
        count[one.table] = len(found)
        differences += differing(one, written(one, changes), map(plain, found))
    return count, differences


async def strangers(
    connection: asyncpg.Connection, count: Mapping[str, int], wanted: Sequence[AnyProjection]
) -> list[Difference]:
    """Rows of what is not in the log at all, where there are more than its orders have."""
    differences = []
    for one in wanted:
        if await connection.fetchval(f"select count(*) from {one.table}") == count[one.table]:
            continue
        for row in await connection.fetch(sql.STRANGERS[one.table], SHOWN):
            key = tuple(row[place] for place in one.places)
            differences.append(Difference(one.table, key, None, plain(row)))
    return differences


def differing(
    projection: AnyProjection, expected: Iterable[Row], found: Iterable[Row]
) -> list[Difference]:
    """Where the rows of a table are not what they should be."""
    places, table = projection.places, projection.table
    json = [at for at, column in enumerate(projection.columns) if column.sql_type == "jsonb"]
    there = {tuple([row[place] for place in places]): row for row in found}
    differences = []
    for row in expected:
        key = tuple([row[place] for place in places])
        was = there.pop(key, None)
        if was != row and (was is None or _read(was, json) != _read(row, json)):
            differences.append(Difference(table, key, row, was))
    return differences + [Difference(table, key, None, row) for key, row in there.items()]


def _read(row: Row, json: Sequence[int]) -> list[Any]:
    """A row with its JSON read: the database writes it in another form."""
    values = list(row)
    for at in json:
        values[at] = msgspec.json.decode(values[at])
    return values
