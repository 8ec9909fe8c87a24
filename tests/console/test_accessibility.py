"""Every page, for everybody: WCAG A and AA by axe-core, light and dark, wide and narrow; keys."""

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from adapters.access import Role
from tests.console.conftest import Opened
from tests.console.test_sessions import routes

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
         "resultTypes": ["violations"]}  # fmt: skip
LOOKS = (("light", 1280), ("dark", 390))
LEFT_OUT = re.compile(r"download|/export|/sla/board|/replay/work|/live|/follow|\.csv|/sign-in$")
"""Files, and parts of pages that are looked at within them."""
MORE = ("/replay/what-if?seller=allectra&reading=allectra-unclaimed-freight%3Dround_trip",
        "/orders?seller=sweeto", "/sla?band=past_due", "/ledger?seller=allectra&month=2026-09",
        "/orders/allectra/ALL-0004?as_of=2026-09-07T18:00", "/dead-letters/1?payload=bare",
        "/orders?after=x", "/nowhere")  # fmt: skip
PAGES = sorted({path for path in routes("GET") if not LEFT_OUT.search(path)} | {*MORE})
ROLES = {"/ledger": Role.ACCOUNTANT, "/decisions": Role.ACCOUNTANT}
SKELETON = """() => ({
    titles: document.title, h1: document.querySelectorAll("h1").length,
    main: document.querySelectorAll("main").length, nav: document.querySelectorAll("nav").length,
    banner: document.querySelectorAll("body > header").length,
    signedIn: document.querySelector(".out") !== null, lang: document.documentElement.lang,
    wide: document.documentElement.scrollWidth,
})"""
FOCUSED = """() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    return {
        name: at.tagName + " " + (at.getAttribute("href") || at.getAttribute("name")
            || at.innerText || "").slice(0, 60),
        seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
            || at.closest(".strip") !== null || (at.type || "").startsWith("date"),
        drawn: box.width > 0 && box.height > 0, body: at === document.body,
    };
}"""


def by_role() -> dict[Role, list[str]]:
    """The pages, by who opens them: an operator where nobody else is needed."""
    found: dict[Role, list[str]] = {}
    for path in PAGES:
        role = next((role for at, role in ROLES.items() if path.startswith(at)), Role.OPERATOR)
        found.setdefault(role, []).append(path)
    return found


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ACCOUNTANT])
async def test_no_page_keeps_anybody_out(opened: Opened, role: Role) -> None:
    """No violation of WCAG A or AA; one heading, a title, landmarks; nothing scrolls sideways."""
    page, faults = await opened("/orders", role), list[str]()
    for path in by_role()[role]:
        await page.goto(path)
        for scheme, width in LOOKS:
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": 900})
            at = f"{path} {scheme} {width}"
            faults += [f"{at}: {one}" for one in await violations(page)]
            faults += [f"{at}: {one}" for one in misshapen(await page.evaluate(SKELETON), width)]
    assert "\n".join(faults) == ""


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page, options=RULES)
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]}"
        for one in found.response["violations"] for node in one["nodes"][:3]
    ]  # fmt: skip


def misshapen(one: dict[str, Any], width: int) -> list[str]:
    """What a page lacks of its skeleton."""
    return [
        fault for fault, wrong in (
            (f"{one['h1']} h1", one["h1"] != 1), ("no title", "Villkor" not in one["titles"]),
            ("no main", one["main"] != 1), ("no nav", one["nav"] < 1 and one["signedIn"]),
            ("no header", one["banner"] != 1), ("no language", one["lang"] != "en"),
            (f"{one['wide']} px wide", one["wide"] > width),
        ) if wrong
    ]  # fmt: skip


@pytest.mark.parametrize(("path", "act"), [
    ("/dead-letters/1", "BUTTON Retry as it came"), ("/replay", "BUTTON Rebuild the read models"),
    ("/orders", "BUTTON Show"), ("/replay/what-if", "BUTTON Decide again"),
])  # fmt: skip
async def test_by_keys_alone_every_act_is_reached_and_its_focus_seen(
    opened: Opened, path: str, act: str
) -> None:
    page = await opened(path, Role.OPERATOR)
    names = []
    for _ in range(400):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(FOCUSED)
        if focused["body"]:
            break
        assert focused["seen"], focused["name"]
        assert focused["drawn"], focused["name"]
        names.append(focused["name"])
    assert names[0] == "A #main"
    assert act in names
    assert names.index(act) > names.index("INPUT text")


async def test_the_page_of_signing_in_keeps_nobody_out(opened: Opened) -> None:
    page = await opened("/orders", Role.AGENT)
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_label("Your token").wait_for()
    for scheme, width in LOOKS:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 900})
        assert await violations(page) == []
