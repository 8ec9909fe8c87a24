"""A database that is away, or hangs: each page says so in words, and works when it is back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from adapters.access import Role
from adapters.http.desk import Desk
from adapters.postgres.embedded import Server, embedded
from adapters.postgres.migrate import migrate
from tests.asked import desk_on
from tests.console.test_sessions import routes, signed_in, word

PATIENCE, LONG = 1.0, 30.0
PAGES = [path for path in routes("GET") if path != "/sign-in"]


@pytest.fixture
async def own(home: Path) -> AsyncIterator[Desk]:
    """A desk on an empty installation with a server of its own."""
    async with embedded(home) as dsn:
        await migrate(dsn)
        async with desk_on(dsn) as desk:
            yield desk


async def status(one: httpx.AsyncClient, path: str) -> int:
    """What a page is answered with; whoever waits for long fails the test."""
    async with asyncio.timeout(LONG):
        answer = await one.get(path)
    if answer.status_code == 503:
        assert "The database does not answer" in answer.text
        assert "<h1>" in answer.text
    return answer.status_code


async def test_every_page_says_that_the_database_is_away_and_works_again(
    own: Desk, home: Path
) -> None:
    async with signed_in(own, Role.AUDITOR) as one:
        before = {path: await status(one, path) for path in PAGES}
        assert 503 not in before.values()
        server = Server.of(home)
        stop = ("pg_ctl", "stop", "-m", "immediate", "-w", "-D", str(server.data))
        await asyncio.to_thread(server._run, *stop)
        assert {path: await status(one, path) for path in PAGES} == dict.fromkeys(PAGES, 503)
        await asyncio.to_thread(server._start)
        assert {path: await status(one, path) for path in PAGES} == before


async def test_a_page_does_not_wait_for_a_database_that_hangs(own: Desk) -> None:
    """Its processes are stopped, as by a disk that does not answer."""
    pool = own.reader.pool
    async with signed_in(own, Role.AUDITOR) as one:
        await word(one)
        process, own.reader.patience = await pool.fetchval("select pg_backend_pid()"), PATIENCE
        os.kill(process, signal.SIGSTOP)
        try:
            assert await status(one, "/orders") == 503
        finally:
            os.kill(process, signal.SIGCONT)
        own.reader.patience = LONG
        assert await status(one, "/orders") == 200
