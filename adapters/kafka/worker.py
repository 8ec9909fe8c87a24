"""The worker: reads facts from Kafka, each counted once, and lets deadlines lapse.

Broker and database may go away at any moment: the worker drops what it holds, waits a little
longer each time, and begins again as a new member of the group.
"""

import asyncio
import logging
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from adapters.app import LANES, App
from adapters.kafka.clients import Kafka
from adapters.kafka.reader import Reader
from adapters.kafka.topics import FACTS, administrator, check_facts
from adapters.report import Report
from adapters.settings import Settings

GROUP = "villkor"
REBALANCE_MS = 60_000
CLOSE_SECONDS = 10.0
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
DEAD_SECONDS = 120.0

log = structlog.get_logger()


@dataclass(slots=True)
class Health:
    """Ready is who reads what it was assigned; alive is whose loop turns, ready or not."""

    ready: bool = False
    turned: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        return time.monotonic() - self.turned < DEAD_SECONDS


class Worker:
    """One consumer of facts. `start_app` opens a writer with so many lanes that owns nothing."""

    def __init__(
        self, start_app: Callable[[int], Awaitable[App]], kafka: Kafka, *, topic: str = FACTS,
        group: str = GROUP, session_seconds: float = 30.0,
    ) -> None:  # fmt: skip
        self.start_app, self.kafka, self.topic, self.group = start_app, kafka, topic, group
        self.session_ms = int(session_seconds * 1000)
        self.health, self.report = Health(), Report()
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch, then leave."""
        self.stopping.set()

    async def run(self) -> None:
        """Work until told to stop; what goes wrong is logged and tried again."""
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it meets is said here
        failures = 0
        while not self.stopping.is_set():
            try:
                async with self._member() as reader:
                    while not self.stopping.is_set():
                        await reader.step()
                        self._turned(reader.ready)
                        failures = 0 if reader.ready else failures
            except Exception as error:  # noqa: BLE001 - a worker outlives whatever it depends on
                self._turned(ready=False)
                failures += 1
                pause = min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** min(failures, 10))
                pause *= random.uniform(0.5, 1.0)
                log.warning("lost", error=f"{type(error).__name__}: {error}", again_in=pause)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), pause)
        self._turned(ready=False)
        log.info("left", taken=self.report.taken, duplicates=self.report.duplicates,
                 parked=self.report.parked, lapsed=self.report.lapsed)  # fmt: skip

    def _turned(self, ready: bool) -> None:
        if ready != self.health.ready:
            log.info("ready" if ready else "not ready", group=self.group)
        self.health.ready, self.health.turned = ready, time.monotonic()

    @asynccontextmanager
    async def _member(self) -> AsyncIterator[Reader]:
        """A new member of the group; it lets go of what it claimed before it leaves."""
        async with administrator(self.kafka) as admin:
            partitions = await check_facts(admin, self.topic)
        app = await self.start_app(min(LANES, partitions))
        async with AsyncExitStack() as stack:
            producer, ends, consumer = (
                self.kafka.producer(), self.kafka.consumer(), self._consumer(),
            )  # fmt: skip
            clients = (consumer, ends, producer)
            stack.push_async_callback(_closed, *clients)
            await asyncio.gather(*(client.start() for client in clients))
            reader = Reader(app, consumer, ends, producer, self.topic, partitions)
            stack.push_async_callback(reader.release)
            consumer.subscribe([self.topic], listener=reader)
            try:
                yield reader
            finally:
                self._turned(ready=False)
                self.report += reader.report

    def _consumer(self) -> AIOKafkaConsumer:
        return self.kafka.consumer(
            group_id=self.group,
            isolation_level="read_committed",
            auto_offset_reset="none",
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            session_timeout_ms=self.session_ms,
            heartbeat_interval_ms=self.session_ms // 10,
            rebalance_timeout_ms=max(self.session_ms, REBALANCE_MS),
        )


async def _closed(*clients: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Stop clients beside each other, in bounded time, whatever state they are in.

    A consumer whose fetch is failing just then stops halfway (aiokafka's issue 647): its
    connections are closed here.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await asyncio.gather(*(one.stop() for one in clients), return_exceptions=True)
    for one in clients:
        if isinstance(one, AIOKafkaConsumer):
            await one._client.close()


async def until_told(worker: Worker) -> None:
    """Run until SIGTERM or SIGINT, which finish the batch."""
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, worker.stop)
    await worker.run()


async def work(settings: Settings) -> int:
    """`villkor worker`. Raises VillkorError where a setting is missing or the database is."""
    from adapters.cli.session import opened, owner

    kafka = Kafka.of(settings)
    async with opened(replace(settings, log=settings.log or "console:info")) as session:

        def start_app(lanes: int) -> Awaitable[App]:
            name = f"worker {owner()}"
            return App.start(session.store, session.book, name, session.clock, lanes)

        await until_told(Worker(start_app, kafka))
    return 0
