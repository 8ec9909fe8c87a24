"""What bodies say of persons goes over Kafka no further than the topic that somebody else wrote."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from adapters.bodies import Intake
from adapters.carriers import FAMILY
from adapters.clock import Clock
from adapters.http.app import application
from adapters.http.destinations import ToKafka
from adapters.http.webhooks import Webhooks
from adapters.kafka.clients import Kafka
from adapters.kafka.sources import Sources
from adapters.kafka.topics import PREFIX, Topic, administrator, ensure
from adapters.log import configure
from adapters.metrics import Metrics
from adapters.postgres.store import Store
from adapters.shops import SHOPS
from domain.errors import VillkorError
from tests.kafka.bench import Bench, until
from tests.kafka.outgoing import published, read
from tests.persons import SENDERS, bodies, headers, leaked, leaks_in

COUNT = "select (select count(*) from dead_letters), (select count(*) from inbox)"


def topic(source: str, prefix: str = PREFIX) -> str:
    return f"{prefix}.{'shop' if source in SHOPS else 'carrier'}.{source}"


async def made(bench: Bench, prefix: str = PREFIX) -> None:
    wanted = [Topic(topic(source, prefix), 1) for source in (*FAMILY, *SHOPS)]
    async with administrator(Kafka(bench.broker.bootstrap)) as admin:
        existing = set(await admin.list_topics())
        await ensure(admin, [one for one in wanted if one.name not in existing])


async def leaks_on(bench: Bench, *topics: str) -> list[str]:
    """What stands in keys, values and headers of all records, committed or not."""
    found: list[str] = []
    for one in topics:
        records = await read(bench, one, "read_uncommitted")
        words = [(record.key, record.value, *sum(record.headers, ())) for record in records]
        found += [f"{one}: {what}" for said in words for what in leaked(*said)]
    return found


@asynccontextmanager
async def reading(bench: Bench, prefix: str) -> AsyncIterator[None]:
    """The group that reads raw bodies, beside a worker that takes what they tell."""
    store = await Store.open(bench.database)
    sources = Sources(
        Intake(store, SENDERS, Clock()), Kafka(bench.broker.bootstrap), facts=bench.topic,
        prefix=prefix, group=f"{prefix}-sources", session_seconds=6.0,
    )  # fmt: skip
    async with bench.working():
        running = asyncio.create_task(sources.run())
        try:
            yield
        finally:
            sources.stop()
            await asyncio.wait_for(running, 30)
            await store.close()


async def test_by_topics_of_raw_bodies(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    """Facts, outcomes and dead letters hold none of it."""
    configure("json:debug")
    prefix, told = f"t{uuid4().hex[:8]}", dict.fromkeys((*FAMILY, *SHOPS), 0)
    await made(bench, prefix)
    async with AIOKafkaProducer(bootstrap_servers=bench.broker.bootstrap) as producer:
        for source, value in bodies():
            await producer.send_and_wait(topic(source, prefix), value)
            told[source] += 1

    async def all_read() -> bool:
        found: dict[Any, Any] = {}
        with suppress(VillkorError):  # a group's coordinator may be on its way
            async with administrator(Kafka(bench.broker.bootstrap)) as admin:
                found = await admin.list_consumer_group_offsets(f"{prefix}-sources")
        return {one.topic: at.offset for one, at in found.items() if at.offset > 0} == {
            topic(source, prefix): count for source, count in told.items()
        }

    async def letters_are_out() -> bool:
        parked, inbox = await bench.store.pool.fetchrow(COUNT)
        return inbox == 0 and len(await read(bench, bench.out.dead_letters)) >= parked > 20

    async def outcomes_are_out() -> bool:
        return len(await published(bench)) > 10

    async with reading(bench, prefix):
        await until(all_read, 60)
        await until(letters_are_out, 60)
        await until(outcomes_are_out, 60)
    ours = (bench.topic, bench.out.outcomes, bench.out.dead_letters)
    assert await leaks_on(bench, *ours) == []
    assert await leaks_in(bench.store.pool) == []
    assert leaked(*capfd.readouterr()) == []
    assert await leaks_on(bench, topic("shopify", prefix)) != []  # so they would be found


async def test_by_webhooks(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    """The topics of raw bodies themselves hold none of it, where they are written here."""
    configure("json:debug")
    await made(bench)
    destination = ToKafka(Kafka(bench.broker.bootstrap), patience=10.0)
    routes = Webhooks(SENDERS, destination, Metrics()).routes()
    transport = httpx.ASGITransport(application(routes))
    taken = 0
    async with httpx.AsyncClient(transport=transport, base_url="http://villkor") as client:
        for source, value in bodies():
            path = f"/webhooks/{'shops' if source in SHOPS else 'carriers'}/{source}"
            answer = await client.post(path, content=value, headers=headers(source, value))
            taken += answer.status_code == 200
    await destination.close()
    assert taken > 60
    assert await leaks_on(bench, *(topic(source) for source in (*FAMILY, *SHOPS))) == []
    assert leaked(*capfd.readouterr()) == []
