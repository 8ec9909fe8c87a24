"""A log that was told once, and a copy of it for each test that changes it."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from adapters import sla_sums
from adapters.access import Role
from adapters.app import App
from adapters.inbox import drain
from adapters.ingest import ingest
from adapters.ledger.sums import add_up
from adapters.postgres.store import Store
from adapters.terms import book
from adapters.tokens import Signed, create, revoke
from tests.conftest import copied, named
from tests.facts import START
from tests.postgres.tampered import CLOCK, TOKENS, found, told


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """A database in which all of it was told, to be copied; its name."""
    name = f"told_{os.getpid()}"

    async def fill() -> None:
        connection = await asyncpg.connect(server)
        await connection.execute(f"create database {name} template template strategy file_copy")
        await connection.close()
        store = await Store.open(named(server, name))
        app = await App.start(store, book(), "test", CLOCK)
        await app.claim()
        await ingest(app, told(), START)
        await add_up(store.pool)
        await sla_sums.add_up(store.pool)
        for of, role, *sellers in TOKENS:
            await create(store, of, Role(role), sellers, Signed("Ada", "asked for it"), START)
        await revoke(store, "gone", Signed("Ada", "left"), START + timedelta(days=1))
        await drain(app)
        await app.release()
        await store.close()

    asyncio.run(fill())
    return name


@pytest.fixture
async def sound(server: str, template: str) -> AsyncIterator[Store]:
    """A copy in which verify finds nothing."""
    async with copied(server, template) as url:
        store = await Store.open(url)
        assert await found(store) == []
        yield store
        await store.close()
