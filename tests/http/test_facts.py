"""Facts over HTTP: told as over Kafka, refused with the same sentence, and asked after."""

import json
from typing import Any

import msgspec
import pytest

import adapters.lane
from adapters.access import Role
from adapters.codec import KINDS
from adapters.http.desk import Desk
from adapters.inbox import drain
from adapters.kafka.outcomes import encoded
from adapters.messages import Message, understand
from domain.errors import Refused
from tests.asked import client, writing
from tests.facts import message, placed

SINGLE = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
WAIT = {"prefer": "respond-async, wait=20"}


def paid(id: str, amount: float = 445.0, order: str = "ALL-0004", **more: Any) -> dict[str, Any]:
    """A customer pays."""
    return {
        "specversion": "1.0", "id": id, "source": "psp:test", "type": "PaymentReceived",
        "seller": "allectra", "subject": order, "time": "2026-10-01T08:00:00Z",
        "data": {"amount": amount},
    } | more  # fmt: skip


def sentence(fact: dict[str, Any]) -> str:
    """What Kafka's reader would park it with."""
    with pytest.raises(Refused) as refused:
        understand(Message(json.dumps(fact).encode(), "test"))
    return str(refused.value)


async def waiting(desk: Desk) -> int:
    """How many facts of these tests wait for their writers."""
    sql = "select count(*) from inbox where place like 'http:%'"
    return int(await desk.session.store.pool.fetchval(sql))


async def test_a_fact_is_taken_decided_and_asked_after(own_desk: Desk) -> None:
    """202 at once; its Location says that it waits, and then that it is in the log."""
    async with client(own_desk, Role.OPERATOR, "allectra") as operator:
        told = await operator.post("/v1/facts", content=json.dumps(paid("m1")), headers=SINGLE)
        assert (told.status_code, told.json()["state"]) == (202, "waiting")
        location = told.headers["location"]
        assert (await operator.get(location)).json()["state"] == "waiting"
        async with own_desk.session.writer() as app:
            await drain(app)
        found = (await operator.get(location)).raise_for_status().json()
    assert (found["state"], found["order"], found["parked"]) == ("decided", "ALL-0004", [])
    story = await own_desk.session.store.streams([("allectra", "ALL-0004")])
    event = story["allectra/ALL-0004"][found["version"] - 1]
    assert (event.type, event.source, event.id) == ("PaymentReceived", "psp:test", "m1")
    async with client(own_desk, Role.AGENT, "sweeto") as other:
        assert (await other.get(location)).status_code == 403


async def test_who_prefers_to_wait_hears_the_outcomes(own_desk: Desk) -> None:
    """200 with all that the fact caused, as it is sent; where the time is over, 202."""
    fact = placed("allectra", "NEW-1").value
    async with client(own_desk, Role.OPERATOR) as operator:
        over = await operator.post("/v1/facts", content=fact, headers=SINGLE | {"prefer": "wait=0"})
        assert (over.status_code, "preference-applied" in over.headers) == (202, False)
        async with writing(own_desk):
            told = await operator.post("/v1/facts", content=fact, headers=SINGLE | WAIT)
            confirmed = message("OrderConfirmed", "allectra", "NEW-1", "c", 1).value
            more = await operator.post("/v1/facts", content=confirmed, headers=SINGLE | WAIT)
            again = await operator.get(told.headers["location"])
            most = SINGLE | {"prefer": "wait=1000"}
            long = await operator.post("/v1/facts", content=fact, headers=most)
    assert (told.status_code, told.headers["preference-applied"]) == (200, "wait=20")
    assert (long.status_code, long.headers["preference-applied"]) == (200, "wait=30")
    story = (await own_desk.session.store.streams([("allectra", "NEW-1")]))["allectra/NEW-1"]
    caused = [one for one in story if one.type in KINDS and one.version < more.json()["version"]]
    assert told.json()["outcomes"] == [msgspec.json.decode(encoded(one).value) for one in caused]
    assert "Ruling" in {one["type"] for one in told.json()["outcomes"]}
    assert "DeadlineSet" in {one["type"] for one in more.json()["outcomes"]}
    assert again.json() == told.json()


