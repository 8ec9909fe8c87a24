"""Terms in a real browser: editions by date, a contract, two side by side, a clause."""

import re

from adapters.terms import clauses
from adapters.access import Role
from adapters.http.desk import Desk
from tests.console.conftest import Opened
from tests.console.test_sessions import signed_in


async def test_a_lawyer_reads_an_edition_and_what_changed(opened: Opened, desk: Desk):
    """By keyboard to an edition; each clause with its place, its counts and its examples."""
    await clauses.add_up(desk.session.store.pool)
    page = await opened("/terms", Role.AGENT)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/terms/allectra/2026-06-19")
    fee = page.locator("[id='ALL-6.4-3']")
    told = re.sub(r"\s+", " ", await fee.inner_text())
    assert "A package not collected is charged a fee of at least SEK 350" in told
    assert "enforced by unclaimed, uncollected" in told
    assert "Decided 8 fees of 3 560.00 SEK." in told
    await fee.locator("summary").click()
    told = await fee.inner_text()
    assert "unclaimed.floor = 350.00" in told
    assert "Unclaimed parcel, ordinary delivery: fee unclaimed 445.00" in told
    assert "allectra-unclaimed-freight read as return_leg" in told
    told = await page.locator("[id='ALL-0-4']").inner_text()
    assert "not computable praise of the shop" in told.replace("\n", " ")
    shown = page.locator(".clause.shown").first
    assert "shown to the " in (await shown.inner_text()).replace("\n", " ")
    await page.get_by_role("link", name="What changed").click()
    assert "1 value changed" in await page.locator("main").inner_text()
    assert await page.locator("tbody th code").all_inner_texts() == ["law.withdrawal.function"]
    await page.locator("select[name=a]").select_option("2022-01-01")
    await page.locator("select[name=b]").select_option("2022-05-01")
    await page.get_by_role("button", name="Compare").click()
    row = page.locator("tbody tr", has_text="law.sale.presumption")
    assert [await row.locator(one).inner_text() for one in ("del", "ins", ".badge")] == [
        "months 6", "months 24", "changed",
    ]  # fmt: skip
    await page.get_by_label("also what did not change").check()
    await page.get_by_role("button", name="Compare").click()
    await page.locator("tbody tr", has_text="unclaimed.floor").get_by_role("link").first.click()
    assert await page.get_by_role("heading", level=1).inner_text() == "ALL-6.4-3"
    await page.get_by_role("link", name="8 fees").click()
    await page.wait_for_url(re.compile(r"/orders/allectra/ALL-\d+#e\d+$"))


async def test_a_contract_prints_as_one(opened: Opened):
    """Neither heads nor links nor folds: clauses, and what enforces each."""
    page = await opened("/terms/sweeto/2024-01-01", Role.AUDITOR)
    await page.emulate_media(media="print")
    for gone in (".top", ".contents", ".pages", ".clause details"):
        assert not await page.locator(gone).first.is_visible(), gone
    for there in ("h1", ".clause .rule", ".clause .badge"):
        assert await page.locator(there).first.is_visible(), there
    assert await page.get_by_role("heading", name="Ångerrätt").count() == 1
    assert await page.get_by_role("heading", name="Terms of payson").count() == 1
    assert len(await page.pdf(format="A4")) > 10_000


async def test_terms_lead_to_each_other_without_a_browser(desk: Desk):
    """Every edition and clause that a page names is there; what is not is a page that says so."""
    async with signed_in(desk, Role.AGENT) as one:
        today = (await one.get("/terms/nordkabel")).headers["location"]
        assert today == "/terms/nordkabel/2026-11-20"
        answer = await one.get(today)
        assert "Terms of nordkabel on allectra" in answer.text
        found = set(re.findall(r'href="(/terms/[^"#]+)"', (await one.get("/terms")).text))
        assert len(found) > 40
        for path in found:
            answer = await one.get(path.replace("&amp;", "&"), follow_redirects=True)
            assert answer.status_code == 200, path
        text = (await one.get("/terms/allectra/2024-01-01")).text
        hash = re.search(r"Edition <code>([0-9a-f]{12})</code>", text)
        assert hash is not None
        assert (await one.get(f"/terms/allectra/{hash[1]}")).status_code == 200
        for path in ("/terms/clause/BFL-7:2", "/terms/clause/allectra-unclaimed-freight"):
            assert (await one.get(path)).status_code == 200, path
        for path in ("/terms/nobody", "/terms/allectra/1999-01-01", "/terms/allectra/ffffffffff",
                     "/terms/allectra/tomorrow", "/terms/clause/XXX-1",
                     "/terms/allectra/compare?a=x&b=2024-01-01"):  # fmt: skip
            assert (await one.get(path)).status_code == 404, path
