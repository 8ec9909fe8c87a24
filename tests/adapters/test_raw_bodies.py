"""`ingest --source` and `parcel` as a user runs them."""

import asyncio
import json
from pathlib import Path

import pytest

from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain
from adapters.ingest import bodies
from adapters.postgres.store import Store
from adapters.terms import book
from domain.errors import VillkorError
from tests.adapters.shops import fixtures
from tests.bodies import LIFE, NUMBER, postnord, ships
from tests.command import answer, run
from tests.facts import placed


@pytest.fixture
def folder(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation, and a folder of files for it."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_NOW", "2024-06-01T12:00")
    facts = [placed("allectra", "A"), ships()]
    (tmp_path / "facts.jsonl").write_bytes(b"".join(one.value + b"\n" for one in facts))
    (tmp_path / "body.json").write_bytes(json.dumps(json.loads(postnord()), indent=1).encode())
    (tmp_path / "bodies.jsonl").write_bytes(postnord(LIFE[:2]) + b"\n\n" + postnord() + b"\n")
    (tmp_path / "body.xml").write_bytes(b"<a>\n<b/>\n</a>\n")
    (tmp_path / "broken.json").write_bytes(b'{"a":\n1,\n')
    return tmp_path


def test_a_file_is_a_body_or_has_one_a_line(folder: Path) -> None:
    """One JSON value over many lines, XML, and what is neither, are one body."""
    places = {
        name: [one.place for one in bodies([str(folder / name)])]
        for name in ("body.json", "bodies.jsonl", "body.xml", "broken.json")
    }
    assert places == {
        "body.json": ["body.json"], "bodies.jsonl": ["bodies.jsonl:1", "bodies.jsonl:3"],
        "body.xml": ["body.xml"], "broken.json": ["broken.json"],
    }  # fmt: skip
    with pytest.raises(VillkorError, match="cannot be read"):
        list(bodies([str(folder / "missing")]))


def test_what_waits_is_counted_and_taken_when_the_parcel_is_shipped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body, facts = str(folder / "body.json"), str(folder / "facts.jsonl")
    raw = ("ingest", "--source", "postnord", body)
    none = {"taken": 0, "duplicates": 0, "waiting": 0, "parked": 0}
    assert answer(capsys, *raw) == none | {"waiting": 2, "kept": 1}
    assert answer(capsys, *raw) == none | {"duplicates": 3, "waiting": 2, "kept": 0}
    [waiting] = answer(capsys, "parcel", NUMBER)["parcels"]
    assert [one["waiting"] for one in waiting["sightings"]] == [False, True, True]
    assert answer(capsys, "ingest", facts) == none | {"taken": 2}
    assert answer(capsys, *raw) == none | {"duplicates": 3, "kept": 0}
    more = ("ingest", "--source", "postnord", str(folder / "bodies.jsonl"), body)
    assert answer(capsys, *more)["taken"] == 0
    [told] = answer(capsys, "parcel", NUMBER.lower(), "--carrier", "PostNord AB")["parcels"]
    assert told["shipments"][0]["order"] == "A"
    assert [(one["fact"], one["told"], one["waiting"]) for one in told["sightings"]] == [
        (None, [], False),
        ("InTransit", ["allectra/A"], False),
        ("AvailableForCollection", ["allectra/A"], False),
    ]
    code, out, _ = run(capsys, "parcel", NUMBER)
    assert (code, max(map(len, out.splitlines())) <= 80) == (0, True)
    assert run(capsys, "parcel", "nobody's")[0] == 1
    assert answer(capsys, "verify")["differences"] == []


async def test_facts_of_carriers_are_known_since_they_happened(
    folder: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export that is told months later: the history is as if each had been told in time."""
    for more in (
        ["--source", "postnord", str(folder / "body.json")],
        [str(folder / "facts.jsonl")],
    ):
        await asyncio.to_thread(run, capsys, "ingest", *more)
    rows = await store.pool.fetch(
        "select at, recorded_at from events where source like 'carrier:%'"
    )
    assert [row["at"] for row in rows] == [row["recorded_at"] for row in rows]
    assert len(rows) == 2


def test_bodies_of_shops(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = folder / "order.json"
    order.write_text(json.dumps(fixtures.body("shopify_order")))
    raw = ("ingest", "--source", "shopify", str(order))
    code, _, said = run(capsys, *raw)
    assert (code, "VILLKOR_SENDERS" in said) == (1, True)
    first = answer(capsys, *raw, "--seller", "allectra", "--topic", "orders/create")
    assert first["taken"] > 0
    senders = folder / "senders.toml"
    senders.write_text('[shopify."s.example"]\nseller = "allectra"\n')
    monkeypatch.setenv("VILLKOR_SENDERS", str(senders))
    for shop in ([], ["--shop", "s.example"]):
        again = answer(capsys, *raw, *shop, "--topic", "orders/create")
        assert again == first | {"taken": 0, "duplicates": first["taken"]}


def test_what_is_asked_for_wrongly(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = str(folder / "body.json")
    assert run(capsys, "ingest", "--shop", "s", body)[0] == 2
    code, _, said = run(capsys, "ingest", "--source", "pigeon", body)
    assert (code, "'pigeon' is neither a carrier" in said) == (1, True)
    report = answer(capsys, "ingest", "--source", "ups", str(folder / "broken.json"))
    assert report["parked"] == 1


async def test_a_writer_that_is_at_work_is_given_the_facts(
    folder: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody else claims a partition that is live: what the body tells goes to its inbox."""
    app = await App.start(store, book(), "another:1", Clock())
    await app.claim()
    await app.handle([ships()])
    telling = asyncio.create_task(
        asyncio.to_thread(
            answer, capsys, "ingest", "--source", "postnord", str(folder / "body.json")
        )
    )
    while not telling.done():
        await app.heartbeat()
        await drain(app)
        await asyncio.sleep(0.05)
    assert telling.result() == {
        "taken": 2, "duplicates": 0, "waiting": 0, "parked": 0, "kept": 1,
    }  # fmt: skip
    await app.release()
