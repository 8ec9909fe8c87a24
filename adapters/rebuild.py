"""Rebuild: the read models from the log alone, beside the live ones, which writers go on with.

What the log holds by now is folded into tables beside, partition by partition, in processes. What
came meanwhile is folded on top in rounds, until little is left; that is folded while the writers
are held, and in the same transaction the tables take the place of the live ones. Whenever it is
killed, the live ones are whole. `check` compares instead, row for row, in one snapshot.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from time import perf_counter

import asyncpg
import structlog

from adapters.verify.differences import of_rows
from adapters import acts
from adapters.chain import Break
from adapters.folding import Closings, Difference, compare, fold_stream, strangers, streams
from adapters.partitions import register_of
from adapters.postgres import beside
from adapters.postgres.connect import connected
from adapters.postgres.store import Store
from adapters.processes import FEW, Part, Progress, over_partitions, snapshot
from adapters.refolding import Added, Names, fold_part, fold_since
from domain.acts import ChainOverridden
from domain.errors import Guarded, VillkorError
from domain.stream import Said, named
from projections import PROJECTIONS, rebuilt_with
from projections.fold import Changes, Rows
from projections.projection import AnyProjection

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
    """What was folded anew, and how long the writers were held.

    Where chains were overridden, what is `broken` in words, and the rows of the `inbox` that have
    the acts of it.
    """

    held_seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    inbox: list[int] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Override:
    """Who rebuilds although a chain does not hold, why and when."""

    by: str
    reason: str
    at: datetime


@dataclass(slots=True)
class Checked(Folded):
    """What was compared: how many rows differ, and the first of them in words."""

    differing: int = 0
    differences: list[str] = field(default_factory=list)


async def rebuild(
    store: Store,
    names: Sequence[str] = (),
    *,
    despite: Override | None = None,
    progress: Progress = lambda _done, _of: None,
    processes: int | None = None,
) -> Rebuilt:
    """Fold the log anew into the read models named (all), and swap them for the live ones.

    Writers go on; at the swap they wait a moment. Raises VillkorError where there is no such read
    model, and Guarded where another rebuild is at work, where no attempt to swap succeeds, or where
    a hash chain does not hold: the live ones are as they were then, and may be all that still has
    what a forged event said. `despite` goes on, as an act in the log.
    """
    wanted = _wanted(names)
    async with _alone(store.dsn) as connection:
        await beside.create(connection, [one.table for one in wanted])
        work = _Rebuild(store.dsn, connection, frozenset(names), wanted, progress, despite)
        try:
            await work.fold(processes)
            await work.complete()
            await work.swap()
        except Guarded:
            await beside.clean(connection)
            raise
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
    """A rebuild under way: `upto` has how far each partition is folded, and the head there."""

    dsn: str
    connection: asyncpg.Connection
    names: Names
    wanted: tuple[AnyProjection, ...]
    progress: Progress
    despite: Override | None = None
    upto: dict[int, Part] = field(default_factory=dict)
    broken: list[Break] = field(default_factory=list)
    done: Rebuilt = field(default_factory=Rebuilt)
    hindrance: str = ""
    """Why the last attempt to swap failed."""

    async def fold(self, processes: int | None = None) -> None:
        """Fold what the log holds by now and the tables beside do not, in processes."""
        async with snapshot(self.dsn) as cut:
            parts = self._moved(cut.parts)
            await over_partitions(
                replace(cut, parts=parts), fold_part, (self.names, self.upto, not self.despite),
                take=lambda part, added: self._take([part], added), readonly=False,
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
                    added = await self._since(parts)
                self._take(parts, added)

    def _told(self, missing: int) -> Progress:
        """Tells how far all of it is, whatever part of each partition is worked through."""
        before = self.done.events
        return lambda _done, _of: self.progress(self.done.events, before + missing)

    def _moved(self, parts: Sequence[Part]) -> list[Part]:
        return [part for part in parts if part.position > self._position(part.partition)]

    def _missing(self, parts: Sequence[Part]) -> int:
        return sum(part.position - self._position(part.partition) for part in parts)

    def _position(self, partition: int) -> int:
        return self.upto[partition].position if partition in self.upto else 0

    async def _since(self, parts: Sequence[Part]) -> Added:
        return await fold_since(
            self.connection, parts, self.wanted, self.upto, strict=not self.despite
        )

    def _take(self, parts: Sequence[Part], added: Added) -> None:
        self.done.add(self._missing(parts), added.rows)
        self.broken += added.broken
        self.upto |= {part.partition: part for part in parts}

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
                    parts, added = await self._last_fold()
                    await self.connection.execute(swap)
                    inbox = await acts.tell(self.connection, self._overridden(added.broken))
        except _TooMuch:
            self.hindrance = f"more than {LITTLE} events come between two looks at the log"
            return False
        except beside.LATE:
            self.hindrance = f"the writers would have been held for more than {HELD_SECONDS:g} s"
            return False
        except beside.BUSY:
            self.hindrance = await beside.holders(self.connection, self.wanted)
            return False
        self._take(parts, added)
        self.done.held_seconds, self.done.inbox = perf_counter() - start, inbox
        self.done.broken = [one.sentence for one in sorted(self.broken)]
        return True

    def _overridden(self, last: Sequence[Break]) -> Iterator[Said]:
        """What the registers of partitions are told whose chains do not hold."""
        if self.despite is None:
            return
        why, broken = self.despite, sorted([*self.broken, *last])
        for partition, own in groupby(broken, key=lambda one: one.partition):
            first, *more = own
            yield acts.act(
                register_of(partition),
                ChainOverridden(
                    position=first.position, breaks=1 + len(more), by=why.by, reason=why.reason
                ),
                named("overridden", why.at.isoformat(), str(partition)), why.at,
            )  # fmt: skip

    async def _last_fold(self) -> tuple[list[Part], Added]:
        """Fold what is left while the writers are held; the parts of the log, and the rows."""
        parts = self._moved(await beside.hold(self.connection, self.wanted, HELD_SECONDS))
        if self._missing(parts) > LITTLE:
            raise _TooMuch
        if not parts:
            return parts, Added()
        return parts, await self._since(parts)


class _TooMuch(Exception):
    """More came than can be folded while writers are held."""


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
