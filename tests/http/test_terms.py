"""The terms over HTTP, for anyone with a token."""

from typing import Any

import pytest

from adapters.access import Role
from adapters.http.desk import Desk
from tests.asked import client

AT = "/v1/terms"


@pytest.fixture
async def asked(desk: Desk):
    """Somebody whose token is for a seller that has no terms of its own."""
    async with client(desk, Role.AGENT, "nobody") as somebody:

        async def ask(path: str, **of: str) -> Any:
            return (await somebody.get(f"{AT}/{path}", params=of)).raise_for_status().json()

        yield ask


async def test_an_edition_says_each_value_and_its_clauses(desk: Desk, asked: Any):
    """Of a contract's day to anyone; as it was pinned to those for whom the orders are there."""
    sellers = (await asked("sellers"))["sellers"]
    assert {"allectra", "netzilla"} <= {one["seller"] for one in sellers}
    edition = await asked("sellers/allectra", day="2026-08-25")
    values = {one["key"]: one for one in edition["values"]}
    assert values["unclaimed.floor"]["value"] == "350.00"
    assert "ALL-6.4-3" in values["unclaimed.floor"]["clauses"]
    assert (await asked("sellers/allectra/editions"))["editions"] == []
    async with client(desk, Role.AGENT, "allectra") as agent:
        at = f"{AT}/sellers/allectra/editions"
        editions = (await agent.get(at)).raise_for_status().json()["editions"]
        assert edition["edition"] in {one["edition"] for one in editions}
        pinned = (await agent.get(f"{at}/{edition['edition'][:12]}")).raise_for_status().json()
    assert [one["key"] for one in pinned["values"]] == sorted(values)


async def test_every_edition_that_is_listed_is_there(desk: Desk):
    """Also a marketplace's, which sellers' orders pinned through it."""
    async with client(desk, Role.AGENT) as agent:
        through = 0
        for seller in ("allectra", "netzilla"):
            at = f"{AT}/sellers/{seller}/editions"
            for one in (await agent.get(at)).raise_for_status().json()["editions"]:
                shown = (await agent.get(f"{at}/{one['edition']}")).raise_for_status().json()
                assert (shown["edition"], shown["seller"]) == (one["edition"], one["seller"])
                through += one["seller"] != seller
    assert through


async def test_a_clause_says_what_enforces_it(asked: Any):
    clauses = (await asked("sellers/allectra/clauses", day="2026-08-25"))["clauses"]
    floor = next(one for one in clauses if one["clause"] == "ALL-6.4-3")
    assert (floor["place"], floor["policies"][0]) == ("enforced", "unclaimed")
    assert "unclaimed.floor" in {one["key"] for one in floor["values"]}
    assert all(one["policies"] or one["scenarios"] or one["place"] != "enforced" for one in clauses)
    shown = await asked("clauses/ALL-6.4-3")
    assert shown["says"]["rule"] == floor["rule"]
    assert shown["decided"]["policies"] == floor["policies"]
    reading = (await asked("clauses/allectra-unclaimed-freight"))["reading"]
    assert reading["default"] in reading["options"]
    assert (await asked("clauses/DAL-2:14"))["says"]["act"]


async def test_coverage_counts_every_clause_once(asked: Any):
    whole, own = await asked("coverage"), await asked("coverage", seller="netzilla")
    assert sum(whole["counts"].values()) == len(whole["clauses"]) > len(own["clauses"]) > 0
    assert {one["terms"] for one in own["clauses"]} == {"netzilla"}
    assert whole["faults"] == []
    shown = await asked("coverage", place="shown")
    assert len(shown["clauses"]) == whole["counts"]["shown"] == shown["counts"]["shown"]


async def test_two_editions_are_compared_value_by_value(asked: Any):
    """Between two days the law changed, and with it what the terms come to."""
    found = await asked("comparison", seller="allectra", one="2026-06-18", other="2026-08-25")
    assert found["values"]
    assert all(one["one"] != one["other"] for one in found["values"])
    same = await asked("comparison", seller="allectra", one="2026-08-25", other="2026-08-25")
    assert same["values"] == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("sellers/nobody", 404, "there are no terms of 'nobody'"),
        ("sellers/allectra?day=1950-01-01", 422, "a contract of 1950-01-01"),
        ("sellers/allectra?day=2199-01-01", 422, "a contract of 2199-01-01"),
        ("sellers/allectra?marketplace=sweeto", 422, "marketplace: 'sweeto' is no marketplace"),
        ("sellers/allectra/editions/000000000000", 404, "no order of allectra pinned"),
        ("clauses/ALL-0.0", 404, "nothing is called 'ALL-0.0'"),
        ("comparison?seller=/etc/passwd.toml&one=2026-01-01&other=2026-01-02", 404, "there are no"),
        ("comparison?seller=allectra&one=1950-01-01&other=2026-01-02", 422, "terms of allectra"),
    ],
)
async def test_what_is_not_known_is_said(desk: Desk, path: str, status: int, said: str):
    """No file of the server is a seller."""
    async with client(desk, Role.AGENT) as agent:
        answer = await agent.get(f"{AT}/{path}")
    assert (answer.status_code, answer.json()["detail"][: len(said)]) == (status, said)
