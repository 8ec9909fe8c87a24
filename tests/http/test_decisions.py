"""Decisions over HTTP: a person decides, and it becomes a fact with its token's name and why."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.deciding import Decision, decide
from adapters.http.desk import Desk
from adapters.story import Story
from domain.errors import Missing, Refused
from domain.outcomes import Fee
from tests.asked import client, writing

WAIT = {"prefer": "wait=20"}
ASKED = ("allectra", "ALL-0026")
"""An order that asks a person whether faultless goods are charged for."""


def goodwill(**more: Any) -> dict[str, Any]:
    return {"seller": "allectra", "order": "ALL-0026", "about": "goodwill", "amount": 100,
            "reason": "a week <late>"} | more  # fmt: skip


async def personal(desk: Desk) -> dict[str, str]:
    """What lies beside the log of who decided and why."""
    sql = "select field, value #>> '{}' from personal where order_id = $1 and field in ($2, $3)"
    return dict(await desk.session.store.pool.fetch(sql, "ALL-0026", "by", "reason"))


async def test_goodwill_is_given_by_name_and_with_a_reason(own_desk: Desk) -> None:
    """What it caused is answered to who waits; whose token it was and why lie beside the log."""
    async with client(own_desk, Role.AGENT, "allectra") as agent, writing(own_desk):
        told = await agent.post("/v1/decisions", json=goodwill(), headers=WAIT)
        found = told.json()
        asked = await agent.get(told.headers["location"])
    assert (told.status_code, found["state"], found["refusal"]) == (200, "decided", None)
    [due] = [one for one in found["outcomes"] if one["type"] == "RefundDue"]
    assert (due["data"]["kind"], due["data"]["amount"]) == ("goodwill", 100.0)
    assert asked.json() == found
    found = await personal(own_desk)
    assert found.pop("by").startswith("agent-")
    assert found == {"reason": "a week <late>"}


async def test_over_the_bound_it_is_refused_with_the_bound(own_desk: Desk) -> None:
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        told = await agent.post("/v1/decisions", json=goodwill(amount=90_000), headers=WAIT)
    assert told.status_code == 200
    assert "is more than the" in told.json()["refusal"]


async def test_what_an_order_asks_is_answered(own_desk: Desk) -> None:
    """By its name and in one of its words; then nothing is asked any more."""
    answer = goodwill(about="faultless", amount=None, decision="waive")
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        other = await agent.post("/v1/decisions", json=answer | {"decision": "shrug"}, headers=WAIT)
        told = await agent.post("/v1/decisions", json=answer, headers=WAIT)
    assert "none of those that the terms leave to a person" in other.json()["refusal"]
    assert "DecisionSettled" in {one["type"] for one in told.json()["outcomes"]}
    sql = "select open_decisions from orders where (seller, order_id) = ($1, $2)"
    assert await own_desk.session.store.pool.fetchval(sql, *ASKED) == 0


async def test_a_remedy_is_chosen_with_the_decision(own_desk: Desk) -> None:
    """Two facts, one answer: also where it is asked after later."""
    chosen = goodwill(seller="gandalf", order="GAN-0010", about="warranty", decision="repair",
                      amount=None)  # fmt: skip
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        told = await agent.post("/v1/decisions", json=chosen, headers=WAIT)
        asked = await agent.get(told.headers["location"])
    assert "DecisionSettled" in {one["type"] for one in told.json()["outcomes"]}
    assert asked.json() == told.json()


@pytest.mark.parametrize(("status", "wrong"), [
    (404, {"order": "ALL-9999"}), (404, {"about": "unclaimed", "decision": "waive"}),
    (422, {"about": "faultless", "decision": None}), (422, {"amount": None}), (422, {"amount": 0}),
    (422, {"amount": -1}), (422, {"amount": 0.001}), (422, {"by": "Anna"}), (422, {"reason": ""}),
    (422, {"because": "typo"}), (403, {"seller": "sweeto", "order": "SWE-0001"}),
])  # fmt: skip
async def test_what_cannot_be_decided_is_refused_at_once(
    desk: Desk, status: int, wrong: dict[str, Any]
) -> None:
    """And nothing waits for a writer."""
    async with client(desk, Role.AGENT, "allectra") as agent:
        told = await agent.post("/v1/decisions", json=goodwill(**wrong))
    assert told.status_code == status, told.text
    sql = "select count(*) from inbox where place = 'decide'"
    assert await desk.session.store.pool.fetchval(sql) == 0


async def test_who_may_not_decide_is_told_so(desk: Desk) -> None:
    async with client(desk, Role.AUDITOR) as auditor:
        assert (await auditor.post("/v1/decisions", json=goodwill())).status_code == 403


async def test_the_console_and_the_command_decide_by_the_same_call(own_desk: Desk) -> None:
    """Whether or not another writer is at work; twice at one moment is two decisions."""
    one = Decision(seller="allectra", order="ALL-0026", about="goodwill", amount=Decimal(1), by="A",
                   reason="B")  # fmt: skip
    first = await decide(own_desk.session, one)
    async with writing(own_desk):
        second = await decide(own_desk.session, replace(one, sure=True))
    assert first.id != second.id
    assert [item.key for item in first.outcomes] != [item.key for item in second.outcomes]
    assert first.refusal is second.refusal is None
    with pytest.raises(Missing, match="it asks about faultless"):
        await decide(own_desk.session, Decision(seller="allectra", order="ALL-0026",
                     about="nonsense", decision="waive", by="A", reason="B"))  # fmt: skip
    with pytest.raises(Refused, match="reason: is missing"):
        await decide(own_desk.session, Decision(seller="allectra", order="ALL-0026",
                     about="faultless", decision="waive", by="A", reason=" "))  # fmt: skip


async def test_what_is_most_often_a_slip_is_asked_once_more(own_desk: Desk) -> None:
    """The same again on one day, a charge above what the order comes to, a question that was
    decided already: refused until it is said to be meant. Then the last decision counts.
    """
    async with client(own_desk, Role.AGENT) as agent:

        async def post(wait: int = 0, **said: Any) -> Any:
            headers = {"Prefer": f"wait={wait}"} if wait else {}
            return await agent.post("/v1/decisions", json=goodwill(**said), headers=headers)

        faultless = {"order": "ALL-0009", "about": "faultless:r1", "decision": "charge"}
        slip = await post(**faultless, amount=99999)
        assert (slip.status_code, slip.json()["detail"]) == (409, (
            "amount: 99999.00 is more than the 678.00 that the order comes to; say that you are "
            "sure, if that is meant"
        ))  # fmt: skip
        async with writing(own_desk):
            assert (await post(5, **faultless | {"decision": "waive"})).status_code == 200
            late = await post(**faultless, amount=300)
            assert late.status_code == 409
            assert "decided already, 2026-11-20 12:00: waive" in late.json()["detail"]
            own_desk.session.clock.fixed = NOW + timedelta(minutes=1)
            assert (await post(5, **faultless, amount=300, sure=True)).status_code == 200
            story = await Story.read(own_desk.session.store, "allectra", "ALL-0009")
            fees = [item.amount for item in story.outcomes if isinstance(item, Fee)]
            assert 30000 in fees
            assert (await post(5, amount=20)).status_code == 200
            again = await post(amount=20)
            assert again.status_code == 409
            assert "goodwill of 20.00 was decided today already" in again.json()["detail"]
            assert (await post(5, amount=20, sure=True)).status_code == 200
