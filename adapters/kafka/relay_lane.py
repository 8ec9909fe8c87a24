"""A relay lane: publishes the outcomes and dead letters of some partitions, each exactly once.

All that is pending goes out in one Kafka transaction, together with the places that are reached by
it, under a transactional id that belongs to the lane: whoever takes the lane over ends what its
predecessor left open, and reads on from what was committed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, TopicPartition

from adapters.kafka.clients import Kafka, closed
from adapters.kafka.outcomes import Mode, encoded
from adapters.kafka.relay_batches import Batches, Record, hashed, transaction
from adapters.kafka.relay_letters import record
from adapters.kafka.relay_positions import Names, Vector, mark, settled, started, vector_of
from adapters.kafka.topics import Out, administrator
from adapters.partitions import PARTITIONS
from adapters.postgres.relay import Epochs, Pending, Places, RelayStore
from domain.errors import VillkorError

RECORDS = 2_000
"""Records in a transaction, about: what is pending beyond that goes with the next."""
TRANSACTION_SECONDS = 15.0
"""The client tries again for ever; a lane gives up before Kafka aborts it, and begins anew."""
MARK_AGAIN_SECONDS = 24 * 3600.0
YIELD_EVERY = 50
"""Records between two looks at the event loop."""


@dataclass(slots=True, frozen=True)
class Outlet:
    """Where lanes publish, and what they have in common. `sizes` has the topics' partitions."""

    kafka: Kafka
    store: RelayStore
    names: Names
    out: Out
    mode: Mode
    lanes: int
    sizes: dict[str, int]

    def place(self, topic: str, key: bytes, partition: int | None = None) -> TopicPartition:
        """Where a key goes by Kafka's own default; an order's log partition is the same hash."""
        size = self.sizes[topic]
        if partition is None or PARTITIONS % size:
            partition = hashed(key)
        return TopicPartition(topic, partition % size)


class RelayLane:
    """One lane, under the claims by which its partitions are owned.

    `at` is how far it published, `certain` as much of that as Postgres knows of, `ends` how far the
    log goes, `moved` when it last committed or had nothing to do, on the process's own clock;
    `halted` where only a person can help.
    """

    def __init__(self, outlet: Outlet, number: int, epochs: Epochs) -> None:
        self.outlet, self.number, self.epochs = outlet, number, epochs
        self.at: Places = {}
        self.ends: Places = {}
        self.certain: Places = {}
        self.running, self.halted, self.trouble = False, False, ""
        self.transactions = self.published = self.fenced = 0
        self.moved = time.monotonic()
        self.work, self.stopping = asyncio.Event(), asyncio.Event()

    @property
    def pending(self) -> int:
        """Events and dead letters that it has not looked at yet."""
        return sum(
            end - at for one in self.ends if one in self.at
            for end, at in zip(self.ends[one], self.at[one], strict=True) if end > at
        )  # fmt: skip

    def look(self, ends: Places) -> None:
        """Learn how far the log goes by now."""
        self.ends = ends
        if self.pending:
            self.work.set()
        else:
            self.moved = time.monotonic()

    def stop(self) -> None:
        """Finish the transaction, then leave."""
        self.stopping.set()
        self.work.set()

    async def run(self) -> None:
        """Publish until told to stop. Whatever it raises, nothing was half done: begin again."""
        async with self._begun() as producer:
            while not self.stopping.is_set():
                self.work.clear()
                if self.pending:
                    upto = {one: self.ends.get(one, at) for one, at in self.at.items()}
                    found = await self.outlet.store.pending(self.at, upto, RECORDS)
                    await self._publish(producer, found)
                else:
                    await self._wait(producer)

    async def _wait(self, producer: AIOKafkaProducer) -> None:
        try:
            await asyncio.wait_for(self.work.wait(), MARK_AGAIN_SECONDS)
        except TimeoutError:
            await self._mark(producer)

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[AIOKafkaProducer]:
        """Become the lane: fence its predecessor, then learn how far it came."""
        outlet, store = self.outlet, self.outlet.store
        await store.enrol(self.epochs)
        producer = await started(outlet.kafka, outlet.names, self.number)
        try:
            if (lanes := await store.lanes(outlet.lanes)) != outlet.lanes:
                raise VillkorError(f"there are {lanes} relay lanes by now, not {outlet.lanes}")
            async with administrator(outlet.kafka) as admin:
                found = await vector_of(admin, outlet.names, self.number)
            self.at = settled(self.number, found, await store.standings(self.epochs))
            self.certain = dict(self.at)
            await store.settle(self.certain, self.epochs)
            if found is None:  # from here on none means that it was forgotten
                await self._mark(producer)
            self.running, self.halted, self.trouble = True, False, ""
            yield producer
        finally:
            self.running = False
            await closed(producer)

    async def _mark(self, producer: AIOKafkaProducer) -> None:
        """Commit the places where they are: Kafka forgets what is not said again for a week."""
        async with asyncio.timeout(TRANSACTION_SECONDS), transaction(producer):
            await mark(producer, self.outlet.names, self.number, self._vector(self.certain))

    def _vector(self, at: Places) -> Vector:
        return Vector(self.outlet.lanes, at)

    async def _publish(self, producer: AIOKafkaProducer, found: Pending) -> None:
        """One transaction: the records, and the places reached. Only facts: only in memory."""
        at = self.at | found.places
        batches = Batches(producer)
        for count, one in enumerate(self._records(found)):
            batches.add(one)
            if count % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        if batches.builders:
            reached = {one: place for one, place in at.items() if place != self.certain[one]}
            async with asyncio.timeout(TRANSACTION_SECONDS), transaction(producer):
                intent = self.outlet.store.intend(reached, self.epochs)
                await asyncio.gather(intent, batches.sent())
                await mark(producer, self.outlet.names, self.number, self._vector(at))
            self.certain = at
            self.transactions += 1
            self.published += len(found.events) + len(found.letters)
            await self.outlet.store.done(reached)
        self.at, self.moved = at, time.monotonic()

    def _records(self, found: Pending) -> Iterator[Record]:
        outlet, out = self.outlet, self.outlet.out
        for row in found.events:
            one = encoded(row, outlet.mode)
            yield Record(outlet.place(out.outcomes, one.key, row.partition), *one)
        for letter in found.letters:
            key, value, headers = record(letter, outlet.names.installation)
            name = b"%d" % letter.partition if key is None else key
            yield Record(outlet.place(out.dead_letters, name), key, value, headers)
