"""Whoever changes the database as its superuser is found: each way, in each protected table."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.access import Role
from adapters.app import App
from adapters.ingest import ingest
from adapters.postgres.store import Store
from adapters.terms import book
from adapters.tokens import Signed, create, revoke
from adapters.verify import verify
from adapters.verify.protected import PROTECTED, UNPROTECTED
from domain.money import kronor
from tests.facts import START, life
from tests.postgres.tampered import found, tamper

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
    "deadline_sums": "count = count + 1",
    "timers": "wakes = '{\"unclaimed\": \"2031-01-01T00:00:00Z\"}', due = '2031-01-01T00:00:00Z'",
    "shipments": "number = '4711'",
    "ledger_days": "debit = debit + 1",
    "ledger_orders": "owed = owed + 1",
    "ledger_sellers": "income = income + 1",
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
    "deadline_sums": ('{"kind": "payment"}', '{"seller": "X"}'),
    "timers": ('{"order_id": "X"}',),
    "shipments": ('{"id": "other"}', '{"order_id": "X"}'),
    "ledger_days": ('{"rate": 9}', '{"seller": "X"}'),
    "ledger_orders": ('{"since": "2031-01-01"}', '{"order_id": "X"}'),
    "ledger_sellers": ('{"booked": "2031-01-01"}', '{"marketplace": "X"}'),
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
    "deadline_sums": ("count", "at_risk"),
    "timers": ("due", "wakes"),
    "shipments": ("at", "parcel", "number"),
    "ledger_days": ("debit", "credit", "entries"),
    "ledger_orders": ("owes", "owed"),
    "ledger_sellers": ("orders", "bank", "receivable", "advance", "income", "vat"),
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
