"""The console in a real browser: Debian's Chromium, driven by Playwright, on the demo."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from adapters.access import Role
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked
from adapters.http.server import listening
from tests.asked import desk_on, token

CHROMIUM = os.environ.get("VILLKOR_TEST_CHROMIUM") or shutil.which("chromium")
Opened = Callable[..., Awaitable[Page]]
"""`await opened("/sla", Role.AGENT, "sweeto")`: a page, signed in in that role for a seller."""


@pytest.fixture
async def desk(demo: str) -> AsyncIterator[Desk]:
    """A desk on the demo that these tests read and never write (but for tokens)."""
    async with desk_on(demo) as one:
        yield one


@pytest.fixture
async def own_desk(demo_copy: str) -> AsyncIterator[Desk]:
    """A desk on a demo of the test's own."""
    async with desk_on(demo_copy) as one:
        yield one


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield one
        await one.close()


@pytest.fixture
async def opened(browser: Browser, desk: Desk) -> AsyncIterator[Opened]:
    """Opens pages of the demo; what the browser complains of fails the test."""
    async for one in opening(browser, desk):
        yield one


@pytest.fixture
async def own_opened(browser: Browser, own_desk: Desk) -> AsyncIterator[Opened]:
    """Opens pages of a demo of the test's own, for acts."""
    async for one in opening(browser, own_desk):
        yield one


async def opening(browser: Browser, desk: Desk) -> AsyncIterator[Opened]:
    complaints: list[str] = []
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            listening(application(asked(desk)), ("127.0.0.1", 0))
        )

        async def open_(path: str, role: Role, *sellers: str, **context: object) -> Page:
            made = await browser.new_context(base_url=f"http://127.0.0.1:{port}", **context)
            page = await made.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda told: complaints.append(told.text) if _complains(told) else None,
            )
            await page.goto("/sign-in")
            await page.get_by_label("Your token").fill(await token(desk, role, *sellers))
            await page.get_by_role("button", name="Sign in").click()
            await page.goto(path)
            return page

        yield open_
        for context in browser.contexts:
            await context.close()
    assert complaints == []


async def name_of(page: Page) -> str:
    """The name of the token with which a page is signed in."""
    return (await page.locator(".out span").inner_text()).rpartition(",")[0]


def _complains(told: ConsoleMessage) -> bool:
    """Whether the browser found a fault; that a form was refused (404, 409, 422) is none, nor that
    a part that renews itself was not answered (503).
    """
    refused = re.search(r"responded with a status of (404|409|422) ", told.text)
    away = " 503 " in told.text and "/sla/board" in told.location["url"]
    return told.type == "error" and refused is None and not away
