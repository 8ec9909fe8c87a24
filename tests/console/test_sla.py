"""The SLA board in a real browser: bands, filters, keys, live, and without scripts."""

import json

import pytest

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.console import sla
from adapters.http.desk import Desk
from adapters.messages import Message
from adapters.sla import Board
from tests.console.conftest import Opened

BANDS = ("Past due", "Today", "This week", "Later")


async def test_bands_are_told_apart_and_a_row_leads_to_the_event_that_set_it(opened: Opened):
    """Each band has its word and its shape; what is on top adds up what stands below; by keys,
    which a line explains, and who comes back is on the row that they left.
    """
    page = await opened("/sla", Role.AGENT)
    for word in BANDS:
        await page.get_by_role("heading", name=word).locator("svg").wait_for()
    shapes = await page.locator(".bands svg").evaluate_all("all => all.map(one => one.innerHTML)")
    assert len(set(shapes)) == len(BANDS)
    today = page.locator("section", has=page.get_by_role("heading", name="Today"))
    assert await page.locator("li.today .big").inner_text() == "4"
    assert await today.locator("tbody tr").count() == 4
    risks = await today.locator("tbody .figure").all_inner_texts()
    added = sum(int(one.replace("\u202f", "").replace(".", "")) for one in risks)
    assert added == 1_328_600
    assert "13\u202f286.00 SEK" in await page.locator("li.today").inner_text()
    assert await page.locator("tbody th").first.inner_text() == "60 d late\n2026-09-20"
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/orders/nordkabel/NOR-0029#e*")
    event = page.url.partition("#")[2]
    assert "refund" in (await page.locator(f"#{event}").inner_text()).lower()
    await page.go_back()
    await page.wait_for_url("**/sla")
    assert await page.evaluate("document.activeElement.innerText") == "NOR-0029"
    await page.keyboard.press("?")
    assert "j k rows" in await page.evaluate("document.activeElement.innerText")


async def test_filters_live_in_the_address_and_clauses_are_linked(opened: Opened):
    """What is chosen is in the address, is still chosen, and holds for counts and rows."""
    page = await opened("/sla", Role.AGENT)
    await page.locator("[name=seller]").select_option("sweeto")
    await page.locator("[name=party]").select_option("seller")
    await page.locator("[name=kind]").select_option("delivery")
    await page.locator("[name=clause]").fill("SWE-leveranssatt-2")
    await page.get_by_role("button", name="Show").click()
    await page.wait_for_url("**/sla?*seller=sweeto*")
    assert "party=seller" in page.url
    assert "clause=SWE-leveranssatt-2" in page.url
    assert await page.locator("[name=party]").input_value() == "seller"
    rows = await page.locator("tbody tr").all_inner_texts()
    assert rows
    assert all("sweeto" in row and "delivery" in row for row in rows)
    await page.get_by_role("link", name="Later", exact=True).click()
    assert "band=later" in page.url
    assert "seller=sweeto" in page.url
    await page.get_by_role("link", name="SWE-leveranssatt-2").first.click()
    await page.wait_for_url("**/terms/clause/SWE-leveranssatt-2")


async def test_the_board_looks_again_by_itself_and_is_sent_only_when_it_changed(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """204 while all is as it was; a refund that is paid leaves the board without a reload, and who
    stands on a row stays there. While the database is away it says so, and shows what it showed.
    """
    page = await own_opened("/sla", Role.AGENT)
    await page.clock.install()
    await page.goto("/sla?band=past_due")
    assert await page.locator("tbody tr").count() == 26
    orders = await page.locator("tbody td:nth-child(3) a").all_inner_texts()
    for _ in range(3):
        await page.keyboard.press("j")
    async with page.expect_response("**/sla/board?*") as same:
        await page.clock.fast_forward(10_500)
    assert (await same.value).status == 204
    event = {
        "specversion": "1.0", "id": "paid-back", "source": "/test", "type": "RefundPaid",
        "seller": "nordkabel", "subject": "NOR-0029", "time": NOW.isoformat(),
        "data": {"amount": 8990.00},
    }  # fmt: skip
    await own_desk.session.told([Message(json.dumps(event).encode(), "test")])
    async with page.expect_response("**/sla/board?*") as changed:
        await page.clock.fast_forward(10_500)
    assert (await changed.value).status == 200
    await page.locator("li.past_due .big", has_text="25").wait_for()
    assert await page.locator("tbody tr").count() == 25
    focused = "document.activeElement.innerText"
    assert await page.evaluate(focused) == orders[2]
    await page.keyboard.press("k")
    assert await page.evaluate(focused) == orders[1]
    await page.keyboard.press("k")
    assert await page.evaluate(focused) == orders[1]
    away = page.locator("#away")
    assert not await away.is_visible()
    with monkeypatch.context() as broken:
        broken.setattr(sla, "bands", _broken)
        await page.clock.fast_forward(10_500)
        await page.get_by_text("The database does not answer").wait_for()
    assert await page.locator("tbody tr").count() == 25
    async with page.expect_response("**/sla/board?*") as again:
        await page.clock.fast_forward(10_500)
    assert (await again.value).status == 204
    await away.wait_for(state="hidden")
    await page.get_by_role("link", name="hold it still").click()
    assert "live=no" in page.url
    assert await page.locator("[hx-get]").count() == 0


async def _broken(*_: object) -> Board:
    raise ConnectionRefusedError


async def test_without_scripts_the_board_is_a_page(opened: Opened):
    """Filters are a form, loading it again a link; deadlines of other sellers are not there."""
    page = await opened("/sla", Role.AGENT, "sweeto", java_script_enabled=False)
    assert "sweeto" in await page.locator("tbody tr").first.inner_text()
    assert "allectra" not in await page.locator("main").inner_text()
    await page.locator("[name=kind]").select_option("refund")
    await page.get_by_role("button", name="Show").click()
    await page.get_by_role("link", name="load it again").click()
    assert "kind=refund" in page.url
    kinds = await page.locator("tbody td:nth-child(2)").all_inner_texts()
    assert {kind.strip() for kind in kinds} == {"refund"}
