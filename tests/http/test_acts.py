"""Acts over HTTP: a month is closed, and what is parked is told again or put away."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters import acts
from adapters.access import Role, Who
from adapters.acted import ACTED
from adapters.cli.demo import NOW
from adapters.http.desk import Desk
from adapters.inbox import drain
from adapters.ingest import ingest
from adapters.partitions import PARTITIONS, registers
from domain.acts import PersonalDataErased
from tests.asked import client, writing
from tests.facts import message

CLOSING = {"seller": "allectra", "month": "2026-07", "reason": "VAT"}
LETTER = "/v1/dead-letters/1"
WHY = {"note": "mended"}
DISCARDED = {"reason": "told again"}
MENDED = {
    "specversion": "1.0", "id": "BAD-1", "source": "/carriers/netzilla", "type": "ParcelReturned",
    "seller": "netzilla", "subject": "NET-0001", "time": "2026-11-18T09:00:00+01:00",
    "data": {"parcel": "p1", "return_cost": 95.0},
}  # fmt: skip

MANY = """
    insert into events
    select partition, 1000000 + n, 'sweeto', 'X-' || n, 1,
           case n % 4 when 0 then 'DiscretionExercised' else 'Shipped' end,
           schema, at, timestamptz '2026-01-01' + n * interval '1 minute', source, id,
           body, meta, hash
    from generate_series(1, 40000) n, (select * from events limit 1) e;
    analyze events;
