"""Outcomes once more: what was recorded in a period, to another topic, for a new consumer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import asyncpg
from aiokafka import TopicPartition

from adapters.kafka.clients import Kafka, closed
from adapters.kafka.outcomes import TYPES, Encoded, Mode, encoded
from adapters.kafka.relay_batches import BATCH_BYTES, Batches, Record, hashed
from adapters.kafka.topics import (
    DEAD_LETTERS, FACTS, HEADS, OUTCOMES, POSITIONS, administrator, partitions_of, source_topics,
)  # fmt: skip
from adapters.partitions import PARTITIONS
from adapters.postgres.relay import RelayStore
from domain.errors import Guarded, VillkorError

LIVE = {FACTS, OUTCOMES, DEAD_LETTERS, POSITIONS, HEADS, *(one.name for one in source_topics())}


@dataclass(slots=True, frozen=True)
class Period:
    """What is told again: recorded from `start` and before `end`, of one seller or of all."""

    start: datetime
    end: datetime
    seller: str | None = None


async def replay(
    kafka: Kafka, pool: asyncpg.Pool, period: Period, topic: str, mode: Mode,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[str, int]:  # fmt: skip
    """Publish a period's outcomes to another topic; the run's name, and how many they were.

    The live position is not touched. Raises Guarded where the topic is a live one, VillkorError
    where there is none of that name.
    """
    if topic in LIVE:
        raise Guarded(f"{topic} is live; take a topic that only the new consumer reads")
    async with administrator(kafka) as admin:
        if topic not in await admin.list_topics():
            raise VillkorError(f"there is no topic {topic}; create it, then replay to it")
        size = await partitions_of(admin, topic)
    run, count, store = uuid4().hex, 0, RelayStore(pool, TYPES)
    producer = kafka.producer(max_batch_size=BATCH_BYTES)
    try:
        await producer.start()
        for partition in range(PARTITIONS):
            async for rows in store.recorded(partition, period.start, period.end, period.seller):
                batches = Batches(producer)
                for row in rows:
                    one = marked(encoded(row, mode), mode, run)
                    batches.add(Record(TopicPartition(topic, hashed(one.key) % size), *one))
                await batches.sent()
                count += len(rows)
            progress(1)
    finally:
        await closed(producer)
    return run, count


def marked(one: Encoded, mode: Mode, run: str) -> Encoded:
    """An outcome that is told again says so in a header, and as an attribute of the event."""
    headers, value = [*one.headers, ("villkor-replay", run.encode())], one.value
    if mode == "binary":
        headers.append(("ce_replay", run.encode()))
    else:
        value = value[:-1] + f',"replay":"{run}"}}'.encode()
    return Encoded(one.key, value, headers)
