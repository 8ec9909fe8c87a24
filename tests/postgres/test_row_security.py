"""Row-level security, tried as the role that asks: nobody sees another seller's rows, or writes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from adapters import sla_sums
from adapters.access import Role, Who
from adapters.app import App
from adapters.clock import Clock
from adapters.ingest import ingest
from adapters.ledger.sums import add_up
from adapters.messages import Message
from adapters.orders import Filter, orders
from adapters.postgres.store import Store
from adapters.reading import ROLE, SELLERS, Reader, reader_url
from adapters.rebuild import rebuild
from adapters.settings import Settings
from adapters.terms import book
from adapters.tokens import Signed, create
from domain.errors import VillkorError
from tests.facts import START, life, message

ANNA = Who("anna", Role.AGENT, ("allectra",))
NILS = Who("nils", Role.AGENT, ("netzilla",))
AUDITOR = Who("audit", Role.AUDITOR, ("*",))
READABLE = """
    select c.relname as name, c.relrowsecurity as limited, c.relforcerowsecurity as forced,
           c.relkind = 'v' as view,
           coalesce('security_invoker=true' = any(c.reloptions), false) as as_who_asks,
           exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'seller'
                   and not a.attisdropped) as of_sellers
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and has_any_column_privilege($1, c.oid, 'select') order by 1
"""
NOBODYS = {
    "partitions": "how far each partition of the log goes",
    "relay": "how far outcomes went out",
    "read_models": "when read models were built",
    "ledger_summed": "how far the sums of the ledger go",
    "clauses_summed": "how far the sums of clauses go",
    "deadlines_summed": "which file of the deadlines was added up",
    "schema_version": "which files of the schema were applied",
}
"""What may be read by whoever asks, with what it tells: nothing of any seller's."""
BY_ANOTHER = {"dead_letter_edits"}
"""Rows of sellers that do not name one: whose letter is theirs (tested by `test_..of_a_letter`)."""


def told() -> list[Message]:
    """Two sellers' orders, with values about persons, parcels, and a message that is parked."""
    facts = []
    for seller, order in (("allectra", "A-1"), ("netzilla", "N-1")):
        facts += life(seller, order)
        facts.append(message("WithdrawalNotified", seller, order, "w", 360, statement="Storgatan"))
        facts.append(message("Shipped", seller, order, "t", 30, parcel="p2", carrier="dhl",
                             tracking=f"T{order}", lines=["1"]))  # fmt: skip
        facts.append(message("NoSuchThing", seller, order, "x", 361))
    return facts


@pytest.fixture
async def filled(store: Store) -> Store:
    """A database with orders of two sellers; every table that may be read has rows of both."""
    app = await App.start(store, book(), "test", Clock())
    await app.claim()
    await ingest(app, told(), START)
    await add_up(store.pool)
    for order in ("W-1", "W-2"):  # which wait to be sent; the first are added up
        await sla_sums.add_up(store.pool)
        for seller in ("allectra", "netzilla"):
            await ingest(app, life(seller, order)[:3], START)
    await app.release()
    return store


@pytest.fixture
async def reader(filled: Store) -> AsyncIterator[Reader]:
    url = reader_url(Settings.read({}), filled.dsn)
    assert url is not None
    one = await Reader.open(url)
    yield one
    await one.close()


async def readable(store: Store) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await store.pool.fetch(READABLE, ROLE)
    return found


async def test_every_table_with_a_seller_is_limited_to_who_asks(filled: Store) -> None:
    """What has no seller says why it may be read; views see what who asks would see."""
    for table in await readable(filled):
        if table["view"]:
            assert table["as_who_asks"], table
        elif table["of_sellers"] or table["name"] in BY_ANOTHER:
            assert (table["limited"], table["forced"]) == (True, True), table
        else:
            assert table["name"] in NOBODYS, table


async def sellers_of(connection: Any, table: str) -> set[str | None]:
    return {row[0] for row in await connection.fetch(f"select distinct seller from {table}")}


async def of_sellers(store: Store) -> list[str]:
    return [one["name"] for one in await readable(store) if one["of_sellers"]]


