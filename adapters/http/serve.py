"""`villkor serve`: the API and the console, webhooks, and an answer to who asks how it is.

Without Kafka it is also the writer of the log, unless another program is: what a webhook told is
taken at once, and deadlines lapse.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from socket import socket

import structlog
from starlette.routing import BaseRoute, Mount

from adapters import sla_sums
from adapters.terms import clauses
from adapters.app import App
from adapters.backlog import Backlog
from adapters.cli.session import Session, opened
from adapters.heads import keep, to_file
from adapters.console import console
from adapters.console.headers import Headers
from adapters.http.api import api
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.destinations import ToKafka, ToLog
from adapters.http.health import health
from adapters.http.limits import Limited
from adapters.http.server import listening
from adapters.http.webhooks import Webhooks
from adapters.inbox import drain
from adapters.kafka.clients import Kafka
from adapters.ledger import sums
from adapters.metrics import Metrics
from adapters.parcels.sweep import Sweeper
from adapters.reading import Reader, reader_url
from adapters.senders import Senders, senders
from adapters.settings import Settings
from domain.errors import Guarded, VillkorError

POLL_SECONDS = 1.0
"""How often the writer looks for what is due though no webhook came."""
AGAIN_SECONDS = 5.0
SUMS = (sums, clauses, sla_sums)
"""What pages show sums of: postings, what clauses decided, what waits."""
log = structlog.get_logger()


async def serve(settings: Settings, listener: socket | None = None) -> int:
    """Serve until SIGTERM or SIGINT, which let what was begun be answered.

    `listener` is bound to the address already, where it is told.
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
            routes = [*webhooks.routes(), *health(destination.ready, metrics)]
            async with _asked(session, destination, stopping) as pages, listening(
                application([*routes, *pages]), settings.listen, listener
            ):  # fmt: skip
                await stopping.wait()
    log.info("left")
    return 0


@asynccontextmanager
async def _asked(
    session: Session, destination: ToKafka | ToLog, ending: asyncio.Event
) -> AsyncIterator[list[BaseRoute]]:  # fmt: skip
    """The API and the console, where there is a role to ask as that owns nothing."""
    if (reader := await _reader(session)) is None:
        yield []
        return
    desk = _desk(reader, session, destination, ending)
    try:
        async with _added_up(session):
            yield asked(desk)
    finally:
        await desk.background.end()
        await reader.close()


@asynccontextmanager
async def _added_up(session: Session) -> AsyncIterator[None]:
    """Meanwhile what pages show sums of is added up."""
    adding = [asyncio.create_task(one.adding_up(session.store.pool)) for one in SUMS]
    try:
        yield
    finally:
        for one in adding:
            one.cancel()
        await asyncio.gather(*adding, return_exceptions=True)


def _desk(
    reader: Reader, session: Session, destination: ToKafka | ToLog, ending: asyncio.Event
) -> Desk:
    """The desk of a program beside which there is a writer: nobody who asks becomes one."""
    if isinstance(destination, ToLog):
        return Desk(reader, replace(session, woken=destination.told.set), None, ending)
    return Desk(reader, replace(session, woken=_polled), destination.tell, ending)


def _polled() -> None:
    """Workers look for themselves."""


async def _reader(session: Session) -> Reader | None:
    """Webhooks are taken all the same where nobody can ask."""
    if (dsn := reader_url(session.settings, session.store.dsn)) is None:
        log.warning("no API", reason="VILLKOR_READER does not say as whom to ask the database")
        return None
    try:
        return await Reader.open(dsn)
    except VillkorError as error:
        log.warning("no API", reason=str(error))
        return None


def asked(desk: Desk) -> list[BaseRoute]:
    """The routes of the API and the console."""
    return [Mount("/v1", Headers(Limited(api(desk)))), Mount("/", console(desk))]


@asynccontextmanager
async def _destination(
    session: Session, known: Senders, metrics: Metrics
) -> AsyncIterator[ToKafka | ToLog]:
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
            async with session.writer() as app, _heads_kept(session, app, metrics):
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


@asynccontextmanager
async def _heads_kept(session: Session, app: App, metrics: Metrics) -> AsyncIterator[None]:
    """Meanwhile heads go to the file of heads, if there is one."""
    elsewhere = to_file(session.settings.heads)
    keeping = asyncio.create_task(keep(app, elsewhere, metrics.heads)) if elsewhere else None
    try:
        yield
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


async def _turn(app: App, told: asyncio.Event, metrics: Metrics) -> None:
    """Take what lies in the inbox, then let lapse what fell due before that was asked for."""
    told.clear()
    until = app.clock.now()
    metrics.count(await drain(app) + await app.lapse(until))
    with suppress(TimeoutError):
        async with asyncio.timeout(POLL_SECONDS):
            await told.wait()
