"""Raw bodies over Kafka: a group of its own reads them and tells what follows to the facts.

What carriers said is committed in Postgres first. Then one Kafka transaction holds the facts, with
the keys of their orders, and the offset of what they came from. Its id is the partition's, so that
who lost the partition cannot publish, and where to read on is asked once the id is taken over: what
a predecessor had begun has ended by then. A lost offset means reading again, which is harmless.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata

from adapters.bodies import Body, Intake
from adapters.kafka.clients import Kafka, closed, pause
from adapters.kafka.membership import Membership
from adapters.kafka.relay_batches import transaction
from adapters.kafka.topics import FACTS, PREFIX, administrator, check_facts, source_topics
from adapters.messages import Message
from adapters.metrics import Metrics
from adapters.parcels.sweep import Sweeper
from adapters.partitions import partition_of
from adapters.postgres.parcels import installation, park
from adapters.shops import webhook
from adapters.watchdog import Standing
from adapters.work import parked
from domain.calendar import EPOCH
from domain.errors import Refused

GROUP = "villkor-sources"
BATCH = 200
"""Bodies in a batch at most; each may be a parcel's whole life."""
LARGEST = 1_000_000
"""Bytes of a fact: a little less than what brokers and clients take unless they are told."""
PREPARING = 2
"""Partitions at a time whose bodies go to Postgres: facts and outcomes need connections, too."""
POLL_MS, POLL_LIMIT_SECONDS = 500, 5.0
TRANSACTION_SECONDS = 30.0
"""How long Kafka may take; a client goes on trying for ever by itself."""
log = structlog.get_logger()


@dataclass(slots=True)
class Owned:
    """A partition of this member: who publishes what comes of it, and how far that has come."""

    producer: AIOKafkaProducer
    next_offset: int


class Member(Membership):
    """One membership of the group. Whatever `step` raises, close it and begin with a new one."""

    def __init__(
        self, sources: "Sources", consumer: AIOKafkaConsumer, partitions: int, name: str
    ) -> None:
        super().__init__(sources.metrics)
        self.sources, self.intake, self.consumer = sources, sources.intake, consumer
        self.partitions, self.name = partitions, name
        self.owned: dict[TopicPartition, Owned] = {}
        self.preparing = asyncio.Semaphore(PREPARING)

    # -- one turn -------------------------------------------------------------------------------

    async def step(self) -> None:
        """Claim after a rebalance, then tell what has come."""
        if self.claimed_in != self.generation:
            await self._claim()
        generation = self.claimed_in
        polled = await self._poll()
        async with self.writing:
            if generation == self.generation == self.claimed_in:
                taking = (self._take(*one) for one in polled.items() if one[0] in self.owned)
                for done in await asyncio.gather(*taking, return_exceptions=True):
                    if isinstance(done, BaseException):
                        raise done

    async def release(self) -> None:
        """Let others publish what comes of the partitions that were this member's."""
        gone, self.owned = self.owned, {}
        await closed(*(one.producer for one in gone.values()))

    async def _claim(self) -> None:
        generation = self.generation
        async with self.writing:
            await self.release()
            mine = sorted(self.assigned)
            producers = [self._producer(one) for one in mine]
            self.owned = dict(zip(mine, (Owned(one, 0) for one in producers), strict=True))
            await asyncio.gather(*(one.start() for one in producers))
            beginnings = await self.consumer.beginning_offsets(mine)
            ends = await self.consumer.end_offsets(mine)
            for one in mine:
                if generation != self.generation:
                    return
                at = await self.consumer.committed(one)
                if at is not None and not beginnings[one] <= at <= ends[one]:
                    log.error("records were removed unread, or it is another topic", read_to=at,
                              topic=one.topic, partition=one.partition)  # fmt: skip
                    at = None
                self.owned[one].next_offset = beginnings[one] if at is None else at
                if generation == self.generation:
                    self.consumer.seek(one, self.owned[one].next_offset)
            self.claimed_in = generation

    def _producer(self, one: TopicPartition) -> AIOKafkaProducer:
        id = f"villkor-source-{self.name}-{one.topic}-{one.partition}"
        return self.sources.kafka.producer(transactional_id=id, acks="all")

    async def _poll(self) -> dict[TopicPartition, list[ConsumerRecord]]:
        try:
            # While the group rebalances, the client does not come back by itself.
            async with asyncio.timeout(POLL_LIMIT_SECONDS):
                found: dict[TopicPartition, list[ConsumerRecord]] = await self.consumer.getmany(
                    timeout_ms=POLL_MS, max_records=BATCH
                )
        except TimeoutError:
            self.claimed_in = -1  # what was fetched is lost: seek anew
            return {}
        return found

    async def _take(self, one: TopicPartition, records: list[ConsumerRecord]) -> None:
        """Commit what carriers said, then publish the facts together with the offset."""
        own = self.owned[one]
        source = one.topic.rsplit(".", 1)[1]
        async with self.preparing:
            prepared = await self.intake.prepare(source, [_body(source, one) for one in records])
        await self._park(one for one in prepared.messages if len(one.value) > LARGEST)
        next_offset = records[-1].offset + 1
        async with asyncio.timeout(TRANSACTION_SECONDS), transaction(own.producer):
            await self._publish(own.producer, prepared.messages)
            offsets = {one: OffsetAndMetadata(next_offset, "")}
            await own.producer.send_offsets_to_transaction(offsets, self.sources.group)
        own.next_offset = next_offset

    async def _park(self, large: Iterable[Message]) -> None:
        """What Kafka would refuse is parked; it can be told again by way of the inbox."""
        too_large = Refused(f"data: has more than the {LARGEST} bytes that Kafka takes")
        now = self.intake.clock.now()
        if letters := [parked(one, too_large, now) for one in large]:
            async with self.intake.store.writing() as connection:
                await park(connection, letters)

    async def _publish(self, producer: AIOKafkaProducer, messages: Iterable[Message]) -> None:
        """Every send is awaited: a transaction commits also where one of them has failed."""
        sent = [
            await producer.send(
                self.sources.facts, one.value, one.key,
                partition_of((one.key or b"").decode()) % self.partitions,
            )
            for one in messages
            if len(one.value) <= LARGEST
        ]  # fmt: skip
        await asyncio.gather(*sent)

    async def standings(self) -> list[Standing] | None:
        """How far the partitions were read that are this member's; none while that is not known."""
        if self.claimed_in != self.generation:
            return None
        owned = dict(self.owned)
        ends = await self.consumer.end_offsets(list(owned))
        return [
            Standing(one.topic, one.partition, await self._taken(one, own), ends[one])
            for one, own in owned.items()
        ]

    async def _taken(self, one: TopicPartition, own: Owned) -> int:
        """Up to where a partition is done with. Behind the last body the markers of its producer's
        transactions may lie, which the client passes over.
        """
        if self.writing.locked():
            return own.next_offset
        read_to: int = await self.consumer.position(one)
        return max(own.next_offset, read_to)


