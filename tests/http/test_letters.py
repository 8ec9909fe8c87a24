"""What is parked, over HTTP: why, and what puts it right; what is personal is masked."""

from adapters.access import Role
from adapters.http.desk import Desk
from tests.asked import client

AT = "/v1/dead-letters"


async def test_letters_are_grouped_by_reason(desk: Desk):
    async with client(desk, Role.AUDITOR) as auditor:
        found = (await auditor.get(AT)).raise_for_status().json()
        none = (await auditor.get(AT, params={"reason": "conflict"})).json()
        page = (await auditor.get(AT, params={"after": found["dead_letters"][-1]["id"]})).json()
    [letter] = found["dead_letters"]
    assert [(one["reason"], one["parked"]) for one in found["reasons"]] == [(letter["reason"], 1)]
    assert found["reasons"][0]["meaning"]
    assert none["dead_letters"] == page["dead_letters"] == []


async def test_a_letter_says_why_and_what_to_do_and_is_masked(desk: Desk):
    """Its data are shown to an operator who asks for them, and to nobody else."""
    async with client(desk, Role.AUDITOR) as auditor, client(desk, Role.OPERATOR) as operator:
        id = (await auditor.get(AT)).json()["dead_letters"][0]["id"]
        masked = (await auditor.get(f"{AT}/{id}")).raise_for_status().json()
        refused = await auditor.get(f"{AT}/{id}", params={"payload": "true"})
        unasked = (await operator.get(f"{AT}/{id}")).json()
        whole = (await operator.get(f"{AT}/{id}", params={"payload": "true"})).json()
        missing = await operator.get(f"{AT}/999999")
    assert masked["remedy"]
    assert masked["sentence"]
    assert masked["payload"] == unasked["payload"]
    assert "•••" in masked["payload"]
    assert '"return_cost": -95.0' in masked["payload"]  # money is about no person
    assert "•••" not in whole["payload"]
    assert refused.status_code == 403
    assert missing.status_code == 404


async def test_letters_of_others_are_not_there(desk: Desk):
    """Nor is anything told of them."""
    async with client(desk, Role.OPERATOR) as operator:
        letter = (await operator.get(AT)).json()["dead_letters"][0]
    other = "gandalf" if letter["seller"] != "gandalf" else "sweeto"
    async with client(desk, Role.OPERATOR, other) as somebody:
        found = (await somebody.get(AT)).json()
        one = await somebody.get(f"{AT}/{letter['id']}")
    assert (found["reasons"], found["dead_letters"]) == ([], [])
    assert one.status_code == 404


async def test_who_has_no_business_with_letters_sees_none(desk: Desk):
    async with client(desk, Role.ACCOUNTANT) as accountant:
        assert (await accountant.get(AT)).status_code == 403
