"""The order page, the search that leads to it, the customer and the stepper, in a real browser."""

import asyncio
import json
import os
import re
import sys
from datetime import date
from html import unescape

import pytest
from playwright.async_api import Locator, Page, expect

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.console import customer
from adapters.console.asked import Asked
from adapters.console.bill import bills
from adapters.http.desk import Desk
from adapters.ledger.order import LEGS, money_of
from domain.calendar import A_DAY, INSTANT, end, last_of, start_of
from tests.console.conftest import Opened
from tests.console.test_sessions import signed_in

ORDER = "/orders/allectra/ALL-0004"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


async def at_once(page: Page, *shown: Locator) -> None:
    """Each of them is wholly on the first screen, before anybody scrolls."""
    for one in shown:
        box = await one.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= DESK["height"], await one.inner_text()
    assert await page.evaluate("window.scrollY") == 0


async def test_why_a_customer_was_charged_445_kronor_is_two_clicks_away(opened: Opened) -> None:
    """The search, and the answer: how much, why, how it adds up, the clauses, what to write."""
    page = await opened("/", Role.AGENT, viewport=DESK)
    await page.get_by_role("searchbox").click()
    await page.keyboard.type("ALL-0004")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{ORDER}")
    charge = page.locator(".charge")
    await expect(charge.locator("h3")).to_have_text("Fee: parcel not collected p1")
    await expect(charge.locator(".big")).to_have_text("445.00 SEK")
    sums = charge.locator(".steps")
    assert re.split(r"\s*\n\s*|\t", await sums.inner_text()) == [
        "lowest fee", "350.00", "return freight", "95.00", "in all", "445.00 SEK",
    ]  # fmt: skip
    letters = {lang: charge.locator(f"blockquote[lang={lang}]") for lang in ("sv", "en")}
    assert await letters["sv"].inner_text() == (
        "Order ALL-0004: du ska betala en avgift på 445,00 kr (ej uthämtat paket).\n"
        "Paketet SE35546047044 hämtades inte ut.\n"
        "350,00 kr lägsta avgift + 95,00 kr returfrakt = 445,00 kr.\n"
        "Se villkoren: ALL-6.4-3, ALL-6.5-5, ALL-6.4-5."
    )
    assert await letters["en"].inner_text() == (
        "Order ALL-0004: you owe a fee of 445.00 SEK (parcel not collected).\n"
        "The parcel SE35546047044 was not collected.\n"
        "350.00 lowest fee + 95.00 return freight = 445.00.\n"
        "See the terms: ALL-6.4-3, ALL-6.5-5, ALL-6.4-5."
    )
    captions = [await one.inner_text() for one in await charge.locator("figcaption > span").all()]
    assert captions == ["To the customer, Svenska", "To the customer, English"]
    clause = charge.get_by_role("link", name="ALL-6.4-3")
    assert await clause.get_attribute("href") == "/terms/clause/ALL-6.4-3"
    await at_once(page, charge.locator(".big"), sums, clause, *letters.values())
    money = await page.get_by_role("region", name="Money").inner_text()
    for words, amount in (
        ("without VAT", "1\u202f595.20"), ("VAT 2611 Utgående moms, 25 %", "398.80"),
        ("with VAT", "1\u202f994.00"), ("the customer has paid", "1\u202f549.00"),
        ("the customer owes", "445.00 SEK"),
    ):  # fmt: skip
        assert re.search(rf"^{words}\s+{amount}$", money, re.M), words
    assert "\u2212" not in money
    moves = page.get_by_role("region", name="Whose move it is")
    await expect(moves).to_contain_text("The customer is to pay 445.00 SEK")
    await expect(moves).to_contain_text("No day is set")