async def test_who_asks_sees_the_rows_of_its_sellers_in_every_table(
    filled: Store, reader: Reader
) -> None:
    """Each of them has rows of another seller that could be seen."""
    for table in await of_sellers(filled):
        there = await sellers_of(filled.pool, table)
        if table != "clause_sums":  # added up when they are asked for
            assert {"allectra", "netzilla"} <= there, table
        for who in (ANNA, NILS):
            async with reader.asking(who) as asked:
                assert await sellers_of(asked.pool, table) == there & set(who.sellers), table
        async with reader.asking(AUDITOR) as asked:
            assert await sellers_of(asked.pool, table) == there, table


async def test_who_says_for_nobody_sees_nothing(filled: Store, reader: Reader) -> None:
    """No setting, an empty one, and one that was another transaction's."""
    async with reader.asking(ANNA) as asked:
        assert await sellers_of(asked.pool, "orders") == {"allectra"}
    for table in await of_sellers(filled):
        assert await sellers_of(reader.pool, table) == set(), table
    async with reader.asking(Who("x", Role.AGENT, ())) as asked:
        assert await sellers_of(asked.pool, "orders") == set()


@pytest.mark.parametrize("size", [1, 2])
async def test_requests_on_one_pool_never_see_each_others_rows(
    filled: Store, reader: Reader, size: int
) -> None:
    """Whichever connection they get, and however they begin and end in each other's middle."""
    pool = await asyncpg.create_pool(reader.dsn, min_size=size, max_size=size)
    one = Reader(pool, reader.dsn)
    begun, looked = asyncio.Event(), asyncio.Event()

    async def first() -> set[str | None]:
        async with one.asking(ANNA) as asked:
            begun.set()
            if size > 1:
                await looked.wait()  # the other has begun and ended meanwhile
            return await sellers_of(asked.pool, "orders")

    async def second() -> set[str | None]:
        await begun.wait()
        async with one.asking(NILS) as asked:
            seen = await sellers_of(asked.pool, "orders")
        looked.set()
        return seen

    assert await asyncio.gather(first(), second()) == [{"allectra"}, {"netzilla"}]
    with pytest.raises(ZeroDivisionError):
        async with one.asking(ANNA):
            raise ZeroDivisionError  # what failed leaves nothing behind either
    for _ in range(size):
        assert await sellers_of(pool, "orders") == set()
    await pool.close()


async def test_who_asks_writes_nothing(filled: Store, reader: Reader) -> None:
    """Not in its transactions, not beside them, and not with all that it can turn off."""
    tables = [row[0] for row in await filled.pool.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )]  # fmt: skip
    for rights in ("insert", "update", "delete", "truncate", "trigger", "references"):
        for table in tables:
            assert not await filled.pool.fetchval(
                "select has_table_privilege($1, $2::regclass, $3)", ROLE, table, rights
            ), (table, rights)
    statements = (
        "delete from orders", "update orders set fees = 0", "create table mine (x int)",
        "insert into tokens values ('me', 'x', 'operator', '{}', now())",
        "select nextval('inbox_id_seq')", "alter table orders disable row level security",
        "create schema mine", "drop policy of_a_seller on orders",
    )  # fmt: skip
    async with reader.pool.acquire() as connection:
        for writable in ("on", "off"):
            await connection.execute(f"set default_transaction_read_only = {writable}")
            for statement in statements:
                with pytest.raises(asyncpg.PostgresError, match=r"denied|read-only|must be owner"):
                    await connection.execute(statement)
        for table in ("tokens", "sessions", "answered", "inbox"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"select * from {table}")


