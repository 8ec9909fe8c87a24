"""The reader that knows nothing of Villkor: `read_committed`, from the beginning, all the time."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from adapters.kafka.clients import closed

PAUSE_SECONDS = 0.5
FAILED = (KafkaError, OSError, AssertionError, asyncio.TimeoutError)


class Seen:
    """What was seen of some topics; the broker may go away meanwhile."""

    def __init__(self, bootstrap: str, topics: Sequence[str], partitions: int) -> None:
        self.bootstrap = bootstrap
        self.places = [TopicPartition(one, p) for one in topics for p in range(partitions)]
        self.next = dict.fromkeys(self.places, 0)
        self.records: dict[str, list[ConsumerRecord]] = {one: [] for one in topics}
        self.stopping = False

    async def run(self) -> None:
        """Read until told to stop; where a client fails, a new one reads on."""
        while not self.stopping:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self.bootstrap, isolation_level="read_committed",
                enable_auto_commit=False, auto_offset_reset="none",
            )  # fmt: skip
            try:
                await consumer.start()
                await self._read(consumer)
            except FAILED:
                await asyncio.sleep(PAUSE_SECONDS)
            finally:
                with suppress(*FAILED):
                    await closed(consumer)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        consumer.assign(self.places)
        for place in self.places:
            consumer.seek(place, self.next[place])
        while not self.stopping:
            for place, records in (await consumer.getmany(timeout_ms=200)).items():
                self.records[place.topic] += records
                self.next[place] = records[-1].offset + 1
