"""Sums by day: exact however much was added up, by whom, and while a rebuild goes on."""

import asyncio

import asyncpg
import pytest

from adapters.app import App
from adapters.ledger import sums
from adapters.ledger.subledgers import sellers
from adapters.ledger.sums import add_up, differences
from adapters.ledger.trial import Span, trial_balance
from adapters.postgres.store import Store
from adapters.processes import snapshot
from adapters.rebuild import rebuild
from adapters.standing import standing
from tests.facts import life

OLD = """
    insert into ledger_summed as s
    select partition, position, pg_relation_filenode('postings') from partitions where position > 0
    on conflict (partition) do update set position = excluded.position, file = excluded.file
"""
"""What programs put there that do not know of orders' and sellers' sums."""


async def test_an_answer_is_exact_however_much_was_added_up(app: App, store: Store) -> None:
    """What is posted since counts by itself; adding up again takes only that."""

    async def balances() -> dict[int, int]:
        found = await trial_balance(store.pool, "allectra", Span())
        return {one.account: one.closing for one in found}

    await app.handle(life("allectra", "A-1"))
    before = await balances()
    await add_up(store.pool)
    assert await balances() == before
    await app.handle(life("allectra", "A-2"))
    doubled = {account: 2 * amount for account, amount in before.items()}
    assert await balances() == doubled
    await add_up(store.pool)
    await add_up(store.pool)
    assert await balances() == doubled
    async with store.pool.acquire() as connection:
        assert await differences(connection) == []
    assert await store.pool.fetchval("select sum(entries) from ledger_days") == (
        await store.pool.fetchval("select count(*) from postings")
    )


async def test_sums_of_postings_that_a_rebuild_replaced_count_nothing(
    app: App, store: Store
) -> None:
    """They are of another file; the next time all is added up anew."""
    await app.handle(life("allectra", "A-1"))
    await add_up(store.pool)
    before = await trial_balance(store.pool, None, Span())
    await store.pool.execute("update ledger_days set debit = debit + 1")
    assert await trial_balance(store.pool, None, Span()) != before
    await rebuild(store)
    assert await trial_balance(store.pool, None, Span()) == before
    async with store.pool.acquire() as other:
        adding = other.transaction()
        await adding.start()
        for step in (sums.HOLD, sums.FORGET, sums.FIRST):
            await other.execute(step)
        async with asyncio.timeout(30):  # nobody waits for who adds up
            assert await trial_balance(store.pool, None, Span()) == before
            assert (await standing(store.pool)).is_behind
        await adding.rollback()
    async with snapshot(store.dsn) as cut:
        await add_up(store.pool)
        assert await trial_balance(store.pool, None, Span()) == before
        # Whoever verifies sees what there was, and that it counts nothing.
        assert await cut.connection.fetchval(sums.STALE)
        assert await differences(cut.connection) == []
    async with store.pool.acquire() as connection:
        assert await differences(connection) == []


async def test_a_program_that_knows_other_sums_can_add_nothing_up(app: App, store: Store) -> None:
    """It would go on from where it was, and the sums beside its own would lack what was before."""
    await app.handle(life("allectra", "A-1"))
    with pytest.raises(asyncpg.NotNullViolationError):
        await store.pool.execute(OLD)
    await add_up(store.pool)
    [one] = await sellers(store.pool, None, Span())
    assert one.orders == 1


async def test_a_worker_adds_up_by_itself(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every few seconds; an error is tried again, and somebody else's adding up is left alone."""
    monkeypatch.setattr(sums, "EVERY", 0.01)
    await app.handle(life("allectra", "A-1"))
    posted = await store.pool.fetchval("select count(*) from postings")
    async with store.pool.acquire() as other, other.transaction():
        await other.execute("select pg_advisory_xact_lock($1)", sums.LOCK)
        await add_up(store.pool)
        assert await store.pool.fetchval("select count(*) from ledger_days") == 0
    await store.pool.execute("alter table ledger_days rename to away")
    working = asyncio.create_task(sums.adding_up(store.pool))
    await asyncio.sleep(0.05)
    await store.pool.execute("alter table away rename to ledger_days")
    count, added = "select sum(entries) from ledger_days", None
    async with asyncio.timeout(30):
        while (added := await store.pool.fetchval(count)) != posted:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert added == posted
    working.cancel()
