"""A question or an adding up that a rebuild comes in between sees the postings of after it."""

import asyncio
from collections.abc import Coroutine
from datetime import date
from typing import Any

import pytest

from adapters import rebuild as rebuilding
from adapters.app import App
from adapters.exports.ledger import reading
from adapters.ledger.periods import periods
from adapters.ledger.statement import statements
from adapters.ledger.sums import add_up, differences
from adapters.ledger.trial import Span, trial_balance
from adapters.postgres import beside
from adapters.postgres.store import Store
from adapters.rebuild import rebuild
from tests.facts import life
from tests.postgres.test_rebuild import then

WAITS = """
    select exists (select from pg_locks l join pg_database d on d.oid = l.database
                   where not l.granted and d.datname = current_database())
"""


async def meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch, work: Coroutine[Any, Any, Any]
) -> Any:
    """Rebuild, and begin something while the tables are being swapped; what came of that."""
    begun: list[asyncio.Task[Any]] = []

    async def begin() -> None:
        if not begun:
            begun.append(asyncio.create_task(work))
            async with asyncio.timeout(30):
                while not await store.pool.fetchval(WAITS):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)

    then(monkeypatch, beside, "hold", begin)
    await rebuild(store)
    return await begun[0]


async def test_what_is_added_up_while_postings_are_swapped_is_added_up_once(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await app.handle(life("allectra", "A-1"))
    await add_up(store.pool)
    before = await trial_balance(store.pool, None, Span())
    await meanwhile(store, monkeypatch, add_up(store.pool))
    assert await trial_balance(store.pool, None, Span()) == before
    async with store.pool.acquire() as connection:
        assert await differences(connection) == []


async def entries(store: Store) -> int:
    [page] = await statements(store.pool, 1930, None, Span(), 50)
    assert page.total == len(page.entries)
    return page.total


async def posted(store: Store) -> int:
    return sum(one.entries for one in await periods(store.pool, None))


async def balance(store: Store) -> int:
    return sum(one.debit for one in await trial_balance(store.pool, None, Span()))


async def exported(store: Store) -> int:
    async with reading(store.pool, "allectra", date(2024, 3, 1), date(2024, 3, 1)) as ledger:
        return sum([len(one.legs) async for one in ledger.vouchers()])


@pytest.mark.parametrize("ask", [entries, posted, balance, exported])
async def test_a_question_asked_while_postings_are_swapped_misses_none(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch, ask: Any
) -> None:
    """Also those that the swap itself brings: a snapshot of before it would not have them."""
    await app.handle(life("allectra", "A-1"))
    told = iter([life("allectra", "A-2")])

    async def tell() -> None:
        if (facts := next(told, None)) is not None:
            await app.handle(facts)

    then(monkeypatch, rebuilding._Rebuild, "catch_up", tell)
    found = await meanwhile(store, monkeypatch, ask(store))
    assert found == await ask(store)