async def test_a_batch_is_taken_whole(own_desk: Desk) -> None:
    """Each fact with its own answer, in the order of the batch."""
    batch = [paid("b1", 1.0), paid("b2", 2.0, order="ALL-0009"), paid("b1", 1.0)]
    async with client(own_desk, Role.OPERATOR) as operator, writing(own_desk):
        told = await operator.post("/v1/facts", content=json.dumps(batch), headers=BATCH | WAIT)
    found = told.json()["facts"]
    assert (told.status_code, [one["state"] for one in found]) == (200, ["decided"] * 3)
    assert [one["id"] for one in found] == ["b1", "b2", "b1"]
    assert found[0] == found[2]


@pytest.mark.parametrize("wrong", [
    {"data": {"amount": -5}}, {"data": {}}, {"type": "Nonsense"}, {"specversion": "0.3"},
    {"time": "yesterday"}, {"source": "villkor:acts"}, {"subject": "customer:Ann@example.org"},
    {"type": "PeriodClosed", "data": {"seller": "allectra", "month": "2026-01"}},
])  # fmt: skip
async def test_what_kafka_would_park_is_refused_with_the_same_sentence(
    desk: Desk, wrong: dict[str, Any]
) -> None:
    """In a batch it says which; and nothing of the batch is told."""
    bad = paid("w") | wrong
    async with client(desk, Role.OPERATOR) as operator:
        one = await operator.post("/v1/facts", content=json.dumps(bad), headers=SINGLE)
        batch = json.dumps([paid("w1"), bad, paid("w2")])
        many = await operator.post("/v1/facts", content=batch, headers=BATCH)
    assert (one.status_code, one.json()["detail"]) == (422, sentence(bad))
    assert (many.status_code, many.json()["detail"]) == (422, f"[1] {sentence(bad)}")
    assert await waiting(desk) == 0


@pytest.mark.parametrize(("status", "content", "headers"), [
    (415, json.dumps(paid("x")), {"content-type": "application/json"}),
    (415, "hello", {"content-type": "text/plain"}),
    (422, "{", SINGLE), (422, "{}", BATCH), (422, "[]", BATCH), (422, "[1]", BATCH),
    (422, json.dumps([paid(str(at)) for at in range(1001)]), BATCH),
    (413, b" " * (3 * 2**20), SINGLE),
])  # fmt: skip
async def test_what_is_no_fact_is_refused(
    desk: Desk, status: int, content: str | bytes, headers: dict[str, str]
) -> None:
    async with client(desk, Role.OPERATOR) as operator:
        told = await operator.post("/v1/facts", content=content, headers=headers)
    assert (told.status_code, told.headers["content-type"]) == (status, "application/problem+json")
    assert await waiting(desk) == 0


async def test_facts_are_told_of_ones_own_sellers_only(desk: Desk) -> None:
    """And only by who may tell; one of another seller keeps a whole batch from being told."""
    batch = json.dumps([paid("r1"), paid("r2", seller="sweeto", order="SWE-0001")])
    async with client(desk, Role.OPERATOR, "allectra") as operator:
        many = await operator.post("/v1/facts", content=batch, headers=BATCH)
    async with client(desk, Role.ACCOUNTANT) as accountant:
        one = await accountant.post("/v1/facts", content=json.dumps(paid("r")), headers=SINGLE)
    assert (many.status_code, many.json()["detail"]) == (403, "this token is not for sweeto")
    assert one.status_code == 403
    assert await waiting(desk) == 0