async def test_an_order_as_it_was_without_scripts(opened: Opened) -> None:
    """The slider of days and the fields of time; the page says that it shows the past, and what
    is otherwise today; a question without an answer is told so beside where it was asked.
    """
    page = await opened(ORDER, Role.AGENT, viewport=DESK, java_script_enabled=False)
    assert await page.get_by_role("button", name="Copy").count() == 0
    await page.locator("#day").fill("13")
    await page.get_by_role("button", name="Show that day").click()
    assert page.url.endswith(f"{ORDER}?as_of=2026-09-07")
    past = page.get_by_role("region", name="The past")
    await expect(past).to_contain_text("This is the past: at the end of 2026-09-07, by what")
    await expect(page.locator(".slide label").first).to_have_text(
        "As it was at the end of 2026-09-07"
    )
    money = page.get_by_role("region", name="Money")
    assert re.search(r"the customer owes\s+350\.00 SEK", await money.inner_text())
    await expect(page.get_by_text("To the customer then, Svenska").first).to_be_visible()
    numbers = await page.locator(".event .number").all_inner_texts()
    assert numbers == [str(number) for number in range(1, 20)]
    await expect(page.locator(".charge").get_by_text("Said in event 19.")).to_be_visible()
    assert [await row.inner_text() for row in await past.locator("tbody tr").all()] == [
        "status\tunclaimed\treturned", "fee unclaimed p1\t350.00\t445.00",
    ]  # fmt: skip
    await expect(page.locator(".charge .big")).to_have_text("350.00 SEK")
    assert await page.locator("#day").input_value() == "13"
    await page.get_by_text("To the minute, and by what was known").click()
    await page.get_by_label("Known at").fill("2026-11-01T12:00")
    await page.get_by_role("button", name="Show", exact=True).click()
    assert "as_of=2026-09-07" in page.url
    assert "known_at=2026-11-01T12%3A00" in page.url
    await page.get_by_label("or the day").fill("2026-09-06")
    await page.get_by_role("button", name="Show that day").click()
    await expect(past).to_contain_text("at the end of 2026-09-06, by what was known on 2026-11-01")
    await past.get_by_role("link", name="Back to today").click()
    await expect(page.locator(".charge .big")).to_have_text("445.00 SEK")
    await expect(page.locator(".slide label").first).to_have_text("As it is today, 2026-11-20")
    await page.get_by_text("To the minute, and by what was known").click()
    await page.get_by_label("Known at").fill("2026-09-08T12:00")
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(page.locator(".charge .big")).to_have_text("350.00 SEK")
    assert await page.locator(".event").count() == 19
    for asked, sentence in (
        ("as_of=2027-01-01", "that is yet to come"), ("as_of=2020-01-01", "had not been placed"),
        ("known_at=2026-08-01", "was not known"), ("as_of=yesterday", "'yesterday' is no time"),
    ):  # fmt: skip
        await page.goto(f"{ORDER}?{asked}")
        await expect(page.get_by_role("alert")).to_contain_text(sentence)
        assert "villkor" not in await page.get_by_role("alert").inner_text()
        assert not re.search(r"T\d\d:", await page.get_by_role("alert").inner_text())
        assert await page.locator(".charge, .event, .badge").count() == 0
        await page.get_by_role("link", name="As it is today").click()
        await expect(page.locator(".charge .big")).to_have_text("445.00 SEK")
    await page.goto(f"{ORDER}?day=9999")
    assert page.url.endswith(ORDER)


async def test_a_row_opens_for_all_that_lies_behind_it_without_scripts(opened: Opened) -> None:
    """Payload, cause, clause, arithmetic and postings; a link to an event opens it."""
    page = await opened(ORDER, Role.AGENT, java_script_enabled=False, viewport=DESK)
    row = page.locator(".event").nth(18)
    await row.locator("summary").click()
    said = await row.locator(".opened").inner_text()
    assert "FeeRaised, because of #18" in said
    assert "350.00 lowest fee = 350.00" in said
    assert await row.locator("summary .figure").inner_text() == "350.00 SEK"
    assert "ALL-6.4-3" in said
    assert re.search(r"1510 Kundfordringar\s+350\.00", said)
    assert re.search(r"sums to\s+0\.00", said)
    assert json.loads(await row.locator("pre").inner_text())["amount"] == 35000
    await row.get_by_role("link", name="#18").click()
    await expect(page.locator("#e18 pre")).to_be_visible()
    await page.goto(f"{ORDER}?rows=money#e21")
    await expect(page.locator("#e21 pre")).to_be_visible()
    kinds = await page.locator(".event .what").all_inner_texts()
    assert [one.split(".")[0] for one in kinds if "paid" not in one] == [
        "Parcel p1 was sent with postnord, SE35546047044", "A fee is owed (parcel not collected)",
        "The fee changed (parcel not collected)",
    ]  # fmt: skip
    marks = page.locator("svg.strip a")
    assert await marks.count() == len(kinds)
    assert await marks.last.get_attribute("href") == "#e21"
    assert (await marks.last.locator("title").text_content() or "").startswith("21. The fee")


