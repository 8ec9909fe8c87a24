"""`villkor topics create` and `villkor worker` as a user runs them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from aiokafka import AIOKafkaProducer

from adapters.postgres.store import Store
from tests.bodies import postnord, ships
from tests.facts import life
from tests.kafka.bench import ROOT, until
from tests.kafka.broker import Broker, RunningBroker


def villkor(*arguments: str, **settings: str) -> "subprocess.Popen[str]":
    environment = {n: v for n, v in os.environ.items() if not n.startswith("VILLKOR_")} | settings
    return subprocess.Popen(
        [sys.executable, "-c", "from adapters.cli import run; run()", *arguments],
        env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


async def test_topics_are_created_and_a_worker_reads_them_until_sigterm(
    broker: Broker | RunningBroker, database: str, store: Store, tmp_path: Path
) -> None:
    """Facts, and what a carrier tells of one of the order's parcels."""
    settings = {
        "VILLKOR_HOME": str(tmp_path), "VILLKOR_DATABASE": database,
        "VILLKOR_KAFKA": broker.bootstrap, "VILLKOR_LOG": "json:info",
    }  # fmt: skip
    refused = villkor("topics", "create", "--partitions", "12", **settings)
    _, said = await asyncio.to_thread(refused.communicate)
    assert refused.returncode == 4
    assert "256 = 21 x 12 + 4" in said
    created = villkor("topics", "create", **settings)
    said, _ = await asyncio.to_thread(created.communicate)
    assert (created.returncode, len(said.splitlines())) == (0, 18)
    again = villkor("topics", "create", "--json", **settings)
    told, _ = await asyncio.to_thread(again.communicate)
    topics = {one["topic"]: one["sentence"] for one in json.loads(told)["topics"]}
    assert (again.returncode, len(topics)) == (0, 18)
    assert topics["villkor.heads"] == "villkor.heads is as it should be"

    order = f"A-{os.getpid()}"
    facts = [*life("allectra", order), ships(order, "another", parcel="p2")]
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        for one in facts:
            await producer.send_and_wait("villkor.facts", one.value, f"allectra/{order}".encode())
        await producer.send_and_wait("villkor.carrier.postnord", postnord())
    worker = villkor("worker", **settings)
    try:

        async def read() -> bool:
            sql = "select count(*) from events where source is not null"
            return bool(await store.pool.fetchval(sql) >= len(facts) + 2)

        await until(read)
    finally:
        worker.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(worker.communicate)
    assert worker.returncode == 0
    assert "left" in said


async def test_a_worker_without_kafka_says_what_is_missing(tmp_path: Path) -> None:
    worker = villkor("worker", VILLKOR_HOME=str(tmp_path))
    _, said = await asyncio.to_thread(worker.communicate)
    assert worker.returncode == 1
    assert said == (
        "villkor: VILLKOR_KAFKA is not set: it names the brokers, host:port[,host:port]\n"
    )


async def test_the_doctor_looks_at_kafka(
    broker: Broker | RunningBroker, database: str, tmp_path: Path
) -> None:
    """Whether it answers, which topics are missing, and what is still to read."""
    settings = {
        "VILLKOR_HOME": str(tmp_path), "VILLKOR_DATABASE": database,
        "VILLKOR_KAFKA": broker.bootstrap,
    }  # fmt: skip
    created = villkor("topics", "create", **settings)
    await asyncio.to_thread(created.communicate)
    looked = villkor("doctor", **settings)
    said, _ = await asyncio.to_thread(looked.communicate)
    lines = " ".join(said.split())
    assert f"Kafka at {broker.bootstrap} answers" in lines
    assert "villkor.facts has 8 partitions, and" in lines
    assert "0 raw bodies of carriers and shops are to read" in lines
    looked = villkor("doctor", **settings | {"VILLKOR_KAFKA": "127.0.0.1:1"})
    said, _ = await asyncio.to_thread(looked.communicate)
    assert looked.returncode == 1
    assert "Kafka does not answer as it should" in said
