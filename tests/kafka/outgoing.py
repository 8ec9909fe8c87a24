"""What went out, as a consumer of its own reads it; and relays that need no group of consumers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from adapters.app import App
from adapters.kafka.clients import Kafka
from adapters.kafka.outcomes import TYPES
from adapters.kafka.relay import Relay
from adapters.kafka.topics import Out
from adapters.partitions import PARTITIONS
from tests.kafka.bench import Bench, until

PUBLISHED = "select partition, position from events where type = any($1) order by 1, 2"
Place = tuple[int, int]


async def read(bench: Bench, topic: str, isolation: str = "read_committed") -> list[ConsumerRecord]:
    """All that is on a topic now, each of its partitions in order."""
    consumer = Kafka(bench.broker.bootstrap).consumer(isolation_level=isolation)
    await consumer.start()
    try:
        await consumer._client._wait_on_metadata(topic)
        those = [TopicPartition(topic, one) for one in consumer.partitions_for_topic(topic)]
        consumer.assign(those)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(those)
        found: list[ConsumerRecord] = []
        for one in those:
            while await consumer.position(one) < ends[one]:
                for records in (await consumer.getmany(one, timeout_ms=500)).values():
                    found += records
        return found
    finally:
        await consumer.stop()


def place(record: ConsumerRecord) -> Place:
    """Where an outcome or dead letter stands in the log."""
    headers = dict(record.headers)
    return int(headers["villkor-partition"]), int(headers["villkor-position"])


async def recorded(bench: Bench) -> list[Place]:
    """The outcomes in the log, in order."""
    return [tuple(row) for row in await bench.store.pool.fetch(PUBLISHED, sorted(TYPES))]


async def published(bench: Bench, seconds: float = 60.0) -> list[ConsumerRecord]:
    """The outcomes on their topic, once all are there; each must be there once, in order."""

    async def all_there() -> bool:
        return len(await read(bench, bench.out.outcomes)) >= len(await recorded(bench))

    await until(all_there, seconds, "outcomes are published")
    found = await read(bench, bench.out.outcomes)
    assert sorted(map(place, found)) == await recorded(bench)
    in_order(found)
    return found


def in_order(records: Sequence[ConsumerRecord]) -> None:
    """The outcomes of an order come in the order in which they were recorded."""
    last: dict[bytes, int] = {}
    for one in records:
        assert place(one)[1] > last.get(one.key, 0), one.key
        last[one.key] = place(one)[1]


class Writer:
    """A writer that owns every partition, as a relay sees the reader of a worker."""

    claimed = True

    def __init__(self, app: App, topic: str, partitions: int) -> None:
        self.app, self.topic, self.partitions = app, topic, partitions
        self.owned = {TopicPartition(topic, one): None for one in range(partitions)}
        self.news = asyncio.Event()

    def shares(self, kafka: Sequence[TopicPartition]) -> list[int]:
        return [q for one in kafka for q in range(one.partition, PARTITIONS, self.partitions)]


@asynccontextmanager
async def relaying(
    bench: Bench, app: App, out: Out | None = None, partitions: int = 4
) -> AsyncIterator[Relay]:
    """A relay of everything that a writer commits; leaving ends it in good order."""
    relay = Relay(Kafka(bench.broker.bootstrap), out or bench.out)
    relay.writer = Writer(app, bench.topic, partitions)  # type: ignore[attr-defined]
    following = asyncio.create_task(relay.follow(relay.writer))  # type: ignore[attr-defined]
    try:
        yield relay
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def running(relay: Relay) -> None:
    """Wait until all lanes are."""
    await until(lambda: relay.ready(relay.writer), what=relay.trouble)  # type: ignore[attr-defined]
