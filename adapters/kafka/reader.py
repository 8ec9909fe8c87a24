"""A member of the consumer group: claims what it is assigned, reads it, and moves its clock.

Positions live in Postgres, in the transaction of what was read; Kafka's own offsets are not used.
A rebalance makes void whatever was fetched before it, and so does a failure: the next step claims
again and seeks to what is stored, since fetching has moved the client's position already.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from adapters.app import App
from adapters.inbox import drain
from adapters.kafka.cloudevents import message
from adapters.kafka.membership import Membership
from adapters.messages import Message, envelope
from adapters.metrics import Metrics
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.batch import Position
from adapters.report import Report
from domain.calendar import EPOCH
from domain.errors import Corrupt, Guarded, Refused, VillkorError

BATCH = 2_000
"""Records in a batch at most; a batch is what has come meanwhile, so it grows with the backlog."""
POLL_SECONDS, POLL_LIMIT_SECONDS = 0.5, 5.0
BEAT_SECONDS = 5.0
LOOK_SECONDS = 1.0
GUARD_SECONDS = 1.0
STUCK_SECONDS = 60.0
NEVER_READ = -1

GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What is raised where the database is away."""

Polled = dict[TopicPartition, list[ConsumerRecord]]
log = structlog.get_logger()


@dataclass(slots=True)
class Owned:
    """A Kafka partition of this reader: its epoch, and the stored offset of its next record."""

    epoch: int
    stored: int
    moved: float
    beginning: int = 0


@dataclass(slots=True)
class Mark:
    """Where a partition ended at a moment: who has read up to there knows all told by then."""

    at: datetime
    end: int
    since: float
    """Seconds on the process's own clock, which only ever goes on."""


