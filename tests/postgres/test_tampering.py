"""Whoever changes the database as its superuser is found: each way, in each protected table."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from adapters.access import Role
from adapters.app import App
from adapters.clock import Clock
from adapters.verify.differences import Difference
from adapters.heads import Head, Keeper, against, append, in_file
from adapters.inbox import drain
from adapters.ingest import ingest
from adapters.messages import Message
from adapters.ledger.sums import add_up
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.verify.protected import PROTECTED, UNPROTECTED
from adapters.seal import START as FIRST
from adapters.seal import chained
from adapters.terms import book
from adapters.tokens import Signed, create, revoke
from adapters.verify import verify
from domain.money import kronor
from tests.conftest import copied, named
from tests.facts import START, life, message, placed

CLOCK = Clock()
NOBODY = {"kind": "consumer"}
TOKENS = (("shop", "agent", "allectra", "netzilla"), ("books", "accountant"), ("gone", "operator"))


def told() -> Iterator[Message]:
    """Two sellers' orders, values about persons, and an order that no other stream knows of."""
    for number, (seller, order) in enumerate(
        (("allectra", "A-1"), ("allectra", "A-2"), ("netzilla", "N-1"))
    ):
        yield from life(seller, order)
        yield message("Shipped", seller, order, "more", 30 + number, parcel="p2", carrier="dhl",
                      tracking=f"T2{number}", lines=["1"])  # fmt: skip
        said = {"statement": f"from {order}, Storgatan 1", "channel": "web"}
        yield message("WithdrawalNotified", seller, order, "w", 360, **said)
    yield placed("allectra", "A-3", customer=NOBODY)
    yield from life("allectra", "A-3")[1:]
    for order in ("A-4", "A-5"):  # which the warehouse has yet to send
        yield from life("allectra", order)[: 3 if order == "A-4" else 1]


@pytest.fixture(scope="module")
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


async def found(store: Store) -> list[Difference]:
    return (await verify(store, book())).differences


async def tamper(store: Store, *statements: str) -> None:
    """As superuser, whom no trigger stops."""
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for one in statements:
            assert (await connection.execute(one)).rsplit(" ", 1)[-1] != "0", one


# -- every table, every way -----------------------------------------------------------------------

ONE = "ctid = (select min(ctid) from {table} where {of})"
OF = {"partitions": "position > 0"}
"""Which rows: a partition that nobody wrote is as good as none."""
CHANGED = {
    "events": "at = at + interval '1 second'",
    "partitions": "head = sha256(head)",
    "personal": "value = '\"other\"'",
    "editions": "body = jsonb_set(body, '{entries,unclaimed.floor,value}', '\"1\"')",
    "postings": "amount = amount + 1",
    "timeline": "clauses = '{OTHER-1}'",
    "orders": "fees = fees + 100",
    "parcels": "status = 'delivered'",
    "deadlines": "lapses_at = lapses_at + interval '1 day'",
    "timers": "wakes = '{\"unclaimed\": \"2031-01-01T00:00:00Z\"}', due = '2031-01-01T00:00:00Z'",
    "shipments": "number = '4711'",
    "ledger_days": "debit = debit + 1",
    "tokens": "role = 'auditor'",
}
INSERTED = {
    "events": ('{"position": 999, "version": 999}', '{"partition": 0, "order_id": "X"}'),
    "partitions": ('{"partition": 300}',),
    "personal": ('{"version": 99}', '{"order_id": "X"}'),
    "editions": ('{"hash": "00"}',),
    "postings": ('{"position": 999}', '{"partition": 300}', '{"leg": 99}'),
    "timeline": ('{"version": 999}', '{"order_id": "X"}'),
    "orders": ('{"order_id": "X"}', '{"seller": "netzilla"}'),
    "parcels": ('{"parcel": "p9"}', '{"order_id": "X"}'),
    "deadlines": ('{"subject": "p9"}', '{"order_id": "X"}'),
    "timers": ('{"order_id": "X"}',),
    "shipments": ('{"id": "other"}', '{"order_id": "X"}'),
    "ledger_days": ('{"rate": 9}', '{"seller": "X"}'),
    "tokens": ('{"id": "mine", "digest": "ab"}',),
}
SWAPPED = {
    "events": ("type", "at", "body", "meta"),
    "partitions": ("position", "head"),
    "personal": ("value", "salt"),
    "editions": ("seller", "body"),
    "postings": ("account", "amount"),
    "timeline": ("type", "at", "recorded_at", "source", "message"),
    "orders": ("status", "placed_at", "dossier", "fees", "refunds", "version"),
    "parcels": ("status", "status_at", "lines", "received_at"),
    "deadlines": ("due", "lapses_at", "party", "amount"),
    "timers": ("due", "wakes"),
    "shipments": ("at", "parcel", "number"),
    "ledger_days": ("debit", "credit", "entries"),
    "tokens": ("role", "sellers", "created_at", "revoked_at"),
}


