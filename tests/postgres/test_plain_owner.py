"""The whole road in a database whose owner may do nothing else: no superuser, no new roles."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.access import Role, Who
from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain
from adapters.ingest import ingest
from adapters.ledger.sums import add_up
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.reading import ROLE, Reader
from adapters.rebuild import rebuild
from adapters.terms import book
from adapters.tokens import Signed, create
from adapters.verify import verify
from tests.conftest import named
from tests.facts import START, life

OWNER = "plain"


@pytest.fixture
async def owned(server: str, database: str) -> AsyncIterator[str]:
    """The URL of an empty database, as its owner; the role that asks is there (`database`)."""
    connection = await asyncpg.connect(server)
    await connection.execute(f"create role {OWNER} login nosuperuser nocreaterole nobypassrls")
    await connection.execute(f"create database plain_owned owner {OWNER}")
    yield named(server, "plain_owned").replace("://postgres@", f"://{OWNER}@")
    await connection.execute("drop database plain_owned with (force)")
    await connection.execute(f"drop role {OWNER}")
    await connection.close()


async def test_an_owner_that_is_nothing_else_migrates_takes_facts_and_rebuilds(owned: str) -> None:
    """Row security would forbid it COPY, so it is not forced on it; who asks is limited all the
    same, before the rebuild and after it."""
    await migrate(owned)
    store = await Store.open(owned)
    app = await App.start(store, book(), "test", Clock())
    await app.claim()
    await ingest(app, [*life("allectra", "A"), *life("netzilla", "N")], START)
    await create(store, "anna", Role.AGENT, ["allectra"], Signed("Ada", "a test"), START)
    await drain(app)
    await add_up(store.pool)
    await app.release()
    await rebuild(store, processes=1)
    assert (await verify(store, book())).differences == []
    reader = await Reader.open(owned.replace(f"://{OWNER}@", f"://{ROLE}@"))
    async with reader.asking(Who("anna", Role.AGENT, ("allectra",))) as asked:
        for table in ("orders", "timeline", "postings", "events", "personal"):
            rows = await asked.pool.fetch(f"select distinct seller from {table}")
            assert {row[0] for row in rows} <= {"allectra"}
    assert await reader.pool.fetchval("select count(*) from orders") == 0
    await reader.close()
    await store.close()
