"""The order page, the search that leads to it, the customer and the stepper, in a real browser."""

import asyncio
import json
import os
import re
import sys

from playwright.async_api import Locator, Page, expect

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.http.desk import Desk
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
    await expect(charge.locator("h3")).to_have_text("Fee: unclaimed p1")
    await expect(charge.locator(".big")).to_have_text("445.00 SEK")
    sums = charge.locator(".steps")
    assert re.split(r"\s*\n\s*|\t", await sums.inner_text()) == [
        "floor", "350.00", "return freight", "95.00", "in all", "445.00 SEK",
    ]  # fmt: skip
    letters = {lang: charge.locator(f"blockquote[lang={lang}]") for lang in ("sv", "en")}
    assert await letters["sv"].inner_text() == (
        "Order ALL-0004: du ska betala en avgift på 445,00 kr (ej uthämtat paket).\n"
        "Paketet p1 hämtades inte ut.\n"
        "350,00 kr lägsta avgift + 95,00 kr returfrakt = 445,00 kr.\n"
        "Enligt ALL-6.4-3, ALL-6.5-5, ALL-6.4-5."
    )
    assert "you owe a fee of 445.00 SEK (unclaimed)" in await letters["en"].inner_text()
    clause = charge.get_by_role("link", name="ALL-6.4-3")
    assert await clause.get_attribute("href") == "/terms/clause/ALL-6.4-3"
    await at_once(page, charge.locator(".big"), sums, clause, *letters.values())
    money = page.get_by_role("region", name="Money")
    assert re.search(r"the customer owes\s+445\.00", await money.inner_text())
    assert re.search(r"comes to\s+0\.00", await money.inner_text())


async def test_a_search_goes_to_the_order_of_any_number_that_people_have(desk: Desk) -> None:
    """Tracking, invoice, RMA; a customer of several orders, and a part of a number, list them."""
    async with signed_in(desk, Role.AGENT) as one:
        for text, order in (
            ("ALL-0004", ORDER), (" ALL-0004 ", ORDER), ("SE35546047044", ORDER),
            ("c-3601", ORDER),
        ):  # fmt: skip
            found = await one.get("/orders", params={"text": text})
            assert found.headers.get("location") == order, text
        several = await one.get("/orders", params={"text": "c-1328"})
        assert re.findall(r'href="/orders/gandalf/(GAN-\d+)"', several.text) == [
            "GAN-0034", "GAN-0025",
        ]  # fmt: skip
        for text, seller in (("f1", "allectra"), ("r1", "nordkabel")):
            found = await one.get("/orders", params={"text": text, "seller": seller})
            rows = re.findall(rf'href="/orders/{seller}/', found.text)
            assert len(rows) > 1, text
        for plain in ("%", "_LL-0004", "ALL%4", "\\"):
            found = await one.get("/orders", params={"text": plain, "seller": "allectra"})
            assert found.status_code == 200
            assert "begins with" in found.text, plain
            assert 'name="text"' in found.text
            assert "<option selected>allectra</option>" in found.text
            assert "data-row" not in found.text


async def test_filters_stay_from_page_to_page(opened: Opened) -> None:
    """The address holds them, so that it can be sent to somebody."""
    page = await opened("/orders", Role.AGENT, viewport=PHONE)
    await page.get_by_label("Status").select_option("collected")
    await page.get_by_role("button", name="Show").click()
    assert await page.locator("tbody tr").count() == 50
    await page.get_by_role("link", name="Older orders").click()
    await page.wait_for_url("**after=**")
    assert "status=collected" in page.url
    assert await page.get_by_label("Status").input_value() == "collected"
    assert set(await page.locator("tbody td:nth-child(3)").all_inner_texts()) <= {
        "collected", "collected to decide",
    }  # fmt: skip
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