def one_of(table: str) -> str:
    return ONE.format(table=table, of=OF.get(table, "true"))


@pytest.mark.parametrize("table", PROTECTED)
async def test_a_changed_row_is_found(sound: Store, table: str) -> None:
    await tamper(sound, f"update {table} set {CHANGED[table]} where {one_of(table)}")
    assert table in {one.table for one in await found(sound)}


@pytest.mark.parametrize("table", PROTECTED)
async def test_a_deleted_row_is_found(sound: Store, table: str) -> None:
    await tamper(sound, f"delete from {table} where {one_of(table)}")
    differences = await found(sound)
    assert table in {one.table for one in differences}, differences


@pytest.mark.parametrize(
    ("table", "other"), [(table, other) for table, others in INSERTED.items() for other in others]
)
async def test_a_row_that_was_put_in_is_found(sound: Store, table: str, other: str) -> None:
    """Also one of an order, or a partition, that the log does not know."""
    await tamper(
        sound,
        f"insert into {table} select (jsonb_populate_record(t, '{other}')).* from {table} t"
        f" where {one_of(table)}",
    )
    assert table in {one.table for one in await found(sound)}


@pytest.mark.parametrize("table", PROTECTED)
async def test_swapped_rows_are_found(sound: Store, table: str) -> None:
    columns = ", ".join(SWAPPED[table])
    here, there = (", ".join(f"{one}.{name}" for name in SWAPPED[table]) for one in "ab")
    await tamper(
        sound,
        f"""
        with pair as (
            select a.ctid as here, b.ctid as there from {table} a, {table} b
            where a.ctid < b.ctid and row({here}) is distinct from row({there}) limit 1
        )
        update {table} t set ({columns}) = (
            select {columns} from {table} o
            where o.ctid = case when t.ctid = here then there else here end
        ) from pair where t.ctid in (here, there)
        """,
    )
    assert table in {one.table for one in await found(sound)}


async def test_a_difference_says_where_it_is_and_what_should_be_there(sound: Store) -> None:
    """A row of a read model, an event, and what belongs to a person, which is never shown."""
    fees = await sound.pool.fetchval("select fees from orders where order_id = 'A-1'")
    await tamper(
        sound,
        "update orders set fees = 1 where order_id = 'A-1'",
        "update events set meta = replace(encode(meta, 'escape'), 'unclaimed', 'returns')::bytea"
        " where type = 'FeeRaised' and order_id = 'A-2'",
        """update personal set value = '"Karin"' where order_id = 'N-1'""",
    )
    named = {(one.table, one.order): one for one in await found(sound)}
    row, event = named["orders", "allectra/A-1"], named["events", "allectra/A-2"]
    person = named["personal", "netzilla/N-1"]
    assert (row.order, row.expected, row.found) == ("allectra/A-1", {"fees": fees}, {"fees": 1})
    assert row.sentence == f"orders allectra A-1: fees is 0.01, not {kronor(fees)}"
    assert event.event is not None
    assert None not in event.event
    assert (person.expected, person.found) == (None, None)
    assert "Karin" not in person.sentence


