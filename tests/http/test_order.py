"""One order over HTTP: its state, what happened, why something is owed, and where its money is."""

import asyncio
from datetime import date, datetime

import pytest

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.http.desk import Desk
from domain.calendar import last_of
from tests.asked import client

ONE = "/v1/orders/allectra/ALL-0004"


async def test_an_order_says_how_it_stands(desk: Desk):
    """A parcel that nobody collected: its fee, its lines, parcels, deadlines and books."""
    async with client(desk, Role.AGENT) as agent:
        found = (await agent.get(ONE)).raise_for_status().json()
    assert found["state"]["status"] == "returned"
    assert found["state"]["fees"] == 445.0
    assert [line["amount"] for line in found["lines"]] == [1490.0]
    assert [parcel["tracking"] for parcel in found["parcels"]] == ["SE35546047044"]
    fee = next(one for one in found["outcomes"] if one["name"] == "unclaimed:p1")
    assert (fee["outcome"], fee["amount"]) == ("fee", 445.0)
    assert fee["sentence"]["sv"] == "Paketet p1 hämtades inte ut."
    assert {one["state"] for one in found["deadlines"]} <= {"open", "met", "lapsed", "cancelled"}
    assert round(sum(one["balance"] for one in found["ledger"]), 2) == 0
    assert found["terms"]["day"] == "2026-08-25"


async def test_an_order_says_whose_move_it_is(desk: Desk):
    """What is late first; a debt without a day counts; a wish is no duty; then as now."""
    async with client(desk, Role.AGENT) as agent:

        async def moves(path: str, **asked: str) -> list[dict[str, object]]:
            found = (await agent.get(f"/v1/orders/{path}", params=asked)).raise_for_status().json()
            if path.startswith("nordkabel"):
                due = (found["state"]["next_deadline"], found["state"]["next_deadline_at"])
                assert due == ("refund", "2026-09-20T22:00:00Z")
            moves: list[dict[str, object]] = found["moves"]
            return moves

        first, *rest = await moves("nordkabel/NOR-0029")
        assert (first["party"], first["late"], first["amount"]) == ("seller", True, 8990.0)
        assert first["sentence"] == "The seller is to pay back 8990.00 SEK by 2026-09-20"
        assert [one["nature"] for one in rest] == ["right", "right", "runs"]  # the laptop is back
        then, *_ = await moves("nordkabel/NOR-0029", as_of="2026-09-19T12:00")
        assert (then["sentence"], then["late"]) == (first["sentence"], False)
        assert [(one["sentence"], one["due"]) for one in await moves("allectra/ALL-0004")] == [
            ("The customer is to pay 445.00 SEK (no day is set)", None)
        ]
        back, *_ = await moves("gandalf/GAN-0018")
        assert back["amount"] == 3052.5  # what 2420 holds, with VAT
        assert str(back["sentence"]).startswith("The seller is to pay back 3052.50 SEK")
        asked, *_ = await moves("netzilla/NET-0029")
        assert (asked["nature"], asked["due"]) == ("wish", "2026-11-23")
        assert str(asked["sentence"]).endswith(
            "(nothing is lost after it; in time until 2027-01-14 at least)"
        )
        sent = [
            one
            for path in ("allectra", "compumail")
            for one in (
                await agent.get(
                    "/v1/sla/deadlines", params={"seller": path, "kind": "damage_report"}
                )
            ).json()["deadlines"]
        ]
        assert {one["nature"] for one in sent} == {"right"}
        wished = await agent.get(
            "/v1/sla/deadlines", params={"seller": "netzilla", "kind": "damage_report"}
        )
        assert {one["nature"] for one in wished.json()["deadlines"]} == {"wish"}


async def test_an_order_as_it_was_and_was_known_to_be(desk: Desk):
    """Before the parcel came back the fee was its floor; before it lay unclaimed there was none."""
    async with client(desk, Role.AGENT) as agent:

        async def fees(**asked: str) -> list[float]:
            found = (await agent.get(ONE, params=asked)).raise_for_status().json()
            assert found["as_of"] is None or found["as_of"].startswith("2026-09")
            return [one["amount"] for one in found["outcomes"] if one["outcome"] == "fee"]

        assert await fees() == [445.0]
        assert await fees(as_of="2026-09-08") == [350.0]
        assert await fees(known_at="2026-09-08T12:00:00Z") == [350.0]
        assert await fees(as_of="2026-09-01") == []
        assert await fees(as_of="2026-09-05") == []
        for day in ("2026-09-06", "2026-11-20"):  # to its end, and today to the present
            told = (await agent.get(ONE, params={"as_of": day, "known_at": day})).json()
            at = NOW if day == "2026-11-20" else last_of(date.fromisoformat(day))
            assert {datetime.fromisoformat(told[name]) for name in ("as_of", "known_at")} == {at}


@pytest.mark.parametrize("of", ["", "/timeline", "/explanations/fee", "/ledger"])
async def test_a_question_without_an_answer_says_why(desk: Desk, of: str):
    """The sentence is the command line's: not known yet, not placed yet, yet to come."""
    async with client(desk, Role.AGENT) as agent:
        for asked, said in (
            ({"known_at": "2026-08-01"}, "was not known at 2026-08-01"),
            ({"as_of": "2026-08-01"}, "had not been placed at 2026-08-01"),
            ({"as_of": "2030-01-01"}, "that is yet to come"),
            ({"as_of": "yesterday"}, "as_of: is not a time in ISO 8601"),
            ({"as_of": "9999-12-31T23:59:59-14:00"}, "as_of: is not a time in ISO 8601"),
        ):
            answer = await agent.get(ONE + of, params=asked)
            assert answer.status_code == 422, asked
            assert answer.headers["content-type"] == "application/problem+json"
            assert said in answer.json()["detail"]


