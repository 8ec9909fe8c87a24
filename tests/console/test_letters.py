"""Dead letters in a real browser: why, the remedy, and the acts that settle them."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.console import letters
from adapters.deciding import Decision
from adapters.http.desk import Desk
from adapters.messages import Message
from adapters.postgres.letters import Row, shown
from domain.acts import LettersDiscarded
from tests.console.conftest import Opened, name_of
from tests.facts import message

SCRIPT = "<script>alert(1)</script>"


async def parked(desk: Desk, *told: Message) -> None:
    async with desk.session.writer() as app:
        assert (await app.handle(told)).parked == len(told)


async def letter(desk: Desk, id: int) -> Row:
    found = await shown(desk.session.store.pool, id)
    assert found is not None
    return found


async def test_a_letter_is_masked_corrected_and_taken(own_opened: Opened, own_desk: Desk):
    """From the queue by keys: the sentence, the remedy, what was told; what was typed is kept."""
    page = await own_opened("/dead-letters", Role.OPERATOR)
    assert "1 parked" in await page.locator(".reasons").inner_text()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/dead-letters/1")
    text = await page.locator("main").inner_text()
    assert "return_cost: -95.0 is negative" in text
    assert "correct it here and retry" in text
    assert "facts.jsonl:1720" in text
    masked = await page.get_by_label("The message", exact=True).inner_text()
    assert '"return_cost": -95.0' in masked
    assert '"parcel": "•••"' in masked
    await page.get_by_role("link", name="Correct it and retry").click()
    told = page.get_by_label("The message as it should be")
    corrected = json.loads(await told.input_value())
    assert corrected["data"]["return_cost"] == -95.0
    form = page.locator("form", has_text="Correct and retry")
    await form.get_by_label("Why it is corrected").fill("a wrong sign")
    await form.get_by_role("button").click()
    assert "negative" in await form.get_by_role("alert").inner_text()
    assert await form.get_by_label("Why it is corrected").input_value() == "a wrong sign"
    goodwill = {"about": "goodwill", "decision": "granted", "amount": 1, "by": "A", "reason": "B"}
    value = json.dumps(corrected | {"type": "DiscretionExercised", "data": goodwill})
    fields = {"csrf": await form.locator("[name=csrf]").input_value(), "value": value}
    fields |= {"note": "operators decide nothing"}
    assert (await page.request.post("/dead-letters/1/edit", form=fields)).status == 403
    corrected["data"]["return_cost"] = 95.0
    await told.fill(json.dumps(corrected))
    await form.get_by_role("button").click()
    assert await page.get_by_role("status").inner_text() == "It was told again, and taken."
    settled = await letter(own_desk, 1)
    assert (settled["state"], settled["settled_by"], settled["note"]) == (
        "retried", await name_of(page), "a wrong sign",
    )  # fmt: skip
    name = ("netzilla", "NET-0001", "/carriers/netzilla", "BAD-1")
    assert await own_desk.session.store.known([name])


async def test_discarding_wants_reason_and_number_and_is_in_the_log(
    own_opened: Opened, own_desk: Desk
):
    """Without scripts; a script in a letter is text. The same form again leads to the same page,
    and another changes nothing.
    """
    await parked(own_desk, message(SCRIPT, "netzilla", SCRIPT, "s", text=SCRIPT))
    page = await own_opened("/dead-letters", Role.OPERATOR, java_script_enabled=False)
    assert SCRIPT in await page.locator("tbody").inner_text()
    await page.get_by_role("link", name="unknown type").click()
    await page.locator("tbody a").click()
    await page.get_by_role("link", name="Show all of it").click()
    assert SCRIPT in await page.get_by_label("The message", exact=True).inner_text()
    form = page.locator("form", has_text="put away for good")
    await form.get_by_label("Why nobody needs it").fill("a test")
    await form.get_by_label("to confirm").fill("7")
    await form.get_by_role("button").click()
    assert "Type 2, the number of this letter" in await form.get_by_role("alert").inner_text()
    assert await form.get_by_label("Why nobody needs it").input_value() == "a test"
    await form.get_by_label("to confirm").fill("2")
    fields = {
        name: await form.locator(f"[name={name}]").input_value()
        for name in ("csrf", "id", "note", "confirmed")
    }
    await form.get_by_role("button").click()
    assert await page.get_by_role("status").inner_text() == "It was discarded."
    assert "a test" in await page.locator(".facts").first.inner_text()
    twice = await page.request.post("/dead-letters/2/discard", form=fields)
    assert (twice.status, twice.url) == (200, page.url)
    other = fields | {"id": "another", "by": "Ann", "note": "again"}
    again = await page.request.post("/dead-letters/2/discard", form=other)
    assert "it was discarded" in (await again.text()).lower()
    assert (await letter(own_desk, 2))["note"] == "a test"
    assert (await letter(own_desk, 2))["settled_by"] == await name_of(page)
    done = await own_desk.session.store.pool.fetchval(
        "select count(*) from events where type = $1", LettersDiscarded.__name__
    )
    assert done == 1


async def test_all_of_a_reason_are_told_again_for_the_sellers_of_who_asks(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """An operator of one seller neither sees nor settles the letters of another."""
    customer = ("sweeto", "customer:c-7195")
    nobody = ("sweeto", "SWE-9999")
    bad = [
        message("InvoiceIssued", *about, f"bad-{number}", invoice="i", amount=-1)
        for number, about in enumerate([customer, ("sweeto", "SWE-0001"), nobody])
    ]
    await parked(own_desk, *bad[1:2])
    page = await own_opened("/dead-letters", Role.OPERATOR, "sweeto")
    assert await page.locator("tbody tr").count() == 1
    await page.get_by_role("button", name="Retry it as it came").click()
    told = "Told again: 0 taken, 0 known already, 1 parked again."
    assert await page.get_by_role("status").inner_text() == told
    assert (await page.request.get("/dead-letters/1")).status == 404
    csrf = await page.locator(".out [name=csrf]").input_value()
    assert (await page.request.post("/dead-letters/1/retry", form={"csrf": csrf})).status == 404
    assert (await letter(own_desk, 1))["state"] == "parked"
    await parked(own_desk, bad[2], bad[0])
    await the_rest(own_opened, own_desk, monkeypatch)


async def the_rest(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Few at a time, those of the seller that is chosen; letters lead to what there is."""
    monkeypatch.setattr(letters, "TOGETHER", 2)
    page = await own_opened("/dead-letters", Role.OPERATOR)
    assert "4 parked" in await page.locator(".reasons").inner_text()
    await page.locator("select[name=seller]").select_option("sweeto")
    await page.get_by_role("button", name="Show").click()
    await page.get_by_role("button", name="Retry the oldest 2 as they came").click()
    told = "Told again: 0 taken, 0 known already, 2 parked again; 1 more are left."
    assert await page.get_by_role("status").locator("p").inner_text() == told
    assert "3 parked" in await page.locator(".reasons").inner_text()
    await page.get_by_role("button", name="Retry the one").click()
    told = "Told again: 0 taken, 0 known already, 1 parked again."
    assert await page.get_by_role("status").inner_text() == told
    for about, leads in (
        ("SWE-0001", "/orders/sweeto/SWE-0001"), ("SWE-9999", None),
        ("customer:c-7195", "/customers/sweeto/c-7195"),
    ):  # fmt: skip
        await page.goto("/dead-letters?seller=sweeto")
        await page.locator("tbody tr", has_text=about).locator("a").first.click()
        there = [await one.get_attribute("href") for one in await page.locator(".facts a").all()]
        assert there == ([] if leads is None else [leads])
        says_so = "of which nothing is known yet" in await page.locator("main").inner_text()
        assert says_so == (leads is None)