class Reader(Membership):
    """One membership of the group. Whatever `step` raises, close it and begin with a new one."""

    def __init__(
        self, app: App, consumer: AIOKafkaConsumer, ends: AIOKafkaConsumer,
        producer: AIOKafkaProducer, topic: str, partitions: int, metrics: Metrics | None = None,
    ) -> None:  # fmt: skip
        super().__init__(metrics or Metrics())
        self.app, self.consumer, self.ends, self.producer = app, consumer, ends, producer
        self.topic, self.partitions = topic, partitions
        self.report = Report()
        self.owned: dict[TopicPartition, Owned] = {}
        self.stopped: set[TopicPartition] = set()
        self.one_by_one, self.waiting = False, ""
        self.marks: dict[TopicPartition, Mark] = {}
        self.in_hand: dict[TopicPartition, datetime] = {}
        """When the first record of the batch that is being taken was recorded."""
        self.next_look = self.next_beat = 0.0
        self.news = asyncio.Event()
        """Set whenever something was claimed, committed or let go."""

    @property
    def claimed(self) -> bool:
        """Whether it owns what the group assigned to it last."""
        return 0 < self.claimed_in == self.generation

    @property
    def ready(self) -> bool:
        """Whether it reads what was assigned to it, all of it."""
        return self.claimed and not self.stopped & self.assigned

    def shares(self, kafka: Iterable[TopicPartition]) -> list[int]:
        """The log's partitions that go with these of Kafka: those equal to them modulo."""
        return [q for one in kafka for q in range(one.partition, PARTITIONS, self.partitions)]

    # -- one turn -------------------------------------------------------------------------------

    async def step(self) -> None:
        """Claim after a rebalance, then take what has come, and let what fell due lapse."""
        if self.claimed_in != self.generation and not await self._claim():
            return
        generation = self.generation
        polled = await self._poll()
        async with self.writing:
            if generation != self.generation or self.claimed_in != generation:
                return
            if polled:
                self.in_hand = {
                    one: EPOCH + timedelta(milliseconds=records[0].timestamp)
                    for one, records in polled.items()
                }
                await self._take(polled)
                self.in_hand = {}
            if self.claimed:
                await self._keep_time()

    async def release(self) -> None:
        """Let others own what was claimed here, as far as the database can be told."""
        self.owned, self.marks = {}, {}
        self.news.set()
        with suppress(*GONE):
            await self.app.release()

    # -- claiming -------------------------------------------------------------------------------

    async def _claim(self) -> bool:
        """Become the writer of what is assigned, and read on from where it was stored.

        False where another program writes there, or the group assigns anew: then once more.
        """
        generation = self.generation
        async with self.writing:
            await self.app.release()
            self.owned, self.marks = {}, {}
            mine = sorted(self.assigned - self.stopped)
            try:
                claims = await self.app.claim(self.shares(mine))
                await self._read_on({one: claims[one.partition].epoch for one in mine})
            except Guarded as other:
                if str(other) != self.waiting:
                    self.waiting = str(other)
                    log.warning("waiting", reason=self.waiting)
            else:
                if generation == self.generation:
                    self.claimed_in = generation
                    self.news.set()
                    if self.owned:
                        log.info("claimed", partitions=[one.partition for one in self.owned])
        if not self.claimed:
            await asyncio.sleep(GUARD_SECONDS)
        return self.claimed

    async def _read_on(self, epochs: dict[TopicPartition, int]) -> None:
        """Seek each partition to its stored position, or to its beginning if it was never read."""
        beginnings = await self.ends.beginning_offsets(list(epochs))
        ends = await self.ends.end_offsets(list(epochs))
        for one, epoch in epochs.items():
            stored = await self.app.store.position(one.topic, one.partition, epoch)
            if stored is not None and not beginnings[one] <= stored <= ends[one]:
                self._stop(
                    one, f"it was read up to {stored} and now holds {beginnings[one]} up to"
                    f" {ends[one]}: records were removed unread, or it is another topic",
                )  # fmt: skip
                continue
            self.consumer.seek(one, beginnings[one] if stored is None else stored)
            at = time.monotonic()
            read = NEVER_READ if stored is None else stored
            self.owned[one] = Owned(epoch, read, at, beginnings[one])
        for one in self.stopped & self.assigned:
            self._pause(one)

    def _stop(self, one: TopicPartition, why: str) -> None:
        """Leave a partition alone, loudly: reading on would lose facts or build on a broken log."""
        log.error("stopped", topic=one.topic, partition=one.partition, reason=why)
        self.stopped.add(one)
        self.owned.pop(one, None)
        self.marks.pop(one, None)
        self._pause(one)

    def _pause(self, one: TopicPartition) -> None:
        self.consumer.seek(one, 0)  # without a position the client would look for one
        self.consumer.pause(one)

    # -- reading --------------------------------------------------------------------------------

    async def _poll(self) -> Polled:
        """What has come, a share of each partition first, so that both lanes have work."""
        generation = self.generation
        share = max(1, BATCH // max(1, len(self.owned)))
        polled: Polled = {}
        try:
            # While the group rebalances, the client does not come back by itself.
            async with asyncio.timeout(POLL_LIMIT_SECONDS):
                await self._fetch(polled, [], share, POLL_SECONDS)
                if polled:
                    for one in list(self.owned):
                        await self._fetch(polled, [one], share - len(polled.get(one, ())))
                    await self._fetch(polled, [], BATCH - sum(map(len, polled.values())))
        except TimeoutError:
            self.claimed_in = 0
        except (NoOffsetForPartitionError, OffsetOutOfRangeError):
            # Of what is being assigned just now the client may know before `on_partitions_assigned`
            # is called; who owns nothing yet cannot have lost its place.
            if generation == self.generation and self.owned:
                raise
        return polled

    async def _fetch(
        self, polled: Polled, of: list[TopicPartition], most: int, wait: float = 0.0
    ) -> None:
        if most > 0:
            come = await self.consumer.getmany(*of, timeout_ms=int(wait * 1000), max_records=most)
            for one, records in come.items():
                polled.setdefault(one, []).extend(records)

    async def _take(self, polled: Polled) -> None:
        """Take records through the road, each partition's position with them."""
        if not self.one_by_one:
            try:
                await self._told(polled)
            except Corrupt:
                # Which partition it was shows when each is told alone.
                self.one_by_one, self.claimed_in = True, 0
            return
        for one, records in polled.items():
            try:
                await self._told({one: records})
            except Corrupt as error:
                self._stop(one, str(error))

    async def _told(self, polled: Polled) -> None:
        messages, strays = [], []
        for one, records in polled.items():
            for record in records:
                told = message(record)
                key, home = home_of(told, self.partitions)
                if home is None or home == one.partition:
                    messages.append(told)
                else:
                    strays.append((record, key, home))
        await self._forward(strays)
        await self._write(messages, polled)

    async def _forward(self, strays: list[tuple[ConsumerRecord, bytes, int]]) -> None:
        """Tell facts to the partitions of their writers, before they count as read here.

        Their producers share out keys in another way (librdkafka's default). One that is told
        twice, because what follows failed, is a duplicate there.
        """
        sent = [
            await self.producer.send(
                self.topic, record.value, key, home, headers=list(record.headers)
            )
            for record, key, home in strays
        ]
        await asyncio.gather(*sent)

    async def _write(self, messages: list[Message], read: Iterable[TopicPartition]) -> None:
        positions = []
        for one in read:
            own = self.owned[one]
            next_offset = await self.consumer.position(one)
            positions.append(Position(one.topic, one.partition, own.epoch, own.stored, next_offset))
        self.metrics.batch_size.observe(len(messages))
        with self.metrics.batch_seconds.time():
            report = await self.app.handle(messages, positions)
        self._count(report)
        for one, position in zip(read, positions, strict=True):
            self.owned[one].stored = position.next_offset
            self.owned[one].moved = time.monotonic()

    def _count(self, report: Report) -> None:
        report.waits.clear()  # who waits is in the read models
        self.report += report
        self.news.set()
        self.metrics.count(report)

    # -- time -----------------------------------------------------------------------------------

    async def _keep_time(self) -> None:
        """Show life, and move the clocks of the partitions that have been read past their marks.

        A mark is taken before the broker is asked for the end, and the end is that of all records,
        committed or not: so what lapses by the mark cannot be met by a fact that is still to come.
        """
        now = time.monotonic()
        if now >= self.next_beat:
            await self.app.heartbeat()
            self.next_beat = now + BEAT_SECONDS
        if now >= self.next_look:
            await self._mark()
            self.next_look = now + LOOK_SECONDS
        passed: dict[datetime, list[TopicPartition]] = {}
        for one, mark in list(self.marks.items()):
            if await self.consumer.position(one) >= mark.end:
                passed.setdefault(mark.at, []).append(one)
                del self.marks[one]
            elif now - max(mark.since, self.owned[one].moved) > STUCK_SECONDS:
                await self._stuck(one)
        await self._drain([one for those in passed.values() for one in those])
        for at, those in passed.items():  # what was handed over before a mark counts before it
            await self._lapse(at, those)

    async def _drain(self, those: list[TopicPartition]) -> None:
        """Take what streams and other programs handed to partitions that are read to their marks.

        It became known when it was handed over: what lies unread in a partition came before that,
        and must not find its order's deadlines lapsed. A broken log stops neither what Kafka
        brings nor the other partitions' inbox.
        """
        try:
            self._count(await drain(self.app, self.shares(those)))
        except Corrupt as error:
            for one in those if len(those) > 1 else ():
                await self._drain([one])
            if len(those) == 1:
                log.error("inbox not taken", partition=those[0].partition, reason=str(error))

    async def _mark(self) -> None:
        unmarked = [one for one in self.owned if one not in self.marks]
        at = self.app.clock.now()
        ends = await self.ends.end_offsets(unmarked)
        for one in unmarked:
            self.marks[one] = Mark(at, ends[one], time.monotonic())

    async def _stuck(self, one: TopicPartition) -> None:
        """Raises VillkorError where records could be read and are not; one may be uncommitted."""
        readable = (await self.consumer.end_offsets([one]))[one]
        if await self.consumer.position(one) < readable:
            raise VillkorError(f"{one.topic}[{one.partition}] is not read on, up to {readable}")
        self.owned[one].moved = time.monotonic()

    async def _lapse(self, at: datetime, those: list[TopicPartition]) -> None:
        """Let the deadlines of partitions lapse, and store positions that passed no message."""
        for some in [[one] for one in those] if self.one_by_one else [those]:
            try:
                quiet = [
                    one for one in some
                    if NEVER_READ < self.owned[one].stored < await self.consumer.position(one)
                ]  # fmt: skip
                if quiet:
                    await self._write([], quiet)
                self._count(await self.app.lapse(at, self.shares(some)))
            except Corrupt as error:
                if self.one_by_one:
                    self._stop(some[0], str(error))
                else:
                    self.one_by_one, self.claimed_in = True, 0
                    return


def home_of(told: Message, partitions: int) -> tuple[bytes, int | None]:
    """A fact's key, and the Kafka partition of its writer; none where the bytes are no message."""
    try:
        event, _ = envelope(told.value)
    except Refused:
        return b"", None
    key = f"{event.seller}/{event.subject}"
    return key.encode(), partition_of(key) % partitions