async def test_an_order_as_it_was_without_scripts(opened: Opened) -> None:
    """The slider of days and the fields of time; the page says that it shows the past, and what
    is otherwise today; a question without an answer is told so beside where it was asked.
    """
    page = await opened(ORDER, Role.AGENT, viewport=DESK, java_script_enabled=False)
    assert await page.get_by_role("button", name="Copy").count() == 0
    await page.locator("#day").fill("13")
    await page.get_by_role("button", name="Show that day").click()
    assert page.url.endswith(f"{ORDER}?as_of=2026-09-07T23%3A59")
    past = page.get_by_role("region", name="The past")
    await expect(past).to_contain_text("This is the past: as of 2026-09-07 23:59")
    assert [await row.inner_text() for row in await past.locator("tbody tr").all()] == [
        "status\tunclaimed\treturned", "fee unclaimed p1\t350.00\t445.00",
    ]  # fmt: skip
    await expect(page.locator(".charge .big")).to_have_text("350.00 SEK")
    assert await page.locator("#day").input_value() == "13"
    await past.get_by_role("link", name="Back to today").click()
    await expect(page.locator(".charge .big")).to_have_text("445.00 SEK")
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
    assert "350.00 floor = 350.00" in said
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
        "Parcel p1 was sent with postnord, SE35546047044", "A fee is owed (unclaimed)",
        "The fee changed (unclaimed)",
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
    for _ in range(10):
        await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    opened_row = page.locator(".event details[open]")
    await expect(opened_row).to_have_count(1)
    await expect(opened_row.locator("summary")).to_contain_text("1549.00 was paid")
    await page.locator("#day").focus()
    for _ in range(5):
        await page.keyboard.press("ArrowLeft")
    await expect(page.locator("output")).to_have_text("2026-11-15")
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
    row = said.locator("tr", has_text="fee unclaimed p1 350.00")
    assert await row.locator("th").inner_text() == "unclaimed"
    assert "FeeRaised" in await row.inner_text()
    await page.keyboard.press("ArrowRight")
    await page.wait_for_url("**/steps/19")
    changed = page.get_by_role("region", name="What it changed")
    assert "fees\t0.00\t350.00" in await changed.inner_text()
    assert "1510 Kundfordringar\t\t350.00" in await changed.inner_text()
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_url("**/steps/18")
    await page.locator("svg.strip a").first.click()
    await page.wait_for_url("**/steps/1")
    await expect(page.get_by_text("The customer ordered Solid state drive 1 TB.")).to_be_visible()


async def test_a_customer_has_its_orders_then_and_now(opened: Opened) -> None:
    page = await opened("/orders/gandalf/GAN-0034", Role.AGENT)
    await page.get_by_role("link", name="c-1328").click()
    await expect(page.get_by_role("heading", name="2 orders")).to_be_visible()
    await page.goto("/customers/gandalf/c-1328?as_of=2026-10-01")
    await expect(page.get_by_role("heading", name="1 order")).to_be_visible()
    await page.get_by_role("link", name="GAN-0025").click()
    await page.wait_for_url("**/orders/gandalf/GAN-0025")


async def test_the_file_is_what_the_command_line_says(desk: Desk, demo: str) -> None:
    async with signed_in(desk, Role.AGENT, "allectra") as one:
        told = await one.get(f"{ORDER}/download")
        assert told.headers["content-disposition"].startswith("attachment")
        assert (await one.get("/orders/sweeto/SWE-0001/download")).status_code == 404
        assert (await one.get("/orders/sweeto/SWE-0001")).status_code == 404
    assert told.json()["order"]["fees"] == 445.0
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from adapters.cli import main; main()", "show", "ALL-0004", "--json",
        env=os.environ | {"VILLKOR_DATABASE": demo, "VILLKOR_NOW": NOW.isoformat()},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await command.communicate()
    assert told.json() == json.loads(said)


async def test_it_prints_whole(opened: Opened) -> None:
    """Rows and letters are on paper; what only a screen can do is not."""
    page = await opened(ORDER, Role.AGENT)
    await page.emulate_media(media="print")
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
        for seller, order, fees, version in rows:
            page = await one.get(f"/orders/{seller}/{order}")
            assert page.status_code == 200, order
            amounts = re.findall(r"<h3>Fee.*\n.*?\"big\">([\d\u202f.]+)", page.text)
            ore = [int(found.replace("\u202f", "").replace(".", "")) for found in amounts]
            assert sum(ore) == fees, order
            last = await one.get(f"/orders/{seller}/{order}/steps/{version}")
            assert last.status_code == 200, order
            assert (
                await one.get(f"/orders/{seller}/{order}/steps/{version + 1}")
            ).status_code == 404
