"""The demo's six shops, told to one database that these tests read and never write."""

import asyncio
import os
from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.app import App
from adapters.cli.demo import FACTS, NOW
from adapters.clock import Clock
from adapters.ingest import ingest, messages
from adapters.postgres.store import Store
from adapters.terms import book
from tests.conftest import named


@pytest.fixture(scope="session")
def demo(server: str) -> str:
    """The URL of a database that holds the demo."""
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

    asyncio.run(fill())
    return named(server, name)


@pytest.fixture
async def shops(demo: str) -> AsyncIterator[Store]:
    """The demo's store."""
    store = await Store.open(demo)
    yield store
    await store.close()