@pytest.mark.parametrize(
    "change",
    [
        "set sellers = '{}' where id = 'shop'",  # which then sees all
        "set sellers = '{netzilla,allectra,sweeto}' where id = 'shop'",
        "set role = 'operator' where id = 'shop'",
        "set digest = sha256('known') where id = 'books'",
        "set revoked_at = null where id = 'gone'",
        "set revoked_at = now() where id = 'books'",
        "set id = 'book' where id = 'books'",
    ],
)
async def test_a_token_that_may_more_or_is_somebody_elses_is_found(
    sound: Store, change: str
) -> None:
    await tamper(sound, f"update tokens {change}")
    assert {one.table for one in await found(sound)} == {"tokens"}


async def test_a_token_of_which_the_act_is_on_its_way_is_no_difference(sound: Store) -> None:
    """Row and act come in one transaction; the log has the act once its writer took it."""
    made = await create(sound, "new", Role.AGENT, (), Signed("Ada", "a shift"), START)
    assert await found(sound) == []
    await revoke(sound, "new", Signed("Ada", "over"), START)
    assert await found(sound) == []
    await tamper(sound, f"delete from inbox where id = {made.inbox[0]}")
    [one] = await found(sound)
    assert one.sentence == "tokens new: does not follow from the log"


def test_every_table_is_protected_or_listed() -> None:
    """What verify cannot answer for is said, with the reason."""
    assert set(CHANGED) == set(INSERTED) == set(SWAPPED) == set(PROTECTED)
    assert all(one.reason for one in UNPROTECTED)


async def test_the_schema_has_no_table_that_is_neither(store: Store) -> None:
    rows = await store.pool.fetch("select tablename from pg_tables where schemaname = 'public'")
    listed = {one.table.split(".")[0] for one in UNPROTECTED}
    assert {row[0] for row in rows} - {*PROTECTED} - listed == set()
    assert listed <= {row[0] for row in rows}


def test_the_readme_says_what_is_not_protected() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    for one in UNPROTECTED:
        assert f"| `{one.table}` | {one.reason} |" in text


# -- what looks whole -----------------------------------------------------------------------------


async def kept(store: Store, path: Path) -> list[Head]:
    """The heads as they are, written to a file."""
    heads = await Keeper(store.pool).moved(range(PARTITIONS), datetime.now(UTC))
    append(path, heads)
    return heads


async def test_an_end_that_was_cut_off_is_found_by_the_rows_that_are_left(sound: Store) -> None:
    """The last events went, and their partition says that they never were."""
    partition = partition_of("allectra/A-1")
    await tamper(
        sound,
        f"delete from events where partition = {partition} and position > 8",
        f"""
        update partitions set position = 8,
            head = (select hash from events where partition = {partition} and position = 8)
        where partition = {partition}
        """,
    )
    tables = {one.table for one in await found(sound)}
    assert {"timeline", "orders", "deadlines", "postings", "timers"} <= tables


async def test_an_end_that_was_cut_off_with_all_that_follows_is_found_by_heads(
    sound: Store, tmp_path: Path
) -> None:
    """Nothing is left of the order: the database is as it was before; only the heads know."""
    heads = await kept(sound, tmp_path / "heads")
    assert await against(sound, in_file(tmp_path / "heads")) == []
    key = "allectra/A-3"
    beside = ("partitions", "editions", "personal", "ledger_days", "tokens")
    tables = [one for one in PROTECTED if one not in beside]
    await tamper(
        sound,
        *(f"delete from {one} where order_id = 'A-3'" for one in tables),
        "truncate ledger_days, ledger_summed",
        f"""
        update partitions set position = 0, head = '\\x{FIRST.hex()}'
        where partition = {partition_of(key)}
        """,
    )
    assert await found(sound) == []
    [cut] = await against(sound, in_file(tmp_path / "heads"))
    [last] = [one for one in heads if one.partition == partition_of(key)]
    assert cut.event is not None
    assert cut.event[:2] == (last.partition, last.position)
    assert "is no longer there" in cut.sentence


async def test_an_end_of_which_outcomes_went_out_is_missed(sound: Store) -> None:
    partition = partition_of("allectra/A-1")
    await tamper(sound, f"insert into relay (partition, position) values ({partition}, 999)")
    [one] = await found(sound)
    assert one.sentence.startswith(f"partition {partition}: published up to 999, the log ends at")


