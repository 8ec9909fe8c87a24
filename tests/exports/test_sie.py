"""SIE 4 as the specification wants it; the strict reader is by another hand than the writer."""

import io
import re
from collections.abc import AsyncIterator
from datetime import date
from zlib import crc32

import asyncpg
import pytest

from adapters.exports import sie
from adapters.exports.ledger import reading
from adapters.postgres.connect import pool as connect
from domain.errors import VillkorError
from tests.exports.books import SEPTEMBER, TODAY, Entry, files, post
from tests.exports.sie_reader import Sie, SieError, Year, read

PAID = [(1930, 125000, "SEK"), (2420, -125000, "SEK")]
SOLD = [(2420, 125000, "SEK"), (2611, -25000, "SEK"), (3001, -100000, "SEK")]


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    one = await connect(database)
    yield one
    await one.close()


async def exported(
    pool: asyncpg.Pool, entries: list[Entry], type: sie.Type, company: sie.Company | None = None,
    currency: str = "SEK", month: date = SEPTEMBER,
) -> bytes:  # fmt: skip
    async with pool.acquire() as connection:
        await post(connection, "acme", entries)
    out = io.BytesIO()
    async with reading(pool, "acme", month, month) as ledger:
        await sie.write(ledger, out, type, company or sie.Company("Acme AB"), TODAY, currency)
    return out.getvalue()


async def test_the_whole_of_a_small_file_for_import(pool: asyncpg.Pool) -> None:
    """4I: no balances, and the receiver gives series and number (6; 11, #VER 6)."""
    made = await exported(
        pool, [Entry(PAID, date(2026, 9, 3), date(2026, 9, 2), order='A "1" Ö')], "4I",
        sie.Company("Acme AB", "556334-3689"),
    )  # fmt: skip
    lines = made.decode("cp437").split("\r\n")
    [place] = re.findall(r"7/\d+", "".join(line for line in lines if line.startswith("#VER")))
    assert [line for line in lines if not line.startswith(("#PROGRAM", "#PROSA"))] == [
        "#FLAGGA 0",
        "#KSUMMA",
        "#FORMAT PC8",
        "#GEN 20261120",
        "#SIETYP 4",
        '#FNR "acme"',
        "#ORGNR 556334-3689",
        '#FNAMN "Acme AB"',
        "#KPTYP EUBAS97",
        "#VALUTA SEK",
        '#KONTO 1930 "Företagskonto"',
        "#KTYP 1930 T",
        '#KONTO 2420 "Förskott från kunder"',
        "#KTYP 2420 S",
        f'#VER "" "" 20260903 "{place} A \\"1\\" Ö PaymentReceived, avser 2026-09-02" 20260903',
        "{",
        "#TRANS 1930 {} 1250.00",
        "#TRANS 2420 {} -1250.00",
        "}",
        f"#KSUMMA {read(made, '4I').checksum}",
        "",
    ]


async def test_a_file_for_audit_has_every_year_and_this_one_whole(pool: asyncpg.Pool) -> None:
    """4E: #IB, #UB and #RES of all years, the vouchers of this one up to the month (5.16)."""
    entries = [
        Entry(PAID, date(2024, 11, 30)), Entry(SOLD, date(2024, 12, 1)),
        Entry(PAID, date(2026, 1, 5)), Entry(PAID, date(2026, 9, 6)), Entry(SOLD, SEPTEMBER),
        Entry(PAID, date(2026, 10, 1)),
    ]  # fmt: skip
    book = read(await exported(pool, entries, "4E"), "4E")
    assert book.years == {
        0: Year(date(2026, 1, 1), date(2026, 12, 31)),
        -1: Year(date(2025, 1, 1), date(2025, 12, 31)),
        -2: Year(date(2024, 1, 1), date(2024, 12, 31)),
    }
    assert book.header["#OMFATTN"] == ("20260930",)
    assert book.opening[0] == {"1930": 125000, "2420": 0, "2611": -25000, "2099": -100000}
    assert book.opening[0] == book.closing[-1] == book.opening[-1] == book.closing[-2]
    assert book.closing[0] == {"1930": 375000, "2420": -125000, "2611": -50000, "2099": -100000}
    assert [book.results[year] for year in (0, -1, -2)] == [
        {"3001": -100000, "8999": 0}, {"3001": 0, "8999": 0}, {"3001": -100000, "8999": 100000},
    ]  # fmt: skip
    assert "8999 och 2099: tidigare års resultat" in book.header["#PROSA"][0]
    assert sorted(one.date for one in book.vouchers) == [
        date(2026, 1, 5), date(2026, 9, 1), date(2026, 9, 6)
    ]  # fmt: skip


