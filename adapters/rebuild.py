"""Rebuild: the read models from the log alone, beside the live ones, which writers go on with.

What the log holds by now is folded into tables beside, partition by partition, in processes. What
came meanwhile is folded on top in rounds, until little is left; that is folded while the writers
are held, and in the same transaction the tables take the place of the live ones. Whenever it is
killed, the live ones are whole. `check` compares instead, row for row, in one snapshot.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter

import asyncpg
import structlog

from adapters.verify.differences import of_rows
from adapters.folding import (
    Closings, Difference, Stream, compare, fold_stream, since, strangers, streams, written,
)  # fmt: skip
from adapters.postgres import beside, sql
from adapters.postgres.connect import connected
from adapters.postgres.store import Store, write_changes
from adapters.processes import FEW, Part, Progress, over_partitions, snapshot
from domain.errors import Guarded, VillkorError
from projections import KEYED, PROJECTIONS, rebuilt_with
from projections.fold import Changes, Rows
from projections.projection import AnyProjection, Key, Row

log = structlog.get_logger()
LITTLE = 1_000
"""Events that may be missing beside when the writers are held: a tenth of a second's work."""
SHORTEST, LONGEST = 0.5, 16.0
"""Seconds between two attempts to swap, doubled each time: others wait behind each of them."""
ATTEMPTS = 24
"""To swap: five minutes in all."""
HELD_SECONDS = 3.0
"""Writers are held no longer: an attempt that is not done by then is undone."""
SHOWN = 100
"""Differences that are told."""
Names = frozenset[str]
Loading = dict[str, dict[Key, Row]]


@dataclass(slots=True)
class Folded:
    """What was folded: events, and the rows that they gave by table."""

    events: int = 0
    rows: dict[str, int] = field(default_factory=dict)

    def add(self, events: int, rows: Mapping[str, int]) -> None:
        """What a part of the log gave."""
        self.events += events
        for table, more in rows.items():
            self.rows[table] = self.rows.get(table, 0) + more


@dataclass(slots=True)
class Rebuilt(Folded):
    """What was folded anew, and how long the writers were held."""

    held_seconds: float = 0.0


@dataclass(slots=True)
class Checked(Folded):
    """What was compared: how many rows differ, and the first of them in words."""

    differing: int = 0
    differences: list[str] = field(default_factory=list)


async def rebuild(
    store: Store,
    names: Sequence[str] = (),
    *,
    progress: Progress = lambda _done, _of: None,
    processes: int | None = None,
) -> Rebuilt:
    """Fold the log anew into the read models named (all), and swap them for the live ones.

    Writers go on; at the swap they wait a moment. Raises VillkorError where there is no such read
    model, and Guarded where another rebuild is at work, or where no attempt to swap succeeds: the
    live ones are as they were then.
    """
    wanted = _wanted(names)
    async with _alone(store.dsn) as connection:
        await beside.create(connection, [one.table for one in wanted])
        work = _Rebuild(store.dsn, connection, frozenset(names), wanted, progress)
        await work.fold(processes)
        await work.complete()
        await work.swap()
        await beside.clean(connection)
    return work.done


def _wanted(names: Sequence[str]) -> tuple[AnyProjection, ...]:
    try:
        return rebuilt_with(frozenset(names))
    except KeyError as error:
        known = ", ".join(one.name for one in PROJECTIONS)
        raise VillkorError(f"there is no read model {error}; there are {known}") from error