async def test_a_decision_that_was_parked_is_made_anew_and_not_corrected(
    own_opened: Opened, own_desk: Desk
):
    """In whose name it was made is nobody else's to say."""
    made = Decision(seller="sweeto", order="SWE-0001", about="goodwill", amount=Decimal(10),
                    by="Ann Ek", reason="late")  # fmt: skip
    told = [made.message(NOW, "d"), replace(made, amount=Decimal(11)).message(NOW, "d")]
    async with own_desk.session.writer() as app:
        assert (await app.handle(told)).parked == 1
    page = await own_opened("/dead-letters/2?payload=bare", Role.OPERATOR)
    assert "decide anew" in await page.locator(".remedy").inner_text()
    assert await page.get_by_role("button", name="Correct and retry").count() == 0
    await page.get_by_role("link", name="What is to be decided about SWE-0001").click()
    await page.wait_for_url("**/decisions/sweeto/SWE-0001")


async def test_who_only_sees_letters_finds_no_act(opened: Opened):
    """An auditor reads what is no person's; an agent has no such page."""
    page = await opened("/dead-letters/1?payload=bare", Role.AUDITOR)
    assert await page.locator("main form").count() == 0
    assert '"parcel": "•••"' in await page.get_by_label("The message", exact=True).inner_text()
    csrf = await page.locator(".out [name=csrf]").input_value()
    assert (await page.request.post("/dead-letters/1/retry", form={"csrf": csrf})).status == 403
    agent = await opened("/orders", Role.AGENT)
    assert await agent.get_by_role("link", name="Dead letters").count() == 0
    assert (await agent.request.get("/dead-letters")).status == 403
