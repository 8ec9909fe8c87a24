"""What is wrong with Kafka, in words: whether it answers, its topics, and what is still to read."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from adapters.doctor import Finding
from adapters.kafka.clients import Kafka
from adapters.kafka.sources import GROUP
from adapters.kafka.topics import (
    FACTS,
    Out,
    Topic,
    administrator,
    check_facts,
    differences,
    heads_topic,
    partitions_of,
    source_topics,
)  # fmt: skip
from adapters.settings import Settings
from domain.errors import VillkorError

PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.5
POSITIONS = "select kafka_partition, next_offset from positions where topic = $1"


async def findings(settings: Settings, pool: asyncpg.Pool) -> list[Finding]:
    """Every look that can be taken; one that fails is a finding, not an error."""
    kafka = Kafka.of(settings)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), administrator(kafka) as admin:
            found = [Finding(f"Kafka at {kafka.bootstrap} answers", fine=True)]
            there = set(await admin.list_topics())
            found += await _facts(kafka, admin, pool)
            found += await _others(kafka, admin, there)
            return found
    except (VillkorError, KafkaError, TimeoutError, OSError) as error:
        why = str(error) or f"within {PATIENCE_SECONDS:.0f} s"
        return [Finding(f"Kafka does not answer as it should: {why}", fine=False)]


async def _facts(
    kafka: Kafka, admin: AIOKafkaAdminClient, pool: asyncpg.Pool
) -> list[Finding]:  # fmt: skip
    try:
        partitions = await check_facts(admin, FACTS)
    except VillkorError as error:
        return [Finding(str(error), fine=False)]
    read = {row[0]: row[1] for row in await pool.fetch(POSITIONS, FACTS)}
    lag = await _lag(
        kafka, {TopicPartition(FACTS, one): read.get(one) for one in range(partitions)}
    )
    return [Finding(f"{FACTS} has {partitions} partitions, and {lag} records to read", fine=True)]


async def _others(kafka: Kafka, admin: AIOKafkaAdminClient, there: set[str]) -> list[Finding]:
    """Topics that are missing or differ; of those of raw bodies, also what is to read."""
    sources = [one.name for one in source_topics() if one.name in there]
    wanted = (*Out().topics(), heads_topic(), *source_topics())
    found = list(_missing([one.name for one in wanted if one.name not in there]))
    for topic in wanted:
        if topic.name in there:
            partitions = await partitions_of(admin, topic.name)
            as_is = Topic(topic.name, partitions, topic.settings)
            found += [Finding(one, fine=False) for one in await differences(admin, as_is)]
    committed = await _committed(admin)
    places: dict[TopicPartition, int | None] = {}
    for name in sources:
        for one in range(await partitions_of(admin, name)):
            at = committed.get(TopicPartition(name, one))
            places[TopicPartition(name, one)] = None if at is None else at.offset
    lag = await _lag(kafka, places)
    return [*found, Finding(f"{lag} raw bodies of carriers and shops are to read", fine=True)]


async def _committed(admin: AIOKafkaAdminClient) -> dict[TopicPartition, OffsetAndMetadata]:
    """Up to where raw bodies are read. Only when asked does a new broker make its topic of them."""
    while True:
        with suppress(GroupCoordinatorNotAvailableError):
            committed: dict[TopicPartition, OffsetAndMetadata]
            committed = await admin.list_consumer_group_offsets(GROUP)
            return committed
        await asyncio.sleep(PAUSE_SECONDS)


def _missing(names: list[str]) -> Iterator[Finding]:
    if names:
        yield Finding(
            f"there is no topic {', '.join(names)}; `villkor topics create` makes what is missing",
            fine=False,
        )


async def _lag(kafka: Kafka, places: dict[TopicPartition, int | None]) -> int:
    """Records between these offsets, or the beginning, and the ends."""
    async with kafka.consumer() as consumer:
        beginnings = await consumer.beginning_offsets(list(places))
        ends = await consumer.end_offsets(list(places))
    return sum(
        max(0, ends[one] - max(beginnings[one], -1 if at is None else at))
        for one, at in places.items()
    )
