"""The ledger in a real browser: balances, statements, subledgers, and a month that is closed."""

import csv
import json
from io import StringIO
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Page

from adapters.access import Role
from adapters.console import ledger
from adapters.http.desk import Desk
from adapters.ingest import ingest
from adapters.ledger import sheets
from adapters.ledger.subledgers import CustomerBalance
from adapters.messages import Message
from tests.console.conftest import Opened, name_of
from tests.console.test_sessions import signed_in


def ore(told: str) -> int:
    """An amount of a page, in öre."""
    return int(told.translate({0x202F: "", 0x2212: "-", ord("."): "", ord(" "): ""}))


async def rows(page: Page, within: str = "main") -> list[list[str]]:
    """The cells of a page's tables, row by row, the foot as well."""
    shown = page.locator(f"{within} tbody tr, {within} tfoot tr")
    return [await row.locator("th, td").all_inner_texts() for row in await shown.all()]


async def taken(page: Page, name: str, *, exact: bool = True) -> str:
    """The file that a link downloads."""
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=name, exact=exact).click()
    path = await (await waiting.value).path()
    return path.read_bytes().decode("utf-8-sig", "replace")


async def test_from_the_balances_to_the_event_by_keyboard_alone(opened: Opened):
    """The sums are nought, an account leads to its statement, an entry to its event."""
    page = await opened("/ledger?seller=allectra&month=2026-09", Role.ACCOUNTANT)
    *accounts, foot = await rows(page)
    for column in (2, 5):
        assert sum(ore(row[column]) for row in accounts) == 0
        assert foot[column] == "0.00"
    assert foot[3] == foot[4] != "0.00"
    assert await page.get_by_text("sums to 0.00").count() == 1
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="1510 Kundfordringar").wait_for()
    opening, *entries, closing = await rows(page)
    balance = ore(opening[-1])
    assert accounts[0][0] == "1510"
    assert balance == ore(accounts[0][2])
    for entry in entries:
        balance += ore(entry[4])
        assert ore(entry[5]) == balance
    assert ore(closing[-1]) == balance == ore(accounts[0][5])
    assert ["2026-09-06", "ALL-0004", "Fee raised: parcel not collected"] in [
        [entry[0], entry[1].split("\n")[0], entry[2]] for entry in entries
    ]
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/orders/allectra/**#e*")
    event = page.url.partition("#")[2]
    assert await page.locator(f"[id='{event}']").count() == 1


async def test_pages_of_a_statement_follow_each_other_without_scripts(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    """What one page brings forward the older one carries; newer leads back."""
    monkeypatch.setattr(ledger, "SHOWN", 5)
    page = await opened("/ledger/1510", Role.ACCOUNTANT, java_script_enabled=False)
    await page.get_by_label("Seller").select_option("allectra")
    await page.get_by_label("From month").fill("2026-09")
    await page.get_by_role("button", name="Show").click()
    newest = await rows(page)
    assert [row[2] for row in (newest[0], newest[-1])] == ["Brought forward", "Closing balance"]
    await page.get_by_role("link", name="Older entries").click()
    older = await rows(page)
    assert older[-1][2] == "Carried forward"
    assert older[-1][-1] == newest[0][-1]
    await page.get_by_role("link", name="Newer entries").click()
    assert await rows(page) == newest
    await page.locator("td.contra a").first.click()
    assert "/ledger/" in page.url
    assert "seller=allectra" in page.url


async def test_csv_holds_what_the_pages_show(opened: Opened):
    """Kronor with a point, the balance behind each entry, and the same sums."""
    page = await opened("/ledger?seller=sweeto", Role.ACCOUNTANT)
    table = list(csv.DictReader(StringIO(await taken(page, "Download as CSV"))))
    assert {row["seller"] for row in table} == {"sweeto"}
    assert sum(round(float(row["closing"]) * 100) for row in table) == 0
    bank = next(row for row in table if row["account"] == "1930")
    await page.get_by_role("link", name="1930").click()
    entries = list(csv.DictReader(StringIO(await taken(page, "Download as CSV"))))
    assert entries[0]["what"] == "opening balance"
    assert entries[-1]["what"] == "closing balance"
    moved = sum(round(float(row["amount"]) * 100) for row in entries[1:-1])
    assert f"{moved / 100:.2f}" == entries[-1]["balance"] == bank["closing"]
    for name in ("Customers", "Sellers", "VAT", "Ageing"):
        await page.get_by_role("navigation", name="Ledger").get_by_role("link", name=name).click()
        assert "seller=sweeto" in page.url
        found = await rows(page)
        table = list(csv.DictReader(StringIO(await taken(page, "Download as CSV"))))
        assert len(table) > 0 < len(found) - 1, name
        if name == "Customers":
            assert sum(round(float(row["owes"]) * 100) for row in table) == ore(found[-1][2])
        if name == "Sellers":
            assert {sum(map(ore, row[2:])) for row in found} == {0}


def test_no_cell_of_a_sheet_is_a_formula():
    """A customer who is called like one is text; an amount below nought stays a number."""
    out = StringIO()
    sheets.customers(out, [CustomerBalance("s", "SEK", "=1+1", 1, -50, 0, 1, 0, 0)])
    cells = list(csv.reader(StringIO(out.getvalue())))[1]
    assert cells == ["s", "SEK", "'=1+1", "1", "-0.50", "0.00"]


async def test_who_may_not_see_the_ledger_is_told_so(opened: Opened):
    """An agent has no tab, an accountant of one seller no other's books, an auditor no act."""
    page = await opened("/orders", Role.AGENT)
    assert await page.get_by_role("link", name="Ledger").count() == 0
    assert (await page.context.request.get("/ledger")).status == 403
    page = await opened("/ledger", Role.ACCOUNTANT, "sweeto")
    headings = await page.get_by_role("heading", level=2).all_inner_texts()
    assert headings == ["sweeto SEK sums to 0.00"]
    for path in ("/ledger?seller=allectra", "/ledger/periods/allectra/2026-07",
                 "/ledger/export/sie-4i?seller=allectra&month=2026-09"):  # fmt: skip
        assert (await page.context.request.get(path)).status == 403
    page = await opened("/ledger/periods/sweeto/2026-07", Role.AUDITOR)
    assert await page.get_by_text("by somebody with the role of an accountant").count() == 1
    assert await page.get_by_role("button", name="Close").count() == 0
    answer = await page.context.request.post("/ledger/periods/sweeto/2026-07", form={})
    assert answer.status == 403


REFUSED = {
    "/ledger?month=2026-13": 422, "/ledger?from=2026-09&to=2026-08": 422,
    "/ledger?as_of=yesterday": 422, "/ledger/vat?moth=2026-09": 422, "/ledger?seller=nobody": 404,
    "/ledger/periods/nobody/2026-07": 404, "/ledger?format=csv&for=word": 422,
    "/ledger/1511": 404, "/ledger/1510?before=x": 422,
    "/ledger/periods/allectra/2026-9": 404, "/ledger/export/sie-4i": 422,
    "/ledger/export/xls?seller=allectra&month=2026-09": 404,
    "/ledger/export/hledger?seller=allectra&month=2020-01": 404,
    "/ledger/export/sie-4i?seller=allectra&month=2026-09&currency=EUR": 404,
    "/ledger/export/sie-4e?seller=allectra&month=2026-09&orgnr=1": 422,
    "/ledger/export/sie-4e?seller=allectra&month=2026-09&year_starts=13": 422,
    "/ledger/export/sie-4e?seller=allectra&from=2025-12&to=2026-09": 422,
}  # fmt: skip


async def test_what_cannot_be_asked_is_a_page_that_says_why(desk: Desk):
    async with signed_in(desk, Role.ACCOUNTANT) as one:
        for path, status in REFUSED.items():
            answer = await one.get(path)
            assert (answer.status_code, "That did not work" in answer.text) == (status, True), path


async def test_a_question_that_takes_too_long_says_what_to_ask_instead(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """Postgres gives it up after `adapters.reading.PATIENCE`; that is no database that is away."""
    monkeypatch.setattr(ledger, "trial_balance", _slowly)
    async with signed_in(desk, Role.ACCOUNTANT) as one:
        answer = await one.get("/ledger")
    assert answer.status_code == 503
    assert "This took too long over so much; ask of one seller" in answer.text


async def _slowly(pool: asyncpg.Pool, *_: Any) -> None:
    await pool.execute("set local statement_timeout = 10")
    await pool.execute("select pg_sleep(10)")


async def test_an_accountant_closes_a_month_and_takes_the_books_along(
    own_opened: Opened, own_desk: Desk
):
    """In order, with a reason and the month typed, by the name of the token whatever a form says;
    what comes later says that it is.
    """
    page = await own_opened("/ledger/periods", Role.ACCOUNTANT, "allectra")
    assert await page.get_by_text("Next to close: July 2026").count() == 1
    await page.get_by_role("link", name="2026-08").click()
    assert await page.get_by_text("close 2026-07 first").count() == 1
    await page.get_by_role("link", name="To July 2026").click()
    form = page.locator("form[method=post]").last
    await form.get_by_label("Why now").fill("<script>alert(1)</script> reconciled")
    await form.get_by_label("Type 2026-07 to confirm").fill("2026-08")
    await form.get_by_role("button").click()
    assert "type 2026-07" in await page.get_by_role("alert").inner_text()
    assert "<script>" in await form.get_by_label("Why now").input_value()
    assert await form.locator("[name=by]").count() == 0
    who = await name_of(page)
    assert f"recorded as done by {who}" in await form.inner_text()
    await form.get_by_label("Type 2026-07 to confirm").fill("2026-07")
    csrf = await form.locator("[name=csrf]").input_value()
    typed = {"csrf": csrf, "id": "another", "reason": "again", "month": "2026-07"}
    await form.get_by_role("button").click()
    await page.get_by_text("closed", exact=True).wait_for()
    told = await page.locator("main").inner_text()
    assert f"Closed by {who}" in told
    assert "<script>alert(1)</script> reconciled" in told
    assert await page.get_by_role("button", name="Close").count() == 0
    assert await page.get_by_role("link", name="Next: close 2026-08").count() == 1
    again = await page.context.request.post(page.url.partition("#")[0], form=typed)
    assert again.status == 409
    assert "2026-07 was closed already: nothing of yours is recorded" in await again.text()
    assert f"Closed by {who}" in await again.text()
    assert (await taken(page, "SIE 4I")).startswith("#FLAGGA 0\r\n#KSUMMA\r\n")
    assert "; Villkor: allectra 2026-07" in await taken(page, "hledger")
    assert 'option "title" "Villkor: allectra 2026-07"' in await taken(page, "beancount")
    await page.get_by_text("SIE 4E: the year so far").click()
    await page.get_by_label("Organisation number").fill("556489-2924")
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Download SIE 4E").click()
    file = await waiting.value
    assert file.suggested_filename == "allectra-2026-07.se"
    assert b"#ORGNR 556489-2924" in (await file.path()).read_bytes()
    await page.get_by_role("link", name="August 2026 →").click()
    await page.get_by_role("link", name="receivables by age").click()
    assert await page.locator("input[name=as_of]").input_value() == "2026-08-31"
    async with own_desk.session.writer() as app:
        await ingest(app, paid_late(), own_desk.now)
    await page.goto("/ledger/1930?seller=allectra&month=2026-08")
    late = page.locator("tr", has_text="its month was closed: in the books of 2026-08")
    assert (await late.locator("td, th").all_inner_texts())[4] == "1\u202f049.00"
    await page.goto("/ledger/periods/allectra/2026-07")
    [happened, order, *_, within, _, amount] = (await rows(page))[-1]
    assert (happened, order, within) == ("2026-07-20", "ALL-LATE", "2026-08")
    assert amount == "1\u202f049.00"
    table = list(csv.DictReader(StringIO(await taken(page, "Late entries as CSV"))))
    assert (table[-1]["order"], table[-1]["booked_in"]) == ("ALL-LATE", "2026-08")
    await page.goto("/ledger/periods")
    assert (await rows(page))[-1][1:4] == ["closed", "18", who]
    await page.get_by_text("Next to close: August 2026").get_by_role("link").click()
    await page.get_by_role("button", name="Close 2026-08").wait_for()


def paid_late() -> list[Message]:
    """An order of July and its payment, which July's books did not know when they were closed."""
    data: dict[str, Any] = {
        "OrderPlaced": {
            "customer": {"kind": "consumer", "ref": "c-1"}, "payment": {"method": "card"},
            "lines": [{"line": "1", "sku": "S", "category": "home", "unit_price": 1000.0}],
            "shipping": {"method": "standard", "price": 49.0},
        },
        "PaymentReceived": {"amount": 1049.0},
    }  # fmt: skip
    return [
        Message(json.dumps({
            "specversion": "1.0", "id": type, "source": "/late/allectra", "subject": "ALL-LATE",
            "type": type, "seller": "allectra", "time": "2026-07-20T12:00:00+02:00",
            "recordedtime": "2026-07-21T12:00:00+02:00", "data": told,
        }).encode(), f"test:{type}")
        for type, told in data.items()
    ]  # fmt: skip
