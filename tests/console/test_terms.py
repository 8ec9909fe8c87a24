"""Terms in a real browser: editions by date, a contract, two side by side, a clause."""

import csv
import re
from io import StringIO

import pytest

from adapters.terms import clauses, outcomes
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
    assert "Decided 8 fees of 3 560.00 SEK (one of them: ALL-" in told
    contents = await page.locator(".contents li").all_inner_texts()
    assert all(re.search(r"[a-zåäö]{2}", one, re.IGNORECASE) for one in contents), contents
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
    told = await page.locator("li", has_text="8 fees of").inner_text()
    assert "3 560.00 SEK, one of them: ALL-" in told.replace("\u202f", " ")
    await page.locator("li", has_text="8 fees of").get_by_role("link").click()
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
        told = (await one.get("/terms?text=Transport+damage")).text
        assert re.search(r'"/terms/clause/ALL-6.5-10">ALL-6.5-10</a></th><td>allectra</td>', told)
        assert "Hidden transport damage must be reported" in told
        assert "ALL-2.4-4" not in told  # damages, and no transport
        many = (await one.get("/terms?text=the")).text
        assert many.count("<tr data-row>") == 50
        assert "the first 50 of which are here" in many
        none = (await one.get("/terms", params={"text": "<zzz>"})).text
        assert "No clause has every one of these words." in none
        assert "<zzz>" not in none
        order = (await one.get("/orders/nordkabel/NOR-0029")).text
        assert 'marketplace=allectra">the terms of allectra</a>, on which nordkabel sells.' in order
        assert "It is under" not in (await one.get("/orders/allectra/ALL-0004")).text
        for path in ("/terms/nobody", "/terms/allectra/1999-01-01", "/terms/allectra/ffffffffff",
                     "/terms/allectra/tomorrow", "/terms/clause/XXX-1",
                     "/terms/allectra/compare?a=x&b=2024-01-01"):  # fmt: skip
            assert (await one.get(path)).status_code == 404, path


async def test_links_between_editions_keep_the_marketplace(desk: Desk):
    """Also to what changed, and from there back; nothing else of the query goes along."""
    async with signed_in(desk, Role.AGENT) as one:
        for path in ("/terms/sweeto/2024-01-01", "/terms/sweeto/compare"):
            told = (await one.get(path, params={"marketplace": "allectra", "all": "1"})).text
            links = re.findall(r'href="(/terms/sweeto/[^"]*)"', told)
            assert links
            assert all(link.endswith("marketplace=allectra") for link in links), links


async def test_every_order_that_a_clause_decided_can_be_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as are counted, page by page and as a file, of the sellers of who asks."""
    pool = desk.session.store.pool
    await clauses.add_up(pool)
    [counted] = (await clauses.counts(pool, ["ALL-6.4-3"]))["ALL-6.4-3"]
    sellers = await pool.fetch("select seller, standing, amount from clause_sums where clause = "
                               "'ALL-6.4-3' and seller in ('allectra', 'nordkabel')")  # fmt: skip
    assert sum(one["standing"] for one in sellers) == counted.standing
    at = "/terms/clause/ALL-6.4-3/decided?seller=allectra"
    row = r'<tr data-row><th scope="row"><a href="([^"]+)"'
    async with (
        signed_in(desk, Role.AUDITOR) as one,
        signed_in(desk, Role.AUDITOR, "sweeto") as other,
    ):
        assert at in (await one.get("/terms/clause/ALL-6.4-3")).text
        whole = re.findall(row, (await one.get(at)).text)
        rows = list(csv.DictReader(StringIO((await one.get(f"{at}&format=csv")).text)))
        monkeypatch.setattr(outcomes, "LOOKED", 7)
        paged, next_ = [], at
        while next_:
            text = (await one.get(next_)).text
            paged += re.findall(row, text)
            found = re.search(r'<a href="([^"]+)" rel="next"', text)
            next_ = found and found[1].replace("&amp;", "&")
        assert (await other.get(at)).status_code == 403
        assert (await one.get("/terms/clause/ALL-99/decided")).status_code == 404
    assert paged == whole
    [(_, standing, amount)] = [one for one in sellers if one["seller"] == "allectra"]
    assert len(whole) == len(rows) == standing
    assert f"{sum(float(row['amount']) for row in rows):.2f}" == f"{amount / 100:.2f}"


async def test_clauses_are_listed_by_what_is_done_about_them(desk: Desk) -> None:
    """What each word means is said; sellers without terms of their own are among the others."""
    async with signed_in(desk, Role.AGENT) as one:
        overview = (await one.get("/terms")).text
        number = int(re.findall(r'place=not_computable">(\d+) not computable', overview)[0])
        only = await one.get("/terms/allectra?place=not_computable", follow_redirects=True)
        wrong = await one.get("/terms/allectra/2026-06-19?place=x")
    assert "a person must look" in overview
    assert '<h2><a href="/terms/nordkabel?marketplace=allectra">nordkabel</a></h2>' in overview
    assert len(re.findall('class="clause not_computable"', only.text)) == number > 0
    assert 'class="clause enforced"' not in only.text
    assert "under all editions" in only.text
    assert wrong.status_code == 422