"""


# -- who did what --------------------------------------------------------------------------------


async def test_who_did_what_is_told_newest_first(own_desk: Desk) -> None:
    """A month closed (once, though told to every register), a letter put away, tokens: each with
    who, why and its place in the log; a limited token hears of the months of its sellers."""
    async with client(own_desk, Role.ACCOUNTANT, "allectra") as books, \
            client(own_desk, Role.OPERATOR) as op, client(own_desk, Role.AUDITOR) as auditor, \
            client(own_desk, Role.AUDITOR, "allectra") as ours, \
            client(own_desk, Role.AUDITOR, "sweeto") as other, writing(own_desk):  # fmt: skip
        closed = (await books.post("/v1/ledger/close", json=CLOSING)).json()
        assert (await op.post(f"{LETTER}/retry", json=WHY)).status_code == 200
        assert (await op.post(f"{LETTER}/discard", json=DISCARDED)).status_code == 200
        whole = (await auditor.get("/v1/acts", params={"limit": 200})).json()
        assert whole["next"] is None
        paged, after = [], {}
        while True:
            page = (await auditor.get("/v1/acts", params={"limit": 3} | after)).json()
            paged += page["acts"]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert paged == whole["acts"]
        assert [one["at"] for one in paged] == sorted((one["at"] for one in paged), reverse=True)
        kinds = [one["kind"] for one in paged]
        assert (kinds.count("PeriodClosed"), kinds.count("LettersDiscarded")) == (1, 1)
        assert kinds.count("TokenCreated") >= 5
        [month] = (await auditor.get("/v1/acts", params={"kind": "PeriodClosed"})).json()["acts"]
        assert month["what"] == "closed 2026-07 of allectra"
        assert (month["by"], month["reason"]) == (closed["by"], "VAT")
        named = (await auditor.get("/v1/acts", params={"by": closed["by"].upper()})).json()["acts"]
        assert month in named
        sql = "select type from events where (partition, position) = ($1, $2)"
        at = month["partition"], month["position"]
        assert await own_desk.session.store.pool.fetchval(sql, *at) == "PeriodClosed"
        closings = {"kind": "PeriodClosed"}
        assert (await ours.get("/v1/acts", params=closings)).json()["acts"] == [month]
        assert (await other.get("/v1/acts", params=closings)).json()["acts"] == []
        sheet = (await auditor.get("/v1/acts.csv")).text.splitlines()
        assert len(sheet) == len(paged) + 1
        assert any(row.endswith(f"{closed['by']},VAT,{at[0]},{at[1]}") for row in sheet)
        wrong = await auditor.get("/v1/acts", params={"kind": "Nothing"})
        assert wrong.status_code == 422


async def test_what_was_done_to_an_order_is_an_act_too(own_desk: Desk) -> None:
    """A decision, with its event; what was erased is, and who said it before is not there."""
    decision = {"seller": "allectra", "order": "ALL-0026", "about": "goodwill", "amount": 1,
                "reason": "late"}  # fmt: skip
    async with client(own_desk, Role.AGENT) as agent, client(own_desk, Role.AUDITOR) as auditor, \
            client(own_desk, Role.AUDITOR, "sweeto") as other:  # fmt: skip

        async def listed(kind: str, who: httpx.AsyncClient = auditor, **asked: str) -> Any:
            page = await who.get("/v1/acts", params={"kind": kind, "limit": 200} | asked)
            return page.raise_for_status().json()["acts"]

        async with writing(own_desk):
            told = await agent.post("/v1/decisions", json=decision, headers={"prefer": "wait=20"})
        assert told.status_code == 200, told.text
        [first] = await listed("DiscretionExercised")
        assert (first["order"], first["reason"]) == ("ALL-0026", "late")
        assert first["what"] == "decided goodwill: accepted, 1.00"
        assert first["by"].startswith("agent-")
        sql = "select partition, position from events where (order_id, version) = ($1, $2)"
        event = await own_desk.session.store.pool.fetchrow(sql, "ALL-0026", first["version"])
        assert tuple(event) == (first["partition"], first["position"])
        assert await listed("DiscretionExercised", by=first["by"].upper()) == [first]
        assert await listed("DiscretionExercised", other) == []
        erased = PersonalDataErased(by="Ann Ek", reason="asked")
        async with own_desk.session.store.writing() as connection:
            await acts.tell(connection, [acts.act("allectra/ALL-0026", erased, "e", NOW)])
        async with own_desk.session.writer() as app:
            await drain(app)
        [done] = await listed("PersonalDataErased")
        assert (done["order"], done["by"], done["reason"]) == ("ALL-0026", "Ann Ek", "asked")
        [now] = await listed("DiscretionExercised")
        assert now == first | {"by": None, "reason": None}


async def test_a_decision_that_a_system_told_is_read_as_it_told_it(own_desk: Desk) -> None:
    """An amount is a number or its digits, a percentage alike; who and why need not be said."""
    told = [
        message("DiscretionExercised", "allectra", "ALL-0026", f"d{number}", 9000, **said)
        for number, said in enumerate([
            {"about": "unclaimed", "decision": "charge", "amount": "1.5"},
            {"about": "value_loss", "decision": "charge", "percent": "12.50"},
            {"about": "unclaimed", "decision": "waive"},
        ])
    ]  # fmt: skip
    async with own_desk.session.writer() as app:
        assert (await ingest(app, told, NOW)).parked == 0
    async with client(own_desk, Role.AUDITOR) as auditor:
        page = await auditor.get("/v1/acts", params={"kind": "DiscretionExercised"})
    said = {(one["what"], one["by"]) for one in page.raise_for_status().json()["acts"]}
    assert said == {
        ("decided unclaimed: charge, 1.50", None), ("decided value_loss: charge, 12.50 %", None),
        ("decided unclaimed: waive", None),
    }  # fmt: skip


async def test_acts_are_found_without_reading_the_log(own_desk: Desk) -> None:
    """By their indexes, in their order, under row-level security."""
    pool = own_desk.session.store.pool
    await pool.execute(MANY)
    at = NOW - timedelta(days=1)
    asked = [
        [None, None, None, None, None, None], ["DiscretionExercised", None, "sweeto", at, 5, 5],
        [None, "ann", None, at, 5, 5], ["RulesAdopted", None, None, None, None, None],
    ]  # fmt: skip
    async with own_desk.reader.asking(Who("t", Role.AUDITOR, ("*",))) as store:
        for wanted in asked:
            values = [registers(range(PARTITIONS)), *wanted, 51]
            plan = "\n".join(row[0] for row in await store.pool.fetch(f"explain {ACTED}", *values))
            assert "events_that_are_acts" in plan, plan
            assert "Seq Scan on events" not in plan, plan


# -- months ---------------------------------------------------------------------------------------


async def test_an_accountant_closes_a_month(own_desk: Desk) -> None:
    """By the token's name; closed already it stays as it was closed, and its reason with it."""
    async with client(own_desk, Role.ACCOUNTANT, "allectra") as accountant, writing(own_desk):
        done = await accountant.post("/v1/ledger/close", json=CLOSING)
        again = await accountant.post("/v1/ledger/close", json=CLOSING | {"reason": "again"})
    assert done.status_code == 200, done.text
    found = done.json()
    assert (found["month"], found["state"]) == ("2026-07-01", "closed")
    assert found["by"].startswith("accountant-")
    assert found["already"] is False
    assert again.json() == found | {"already": True}


