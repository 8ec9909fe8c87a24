"""`villkor export`: where files go, what is said of them, and errors as sentences."""

import asyncio
import io
import re
import sys
import tracemalloc
from datetime import date
from functools import partial
from pathlib import Path

import asyncpg
import pytest

import adapters
from adapters.cli.export import is_organisation_number
from adapters.exports import beancount, hledger, parquet, sie
from adapters.exports.ledger import PAGE, name_of, nature_of, on_a_line, reading
from adapters.postgres.connect import pool as connect
from domain.errors import VillkorError
from projections.posting_rules import CHART
from tests.command import answer, run
from tests.exports.books import SEPTEMBER, TODAY, Entry, bean_check, post
from tests.exports.duck import asked
from tests.exports.sie_reader import read

PAID = [(1930, 125000, "SEK"), (2420, -125000, "SEK")]
EURO = [(1930, 5000, "EUR"), (2420, -5000, "EUR")]
MONTH = ("--seller", "acme", "--month", "2026-09")


def posting(dsn: str, *entries: Entry) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(dsn)
        await post(connection, "acme", entries)
        await connection.close()

    asyncio.run(work())


@pytest.fixture
def installed(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation with a voucher of September."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2026-11-20T12:00")
    posting(database, Entry(PAID))
    return database


