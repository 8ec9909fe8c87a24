"""Replay in a real browser: standing, verifying with its differences, rebuilding, and what-if."""

import asyncio
import re

import asyncpg
import pytest

from adapters.access import Role
from adapters.background import Background
from adapters.cli.demo import NOW
from adapters.clock import Clock
from adapters.console import replay
from adapters.http.desk import Desk
from adapters.processes import Progress
from adapters.rules import rules_digest
from adapters.terms import TERMS, text_of
from adapters.what_if import Change, Differs, Found, Moved, WhatIf
from adapters.what_if.supposed import Question
from adapters.verify.protected import UNPROTECTED
from domain.errors import Guarded, VillkorError
from tests.console.conftest import Opened
from tests.console.test_sessions import signed_in

FEES = "select fees from orders where order_id = 'ALL-0004'"
CHANGED = "update orders set fees = fees + 100 where order_id = 'ALL-0004'"


async def test_every_read_model_has_its_version_position_and_lag(opened: Opened, desk: Desk):
    page = await opened("/replay", Role.AUDITOR)
    events = await desk.session.store.pool.fetchval("select count(*) from events")
    shown = f"{events:,}".replace(",", "\u202f")
    assert await page.locator(".big").first.inner_text() == shown
    rows = await page.locator("[aria-labelledby=models] tbody tr").all_inner_texts()
    for name in ("timeline", "ledger", "sla", "orders", "parcels"):
        [row] = [one for one in rows if one.startswith(f"{name} ")]
        assert "current" in row
        assert shown in row
    assert any("sums of the ledger" in row for row in rows)
    assert await page.get_by_role("button", name="Rebuild the read models").count() == 0