async def test_keys_alone_lead_from_the_search_to_a_posting(opened: Opened) -> None:
    """`/` to the search, `j` and `k` from row to row, Enter opens; the slider waits for Show."""
    page = await opened("/orders", Role.AUDITOR)
    await page.keyboard.press("/")
    await page.keyboard.type("ALL-0004")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{ORDER}")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    for _ in range(10):
        await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    opened_row = page.locator(".event details[open]")
    await expect(opened_row).to_have_count(1)
    await expect(opened_row.locator("summary")).to_contain_text("1549.00 SEK was paid")
    await page.locator("#day").focus()
    for _ in range(5):
        await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".slide label").first).to_have_text(
        "As it was at the end of 2026-11-15"
    )
    assert page.url.endswith(ORDER)
    await page.locator("#day").click(position={"x": 60, "y": 8})
    await page.wait_for_url("**as_of=2026-09-0**")
    await page.get_by_role("link", name="Step by step").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{ORDER}/steps/**")


async def test_an_order_is_stepped_through_with_what_each_policy_said(opened: Opened) -> None:
    """The arrows lead on; each event has what it changed, and what came of which policy."""
    page = await opened(f"{ORDER}/steps/18", Role.AUDITOR)
    said = page.get_by_role("region", name="What each policy said")
    row = said.locator("tr", has_text="fee unclaimed p1 350.00 SEK")
    assert await row.locator("th").inner_text() == "unclaimed"
    assert "FeeRaised" in await row.inner_text()
    assert "The parcel p1 was not collected. ALL-6.4-3, ALL-6.5-5" in await row.inner_text()
    assert "The order itself, its parcels, shipped #10" in await row.inner_text()
    nothing = said.locator("tr", has_text="Nothing is owed by it")
    assert await nothing.locator("th").inner_text() == "uncollected"
    assert (
        "shipped and unclaimed are no ground for it by themselves, and of 13 other kinds of facts "
        "that it looked for none was told. It goes by ALL-6.4-3."
    ) in await nothing.inner_text()
    await page.keyboard.press("ArrowRight")
    await page.wait_for_url("**/steps/19")
    changed = page.get_by_role("region", name="What it changed")
    assert "fees\t0.00\t350.00" in await changed.inner_text()
    assert "1510 Kundfordringar\t\t350.00" in await changed.inner_text()
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_url("**/steps/18")
    await nothing.get_by_text("Not told: 13 more").click()
    await expect(nothing.get_by_text("parcel returned, reshipped")).to_be_visible()
    await page.locator("svg.strip a").first.click()
    await page.wait_for_url("**/steps/1")
    await expect(page.get_by_text("The customer ordered Solid state drive 1 TB.")).to_be_visible()


