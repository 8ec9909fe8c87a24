"""Rebuild: beside the live rows while writers go on, swapped as a whole or not at all."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import pytest

from adapters import doctor, rebuild as rebuilding
from adapters.app import App
from adapters.messages import Message
from adapters.postgres import beside
from adapters.postgres.store import Store
from adapters.processes import snapshot
from adapters.rebuild import check, rebuild
from adapters.terms import book
from domain.errors import Guarded, VillkorError
from projections import PROJECTIONS
from tests.facts import life
from tests.postgres.killed_rebuild import POINTS

TABLES = [one.table for one in PROJECTIONS]
TAMPERED = "update deadlines set amount = amount + 1"
"""What tells rows of before a rebuild from those of after it."""


async def dump(store: Store) -> dict[str, list[str]]:
    """All rows of the read models."""
    return {
        table: sorted(
            row[0] for row in await store.pool.fetch(f"select t::text from {table} t")
        )
        for table in TABLES
    }  # fmt: skip


def lives(orders: int, first: int = 1) -> list[Message]:
    return [
        fact for number in range(first, first + orders) for fact in life("allectra", f"A-{number}")
    ]


async def beside_live(store: Store) -> list[str]:
    """What lies beside, of this rebuild or another."""
    rows = await store.pool.fetch("select nspname from pg_namespace where nspname ~ 'rebuilt'")
    return [row[0] for row in rows]


def then(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, work: Callable[[], Awaitable[Any]]
) -> None:
    """Have something happen each time that a step of the rebuild has been done."""
    step = getattr(owner, name)

    async def both(*given: Any, **named: Any) -> Any:
        result = await step(*given, **named)
        await work()
        return result

    monkeypatch.setattr(owner, name, both)


# -- the same rows -------------------------------------------------------------------------------


@pytest.mark.parametrize("processes", [1, 2])
async def test_what_is_rebuilt_is_what_was_live(app: App, store: Store, processes: int) -> None:
    """In this process and in others; whatever was changed or put there is gone."""
    await app.handle(lives(3))
    before = await dump(store)
    for tampering in (
        TAMPERED, "delete from parcels", "delete from timeline where version = 2",
        "insert into parcels select seller, 'B', parcel, carrier, tracking, status, lines, "
        "shipped_at, available_at, received_at, returned_at, status_at from parcels",
        "insert into orders select * from jsonb_populate_record(null::orders, "
        "(select to_jsonb(o) || '{\"order_id\": \"B\"}' from orders o limit 1))",
    ):  # fmt: skip
        await store.pool.execute(tampering)
    assert (await check(store, processes=processes)).differing
    done = await rebuild(store, processes=processes)
    assert await dump(store) == before
    assert done.rows == {table: len(rows) for table, rows in before.items()}
    assert done.events == len(before["timeline"])
    assert await beside_live(store) == []


@pytest.mark.parametrize(
    ("tampering", "sentence"),
    [
        ("update orders set fees = 1", "orders allectra A-1: fees is 0.01, not 445.00"),
        ("update orders set dossier = (dossier::jsonb - 'stands')::text",
         "orders allectra A-1: dossier is"),
        ("update timeline set clauses = '{x}' where version = 2",
         "timeline allectra A-1 2: clauses is ('x',), not ()"),
        ("delete from parcels", "parcels allectra A-1 p1: is missing"),
        ("insert into postings select 'netzilla', 'B', 0, 1, leg, account, amount, currency, "
         "booked, occurred, kind, period, rate from postings where position = "
         "(select min(position) from postings)",
         "postings 0 1 1: does not follow from the log"),
        ("insert into orders select * from jsonb_populate_record(null::orders, "
         "(select to_jsonb(o) || '{\"order_id\": \"B\"}' from orders o))",
         "orders allectra B: does not follow from the log"),
    ],
)  # fmt: skip
async def test_check_says_which_row_is_not_what_the_log_gives(
    app: App, store: Store, tampering: str, sentence: str
) -> None:
    await app.handle(life("allectra", "A-1"))
    await store.pool.execute(tampering)
    found = await check(store)
    assert any(one.startswith(sentence) for one in found.differences), found.differences


async def test_a_read_model_is_rebuilt_alone(app: App, store: Store) -> None:
    await app.handle(lives(2))
    await store.pool.execute(TAMPERED)
    await store.pool.execute("update parcels set status = 'x'")
    await rebuild(store, ["sla"])
    assert (await check(store, ["sla"])).differing == 0
    assert (await check(store)).differing == 2
    with pytest.raises(VillkorError, match="there is no read model 'x'; there are timeline"):
        await rebuild(store, ["x"])


async def test_the_events_of_all_streams_are_told_to_the_progress(app: App, store: Store) -> None:
    await app.handle(lives(3))
    told: list[tuple[int, int]] = []
    done = await rebuild(store, progress=lambda done, of: told.append((done, of)))
    assert told[0] == (0, done.events)
    assert (done.events, done.events) in told


# -- the same schema -----------------------------------------------------------------------------

CATALOG = """
    select 'column' as what, c.relname, a.attname as name, format('%s %s %s %s %s %s %s', a.attnum,
           format_type(atttypid, atttypmod), attnotnull, attstorage, attcompression,
           col_description(c.oid, attnum), pg_get_expr(adbin, adrelid)) as is
    from live c join pg_attribute a on attrelid = c.oid and attnum > 0
    left join pg_attrdef on adrelid = c.oid and adnum = attnum
    union all
    select 'constraint', relname, conname, pg_get_constraintdef(n.oid)
    from live c join pg_constraint n on conrelid = c.oid
    union all
    select 'index', c.relname, i.relname, pg_get_indexdef(i.oid)
    from live c join pg_index x on indrelid = c.oid join pg_class i on i.oid = indexrelid
    union all
    select 'trigger', relname, tgname, format('%s %s', tgenabled, pg_get_triggerdef(t.oid))
    from live c join pg_trigger t on tgrelid = c.oid
    union all
    select 'grant', relname, grantee::regrole::text, format('%s %s', privilege_type, is_grantable)
    from live c, aclexplode(relacl)
    union all
    select 'table', relname, relowner::regrole::text, format('%s %s %s', reloptions, relpersistence,
           relnamespace::regnamespace)
    from live c
    order by 1, 2, 3, 4
