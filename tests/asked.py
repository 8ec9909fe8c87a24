"""What is asked over HTTP, asked in tests: a desk on a database, tokens, and who holds them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import httpx

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.cli.session import Session
from adapters.clock import Clock
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked, write
from adapters.metrics import Metrics
from adapters.postgres.store import Store
from adapters.reading import Reader, reader_url
from adapters.settings import Settings
from adapters.terms import book
from adapters.tokens import Signed, create


@asynccontextmanager
async def desk_on(dsn: str) -> AsyncIterator[Desk]:
    """A desk at the demo's present; it asks as the role that `serve` asks as."""
    settings = Settings(home=Path("nowhere"), now=NOW)
    store, url = await Store.open(dsn), reader_url(settings, dsn)
    assert url is not None
    reader = await Reader.open(url)
    known = book()
    known.stored |= {edition.hash: edition for edition in await store.editions()}
    try:
        yield Desk(reader, Session(settings, Clock(NOW), store, known))
    finally:
        await reader.close()
        await store.close()


async def token(desk: Desk, role: Role, *sellers: str) -> str:
    """A token of its own."""
    name, signed = f"{role}-{token_hex(4)}", Signed("Tess", "a test")
    return (await create(desk.session.store, name, role, sellers, signed, NOW)).secret


@asynccontextmanager
async def client(desk: Desk, role: Role, *sellers: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with such a token; of no seller means of all."""
    headers = {"Authorization": f"Bearer {await token(desk, role, *sellers)}"}
    transport = httpx.ASGITransport(application(asked(desk)))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://villkor", headers=headers
    ) as one:
        yield one


@asynccontextmanager
async def writing(desk: Desk) -> AsyncIterator[None]:
    """Meanwhile the writer of `serve` is at work beside those who ask."""
    told, session = asyncio.Event(), desk.session
    at_work = asyncio.create_task(write(session, told, Metrics()))
    desk.session = replace(session, woken=told.set)
    try:
        yield
    finally:
        at_work.cancel()
        await asyncio.gather(at_work, return_exceptions=True)
        desk.session = session
