"""The API under load: a server as `villkor serve` has it in a process of its own, and callers.

Each caller keeps one connection and asks its next question when the last is answered, so that what
is reported as a rate is what the server gives away, and latencies are those at that rate.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any
from urllib.parse import quote

from adapters.access import Role
from adapters.http.app import application
from adapters.http.serve import asked
from adapters.http.server import listening
from adapters.log import configure
from tests.asked import desk_on, token
from tests.benchmarks.apart import SPAWN, Start, apart
from tests.benchmarks.pages import ACCOUNTS, PAGE, Key

CALLERS = 8
QUESTIONS: dict[str, Callable[[random.Random, str, str], str]] = {
    "order": lambda r, seller, order: f"/orders/{seller}/{quote(order, safe='')}",
    "list": lambda r, seller, order: f"/orders?seller={seller}&limit={PAGE}",
    "search": lambda r, seller, order: f"/orders?text={quote(order, safe='')}",
    "sla": lambda r, seller, order: f"/sla/deadlines?seller={seller}&limit={PAGE}",
    "statement": lambda r, seller, order: (
        f"/ledger/accounts/{r.choice(ACCOUNTS)}?seller={seller}&limit={PAGE}"
    ),
}
"""What is asked in turn, each as often as the others."""


def load(dsn: str, keys: Sequence[Key], times: int) -> dict[str, Any]:
    """Ask each question so many times in all: p50 and p99 in milliseconds, and answers a second."""
    ours, theirs = SPAWN.Pipe()
    server = SPAWN.Process(target=_served, args=(theirs, dsn))
    server.start()
    theirs.close()
    try:
        port, secret = ours.recv()
        found: dict[str, Any] = apart(calls, port, secret, keys, times).value
        return found
    finally:
        ours.close()
        server.join()


def _served(pipe: Connection, dsn: str) -> None:
    asyncio.run(_serving(pipe, dsn))


async def _serving(pipe: Connection, dsn: str) -> None:
    """Serve until nobody holds the other end of the pipe."""
    configure("console:error")
    async with desk_on(dsn) as desk, listening(
        application(asked(desk)), ("127.0.0.1", 0)
    ) as port:  # fmt: skip
        pipe.send((port, await token(desk, Role.AUDITOR)))
        await asyncio.to_thread(_until_closed, pipe)


def _until_closed(pipe: Connection) -> None:
    try:
        pipe.recv()
    except EOFError:
        return


async def calls(
    start: Start, port: int, secret: str, keys: Sequence[Key], times: int
) -> dict[str, Any]:
    """All callers together; what is asked first of each kind is not counted."""
    took: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    await _caller(port, secret, keys[:1], 3, 0, {name: [] for name in QUESTIONS})
    start()
    begun = perf_counter()
    await asyncio.gather(*(
        _caller(port, secret, keys, times // CALLERS, number, took) for number in range(CALLERS)
    ))  # fmt: skip
    spent = perf_counter() - begun
    every = [one for each in took.values() for one in each]
    return {
        "rate": len(every) / spent, "all": _percentiles(every),
        **{name: _percentiles(each) for name, each in took.items()},
    }  # fmt: skip


async def _caller(
    port: int, secret: str, keys: Sequence[Key], times: int, seed: int,
    took: dict[str, list[float]],
) -> None:  # fmt: skip
    """Ask every question so many times, in turn, over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    r = random.Random(seed)
    for _ in range(times):
        for name, question in QUESTIONS.items():
            at = question(r, *r.choice(keys))
            head = f"GET /v1{at} HTTP/1.1\r\nHost: villkor\r\nAuthorization: Bearer {secret}"
            begun = perf_counter()
            writer.write(f"{head}\r\n\r\n".encode())
            status = await _answer(reader)
            took[name].append(1e3 * (perf_counter() - begun))
            if status != 200:
                raise RuntimeError(f"{at} was answered {status}")
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read an answer to its end: its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].partition("\r\n")[0]
    await reader.readexactly(int(length))
    return int(head.split(" ", 2)[1])


def _percentiles(took: list[float]) -> list[float]:
    took.sort()
    return [took[len(took) // 2], took[len(took) * 99 // 100]]
