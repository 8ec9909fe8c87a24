"""One partition verified: its chain, every stream decided again, and the rows that follow from it.

It is work for a process of its own (adapters/processes.py). The events of one partition are in
memory at a time; rows are fetched for some orders at a time.
"""

from collections.abc import Sequence

import asyncpg

from adapters.verify.differences import of_rows
from adapters.folding import compare, pages
from adapters.verify.passed import Passed, Sums
from adapters.postgres.batch import EventRow
from adapters.processes import Part
from adapters.streams import AnyStream
from adapters.verify.beside import beside
from adapters.verify.log import Found, Given, Stream, decided_again, messages_of, walk
from projections import PROJECTIONS
from projections.fold import Changes


async def verified(connection: asyncpg.Connection, part: Part, given: Given) -> Found:
    """Everything of one partition."""
    found = Found(sums=Sums(given.on_the_way))
    streams = walk(part, await _events(connection, part), found)
    for seen, changes in decided_again(part, streams, given, found):
        await _rows(connection, seen, changes, given, found)
    return found


async def messages(connection: asyncpg.Connection, part: Part, told: frozenset[int]) -> Passed:
    """Both ends, in one partition, of what streams told those of the partitions `told`."""
    return messages_of(walk(part, await _events(connection, part), Found()), told)


async def _events(connection: asyncpg.Connection, part: Part) -> list[EventRow]:
    """The events of a partition, whatever its head says."""
    return [row async for page in pages(connection, part.partition) for row in page]


async def _rows(
    connection: asyncpg.Connection, seen: Sequence[tuple[AnyStream, Stream]], changes: Changes,
    given: Given, found: Found,
) -> None:  # fmt: skip
    """Compare what lies beside these streams, and what they fold into."""
    count, apart = await compare(connection, [rows for _, rows in seen], changes, PROJECTIONS)
    found.rows.update(count)
    found.differences += map(of_rows, apart)
    count, differences = await beside(connection, seen, given.book, given.failed)
    found.rows.update(count)
    found.differences += differences
