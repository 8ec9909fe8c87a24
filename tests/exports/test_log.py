"""The exported log: every event as it is stored, of one instant, and nothing personal."""

import asyncio
from pathlib import Path

import pytest

from adapters.app import App
from adapters.exports import log as exported
from adapters.exports.log import LOG, events_of, name_of, opened
from adapters.partitions import partition_of
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.processes import Part
from domain.errors import VillkorError
from tests.command import answer, run
from tests.facts import life, message, placed

EVENTS = f"select {', '.join(EventRow._fields)} from events order by partition, position"
ORDERS = 9
CALLED = "Ture Sventon"


@pytest.fixture
async def told(app: App) -> App:
    facts = [one for n in range(ORDERS) for one in life("allectra", f"Å-{n}")]
    who = message(
        "DiscretionExercised", "gandalf", "customer:c-7", "d", about="order", decision="keep",
        by=CALLED, reason="x",
    )  # fmt: skip
    await app.handle([*facts, who])
    return app


def rows_in(folder: Path) -> list[EventRow]:
    return [
        row
        for part in opened(folder).parts
        for row in events_of((folder / name_of(part.partition)).read_bytes())
    ]


def files_of(folder: Path) -> list[bytes]:
    return [(folder / name_of(part.partition)).read_bytes() for part in opened(folder).parts] + [
        (folder / LOG).read_bytes()
    ]


@pytest.mark.parametrize("processes", [1, 2])
async def test_every_event_is_there_as_it_is_stored(
    told: App, store: Store, tmp_path: Path, processes: int
) -> None:
    """In the file of its partition, and `log.json` says where each ends."""
    folder = tmp_path / "log"
    log = await exported.write(store, folder, processes=processes)
    stored = [EventRow(*row) for row in await store.pool.fetch(EVENTS)]
    assert rows_in(folder) == stored
    assert len(stored) == log.events > 7 * ORDERS
    for part in log.parts:
        rows = list(events_of((folder / name_of(part.partition)).read_bytes()))
        assert {partition_of(row.key) for row in rows} <= {part.partition}
        assert not rows or (rows[-1].position, rows[-1].hash) == part[1:]
    editions = await store.editions()
    assert {one[0] for one in log.editions} == {one.hash for one in editions} != set()
    assert log == opened(folder)


async def test_it_is_of_one_instant(
    told: App, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written while it is written is not in it."""
    before = await store.pool.fetchval("select count(*) from events")
    later: list[Part] = []

    async def meanwhile(connection: object, part: Part, folder: str) -> None:
        later.append(part)
        if len(later) == 1:
            await told.handle([placed("allectra", "later")])
        await written(connection, part, folder)

    written = exported.partition_written
    monkeypatch.setattr(exported, "partition_written", meanwhile)
    log = await exported.write(store, tmp_path, processes=1)
    assert log.events == before == len(rows_in(tmp_path))
    assert await store.pool.fetchval("select count(*) from events") > before


async def test_nothing_personal_is_in_it(told: App, store: Store, tmp_path: Path) -> None:
    """It lies beside the log, which has but a digest."""
    assert CALLED in [
        row[0] for row in await store.pool.fetch("select value #>> '{}' from personal")
    ]
    await exported.write(store, tmp_path)
    told_of = "".join(map(str, rows_in(tmp_path)))
    assert "customer:c-7" in told_of
    assert CALLED not in told_of
    assert CALLED.encode() not in b"".join(files_of(tmp_path))


async def test_the_command(
    told: App, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """It writes into a new folder, and never over what is there."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    command = ("export", "log", "--out", str(tmp_path / "log"))
    said = await asyncio.to_thread(answer, capsys, *command)
    assert said["events"] == opened(tmp_path / "log").events > 0
    code, out, err = await asyncio.to_thread(run, capsys, *command)
    assert (code, out) == (1, "")
    assert err.endswith("log is not empty; name a new folder\n")


def test_a_folder_without_its_description_is_no_log(tmp_path: Path) -> None:
    """It is written last: where the export was ended, it is not there."""
    with pytest.raises(VillkorError, match=r"export log .* writes it when everything else is"):
        opened(tmp_path)
    (tmp_path / LOG).write_text("{}")
    with pytest.raises(VillkorError, match="describes no log"):
        opened(tmp_path)


async def test_a_damaged_file_is_an_error(told: App, store: Store, tmp_path: Path) -> None:
    """Also where only one bit of what was stored is another: every page has a checksum."""
    await exported.write(store, tmp_path)
    file = max(files_of(tmp_path), key=len)
    flipped = bytearray(file)
    flipped[len(file) // 3] ^= 1
    for damaged in (b"", file[:-9], bytes(flipped)):
        with pytest.raises(VillkorError, match="no file of events"):
            list(events_of(damaged))