@asynccontextmanager
async def _alone(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the one rebuild that is at work."""
    connection = await connected(dsn)
    try:
        if not await connection.fetchval(beside.ALONE):
            raise Guarded("another rebuild is at work; wait until it has ended")
        yield connection
    finally:
        await connection.close()


@dataclass(slots=True)
class _Rebuild:
    """A rebuild under way: `upto` has the position up to which each partition is folded."""

    dsn: str
    connection: asyncpg.Connection
    names: Names
    wanted: tuple[AnyProjection, ...]
    progress: Progress
    upto: dict[int, int] = field(default_factory=dict)
    done: Rebuilt = field(default_factory=Rebuilt)
    hindrance: str = ""
    """Why the last attempt to swap failed."""

    async def fold(self, processes: int | None = None) -> None:
        """Fold what the log holds by now and the tables beside do not, in processes."""
        async with snapshot(self.dsn) as cut:
            parts = self._moved(cut.parts)
            await over_partitions(
                replace(cut, parts=parts), fold_part, (self.names, self.upto),
                take=lambda part, rows: self._take([part], rows), readonly=False,
                progress=self._told(self._missing(parts)), processes=processes,
            )  # fmt: skip

    async def catch_up(self) -> None:
        """Fold what came since, in rounds, until little comes during one."""
        missing = LITTLE + 1
        while missing > LITTLE:
            parts = self._moved(await beside.log(self.connection))
            missing = self._missing(parts)
            if missing >= FEW:
                await self.fold()
            elif parts:
                async with self.connection.transaction():
                    rows = await fold_since(self.connection, parts, self.wanted, self.upto)
                self._take(parts, rows)

    def _told(self, missing: int) -> Progress:
        """Tells how far all of it is, whatever part of each partition is worked through."""
        before = self.done.events
        return lambda _done, _of: self.progress(self.done.events, before + missing)

    def _moved(self, parts: Sequence[Part]) -> list[Part]:
        return [part for part in parts if part.position > self.upto.get(part.partition, 0)]

    def _missing(self, parts: Sequence[Part]) -> int:
        return sum(part.position - self.upto.get(part.partition, 0) for part in parts)

    def _take(self, parts: Sequence[Part], rows: Counter[str]) -> None:
        self.done.add(self._missing(parts), rows)
        self.upto |= {part.partition: part.position for part in parts}

    async def complete(self) -> None:
        """Indexes and triggers for the tables beside, two tables at a time."""
        left = [one.table for one in self.wanted]

        async def some() -> None:
            connection = await connected(self.dsn)
            try:
                while left:
                    await beside.complete(connection, left.pop(0))
            finally:
                await connection.close()

        await asyncio.gather(some(), some())

    async def swap(self) -> None:
        """Put the tables in the place of the live ones, after some attempts if need be.

        Raises Guarded where none succeeds.
        """
        for attempt in range(ATTEMPTS):
            if attempt:
                log.warning("the swap waits", reason=self.hindrance)
                await asyncio.sleep(min(SHORTEST * 2 ** (attempt - 1), LONGEST))
            await self.catch_up()
            if await self.swapped():
                return
        await beside.clean(self.connection)
        raise Guarded(
            f"the read models are as they were, for those rebuilt could not take their place: "
            f"{self.hindrance}; rebuild again once that is over"
        )

    async def swapped(self) -> bool:
        """Hold the writers, fold what is left, and swap; where that cannot be, nothing changed."""
        try:
            async with self.connection.transaction():
                await beside.built(self.connection, self.wanted)
                swap = await beside.swapping(self.connection, self.wanted)
                start = perf_counter()
                async with asyncio.timeout(HELD_SECONDS):
                    parts, rows = await self._last_fold()
                    await self.connection.execute(swap)
        except _TooMuch:
            self.hindrance = f"more than {LITTLE} events come between two looks at the log"
            return False
        except beside.LATE:
            self.hindrance = f"the writers would have been held for more than {HELD_SECONDS:g} s"
            return False
        except beside.BUSY:
            self.hindrance = await beside.holders(self.connection, self.wanted)
            return False
        self._take(parts, rows)
        self.done.held_seconds = perf_counter() - start
        return True

    async def _last_fold(self) -> tuple[list[Part], Counter[str]]:
        """Fold what is left while the writers are held; the parts of the log, and the rows."""
        parts = self._moved(await beside.hold(self.connection, self.wanted, HELD_SECONDS))
        if self._missing(parts) > LITTLE:
            raise _TooMuch
        if not parts:
            return parts, Counter()
        return parts, await fold_since(self.connection, parts, self.wanted, self.upto)


class _TooMuch(Exception):
    """More came than can be folded while writers are held."""


async def fold_part(
    connection: asyncpg.Connection, part: Part, names: Names, upto: Mapping[int, int]
) -> Counter[str]:
    """Fold a partition into the tables beside, from where they are; how many rows it adds."""
    wanted, after = rebuilt_with(names), upto.get(part.partition, 0)
    closings = await Closings.of(connection, {part.partition: part.position})
    added = Counter[str]()
    async for together in streams(connection, part.partition, after, part.position):
        await connection.execute(beside.SET_PATH)  # the log was found before
        added.update(await _put(connection, together, closings, wanted, fresh=not after))
    await connection.execute(beside.RESET_PATH)
    return added


async def fold_since(
    connection: asyncpg.Connection,
    parts: Sequence[Part],
    wanted: Sequence[AnyProjection],
    upto: Mapping[int, int],
) -> Counter[str]:
    """Fold what little came in all partitions since; how many rows it adds."""
    stretches = [(one.partition, upto.get(one.partition, 0), one.position) for one in parts]
    together = await since(connection, stretches)
    closings = await Closings.of(connection, {one.partition: one.position for one in parts})
    await connection.execute(beside.SET_PATH)
    added = await _put(connection, together, closings, wanted, fresh=False)
    await connection.execute(beside.RESET_PATH)
    return added


async def _put(
    connection: asyncpg.Connection,
    together: Sequence[Stream],
    closings: Mapping[int, Closings],
    wanted: Sequence[AnyProjection],
    *,
    fresh: bool,
) -> Counter[str]:
    """Fold events of some orders on the rows that they have beside; none where all are `fresh`."""
    held = {} if fresh else await _held(connection, together, wanted)
    changes, added = Changes(), Counter[str]()
    for stream in together:
        rows = held.get(stream[0].key) or Rows()
        added.subtract(_count(rows))
        fold_stream(stream, rows, closings[stream[0].partition], changes, wanted)
        added.update(_count(rows))
    added.update({table: len(new) for table, new in changes.appended.items()})
    await (copy_changes(connection, changes, wanted) if fresh
           else write_changes(connection, changes))  # fmt: skip
    return added


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


# -- against the live ones -----------------------------------------------------------------------


async def check(
    store: Store,
    names: Sequence[str] = (),
    *,
    progress: Progress = lambda _done, _of: None,
    processes: int | None = None,
) -> Checked:
    """Compare the read models named (all) with what the log gives; nobody waits.

    Raises VillkorError where there is no such read model.
    """
    wanted = _wanted(names)
    result = Checked(rows=dict.fromkeys((one.table for one in wanted), 0))

    def take(part: Part, found: tuple[Counter[str], list[Difference]]) -> None:
        result.add(part.position, found[0])
        tell(found[1])

    def tell(differences: Sequence[Difference]) -> None:
        result.differing += len(differences)
        room = SHOWN - len(result.differences)
        result.differences += [of_rows(one).sentence for one in differences[:room]]

    async with snapshot(store.dsn) as cut:
        await over_partitions(
            cut, check_partition, (frozenset(names),), take=take, progress=progress,
            processes=processes,
        )  # fmt: skip
        tell(await strangers(cut.connection, result.rows, wanted))
    return result


async def check_partition(
    connection: asyncpg.Connection, part: Part, names: Names
) -> tuple[Counter[str], list[Difference]]:
    """How many rows the orders of a partition have, and those that should be others."""
    wanted, count, differences = rebuilt_with(names), Counter[str](), list[Difference]()
    closings = await Closings.of(connection, {part.partition: part.position})
    async for together in streams(connection, part.partition, 0, part.position):
        changes = Changes()
        for stream in together:
            fold_stream(stream, Rows(), closings[part.partition], changes, wanted)
        found, others = await compare(connection, together, changes, wanted)
        count += found
        differences += others
    return count, differences
