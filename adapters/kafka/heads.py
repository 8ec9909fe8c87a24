"""Chain heads to where a database's owner cannot rewrite them: a topic, and a file.

The topic is compacted, a key for each partition of each installation, so that the latest stays.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka import TopicPartition

from adapters.heads import EVERY_SECONDS, Head, decode, encode, keep, to_file
from adapters.kafka.clients import Kafka, closed
from adapters.kafka.reader import Reader
from adapters.kafka.topics import HEADS, administrator, partitions_of
from adapters.metrics import Metrics
from adapters.settings import Settings
from domain.errors import VillkorError


@dataclass(slots=True)
class Heads:
    """Writes the heads of a worker's own partitions, those that moved, every few minutes."""

    metrics: Metrics
    path: Path | None = None
    topic: str = HEADS
    every: float = EVERY_SECONDS

    async def follow(self, reader: Reader) -> None:
        """Write as long as this membership lasts: first what it finds."""

        async def to_topic(heads: Sequence[Head]) -> None:
            await asyncio.gather(*[
                await reader.producer.send(self.topic, encode(one), _key(one)) for one in heads
            ])  # fmt: skip

        await keep(reader.app, [*to_file(self.path), to_topic], self.metrics.heads, self.every)


def _key(one: Head) -> bytes:
    return f"{one.installation}/{one.partition}".encode()


async def on_topic(settings: Settings, topic: str = HEADS) -> Iterable[Head]:
    """The latest head of each partition on the topic. Raises VillkorError where there is none."""
    kafka, found = Kafka.of(settings), dict[bytes | None, Head]()
    async with administrator(kafka) as admin:
        if topic not in await admin.list_topics():
            raise VillkorError(f"there is no topic {topic}; `villkor topics create` makes it")
        parts = [TopicPartition(topic, one) for one in range(await partitions_of(admin, topic))]
    consumer = kafka.consumer(auto_offset_reset="earliest")
    try:
        await consumer.start()
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        await consumer.seek_to_beginning(*parts)
        for part in parts:
            while await consumer.position(part) < ends[part]:
                for records in (await consumer.getmany(part, timeout_ms=1000)).values():
                    for one in records:
                        found[one.key] = decode(one.value, f"{topic}@{one.offset}")
    finally:
        await closed(consumer)
    return found.values()
