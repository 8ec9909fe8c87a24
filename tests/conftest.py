"""What all tests share: one real Postgres for the session, and a fresh database for each test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from adapters.app import App
from adapters.cli.demo import FACTS, NOW
from adapters.clock import Clock
from adapters.ingest import ingest, messages
from adapters.log import configure
from adapters.postgres import embedded as embedding
from adapters.postgres.embedded import SETTINGS, embedded
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
CARELESS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
"""No power cut matters to the tests' own server; where one does, a test has a server for itself."""
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
"""Where the thousand files of a database are made in no time; each lives as long as its test."""

SLOW = ("chaos", "kafka", "deploy", "http", "scenarios", "console")
"""Folders whose files are begun first: those that take minutes are not left for the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow folders first, so that all processes end together."""
    here = Path(__file__).parent
    places = {folder: place for place, folder in enumerate(SLOW)}
    items.sort(key=lambda item: places.get(item.path.relative_to(here).parts[0], len(SLOW)))


@pytest.fixture(autouse=True)
def own_log() -> None:
    """However a command that another test ran set the log up."""
    configure("console:info")


def named(dsn: str, database: str) -> str:
    """The URL of another database of the same server."""
    head, _, query = dsn.partition("?")
    return head.rsplit("/", 1)[0] + f"/{database}" + (f"?{query}" if query else "")


@contextmanager
def directory(where: Path | None = None) -> Iterator[Path]:
    """An own directory: as root the server is `nobody`, and pytest closes its own to others."""
    with TemporaryDirectory(prefix="villkor-test-", ignore_cleanup_errors=True, dir=where) as name:
        yield Path(name)


def in_memory() -> Path | None:
    """A folder that is on no disk, where there is one with room."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if has_room else None


@asynccontextmanager
async def copied(server: str, template: str) -> AsyncIterator[str]:
    """The URL of a copy of a database, for a while."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"create database {name} template {template} strategy file_copy")
    await connection.close()
    yield named(server, name)
    connection = await asyncpg.connect(server)
    await connection.execute(f"drop database {name} with (force)")
    await connection.close()


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

    with directory(in_memory()) as path:
        context = embedded(path)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(embedding, "SETTINGS", SETTINGS | CARELESS)
            dsn = runner.run(context.__aenter__())
        runner.run(prepare(dsn))
        yield dsn
        runner.run(context.__aexit__(None, None, None))
    runner.close()


@pytest.fixture(scope="session")
def demo(server: str) -> str:
    """The URL of a database that holds the demo; tests that write take a copy (`demo_copy`)."""
    name = f"demo_{os.getpid()}"

    async def fill() -> None:
        connection = await asyncpg.connect(server)
        await connection.execute(f"create database {name} template template strategy file_copy")
        await connection.close()
        store = await Store.open(named(server, name))
        app = await App.start(store, book(), "demo", Clock())
        await app.claim()
        await ingest(app, messages([str(FACTS)]), NOW)
        await app.release()
        await store.close()
        connection = await asyncpg.connect(server)
        await connection.execute(f"create database {name}_kept template {name}")
        await connection.close()

    asyncio.run(fill())
    return named(server, name)


@pytest.fixture
async def demo_copy(demo: str, server: str) -> AsyncIterator[str]:
    """The URL of a database that holds the demo, of the test's own."""
    async with copied(server, f"demo_{os.getpid()}_kept") as url:
        yield url


@pytest.fixture
async def database(server: str) -> AsyncIterator[str]:
    """The URL of a fresh database with the schema."""
    async with copied(server, "template") as url:
        yield url


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
