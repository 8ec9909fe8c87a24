"""What all tests share: one real Postgres for the session, and a fresh database for each test."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from adapters.app import App
from adapters.clock import Clock
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.terms import book

settings.register_profile(
    "ci", max_examples=200, derandomize=True, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
settings.register_profile("development", settings.get_profile("ci"), max_examples=60)
settings.load_profile("ci" if os.environ.get("CI") else "development")

_numbers = count()


def named(dsn: str, database: str) -> str:
    """The URL of another database of the same server."""
    head, _, query = dsn.partition("?")
    return head.rsplit("/", 1)[0] + f"/{database}" + (f"?{query}" if query else "")


@contextmanager
def directory() -> Iterator[Path]:
    """An own directory: as root the server is `nobody`, and pytest closes its own to others."""
    with TemporaryDirectory(prefix="villkor-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory for an embedded server of the test's own."""
    with directory() as path:
        yield path


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A running Postgres with a migrated database `template`; the URL of its own one."""
    runner = asyncio.Runner()

    async def prepare(dsn: str) -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute("create database template")
        await connection.close()
        await migrate(named(dsn, "template"))

    with directory() as path:
        context = embedded(path)
        dsn = runner.run(context.__aenter__())
        runner.run(prepare(dsn))
        yield dsn
        runner.run(context.__aexit__(None, None, None))
    runner.close()


@pytest.fixture
async def database(server: str) -> str:
    """The URL of a fresh database with the schema."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"create database {name} template template strategy file_copy")
    await connection.close()
    return named(server, name)


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    one = await Store.open(database)
    yield one
    await one.close()


@pytest.fixture
async def app(store: Store) -> AsyncIterator[App]:
    """A writer that owns every partition."""
    one = await App.start(store, book(), "test", Clock())
    await one.claim()
    yield one
    await one.release()
