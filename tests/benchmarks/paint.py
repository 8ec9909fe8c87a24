"""How soon pages of the console are seen: first contentful paint in Chromium, page by page.

The program that serves, the database and the browser share the machine. The browser has the
stylesheet already, as people's have.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

from playwright.async_api import Page, async_playwright

from adapters.access import Role
from adapters.http.app import application
from adapters.http.serve import asked
from adapters.http.server import listening
from tests.asked import desk_on, token
from tests.benchmarks.pages import Key
from tests.console.conftest import CHROMIUM

PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
    for (const one of list.getEntries())
        if (one.name === "first-contentful-paint") done(one.startTime);
}).observe({type: "paint", buffered: true}))"""


async def paints(log: str, one: Key, times: int) -> dict[str, list[float]]:
    """Milliseconds of each page, each opened so many times: the median, and the longest."""
    found = {}
    async with seen(log) as page:
        for name, path in addresses(*one).items():
            took = [await painted(page, path) for _ in range(times)]
            found[name] = [median(took), max(took)]
    return found


@asynccontextmanager
async def seen(log: str) -> AsyncIterator[Page]:
    """A page of somebody who may see all."""
    async with desk_on(log) as desk, async_playwright() as playwright, listening(
        application(asked(desk)), ("127.0.0.1", 0)
    ) as port:  # fmt: skip
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(base_url=f"http://127.0.0.1:{port}")
        await page.goto("/sign-in")
        await page.get_by_label("Your token").fill(await token(desk, Role.AUDITOR))
        await page.get_by_role("button", name="Sign in").click()
        yield page
        await browser.close()


def addresses(seller: str, order: str) -> dict[str, str]:
    """The pages, by what they show."""
    return {
        "orders": "/orders", "search": f"/orders?text={order}",
        "a seller's orders": f"/orders?seller={seller}",
        "delivered orders": "/orders?status=delivered", "order": f"/orders/{seller}/{order}",
        "step": f"/orders/{seller}/{order}/steps/3", "deadlines": "/sla",
        "past due of a seller": f"/sla?seller={seller}&band=past_due", "decisions": "/decisions",
        "ledger": "/ledger", "statement": f"/ledger/1510?seller={seller}",
        "terms": f"/terms/{seller}", "replay": "/replay", "dead letters": "/dead-letters",
    }  # fmt: skip


async def painted(page: Page, path: str) -> float:
    """Milliseconds until something of a page is seen."""
    answer = await page.goto(path)
    assert answer is not None
    if not answer.ok:
        raise RuntimeError(f"{path} is answered with {answer.status}")
    return float(await page.evaluate(PAINTED))
