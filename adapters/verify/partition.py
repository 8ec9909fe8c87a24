"""One partition verified: its chain, every stream decided again, and the rows that follow from it.

It is work for a process of its own (adapters/processes.py). The events of one partition are in
memory at a time; rows are fetched for some orders at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import asyncpg

from adapters.verify.differences import Difference, of_rows, place_of
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
    found.differences += _led_to(map(of_rows, apart), seen) if apart else ()
    count, differences = await beside(connection, seen, given.book, given.failed)
    found.rows.update(count)
    found.differences += differences


def _led_to(
    differences: Iterable[Difference], seen: Sequence[tuple[AnyStream, Stream]]
) -> Iterator[Difference]:
    """The same, those of postings with the events that they are of."""
    places = {row.position: place_of(row) for _, rows in seen for row in rows}
    for one in differences:
        at = None if one.event is None else one.event.position
        yield one if at not in places else replace(one, event=places[at])
