"""All formats give the same opening, movement and closing on every account, and lead to events."""

import asyncio
import csv
import io
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.app import App
from adapters.cli.demo import FACTS, NOW
from adapters.clock import Clock
from adapters.exports.ledger import reading
from adapters.ingest import ingest, messages
from adapters.ledger.trial import Balance, Span, trial_balance
from adapters.postgres.connect import pool as connect
from adapters.postgres.store import Store
from adapters.terms import book
from projections.posting_rules import CHART
from tests.conftest import named
from tests.exports.books import (
    SEPTEMBER, Entry, Moved, Sums, bean_check, everywhere, files, hledger_run, imported, months_of,
    moved, post, posted, read_sie,
)  # fmt: skip
from tests.exports.duck import asked

needs_hledger = pytest.mark.skipif(
    shutil.which("hledger") is None and not os.environ.get("CI"),
    reason="hledger is not installed: apt-get install hledger",
)
ENDS = ("opening", "closing")
TAGS = re.compile(r"event:(\d+)/(\d+), order:(\S+), kind:(\S+)")
SELLERS = ("allectra", "compumail", "gandalf", "netzilla", "nordkabel", "sweeto")


@pytest.fixture(scope="module")
def demo(server: str) -> str:
    """The URL of a database with the demo's orders."""
    name = f"exports_{os.getpid()}"
    dsn = named(server, name)

    async def fill() -> None:
        connection = await asyncpg.connect(server)
        await connection.execute(f"create database {name} template template strategy file_copy")
        await connection.close()
        store = await Store.open(dsn)
        app = await App.start(store, book(), "test", Clock(NOW))
        await app.claim()
        await ingest(app, list(messages([str(FACTS)])), NOW, lambda _: None)
        await app.release()
        await store.close()

    asyncio.run(fill())
    return dsn


@pytest.fixture
async def pool(demo: str) -> AsyncIterator[asyncpg.Pool]:
    one = await connect(demo)
    yield one
    await one.close()


@needs_hledger
@pytest.mark.parametrize("seller", SELLERS)
async def test_every_month_of_the_demo(pool: asyncpg.Pool, seller: str, tmp_path: Path) -> None:
    """The same as `villkor ledger` says: by hledger, bean-check, DuckDB and the strict reader."""
    first, last = await pool.fetchrow(
        "select min(period), max(period) from postings where seller = $1", seller
    )
    for month in months_of(first, last):
        async with reading(pool, seller, month, month) as ledger:
            made = await files(ledger)
            expected = await posted(ledger.connection, seller, month, month)
        assert imported(made) == expected.movement
        for name, found in everywhere(made, tmp_path, month).items():
            assert found == expected, (name, month)
        assert expected == of_the_ledger(await trial_balance(pool, seller, Span(month, month)))


def of_the_ledger(balances: list[Balance]) -> Moved:
    """What `villkor ledger` says."""
    return moved(
        Sums(((one.currency, one.account), one.opening) for one in balances),
        Sums(((one.currency, one.account), one.debit - one.credit) for one in balances),
    )


@needs_hledger
async def test_several_months_in_one_file(pool: asyncpg.Pool, tmp_path: Path) -> None:
    first, last = date(2026, 8, 1), date(2026, 10, 1)
    async with reading(pool, "allectra", first, last) as ledger:
        made = await files(ledger)
        expected = await posted(ledger.connection, "allectra", first, last)
    assert imported(made) == expected.movement
    assert set(map(str, everywhere(made, tmp_path, first).values())) == {str(expected)}


@needs_hledger
@pytest.mark.parametrize("seller", SELLERS[:2])
async def test_each_row_leads_back_to_its_event(
    pool: asyncpg.Pool, seller: str, tmp_path: Path
) -> None:
    """Partition and position, in whatever form, are those of an event of that order and type."""
    async with reading(pool, seller, SEPTEMBER, date(2026, 11, 1)) as ledger:
        made = await files(ledger)
    places = await pool.fetch(
        "select distinct e.partition, e.position, e.order_id, e.type "
        "from events e join postings using (partition, position) "
        "where e.seller = $1 and period >= $2", seller, SEPTEMBER,
    )  # fmt: skip
    expected = {tuple(row) for row in places}
    assert expected
    brief = {(partition, position, order) for partition, position, order, _ in expected}
    for one in read_sie(made, "4I"):
        texts = [voucher.text.replace(",", "").split(" ") for voucher in one.vouchers]
        assert {(*map(int, text[0].split("/")), text[1], text[2]) for text in texts} == expected
    for one in read_sie(made, "4E"):
        assert brief == {
            (int(voucher.series[1:]), int(voucher.number), voucher.text.split(" ")[1])
            for voucher in one.vouchers if voucher.date >= SEPTEMBER
        }  # fmt: skip
    (tmp_path / "rows.parquet").write_bytes(made["parquet"])
    rows = 'select distinct partition, position, "order", type from read_parquet($1)'
    assert set(asked(rows, tmp_path / "rows.parquet")) == expected
    clauses = "select distinct unnest(clauses) from read_parquet($1) where type = 'FeeRaised'"
    assert asked(clauses, tmp_path / "rows.parquet")
    assert _in_beancount(made["beancount"].decode()) == expected
    assert _in_hledger(made["hledger"], tmp_path / "journal") == expected


