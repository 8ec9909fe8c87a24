"""Signing in and out, and finding an order, in a real browser."""

from adapters.access import Role
from tests.console.conftest import Opened


async def test_a_search_for_the_number_of_one_order_goes_there(opened: Opened):
    """`/` goes to the search."""
    page = await opened("/orders", Role.AGENT)
    await page.keyboard.press("/")
    await page.keyboard.type("SWE-001")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Orders").wait_for()
    assert await page.locator("tbody tr").count() == 10
