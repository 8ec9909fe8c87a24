"""The pictures of the console that README shows: `python -m tests.console.screenshots`.

Taken in Chromium, of the demo at its present.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.async_api import Browser, async_playwright

from adapters.terms import clauses
from adapters.access import Role
from adapters.cli.demo import NOW, told
from adapters.cli.session import opened
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked
from adapters.http.server import listening
from adapters.log import configure
from adapters.settings import Settings
from adapters.tokens import Signed, create
from tests.asked import desk_on
from tests.console.conftest import CHROMIUM
from tests.readme import ROOT

FOLDER = ROOT / "deploy" / "screenshots"
WIDE, PHONE = (1280, 900), (390, 844)
COLOURS = 128
"""A page has few: files are a third as large, and nobody sees it."""


class Shot(NamedTuple):
    """A picture of a page."""

    name: str
    path: str
    scheme: Literal["light", "dark"]
    size: tuple[int, int] = WIDE

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.png"


ORDER, STATEMENT = "/orders/allectra/ALL-0004", "/ledger/1510?seller=allectra&month=2026-09"
SHOTS = (
    Shot("order-light", ORDER, "light"), Shot("order-dark", ORDER, "dark"),
    Shot("order-phone", ORDER, "light", PHONE),
    Shot("deadlines-light", "/sla", "light"), Shot("deadlines-dark", "/sla", "dark"),
    Shot("statement-light", STATEMENT, "light"), Shot("statement-dark", STATEMENT, "dark"),
    Shot("terms-light", "/terms/allectra", "light"), Shot("terms-dark", "/terms/allectra", "dark"),
    Shot("replay-light", "/replay", "light"), Shot("replay-dark", "/replay", "dark"),
)  # fmt: skip


@asynccontextmanager
async def demo() -> AsyncIterator[Desk]:
    """A desk on the demo, what pages show sums of added up."""
    with tempfile.TemporaryDirectory(prefix="villkor-shots-", ignore_cleanup_errors=True) as home:
        settings = Settings(home=Path(home), now=NOW, log="console:error")
        async with opened(settings) as session:
            await told(session)
            await clauses.add_up(session.store.pool)
            async with desk_on(session.store.dsn) as desk:
                yield desk


async def taken(browser: Browser, base: str, secret: str, shot: Shot) -> None:
    """One picture, of the first screen of its page, with few colours."""
    width, height = shot.size
    context = await browser.new_context(
        base_url=base, color_scheme=shot.scheme, viewport={"width": width, "height": height}
    )
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.get_by_label("Your token").fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    await page.goto(shot.path)
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=shot.file)
    await context.close()
    with Image.open(shot.file) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(shot.file, optimize=True)


async def main() -> None:
    configure("console:error")
    FOLDER.mkdir(exist_ok=True)
    async with demo() as desk, async_playwright() as playwright, listening(
        application(asked(desk)), ("127.0.0.1", 0)
    ) as port:  # fmt: skip
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        signed = Signed("Tess", "pictures")
        made = await create(desk.session.store, "tess", Role.AUDITOR, (), signed, NOW)
        for shot in SHOTS:
            await taken(browser, f"http://127.0.0.1:{port}", made.secret, shot)
            print(shot.file.relative_to(ROOT), file=sys.stderr)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
