"""Acts over HTTP: a month is closed, and what is parked is told again or put away."""

from typing import Any

import pytest

from adapters.access import Role
from adapters.http.desk import Desk
from tests.asked import client, writing

CLOSING = {"seller": "allectra", "month": "2026-07", "by": "Ann", "reason": "VAT"}
LETTER = "/v1/dead-letters/1"
BY = {"by": "Olof", "note": "mended"}
DISCARDED = {"by": "Olof", "reason": "told again"}
MENDED = {
    "specversion": "1.0", "id": "BAD-1", "source": "/carriers/netzilla", "type": "ParcelReturned",
    "seller": "netzilla", "subject": "NET-0001", "time": "2026-11-18T09:00:00+01:00",
    "data": {"parcel": "p1", "return_cost": 95.0},
}  # fmt: skip


# -- months ---------------------------------------------------------------------------------------


async def test_an_accountant_closes_a_month(own_desk: Desk) -> None:
    """By name; closed already it stays as it was closed, and its reason with it."""
    async with client(own_desk, Role.ACCOUNTANT, "allectra") as accountant, writing(own_desk):
        done = await accountant.post("/v1/ledger/close", json=CLOSING)
        again = await accountant.post("/v1/ledger/close", json=CLOSING | {"by": "Bo"})
    assert done.status_code == 200, done.text
    found = done.json()
    assert (found["month"], found["state"], found["by"]) == ("2026-07-01", "closed", "Ann")
    assert again.json() == found


@pytest.mark.parametrize(("status", "wrong"), [
    (409, {"month": "2026-11"}), (409, {"month": "2026-09"}), (422, {"month": "2026-13"}),
    (422, {"by": ""}), (422, {"reason": ["x"]}), (403, {"seller": "sweeto"}),
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
    """What became of the demo's letter, and who said so."""
    sql = "select state, settled_by from dead_letters where id = 1"
    return tuple(await desk.session.store.pool.fetchrow(sql))


async def test_a_letter_is_told_again_as_it_came_or_in_other_words(own_desk: Desk) -> None:
    """Refused anew it stays parked; mended it is taken, and then there is nothing left to do."""
    async with client(own_desk, Role.OPERATOR, "netzilla") as operator, writing(own_desk):
        same = await operator.post(f"{LETTER}/retry", json=BY)
        bad = BY | {"fact": MENDED | {"data": {"parcel": "p1", "return_cost": -1}}}
        still = await operator.post(f"{LETTER}/retry", json=bad)
        done = await operator.post(f"{LETTER}/retry", json=BY | {"fact": MENDED})
        gone = await operator.post(f"{LETTER}/retry", json=BY)
    assert same.json() == {"id": 1, "state": "parked"}
    assert (still.status_code, still.json()["detail"]) == (422, "return_cost: -1 is negative")
    assert done.json() == {"id": 1, "state": "taken"}
    assert gone.status_code == 409
    assert await state(own_desk) == ("retried", "Olof")


async def test_a_letter_is_put_away_with_a_reason(own_desk: Desk) -> None:
    async with client(own_desk, Role.OPERATOR) as operator, writing(own_desk):
        assert (await operator.post(f"{LETTER}/discard", json={"by": "Olof"})).status_code == 422
        done = await operator.post(f"{LETTER}/discard", json=DISCARDED)
    assert done.json() == {"id": 1, "state": "discarded"}
    assert await state(own_desk) == ("discarded", "Olof")
    sql = "select count(*) from events where type = 'LettersDiscarded'"
    assert await own_desk.session.store.pool.fetchval(sql) == 1


@pytest.mark.parametrize(("status", "act", "role", "sellers", "body"), [
    (404, "retry", Role.OPERATOR, ["sweeto"], BY),
    (404, "discard", Role.OPERATOR, ["sweeto"], DISCARDED),
    (403, "retry", Role.AUDITOR, [], BY), (403, "discard", Role.AUDITOR, [], DISCARDED),
    (422, "retry", Role.OPERATOR, [], {"by": "Olof", "fact": MENDED}),
    (403, "retry", Role.OPERATOR, ["netzilla"], BY | {"fact": MENDED | {"seller": "sweeto"}}),
])  # fmt: skip
async def test_a_letter_is_settled_by_whose_it_is_and_who_may(
    desk: Desk, status: int, act: str, role: Role, sellers: list[str], body: dict[str, Any]
) -> None:
    """One's own sellers' only, and not to tell of another's; in other words with a note."""
    async with client(desk, role, *sellers) as other:
        told = await other.post(f"{LETTER}/{act}", json=body)
    assert told.status_code == status, told.text
    assert (await state(desk))[0] == "parked"
