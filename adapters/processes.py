"""Work over the partitions of the log, in processes that read one snapshot of the database.

One connection holds the snapshot, so that a running installation gives one consistent answer
however long the work takes and whoever writes meanwhile. A small log is worked through in this
process: starting others takes about a second.
"""

import asyncio
import gc
import os
import pickle
import signal
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, TypeVar

import asyncpg

from adapters.postgres.connect import connected
from adapters.postgres.sql import HOLD_MODELS, PARTITIONS
from domain.errors import VillkorError

T = TypeVar("T")
FEW = 50_000
"""Events that are worked through before other processes would have started."""
Progress = Callable[[int, int], None]
"""Told how many events are done, and of how many."""


class Part(NamedTuple):
    """A partition of the log, with its position and head as the snapshot has them."""

    partition: int
    position: int
    head: bytes


Work = Callable[..., Awaitable[T]]
"""`work(connection, part, *given)`, in a transaction of its own that sees the snapshot. A function
of a module, and `given` and what it returns can be pickled: they go from process to process."""


@dataclass(slots=True, frozen=True)
class Snapshot:
    """The database at one instant: `parts` of the log, and the name under which others join."""

    dsn: str
    name: str
    connection: asyncpg.Connection
    parts: Sequence[Part]

    @property
    def events(self) -> int:
        return sum(part.position for part in self.parts)


@asynccontextmanager
async def snapshot(dsn: str) -> AsyncIterator[Snapshot]:
    """The database as it is now, for as long as this is open."""
    connection = await connected(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            # It waits for the others, perhaps for an hour.
            await connection.execute("set local idle_in_transaction_session_timeout = 0")
            await connection.execute(HOLD_MODELS)
            name = await connection.fetchval("select pg_export_snapshot()")
            parts = [Part(*row) for row in await connection.fetch(PARTITIONS)]
            yield Snapshot(dsn, name, connection, parts)
    finally:
        await connection.close()


def quiet(_done: int, _of: int) -> None:
    """Tells nobody."""


async def over_partitions(
    cut: Snapshot,
    work: Work[T],
    given: Sequence[Any] = (),
    *,
    take: Callable[[Part, T], None],
    progress: Progress = quiet,
    readonly: bool = True,
    processes: int | None = None,
) -> None:
    """Let `work` do every partition of a snapshot; `take` gets each result as it comes.

    The largest come first, so that all processes end at about the same time. What a piece of work
    wrote (not `readonly`) is committed when it ends. There are as many processes as cores, or one,
    this, for a small log. Raises what the first work that fails raises, and VillkorError where a
    process dies; the others are ended then, as they are where this is cancelled.
    """
    parts = sorted(cut.parts, key=lambda part: -part.position)
    processes = processes or (cores() if cut.events >= FEW else 1)
    job = _Job(cut.dsn, cut.name, work, tuple(given), readonly)
    done = 0
    progress(done, cut.events)
    async with aclosing(
        _here(job, parts) if processes == 1 else _beside(job, parts, processes)
    ) as results:
        async for part, result in results:
            take(part, result)
            done += part.position
            progress(done, cut.events)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True, frozen=True)
class _Job:
    """What is to be done to each partition, and where."""

    dsn: str
    snapshot: str
    work: Work[Any]
    given: tuple[Any, ...]
    readonly: bool

    async def run(self, connection: asyncpg.Connection, part: Part) -> Any:
        async with connection.transaction(isolation="repeatable_read", readonly=self.readonly):
            await connection.execute(f"set transaction snapshot '{self.snapshot}'")
            return await self.work(connection, part, *self.given)


async def _here(job: _Job, parts: Sequence[Part]) -> AsyncGenerator[tuple[Part, Any], None]:
    connection = await connected(job.dsn)
    try:
        for part in parts:
            yield part, await job.run(connection, part)
    finally:
        await connection.close()


async def _beside(
    job: _Job, parts: Sequence[Part], processes: int
) -> AsyncGenerator[tuple[Part, Any], None]:
    context = get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)
    with NamedTemporaryFile(prefix="villkor-") as kept:
        # Not with what a process is started with: who starts one that dies waits for it to read.
        pickle.dump(job, kept)
        kept.flush()
        pool = ProcessPoolExecutor(processes, context, _begin, (lifeline, kept.name))
        futures = [asyncio.wrap_future(pool.submit(_run, part)) for part in parts]
        try:
            for future in asyncio.as_completed(futures):
                yield await future
        except BrokenProcessPool as error:
            raise VillkorError(
                "a process that worked on the log was ended from outside, perhaps for want of "
                "memory: look at the kernel's log, then start again"
            ) from error
        finally:
            for future in futures:
                future.cancel()
            held.close()
            pool.shutdown()
            lifeline.close()


# -- in a process beside ------------------------------------------------------------------------


@dataclass(slots=True)
class _Process:
    """What a process keeps from one partition to the next."""

    kept: Path
    loop: asyncio.Runner = field(default_factory=asyncio.Runner)
    job: _Job | None = None
    connection: asyncpg.Connection | None = None

    async def run(self, part: Part) -> Any:
        if self.job is None:
            self.job = pickle.loads(self.kept.read_bytes())
        if self.connection is None:
            self.connection = await connected(self.job.dsn)
        return await self.job.run(self.connection, part)


_process: _Process


def _begin(lifeline: Connection, kept: str) -> None:
    """Once a process. Whoever started it decides when it ends, not a Ctrl-C on their terminal."""
    global _process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    gc.freeze()
    gc.disable()
    _process = _Process(Path(kept))


def _end_with(lifeline: Connection) -> None:
    """End at once when the process at the other end lets go, however that ended itself."""
    lifeline.poll(None)
    os._exit(0)


def _run(part: Part) -> tuple[Part, Any]:
    result = _process.loop.run(_process.run(part))
    gc.collect()
    return part, result
