"""The whole way, Kafka in to Kafka out, beside what aiokafka alone consumes and produces.

    python tests/benchmarks/whole_way.py [ORDERS] [--json]

One worker, a process of its own, finds all facts in their topic and is timed from its claim until
a `read_committed` reader has the last outcome. Then, in the same run and on the same broker, a bare
aiokafka consumer reads the same facts, and a bare producer sends the same outcomes.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from adapters.kafka.clients import Kafka
from adapters.kafka.outcomes import TYPES
from adapters.kafka.reader import home_of
from adapters.kafka.topics import Topic, administrator, ensure, facts_topic
from adapters.messages import Message
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from tests.benchmarks.apart import fresh
from tests.benchmarks.facts import traffic
from tests.kafka.bench import Process, out_of, until
from tests.kafka.broker import Broker, running_broker

PARTITIONS = 8
ROUNDS = 3
AT_ONCE = 2_000
WAIT_SECONDS = 300.0
FACTS = "select count(*) from events where source <> 'villkor:streams'"
OUTCOMES = "select count(*) from events where type = any($1::text[])"


@dataclass(slots=True)
class Whole:
    """A round: how many came in and went out, and how long each of the ways took, in seconds."""

    facts: int
    outcomes: int
    worker: float
    consumed: float
    produced: float

    @property
    def rate(self) -> float:
        """Facts a second, Kafka to Kafka."""
        return self.facts / self.worker

    @property
    def alone(self) -> float:
        """Facts a second if reading and sending were all that there is to do."""
        return self.facts / (self.consumed + self.produced)


async def told(kafka: Kafka, topic: str, messages: Sequence[Message]) -> None:
    """All facts, on the partitions of their keys."""
    async with kafka.producer(linger_ms=5) as producer:
        for start in range(0, len(messages), AT_ONCE):
            some = messages[start : start + AT_ONCE]
            await asyncio.gather(
                *[await producer.send(topic, one.value, home_of(one, 1)[0]) for one in some]
            )


async def read(
    kafka: Kafka, topic: str, enough: Callable[[int], Awaitable[bool]]
) -> tuple[list[ConsumerRecord], float]:
    """What a `read_committed` reader sees until it is enough, and in how many seconds."""
    consumer: AIOKafkaConsumer = kafka.consumer(isolation_level="read_committed")
    records: list[ConsumerRecord] = []
    async with consumer:
        places = [TopicPartition(topic, one) for one in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        start = time.perf_counter()
        while not await enough(len(records)):
            for some in (await consumer.getmany(timeout_ms=100, max_records=AT_ONCE)).values():
                records += some
        return records, time.perf_counter() - start


async def worked(
    kafka: Kafka, topic: str, dsn: str, facts: int
) -> tuple[float, list[ConsumerRecord]]:
    """Seconds from a worker's claim until its last outcome is to be read, and the outcomes."""
    store = await Store.open(dsn)
    worker = Process(kafka.bootstrap, topic, dsn)
    end, outcomes = 0.0, 0

    async def enough(count: int) -> bool:
        nonlocal end, outcomes
        if not outcomes and await store.pool.fetchval(FACTS) >= facts:
            outcomes = await store.pool.fetchval(OUTCOMES, sorted(TYPES))
        end = time.time()
        return 0 < outcomes <= count

    try:
        await until(lambda: bool(worker.said("claimed")), WAIT_SECONDS)
        async with asyncio.timeout(WAIT_SECONDS):
            records, _ = await read(kafka, out_of(topic).outcomes, enough)
        claimed = datetime.fromisoformat(worker.said("claimed")[-1]["timestamp"])
    finally:
        await asyncio.to_thread(worker.end)
        worker.log.close()
        await store.close()
    return end - claimed.timestamp(), records


async def consumed(kafka: Kafka, topic: str, facts: int) -> float:
    """Seconds in which aiokafka alone reads the facts."""

    async def all_of_them(count: int) -> bool:
        return count >= facts

    return (await read(kafka, topic, all_of_them))[1]


async def produced(kafka: Kafka, topic: str, outcomes: Sequence[ConsumerRecord]) -> float:
    """Seconds in which aiokafka alone sends the outcomes, in transactions as large as ours."""
    producer: AIOKafkaProducer
    async with kafka.producer(transactional_id=topic, linger_ms=5) as producer:
        start = time.perf_counter()
        for at in range(0, len(outcomes), AT_ONCE):
            async with producer.transaction():
                sent = [
                    await producer.send(topic, one.value, one.key, headers=list(one.headers))
                    for one in outcomes[at : at + AT_ONCE]
                ]
                await asyncio.gather(*sent)
        return time.perf_counter() - start


async def measured(kafka: Kafka, dsn: str, number: int, messages: Sequence[Message]) -> Whole:
    """One round, on topics and a database of its own."""
    topic, again = f"whole-{number}-{uuid4().hex[:8]}", f"again-{number}-{uuid4().hex[:8]}"
    async with administrator(kafka) as admin:
        topics = facts_topic(PARTITIONS, topic), *out_of(topic).topics(PARTITIONS)
        await ensure(admin, [*topics, Topic(again, PARTITIONS)])
    database = await fresh(dsn, f"whole{number}")
    await migrate(database)
    await told(kafka, topic, messages)
    took, outcomes = await worked(kafka, topic, database, len(messages))
    return Whole(
        len(messages), len(outcomes), took, await consumed(kafka, topic, len(messages)),
        await produced(kafka, again, outcomes),
    )  # fmt: skip


def shown(rounds: Sequence[Whole], load: float) -> str:
    one = rounds[0]
    whole, alone = median(each.rate for each in rounds), median(each.alone for each in rounds)
    every = ", ".join(f"{each.rate:.0f}" for each in rounds)
    consumes = median(each.facts / each.consumed for each in rounds)
    produces = median(each.outcomes / each.produced for each in rounds)
    return "\n".join([
        f"Kafka to Kafka: {one.facts} facts in, {one.outcomes} outcomes out, one worker, "
        f"{os.cpu_count()} cores, load {load:.1f} before",
        f"villkor, the whole way {whole:8.0f} facts/s  (rounds: {every})",
        f"aiokafka alone         {alone:8.0f} facts/s  (reads the same facts, sends the same "
        "outcomes; decides and stores nothing)",
        f"  consumes             {consumes:8.0f} facts/s",
        f"  produces             {produces:8.0f} outcomes/s, in transactions",
        f"share                  {whole / alone:8.2f}",
    ])  # fmt: skip


async def main(orders: int, as_json: bool) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    load, once = os.getloadavg()[0], {one.value: one for one in traffic(orders)}
    messages = list(once.values())
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        broker = running_broker(Path(home))
        try:
            async with embedded(Path(home) / "database") as dsn:
                kafka = Kafka(broker.bootstrap)
                rounds = [await measured(kafka, dsn, one, messages) for one in range(ROUNDS)]
        finally:
            if isinstance(broker, Broker):
                broker.kill()
    print(json.dumps({"load": load, "rounds": [asdict(one) for one in rounds]})
          if as_json else shown(rounds, load))  # fmt: skip


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:] if one.isdecimal()]
    asyncio.run(main(numbers[0] if numbers else 3_000, "--json" in sys.argv))