def _in_hledger(journal: bytes, file: Path) -> set[tuple[int, int, str, str]]:
    file.write_bytes(journal)
    rows = csv.DictReader(io.StringIO(hledger_run(file, "print", "-O", "csv").stdout))
    found = [TAGS.match(row["comment"]) for row in rows if row["code"] not in ENDS]
    return {(int(one[1]), int(one[2]), one[3], one[4]) for one in found if one}


def _in_beancount(text: str) -> set[tuple[int, int, str, str]]:
    found = set()
    for block in text.split("\n\n"):
        told = dict(
            line.strip().split(": ", 1) for line in block.splitlines() if line.startswith("  ")
            and ": " in line
        )  # fmt: skip
        if "event" in told:
            place = int(told["partition"]), int(told["position"])
            assert told["event"] == f'"{place[0]}/{place[1]}"'
            found.add((*place, told["order"].strip('"'), told["type"].strip('"')))
    return found


async def test_the_same_ledger_gives_the_same_bytes(pool: asyncpg.Pool) -> None:
    made = []
    for _ in range(2):
        async with reading(pool, "sweeto", SEPTEMBER, SEPTEMBER) as ledger:
            made.append(await files(ledger))
    assert made[0] == made[1]


# -- made-up ledgers ------------------------------------------------------------------------------

MONTHS = st.builds(date, st.sampled_from([2024, 2025, 2026]), st.integers(1, 12), st.just(1))
NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """A balanced entry of one or two currencies; some were booked before their month."""
    legs = []
    for currency in draw(st.sampled_from([["SEK"], ["SEK"], ["EUR"], ["EUR", "SEK"]])):
        accounts = draw(st.lists(st.sampled_from([*CHART]), min_size=2, max_size=5, unique=True))
        amount = st.integers(-(10**9), 10**9).filter(bool)
        amounts = draw(st.lists(amount, min_size=len(accounts) - 1, max_size=len(accounts) - 1))
        if not (rest := -sum(amounts)):
            amounts[0], rest = amounts[0] + 1, -1
            if not amounts[0]:
                amounts[0], rest = 1, -sum(amounts[1:]) - 1
        pairs = zip(accounts, [*amounts, rest], strict=True)
        legs += [(account, amount, currency) for account, amount in pairs if amount]
    period = draw(MONTHS)
    booked = draw(st.dates(date(2024, 1, 1), date(2026, 12, 28)))
    if booked >= period:
        booked = period.replace(day=booked.day % 28 + 1)
    occurred = draw(st.dates(date(2023, 1, 1), booked))
    kind = draw(st.sampled_from(["PaymentReceived", "FeeRaised unclaimed"]))
    return Entry(legs, booked, occurred, period, draw(NAMES), kind, draw(st.integers(0, 255)))


LEDGERS = st.lists(entries(), min_size=1, max_size=8)


@pytest.fixture
async def empty(database: str) -> AsyncIterator[asyncpg.Pool]:
    one = await connect(database)
    yield one
    await one.close()


_sellers = iter(range(10**9))


@needs_hledger
@given(ledger=LEDGERS, data=st.data())
@settings(max_examples=15)
async def test_a_made_up_ledger_gives_the_same_balances_everywhere(
    empty: asyncpg.Pool, ledger: list[Entry], data: st.DataObject
) -> None:
    """Whatever orders are called, in which currencies, and whenever it was booked."""
    seller = f"made up {next(_sellers)}"
    first = data.draw(st.sampled_from([one.period or one.booked for one in ledger]))
    last = first.replace(month=data.draw(st.integers(first.month, 12)))
    async with empty.acquire() as connection:
        await post(connection, seller, [one for one in ledger if one.legs])
    with tempfile.TemporaryDirectory() as folder:
        async with reading(empty, seller, first, last) as books:
            made = await files(books)
            expected = await posted(books.connection, seller, first, last)
        assert imported(made) == expected.movement
        for name, found in everywhere(made, Path(folder), first).items():
            assert found == expected, name


@needs_hledger
async def test_hledger_and_beancount_refuse_what_does_not_lead_to_the_closing_balance(
    empty: asyncpg.Pool, tmp_path: Path
) -> None:
    """A missing voucher is found by the balances that are asserted, a wrong öre by itself."""
    legs = [(1930, 10000, "SEK"), (2420, -10000, "SEK")]
    async with empty.acquire() as connection:
        await post(connection, "acme", [Entry(legs), Entry(legs, order="A-2")])
    async with reading(empty, "acme", SEPTEMBER, SEPTEMBER) as ledger:
        made = await files(ledger)
    for name, check in (("hledger", hledger_run), ("beancount", bean_check)):
        file = tmp_path / name
        text = made[name].decode()
        blocks = text.split("\n\n")
        [at] = [n for n, block in enumerate(blocks) if ") A-2 " in block or '* "A-2"' in block]
        arguments = ("check", "--strict") if name == "hledger" else ()
        for broken in ("\n\n".join(blocks[:at] + blocks[at + 1 :]),
                       text.replace(" 100.00 SEK", " 100.01 SEK", 1)):  # fmt: skip
            assert broken != text
            file.write_text(broken)
            assert check(file, *arguments).returncode != 0
