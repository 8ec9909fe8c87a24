"""A rebuild's swap is bounded: in how often it is tried, and in how long writers are held."""

import re
import time
from typing import Any

import asyncpg
import pytest

from adapters import rebuild as rebuilding
from adapters.app import App
from adapters.postgres.connect import GONE
from adapters.postgres.store import Store
from adapters.rebuild import check, rebuild
from domain.errors import Guarded
from tests.postgres.test_rebuild import TAMPERED, beside_live, dump, lives


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "SHORTEST", 0.0)
    monkeypatch.setattr(rebuilding, "ATTEMPTS", 2)


@pytest.mark.parametrize(
    "statement", ["select * from orders", "select * from partitions where partition = 7 for update"]
)
async def test_a_swap_that_cannot_be_ends_and_says_who_is_in_its_way(
    app: App, store: Store, statement: str
) -> None:
    """The live rows are whole, nothing lies beside them, and the next rebuild succeeds."""
    await app.handle(lives(1))
    await store.pool.execute(TAMPERED)
    before = await dump(store)
    settings = {"application_name": "a report"}
    other = await asyncpg.connect(store.dsn, server_settings=settings)
    pid = other.get_server_pid()
    async with other.transaction():
        await other.execute(statement)
        with pytest.raises(Guarded, match=rf"held by .*a report \(pid {pid}\) since 2") as no:
            await rebuild(store)
        assert await dump(store) == before
        assert await beside_live(store) == []
    await other.close()
    assert re.search("as they were.*rebuild again", str(no.value))
    await rebuild(store)
    assert (await check(store)).differences == []


async def test_a_swap_that_holds_writers_for_long_is_undone_and_tried_again(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the database takes long or this program; they write meanwhile."""
    monkeypatch.setattr(rebuilding, "ATTEMPTS", 3)
    monkeypatch.setattr(rebuilding, "HELD_SECONDS", 0.3)
    await app.handle(lives(1))
    slow = iter(("select pg_sleep(60)", "select 1"))
    swaps, last_fold, swapped = [], rebuilding._Rebuild._last_fold, rebuilding._Rebuild.swapped

    async def folding(one: Any) -> Any:
        done = await last_fold(one)
        await one.connection.execute(next(slow))
        return done

    async def noted(one: Any) -> bool:
        swaps.append((await swapped(one), one.hindrance))
        await app.handle(lives(1, len(swaps) + 1))
        return swaps[-1][0]

    monkeypatch.setattr(rebuilding._Rebuild, "_last_fold", folding)
    monkeypatch.setattr(rebuilding._Rebuild, "swapped", noted)
    await rebuild(store)
    assert [done for done, _ in swaps] == [False, True]
    assert "held for more than 0.3 s" in swaps[0][1]
    assert (await check(store)).differences == []


async def test_a_rebuild_that_stands_still_while_it_holds_writers_is_ended_by_the_database(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "HELD_SECONDS", 0.3)
    await app.handle(lives(1))
    await store.pool.execute(TAMPERED)
    before, last_fold = await dump(store), rebuilding._Rebuild._last_fold

    async def standing_still(one: Any) -> Any:
        done = await last_fold(one)
        time.sleep(1.5)  # noqa: ASYNC251 - nothing of this process goes on
        return done

    monkeypatch.setattr(rebuilding._Rebuild, "_last_fold", standing_still)
    with pytest.raises(GONE):
        await rebuild(store)
    monkeypatch.undo()
    assert await dump(store) == before
    await rebuild(store)
    assert (await check(store)).differences == []
