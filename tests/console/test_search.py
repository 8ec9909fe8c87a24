"""Finding an order by a number that people have."""

import re

from adapters.access import Role
from adapters.http.desk import Desk
from tests.console.conftest import Opened
from tests.console.test_order import ORDER, PHONE
from tests.console.test_sessions import signed_in


NAMED_ALIKE = """
    update orders set customer = 'c-3601' || order_id where (seller, order_id) in (
        select seller, order_id from orders order by placed_at desc nulls last limit 80
    )
"""


async def test_the_very_number_leads_to_its_order_however_many_begin_so(own_desk: Desk) -> None:
    """Newer orders whose numbers only begin so fill more than a page, and hide none."""
    async with signed_in(own_desk, Role.AGENT) as one:
        await own_desk.session.store.pool.execute(NAMED_ALIKE)
        found = await one.get("/orders", params={"text": "c-3601"})
        assert found.headers.get("location") == "/orders/allectra/ALL-0004"
        narrowed = {"text": "c-3601", "seller": "gandalf"}
        assert 'href="/orders/gandalf/' in (await one.get("/orders", params=narrowed)).text


async def test_a_search_for_the_number_of_one_order_goes_there(opened: Opened):
    """`/` goes to the search."""
    page = await opened("/orders", Role.AGENT)
    await page.keyboard.press("/")
    await page.keyboard.type("SWE-001")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Orders").wait_for()
    assert await page.locator("tbody tr").count() == 10


async def test_a_search_goes_to_the_order_of_any_number_that_people_have(desk: Desk) -> None:
    """Tracking, invoice, RMA; a customer of several orders, and a part of a number, list them."""
    async with signed_in(desk, Role.AGENT) as one:
        for text, order in (
            ("ALL-0004", ORDER), (" ALL-0004 ", ORDER), ("SE35546047044", ORDER),
            ("c-3601", ORDER), ("all-0004", ORDER), ("#ALL-0004", ORDER), ("C-3601", ORDER),
            ("se 3554 6047 044", ORDER),
        ):  # fmt: skip
            found = await one.get("/orders", params={"text": text})
            assert found.headers.get("location") == order, text
        for part in ("SE3554604704", "ALL-000"):  # whose is heard in part is nobody's yet
            assert "data-row" in (await one.get("/orders", params={"text": part})).text, part
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


async def test_an_order_typed_without_its_seller_is_searched_for(desk: Desk) -> None:
    async with signed_in(desk, Role.AGENT) as one:
        found = await one.get("/orders/ALL-0004")
        assert (found.status_code, found.headers["location"]) == (303, "/orders?text=ALL-0004")
        missing = (await one.get("/orders/allectra/ALL-9999")).text
        assert "has no order" in missing
        assert "villkor orders" not in missing
