"""What a fact costs in a log of 100 thousand, 1 million and 10 million events.

The log is filled up to each size (`fill`); then a worker takes the same stretch of facts, by
`handle`, there and in a copy of the log at its smallest, in turn, so that what else the machine
does meets both. Nine in ten facts are of new orders, of which two customers have thousands; the
tenth is of an order from anywhere in the log, which has to be loaded.
"""

import random
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from time import perf_counter, process_time

from adapters.ingest import BATCH
from adapters.messages import Message
from tests.benchmarks.apart import Start
from tests.benchmarks.facts import LARGE, interleaved
from tests.benchmarks.fill import Key, copied
from tests.benchmarks.live import take, writer
from tests.facts import message

ANEW = 10_000_000
"""Numbers of orders that were never told, times so many each turn."""
LATE = 23_700
"""Hours after the tests' beginning of time: a month before the demo's today."""


async def large(start: Start, dsn: str, orders: int) -> None:
    """Give each of the large customers so many orders."""
    numbers = (number for number in count() if number % 12 in LARGE)
    told = interleaved(islice(numbers, orders * len(LARGE)), skewed=True)
    start()
    async with writer(dsn, "large") as app:
        while batch := list(islice(told, BATCH)):
            await take(app, batch)


def stretch_of(
    facts: int, templates: Sequence[Key], copies: int, turn: int
) -> Iterator[Message]:  # fmt: skip
    """New facts, and among them one in ten of an order that is in the log."""
    r = random.Random(turn)
    new = interleaved(count(ANEW * (turn + 1)), skewed=True)
    for number in range(facts):
        if number % 10:
            yield next(new)
            continue
        seller, order = r.choice(templates)
        name = copied(order, r.randrange(copies))
        yield message("InTransit", seller, name, f"seen-{turn}-{number}", LATE, parcel="p1")


async def stretch(
    start: Start, dsn: str, facts: int, templates: Sequence[Key], copies: int, turn: int
) -> dict[str, float]:
    """Microseconds a fact, on the clock and of this process; facts are made as they are taken."""
    told = stretch_of(facts + BATCH, templates, copies, turn)
    async with writer(dsn, "growth") as app:
        await take(app, list(islice(told, BATCH)))
        start()
        seconds = cpu = 0.0
        while batch := list(islice(told, BATCH)):
            begun, before = perf_counter(), process_time()
            await take(app, batch)
            seconds += perf_counter() - begun
            cpu += process_time() - before
    return {"clock": 1e6 * seconds / facts, "cpu": 1e6 * cpu / facts}


async def first(start: Start, dsn: str, turn: int, begun: float) -> float:
    """Seconds from before this process was begun until a worker in it committed its first fact."""
    start()
    async with writer(dsn, "first") as app:
        await take(app, list(islice(interleaved([ANEW // 2 + turn]), 1)))
        return time.time() - begun
