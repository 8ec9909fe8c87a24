"""Records on their way out: put into batches by hand, sent whole, committed only if all arrived."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder

from adapters.kafka.outcomes import Headers
from adapters.partitions import murmur2

BATCH_BYTES = 900_000
"""What a batch has at most: nearly as much as Kafka takes without being told otherwise."""
ABORT_SECONDS = 5.0


def hashed(key: bytes) -> int:
    """What Kafka's default partitioner makes of a key, before it is shared out."""
    return murmur2(key) & 0x7FFFFFFF


class Record(NamedTuple):
    """What goes out, and where to."""

    where: TopicPartition
    key: bytes | None
    value: bytes
    headers: Headers


class Batches:
    """Record batches by where they go; records of the same place stay in their order."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.builders: dict[TopicPartition, list[BatchBuilder]] = {}
        self.futures: list[asyncio.Future[object]] = []

    def add(self, one: Record) -> None:
        builders = self.builders.setdefault(one.where, [])
        if not builders or not _appended(builders[-1], one):
            builders.append(self.producer.create_batch())
            _appended(builders[-1], one)  # an empty one takes anything

    async def sent(self) -> None:
        """Send everything, and wait until Kafka has all of it: a commit does not mind failures."""
        await asyncio.gather(*(self._send(*one) for one in self.builders.items()))
        await asyncio.gather(*self.futures)

    async def _send(self, where: TopicPartition, builders: list[BatchBuilder]) -> None:
        for one in builders:
            future = await self.producer.send_batch(one, where.topic, partition=where.partition)
            future.add_done_callback(_noticed)
            self.futures.append(future)


def _appended(batch: BatchBuilder, one: Record) -> bool:
    """Put a record into a batch; False where it has no room left."""
    done = batch.append(timestamp=None, key=one.key, value=one.value, headers=one.headers)
    return done is not None


def _noticed(future: "asyncio.Future[object]") -> None:
    """The first failure is raised; the others need no complaint of their own."""
    if not future.cancelled():
        future.exception()


@asynccontextmanager
async def transaction(producer: AIOKafkaProducer) -> AsyncIterator[None]:
    """Commit; or abort, whatever went wrong: readers need not wait for the next producer."""
    await producer.begin_transaction()
    try:
        yield
    except BaseException:
        await _aborted(producer)
        raise
    await producer.commit_transaction()


async def _aborted(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(ABORT_SECONDS):
            await producer.abort_transaction()
    except Exception:  # noqa: BLE001 - the next producer of the lane aborts it
        return