async def test_a_financial_year_may_start_in_any_month(pool: asyncpg.Pool) -> None:
    entries = [Entry(PAID, date(2026, 6, 30)), Entry(SOLD, date(2026, 7, 1)), Entry(PAID)]
    company = sie.Company("Acme AB", year_starts=7)
    book = read(await exported(pool, entries, "4E", company), "4E")
    assert book.years[0] == Year(date(2026, 7, 1), date(2027, 6, 30))
    assert book.opening[0]["1930"] == 125000
    assert len(book.vouchers) == 2


async def test_two_financial_years_are_two_files_for_audit(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await post(connection, "acme", [Entry(PAID)])
    async with reading(pool, "acme", date(2026, 6, 1), SEPTEMBER) as ledger:
        company = sie.Company("Acme AB", year_starts=7)
        with pytest.raises(VillkorError, match="touches two; export up to 2026-06, and the rest"):
            await sie.write(ledger, io.BytesIO(), "4E", company, TODAY)


async def test_the_vouchers_of_a_series_ascend_whatever_their_days(pool: asyncpg.Pool) -> None:
    """11, #VER 7: a voucher's number is its event's position, its series the partition."""
    days = [date(2026, 9, 20), date(2026, 9, 3), date(2026, 9, 11)]
    entries = [Entry(PAID, day, partition=n % 2) for n, day in enumerate(days)]
    book = read(await exported(pool, entries, "4E"), "4E")
    assert [(one.series, one.date.day) for one in book.vouchers] == [
        ("P0", 20), ("P0", 11), ("P1", 3)
    ]  # fmt: skip
    book = read(await exported(pool, [], "4I"), "4I")
    assert [one.date.day for one in book.vouchers] == [3, 11, 20]


async def test_what_was_booked_in_a_closed_month_stands_in_the_next(pool: asyncpg.Pool) -> None:
    """The voucher has the first day of the month, and says when it was booked and happened."""
    late = Entry(PAID, date(2026, 8, 31), date(2026, 8, 29), SEPTEMBER)
    [voucher] = read(await exported(pool, [late], "4I"), "4I").vouchers
    assert (voucher.date, voucher.registered) == (date(2026, 9, 1), date(2026, 8, 31))
    assert voucher.text.endswith("PaymentReceived, bokfört 2026-08-31, avser 2026-08-29")
    async with reading(pool, "acme", SEPTEMBER, SEPTEMBER) as ledger:
        made = await files(ledger)
    assert b"2026-09-01 * (7/" in made["hledger"]
    assert b'2026-09-01 * "A-1" "PaymentReceived, bokf\xc3\xb6rt 2026-08-31' in made["beancount"]


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ('Å "b" Ö', '"Å \\"b\\" Ö"'),
        ("a\\", '"a/"'),
        ("a\t\r\n\x00\x1f\x7f\u00a0b", '"a b"'),
        ("ŠŘ€日²½", '"SR??²½"'),
        ("", '""'),
    ],
)
def test_a_text_has_only_what_code_page_437_can_say(told: str, written: str) -> None:
    """5.7 and 5.8: quotation marks escaped, no control characters."""
    assert sie.text(told) == written


async def test_the_checksum_is_over_labels_and_fields(pool: asyncpg.Pool) -> None:
    """10.14: not over blanks between fields, quotation marks around them, or braces."""
    made = await exported(pool, [Entry(PAID, order='"A" {1}')], "4I")
    assert read(made, "4I").checksum is not None
    out = io.BytesIO()
    records = sie.Records(out)
    records.put("#KONTO", "1915", sie.text('Kassa "special" ö {}'))
    records.brace("{")
    records.put("#TRANS", "1915", "{}", "-1.00")
    counted = '#KONTO1915Kassa "special" ö {}#TRANS1915-1.00'.encode("cp437")
    assert records.sum == crc32(counted)
    for at in (made.index(b"1250"), made.index(b"Acme"), made.index(b"{1}") + 1):
        with pytest.raises(SieError):
            read(made[:at] + b"9" + made[at + 1 :], "4I")


async def test_each_currency_has_a_file_of_its_own(pool: asyncpg.Pool) -> None:
    """11, #VALUTA: it is that of the whole file. An entry in two is a voucher in each."""
    euro = [(1930, 5000, "EUR"), (2420, -5000, "EUR")]
    kronor = read(await exported(pool, [Entry([*PAID, *euro]), Entry(euro)], "4E"), "4E")
    euros = read(await exported(pool, [], "4E", currency="EUR"), "4E")
    assert [(one.currency, len(one.vouchers)) for one in (kronor, euros)] == [
        ("SEK", 1), ("EUR", 2)
    ]  # fmt: skip
    assert _sums(kronor) == {"1930": 125000, "2420": -125000}
    assert _sums(euros) == {"1930": 10000, "2420": -10000}


def _sums(book: Sie) -> dict[str, int]:
    sums: dict[str, int] = {}
    for voucher in book.vouchers:
        for leg in voucher.transactions:
            sums[leg.account] = sums.get(leg.account, 0) + leg.amount
    return sums
