"""What bodies say of persons enters neither the database nor the logs, whichever way it comes."""

import asyncio
from pathlib import Path

import httpx
import pytest

from adapters.app import App
from adapters.carriers import FAMILY
from adapters.http.app import application
from adapters.http.destinations import ToLog
from adapters.http.webhooks import Webhooks
from adapters.inbox import drain
from adapters.log import configure
from adapters.metrics import Metrics
from adapters.postgres.store import Store
from adapters.shops import SHOPS
from tests.command import run
from tests.persons import LETTER, PERSON, PLANTED, SENDERS, bodies, headers, leaked, leaks_in

COUNTS = """
    select (select count(*) from events where source like 'shop:%') shops,
           (select count(*) from sightings) carriers, (select count(*) from dead_letters) parked
"""


def test_the_bodies_are_of_every_source_and_hold_every_person() -> None:
    found = list(bodies())
    assert {source for source, _ in found} == {*FAMILY, *SHOPS}
    for source in (*FAMILY, *SHOPS):
        told = b"".join(value for one, value in found if one == source)
        assert leaked(told) == list(PLANTED)


async def everything_was_told(store: Store) -> None:
    """The test would show nothing had nothing been taken, kept and parked."""
    shops, carriers, parked = await store.pool.fetchrow(COUNTS)
    assert (shops > 15, carriers > 30, parked > 20) == (True, True, True), (shops, carriers, parked)


async def test_from_files(
    database: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Also where a file is told to the wrong translator, and by what the commands then show."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_LOG", "json:debug")

    def tell() -> str:
        for number, (source, value) in enumerate(bodies()):
            (tmp_path / source).mkdir(exist_ok=True)
            (tmp_path / source / f"{number}.json").write_bytes(value)
        said = []
        for source in (*FAMILY, *SHOPS):
            files = [str(one) for one in sorted((tmp_path / source).iterdir())]
            seller = ["--seller", "netzilla"] if source in SHOPS else []
            said += run(capfd, "-v", "ingest", "--source", source, *seller, *files)
            if source in SHOPS:
                said += run(capfd, "-v", "ingest", "--source", source, *seller, "--reconcile",
                            *files)  # fmt: skip
        wrong = [str(one) for one in sorted((tmp_path / "shopify").iterdir())]
        said += run(capfd, "-v", "ingest", "--source", "postnord", *wrong)
        said += run(capfd, "-v", "ingest", "--source", "commercetools", "--seller", "x", *wrong)
        said += run(capfd, "dead-letters", "list")
        said += run(capfd, "dead-letters", "show", "1")
        return "\n".join(map(str, said))

    assert leaked(await asyncio.to_thread(tell)) == []
    await everything_was_told(store)
    assert await leaks_in(store.pool) == []


async def test_by_webhooks(app: App, store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    """Also in addresses, and where the sender is not believed."""
    configure("json:debug")
    destination = ToLog(store, SENDERS, app.clock)
    routes = Webhooks(SENDERS, destination, Metrics()).routes()
    transport = httpx.ASGITransport(application(routes))
    answers = []
    async with httpx.AsyncClient(transport=transport, base_url="http://villkor") as client:
        for source, value in bodies():
            path = f"/webhooks/{'shops' if source in SHOPS else 'carriers'}/{source}"
            answer = await client.post(path, content=value, headers=headers(source, value))
            answers.append(answer)
        for about in ({}, headers("shopify", LETTER)):
            answers.append(await client.post(path, content=LETTER, headers=about))
    await drain(app)
    assert {one.status_code for one in answers} == {200, 400, 401}
    assert leaked(*(one.text for one in answers)) == []
    assert leaked(*capfd.readouterr()) == []
    assert await leaks_in(store.pool) == []
    shops, carriers, _ = await store.pool.fetchrow(COUNTS)
    assert (shops > 15, carriers > 30) == (True, True), (shops, carriers)


async def test_the_search_finds_what_is_there(store: Store) -> None:
    """In text and in bytes."""
    sql = "insert into inbox (partition, value, place) values (1, $1, 'x')"
    await store.pool.execute(sql, PERSON.encode())
    assert {what for _, what in await leaks_in(store.pool)} == set(PLANTED)
