"""Chain heads go to their file without Kafka too; a writer killed amid a line spoils nothing."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.app import App
from adapters.cli.session import Session
from adapters.clock import Clock
from adapters.heads import Head, Keeper, append, encode, in_file
from adapters.http.serve import write
from adapters.metrics import Metrics
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.store import Store
from adapters.settings import Settings
from adapters.terms import book
from domain.errors import VillkorError
from tests.command import run
from tests.facts import life
from tests.kafka.bench import until

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def told(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the facts of two orders, where the heads go, too."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    monkeypatch.setenv("VILLKOR_HEADS", str(tmp_path / "heads"))
    for order in ("A-1", "A-2"):
        facts = b"\n".join(one.value for one in life("allectra", order))
        (tmp_path / order).write_bytes(facts + b"\n")
    return tmp_path


def partitions(path: Path) -> set[int]:
    return {one.partition for one in in_file(path)}


def test_what_is_ingested_leaves_heads(told: Path, capsys: Capsys) -> None:
    """Of all partitions in a new file; later of those that were moved, and none twice."""
    heads, first, second = told / "heads", *map(partition_of, ("allectra/A-1", "allectra/A-2"))
    elsewhere = told / "elsewhere"
    assert run(capsys, "ingest", str(told / "A-1"))[0] == 0
    assert first in partitions(heads)
    assert second not in partitions(heads)
    heads.rename(elsewhere)
    assert run(capsys, "ingest", str(told / "A-2"))[0] == 0
    assert {first, second} <= partitions(heads)
    before = heads.read_bytes()
    assert run(capsys, "ingest", str(told / "A-1"))[0] == 0
    assert heads.read_bytes() == before
    for path in (heads, elsewhere):
        assert run(capsys, "verify", "--heads", str(path))[0] == 0


def test_heads_that_cannot_be_written_fail_no_command(told: Path, capsys: Capsys) -> None:
    (told / "heads").symlink_to(told / "nowhere" / "heads")
    code, out, err = run(capsys, "ingest", str(told / "A-1"))
    assert (code, out[:7]) == (0, "7 taken"), err
    assert "heads not written" in err


async def test_a_server_that_writes_leaves_heads(app: App, store: Store, tmp_path: Path) -> None:
    """As a worker does: first of what it finds."""
    await app.handle(life("allectra", "A-1"))
    await app.release()
    path, metrics = tmp_path / "heads", Metrics()
    session = Session(Settings(tmp_path, heads=path), Clock(), store, book())
    writing = asyncio.create_task(write(session, asyncio.Event(), metrics))
    try:
        await until(lambda: metrics.heads.labels("written")._value.get() > 0, what="heads")
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    assert partition_of("allectra/A-1") in partitions(path)


def test_a_line_that_a_writer_was_killed_in_spoils_no_file(tmp_path: Path, capsys: Capsys) -> None:
    """It is told and left out, as the last line and when heads were written behind it."""
    path, now = tmp_path / "heads", datetime.now(UTC)
    one, other, torn = [Head("i", partition, 7, "ab", now) for partition in range(3)]
    append(path, [one])
    for length in (1, 30, len(encode(torn)) - 1):
        with path.open("ab") as file:
            file.write(encode(torn)[:length])
        assert list(in_file(path)) == [one]
        append(path, [other])
        assert list(in_file(path)) == [one, other]
        assert "a line of heads is incomplete" in "".join(capsys.readouterr())
        path.write_bytes(encode(one) + b"\n")


async def test_an_empty_file_of_heads_begins_without_an_empty_line(
    app: App, store: Store, tmp_path: Path
) -> None:
    await app.handle(life("allectra", "A-1"))
    heads = await Keeper(store.pool).moved(range(PARTITIONS), datetime.now(UTC))
    (tmp_path / "heads").touch()
    append(tmp_path / "heads", heads)
    assert list(in_file(tmp_path / "heads")) == heads


def test_a_file_that_is_none_of_heads_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "heads").write_bytes(b'{"installation": "x", "part": 1}\n')
    with pytest.raises(VillkorError, match="heads:1 is not a chain head"):
        list(in_file(tmp_path / "heads"))
    with pytest.raises(VillkorError, match="cannot be read"):
        list(in_file(tmp_path / "nowhere"))