@pytest.mark.parametrize(("status", "wrong"), [
    (409, {"month": "2026-11"}), (409, {"month": "2026-09"}), (422, {"month": "2026-13"}),
    (422, {"by": "Bo"}), (422, {"reason": ["x"]}), (422, {"reason": None}), (422, {"reason": " "}),
    (403, {"seller": "sweeto"}),
])  # fmt: skip
async def test_a_month_that_cannot_be_closed_stays_open(
    desk: Desk, status: int, wrong: dict[str, Any]
) -> None:
    """Not before it is over, not before those before it, and not another seller's."""
    async with client(desk, Role.ACCOUNTANT, "allectra") as accountant:
        told = await accountant.post("/v1/ledger/close", json=CLOSING | wrong)
    assert told.status_code == status, told.text
    sql = "select count(*) from events where type = 'PeriodClosed'"
    assert await desk.session.store.pool.fetchval(sql) == 0


async def test_who_closes_a_month_of_nobody_hears_of_its_own_sellers_only(desk: Desk) -> None:
    """Names of others are told to nobody who does not see them."""
    async with client(desk, Role.ACCOUNTANT, "nobody", "sweeto") as accountant:
        told = await accountant.post("/v1/ledger/close", json=CLOSING | {"seller": "nobody"})
    assert told.status_code == 409
    assert told.json()["detail"] == "nobody is called 'nobody'; there are sweeto"


async def test_nobody_else_closes_months(desk: Desk) -> None:
    for role in (Role.AGENT, Role.AUDITOR, Role.OPERATOR):
        async with client(desk, role) as other:
            assert (await other.post("/v1/ledger/close", json=CLOSING)).status_code == 403


# -- dead letters ---------------------------------------------------------------------------------


async def state(desk: Desk) -> tuple[str, str]:
    """What became of the demo's letter, and the role of the token that said so."""
    sql = "select state, split_part(settled_by, '-', 1) from dead_letters where id = 1"
    return tuple(await desk.session.store.pool.fetchrow(sql))


async def test_a_letter_is_told_again_as_it_came_or_in_other_words(own_desk: Desk) -> None:
    """Refused anew it stays parked; mended it is taken, and then there is nothing left to do."""
    async with client(own_desk, Role.OPERATOR, "netzilla") as operator, writing(own_desk):
        same = await operator.post(f"{LETTER}/retry", json=WHY)
        bad = WHY | {"fact": MENDED | {"data": {"parcel": "p1", "return_cost": -1}}}
        still = await operator.post(f"{LETTER}/retry", json=bad)
        done = await operator.post(f"{LETTER}/retry", json=WHY | {"fact": MENDED})
        gone = await operator.post(f"{LETTER}/retry", json=WHY)
    assert same.json() == {"id": 1, "state": "parked"}
    assert (still.status_code, still.json()["detail"]) == (422, "return_cost: -1 is negative")
    assert done.json() == {"id": 1, "state": "taken"}
    assert gone.status_code == 409
    assert await state(own_desk) == ("retried", "operator")


async def test_a_letter_is_put_away_with_a_reason(own_desk: Desk) -> None:
    async with client(own_desk, Role.OPERATOR) as operator, writing(own_desk):
        assert (await operator.post(f"{LETTER}/discard", json={})).status_code == 422
        done = await operator.post(f"{LETTER}/discard", json=DISCARDED)
    assert done.json() == {"id": 1, "state": "discarded"}
    assert await state(own_desk) == ("discarded", "operator")
    sql = "select count(*) from events where type = 'LettersDiscarded'"
    assert await own_desk.session.store.pool.fetchval(sql) == 1


@pytest.mark.parametrize(("status", "act", "role", "sellers", "body"), [
    (404, "retry", Role.OPERATOR, ["sweeto"], WHY),
    (404, "discard", Role.OPERATOR, ["sweeto"], DISCARDED),
    (403, "retry", Role.AUDITOR, [], WHY), (403, "discard", Role.AUDITOR, [], DISCARDED),
    (422, "retry", Role.OPERATOR, [], {"fact": MENDED}),
    (422, "retry", Role.OPERATOR, [], WHY | {"fact": MENDED | {"id": "\ud800"}}),
    (422, "retry", Role.OPERATOR, [], WHY | {"fact": MENDED | {"id": 10**400}}),
    (403, "retry", Role.OPERATOR, ["netzilla"], WHY | {"fact": MENDED | {"seller": "sweeto"}}),
])  # fmt: skip
async def test_a_letter_is_settled_by_whose_it_is_and_who_may(
    desk: Desk, status: int, act: str, role: Role, sellers: list[str], body: dict[str, Any]
) -> None:
    """One's own sellers' only, and not to tell of another's; in other words with a note."""
    async with client(desk, role, *sellers) as other:
        headers = {"content-type": "application/json"}
        told = await other.post(f"{LETTER}/{act}", content=json.dumps(body), headers=headers)
    assert told.status_code == status, told.text
    assert (await state(desk))[0] == "parked"
