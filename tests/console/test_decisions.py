"""Decisions needed in a real browser: the queue, the act, its refusal, and who may do what."""

import asyncio
import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from playwright.async_api import Page

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.cli.session import Session
from adapters.deciding import SOURCE, Decided, Decision
from adapters.deciding import decide as tell
from adapters.http.desk import Desk
from adapters.messages import Message
from adapters.story import Story
from adapters.undecided import counts, questions
from domain.events import FactTold
from domain.facts import DiscretionExercised
from domain.outcomes import Fee
from tests.console.conftest import Opened, name_of


async def exercised(desk: Desk, seller: str, order: str) -> list[DiscretionExercised]:
    """What people decided about an order, as the log has it."""
    story = await Story.read(desk.session.store, seller, order)
    facts = [event.told.fact for event in story.events if isinstance(event, FactTold)]
    return [fact for fact in facts if isinstance(fact, DiscretionExercised)]


async def decide(page: Page, decision: str, amount: str, why: str) -> None:
    card = page.locator("section.question form")
    await card.get_by_label(decision).check()
    await card.get_by_label("Amount").fill(amount)
    await card.get_by_label("Why").fill(why)
    await card.get_by_role("button", name="Decide").click()


async def test_a_decision_is_made_from_the_queue_and_says_what_came_of_it(
    own_opened: Opened, own_desk: Desk
):
    """It becomes a fact with the token's name and a reason; what it changed is said, and it leaves
    the queue.
    """
    page = await own_opened("/decisions", Role.AGENT)
    assert await page.locator("tbody tr").count() == 5
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/decisions/allectra/ALL-0009*")
    await decide(page, "charge", "145,50", "<script>alert(1)</script> tested twice")
    told = page.get_by_role("status")
    assert "A fee is owed" in await told.inner_text()
    assert "145.50 SEK" in await told.inner_text()
    assert "no question about this order is open" in await page.locator("main").inner_text()
    [fact] = await exercised(own_desk, "allectra", "ALL-0009")
    assert (fact.about, fact.decision, fact.amount) == ("faultless:r1", "charge", 14550)
    who = "select value::text from personal where order_id = 'ALL-0009' and field = 'by'"
    assert await own_desk.session.store.pool.fetchval(who) == f'"{await name_of(page)}"'
    story = await Story.read(own_desk.session.store, "allectra", "ALL-0009")
    assert 14550 in [item.amount for item in story.outcomes if isinstance(item, Fee)]
    await page.goto("/decisions")
    assert await page.locator("tbody tr").count() == 4
    await page.goto("/decisions/allectra/ALL-0009")
    assert "charge, 145.50 SEK" in await page.locator("main").inner_text()
    await page.get_by_text("Decide anew: the last decision counts").click()
    await decide(page, "waive", "", "it was too much")
    card = page.locator("section.question form")
    assert "decided already" in await card.get_by_role("alert").inner_text()
    await card.get_by_label("I am sure").check()
    own_desk.session.clock.fixed = NOW + timedelta(minutes=1)
    await card.get_by_role("button", name="Decide anew").click()
    assert "fee" in (await page.get_by_role("status").inner_text()).lower()
    story = await Story.read(own_desk.session.store, "allectra", "ALL-0009")
    assert 14550 not in [item.amount for item in story.outcomes if isinstance(item, Fee)]