class Sources:
    """Reads the topics of every carrier and shop there is, and sweeps up what waits wrongly."""

    def __init__(
        self, intake: Intake, kafka: Kafka, *, facts: str = FACTS, prefix: str = PREFIX,
        group: str = GROUP, session_seconds: float = 30.0, metrics: Metrics | None = None,
    ) -> None:  # fmt: skip
        self.intake, self.kafka, self.facts = intake, kafka, facts
        self.prefix, self.group = prefix, group
        self.session_ms = int(session_seconds * 1000)
        self.metrics = metrics or Metrics()
        self.member: Member | None = None
        self.ready = False
        self.sweeper = Sweeper(intake.store)
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch, then leave."""
        self.stopping.set()

    async def run(self) -> None:
        """Work until told to stop; what goes wrong is logged and tried again."""
        failures = 0
        while not self.stopping.is_set():
            try:
                async with self._membership() as member:
                    while not self.stopping.is_set():
                        await member.step()
                        await self.sweeper.turn()
                        self.ready, failures = True, 0
            except Exception as error:  # noqa: BLE001 - it outlives whatever it depends on
                self.metrics.failed(error)
                failures += 1
                again_in = pause(failures)
                log.warning("sources lost", error=f"{type(error).__name__}: {error}",
                            again_in=round(again_in, 1))  # fmt: skip
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), again_in)

    async def standings(self) -> list[Standing] | None:
        return None if self.member is None else await self.member.standings()

    @asynccontextmanager
    async def _membership(self) -> AsyncIterator[Member]:
        async with administrator(self.kafka) as admin:
            partitions = await check_facts(admin, self.facts)
        name = str(await installation(self.intake.store.pool))
        async with AsyncExitStack() as stack:
            consumer = self.kafka.member(self.group, self.session_ms, "earliest")
            stack.push_async_callback(closed, consumer)
            await consumer.start()
            member = Member(self, consumer, partitions, name)
            stack.push_async_callback(member.release)
            topics = "|".join(re.escape(one.name) for one in source_topics(self.prefix))
            consumer.subscribe(pattern=f"^({topics})$", listener=member)
            self.member = member
            try:
                yield member
            finally:
                self.member, self.ready = None, False


def _body(source: str, record: ConsumerRecord) -> Body:
    """A record as a body. Its headers say which shop it is of and what about: `shop` and `topic`,
    or the shop system's own.
    """
    headers = {name.lower(): (value or b"").decode("utf-8", "replace")
               for name, value in record.headers}  # fmt: skip
    return Body(
        value=record.value or b"",
        place=f"{record.topic}[{record.partition}]@{record.offset}",
        recorded_at=EPOCH + timedelta(milliseconds=record.timestamp),
        shop=headers.get("shop") or webhook.shop_name(source, headers),
        topic=headers.get("topic") or webhook.topic(source, headers),
    )