async def test_who_asks_becomes_nobody_else(reader: Reader) -> None:
    owner = await reader.pool.fetchval(
        "select pg_get_userbyid(relowner) from pg_class where relname = 'orders'"
    )
    async with reader.pool.acquire() as connection:
        for statement in (f"set role {owner}", f"set session authorization {owner}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.execute("set row_security = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.fetch("select * from orders")


WIDER = (
    "x'; reset role; select set_config('villkor.sellers', '{*}', true); --",
    "') or true --", "*", "{*}", "%", "_", "allectra", "$1", "\\", "A-1' or seller = 'allectra",
)  # fmt: skip


@pytest.mark.parametrize("text", WIDER)
async def test_what_is_asked_for_is_text_and_never_a_statement(reader: Reader, text: str) -> None:
    async with reader.asking(NILS) as asked:
        for name in Filter._fields:
            wanted = Filter(**{name: text})
            assert {row["seller"] for row in await orders(asked.pool, wanted, 9)} <= {"netzilla"}
        said = await asked.pool.fetchval("select current_setting('villkor.sellers')")
    assert said == "{netzilla}"


@pytest.mark.parametrize("name", ['a"b', "a,b", "{*}", "a\\b", "*,*", "NULL", "", "å ö"])
async def test_a_sellers_name_is_itself_whatever_it_holds(reader: Reader, name: str) -> None:
    """A name that looks like a list, or like a word of the setting, widens nothing."""
    async with reader.pool.acquire() as connection, connection.transaction():
        await connection.execute(SELLERS, [name])
        said = await connection.fetchval("select current_setting('villkor.sellers')::text[]")
        assert said == [name]
        assert await sellers_of(connection, "orders") == set()


async def test_tokens_are_asked_by_the_tables_of_the_owner(filled: Store, reader: Reader) -> None:
    """The functions run as it: who asks cannot put a table of its own in the place of tokens."""
    made = await create(filled, "anna", Role.AGENT, ["allectra"], Signed("Ada", "a test"), START)
    async with reader.pool.acquire() as connection:
        await connection.execute("set default_transaction_read_only = off")
        await connection.execute("""
            create temp table tokens (
                id text, digest bytea, role text, sellers text[], revoked_at timestamptz
            );
            insert into tokens values ('me', sha256('mine'), 'operator', '{}', null)
        """)
        assert await connection.fetch("select * from whose_token(sha256('mine'))") == []
        await connection.execute("drop table pg_temp.tokens")
    who = await reader.whose_token(made.secret)
    assert who == Who("anna", Role.AGENT, ("allectra",))


async def test_who_may_not_see_a_letter_sees_no_change_of_it(filled: Store, reader: Reader) -> None:
    await filled.pool.execute("""
        insert into dead_letter_edits (letter, value, edited_at, edited_by, note)
        select id, value, now(), 'Ada', 'a slip' from dead_letters where seller = 'netzilla'
    """)
    for who, count in ((ANNA, 0), (NILS, 1), (AUDITOR, 1)):
        async with reader.asking(who) as asked:
            assert await asked.pool.fetchval("select count(*) from dead_letter_edits") == count


SECURITY = (
    "select schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check"
    " from pg_policies order by 1, 2, 3",
    "select relname, relrowsecurity, relforcerowsecurity, relacl::text, relowner from pg_class"
    " where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
)


async def test_a_rebuild_leaves_every_policy_and_right(filled: Store, reader: Reader) -> None:
    """What it swaps in is limited as what it replaced, as who asks finds too."""
    await filled.pool.execute("""
        create policy not_these on orders as restrictive for select to villkor_reader
        using (order_id <> 'A-0')
    """)
    before = [await filled.pool.fetch(query) for query in SECURITY]
    was = await filled.pool.fetchval("select 'orders'::regclass::oid")
    await rebuild(filled, processes=1)
    assert await filled.pool.fetchval("select 'orders'::regclass::oid") != was
    assert [await filled.pool.fetch(query) for query in SECURITY] == before
    async with reader.asking(ANNA) as asked:
        for table in await of_sellers(filled):
            assert await sellers_of(asked.pool, table) <= {"allectra"}, table
        assert await sellers_of(asked.pool, "orders") == {"allectra"}


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        ("alter role {0} superuser", "row-level security does not apply"),
        ("alter role {0} bypassrls", "row-level security does not apply"),
        ("alter table orders owner to {0}", "owns orders, or may write there"),
        ("grant insert on tokens to {0}", "owns tokens, or may write there"),
        ("select 1", "may not read this database; name villkor_reader"),
    ],
)
async def test_nobody_asks_as_a_role_that_could_see_or_write_too_much(
    database: str, setup: str, said: str
) -> None:
    """Whatever VILLKOR_READER says."""
    role = "careless"
    connection = await asyncpg.connect(database)
    await connection.execute(f"drop role if exists {role}; create role {role} login")
    await connection.execute(setup.format(role))
    try:
        with pytest.raises(VillkorError, match=f"VILLKOR_READER: 'careless' .*{said}"):
            await Reader.open(database.replace("://postgres@", f"://{role}@"))
    finally:
        await connection.execute(f"drop owned by {role} cascade; drop role {role}")
        await connection.close()


async def test_a_role_that_is_not_there_is_said_with_the_setting(database: str) -> None:
    with pytest.raises(VillkorError, match=r'role "nobody_here" does not exist.*VILLKOR_READER'):
        await Reader.open(database.replace("://postgres@", "://nobody_here@"))
