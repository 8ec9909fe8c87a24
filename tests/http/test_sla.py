"""What falls due, over HTTP."""

from datetime import timedelta

from adapters.access import Role
from adapters.cli.demo import NOW
from adapters.clock import Clock
from adapters.http.desk import Desk
from tests.asked import client


async def test_the_board_has_bands_and_groups(desk: Desk):
    """Counts, and money at risk in kronor; of those sellers whose rows are there."""
    async with client(desk, Role.AGENT, "allectra") as agent:
        board = (await agent.get("/v1/sla")).raise_for_status().json()
        clause = (await agent.get("/v1/sla", params={"clause": "DAL-2:14"})).json()
    assert [one["band"] for one in board["bands"]] == ["past_due", "today", "this_week", "later"]
    assert board["bands"][0] == {"band": "past_due", "count": 4, "at_risk": {"SEK": 10095.0}}
    assert [one["name"] for one in board["sellers"]] == ["allectra"]
    assert {one["name"] for one in board["carriers"]} >= {"schenker", None}
    assert clause["bands"][0]["count"] == 4
    assert "DAL-2:14" in {one["name"] for one in clause["clauses"]}


async def test_deadlines_come_page_by_page_the_most_urgent_first(desk: Desk):
    """`next` leads on, within a band too; nonsense is no cursor."""
    async with client(desk, Role.AGENT) as agent:
        found, after = [], None
        while True:
            asked = {"band": "past_due", "limit": 10} | ({"after": after} if after else {})
            page = (await agent.get("/v1/sla/deadlines", params=asked)).raise_for_status().json()
            found += page["deadlines"]
            if (after := page["next"]) is None:
                break
        nonsense = await agent.get("/v1/sla/deadlines", params={"after": "no"})
        unknown = await agent.get("/v1/sla/deadlines", params={"band": "soon"})
    assert len(found) == len({(one["order"], one["subject"]) for one in found}) == 26
    assert [one["lapses_at"] for one in found] == sorted(one["lapses_at"] for one in found)
    assert (nonsense.status_code, unknown.status_code) == (422, 422)


async def test_what_did_not_change_is_sent_once_though_the_clock_goes_on(desk: Desk):
    """`now` is no part of the tag, which is weak; what has become late meanwhile is."""

    def at(moment: timedelta) -> None:
        desk.session.clock = Clock(NOW + moment)

    async with client(desk, Role.AGENT) as agent:
        for path in ("/v1/sla", "/v1/sla/deadlines"):
            at(timedelta())
            first = (await agent.get(path)).raise_for_status()
            assert first.headers["etag"].startswith("W/")
            again = {"If-None-Match": first.headers["etag"]}
            at(timedelta(milliseconds=1))
            assert (await agent.get(path, headers=again)).status_code == 304
            second = (await agent.get(path)).json()
            assert second.pop("now") != first.json()["now"]
            assert second == {k: v for k, v in first.json().items() if k != "now"}
            at(timedelta(days=30))
            assert (await agent.get(path, headers=again)).status_code == 200
