"""Outcomes a second from the log to Kafka, and how long after its commit an outcome is visible.

    python tests/benchmarks/relay.py [ORDERS] [SECONDS] [--profile]

One process with all lanes, a real broker and a real Postgres on the same machine. The first figure
is of a log that lies there; the second of a writer that takes 1,000 facts a second beside the
relay, read by a `read_committed` consumer.
"""

import asyncio
import cProfile
import os
import pstats
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from aiokafka import TopicPartition

from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain
from adapters.ingest import BATCH
from adapters.kafka.clients import Kafka
from adapters.kafka.relay import Relay
from adapters.kafka.topics import Out, administrator, ensure
from adapters.log import configure
from adapters.messages import Message
from adapters.postgres.batch import Batch
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.terms import book
from tests.benchmarks.apart import fresh
from tests.benchmarks.facts import traffic
from tests.kafka.bench import Bench, until
from tests.kafka.broker import Broker, fetch_jars
from tests.kafka.outgoing import place, read, relaying, running

LANES = 8
ROUNDS = 3
FACTS_A_SECOND, TICK_SECONDS = 1_000, 0.02
_numbers = count()
Seen = dict[tuple[int, int], float]


class Timed(Store):
    """A store that remembers when each event was committed."""

    committed: Seen

    async def write(self, batch: Batch) -> None:
        await super().write(batch)
        now = perf_counter()
        self.committed.update({(row.partition, row.position): now for row in batch.events})


async def prepared(broker: Broker, dsn: str) -> tuple[Bench, App]:
    """Topics and a database of their own, and a writer."""
    await migrate(dsn)
    store = await Timed.open(dsn)
    store.committed = {}  # type: ignore[attr-defined]
    app = await App.start(store, book(), "bench", Clock())
    await app.claim()
    one = Bench(broker, f"bench-{next(_numbers)}", dsn, store)
    async with administrator(Kafka(broker.bootstrap)) as admin:
        await ensure(admin, one.out.topics(LANES))
    return one, app


async def whole_log(broker: Broker, dsn: str, messages: list[Message]) -> list[float]:
    """Outcomes a second of a log that lies there, each round to topics of its own."""
    one, app = await prepared(broker, dsn)
    for at in range(0, len(messages), BATCH):
        await app.handle(messages[at : at + BATCH])
        await drain(app)
    rates, spent = [], []
    for number in range(ROUNDS):
        await one.store.pool.execute("delete from relay; delete from installation")
        one.out = Out(*(f"{name}-{number}" for name in (
            one.out.outcomes, one.out.dead_letters, one.out.positions)))  # fmt: skip
        async with administrator(Kafka(broker.bootstrap)) as admin:
            await ensure(admin, one.out.topics(LANES))
        async with relaying(one, app, partitions=LANES) as relay:
            await running(relay)
            start, cpu, before = perf_counter(), process_time(), relay.published
            while not caught_up(relay):  # noqa: ASYNC110 - nobody tells, and it is timed
                await asyncio.sleep(0.01)
            count = relay.published - before
            rates.append(count / (perf_counter() - start))
            spent.append(1e6 * (process_time() - cpu) / count)
    print(f"  {relay.published} outcomes, {relay.transactions} transactions a round, "
          f"{min(spent):.0f} µs of this process an outcome")  # fmt: skip
    await app.release()
    await one.store.close()
    return rates


def caught_up(relay: Relay) -> bool:
    """Whether all that is in the log was published."""
    return relay.published > 0 and all(one.lag == 0 for one in relay.standings())


@asynccontextmanager
async def watching(one: Bench) -> AsyncIterator[Seen]:
    """Notes when a `read_committed` consumer has each outcome in hand."""
    seen: Seen = {}
    consumer = Kafka(one.broker.bootstrap).consumer(isolation_level="read_committed")
    await consumer.start()
    those = [TopicPartition(one.out.outcomes, number) for number in range(LANES)]
    consumer.assign(those)
    await consumer.seek_to_beginning()

    async def watch() -> None:
        while True:
            polled = await consumer.getmany(timeout_ms=100)
            now = perf_counter()
            for records in polled.values():
                seen.update({place(record): now for record in records})

    task = asyncio.create_task(watch())
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()


async def paced(app: App, messages: Iterator[Message], news: Any, seconds: float) -> int:
    """Take so many facts a second, as they come; how many there were."""
    start, taken = perf_counter(), 0
    while (now := perf_counter() - start) < seconds:
        due = int(FACTS_A_SECOND * now) - taken
        batch = [one for _, one in zip(range(due), messages, strict=False)]
        if batch:
            await app.handle(batch)
            news.set()
            taken += len(batch)
        await asyncio.sleep(TICK_SECONDS)
    return taken


async def latency(broker: Broker, dsn: str, messages: list[Message], seconds: float) -> None:
    one, app = await prepared(broker, dsn)
    async with relaying(one, app, partitions=LANES) as relay, watching(one) as seen:
        await running(relay)
        news = relay.writer.news  # type: ignore[attr-defined]
        taken = await paced(app, iter(messages), news, seconds)
        await until(lambda: caught_up(relay) and len(seen) >= relay.published)
        transactions = relay.transactions
    assert len(seen) == relay.published == len(await read(one, one.out.outcomes))
    committed = one.store.committed  # type: ignore[attr-defined]
    late = sorted(at - committed[where] for where, at in seen.items())
    print(f"commit to visible, {taken / seconds:.0f} facts/s, {len(seen) / seconds:.0f} outcomes/s")
    print(f"  {transactions / seconds:.0f} transactions/s")
    for share in (0.5, 0.9, 0.99, 1.0):
        print(f"  p{share * 100:<4.0f} {1000 * late[int(share * (len(late) - 1))]:6.0f} ms")
    await app.release()
    await one.store.close()


async def main(orders: int, seconds: int, profiled: bool) -> None:
    configure("console:warning")
    fetch_jars()
    messages = traffic(orders)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {LANES} lanes, one process")
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as kafka:
        broker = Broker(Path(kafka))
        broker.start()
        try:
            async with embedded(Path(home)) as dsn:
                profile = cProfile.Profile()
                if profiled:
                    profile.enable()
                rates = await whole_log(broker, await fresh(dsn, "whole"), messages)
                profile.disable()
                print(f"{sorted(rates)[ROUNDS // 2]:8.0f} outcomes/s  "
                      f"(rounds: {', '.join(f'{one:.0f}' for one in rates)})")  # fmt: skip
                if profiled:
                    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
                    return
                await latency(broker, await fresh(dsn, "paced"), messages, seconds)
        finally:
            broker.stop()


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:] if not one.startswith("-")]
    orders, seconds = numbers + [3_000, 15][len(numbers) :]
    asyncio.run(main(orders, seconds, "--profile" in sys.argv))
