"""The worker: reads facts from Kafka, each counted once, lets deadlines lapse, tells outcomes.

Broker and database may go away at any moment: the worker drops what it holds, waits a little
longer each time, and begins again as a new member of the group.
"""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog
from starlette.applications import Starlette

from adapters import sla_sums
from adapters.app import LANES, App
from adapters.backlog import Backlog
from adapters.bodies import Intake
from adapters.http.app import application
from adapters.http.health import health
from adapters.http.server import listening
from adapters.kafka.clients import Kafka, closed, pause
from adapters.kafka.heads import Heads
from adapters.kafka.outcomes import Mode
from adapters.kafka.reader import Reader
from adapters.kafka.relay import Relay
from adapters.kafka.sources import Sources
from adapters.kafka.standings import standings, watched
from adapters.kafka.topics import FACTS, Out, administrator, check_facts
from adapters.ledger import sums
from adapters.metrics import Metrics, Publishing
from adapters.report import Report
from adapters.senders import senders
from adapters.settings import Settings
from adapters.watchdog import Stalled, Standing

GROUP = "villkor"
DEAD_SECONDS = 120.0
CUT_SECONDS = 30.0

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
    """One consumer of facts. `start_app` opens a writer with so many lanes that owns nothing.

    `out` are the topics of what goes out, `mode` the CloudEvents mode of outcomes, `sources` the
    reader of raw bodies that works beside it, and `heads` writes chain heads.
    """

    def __init__(
        self, start_app: Callable[[int], Awaitable[App]], kafka: Kafka, *, topic: str = FACTS,
        group: str = GROUP, session_seconds: float = 30.0, metrics: Metrics | None = None,
        out: Out | None = None, mode: Mode = "structured", sources: Sources | None = None,
        heads: Heads | None = None,
    ) -> None:  # fmt: skip
        self.start_app, self.kafka, self.topic, self.group = start_app, kafka, topic, group
        self.session_ms = int(session_seconds * 1000)
        self.health, self.report = Health(), Report()
        self.metrics = metrics or Metrics()
        self.reader: Reader | None = None
        self.relay, self.sources, self.heads = Relay(kafka, out, mode), sources, heads
        self.metrics.registry.register(Publishing(self.relay))
        self.stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch, then leave."""
        self.stopping.set()
        if self.sources is not None:
            self.sources.stop()

    async def run(self) -> None:
        """Work until told to stop. Raises Stalled where something is not read on for too long."""
        await watched(self._all(), self._standings, self.metrics.watchdog)

    async def _all(self) -> None:
        beside = () if self.sources is None else (self.sources.run(),)
        await asyncio.gather(self._work(), *beside)

    async def _work(self) -> None:
        """What goes wrong is logged and tried again."""
        failures = 0
        while not self.stopping.is_set():
            try:
                async with self._member() as reader:
                    while not self.stopping.is_set():
                        await reader.step()
                        self._turned(reader.ready and self.relay.ready(reader))
                        failures = 0 if reader.ready else failures
            except Exception as error:  # noqa: BLE001 - a worker outlives whatever it depends on
                self._turned(ready=False)
                self.metrics.failed(error)
                failures += 1
                again_in = pause(failures)
                log.warning("lost", error=f"{type(error).__name__}: {error}",
                            again_in=round(again_in, 1))  # fmt: skip
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), again_in)
        self._turned(ready=False)
        log.info("left", taken=self.report.taken, duplicates=self.report.duplicates,
                 parked=self.report.parked, lapsed=self.report.lapsed)  # fmt: skip

    def _turned(self, ready: bool) -> None:
        if ready != self.health.ready:
            log.info("ready" if ready else "not ready", group=self.group)
        self.health.ready, self.health.turned = ready, time.monotonic()

    def told(self) -> Starlette:
        """What this worker answers over HTTP: health, readiness, metrics."""

        async def missing() -> str | None:
            beside = self.sources is None or self.sources.ready
            ready = self.health.ready and beside
            return None if ready else "it does not read what was assigned to it"

        return application(health(missing, self.metrics, lambda: self.health.alive))

    async def _standings(self) -> dict[str, list[Standing] | None]:
        read = None if self.reader is None else await standings(self.reader)
        published = None if read is None else self.relay.standings()
        bodies = None if self.sources is None else await self.sources.standings()
        return {"facts": read, "relay": published, "sources": bodies}

    @asynccontextmanager
    async def _member(self) -> AsyncIterator[Reader]:
        """A new member of the group; it lets go of what it claimed before it leaves."""
        async with administrator(self.kafka) as admin:
            partitions = await check_facts(admin, self.topic)
        app = await self.start_app(min(LANES, partitions))
        async with AsyncExitStack() as stack:
            consumer = self.kafka.member(self.group, self.session_ms, "none")
            producer, ends = self.kafka.producer(), self.kafka.consumer()
            clients = (consumer, ends, producer)
            stack.push_async_callback(closed, *clients)
            await asyncio.gather(*(client.start() for client in clients))
            reader = Reader(app, consumer, ends, producer, self.topic, partitions, self.metrics)
            stack.push_async_callback(reader.release)
            for beside in (self.relay, self.heads):
                if beside is not None:
                    following = asyncio.create_task(beside.follow(reader))
                    stack.push_async_callback(_ended, following)
            consumer.subscribe([self.topic], listener=reader)
            self.reader = reader
            try:
                yield reader
            finally:
                self.reader = None
                self._turned(ready=False)
                self.report += reader.report


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


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

        metrics = Metrics(backlog=Backlog(session.store.pool))
        intake = Intake(session.store, senders(settings.senders), session.clock)
        sources = Sources(intake, kafka, metrics=metrics)
        worker = Worker(
            start_app, kafka, metrics=metrics, sources=sources, mode=settings.outcomes,
            heads=Heads(metrics, settings.heads),
        )  # fmt: skip
        async with AsyncExitStack() as stack:
            if settings.metrics is not None:
                await stack.enter_async_context(listening(worker.told(), settings.metrics))
            for one in (sums, sla_sums):
                summing = asyncio.create_task(one.adding_up(session.store.pool))
                stack.push_async_callback(_ended, summing)
            try:
                await until_told(worker)
            except Stalled:
                _end_anyway()
                raise
    return 0


def _end_anyway() -> None:
    """What hangs on the way out is cut off: the supervisor waits for this process to end."""
    cut = threading.Timer(CUT_SECONDS, os._exit, (1,))
    cut.daemon = True
    cut.start()
