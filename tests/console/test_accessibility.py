"""Every page, for everybody: WCAG A and AA by axe-core, light and dark, wide and narrow; keys."""

import re
from pathlib import Path
from typing import Any, Literal

import pytest
import axe_playwright_python  # type: ignore[import-untyped]
from playwright.async_api import Page

from adapters.access import Role
from tests.console.conftest import Opened
from tests.console.test_sessions import routes

AXE = (Path(axe_playwright_python.__path__[0]) / "axe.min.js").read_text("utf-8")
RULES: dict[str, object] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}  # fmt: skip
WHOLE = RULES | {"rules": {"color-contrast": {"enabled": False}}}
"""For all of a page at once: colours are looked at row by row of each kind."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (390, 1280)
LEFT_OUT = re.compile(
    r"download|/export|/sla/board|/replay/work|/live|/follow|\.csv|\.json|/late$|/sign-in$"
)
"""Files, and parts of pages that are looked at within them."""
MORE = ("/replay/what-if?seller=allectra&reading=allectra-unclaimed-freight%3Dround_trip",
        "/orders?seller=sweeto", "/sla?band=past_due", "/ledger?seller=allectra&month=2026-09",
        "/orders/allectra/ALL-0004?as_of=2026-09-07T18:00", "/dead-letters/1?payload=bare",
        "/orders?after=x", "/orders/allectra/none", "/nowhere")  # fmt: skip
PAGES = sorted({path for path in routes("GET") if not LEFT_OUT.search(path)} | {*MORE})
REFUSED = {"/nowhere": 404, "/orders?after=x": 422, "/orders/allectra/none": 404}
"""What pages of errors are answered with."""
ROLES = {"/ledger": Role.ACCOUNTANT, "/decisions": Role.ACCOUNTANT}
SKELETON = """() => ({
    titles: document.title, h1: document.querySelectorAll("h1").length,
    main: document.querySelectorAll("main").length, nav: document.querySelectorAll("nav").length,
    banner: document.querySelectorAll("body > header").length,
    signedIn: document.querySelector(".out") !== null, lang: document.documentElement.lang,
    wide: document.documentElement.scrollWidth,
})"""
RUN = """async (rules) => (await axe.run(rules)).violations.flatMap((one) =>
    one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.target} ${node.html.slice(0, 120)}`))"""
# A row is of a kind with another whose elements have the same names and classes.
ONE_OF_A_KIND = """() => {
    const named = (at) => `${at.tagName}.${at.getAttribute("class")}`;
    const seen = new Map();
    for (const row of document.querySelectorAll("tr, li, option, .clause, .question, .strip a")) {
        const inside = new Set([...row.querySelectorAll("*")].map(named));
        const path = [];
        for (let at = row; at; at = at.parentElement) path.push(named(at));
        const kind = [...path, "", ...[...inside].sort()].join(" ");
        seen.set(kind, (seen.get(kind) || 0) + 1);
        if (seen.get(kind) > 2) row.remove();
    }
}"""
FOCUSED = """() => {
    const at = document.activeElement;
    const strip = at.closest(".strip");
    const style = getComputedStyle(at), hit = strip && getComputedStyle(at.querySelector(".hit"));
    const box = at.getBoundingClientRect();
    return {
        name: at.tagName + " " + (at.getAttribute("href") || at.getAttribute("name")
            || at.innerText || "").slice(0, 60),
        seen: strip ? hit.stroke !== "none" && parseFloat(hit.strokeWidth) >= 2
            : style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
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
        answer = await page.goto(path)
        assert answer is not None
        if answer.status != REFUSED.get(path, 200):
            faults.append(f"{path}: {answer.status}")
        faults += [f"{path}: {one}" for one in await at_fault(page)]
    assert "\n".join(faults) == ""


async def at_fault(page: Page) -> list[str]:
    """What is wrong with a page: all of it once, then in each look one of each kind of row."""
    faults = []
    await page.evaluate(AXE)
    faults += await violations(page, WHOLE)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        faults += [f"{width}: {one}" for one in misshapen(await page.evaluate(SKELETON), width)]
    await page.evaluate(ONE_OF_A_KIND)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            faults += [f"{scheme} {width}: {one}" for one in await violations(page, RULES)]
    return faults


async def violations(page: Page, rules: dict[str, object]) -> list[str]:
    found: list[str] = await page.evaluate(RUN, rules)
    return found


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
    ("/orders/allectra/ALL-0004", "a #e1"),
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
    assert await at_fault(page) == []
