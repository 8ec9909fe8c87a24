"""The feed: every event once, an order's in order, and nothing of others, whatever happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random
from typing import Any

import httpx
import msgspec
import pytest

from adapters.access import Role
from adapters.feed import Vector
from adapters.http.api.events import STREAMS
from adapters.http.app import application
from adapters.http.desk import Desk
from adapters.http.serve import asked
from adapters.http.server import listening
from adapters.kafka.outcomes import encoded
from adapters.postgres.store import Store
from adapters.tokens import Signed, revoke
from tests.asked import client, token
from tests.facts import life

STREAM = {"accept": "text/event-stream"}
Event = dict[str, Any]
Place = tuple[int, int]


async def pages(asking: httpx.AsyncClient, **query: Any) -> AsyncIterator[Event]:
    """All pages, to the end of the log."""
    after: dict[str, str] = {}
    while True:
        told = await asking.get("/v1/events", params=query | after)
        page = told.raise_for_status().json()
        yield page
        if not page["more"]:
            return
        after = {"after": page["next"]}


async def fed(asking: httpx.AsyncClient, **query: Any) -> list[Event]:
    return [event async for page in pages(asking, **query) for event in page["events"]]


def places(events: list[Event]) -> list[Place]:
    return [(one["partition"], one["position"]) for one in events]


async def log(store: Store, seller: str | None = None) -> list[Place]:
    sql = "select partition, position from events where $1::text is null or seller = $1"
    return sorted(map(tuple, await store.pool.fetch(sql, seller)))


# -- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [37, 1000])
async def test_pages_hold_every_event_once_and_an_orders_in_order(desk: Desk, limit: int) -> None:
    """Whether or not a page has room for every partition."""
    async with client(desk, Role.AUDITOR) as auditor:
        events = await fed(auditor, limit=limit)
    found = places(events)
    assert sorted(found) == await log(desk.session.store)
    versions: dict[tuple[str, str], int] = {}
    for one in events:
        order = one["seller"], one["order"]
        assert one["version"] == versions.get(order, 0) + 1
        versions[order] = one["version"]


async def test_a_token_sees_only_events_of_its_sellers(desk: Desk) -> None:
    """Its cursor moves past the others; asking for another seller is refused."""
    async with client(desk, Role.AUDITOR, "sweeto") as auditor:
        found = [page async for page in pages(auditor)]
        other = await auditor.get("/v1/events", params={"seller": "allectra"})
        again = (await auditor.get("/v1/events", params={"after": found[-1]["next"]})).json()
    events = [event for page in found for event in page["events"]]
    assert sorted(places(events)) == await log(desk.session.store, "sweeto")
    assert other.status_code == 403
    assert (again["events"], again["more"], again["next"]) == ([], False, found[-1]["next"])
    async with client(desk, Role.AGENT) as agent:
        assert (await agent.get("/v1/events")).status_code == 403


async def test_events_are_shown_as_they_were_told_or_as_they_are_sent(desk: Desk) -> None:
    """A fact's own data, less what is personal, of which there are digests; an outcome's as the
    topic of outcomes has them."""
    sql = "select * from events where type = any($1::text[]) order by partition, position"
    async with client(desk, Role.AUDITOR) as auditor:
        shown = await fed(auditor, type=["OrderPlaced", "FeeRaised"], seller="allectra")
    rows = [row for row in await desk.session.store.pool.fetch(sql, ["OrderPlaced", "FeeRaised"])
            if row["seller"] == "allectra"]  # fmt: skip
    store = desk.session.store
    assert {one["type"] for one in shown} == {"OrderPlaced", "FeeRaised"}
    by_place = dict(zip(places(shown), shown, strict=True))
    for row in rows:
        one = by_place.pop((row["partition"], row["position"]))
        stream = await store.streams([(row["seller"], row["order_id"])])
        [event] = [each for each in stream[f"{row['seller']}/{row['order_id']}"]
                   if each.version == row["version"]]  # fmt: skip
        if row["type"] == "FeeRaised":
            assert one["data"] == msgspec.json.decode(encoded(event).value)["data"]
            continue
        assert one["data"] == msgspec.json.decode(event.body)
        meta = msgspec.json.decode(event.meta)
        assert one.get("personal", {}) == meta.get("personal", {})
    assert not by_place


async def test_a_log_that_is_longer_than_a_look_is_read_to_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages may be empty and have more behind them."""
    monkeypatch.setattr("adapters.feed.SPAN", 3)
    async with client(desk, Role.AUDITOR, "gandalf") as auditor:
        events = await fed(auditor, type=["DecisionNeeded"])
    assert [one["order"] for one in events] == ["GAN-0010"]


async def test_a_feed_may_begin_at_the_end(desk: Desk) -> None:
    async with client(desk, Role.AUDITOR) as auditor:
        page = (await auditor.get("/v1/events", params={"since": "now"})).json()
    assert (page["events"], page["more"]) == ([], False)


@pytest.mark.parametrize("cursor", [
    "x", "%%", "AAAA", str(Vector((1,) * 255)), str(Vector((10**9,) * 256)),
])  # fmt: skip
async def test_what_is_no_cursor_of_this_log_is_refused(desk: Desk, cursor: str) -> None:
    """Also one that is ahead of it: else events that are still to come would be left out."""
    async with client(desk, Role.AUDITOR) as auditor:
        for asked_with in ({"params": {"after": cursor}}, {"headers": {"last-event-id": cursor}}):
            told = await auditor.get("/v1/events", **asked_with)  # type: ignore[arg-type]
            assert (told.status_code, "begin without" in told.json()["detail"]) == (422, True)


