"""Webhooks on a real broker: in Kafka before they are answered, and never said to be when not."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from adapters.http.destinations import ToKafka, Unavailable, Webhook
from adapters.kafka.clients import Kafka
from adapters.kafka.topics import Topic, administrator, ensure
from adapters.postgres.store import Store
from tests.bodies import ships, ups
from tests.kafka.bench import until
from tests.kafka.broker import Broker, RunningBroker, free_ports
from tests.kafka.test_cli import villkor


async def made(bootstrap: str) -> Webhook:
    """A webhook of a source whose topic there is."""
    source = f"test-{uuid4().hex[:8]}"
    async with administrator(Kafka(bootstrap)) as admin:
        await ensure(admin, [Topic(f"villkor.shop.{source}", 1)])
    value = json.dumps({"id": 1}).encode()
    return Webhook("shop", source, value, b"1001", "orders/create", "ours.example.org")


async def test_a_webhook_is_in_kafka_with_what_its_reader_needs(
    broker: Broker | RunningBroker,
) -> None:
    webhook = await made(broker.bootstrap)
    destination = ToKafka(Kafka(broker.bootstrap))
    assert await destination.ready() is None
    await destination.put(webhook)
    await destination.close()
    consumer = Kafka(broker.bootstrap).consumer()
    await consumer.start()
    consumer.assign([TopicPartition(f"villkor.shop.{webhook.source}", 0)])
    await consumer.seek_to_beginning()
    record = await asyncio.wait_for(consumer.getone(), 10)
    await consumer.stop()
    assert (record.key, record.value) == (webhook.key, webhook.value)
    assert dict(record.headers) == {"topic": b"orders/create", "shop": b"ours.example.org"}


async def test_a_topic_that_there_is_not_takes_nothing(broker: Broker | RunningBroker) -> None:
    """The sender hears so in time, and other topics are not held up by it."""
    webhook = await made(broker.bootstrap)
    destination = ToKafka(Kafka(broker.bootstrap), patience=1.0)
    with pytest.raises(Unavailable):
        await destination.put(Webhook("shop", "nowhere", b"{}"))
    await destination.put(webhook)
    await destination.close()


async def test_while_the_broker_is_away_nothing_is_acknowledged_and_then_it_goes_on(
    broker: Broker | RunningBroker,
) -> None:
    """Whoever sends again until it is acknowledged, as carriers and shops do, gets it kept."""
    webhook = await made(broker.bootstrap)
    destination = ToKafka(Kafka(broker.bootstrap), patience=1.0)

    async def kept() -> bool:
        try:
            await destination.put(webhook)
        except Unavailable:
            return False
        return True

    try:
        await until(kept)
        broker.stop()
        try:
            assert [await kept() for _ in range(2)] == [False, False]
            assert "does not answer" in (await destination.ready() or "")
        finally:
            broker.start()
        await until(kept)
        assert await destination.ready() is None
    finally:
        await destination.close()


async def test_what_a_carrier_sends_is_told_to_the_order_that_shipped_the_parcel(
    broker: Broker | RunningBroker, database: str, store: Store, tmp_path: Path
) -> None:
    """`serve` and a worker, as they run; the person in the body is found nowhere."""
    (tmp_path / "token").write_text("a token")
    (tmp_path / "senders.toml").write_text('[ups]\ntoken_file = "token"\n')
    listen, metrics = (f"127.0.0.1:{port}" for port in free_ports(2))
    settings = {
        "VILLKOR_HOME": str(tmp_path), "VILLKOR_DATABASE": database, "VILLKOR_LOG": "json:info",
        "VILLKOR_KAFKA": broker.bootstrap, "VILLKOR_SENDERS": str(tmp_path / "senders.toml"),
        "VILLKOR_LISTEN": listen, "VILLKOR_METRICS": metrics,
    }  # fmt: skip
    await asyncio.to_thread(villkor("topics", "create", **settings).communicate)
    order, number = f"W-{os.getpid()}", f"1Z{os.getpid():016}"
    shipped = ships(order, number=number, carrier="ups")
    async with Kafka(broker.bootstrap).producer() as producer:
        await producer.send_and_wait("villkor.facts", shipped.value, f"allectra/{order}".encode())
    processes = [villkor(command, **settings) for command in ("serve", "worker")]
    try:
        async with httpx.AsyncClient(headers={"credential": "a token"}) as client:

            async def ready() -> bool:
                with suppress(httpx.TransportError):
                    asked = [
                        await client.get(f"http://{one}/health/ready") for one in (listen, metrics)
                    ]
                    return [one.status_code for one in asked] == [200, 200]
                return False

            await until(ready, 60)
            body = json.loads(ups("OR", 30, number)) | {"signedForBy": "Ada Lovelace"}
            sent = await client.post(f"http://{listen}/webhooks/carriers/ups", json=body)
            assert sent.status_code == 200, sent.text

            async def told() -> bool:
                sql = "select count(*) from events where order_id = $1 and source = 'carrier:ups'"
                return bool(await store.pool.fetchval(sql, order))

            await until(told)

            async def shown() -> bool:
                text = (await client.get(f"http://{metrics}/metrics")).text
                return 'topic="villkor.carrier.ups"' in text

            await until(shown)
    finally:
        for one in processes:
            one.send_signal(signal.SIGTERM)
        logs = [(await asyncio.to_thread(one.communicate))[1] for one in processes]
    assert [one.returncode for one in processes] == [0, 0], logs
    assert "Lovelace" not in str(logs)
    values = [one.value for one in await all_of(broker.bootstrap, "villkor.carrier.ups")]
    assert any(number.encode() in one for one in values)
    assert not [one for one in values if b"Lovelace" in one]


async def all_of(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """Every record of a topic."""
    async with Kafka(bootstrap).consumer(auto_offset_reset="earliest") as consumer:
        consumer.subscribe([topic])
        found: list[ConsumerRecord] = []
        while polled := await consumer.getmany(timeout_ms=2_000):
            found += [record for records in polled.values() for record in records]
    return found
