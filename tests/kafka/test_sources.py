"""Raw bodies over Kafka: each event reaches its order once, whatever stops, dies or comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced
from aiokafka.structs import OffsetAndMetadata

from adapters.bodies import Intake
from adapters.clock import Clock
from adapters.kafka import sources
from adapters.kafka.clients import Kafka
from adapters.kafka.sources import Member, Sources
from adapters.kafka.topics import Topic, administrator, ensure, source_topics
from adapters.postgres import parcels
from adapters.postgres.store import Store
from adapters.senders import Senders, Shop
from domain.errors import VillkorError
from tests.bodies import LIFE, postnord, ships, snapshots
from tests.facts import placed
from tests.adapters.shops import fixtures
from tests.kafka.bench import Bench, until
from tests.kafka.broker import Broker

SHOPS = Senders({("shopify", "s"): Shop("shopify", "s", "allectra")})


class Ground:
    """Topics of raw bodies beside the bench's facts."""

    def __init__(self, bench: Bench, prefix: str) -> None:
        self.bench, self.prefix = bench, prefix
        self.kafka = Kafka(bench.broker.bootstrap)

    def topic(self, source: str = "postnord", kind: str = "carrier") -> str:
        return f"{self.prefix}.{kind}.{source}"

    async def send(
        self, *values: bytes, topic: str | None = None, partition: int = 0,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> None:  # fmt: skip
        async with AIOKafkaProducer(bootstrap_servers=self.bench.broker.bootstrap) as producer:
            for value in values:
                await producer.send_and_wait(
                    topic or self.topic(), value, b"k", partition, headers=list(headers)
                )

    @asynccontextmanager
    async def reading(self, **more: Any) -> AsyncIterator[Sources]:
        store = await Store.open(self.bench.database)
        sources = Sources(
            Intake(store, SHOPS, Clock()), self.kafka, facts=self.bench.topic, prefix=self.prefix,
            group=f"{self.prefix}-sources", session_seconds=6.0, **more,
        )  # fmt: skip
        running = asyncio.create_task(sources.run())
        try:
            yield sources
        finally:
            sources.stop()
            await asyncio.wait_for(running, 30)
            await store.close()

    async def read_to(self, offset: int, topic: str | None = None, partition: int = 0) -> None:
        """Wait until the group has read a partition so far."""
        one = TopicPartition(topic or self.topic(), partition)

        async def done() -> bool:
            found: dict[TopicPartition, OffsetAndMetadata] = {}
            with suppress(VillkorError):  # a group's coordinator may be on its way
                async with administrator(self.kafka) as admin:
                    found = await admin.list_consumer_group_offsets(f"{self.prefix}-sources")
            return one in found and found[one].offset >= offset

        await until(done, what=f"{one} read to {offset}")

    async def carriers_facts(self) -> int:
        found: int = await self.bench.store.pool.fetchval(
            "select count(*) from events where source like 'carrier:%'"
        )
        return found


@pytest.fixture
async def ground(bench: Bench) -> Ground:
    one = Ground(bench, f"t{uuid4().hex[:8]}")
    wanted = {one.topic(), one.topic("ups"), one.topic("shopify", "shop")}
    topics = [topic for topic in source_topics(one.prefix) if topic.name in wanted]
    async with administrator(one.kafka) as admin:
        await ensure(admin, [Topic(topic.name, 2) for topic in topics])
    return one


async def test_bodies_reach_their_orders_through_the_topic_of_facts(ground: Ground) -> None:
    """Those before their `Shipped` wait and are handed over with it, those after go to its key."""
    bench = ground.bench
    async with bench.working(), ground.reading() as sources:
        await ground.send(postnord(LIFE[:2]))
        await ground.read_to(1)
        assert (await parcels.standing(bench.store.pool))[0] == 1
        await bench.tell([ships()])
        await bench.has(2)
        await ground.send(postnord(LIFE), postnord(LIFE))
        await bench.has(3)
        await ground.read_to(3)
        assert sources.ready
    assert (await parcels.standing(bench.store.pool)) == (0, 0, 0)


async def test_growing_answers_and_a_retraction_leave_each_event_once(ground: Ground) -> None:
    """Ten answers of UPS, each with one event more, and the one that takes the last back."""
    bench, topic = ground.bench, ground.topic("ups")
    answers = snapshots()
    await bench.tell([placed("allectra", "A"), ships(carrier="ups")])
    async with bench.working(), ground.reading():
        await ground.send(*answers, topic=topic)
        await ground.read_to(len(answers), topic)
        await bench.has(2 + len(answers))
    rows = await bench.store.pool.fetch("select received_at, status from parcels")
    assert [tuple(row) for row in rows] == [(None, "ready for collection")]


async def test_bodies_of_shops_are_told_under_their_sellers(ground: Ground) -> None:
    """The headers name the shop; one that nobody configured is parked, not lost."""
    bench, topic = ground.bench, ground.topic("shopify", "shop")
    order = json.dumps(fixtures.body("shopify_order")).encode()
    async with bench.working(), ground.reading():
        await ground.send(order, topic=topic, headers=[
            ("X-Shopify-Shop-Domain", b"s"), ("X-Shopify-Topic", b"orders/create"),
        ])  # fmt: skip
        await ground.send(order, topic=topic, headers=[("shop", b"another")])
        await ground.read_to(2, topic)

        async def there() -> bool:
            return bool(await bench.facts())

        await until(there)
    sources = await bench.store.pool.fetch("select distinct seller, source from events"
                                           " where source like 'shop:%'")  # fmt: skip
    assert [tuple(row) for row in sources] == [("allectra", "shop:shopify")]
    [letter] = await bench.parked()
    assert "'another'" in letter["sentence"]


async def test_poison_is_parked_once_and_stops_nothing(ground: Ground) -> None:
    bench = ground.bench
    await bench.tell([ships()])
    async with bench.working(), ground.reading():
        await ground.send(b"\xff\x00", b"", b"{}", postnord([("TELEPORTED", 1)]), postnord(LIFE))
        await ground.read_to(5)
        await bench.has(3)
    reasons = sorted(one["reason"] for one in await bench.parked())
    assert reasons == ["unknown_code", "unreadable", "unreadable", "unreadable"]
    places = {one["place"] for one in await bench.parked()}
    assert f"{ground.topic()}[0]@0" in places


async def test_a_fact_that_is_larger_than_kafka_takes_is_parked(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be refused for ever, and hold up what comes after it."""
    bench = ground.bench
    monkeypatch.setattr(sources, "LARGEST", 300)
    await bench.tell([ships("long" * 40, number="T1"), ships(number="T2")])
    async with bench.working(), ground.reading():
        await bench.has(2)
        await ground.send(postnord(LIFE, "T1"), postnord(LIFE, "T2"))
        await ground.read_to(2)
        await bench.has(4)
    assert {one["order_id"] for one in await bench.parked()} == {"long" * 40}


async def test_what_fails_between_postgres_and_kafka_is_told_again(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The offset moves with the facts or not at all; sightings that are there already are told."""
    bench = ground.bench
    await bench.tell([ships()])
    publish, failed = Member._publish, []

    async def failing(self: Member, producer: AIOKafkaProducer, messages: Any) -> None:
        await publish(self, producer, messages)
        if len(failed) < 2:
            failed.append(1)
            raise ConnectionError("on purpose")

    monkeypatch.setattr(Member, "_publish", failing)
    async with bench.working(), ground.reading():
        await ground.send(postnord(LIFE))
        await ground.read_to(1)
        await bench.has(3)
    assert len(failed) == 2
    assert await read_committed(bench) == 3


async def test_who_lost_a_partition_publishes_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zombie, stopped between the two commits, is fenced by its successor's producer."""
    bench, gate, fenced = ground.bench, asyncio.Event(), list[BaseException]()
    take = Member._take
    reached = asyncio.Event()

    async def taking(self: Member, one: TopicPartition, records: Any) -> None:
        if self.sources is zombie:
            reached.set()
            await gate.wait()
        try:
            await take(self, one, records)
        except Exception as error:
            fenced.append(error)
            raise

    monkeypatch.setattr(Member, "_take", taking)
    await bench.tell([ships()])
    await ground.send(postnord(LIFE))
    async with bench.working():
        async with ground.reading() as zombie:
            await reached.wait()
            lost = next(one for one in zombie.member.owned if one.topic == ground.topic())
            name = await parcels.installation(bench.store.pool)
            id = f"villkor-source-{name}-{lost.topic}-{lost.partition}"
            successor = ground.kafka.producer(transactional_id=id)
            await successor.start()
            await successor.stop()
            gate.set()
            await until(lambda: bool(fenced))
            zombie.stop()
        assert isinstance(fenced[0], ProducerFenced)
        assert await read_committed(bench) == 1
        async with ground.reading():
            await ground.read_to(1)
            await bench.has(3)
    assert await read_committed(bench) == 3


async def test_members_share_the_partitions_and_take_over_from_each_other(ground: Ground) -> None:
    """Bodies go on coming while readers join and leave: each event is told, and counted once."""
    bench = ground.bench
    numbers = [f"T{place:04}" for place in range(60)]
    await bench.tell([ships(one, number=one, id=one) for one in numbers])

    async def send(some: list[str], *partitions: int) -> None:
        for place, number in enumerate(some):
            await ground.send(postnord(LIFE, number), partition=partitions[place % 2])

    async with bench.working():
        async with ground.reading() as first:
            sending = asyncio.create_task(send(numbers[:40], 0, 1))
            async with ground.reading() as second:
                await until(lambda: first.ready and second.ready)
            await sending
        async with ground.reading():
            await send(numbers[40:], 0, 1)
            await bench.has(3 * len(numbers))


async def test_what_a_transaction_leaves_behind_its_bodies_is_no_lag(ground: Ground) -> None:
    """Its marker has an offset and is no body: who waited for one would give up in the end."""
    producer = ground.kafka.producer(transactional_id=ground.prefix)
    async with producer, producer.transaction():
        await producer.send(ground.topic(), postnord(LIFE), partition=0)
    async with ground.reading() as sources:

        async def read() -> bool:
            found = await sources.standings()
            return bool(found) and all(one.lag == 0 and one.end in (0, 2) for one in found or ())

        await until(read, what="a partition read past the marker")


async def test_a_broker_that_goes_away_is_waited_for(ground: Ground) -> None:
    bench = ground.bench
    if not isinstance(bench.broker, Broker):
        pytest.skip("the broker is not this test's to stop")
    await bench.tell([ships()])
    async with bench.working(), ground.reading() as sources:
        await until(lambda: sources.ready)
        bench.broker.kill()
        bench.broker.start()
        await ground.send(postnord(LIFE))
        await ground.read_to(1)
        await bench.has(3)


async def read_committed(bench: Bench) -> int:
    """How many facts a reader sees that ignores what was aborted."""
    consumer = Kafka(bench.broker.bootstrap).consumer(
        isolation_level="read_committed", auto_offset_reset="earliest"
    )
    async with consumer:
        partitions = [TopicPartition(bench.topic, one) for one in range(4)]
        consumer.assign(partitions)
        ends, count = await consumer.end_offsets(partitions), 0
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            found = await consumer.getmany(timeout_ms=200)
            count += sum(map(len, found.values()))
    return count
