"""Replay in a real browser: standing, verifying with its differences, rebuilding, and what-if."""

import asyncio

import pytest

from adapters.access import Role
from adapters.background import Background
from adapters.clock import Clock
from adapters.console import replay
from adapters.http.desk import Desk
from adapters.processes import Progress
from domain.errors import Guarded, VillkorError
from tests.console.conftest import Opened

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
    """Its progress comes by itself; at the end each difference leads to its order."""
    await own_desk.session.store.pool.execute(CHANGED)
    real, going = replay.verify, asyncio.Event()

    async def watched(*given, progress: Progress, processes: int):
        progress(7, 4_321)
        await going.wait()
        return await real(*given, progress=progress, processes=1)

    monkeypatch.setattr(replay, "verify", watched)
    page = await own_opened("/replay", Role.AUDITOR)
    await page.get_by_role("button", name="Verify the whole log").click()
    await page.get_by_text("7 of 4\u202f321 events").wait_for()
    assert await page.get_by_role("button", name="Verify the whole log").count() == 0
    with pytest.raises(Guarded, match="verifying is at work"):
        own_desk.background.begin("another", "Tess", lambda _: asyncio.sleep(0))
    going.set()
    await page.get_by_text("1 difference", exact=True).wait_for(timeout=60_000)
    row = page.locator(".differences tbody tr")
    assert "445.00" in await row.inner_text()
    assert "446.00" in await row.inner_text()
    await row.get_by_role("link", name="ALL-0004").click()
    await page.wait_for_url("**/orders/allectra/ALL-0004*")


async def test_a_rebuild_wants_its_word_and_makes_the_rows_anew(own_opened: Opened, own_desk: Desk):
    """Also without scripts; only for operators. What was changed beside the log is gone."""
    await own_desk.session.store.pool.execute(CHANGED)
    page = await own_opened("/replay", Role.OPERATOR, java_script_enabled=False)
    button = page.get_by_role("button", name="Rebuild the read models")
    await page.get_by_label("Type rebuild to confirm").fill("yes")
    async with page.expect_response("**/replay/rebuild") as refused:
        await button.click()
    assert (await refused.value).status == 422
    assert own_desk.background.work is None
    await page.get_by_label("Type rebuild to confirm").fill("rebuild")
    await button.click()
    assert own_desk.background.task is not None
    await own_desk.background.task
    await page.goto("/replay")
    assert "Writers were held" in await page.locator("#work").inner_text()
    fees = "select fees from orders where order_id = 'ALL-0004'"
    assert await own_desk.session.store.pool.fetchval(fees) == 44500


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
    """Krona, accounts that come to 0, and orders that lead to stepping through them."""
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
    await row.get_by_role("link", name="from event 1").click()
    await page.wait_for_url("**/orders/allectra/ALL-0004/steps/1")


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