@pytest.mark.parametrize(
    ("command", "suffix"),
    [("sie", "si"), ("sie --type 4E", "se"), ("hledger", "journal"), ("beancount", "beancount"),
     ("parquet", "parquet")],
)  # fmt: skip
@pytest.mark.usefixtures("installed")
def test_a_month_goes_to_stdout_a_file_or_a_folder(
    command: str, suffix: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The same bytes everywhere; a file is named after seller and month, and no part is left."""
    words = (*command.split(), *MONTH)
    assert run(capfdbinary, "export", *words)[0] == 0  # type: ignore[arg-type]
    told = []
    for out in (tmp_path / "own", tmp_path):
        code, said, err = run(capfdbinary, "export", *words, "--out", str(out))  # type: ignore[arg-type]
        told.append(bytes(said).decode())  # type: ignore[call-overload]
        assert (code, err) == (0, b"")
    made = tmp_path / f"acme-2026-09.{suffix}"
    assert told == [f"{tmp_path}/own: 1 vouchers, 2 legs\n", f"{made}: 1 vouchers, 2 legs\n"]
    assert sorted(tmp_path.iterdir()) == [made, tmp_path / "own"]
    _, piped, _ = run(capfdbinary, "export", *words)  # type: ignore[arg-type]
    assert (tmp_path / "own").read_bytes() == made.read_bytes() == piped
    assert made.stat().st_size > 100


def test_json_has_counts_and_totals(
    installed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posting(installed, Entry(EURO, date(2026, 8, 3)), Entry(PAID, date(2026, 10, 1)))
    told = answer(capsys, "export", "hledger", "--seller", "acme", "--from", "2026-09", "--to",
                  "2026-10", "--out", str(tmp_path))  # fmt: skip
    assert told == {
        "seller": "acme", "from": "2026-09", "to": "2026-10", "total": 0,
        "files": [
            {"file": f"{tmp_path}/acme-2026-09_2026-10.journal", "vouchers": 2, "legs": 4}
        ],
        "accounts": [
            {"account": account, "name": CHART[account], "currency": currency,
             "opening": opening, "movement": movement, "closing": opening + movement}
            for currency, account, opening, movement in (
                ("EUR", 1930, 50, 0), ("EUR", 2420, -50, 0),
                ("SEK", 1930, 0, 2500), ("SEK", 2420, 0, -2500),
            )
        ],
    }  # fmt: skip


def test_a_sie_file_has_one_currency_and_none_is_left_out_unsaid(
    installed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posting(installed, Entry(EURO))
    code, out, err = run(capsys, "export", "sie", *MONTH)
    assert (code, out) == (1, "")
    assert "acme 2026-09 has EUR and SEK, and a SIE file one currency; --out FOLDER" in err
    assert run(capsys, "export", "sie", *MONTH, "--out", str(tmp_path))[0] == 0
    made = {file.name: read(file.read_bytes()) for file in tmp_path.iterdir()}
    assert {name: one.currency for name, one in made.items()} == {
        "acme-2026-09-SEK.si": "SEK", "acme-2026-09-EUR.si": "EUR",
    }  # fmt: skip
    only = tmp_path / "only.si"
    assert run(capsys, "export", "sie", *MONTH, "--currency", "EUR", "--out", str(only))[0] == 0
    assert only.read_bytes() == (tmp_path / "acme-2026-09-EUR.si").read_bytes()


def test_a_company_is_named_as_it_was_told(
    installed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither name nor number is ever made up."""
    file = tmp_path / "acme.se"
    words = ("export", "sie", *MONTH, "--type", "4E", "--out", str(file))
    assert run(capsys, *words)[0] == 0
    assert read(file.read_bytes()).company == "acme"
    assert "#ORGNR" not in read(file.read_bytes()).header
    named = ("--company", "Acme AB", "--orgnr", "556334-3689", "--year-starts", "5")
    assert run(capsys, *words, *named)[0] == 0
    book = read(file.read_bytes())
    assert (book.company, book.header["#ORGNR"]) == ("Acme AB", ("556334-3689",))
    assert book.years[0].start == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--seller", "foo", "--month", "2026-09"], 1,
         "nobody is called 'foo'; there are allectra, "),
        (["--seller", "gandalf", "--month", "2026-09"], 1, "nothing was booked for gandalf yet"),
        (["--seller", "acme", "--month", "2026-08"], 1,
         "nothing was booked in acme 2026-08; the entries are from 2026-09 to 2026-09"),
        (["--seller", "acme", "--month", "2026-13"], 2, "'2026-13' is not a month, like 2026-09"),
        (["--seller", "acme", "--month", "september"], 2, "'september' is not a month"),
        (["--seller", "acme"], 2, "say --month, or --from and --to"),
        (["--seller", "acme", "--from", "2026-09"], 2, "--to is missing"),
        ([*MONTH, "--from", "2026-09"], 2, "say --month, or --from and --to"),
        (["--seller", "acme", "--from", "2026-09", "--to", "2026-08"], 2, "2026-08 is before"),
        ([*MONTH, "--json"], 2, "--json says what was written: it needs --out"),
        ([*MONTH, "--out", "/nowhere/at/all.si"], 1,
         "/nowhere/at/all.si cannot be written: No such file or directory"),
        ([*MONTH, "--currency", "NOK"], 1, "acme 2026-09 has nothing in 'NOK'; it has SEK"),
        ([*MONTH, "--orgnr", "556334-3688"], 2, "--orgnr: this is no organisation number"),
        ([*MONTH, "--type", "5"], 2, "Invalid value"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("installed")
def test_an_error_is_one_sentence(
    arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got, out, err = run(capsys, "export", "sie", *arguments)
    assert (got, out) == (code, "")
    assert sentence in err


@pytest.mark.usefixtures("installed")
def test_parquet_without_pyarrow_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is an extra; what it was to write is not there half."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = run(capsys, "export", "parquet", *MONTH, "--out", str(tmp_path))
    assert (code, "`make audit` in a clone does it, elsewhere `pip install pyarrow`" in err) == (
        1, True,
    )  # fmt: skip
    makefile = (Path(adapters.__file__).parents[1] / "Makefile").read_text()
    assert re.search(r"^audit: .*\n\t.*\$\(PIP\).* pyarrow$", makefile, re.MULTILINE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("told", ["556334-3689", "212000-0142"])
def test_an_organisation_number(told: str) -> None:
    assert is_organisation_number(told)
    assert not is_organisation_number(told.replace("-", ""))
    assert not is_organisation_number(told[:-1] + str((int(told[-1]) + 1) % 10))


# -- what holds of every format -------------------------------------------------------------------


def test_every_account_has_a_nature_by_its_class() -> None:
    of = {account: nature_of(account) for account in CHART}
    assert {of[1510], of[1930]} == {"asset"}
    assert {of[2420], of[2611]} == {"liability"}
    assert {of[3001], of[3740], of[3992], of[8313]} == {"income"}
    assert (of[5710], nature_of(8422)) == ("expense", "expense")
    assert all(name_of(account) == name for account, name in CHART.items())


def test_a_name_stays_on_its_line_and_can_be_had_back() -> None:
    assert on_a_line("A-1 åäö €", ";|,") == "A-1 åäö €"
    assert on_a_line("a;b|c,d%\n\u2028\x85", ";|,") == "a%3Bb%7Cc%2Cd%25%0A%E2%80%A8%C2%85"


async def test_beancount_takes_any_name_of_an_order(database: str, tmp_path: Path) -> None:
    pool = await connect(database)
    async with pool.acquire() as connection:
        await post(connection, "acme", [Entry(PAID, order='a\\"b"\n; | ö,\t')])
    out = io.BytesIO()
    async with reading(pool, "acme", SEPTEMBER, SEPTEMBER) as ledger:
        await beancount.write(ledger, out)
    await pool.close()
    (tmp_path / "one").write_bytes(out.getvalue())
    assert bean_check(tmp_path / "one").returncode == 0
    assert b'order: "a\\\\\\"b\\"%0A; | ' in out.getvalue()


async def test_a_month_is_exported_as_it_was_when_reading_began(database: str) -> None:
    """What is booked meanwhile is in the next export, so that vouchers and balances fit."""
    pool = await connect(database)
    async with pool.acquire() as connection:
        await post(connection, "acme", [Entry(PAID)])
    async with reading(pool, "acme", SEPTEMBER, SEPTEMBER) as ledger, pool.acquire() as other:
        await post(other, "acme", [Entry(PAID)])
        assert len([one async for one in ledger.vouchers()]) == 1
    await pool.close()


@pytest.mark.parametrize("name", ["sie", "hledger", "beancount", "parquet"])
async def test_a_large_month_is_not_held_in_memory(
    name: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five times the vouchers need no more memory: they are read and written page by page."""
    monkeypatch.setattr(parquet, "GROUP", 2 * PAGE)
    pool = await connect(database)
    async with pool.acquire() as connection:
        small, large = SEPTEMBER, date(2026, 10, 1)
        await post(connection, "acme", [Entry(PAID, small)] * 2_000)
        await post(connection, "acme", [Entry(PAID, large)] * 10_000)
    write = {
        "sie": partial(sie.write, type="4I", company=sie.Company("acme"), today=TODAY),
        "hledger": hledger.write, "beancount": beancount.write, "parquet": parquet.write,
    }[name]  # fmt: skip
    peaks = []
    for month in (small, small, large):
        async with reading(pool, "acme", month, month) as ledger:
            tracemalloc.start()
            await write(ledger, Nowhere())
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    await pool.close()
    assert peaks[2] < 1.5 * peaks[1]


class Nowhere(io.BytesIO):
    def write(self, data: object) -> int:
        return len(memoryview(data))  # type: ignore[arg-type]


async def test_parquet_has_a_row_a_leg_with_typed_columns(database: str, tmp_path: Path) -> None:
    pool = await connect(database)
    entry = Entry(PAID, date(2026, 8, 31), date(2026, 8, 29), SEPTEMBER, kind="FeeRaised unclaimed")
    async with pool.acquire() as connection:
        await post(connection, "acme", [entry])
    out = io.BytesIO()
    async with reading(pool, "acme", SEPTEMBER, SEPTEMBER) as ledger:
        await parquet.write(ledger, out)
    await pool.close()
    (tmp_path / "rows").write_bytes(out.getvalue())
    columns = asked("describe select * from read_parquet($1)", tmp_path / "rows")
    assert [(name, kind) for name, kind, *_ in columns] == [
        ("seller", "VARCHAR"), ("order", "VARCHAR"), ("partition", "SMALLINT"),
        ("position", "BIGINT"), ("leg", "SMALLINT"), ("account", "SMALLINT"),
        ("account_name", "VARCHAR"), ("amount", "DECIMAL(18,2)"), ("currency", "VARCHAR"),
        ("booked", "DATE"), ("occurred", "DATE"), ("period", "DATE"), ("kind", "VARCHAR"),
        ("type", "VARCHAR"), ("clauses", "VARCHAR[]"),
    ]  # fmt: skip
    debit, credit = asked("select * from read_parquet($1)", tmp_path / "rows")
    assert (debit[4:7], str(debit[7]), debit[8]) == ((1, 1930, CHART[1930]), "1250.00", "SEK")
    assert debit[9:] == (entry.booked, entry.occurred, SEPTEMBER, entry.kind, "FeeRaised", [])
    assert str(credit[7]) == "-1250.00"


def test_nothing_half_written_takes_a_files_name(
    installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """An error in the middle leaves what was there before."""
    file = tmp_path / "acme.si"
    file.write_text("before")

    def broken(*_: object) -> None:
        raise VillkorError("in the middle")

    monkeypatch.setattr(sie, "_voucher", broken)
    assert run(capsys, "export", "sie", *MONTH, "--out", str(file))[0] == 1
    assert [one.name for one in tmp_path.iterdir()] == ["acme.si"]
    assert file.read_text() == "before"