"""


async def catalog(store: Store) -> list[tuple[Any, ...]]:
    query = (
        f"with live as (select * from pg_class where oid = any($1::text[]::regclass[])) {CATALOG}"
    )
    return [tuple(row) for row in await store.pool.fetch(query, TABLES)]


@pytest.fixture
async def reader(store: Store) -> AsyncIterator[str]:
    """A role with grants on the read models."""
    name = await store.pool.fetchval("select 'reader of ' || current_database()")
    await store.pool.execute(f'create role "{name}"')
    await store.pool.execute(f'grant select on orders, postings to "{name}" with grant option')
    await store.pool.execute("grant select (status) on parcels to public")
    yield name
    await store.pool.execute(f'drop owned by "{name}"; drop role "{name}"')


@pytest.mark.usefixtures("reader")
async def test_tables_indexes_triggers_and_grants_are_those_of_before(
    app: App, store: Store
) -> None:
    """By their names, too: the next rebuild and the next migration find what they look for."""
    await store.pool.execute("alter table timeline set (autovacuum_vacuum_scale_factor = 0.1)")
    await store.pool.execute("comment on column orders.goods is 'in öre'")
    before = await catalog(store)
    assert {row[0] for row in before} == {
        "column", "constraint", "grant", "index", "table", "trigger",
    }  # fmt: skip
    await app.handle(lives(1))
    for _ in range(2):
        await rebuild(store)
        assert await catalog(store) == before
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
        await store.pool.execute("delete from postings")


async def test_a_view_that_would_hold_on_to_the_old_rows_is_named(app: App, store: Store) -> None:
    await app.handle(lives(1))
    await store.pool.execute("create view report as select * from postings")
    with pytest.raises(Guarded, match="report would hold on to the read models"):
        await rebuild(store)
    await rebuild(store, ["sla"])


# -- one at a time, whole or not at all ----------------------------------------------------------


async def test_two_rebuilds_at_once_are_refused(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await app.handle(lives(1))
    refused = []

    async def another() -> None:
        with pytest.raises(Guarded, match="another rebuild is at work") as error:
            await rebuild(store)
        refused.append(error)

    then(monkeypatch, rebuilding._Rebuild, "fold", another)
    await rebuild(store)
    assert refused
    assert (await check(store)).differences == []


@pytest.mark.parametrize("point", POINTS)
async def test_a_rebuild_that_is_killed_leaves_whole_rows(
    app: App, store: Store, database: str, point: str
) -> None:
    """Those of before, up to the commit of the swap; and the next one cleans up after it."""
    await app.handle(lives(4))
    await store.pool.execute(TAMPERED)
    before, schema = await dump(store), await catalog(store)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.postgres.killed_rebuild", database, point
    )
    assert await killed.wait() == -signal.SIGKILL
    assert (await dump(store) == before) == (point != "swapped")
    assert await catalog(store) == schema
    assert (await app.handle(lives(2, 5))).taken == 14
    await _nobody_rebuilds(database)
    await rebuild(store)
    assert await beside_live(store) == []
    assert (await check(store)).differences == []


async def _nobody_rebuilds(database: str) -> None:
    """Wait until the database has noticed that who was killed is gone."""
    connection = await asyncpg.connect(database)
    await connection.execute(beside.ALONE.replace("_try", ""))
    await connection.close()


# -- those who read ------------------------------------------------------------------------------


@asynccontextmanager
async def refused_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A rebuild that has tried to swap and could not."""
    tried = asyncio.Event()
    swapped = rebuilding._Rebuild.swapped

    async def watched(one: Any) -> bool:
        done = await swapped(one)
        tried.set()
        return done

    monkeypatch.setattr(rebuilding._Rebuild, "swapped", watched)
    task = asyncio.create_task(rebuild(store))
    try:
        async with asyncio.timeout(60):
            await tried.wait()
        assert not task.done()
        yield
    except BaseException:
        task.cancel()
        raise
    await task


