"""The pictures of the console that README shows: `python -m tests.console.screenshots`.

Taken in Chromium, of the demo at its present.
"""

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from adapters.terms import clauses
from adapters.access import Role
from adapters.cli.demo import NOW, told
from adapters.cli.session import opened
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked
from adapters.http.server import listening
from adapters.ledger import sums
from adapters.log import configure
from adapters.settings import Settings
from adapters.tokens import Signed, create
from tests.asked import desk_on
from tests.console.conftest import CHROMIUM
from tests.readme import ROOT

FOLDER = ROOT / "deploy" / "screenshots"
WIDE, PHONE = (1280, 900), (390, 844)
LOCALE = "sv-SE"
"""Of the browser, whose fields of dates show them as they are said here, where it has the words
(Debian: chromium-l10n)."""
COLOURS = 256
"""Of a file: enough for all grounds, words and signs, which are the most frequent; of the edges of
letters those that are rare take the nearest."""


class Shot(NamedTuple):
    """A picture of a page, by who sees it; of the screen that begins at `part`, if it is said."""

    name: str
    path: str
    role: Role = Role.AUDITOR
    part: str = ""

    def file(self, look: str) -> Path:
        return FOLDER / f"{self.name}-{look}.png"


class Look(NamedTuple):
    """How a page is looked at."""

    scheme: Literal["light", "dark"]
    size: tuple[int, int]


LOOKS = {
    "light": Look("light", WIDE), "dark": Look("dark", WIDE),
    "phone": Look("light", PHONE), "phone-dark": Look("dark", PHONE),
}  # fmt: skip
ORDER = "/orders/allectra/ALL-0004"
SHOTS = (
    Shot("order", ORDER), Shot("strip", ORDER, part="#happened"), Shot("deadlines", "/sla"),
    Shot("decisions", "/decisions", Role.AGENT), Shot("balances", "/ledger?seller=allectra"),
    Shot("statement", "/ledger/1510?seller=allectra&month=2026-09"),
    Shot("terms", "/terms/allectra"), Shot("replay", "/replay"),
    Shot("letters", "/dead-letters", Role.OPERATOR),
)  # fmt: skip
ON_A_PHONE = ("order", "deadlines", "decisions")
"""What people look at on their way, too."""


def shown(look: str) -> list[Shot]:
    """What is shown in a look."""
    return [shot for shot in SHOTS if "phone" not in look or shot.name in ON_A_PHONE]


@asynccontextmanager
async def demo() -> AsyncIterator[Desk]:
    """A desk on the demo, what pages show sums of added up."""
    with tempfile.TemporaryDirectory(prefix="villkor-shots-", ignore_cleanup_errors=True) as home:
        settings = Settings(home=Path(home), now=NOW, log="console:error")
        async with opened(settings) as session:
            await told(session)
            for one in (clauses, sums):
                await one.add_up(session.store.pool)
            async with desk_on(session.store.dsn) as desk:
                yield desk


async def taken(page: Page, shot: Shot, file: Path) -> None:
    """One picture."""
    await page.goto(shot.path)
    await page.wait_for_load_state("networkidle")
    if shot.part:
        await page.locator(shot.part).evaluate("(one) => scrollTo(0, one.offsetTop - 12)")
    await page.screenshot(path=file)
    with Image.open(file) as picture:
        few = smaller(picture.convert("RGB"))
    few.save(file, optimize=True)


def smaller(picture: Image.Image) -> Image.Image:
    """A picture of its most frequent colours, each as it is; what is rare takes the nearest."""
    pixels: list[tuple[int, int, int]] = list(picture.getdata())
    counted = Counter(pixels)
    kept = [colour for colour, _ in counted.most_common(COLOURS)]
    place = {colour: number for number, colour in enumerate(kept)}
    for colour in counted.keys() - place.keys():
        place[colour] = place[min(kept, key=partial(_apart, colour))]
    few = Image.new("P", picture.size)
    few.putpalette(bytes(chain.from_iterable(kept)))
    few.putdata([place[one] for one in pixels])
    return few


def _apart(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    """How far two colours are apart."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


@asynccontextmanager
async def signed_in(browser: Browser, base: str, secret: str, look: Look) -> AsyncIterator[Page]:
    """A page of somebody with a token, looked at in a way."""
    width, height = look.size
    context = await browser.new_context(
        base_url=base, color_scheme=look.scheme, locale=LOCALE,
        viewport={"width": width, "height": height},
    )  # fmt: skip
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.get_by_label("Your token").fill(secret)
    await page.get_by_role("button", name="Sign in").click()
    yield page
    await context.close()


async def main() -> None:
    configure("console:error")
    FOLDER.mkdir(exist_ok=True)
    signed = Signed("Tess", "pictures")
    async with demo() as desk, async_playwright() as playwright, listening(
        application(asked(desk)), ("127.0.0.1", 0)
    ) as port:  # fmt: skip
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-lcd-text"],
            env={**os.environ, "LANGUAGE": LOCALE.partition("-")[0]},
        )
        store, base = desk.session.store, f"http://127.0.0.1:{port}"
        for role in sorted({shot.role for shot in SHOTS}):
            made = await create(store, role, role, (), signed, NOW)
            for look, how in LOOKS.items():
                async with signed_in(browser, base, made.secret, how) as page:
                    for shot in (one for one in shown(look) if one.role == role):
                        await taken(page, shot, shot.file(look))
                        print(shot.file(look).relative_to(ROOT), file=sys.stderr)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
