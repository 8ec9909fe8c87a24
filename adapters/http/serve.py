"""`villkor serve`: takes webhooks, and answers who asks how it is.

Without Kafka it is also the writer of the log, unless another program is: what a webhook told is
taken at once, and deadlines lapse.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import structlog

from adapters.app import App
from adapters.backlog import Backlog
from adapters.cli.session import Session, opened
from adapters.http.app import application
from adapters.http.destinations import Destination, ToKafka, ToLog
from adapters.http.health import health
from adapters.http.server import listening
from adapters.http.webhooks import Webhooks
from adapters.inbox import drain
from adapters.kafka.clients import Kafka
from adapters.metrics import Metrics
from adapters.parcels.sweep import Sweeper
from adapters.senders import Senders, senders
from adapters.settings import Settings
from domain.errors import Guarded

POLL_SECONDS = 1.0
"""How often the writer looks for what is due though no webhook came."""
AGAIN_SECONDS = 5.0
log = structlog.get_logger()


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, which let what was begun be answered.

    Raises VillkorError where a setting cannot be used, the database is missing or the port taken.
    """
    stopping = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stopping.set)
    known = senders(settings.senders)
    if not known.shops and not known.tokens:
        log.warning("no senders", reason="VILLKOR_SENDERS names nobody: each webhook is refused")
    async with opened(replace(settings, log=settings.log or "console:info")) as session:
        metrics = Metrics(backlog=Backlog(session.store.pool))
        async with _destination(session, known, metrics) as destination:
            webhooks = Webhooks(known, destination, metrics)
            app = application([*webhooks.routes(), *health(destination.ready, metrics)])
            async with listening(app, settings.listen):
                await stopping.wait()
    log.info("left")
    return 0


@asynccontextmanager
async def _destination(
    session: Session, known: Senders, metrics: Metrics
) -> AsyncIterator[Destination]:
    """Kafka; or the log, and the writer that takes what was told it."""
    if session.settings.kafka is not None:
        to_kafka = ToKafka(Kafka.of(session.settings))
        try:
            yield to_kafka
        finally:
            await to_kafka.close()
        return
    to_log = ToLog(session.store, known, session.clock)
    writing = asyncio.create_task(write(session, to_log.told, metrics))
    try:
        yield to_log
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def write(session: Session, told: asyncio.Event, metrics: Metrics) -> None:
    """Be the writer of the log whenever no other program is, until cancelled."""
    sweeper, waiting = Sweeper(session.store), False
    while True:
        try:
            async with session.writer() as app:
                log.info("writing")
                waiting = False
                while True:
                    await sweeper.turn()
                    await _turn(app, told, metrics)
        except Guarded as other:
            if not waiting:
                log.info("waiting", reason=str(other))
            waiting = True
        except Exception as error:  # noqa: BLE001 - what is acknowledged waits meanwhile
            metrics.failed(error)
            log.warning("lost", error=f"{type(error).__name__}: {error}", again_in=AGAIN_SECONDS)
        await asyncio.sleep(AGAIN_SECONDS)


async def _turn(app: App, told: asyncio.Event, metrics: Metrics) -> None:
    """Take what lies in the inbox, then let lapse what fell due before that was asked for."""
    told.clear()
    until = app.clock.now()
    metrics.count(await drain(app) + await app.lapse(until))
    with suppress(TimeoutError):
        async with asyncio.timeout(POLL_SECONDS):
            await told.wait()