async def test_writers_do_not_wait_for_one_who_reads_long(
    app: App, store: Store, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The swap waits for the reader, but lets everybody else through meanwhile."""
    await app.handle(lives(1))
    reader = await asyncpg.connect(database)
    reading = reader.transaction()
    await reading.start()
    await reader.fetch("select * from orders")
    async with refused_once(store, monkeypatch):
        assert (await app.handle(lives(1, 2))).taken == 7
        await reading.rollback()
        await reader.close()
    assert (await check(store)).differences == []


async def test_a_snapshot_has_its_rows_as_long_as_it_is_open(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables that are swapped in later would look empty in it."""
    await app.handle(lives(2))
    async with AsyncExitStack() as open_:
        cut = await open_.enter_async_context(snapshot(store.dsn))
        async with refused_once(store, monkeypatch):
            for table in TABLES:
                assert await cut.connection.fetchval(f"select count(*) from {table}")
            await open_.aclose()


# -- versions of projections ---------------------------------------------------------------------


async def test_what_another_version_built_is_rebuilt_before_anybody_writes_on_it(
    app: App, store: Store
) -> None:
    async def said() -> list[str]:
        found = await doctor._database(store, book())
        return [one.what for one in found if "another version" in one.what and not one.fine]

    assert await said() == []
    await store.pool.execute("update read_models set version = version - 1 where name = 'sla'")
    assert await said() == []  # there is nothing that it could have built
    await app.handle(lives(1))
    assert ["`villkor rebuild sla`" in one for one in await said()] == [True]
    await app.release()
    with pytest.raises(VillkorError, match="run `villkor rebuild sla`"):
        await app.claim()  # its rows may have another form
    await rebuild(store, ["sla"])
    assert await said() == []
    assert await app.claim()
