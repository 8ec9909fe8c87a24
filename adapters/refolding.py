"""Events of the log into the tables beside the live ones, each held against its hash chain.

What does not fit is folded by nobody who does not say so: rows of a read model may be the only ones
that still have what a changed event said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import starmap
from typing import NamedTuple

import asyncpg

from adapters.chain import Break, Hashes, beginning, breaks, cut_off, hashes_of
from adapters.folding import Closings, Stream, fold_stream, since, streams, written
from adapters.postgres import beside, sql
from adapters.postgres.batch import EventRow
from adapters.postgres.store import write_changes
from adapters.processes import Part
from domain.errors import Guarded
from projections import KEYED, rebuilt_with
from projections.fold import Changes, Rows
from projections.orders import ORDERS
from projections.projection import AnyProjection, Key, Row

Names = frozenset[str]
Loading = dict[str, dict[Key, Row]]
Upto = Mapping[int, Part]
"""How far each partition is folded, and its head there."""


class Added(NamedTuple):
    """How many rows a stretch of the log adds by table, and where its chain is broken."""

    rows: Counter[str] = Counter()
    broken: Sequence[Break] = ()


async def fold_part(
    connection: asyncpg.Connection, part: Part, names: Names, upto: Upto, strict: bool
) -> Added:
    """Fold a partition into the tables beside, from where they are.

    Raises Guarded at the first event that does not fit its chain, where it is `strict`.
    """
    after = upto.get(part.partition, beginning(part.partition))
    wanted, fresh = rebuilt_with(names), not after.position
    closings = await Closings.of(connection, {part.partition: part.position})
    hashes = await hashes_of(connection, after, part)
    added, broken = Counter[str](), _found(cut_off(part, hashes), strict=strict)
    async for together in streams(connection, part.partition, after.position, part.position):
        broken += _broken(together, hashes, strict=strict)
        await connection.execute(beside.SET_PATH)  # the log was found before
        added.update(await _put(connection, together, closings, wanted, fresh=fresh))
    await connection.execute(beside.RESET_PATH)
    return Added(added, broken)


async def fold_since(
    connection: asyncpg.Connection,
    parts: Sequence[Part],
    wanted: Sequence[AnyProjection],
    upto: Upto,
    *,
    strict: bool,
) -> Added:
    """Fold what little came in all partitions since, as `fold_part` does."""
    before = [upto.get(one.partition, beginning(one.partition)) for one in parts]
    together = await since(
        connection,
        [(one.partition, was.position, one.position)
         for one, was in zip(parts, before, strict=True)],
    )  # fmt: skip
    hashes: Hashes = {one[:2]: one.head for one in before}
    hashes |= {row[:2]: row.hash for stream in together for row in stream}
    broken = _broken(together, hashes, strict=strict)
    for part in parts:
        broken += _found(cut_off(part, hashes), strict=strict)
    closings = await Closings.of(connection, {one.partition: one.position for one in parts})
    await connection.execute(beside.SET_PATH)
    added = await _put(connection, together, closings, wanted, fresh=False)
    await connection.execute(beside.RESET_PATH)
    return Added(added, broken)


def _broken(together: Sequence[Stream], hashes: Hashes, *, strict: bool) -> list[Break]:
    rows = (row for stream in together for row in stream)
    return _found(breaks(rows, hashes), strict=strict)


def _found(found: Iterable[Break], *, strict: bool) -> list[Break]:
    """Where chains are broken. Raises Guarded at the first in the log, where it is `strict`."""
    broken = sorted(found)
    if broken and strict:
        raise Guarded(
            f"{broken[0].sentence}. Nothing was swapped, and the read models are as they were: "
            "`villkor verify` lists what differs; once that is looked into, `villkor rebuild "
            "--despite-broken-chain --by NAME --reason WHY` makes them of the log as it is"
        )
    return broken


async def _put(
    connection: asyncpg.Connection,
    together: Sequence[Stream],
    closings: Mapping[int, Closings],
    wanted: Sequence[AnyProjection],
    *,
    fresh: bool,
) -> Counter[str]:
    """Fold events of some orders on the rows that they have beside; none where all are `fresh`.

    Where their dossiers are not among those, orders are folded from their first event on.
    """
    whole = ORDERS not in wanted
    if whole and not fresh:
        together = await _whole(connection, together)
    held = {} if fresh else await _held(connection, together, wanted)
    changes, added = Changes(), Counter[str]()
    for stream in together:
        rows = held.get(stream[0].key) or Rows()
        added.subtract(_count(rows))
        rows = Rows() if whole else rows
        fold_stream(stream, rows, closings[stream[0].partition], changes, wanted)
        added.update(_count(rows))
    added.update({table: len(new) for table, new in changes.appended.items()})
    await (copy_changes(connection, changes, wanted) if fresh
           else write_changes(connection, changes))  # fmt: skip
    return added


async def _whole(connection: asyncpg.Connection, together: Sequence[Stream]) -> list[Stream]:
    """These streams with what came before, up to where they end."""
    until = {stream[-1].key: stream[-1].version for stream in together}
    names = [(stream[0].seller, stream[0].order_id) for stream in together]
    await connection.execute(beside.RESET_PATH)
    found: dict[str, list[EventRow]] = {}
    for row in starmap(EventRow, await connection.fetch(sql.STREAMS, *zip(*names, strict=True))):
        if row.version <= until[row.key]:
            found.setdefault(row.key, []).append(row)
    await connection.execute(beside.SET_PATH)
    return list(found.values())


async def _held(
    connection: asyncpg.Connection, together: Sequence[Stream], wanted: Sequence[AnyProjection]
) -> dict[str, Rows]:
    """The rows that orders have beside by now."""
    names = [(stream[0].seller, stream[0].order_id) for stream in together]
    found: dict[str, Loading] = {}
    for one in set(wanted) & set(KEYED):
        for row in await connection.fetch(sql.LOAD_ROWS[one.table], *zip(*names, strict=True)):
            tables = found.setdefault(f"{row[0]}/{row[1]}", {})
            key = tuple(row[place] for place in one.places)
            tables.setdefault(one.table, {})[key] = tuple(row)
    return {key: Rows(tables) for key, tables in found.items()}


def _count(rows: Rows) -> dict[str, int]:
    return {table: len(held) for table, held in rows.tables.items()}


async def copy_changes(
    connection: asyncpg.Connection, changes: Changes, wanted: Sequence[AnyProjection]
) -> None:
    """Write rows where none are yet."""
    for one in wanted:
        columns = [column.name for column in one.columns]
        await connection.copy_records_to_table(
            one.table, records=written(one, changes), columns=columns
        )
