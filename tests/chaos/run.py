"""One run: the world is set up, told and disturbed, comes to rest, and is looked at."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from adapters.kafka.clients import Kafka
from adapters.kafka.outcomes import TYPES
from adapters.kafka.topics import (
    DEAD_LETTERS, FACTS, OUTCOMES, Out, administrator, ensure, facts_topic,
)  # fmt: skip
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from domain.errors import VillkorError
from tests.benchmarks.apart import fresh
from tests.chaos.broken import KEYS
from tests.chaos.checks import checks
from tests.chaos.oracle import told_in_order
from tests.chaos.report import Run
from tests.chaos.schedule import WORKERS, Fault, schedule
from tests.chaos.seen import Seen
from tests.chaos.teller import tell
from tests.chaos.told import END, Telling, telling
from tests.chaos.worker import BROKEN, FROM, SECONDS
from tests.chaos.world import Crew, Postgres, QuickBroker, Worker
from tests.kafka.bench import until
from tests.kafka.broker import Broker, fetch_jars

PARTITIONS = 8
FACTS_A_SECOND = 100
START_SECONDS = 60.0
REST_SECONDS, SETTLE_SECONDS = 90.0, 1.0
"""How long all may take to come to rest, and how long is looked on after that."""
READ = "select kafka_partition, next_offset from positions where topic = $1"
LEFT = """
    select (select count(*) from inbox) + (select count(*) from timers where due <= $1)
"""
LOGGED = """
    select (select count(*) from events where type = any($1::text[])),
           (select count(*) from dead_letters)
"""
log = structlog.get_logger()
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, VillkorError, KafkaError)


async def run(seed: int, seconds: float, broken: str, logs: Path | None = None) -> Run:
    """Everything from an empty directory; the workers' logs stay in `logs` if there is one."""
    fetch_jars()
    told = telling(seed, int(seconds * FACTS_A_SECOND), PARTITIONS)
    done = Run(seed, seconds, broken, len(told.facts), len(told.posts), told=dict(told.counts))
    with TemporaryDirectory(prefix="villkor-chaos-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        postgres, broker = Postgres(home / "database"), QuickBroker(home)
        server = await asyncio.to_thread(postgres.start)
        try:
            await asyncio.to_thread(broker.start)
            ours, oracle = [await fresh(server, one) for one in ("ours", "oracle")]
            await _prepared(ours, broker, broken)
            seen = await _disturbed(done, told, postgres, broker, ours, logs or home)
            await _looked_at(done, told, seen, ours, oracle)
        finally:
            broker.kill()
            postgres.stop()
    return done


async def _prepared(ours: str, broker: Broker, broken: str) -> None:
    """Topics and tables, so that workers find them."""
    async with administrator(Kafka(broker.bootstrap)) as admin:
        await ensure(admin, [facts_topic(PARTITIONS), *Out().topics(PARTITIONS)])
    await migrate(ours)
    if broken == "fence":
        connection = await asyncpg.connect(ours)
        await connection.execute(KEYS)
        await connection.close()


async def _disturbed(
    done: Run, told: Telling, postgres: Postgres, broker: Broker, ours: str, logs: Path
) -> Seen:
    """Tell everything and let the schedule take its course; ends when all is at rest."""
    environment = {
        "VILLKOR_DATABASE": ours, "VILLKOR_KAFKA": broker.bootstrap, "VILLKOR_LOG": "json:info",
        FROM: str(time.time()), SECONDS: str(done.seconds), BROKEN: done.broken,
    }  # fmt: skip
    seen = Seen(broker.bootstrap, (OUTCOMES, DEAD_LETTERS), PARTITIONS)
    reading = asyncio.create_task(seen.run())
    crew = Crew(WORKERS, logs, environment)
    try:
        await until(crew.ready, START_SECONDS, "workers are ready")
        one_by_one = asyncio.Lock()
        await asyncio.gather(
            tell(broker.bootstrap, told.posts, PARTITIONS, done.seconds),
            *(_befall(done, one, crew.workers, postgres, broker, one_by_one)
              for one in schedule(done.seed, done.seconds)),
        )  # fmt: skip
        log.info("all was told, and no fault is left")
        ended = time.monotonic()
        done.at_rest = await _at_rest(ours, broker, seen)
        done.rest_seconds = time.monotonic() - ended
        done.exits = await crew.end()
        await asyncio.sleep(SETTLE_SECONDS)
    finally:
        crew.kill()
        seen.stopping = True
        await reading
        done.refused, done.processes = crew.refused(), crew.started()
    return seen


async def _befall(
    done: Run, fault: Fault, workers: list[Worker], postgres: Postgres, broker: Broker,
    one_by_one: asyncio.Lock,
) -> None:  # fmt: skip
    await asyncio.sleep(fault.at)
    log.info("begins", kind=fault.kind, worker=fault.worker)
    if fault.worker is None:
        stop, start = {
            "broker killed": (broker.kill, broker.start),
            "Postgres restarted": (postgres.crash, postgres.recover),
        }[fault.kind]
        async with one_by_one:
            await asyncio.to_thread(stop)
            await asyncio.sleep(fault.seconds)
            await asyncio.to_thread(start)
        did = True
    else:
        did = await workers[fault.worker].befall(fault.kind, fault.seconds)
    log.info("ends", kind=fault.kind, worker=fault.worker, fired=did)
    done.fired[fault.kind] += did


async def _at_rest(ours: str, broker: Broker, seen: Seen) -> bool:
    """Wait until all was read, decided and sent; False where that takes too long."""
    late = time.monotonic() + REST_SECONDS
    places = [TopicPartition(FACTS, one) for one in range(PARTITIONS)]
    consumer = Kafka(broker.bootstrap).consumer()
    await consumer.start()
    store = await Store.open(ours)
    try:
        while time.monotonic() < late:
            with suppress(*AWAY):
                ends = await consumer.end_offsets(places)
                read = dict(await store.pool.fetch(READ, FACTS))
                outcomes, letters = await store.pool.fetchrow(LOGGED, sorted(TYPES))
                if (
                    all(read.get(one.partition, 0) >= end for one, end in ends.items())
                    and not await store.pool.fetchval(LEFT, END)
                    and len(seen.records[OUTCOMES]) >= outcomes
                    and len(seen.records[DEAD_LETTERS]) >= letters
                ):
                    return True
            await asyncio.sleep(1.0)
        return False
    finally:
        await consumer.stop()
        await store.close()


async def _looked_at(done: Run, told: Telling, seen: Seen, ours: str, oracle: str) -> None:
    await told_in_order(oracle, told.facts, END)
    store, other = await Store.open(ours), await Store.open(oracle)
    done.outcomes, done.letters = (len(seen.records[one]) for one in (OUTCOMES, DEAD_LETTERS))
    done.findings = await checks(store, other, told, seen)
    done.findings["all came to rest"] = [] if done.at_rest else [f"not within {REST_SECONDS:.0f} s"]
    done.findings["workers end in good order"] = [
        f"exit codes {done.exits}" for _ in [None] if any(code != 0 for code in done.exits)
    ]
    await store.close()
    await other.close()
