"""Work in processes of its own, so that its memory is its own, and databases of its own."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import process_time
from typing import Any

import asyncpg

Start = Callable[[], None]
"""Called once everything is ready: it waits until all that run together are."""
Work = Callable[..., Coroutine[Any, Any, Any]]
"""`work(start, *given)`: a function of a module."""
SPAWN = get_context("spawn")
PATIENCE = 3_600.0


@dataclass(slots=True)
class Done:
    """What work gave, the seconds of processor time since its start, and its most memory in MB."""

    value: Any
    cpu: float
    megabytes: float


def apart(work: Work, *given: Any) -> Done:
    """Run work in a process of its own. Raises RuntimeError where it fails."""
    return together(work, [given])[0]


def together(work: Work, each: Sequence[tuple[Any, ...]]) -> list[Done]:
    """Run work in as many processes, beginning at one time."""
    barrier = SPAWN.Barrier(len(each))
    pipes = [SPAWN.Pipe(duplex=False) for _ in each]
    processes = [
        SPAWN.Process(target=_child, args=(ours, barrier, work, given))
        for (_, ours), given in zip(pipes, each, strict=True)
    ]
    for process in processes:
        process.start()
    for _, ours in pipes:
        ours.close()
    found: list[Any] = []
    for theirs, _ in pipes:
        with suppress(EOFError):
            found.append(theirs.recv() if theirs.poll(PATIENCE) else None)
    for process in processes:
        process.join()
    if len(found) < len(each) or not all(isinstance(one, Done) for one in found):
        raise RuntimeError(f"{work.__name__} failed in its process")
    return found


def _child(pipe: Connection, barrier: Barrier, work: Work, given: tuple[Any, ...]) -> None:
    begun = process_time()

    def start() -> None:
        nonlocal begun
        barrier.wait(PATIENCE)
        begun = process_time()

    try:
        value = asyncio.run(work(start, *given))
    except BaseException:
        barrier.abort()
        raise
    pipe.send(Done(value, process_time() - begun, most_memory()))


def most_memory() -> float:
    """The most memory in MB that this process had, or one that it waited for."""
    others = getrusage(RUSAGE_CHILDREN).ru_maxrss
    status = Path("/proc/self/status")
    if not status.exists():
        return max(getrusage(RUSAGE_SELF).ru_maxrss, others) / 1e6
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return max(int(lines["VmHWM"].split()[0]), others) / 1e3


async def fresh(dsn: str, name: str) -> str:
    """An empty database of the server."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(f'drop database if exists "{name}" with (force)')
    await connection.execute(f'create database "{name}"')
    await connection.close()
    return database(dsn, name)


def database(dsn: str, name: str) -> str:
    """The URL of another database of the server."""
    head, _, query = dsn.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")