async def test_a_customer_has_its_orders_then_and_now(
    opened: Opened, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many at a time, also of the past."""
    page = await opened("/orders/gandalf/GAN-0034", Role.AGENT)
    await page.get_by_role("link", name="c-1328").click()
    await expect(page.get_by_role("heading", name="2 orders")).to_be_visible()
    await page.goto("/customers/gandalf/c-1328?as_of=2026-10-01")
    await expect(page.get_by_role("heading", name="1 order")).to_be_visible()
    await page.get_by_role("link", name="GAN-0025").click()
    await page.wait_for_url("**/orders/gandalf/GAN-0025")
    monkeypatch.setattr(customer, "SHOWN", 1)
    async with signed_in(desk, Role.AGENT) as one:
        for then in ("", "as_of=2026-11-01T12%3A00&"):
            at = f"/customers/gandalf/c-1328?{then}orders="
            assert shown_of((first := await one.get(at)).text) == ["GAN-0034"]
            assert f'href="{at}1"' in unescape(first.text)
            assert shown_of((second := await one.get(f"{at}1")).text) == ["GAN-0025"]
            assert "Older orders" not in second.text


def shown_of(page: str) -> list[str]:
    """The orders in a page's list."""
    return re.findall(r'<th scope="row"><a href="/orders/\w+/([\w-]+)"', page)


async def test_the_file_is_what_the_command_line_says(desk: Desk, demo: str) -> None:
    async with signed_in(desk, Role.AGENT, "allectra") as one:
        told = await one.get(f"{ORDER}/download")
        assert told.headers["content-disposition"].startswith("attachment")
        assert (await one.get("/orders/sweeto/SWE-0001/download")).status_code == 404
        assert (await one.get("/orders/sweeto/SWE-0001")).status_code == 404
        elsewhere = await one.get("/orders/netzilla/ALL-0004")
        assert "allectra has one of that number" in elsewhere.text
        assert "has one of" not in (await one.get("/orders/allectra/SWE-0001")).text
        then = await one.get(f"{ORDER}/download?as_of=2026-09-07T23:59:59.999999")
        assert then.json()["order"]["fees"] == 350.0
        assert then.json()["as_of"] == "2026-09-07T21:59:59.999999+00:00"
        assert "ALL-0004-as-of-2026-09-07-2359.json" in then.headers["content-disposition"]
        assert (await one.get(f"{ORDER}/download?as_of=2027-01-01")).status_code == 422
    assert told.json()["order"]["fees"] == 445.0
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from adapters.cli import main; main()", "show", "ALL-0004", "--json",
        env=os.environ | {"VILLKOR_DATABASE": demo, "VILLKOR_NOW": NOW.isoformat()},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await command.communicate()
    assert told.json() == json.loads(said)


def test_a_day_ends_at_midnight_and_not_a_minute_before() -> None:
    """The first instant of the next day is the first that is not in it, when clocks change too."""
    for day in (date(2026, 9, 7), date(2026, 3, 29), date(2026, 10, 25)):
        at = end(f"{day}")
        assert at == last_of(day)
        assert at + INSTANT == start_of(day + A_DAY)
        assert Asked(as_of=at).end_of == day
        assert Asked(as_of=at - INSTANT).end_of is None


async def test_it_prints_whole(opened: Opened) -> None:
    """Rows and letters are on paper; what only a screen can do is not."""
    page = await opened(ORDER, Role.AGENT)
    await page.emulate_media(media="print")
    await expect(page.locator(".printed")).to_contain_text("As it is today 2026-11-20 12:00; http")
    for shown in (".charge", "blockquote[lang=sv]", "svg.strip", ".event:last-child summary"):
        await expect(page.locator(shown).first).to_be_visible()
    for hidden in (".top", ".slide", ".copy", ".tools"):
        await expect(page.locator(hidden).first).to_be_hidden()
    assert (await page.pdf()).startswith(b"%PDF")


async def test_every_sort_of_order_has_a_page_and_steps(desk: Desk) -> None:
    """None fails; what is owed on each page is what its row in the list says."""
    rows = await desk.session.store.pool.fetch(
        "select distinct on (status, seller) seller, order_id, fees, version from orders"
    )
    async with signed_in(desk, Role.AUDITOR) as one:
        page = await one.get("/orders/gandalf/GAN-0018")  # its prices are without VAT
        assert re.search(r"to be paid back to the customer<.*>3\u202f052\.50 <", page.text)
        assert "paid in advance" not in page.text
        for seller, order, fees, version in rows:
            page = await one.get(f"/orders/{seller}/{order}")
            assert page.status_code == 200, order
            amounts = re.findall(r"<h3>Fee.*\n.*?\"big\">([\d\u202f.]+)", page.text)
            ore = [int(found.replace("\u202f", "").replace(".", "")) for found in amounts]
            assert sum(ore) == fees, order
            legs = await desk.session.store.pool.fetch(LEGS, seller, order)
            for bill in bills(money_of(seller, order, legs), 0):
                assert bill.gross == bill.paid - (bill.repaid or 0) + bill.owes - bill.owed, order
            last = await one.get(f"/orders/{seller}/{order}/steps/{version}")
            assert last.status_code == 200, order
            assert (
                await one.get(f"/orders/{seller}/{order}/steps/{version + 1}")
            ).status_code == 404