async def rewritten(store: Store, partition: int) -> None:
    """Chain a partition anew, as it now is."""
    head, query = FIRST, "select * from events where partition = $1 order by position"
    rows = [EventRow(**dict(row)) for row in await store.pool.fetch(query, partition)]
    for row in rows:
        head = chained(head, row.key, row.version, row.recorded_at, row.stored)
        await store.pool.execute(
            "update events set hash = $3 where (partition, position) = ($1, $2)", *row[:2], head
        )
    await store.pool.execute(
        "update partitions set head = $2 where partition = $1", partition, head
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("body = replace(encode(body, 'escape'), '\"amount\":', '\"amount\":1')::bytea"
         " where type = 'FeeRaised'", "FeeRaised"),
        ("meta = replace(encode(meta, 'escape'), '\"cause\":', '\"cause\":1')::bytea"
         " where type = 'FeeRaised'", "FeeRaised"),
        ("meta = '{\"void\":true}' where type = 'Unclaimed'", "Unclaimed"),
        ("body = replace(encode(body, 'escape'), '95.0', '96.0')::bytea"
         " where type = 'ParcelReturned'", "now"),
    ],
)  # fmt: skip
async def test_a_chain_that_was_rewritten_is_found(
    sound: Store, tmp_path: Path, change: str, said: str
) -> None:
    """By what follows from the facts, and by the heads, whatever follows."""
    await kept(sound, tmp_path / "heads")
    partition = partition_of("allectra/A-1")
    await tamper(sound, f"update events set {change} and order_id = 'A-1'")
    await rewritten(sound, partition)
    differences = await found(sound)
    assert not [one for one in differences if "does not fit the chain" in one.sentence]
    assert [one for one in differences if said in one.sentence and one.order == "allectra/A-1"]
    [one] = await against(sound, in_file(tmp_path / "heads"))
    assert "once its head, was another" in one.sentence


async def test_another_log_under_the_same_name_is_found_by_heads(
    sound: Store, store: Store, tmp_path: Path
) -> None:
    """The whole installation forged: verify finds nothing in it, its heads are others."""
    heads = await kept(sound, tmp_path / "heads")
    app = await App.start(store, book(), "test", CLOCK)
    await app.claim()
    await ingest(app, life("sweeto", "S-1"), START + timedelta(days=30))
    await app.release()
    assert await found(store) == []
    [stranger] = await against(store, in_file(tmp_path / "heads"))
    assert stranger.table == "installation"
    await store.pool.execute("update installation set id = $1", heads[0].installation)
    assert len(await against(store, in_file(tmp_path / "heads"))) == len(heads)


# -- how it is looked for -------------------------------------------------------------------------


async def test_processes_find_the_same(sound: Store) -> None:
    """In one snapshot, by as many processes as are asked for."""
    await tamper(sound, "delete from orders where order_id = 'A-1'")
    one, two = [await verify(sound, book(), processes=processes) for processes in (1, 2)]
    assert one == two
    assert one.differences


async def test_messages_that_do_not_add_up_are_named(sound: Store) -> None:
    """Also by processes: what streams told each other is only added up at first."""
    await tamper(sound, "delete from events where order_id = 'customer:c-1'")
    for processes in (1, 2):
        differences = (await verify(sound, book(), processes=processes)).differences
        never = [one.order for one in differences if one.sentence.endswith("never came")]
        assert set(never) == {"allectra/customer:c-1", "netzilla/customer:c-1"}


async def test_writers_at_work_are_no_difference(app: App, store: Store) -> None:
    """All is read in one snapshot, whatever is written meanwhile."""

    async def write() -> None:
        for number in range(12):
            told = life("allectra", f"A-{number}")
            await ingest(app, told, START + timedelta(days=30))

    writing, counts = asyncio.create_task(write()), list[int]()
    while not writing.done():
        result = await verify(store, book())
        assert result.differences == []
        counts.append(result.events)
    await writing
    assert counts == sorted(counts)
    assert (await verify(store, book())).orders == 12
