"""The hash chain of a stretch of the log, whose events come in whatever order.

Who verifies walks it as it was written. Who rebuilds reads order by order: each event is held
against the stored hash of the one before it, one SHA-256 an event.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import asyncpg

from adapters.postgres.batch import EventRow
from adapters.processes import Part
from adapters.seal import START, chained

HASHES = """
    select partition, position, hash from events
    where partition = $1 and position > $2 and position <= $3
"""
Hashes = dict[tuple[int, int], bytes]
"""(partition, position) -> the hash of the event there."""


class Break(NamedTuple):
    """Where a chain does not hold, in a sentence."""

    partition: int
    position: int
    sentence: str


def beginning(partition: int) -> Part:
    """What the first event of a partition chains to."""
    return Part(partition, 0, START)


async def hashes_of(connection: asyncpg.Connection, after: Part, until: Part) -> Hashes:
    """The hashes of a stretch of a partition, and that of what came before it."""
    rows = await connection.fetch(HASHES, until.partition, after.position, until.position)
    found = {(partition, position): hash for partition, position, hash in rows}
    return found | {after[:2]: after.head}


def breaks(rows: Iterable[EventRow], hashes: Hashes) -> Iterator[Break]:
    """Each of these events that does not fit the one before it."""
    for row in rows:
        before = hashes.get((row.partition, row.position - 1))
        if before is None or row.hash != chained(
            before, row.key, row.version, row.recorded_at, row.stored
        ):
            yield Break(row.partition, row.position, unchained(row))


def cut_off(part: Part, hashes: Hashes) -> Iterator[Break]:
    """Where a partition's last event is not its head."""
    if hashes.get(part[:2]) != part.head:
        yield Break(
            *part[:2], f"partition {part.partition}: the last event is not the head, which is at "
            f"{part.position}: events were removed from its end, or the head was changed",
        )  # fmt: skip


def unchained(row: EventRow) -> str:
    """What it means that an event does not fit, in words."""
    return (
        f"partition {row.partition}: event {row.position} ({row.key} {row.version}) does not fit "
        "the chain: it was changed after it was written, or rows around it were removed; rows made "
        "of it may still have what it said"
    )
