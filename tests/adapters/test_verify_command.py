"""`villkor verify`: exit 3 and each difference, for people and for programs."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.app import App
from adapters.heads import Keeper, append
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.store import Store
from adapters.verify.protected import UNPROTECTED
from tests.command import answer, run
from tests.facts import life


@pytest.fixture
async def told(
    app: App, store: Store, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Store:
    """An installation with one order, and its heads in a file."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    await app.handle(life("allectra", "A-1"))
    heads = await Keeper(store.pool).moved(range(PARTITIONS), datetime.now(UTC))
    append(tmp_path / "heads", heads)
    return store


async def in_thread(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """A command has a loop of its own."""
    return await asyncio.to_thread(run, capsys, *arguments)


async def test_what_is_sound_is_said_in_a_line(
    told: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Beside it, what verify cannot answer for."""
    code, out, err = await in_thread(capsys, "verify", "--heads", str(tmp_path / "heads"))
    assert (code, out.count("\n")) == (0, 1)
    assert out.startswith("1 orders, 0 customers, 20 events")
    assert out.endswith("0 differences, ledger 0.00\n")
    assert "not verified: " in err


async def test_differences_are_structured_and_exit_3(
    told: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Amounts are kronor; the sentences are those that people read."""
    fees = await told.pool.fetchval("select fees from orders")
    await told.pool.execute("update orders set fees = fees + 100")
    code, out, _ = await in_thread(capsys, "verify")
    sentence = f"orders allectra A-1: fees is {fees + 100}, not {fees}"
    assert code == 3
    assert sentence in out.splitlines()
    found = await asyncio.to_thread(answer, capsys, "verify")
    assert set(found) == {
        "orders", "customers", "events", "ledger_total", "differences", "held", "unprotected",
    }  # fmt: skip
    [one] = found["differences"]
    assert (one["table"], one["order"], one["sentence"]) == ("orders", "allectra/A-1", sentence)
    assert (one["expected"], one["found"]) == ({"fees": fees / 100}, {"fees": fees / 100 + 1})
    assert len(found["unprotected"]) == len(UNPROTECTED)
    assert all(one["table"] and one["reason"] for one in found["unprotected"])


async def test_heads_that_the_log_does_not_have_are_differences(
    told: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    partition = partition_of("allectra/A-1")
    await told.pool.execute(
        "delete from events where (partition, position) in (select partition, position from"
        " partitions where partition = $1)", partition,
    )  # fmt: skip
    code, out, _ = await in_thread(capsys, "verify", "--heads", str(tmp_path / "heads"))
    assert code == 3
    assert f"partition {partition}: event 20, once its head, is no longer there" in out
    code, _, err = await in_thread(capsys, "verify", "--heads", str(tmp_path / "nowhere"))
    assert code == 1
    assert "nowhere cannot be read" in err
    (tmp_path / "emptied").touch()
    code, _, err = await in_thread(capsys, "verify", "--heads", str(tmp_path / "emptied"))
    assert code == 1
    assert "there are no chain heads to compare with" in err
