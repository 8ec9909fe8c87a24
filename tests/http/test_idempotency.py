"""Idempotency-Key: what is sent again under its key is done once, and answered the same."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.http.desk import Desk
from adapters.messages import Message
from tests.asked import client, writing

DECISION = {"seller": "allectra", "order": "ALL-0026", "about": "goodwill", "amount": 1,
            "reason": "B"}  # fmt: skip
WAIT = {"prefer": "wait=20"}
KEY = WAIT | {"idempotency-key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
AGE = "update answered set answered_at = answered_at - $1::interval"


async def decisions(desk: Desk) -> int:
    """How many decisions are in the log."""
    sql = "select count(*) from events where type = 'DiscretionExercised'"
    return int(await desk.session.store.pool.fetchval(sql))


async def test_the_same_again_is_done_once_and_answered_the_same(own_desk: Desk) -> None:
    """For a day, and for this token: another's key is its own."""
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        first = await agent.post("/v1/decisions", json=DECISION, headers=KEY)
        bare = KEY | {"idempotency-key": KEY["idempotency-key"].strip('"')}
        again = await agent.post("/v1/decisions", json=DECISION, headers=bare)
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.content == first.content
        for name in ("location", "preference-applied", "content-type"):
            assert again.headers[name] == first.headers[name]
        assert again.headers["idempotency-replayed"] == "true"
        assert await decisions(own_desk) == 1
        async with client(own_desk, Role.AGENT) as other:
            await other.post("/v1/decisions", json=DECISION | {"sure": True}, headers=KEY)
        assert await decisions(own_desk) == 2


async def test_keys_are_forgotten_after_a_day(own_desk: Desk) -> None:
    """Then it is another request, and rows of others that are as old go with it."""
    pool = own_desk.session.store.pool
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        await agent.post("/v1/decisions", json=DECISION, headers=KEY)
        await agent.post("/v1/decisions", json=DECISION, headers=KEY | {"idempotency-key": "b"})
        await pool.execute(AGE.replace("$1", "'25 hours'"))
        other = await agent.post("/v1/decisions", json=DECISION | {"amount": 2}, headers=KEY)
    assert (other.status_code, "idempotency-replayed" in other.headers) == (200, False)
    assert await pool.fetchval("select count(*) from answered") == 1


async def test_another_request_under_a_key_is_refused(own_desk: Desk) -> None:
    """Another body, another path: 422, and nothing is done."""
    async with client(own_desk, Role.ACCOUNTANT) as accountant, writing(own_desk):
        await accountant.post("/v1/decisions", json=DECISION, headers=KEY)
        other = DECISION | {"amount": 2}
        body = await accountant.post("/v1/decisions", json=other, headers=KEY)
        path = await accountant.post("/v1/ledger/close", json=DECISION, headers=KEY)
    for told in (body, path):
        assert (told.status_code, "another request" in told.json()["detail"]) == (422, True)
    assert await decisions(own_desk) == 1


async def test_what_is_still_worked_on_is_not_done_beside_it(
    own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """409 meanwhile; of a server that died in it another takes over after two minutes, and tells
    the same, byte for byte."""
    held, going = asyncio.Event(), asyncio.Event()
    tell, told = Desk.tell, []

    async def slowly(desk: Desk, facts: list[Message]) -> None:
        told.append([one.value for one in facts])
        going.set()
        await held.wait()
        await tell(desk, facts)

    monkeypatch.setattr(Desk, "tell", slowly)
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        first = asyncio.create_task(agent.post("/v1/decisions", json=DECISION, headers=KEY))
        await going.wait()
        second = await agent.post("/v1/decisions", json=DECISION, headers=KEY)
        assert (second.status_code, second.headers["retry-after"]) == (409, "1")
        held.set()
        assert (await first).status_code == 200
        assert await decisions(own_desk) == 1
        pool = own_desk.session.store.pool
        await pool.execute("update answered set status = 0")
        assert (await agent.post("/v1/decisions", json=DECISION, headers=KEY)).status_code == 409
        await pool.execute(AGE.replace("$1", "'3 minutes'"))
        own_desk.session.clock.fixed = NOW + timedelta(minutes=3)
        assert (await agent.post("/v1/decisions", json=DECISION, headers=KEY)).status_code == 200
    assert told == [told[0]] * 2


@pytest.mark.parametrize("wrong", [{"order": "ALL-9999"}, {"amount": 0}])
async def test_what_was_refused_did_nothing_and_is_tried_again(
    own_desk: Desk, wrong: dict[str, Any]
) -> None:
    """Its key is free; what is told under it instead has a time of its own."""
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        told = await agent.post("/v1/decisions", json=DECISION | wrong, headers=KEY)
        own_desk.session.clock.fixed = NOW + timedelta(minutes=1)
        again = await agent.post("/v1/decisions", json=DECISION, headers=KEY)
    assert (told.status_code >= 400, again.status_code) == (True, 200)
    sql = "select max(at) from events where type = 'DiscretionExercised'"
    assert await own_desk.session.store.pool.fetchval(sql) == NOW + timedelta(minutes=1)


async def test_what_failed_half_way_is_still_one_decision(
    own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told, but not answered: sent again under its key it is the same fact, byte for byte."""
    tell, failures, told = Desk.tell, [True], []

    async def cut_off(desk: Desk, facts: list[Message]) -> None:
        told.append([one.value for one in facts])
        await tell(desk, facts)
        if failures:
            failures.pop()
            raise OSError("the connection broke")

    monkeypatch.setattr(Desk, "tell", cut_off)
    async with client(own_desk, Role.AGENT) as agent, writing(own_desk):
        first = await agent.post("/v1/decisions", json=DECISION, headers=KEY)
        own_desk.session.clock.fixed = NOW + timedelta(seconds=1)
        again = await agent.post("/v1/decisions", json=DECISION, headers=KEY)
    assert (first.status_code >= 500, again.status_code) == (True, 200)
    assert told == [told[0]] * 2
    assert await decisions(own_desk) == 1


@pytest.mark.parametrize("key", ["x" * 300, "x" * 201, f'"{"x" * 201}"', "x" * 200, ""])
async def test_a_key_is_of_some_length(desk: Desk, key: str) -> None:
    """One that is too long is refused; none is none."""
    async with client(desk, Role.AGENT) as agent:
        wrong = DECISION | {"order": "ALL-9999"}
        told = await agent.post("/v1/decisions", json=wrong, headers={"idempotency-key": key})
    assert told.status_code == (422 if len(key) > 200 else 404)
