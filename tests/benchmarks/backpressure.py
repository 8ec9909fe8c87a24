"""What a worker holds in memory while a slow database holds it back and facts pile up in Kafka.

    python tests/benchmarks/backpressure.py [FACTS] [SECONDS]

A worker in a process of its own, whose database takes five seconds over every batch, finds all
facts in their topic. Its memory is sampled while it takes what it can. The same facts are told over
and over, so that what it remembers of orders is there from the first batch.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

import psutil

from adapters.kafka.clients import Kafka
from adapters.kafka.topics import administrator, ensure, facts_topic
from adapters.messages import Message
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from tests.facts import message
from tests.kafka.bench import Bench, until
from tests.kafka.broker import running_broker

PARTITIONS = 8
ORDERS = 500
AT_ONCE = 20_000
SAMPLES = 12
MEGABYTE = 1 << 20


def facts(count: int) -> list[Message]:
    """A fact of each order, over and over."""
    orders = [message("InTransit", "allectra", f"A-{n}", "m", parcel="p1") for n in range(ORDERS)]
    return [orders[number % ORDERS] for number in range(count)]


async def held(bench: Bench, count: int, seconds: float) -> list[tuple[float, int, float]]:
    """(seconds, facts read, MB of the worker), from when it has committed its first batch."""
    told = facts(count)
    for at in range(0, count, AT_ONCE):
        await bench.tell(told[at : at + AT_ONCE], linger_ms=20, max_batch_size=MEGABYTE)
    worker = bench.process("slow")
    process = psutil.Process(worker.popen.pid)

    async def read() -> int:
        sql = "select coalesce(sum(greatest(next_offset, 0)), 0)::bigint from positions"
        return int(await bench.store.pool.fetchval(sql))

    async def begun() -> bool:
        return await read() > 0

    await until(begun, 120)
    samples = []
    for number in range(SAMPLES + 1):
        samples.append((number * seconds / SAMPLES, await read(), process.memory_info().rss))
        await asyncio.sleep(seconds / SAMPLES)
    return [(at, read, rss / MEGABYTE) for at, read, rss in samples]


async def main(count: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="villkor-bench-", ignore_cleanup_errors=True) as home:
        broker = running_broker(Path(home))
        try:
            async with embedded(Path(home) / "postgres") as dsn:
                await migrate(dsn)
                store = await Store.open(dsn)
                bench = Bench(broker, f"facts-{uuid4().hex[:8]}", dsn, store)
                async with administrator(Kafka(broker.bootstrap)) as admin:
                    topics = (facts_topic(PARTITIONS, bench.topic), *bench.out.topics(PARTITIONS))
                    await ensure(admin, topics)
                samples = await held(bench, count, seconds)
                await bench.close()
                await store.close()
        finally:
            broker.stop()
    print(f"{count} facts in {PARTITIONS} partitions, {os.cpu_count()} cores")
    print(f"{'seconds':>8} {'read':>8} {'to read':>8} {'MB':>6}")
    for at, done, mb in samples:
        print(f"{at:8.0f} {done:8} {count - done:8} {mb:6.0f}")


if __name__ == "__main__":
    asyncio.run(main(*(int(one) for one in (sys.argv[1:] + ["200000", "60"][len(sys.argv) - 1 :]))))