# -- streams --------------------------------------------------------------------------------------


@asynccontextmanager
async def served(desk: Desk, secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that listens; its streams end with it."""
    headers = STREAM | {"authorization": f"Bearer {secret}"}
    async with listening(application(asked(desk)), ("127.0.0.1", 0)) as port:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20
        ) as one:
            yield one
        desk.ending.set()


async def messages(told: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """Whole messages, as a browser takes them: what was cut off is dropped."""
    fields: dict[str, str] = {}
    async for line in told.aiter_lines():
        if not line:
            yield fields
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


async def listen(
    served: httpx.AsyncClient, events: list[Event], last: str | None, until: int, cut: int
) -> str | None:
    """Take messages until there are so many events, or so many messages came; the last id."""
    headers = {} if last is None else {"last-event-id": last}
    params = {"limit": 64}
    async with served.stream("GET", "/v1/events", headers=headers, params=params) as told:
        assert told.headers["content-type"].startswith("text/event-stream")
        async for message in messages(told):
            last = message.get("id", last)
            if "data" in message:
                events += json.loads(message["data"])["events"]
            cut -= 1
            if cut == 0 or len(events) >= until:
                break
    return last


async def test_nothing_is_lost_or_doubled_while_a_writer_works_and_connections_break(
    own_desk: Desk,
) -> None:
    """Begun anew where it was, again and again, until all that was written meanwhile is there."""
    random, store = Random(7), own_desk.session.store
    secret = await token(own_desk, Role.AUDITOR)

    async def write() -> None:
        async with own_desk.session.writer() as app:
            for one in range(40):
                await app.handle([fact for at in range(3)
                                  for fact in life("allectra", f"L-{one}-{at}")])  # fmt: skip

    writing = asyncio.create_task(write())
    events: list[Event] = []
    last: str | None = None
    async with served(own_desk, secret) as auditor:
        while not writing.done():
            last = await listen(auditor, events, last, 10**9, random.randint(1, 12))
        await writing
        whole = await log(store)
        with suppress(TimeoutError):  # what is lost never comes
            async with asyncio.timeout(60):
                while len(events) < len(whole):
                    last = await listen(auditor, events, last, len(whole), random.randint(1, 40))
    assert sorted(places(events)) == whole
    assert len({one["order"] for one in events if one["order"].startswith("L-")}) == 120


async def test_a_stream_goes_on_as_the_log_does_and_ends_with_its_token(
    own_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while somebody listens comes at once; who is revoked hears no more."""
    monkeypatch.setattr("adapters.http.api.events.CHECK_SECONDS", 1.0)
    secret = await token(own_desk, Role.AUDITOR, "allectra")
    store = own_desk.session.store
    [name] = [row["id"] for row in await store.pool.fetch("select id from tokens")]
    heard: list[Event] = []
    async with (
        served(own_desk, secret) as auditor,
        auditor.stream("GET", "/v1/events", params={"since": "now"}) as told,
    ):
        coming = messages(told)
        assert "retry" in await anext(coming)
        async with own_desk.session.writer() as app:
            await app.handle([*life("sweeto", "S-1"), *life("allectra", "A-1")])
        while len(heard) < 7:
            message = await asyncio.wait_for(anext(coming), 20)
            heard += json.loads(message.get("data", '{"events": []}'))["events"]
        await revoke(store, name, Signed("Ann", "gone"), own_desk.now)
        async with asyncio.timeout(20):
            async for message in coming:
                heard += json.loads(message.get("data", '{"events": []}'))["events"]
    assert {(one["seller"], one["order"]) for one in heard} == {("allectra", "A-1")}


async def test_a_token_has_so_many_streams(own_desk: Desk) -> None:
    """One more is 429 while pages are answered; one that ended makes room."""
    secret = await token(own_desk, Role.AUDITOR)
    async with served(own_desk, secret) as auditor, AsyncExitStack() as streams:
        for _ in range(STREAMS):
            told = await streams.enter_async_context(auditor.stream("GET", "/v1/events"))
            assert told.status_code == 200
        more = await streams.enter_async_context(auditor.stream("GET", "/v1/events"))
        assert more.status_code == 429
        assert "ask for pages" in (await more.aread()).decode()
        page = await auditor.get("/v1/events", headers={"accept": "application/json"})
        assert page.status_code == 200
        await told.aclose()
        async with asyncio.timeout(20):
            while told.status_code != 200 or told.is_closed:
                told = await streams.enter_async_context(auditor.stream("GET", "/v1/events"))


async def test_a_stream_ends_with_its_server(own_desk: Desk) -> None:
    """At once: a server that is told to stop waits for nobody who only listens."""
    secret = await token(own_desk, Role.AUDITOR)
    async with (
        served(own_desk, secret) as auditor,
        auditor.stream("GET", "/v1/events", params={"since": "now"}) as told,
    ):
        coming = messages(told)
        await anext(coming)
        own_desk.ending.set()
        async with asyncio.timeout(4):
            assert all("data" not in one for one in [message async for message in coming])
