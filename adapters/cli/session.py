"""What a command works with: settings, an open database, and a writer where it needs one.

What writes is imported where somebody does: most commands only ask.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from adapters.clock import Clock
from adapters.log import configure
from adapters.messages import Message
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.report import Report
from adapters.settings import Settings
from adapters.terms import book
from domain.errors import Guarded
from domain.terms.book import Book

if TYPE_CHECKING:
    from adapters.app import App


@dataclass(slots=True)
class Session:
    """An open installation."""

    settings: Settings
    clock: Clock
    store: Store
    book: Book
    woken: Callable[[], None] | None = None
    """Tells the writer beside this session that something waits for it; set where there always is
    one (`villkor serve`), so that nobody here becomes it."""

    @property
    def queries(self) -> Queries:
        return Queries(self.store.pool)

    @asynccontextmanager
    async def writer(self) -> AsyncIterator["App"]:
        """A writer that owns every partition. Raises Guarded where another one is alive.

        The heads of what it moved are in VILLKOR_HEADS when it is done.
        """
        if self.woken is not None:
            raise Guarded("the writer beside this program takes what is handed over")
        from adapters.app import App
        from adapters.heads import kept

        app = await App.start(self.store, self.book, owner(), self.clock)
        others = await self.store.live_owners() - {owner()}
        await app.claim(takeover=bool(others) and all(map(_is_gone, others)))
        beat = asyncio.create_task(_beat(app))
        try:
            async with kept(app, self.settings.heads):
                yield app
        finally:
            beat.cancel()
            await app.release()

    async def taken(self, rows: Sequence[int]) -> None:
        """Wait until the writers have taken these rows of the inbox; where there is none, be it."""
        from adapters.inbox import drain, taken

        try:
            async with self.writer() as app:
                await drain(app)
        except Guarded:
            if self.woken is not None:
                self.woken()
            await taken(self.store, rows)

    async def left(self, messages: Sequence[Message]) -> None:
        """Leave messages to their writers, whenever they come. Raises Refused for a bad one."""
        from adapters.inbox import leave

        await leave(self.store, messages)
        if self.woken is not None:
            self.woken()

    async def told(self, messages: Sequence[Message]) -> Report:
        """Tell messages as the writer, or through its inbox where another is; wait until taken."""
        from adapters.inbox import hand_over
        from adapters.ingest import ingest

        try:
            async with self.writer() as app:
                return await ingest(app, messages, self.clock.now())
        except Guarded:
            return await hand_over(self.store, self.clock, messages, self.woken)


BEAT = 5.0
"""Seconds between signs of life; a writer that is silent for three of them may be replaced."""


async def _beat(app: "App") -> None:
    while True:
        await asyncio.sleep(BEAT)
        await app.heartbeat()


def _is_gone(owner: str) -> bool:
    """Whether a writer was a program of this machine that runs no more (kill -9, power cut)."""
    host, _, pid = owner.rpartition(":")
    return host == socket.gethostname() and pid.isdigit() and not psutil.pid_exists(int(pid))


def owner() -> str:
    """Who this writer is, for the others."""
    return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def opened(settings: Settings | None = None) -> AsyncIterator[Session]:
    """The installation that the environment names, its schema brought up to date."""
    settings = settings or Settings.read()
    configure(settings.log or "console:warning")
    async with _database(settings) as dsn:
        await migrate(dsn)
        store = await Store.open(dsn)
        try:
            known = book()
            known.stored |= {edition.hash: edition for edition in await store.editions()}
            yield Session(settings, Clock(settings.now), store, known)
        finally:
            await store.close()


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[str]:
    if settings.database is not None:
        yield settings.database
        return
    async with embedded(settings.home) as dsn:
        yield dsn


def running(work: Callable[[Session], Coroutine[Any, Any, int]]) -> int:
    """Run a command's work on the open installation; its exit code."""

    async def all_of_it() -> int:
        async with opened() as session:
            return await work(session)

    return asyncio.run(all_of_it())
