"""How often clauses decided, added up from the timeline: as often as what stands names them."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from adapters.terms import clauses
from adapters.access import Role, Who
from adapters.terms.clauses import MONEY, add_up, behind, counts
from adapters.codec import KINDS
from adapters.postgres.store import Store
from adapters.reading import Reader, reader_url
from adapters.rebuild import rebuild
from adapters.settings import Settings

SUMS = "select clause, outcome, currency, sum(standing)::int as n, sum(amount)::int as amount"
HELD = f"{SUMS} from clause_sums group by 1, 2, 3 having sum(standing) <> 0"
ROWS = """
    select t.seller, t.order_id, t.source, t.message, t.type, t.clauses, t.amount, o.currency
    from timeline t join orders o using (seller, order_id)
    where t.type = any($1) order by t.seller, t.order_id, t.version
"""
NAMED = "select clauses from timeline where (seller, order_id, version) = ($1, $2, $3)"
Held = dict[tuple[str, str, str], tuple[int, int]]


async def from_scratch(store: Store) -> Held:
    """What stands, folded outcome by outcome here, by clause."""
    standing = {}
    for row in await store.pool.fetch(ROWS, list(KINDS)):
        key = (row["seller"], row["order_id"], row["source"], row["message"])
        standing[key] = row
        if row["type"] == KINDS[row["type"]].names[2]:
            del standing[key]
    times, amounts = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for row in standing.values():
        outcome = KINDS[row["type"]].__name__.lower()
        for clause in set(row["clauses"]):
            key = clause, outcome, row["currency"]
            times[key] += 1
            amounts[key] += (row["amount"] or 0) if outcome in MONEY else 0
    return {key: (times[key], amounts[key]) for key in times}


async def held(store: Store) -> Held:
    rows = await store.pool.fetch(HELD)
    return {tuple(row[:3]): (row["n"], row["amount"]) for row in rows}


async def test_counts_are_what_stands_however_they_are_added_up(
    demo_copy: str, monkeypatch: pytest.MonkeyPatch
):
    """In parts of three events, all at once, anew after a rebuild has replaced the timeline, and in
    one pass where many were never counted."""
    store = await Store.open(demo_copy)
    expected = await from_scratch(store)
    assert expected["ALL-6.4-3", "fee", "SEK"] == (8, 3560_00)
    await add_up(store.pool, part=3)
    assert await held(store) == expected
    assert await behind(store.pool) == 0
    await rebuild(store, ["timeline"])
    assert await behind(store.pool) > 0
    async with store.pool.acquire() as other, other.transaction():
        await other.execute(clauses.FORGET)
        async with asyncio.timeout(30):  # nobody waits for who adds up
            assert await behind(store.pool) > 0
            assert await counts(store.pool)
    await add_up(store.pool)
    await add_up(store.pool)
    assert await held(store) == expected
    monkeypatch.setattr(clauses, "MANY", 1_000)
    await store.pool.execute(clauses.FORGET)
    added = await store.pool.fetch("explain (analyze) " + clauses.FIRST, *clauses.ASKED)
    assert sum("Scan on timeline" in row[0] for row in added) == 1
    await store.pool.execute(clauses.FORGET)
    await add_up(store.pool)
    assert await held(store) == expected
    assert await behind(store.pool) == 0
    for found in (await counts(store.pool)).values():
        for one in found:
            assert one.clause in await store.pool.fetchval(
                NAMED, one.seller, one.order, one.version
            )
    await store.close()


async def test_nobody_sees_what_clauses_decided_for_others(demo_copy: str):
    """A token of one seller counts its own orders alone."""
    store, url = await Store.open(demo_copy), reader_url(Settings(home=Path("nowhere")), demo_copy)
    await add_up(store.pool)
    assert url is not None
    reader = await Reader.open(url)
    found = {}
    for seller in ("sweeto", "*"):
        async with reader.asking(Who("t", Role.AGENT, (seller,))) as asked:
            found[seller] = await counts(asked.pool)
    assert {one.seller for some in found["sweeto"].values() for one in some} == {"sweeto"}
    assert "ALL-6.4-3" in found["*"]
    assert "ALL-6.4-3" not in found["sweeto"]
    [fee] = found["*"]["ALL-6.4-3"]
    assert (fee.standing, fee.amount, fee.is_money) == (8, 3560_00, True)
    assert "ALL-6.4-3" in await store.pool.fetchval(NAMED, fee.seller, fee.order, fee.version)
    await reader.close()
    await store.close()


async def test_one_program_adds_up_at_a_time(demo_copy: str):
    """Another one does nothing meanwhile, and waits for nobody."""
    store = await Store.open(demo_copy)
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", clauses.LOCK)
        await add_up(store.pool)
    assert await held(store) == {}
    await store.close()
