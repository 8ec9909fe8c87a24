"""Facts through `App.handle`: decided, folded into all read models, committed.

A worker is a process that owns its half of the partitions, or all of them. What it is told lies
ready, but for one batch before it is timed. `stages` says where its processor time goes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from time import perf_counter, process_time
from typing import Any

import adapters.app
import adapters.lane
from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain
from adapters.ingest import BATCH
from adapters.log import configure
from adapters.messages import Message, envelope
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.store import Store
from adapters.seal import Sealing
from adapters.terms import book
from domain.order import Order
from tests.benchmarks.apart import Start, together
from tests.benchmarks.facts import traffic

TABLES = (
    "events", "timeline", "postings", "deadlines", "orders", "parcels", "timers", "shipments",
    "trackings", "personal",
)  # fmt: skip


async def live(dsn: str, orders: int, workers: int) -> dict[str, float]:
    """Facts a second of all workers in an empty database, and what one costs."""
    given = [(dsn, orders, number, workers) for number in range(workers)]
    done = await asyncio.to_thread(together, worked, given)
    facts = sum(one.value["facts"] for one in done)
    return {
        "rate": facts / max(one.value["seconds"] for one in done),
        "cpu": 1e6 * sum(one.value["cpu"] for one in done) / facts,
        "megabytes": max(one.megabytes for one in done),
        "facts": facts,
        "told": sum(one.value["told"] for one in done),
    }


async def worked(
    start: Start, dsn: str, orders: int, number: int, workers: int
) -> dict[str, float]:  # fmt: skip
    """One worker of several takes the facts of its partitions."""
    mine = range(number, PARTITIONS, workers)
    messages = [one for one in traffic(orders) if partition_of(key_of(one)) in mine]
    async with writer(dsn, f"bench-{number}", mine) as app:
        await take(app, messages[:BATCH])
        start()
        begun, cpu = perf_counter(), process_time()
        await take(app, messages[BATCH:])
        seconds, cpu = perf_counter() - begun, process_time() - cpu
    timed = len(messages) - BATCH
    return {"facts": timed, "told": len(messages), "seconds": seconds, "cpu": cpu}


@asynccontextmanager
async def writer(
    dsn: str, name: str, partitions: Iterable[int] = range(PARTITIONS)
) -> AsyncIterator[App]:  # fmt: skip
    """A writer of these partitions."""
    configure("console:warning")
    store = await Store.open(dsn)
    app = await App.start(store, book(), name, Clock())
    await app.claim(partitions)
    try:
        yield app
    finally:
        await app.release()
        await store.close()


async def take(app: App, messages: Sequence[Message]) -> None:
    """Tell all, in batches, and what streams tell each other because of it."""
    for at in range(0, len(messages), BATCH):
        await app.handle(messages[at : at + BATCH])
        await drain(app)


def key_of(message: Message) -> str:
    """The order that a message is about."""
    event, _ = envelope(message.value)
    return f"{event.seller}/{event.subject}"


async def rows(dsn: str) -> dict[str, int]:
    """How many rows each table holds."""
    store = await Store.open(dsn)
    found = {one: await store.pool.fetchval(f"select count(*) from {one}") for one in TABLES}
    await store.close()
    return found


class Stages:
    """Seconds spent in each stage; what a stage calls of another counts for the other only."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self.inner = 0.0

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            outer, self.inner, start = self.inner, 0.0, perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                took = perf_counter() - start
                self.spent[name] = self.spent.get(name, 0.0) + took - self.inner
                self.inner = outer + took

        return run

    @contextmanager
    def watching(self) -> Iterator[None]:
        watched: list[tuple[Any, str, str]] = [
            (adapters.app, "understand", "understand"),
            (adapters.lane, "tell", "decide"),
            (Order, "tell", "take"),
            (adapters.lane, "encode", "encode"),
            (Sealing, "seal", "seal"),
            (adapters.lane, "fold_events", "fold"),
        ]
        originals = [(owner, name, getattr(owner, name)) for owner, name, _ in watched]
        for owner, name, stage in watched:
            setattr(owner, name, self.timed(stage, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, original in originals:
                setattr(owner, name, original)


async def staged(start: Start, dsn: str, orders: int) -> dict[str, float]:
    """Microseconds of a worker's processor a fact, by stage; `write` is all else."""
    messages, stages = traffic(orders), Stages()
    async with writer(dsn, "staged") as app:
        await take(app, messages[:BATCH])
        start()
        with stages.watching():
            cpu = process_time()
            await take(app, messages[BATCH:])
            cpu = process_time() - cpu
    spent = {name: 1e6 * one / (len(messages) - BATCH) for name, one in stages.spent.items()}
    return spent | {"write": 1e6 * cpu / (len(messages) - BATCH) - sum(spent.values())}
