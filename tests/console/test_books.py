"""The ledger's pages as they are linked: what they keep, how they page, and what they warn of."""

import csv
import re
from html import unescape
from io import StringIO

import httpx
import pytest

from adapters.access import Role
from adapters.console import months, subledgers
from adapters.http.desk import Desk
from adapters.ledger.sums import add_up
from tests.console.test_sessions import signed_in

TAMPERED = "set session_replication_role = replica; {}; reset session_replication_role"


def link(text: str, named: str) -> str | None:
    """The address of the first link whose words begin so."""
    found = re.search(rf'<a href="([^"]*)"[^>]*>{named}', text)
    return None if found is None else unescape(found[1])


async def sheet(one: httpx.AsyncClient, path: str) -> list[dict[str, str]]:
    """What a page's link to CSV holds."""
    at = link((await one.get(path)).text, "Download as CSV")
    assert at is not None
    return list(csv.DictReader(StringIO((await one.get(at)).text.lstrip("\ufeff"))))


async def test_what_is_downloaded_is_what_was_asked_for(desk: Desk):
    """One customer, one marketplace, one day: the file has no more than the page."""
    async with signed_in(desk, Role.ACCOUNTANT) as one:
        everybody = await sheet(one, "/ledger/customers")
        [whose] = {row["customer"] for row in everybody[:1]}
        assert {row["customer"] for row in everybody} > {whose}
        assert "All " not in (await one.get(f"/ledger/customers?customer={whose}")).text
        found = await sheet(one, f"/ledger/customers?customer={whose}")
        assert {row["customer"] for row in found} == {whose}
        through = await sheet(one, "/ledger/sellers?marketplace=allectra")
        assert {row["marketplace"] for row in through} == {"allectra"}
        excel = (await one.get("/ledger/vat?seller=allectra&format=csv&for=excel")).text
        assert excel.startswith("\ufeffseller;currency;month;rate_percent;account;base;vat")
        assert re.search(r";25;3001;\d+,\d\d;0,00\r\n", excel)
        aged = await sheet(one, "/ledger/ageing?seller=allectra&from=2026-10&to=2026-10")
        assert aged == await sheet(one, "/ledger/ageing?seller=allectra&as_of=2026-10-31")
        assert aged != await sheet(one, "/ledger/ageing?seller=allectra")
        early = await sheet(one, "/ledger?seller=allectra&as_of=2026-08-31")
        assert early != await sheet(one, "/ledger?seller=allectra")
        before = link((await one.get("/ledger/sellers?marketplace=allectra&month=2026-09")).text,
                      "← Month before")  # fmt: skip
        assert before == "/ledger/sellers?marketplace=allectra&month=2026-08"


@pytest.mark.parametrize(
    ("path", "of", "size", "more", "row"),
    [("/ledger/customers", subledgers, "LISTED", "More customers of allectra",
      r'<tr data-row><th scope="row">(.*?)</th>'),
     ("/ledger/periods", months, "SHOWN", "Older months of allectra",
      r'<tr data-row><th scope="row"><a href="/ledger/periods/allectra/(\d{4}-\d\d)')],
)  # fmt: skip
async def test_a_long_list_has_pages(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, path: str, of: object, size: str, more: str,
    row: str,
) -> None:  # fmt: skip
    """Each row stands on one of them, in the same order, and the last leads no further."""
    async with signed_in(desk, Role.ACCOUNTANT, "allectra") as one:
        whole = re.findall(row, (await one.get(path)).text)
        monkeypatch.setattr(of, size, 2)
        found, at = list[str](), path
        while True:
            text = (await one.get(at)).text
            found += re.findall(row, text)
            if (behind := link(text, more)) is None:
                break
            at = behind
    assert found == whole
    assert len(whole) > 2


async def test_a_subledger_says_that_it_comes_to_its_accounts(own_desk: Desk):
    """And says so where it does not."""
    store = own_desk.session.store
    async with signed_in(own_desk, Role.ACCOUNTANT, "sweeto") as one:
        assert "comes to 1510 and 2420" in (await one.get("/ledger/customers")).text
        await add_up(store.pool)
        await store.pool.execute("update ledger_orders set owes = owes + 100 where owes > 0")
        assert "sums to 0.00" in (await one.get("/ledger/sellers")).text
        await store.pool.execute("update ledger_sellers set total = total + 100")
        told, aged, moved = [
            (await one.get(f"/ledger/{name}")).text for name in ("customers", "ageing", "sellers")
        ]
    assert "does not come to 1510 and 2420" in told
    assert re.search(r"sweeto comes to [^:]*, and 1510 to", aged)
    assert "does not sum to 0.00" in moved
    for text in (told, aged, moved):
        assert "<code>villkor verify</code> says where" in text


async def test_books_that_do_not_come_to_nought_say_so_and_are_not_exported(own_desk: Desk):
    """The balances, the statement and their files; no file for another program is made of them."""
    store, month = own_desk.session.store, "seller=sweeto&month=2026-09"
    bank = f"/ledger/1930?{month}"
    export = f"/ledger/export/hledger?{month}"
    async with signed_in(own_desk, Role.ACCOUNTANT) as one:
        assert (await one.get(export)).status_code == 200
        assert "somebody changed" not in (await one.get(bank)).text
        await add_up(store.pool)
        await store.pool.execute(TAMPERED.format(
            "update postings set amount = amount + 100 where (partition, position, leg) = ("
            "select partition, position, leg from postings where account = 1930 "
            "and seller = 'sweeto' and period = '2026-09-01' order by 1, 2 limit 1)"
        ))  # fmt: skip
        assert "The entries come to 1.00 more than the balances" in (await one.get(bank)).text
        assert "DOES NOT COME TO" in (await sheet(one, bank))[-1]["what"]
        refused = await one.get(export)
        assert refused.status_code == 409
        assert "the accounts come to 1.00 SEK, not to 0.00" in refused.text
        await store.pool.execute("truncate ledger_days, ledger_orders, ledger_sellers, "
                                 "ledger_summed")  # fmt: skip
        told = (await one.get(f"/ledger?{month}")).text
        assert "does not sum to 0.00" in told
        assert "<code>villkor verify</code> says where" in told
        assert (await sheet(one, f"/ledger?{month}"))[-1]["name"] == "DOES NOT COME TO 0.00"
        await store.pool.execute(TAMPERED.format(
            "update postings set amount = amount - 100 where (partition, position, leg) = ("
            "select partition, position, leg from postings where account = 1930 "
            "and seller = 'sweeto' and period = '2026-09-01' order by 1 desc, 2 desc limit 1)"
        ))  # fmt: skip
        refused = await one.get(export)
    assert refused.status_code == 409
    assert "does not come to 0.00, and nothing is exported until it does" in unescape(refused.text)


async def test_a_month_says_what_to_look_at_before_it_is_closed(desk: Desk):
    """Decisions and refunds that waited at its end, also where it cannot be closed yet; and what
    has not begun says so."""
    async with signed_in(desk, Role.ACCOUNTANT, "allectra") as one:
        july, september, october, december = [
            (await one.get(f"/ledger/periods/allectra/2026-{month}")).text
            for month in ("07", "09", "10", "12")
        ]
    asked, unpaid = "2 orders of allectra wait for a", "that were due by its end are not paid"
    assert [text in july for text in (asked, unpaid)] == [False, False]
    assert [text in september for text in (asked, unpaid)] == [True, False]
    assert [text in october for text in (asked, unpaid)] == [True, True]
    assert "It cannot be closed now" in october
    assert "This month has not begun." in december
    assert "Closing the month" not in december