@pytest.mark.parametrize("of", ["", "/timeline", "/explanations/fee", "/ledger"])
async def test_what_is_not_there_for_who_asks_is_not_there(desk: Desk, of: str):
    """An order of another seller, an unknown one and a customer are answered alike."""
    async with client(desk, Role.AGENT, "sweeto") as agent:
        for name in ("allectra/ALL-0004", "sweeto/ALL-0004", "sweeto/customer:c-3601"):
            answer = await agent.get(f"/v1/orders/{name}{of}")
            assert answer.status_code == 404, name


async def test_the_timeline_tells_what_happened(desk: Desk):
    """Each event with its sentence; as of a moment only the facts that count."""
    async with client(desk, Role.AGENT) as agent:
        told = (await agent.get(f"{ONE}/timeline")).raise_for_status().json()["events"]
        then = (await agent.get(f"{ONE}/timeline", params={"as_of": "2026-08-27T12:00"})).json()
    assert [one["version"] for one in told] == list(range(1, len(told) + 1))
    raised = next(one for one in told if one["type"] == "FeeRaised")
    assert raised["amount"] == 350.0
    assert told[raised["cause"] - 1]["type"] == "Unclaimed"
    assert all(one["sentence"] for one in told)
    facts = ["OrderPlaced", "OrderConfirmed", "PaymentReceived", "Shipped"]
    assert [one["type"] for one in then["events"]] == facts


async def test_why_the_customer_was_charged_445_kronor(desk: Desk):
    """In both languages, with the arithmetic, the clauses and what they say, and the record."""
    async with client(desk, Role.AGENT) as agent:
        answer = await agent.get(f"{ONE}/explanations/unclaimed")
        past = await agent.get(f"{ONE}/explanations/unclaimed", params={"as_of": "2026-09-08"})
        none = await agent.get(f"{ONE}/explanations/refund")
    [fee] = answer.raise_for_status().json()["explanations"]
    assert fee["arithmetic"]["en"] == "350.00 lowest fee + 95.00 return freight = 445.00"
    assert fee["arithmetic"]["sv"].endswith("= 445,00 kr")
    assert sum(step["amount"] for step in fee["steps"]) == fee["amount"] == 445.0
    assert next(one for one in fee["rests_on"] if one["id"] == "ALL-6.4-3")["says"]
    assert sum(step["amount"] for step in fee["record"]["steps"]) == 445.0
    assert [one["type"] for one in fee["record"]["messages"]][-1] == "ParcelReturned"
    [before] = past.raise_for_status().json()["explanations"]
    assert (before["amount"], before["record"]) == (350.0, None)
    assert none.status_code == 404
    assert "nothing that stands is called 'refund'; there is: " in none.json()["detail"]


async def test_money_in_is_money_out_and_earned_and_owed(desk: Desk):
    """In every order, entry by entry, and as of a moment."""
    async with client(desk, Role.ACCOUNTANT) as accountant:
        rows = (await accountant.get("/v1/orders", params={"limit": 100})).json()["orders"]
        for one in rows:
            at = f"/v1/orders/{one['seller']}/{one['order']}/ledger"
            for asked in ({}, {"as_of": one["last_event_at"]}, {"known_at": one["last_event_at"]}):
                answer = (await accountant.get(at, params=asked)).raise_for_status().json()
                for money in answer["currencies"]:
                    assert money["comes_to"] == 0, (at, asked)
                    assert [line["what"] for line in money["lines"]], (at, asked)
        answer = (await accountant.get(f"{ONE}/ledger")).json()
        early = (await accountant.get(f"{ONE}/ledger", params={"known_at": "2026-09-08"})).json()
        then = (await accountant.get(f"{ONE}/ledger", params={"as_of": "2026-09-08"})).json()
    [money] = answer["currencies"]
    assert (money["paid_in"], money["owed_by_customer"]) == (1549.0, 445.0)
    assert [line["owed"] for line in money["lines"]][-1] == 445.0
    assert early["currencies"][0]["owed_by_customer"] == 350.0
    assert then["currencies"][0]["lines"] == early["currencies"][0]["lines"] != money["lines"]


async def test_an_answer_that_is_known_already_is_not_sent_again(desk: Desk):
    """By its entity tag, weak or strong, among others or alone; another question has another."""
    async with client(desk, Role.AGENT) as agent:
        answer = await agent.get(ONE)
        tag = answer.headers["etag"]
        for told in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await agent.get(ONE, headers={"If-None-Match": told})
            assert (again.status_code, again.content) == (304, b""), told
            assert again.headers["etag"] == tag
        asked = {"known_at": "2026-09-08T12:00:00Z"}
        other = await agent.get(ONE, params=asked, headers={"If-None-Match": tag})
        assert other.status_code == 200
        assert other.headers["etag"] != tag


async def test_a_database_that_is_gone_is_said_to_be(desk: Desk):
    """503 and a sentence, not a stack trace."""
    async with client(desk, Role.AGENT) as agent:
        await desk.reader.pool.close()
        answer = await asyncio.wait_for(agent.get(ONE), 30)
    assert answer.status_code == 503
    assert "did not answer" in answer.json()["detail"]