async def test_the_same_form_sent_twice_is_one_decision(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """Each form names the fact that it would tell: also while no writer takes it. Nobody decides
    in another's name, and under the same id nobody says anything else: also not after a refusal,
    for that is told too. What is of no form of the page is refused at its head.
    """
    page = await own_opened(
        "/decisions/sweeto/SWE-0001", Role.ACCOUNTANT, java_script_enabled=False
    )
    form = page.locator("#beside")
    fields = {
        name: await form.locator(f"[name={name}]").input_value() for name in ("csrf", "id")
    } | {"about": "goodwill", "amount": "10", "by": "Ann Ek", "reason": "late"}
    own_desk.session.woken = lambda: None  # a writer that does not wake
    monkeypatch.setattr("adapters.inbox.PATIENCE", 0.2)
    for minute in range(4):
        own_desk.session.clock.fixed = NOW + timedelta(minutes=minute)
        answer = await page.request.post("/decisions/sweeto/SWE-0001", form=fields)
        assert "Säljaren" not in (text := await answer.text())
        assert ("A refund is due (goodwill)" in text) == (minute > 1)
        assert ("has not taken it yet" in text) == (minute < 2)
        if minute == 1:
            own_desk.session.woken = None
            await own_desk.session.taken([])
    assert len(await exercised(own_desk, "sweeto", "SWE-0001")) == 1
    by = "select value::text from personal where order_id = 'SWE-0001' and field = 'by'"
    assert await own_desk.session.store.pool.fetchval(by) == f'"{await name_of(page)}"'
    changed = await page.request.post("/decisions/sweeto/SWE-0001", form=fields | {"amount": "11"})
    assert changed.status == 409
    assert "said something else" in await changed.text()
    letters = "select count(*) from dead_letters where order_id = 'SWE-0001'"
    assert await own_desk.session.store.pool.fetchval(letters) == 0
    refused, old = {"id": "b", "amount": "90000"}, "This form was sent already and said something"
    for again, status, said in (
        (refused, 422, "90000.00 out of goodwill is more than"),
        (refused | {"amount": "100"}, 409, old), (refused | {"about": "freight"}, 409, old),
        ({"id": "c", "amount": "101", "about": ""}, 422, "Choose what is decided"),
        ({"id": "d", "amount": "101", "about": "x" * 3000}, 422, "Choose what is decided"),
    ):  # fmt: skip
        answer = await page.request.post("/decisions/sweeto/SWE-0001", form=fields | again)
        await page.set_content(await answer.text())
        assert answer.status == status
        assert said in await page.get_by_role("alert").inner_text()
        assert "I am sure" not in await page.locator("main").inner_text()
        if "about" not in again:
            assert await form.get_by_label("Amount").input_value() == again["amount"]
            assert await form.locator("[name=id]").input_value() != "b"
    told = await exercised(own_desk, "sweeto", "SWE-0001")
    assert [one.amount for one in told] == [1000, 9000000]
    foreign = await page.request.post(
        "/decisions/sweeto/SWE-0001", form=fields | {"id": "x", "csrf": "another"}
    )
    assert foreign.status == 403
    assert len(await exercised(own_desk, "sweeto", "SWE-0001")) == len(told)


async def test_a_form_waits_for_itself_alone(
    own_opened: Opened, own_desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """Sent twice at once it is told once; a decision whose writer is slow holds up no other."""
    held, going, decided = asyncio.Event(), asyncio.Event(), []

    async def slowly(session: Session, decision: Decision, id: str, at: datetime) -> Decided:
        decided.append(decision.order)
        if decision.order == "SWE-0001":
            going.set()
            await held.wait()
        return await tell(session, decision, id, at)

    monkeypatch.setattr("adapters.console.decisions.decide", slowly)
    page = await own_opened("/decisions/sweeto/SWE-0001", Role.ACCOUNTANT)
    csrf = await page.locator("#beside [name=csrf]").input_value()
    form = {"csrf": csrf, "about": "goodwill", "amount": "10", "by": "Ann Ek", "reason": "late"}
    send, first = page.request.post, "/decisions/sweeto/SWE-0001"
    twice = [asyncio.create_task(send(first, form=form | {"id": "a"})) for _ in range(2)]
    await going.wait()
    other = await send("/decisions/allectra/ALL-0009", form=form | {"id": "b"})
    held.set()
    assert [other.status, *(one.status for one in await asyncio.gather(*twice))] == [200] * 3
    assert decided == ["SWE-0001", "ALL-0009"]


async def test_what_is_outside_its_bound_is_refused_beside_the_form(own_opened: Opened):
    """The bound is said and what was typed is kept; so it is where the amount is none at all."""
    page = await own_opened("/decisions/sweeto/SWE-0001", Role.AGENT, java_script_enabled=False)
    form = page.locator("#beside")
    await form.get_by_label("Goodwill").check()
    await form.get_by_label("Amount").fill("99999")
    await form.get_by_label("Why").fill("very late")
    await form.get_by_role("button", name="Decide").click()
    alert = form.get_by_role("alert")
    assert "99999.00 out of goodwill is more than" in await alert.inner_text()
    assert await form.get_by_label("Amount").input_value() == "99999"
    assert await form.get_by_label("Why").input_value() == "very late"
    await form.get_by_label("Amount").fill("0")
    await form.get_by_role("button", name="Decide").click()
    assert "is nothing" in await form.get_by_role("alert").inner_text()
    assert await form.get_by_label("Goodwill").is_checked()
    await form.get_by_label("Amount").fill("1 00,50")
    await form.get_by_role("button", name="Decide").click()
    assert "is not kronor" in await form.get_by_role("alert").inner_text()


async def test_a_remedy_that_was_chosen_settles_its_question(own_opened: Opened, own_desk: Desk):
    """The choice is told as the fact that the rules of complaints ask for, beside who and why."""
    page = await own_opened("/decisions/gandalf/GAN-0010", Role.AGENT)
    form = page.locator("section.question form")
    await form.get_by_label("replacement").check()
    await form.get_by_label("Why").fill("the customer wants a new one")
    await form.get_by_role("button", name="Decide").click()
    assert "Goods must be sent anew" in await page.get_by_role("status").inner_text()
    assert len(await exercised(own_desk, "gandalf", "GAN-0010")) == 1
    assert "no question about this order is open" in await page.locator("main").inner_text()


async def test_who_may_not_decide_sees_the_queue_of_its_sellers(opened: Opened):
    """An auditor sees questions and no form; rows of other sellers are not there."""
    page = await opened("/decisions", Role.AUDITOR, "gandalf")
    assert await page.locator("tbody th").all_inner_texts() == ["GAN-0010\ngandalf"]
    await page.get_by_role("link", name="GAN-0010").click()
    assert "Your role sees decisions and makes none" in await page.locator("main").inner_text()
    assert await page.locator("main form").count() == 0
    csrf = await page.locator(".out [name=csrf]").input_value()
    form = {"csrf": csrf, "id": "a", "about": "goodwill", "amount": "1", "by": "A", "reason": "r"}
    assert (await page.request.post("/decisions/gandalf/GAN-0010", form=form)).status == 403
    assert (await page.request.get("/decisions/allectra/ALL-0009")).status == 404


async def test_a_question_that_was_asked_anew_is_open_since_then(own_desk: Desk):
    """It leaves the queue when it is settled, and is the youngest when that was taken back."""
    store, now = own_desk.session.store, NOW + timedelta(hours=1)
    before = await questions(store, None, None, 10)
    decision = Decision(
        seller="allectra", order="ALL-0009", about="faultless:r1", decision="charge",
        amount=Decimal(100), by="Ann Ek", reason="tested",
    )  # fmt: skip
    await tell(own_desk.session, decision, "d-1")
    assert ("allectra", "faultless", 1) in await counts(store.pool), "ALL-0026"
    settled = await questions(store, None, None, 10)
    assert [one.order for one in settled] == [one.order for one in before[1:]]
    own_desk.session.clock.fixed = now
    event = {
        "specversion": "1.0", "id": "r-1", "source": "/test", "type": "Retracted",
        "seller": "allectra", "subject": "ALL-0009", "time": now.isoformat(),
        "data": {"fact": "d-1", "fact_source": SOURCE},
    }  # fmt: skip
    await own_desk.session.told([Message(json.dumps(event).encode(), "test")])
    [*_, last] = await questions(store, None, None, 10)
    assert (last.order, last.since) == ("ALL-0009", now)
    assert [one.order for one in await questions(store, None, None, 2, settled[0].place)] == [
        one.order for one in settled[1:3]
    ]