async def test_verifying_says_how_far_it_is_and_leads_to_what_differs(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """Its progress comes by itself, and at the end all of the page; each difference leads to its
    order. Sent again, the form begins nothing anew.
    """
    await own_desk.session.store.pool.execute(CHANGED)
    real, going = replay.verify, asyncio.Event()

    async def watched(*given, progress: Progress, processes: int):
        progress(7, 4_321)
        await going.wait()
        return await real(*given, progress=progress, processes=1)

    monkeypatch.setattr(replay, "verify", watched)
    page = await own_opened("/replay", Role.AUDITOR)
    card = page.locator("form[action='/replay/verify']")
    fields = {one: await card.locator(f"[name={one}]").input_value() for one in ("csrf", "id")}
    await page.get_by_role("button", name="Verify the whole log").click()
    await page.get_by_text("7 of 4\u202f321 events").wait_for()
    assert await page.get_by_role("button", name="Verify the whole log").count() == 0
    with pytest.raises(Guarded, match="verifying is at work"):
        own_desk.background.begin("another", "Tess", lambda _: asyncio.sleep(0))
    going.set()
    await page.get_by_text("1 difference", exact=True).wait_for(timeout=60_000)
    assert await page.get_by_role("button", name="Verify the whole log").count() == 1
    work = own_desk.background.work
    assert (await page.request.post("/replay/verify", form=fields)).status == 200
    assert own_desk.background.work is work
    row = page.locator(".differences tbody tr")
    assert "445.00" in await row.inner_text()
    assert "446.00" in await row.inner_text()
    said = re.sub(r"\s+", " ", await page.locator("#verified").inner_text())
    events = await own_desk.session.store.pool.fetchval("select count(*) from events")
    assert f"up to event {events:,} ".replace(",", " ") in f"{said} ".replace("\u202f", " ")
    assert "no, not compared: a chain that was rewritten" in said
    assert re.search(r"\d\d:\d\d:\d\d CES?T to .* \d+\.\d s, by ", said)
    assert f"version {rules_digest()}" in said
    assert await page.locator("#verified.failed").count() == 1
    shown = await page.locator("#verified details").text_content()
    assert shown is not None
    assert all(one.reason in shown for one in UNPROTECTED)
    file = await page.request.get("/replay/verification.json")
    told = await file.json()
    assert (told["position"], told["heads_compared"]) == (events, False)
    assert [one["table"] for one in told["differences"]] == ["orders"]
    assert told["differences"][0]["found"] == {"fees": 446.0}
    await row.get_by_role("link", name="ALL-0004").click()
    await page.wait_for_url("**/orders/allectra/ALL-0004*")


async def _forge(pool: asyncpg.Pool) -> None:
    """An event of another order, as a superuser can."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "update events set meta = meta || ' ' where order_id = 'ALL-0001' and version = 2"
        )


async def test_a_rebuild_wants_its_word_and_makes_the_rows_anew(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """Also without scripts; only for operators. What was changed beside the log is gone.

    Where a chain is broken it goes on with a second word and a reason only, which the log keeps;
    the last verification stays, and says that the log has grown since.
    """
    monkeypatch.setattr(replay, "BESIDE", 1)
    pool, background = own_desk.session.store.pool, own_desk.background
    await pool.execute(CHANGED)
    page = await own_opened("/replay", Role.OPERATOR, java_script_enabled=False)
    await page.get_by_role("button", name="Verify the whole log").click()
    assert background.task is not None
    await background.task
    verified = background.work
    assert verified is not None
    await page.goto("/replay")
    button = page.get_by_role("button", name="Rebuild the read models")
    await page.get_by_label("Type rebuild to confirm").fill("yes")
    async with page.expect_response("**/replay/rebuild") as refused:
        await button.click()
    assert (await refused.value).status == 422
    assert background.work is verified
    await _forge(pool)
    for despite, reason, outcome in (
        ("", "", "does not fit the chain"), ("yes", "", "Type despite to go on although"),
        ("despite", "", "Say why it goes on"), ("despite", "looked into", "Writers were held"),
    ):  # fmt: skip
        await page.get_by_label("Type rebuild to confirm").fill("rebuild")
        if not await page.locator("form[action='/replay/rebuild'] details[open]").count():
            await page.get_by_text("Although a hash chain is broken").click()
        await page.get_by_label("Type despite to go on").fill(despite)
        await page.get_by_label("Reason").fill(reason)
        await button.click()
        if outcome in ("does not fit the chain", "Writers were held"):
            assert background.task is not None
            await background.task
            await page.goto("/replay")
        assert outcome in await page.locator("main").inner_text()
        if outcome == "does not fit the chain":
            assert await pool.fetchval(FEES) == 44600
    assert "1 difference" in await page.locator("#verified").inner_text()
    act = "select convert_from(body, 'UTF8') from events where type = 'ChainOverridden'"
    assert '"breaks":1' in await pool.fetchval(act)
    since = await pool.fetchval("select count(*) from events") - verified.result.position
    assert since >= 1
    await page.goto("/replay")
    said = await page.locator("#verified").inner_text()
    assert f"{since} event{'s were' if since > 1 else ' was'} appended since" in said
    assert await pool.fetchval(FEES) == 44500


async def test_what_is_at_work_can_be_cancelled(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    async def long(*_, progress: Progress, processes: int) -> None:
        progress(1, 2)
        await asyncio.Event().wait()

    monkeypatch.setattr(replay, "verify", long)
    page = await own_opened("/replay", Role.AUDITOR)
    await page.get_by_role("button", name="Verify the whole log").click()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_text("It was cancelled at 1 of 2 events").wait_for()
    assert await page.get_by_role("button", name="Verify the whole log").count() == 1


async def test_a_token_for_some_sellers_sees_no_work_and_begins_none(opened: Opened, desk: Desk):
    page = await opened("/replay", Role.OPERATOR, "sweeto")
    assert await page.locator("form[action^='/replay/']").count() == 0
    word = await page.locator("[name=csrf]").first.input_value()
    for act in ("verify", "rebuild", "cancel"):
        answer = await page.request.post(f"/replay/{act}", form={"csrf": word})
        assert answer.status == 403, act
    assert desk.background.work is None
    await page.goto("/replay/what-if")
    assert await page.locator("[name=seller] option").all_inner_texts() == ["choose", "sweeto"]


async def test_what_if_lists_the_rows_that_would_change(opened: Opened):
    """Krona, accounts that come to 0, and orders that lead to stepping through them, where a row
    without a link takes the focus too.
    """
    page = await opened("/replay", Role.AUDITOR)
    await page.get_by_role("link", name="ask what other terms would change").click()
    await page.locator("[name=seller]").select_option("allectra")
    reading = "allectra-unclaimed-freight=round_trip"
    await page.locator("[name=reading]").select_option(reading)
    await page.get_by_role("button", name="Decide again").click()
    row = page.locator("[aria-labelledby=orders] tr", has_text="ALL-0004")
    assert "445.00\t524.00" in await row.inner_text()
    total = page.locator("[aria-labelledby=kinds] tbody tr", has_text="unclaimed")
    assert "316.00" in await total.inner_text()
    assert "0.00" in await page.locator("[aria-labelledby=accounts] tfoot").inner_text()
    async with page.expect_download() as told:
        await page.get_by_role("link", name="Download as CSV").click()
    sheet = (await (await told.value).path()).read_text()
    assert sheet.startswith("\ufeffsupposed,allectra-unclaimed-freight read as round_trip\n")
    assert "ALL-0004,SEK,unclaimed,fee unclaimed:p1,otherwise,445.00,524.00" in sheet
    await row.get_by_role("link", name="both ways").click()
    pair = page.locator(".both section")
    assert await page.locator(".both").count() == 1
    for place, sum_, words in ((0, "445.00", "return leg"), (1, "524.00", "round trip")):
        text = await pair.nth(place).inner_text()
        assert f"in all\t{sum_}" in text
        assert f"“{words}”, not" in text.replace("return_leg", "return leg")
    await page.get_by_role("link", name="All orders of allectra").click()
    await row.get_by_role("link", name="from event 1").click()
    await page.wait_for_url("**/orders/allectra/ALL-0004/steps/1")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.matches('tr[data-row]')")
    assert await page.evaluate("document.activeElement.querySelector('a')") is None


async def test_a_draft_of_terms_is_asked_about_and_forgotten(opened: Opened, desk: Desk):
    """Pasted, or from a file, also without scripts; what is wrong with it is said beside it."""
    page = await opened("/replay/what-if", Role.AUDITOR, java_script_enabled=False)
    terms = text_of(TERMS / "allectra.toml")
    before = desk.book.edition("allectra", None, NOW.date()).hash
    editions = "select count(*) from editions"
    kept = await desk.session.store.pool.fetchval(editions)
    lowest = "floor        = [{ from = 2020-10-11, value = 350.00"
    assert terms.count(lowest) == 1
    dearer = terms.replace(lowest, lowest.replace("350", "360"))
    for draft, said in (
        ("x", "draft: allectra.toml: Expected"),
        (f"a{'.a' * 12_000} = 1", "draft: allectra.toml: a key has 5 dots at most (at line 1)"),
        (dearer, "would come out otherwise"),
    ):  # fmt: skip
        await page.locator("[name=seller]").select_option("allectra")
        if not await page.locator("details[open]").count():
            await page.locator("summary").click()
        await page.get_by_label("Or its text").fill(draft)
        await page.get_by_role("button", name="Decide again under the draft").click()
        assert said in await page.locator("main").inner_text()
        assert await page.get_by_label("Or its text").input_value() == draft.strip()
    rows = await page.locator("[aria-labelledby=orders] tbody tr").all_inner_texts()
    assert rows
    await page.get_by_label("Or its text").fill("")
    file = {"name": "allectra.toml", "mimeType": "text/plain", "buffer": dearer.encode()}
    await page.get_by_label("A file").set_input_files(file)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Decide again under the draft").click()
    assert await page.locator("[aria-labelledby=orders] tbody tr").all_inner_texts() == rows
    csrf = await page.locator("[name=csrf]").last.input_value()
    for sent, status in ((b"\xff\xfe", 422), (b"#" * 3_000_000, 413)):
        form = {"csrf": csrf, "seller": "allectra", "file": file | {"buffer": sent}}
        answer = await page.request.post("/replay/what-if", multipart=form)  # type: ignore[arg-type]
        assert answer.status == status
    assert desk.book.edition("allectra", None, NOW.date()).hash == before
    assert await desk.session.store.pool.fetchval(editions) == kept


async def test_a_question_that_supposes_nothing_is_answered_with_what_to_choose(opened: Opened):
    page = await opened("/sla", Role.AUDITOR)
    for query, said in (
        ("seller=allectra", "nothing is supposed"), ("seller=allectra&day=x", "is not a day"),
        ("seller=allectra&reading=x", "there is no reading"),
    ):  # fmt: skip
        answer = await page.request.get(f"/replay/what-if?{query}")
        assert answer.status == 422
        assert said in (await answer.text()).lower()


async def test_work_that_fails_says_why_and_what_nobody_expected_is_for_the_log():
    background = Background(Clock())

    async def failing(error: Exception) -> None:
        raise error

    for error, said in ((VillkorError("no room"), "no room"), (ValueError("?"), "the log of the")):
        work = background.begin("verifying", "Tess", lambda _, error=error: failing(error))
        assert background.task is not None
        await background.task
        assert work.stage == "failed"
        assert said in work.failure


async def test_what_would_be_owed_is_summed_in_each_currency(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kronor and euro are never one sum."""
    moved = [Moved(1510, 0, 100_00), Moved(3590, 0, -100_00)]
    differing = [
        Differs("allectra", f"ALL-{currency}", currency, [
            Change("unclaimed", "fee unclaimed:p1", "otherwise", "350.00", "450.00", 35000, 45000)
        ], moved) for currency in ("EUR", "SEK", "SEK")
    ]  # fmt: skip
    found = Found(orders=3, concerned=3, differing=differing)

    async def answered(_: object, __: object, question: Question, *___: object) -> WhatIf:
        return WhatIf(question, NOW, found, resumed=0)

    monkeypatch.setattr(replay, "what_if_of", answered)
    async with signed_in(desk, Role.AUDITOR) as one:
        page = await one.get("/replay/what-if?seller=allectra&day=2026-11-01")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    assert "fee, in all 350.00 450.00 100.00 EUR" in text
    assert "fee, in all 700.00 900.00 200.00 SEK" in text
    assert re.findall(r"Sum 0\.00 (\w+)", text) == ["EUR", "SEK"]