@pytest.mark.parametrize(("status", "more"), [
    (403, {"type": "DiscretionExercised", "data": {
        "about": "goodwill", "decision": "granted", "amount": 1.0, "by": "A", "reason": "B"}}),
    (422, {"source": "/villkor/decide"}),
    (403, {"type": "Retracted", "data": {"fact": "goodwill-1", "fact_source": "/villkor/decide"}}),
])  # fmt: skip
async def test_who_may_not_decide_decides_by_no_fact_either(
    desk: Desk, status: int, more: dict[str, Any]
) -> None:
    """Told, or a parked one in other words; and nobody tells in the name of decisions."""
    fact, edited = paid("d1") | more, {"note": "mended"}
    async with client(desk, Role.OPERATOR) as operator:
        told = await operator.post("/v1/facts", content=json.dumps(fact), headers=SINGLE)
        again = await operator.post("/v1/dead-letters/1/retry", json=edited | {"fact": fact})
    assert (told.status_code, again.status_code) == (status, status), again.text
    assert "decide" in told.json()["detail"]
    assert await waiting(desk) == 0


async def test_who_may_not_decide_takes_no_decision_back(own_desk: Desk) -> None:
    """Whoever told it; nor is one brought back that its own system took back."""
    goodwill = {"about": "goodwill", "decision": "granted", "amount": 1.0, "by": "A", "reason": "B"}
    back = paid("back", type="Retracted", data={"fact": "decided"})
    told = [paid("decided", type="DiscretionExercised", data=goodwill), paid("paid")]
    async with own_desk.session.writer() as app:
        await app.handle([Message(json.dumps(one).encode(), "test") for one in (*told, back)])
    async with client(own_desk, Role.OPERATOR) as operator, writing(own_desk):
        for fact, status in ("decided", 403), ("back", 403), ("paid", 200), ("unknown", 200):
            one = paid(f"no {fact}", type="Retracted", data={"fact": fact})
            content = json.dumps(one)
            done = await operator.post("/v1/facts", content=content, headers=SINGLE | WAIT)
            assert done.status_code == status, (fact, done.text)
            if status == 403:
                assert done.json()["detail"].endswith("(it lacks 'decide')")


async def test_a_fact_in_binary_mode_is_the_same(own_desk: Desk) -> None:
    """Its attributes are headers, percent-encoded where they are not ASCII."""
    headers = {
        "ce-specversion": "1.0", "ce-id": "bin-%C3%A5", "ce-source": "psp:test",
        "ce-type": "PaymentReceived", "ce-seller": "allectra", "ce-subject": "ALL-0004",
        "ce-time": "2026-10-01T08:00:00Z", "content-type": "application/json; charset=utf-8",
    }  # fmt: skip
    async with client(own_desk, Role.OPERATOR) as operator, writing(own_desk):
        told = await operator.post("/v1/facts", content='{"amount": 445.0}', headers=headers | WAIT)
    assert (told.status_code, told.json()["id"], told.json()["state"]) == (200, "bin-å", "decided")


async def test_what_its_order_could_not_take_is_parked_and_says_why(
    own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits in vain: parked is an answer, and so is another body under a known name."""

    def fails(*_: object) -> bool:
        raise ArithmeticError("a rule that divides by nought")

    async with client(own_desk, Role.OPERATOR) as operator, writing(own_desk):
        content = json.dumps(paid("known", 1.0))
        await operator.post("/v1/facts", content=content, headers=SINGLE | WAIT)
        again = json.dumps(paid("known", 2.0))
        await operator.post("/v1/facts", content=again, headers=SINGLE)
        own = {"seller": "allectra", "order": "ALL-0004", "source": "psp:test"}
        while not (known := (await operator.get("/v1/facts", params=own | {"id": "known"})).json())[
            "parked"
        ]:
            continue
        monkeypatch.setattr(adapters.lane, "tell", fails)
        bad = json.dumps(paid("bad"))
        told = await operator.post("/v1/facts", content=bad, headers=SINGLE | WAIT)
    assert (known["state"], known["parked"][0]["reason"]) == ("decided", "conflict")
    assert (told.status_code, told.json()["state"]) == (200, "parked")
    assert "divides by nought" in told.json()["parked"][0]["sentence"]
