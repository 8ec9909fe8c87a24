"""`villkor verify`: exit 3 and each difference, for people and for programs."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.app import App
from adapters.heads import Keeper, append
from adapters import sla_sums
from adapters.ledger.sums import add_up
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.store import Store
from adapters.rebuild import rebuild
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
    """Beside it, in one line, where it is said what verify cannot answer for."""
    code, out, err = await in_thread(capsys, "verify", "--heads", str(tmp_path / "heads"))
    assert (code, out.count("\n")) == (0, 1)
    assert out.startswith("1 orders, 0 customers, 20 events")
    assert out.endswith("0 differences, ledger 0.00\n")
    assert "were not compared: --heads FILE" in (await in_thread(capsys, "verify"))[2]
    assert err == (
        "villkor: what no hash chain can answer for is listed in README, under Verifying, "
        "and by --json\n"
    )


async def test_differences_are_structured_and_exit_3(
    told: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Amounts are kronor; the sentences are those that people read."""
    fees = await told.pool.fetchval("select fees from orders")
    await told.pool.execute("update orders set fees = fees + 100")
    code, out, _ = await in_thread(capsys, "verify")
    assert fees == 445_00
    sentence = "orders allectra A-1: fees is 446.00, not 445.00"
    assert code == 3
    assert sentence in out.splitlines()
    found = await asyncio.to_thread(answer, capsys, "verify")
    assert set(found) == {
        "orders", "customers", "events", "ledger_total", "differences", "held", "unprotected",
        "notes", "position", "rules", "heads_compared", "protected",
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


async def test_every_sentence_has_its_amounts_in_kronor(
    told: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an event that was changed, of a posting, of the sums by day, and of the whole ledger."""
    await add_up(told.pool)
    async with told.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            "update events set body = replace(encode(body, 'escape'), '35000', '35001')::bytea"
            " where type = 'FeeRaised'"
        )
        await connection.execute("update postings set amount = amount + 1 where account = 1930")
        await connection.execute("update ledger_days set debit = 1 where debit = 35000")
    code, out, _ = await in_thread(capsys, "verify")
    assert code == 3
    assert "item.amount 350.01, now 350.00" in out
    assert "item.because.steps.1.2 350.01, now 350.00" in out
    assert "(may follow from event " in out
    assert "amount is 1049.01, not 1049.00" in out
    assert "ledger: comes to 0.01, not to 0.00" in out
    assert "debit 0.01, credit 0.00, 1 entries was added up" in out
    assert "35000" not in out


async def test_sums_that_a_rebuild_left_behind_are_a_note(
    told: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """They count nothing, so that they are no difference; once added up anew they are compared."""
    await add_up(told.pool)
    await rebuild(told)
    await told.pool.execute("update ledger_days set debit = debit + 1")
    code, _, err = await in_thread(capsys, "verify")
    assert (code, "ledger_days is not compared" in err) == (0, True)
    note, other = (await asyncio.to_thread(answer, capsys, "verify"))["notes"]
    assert "postings that a rebuild has replaced" in note
    assert "deadlines that a rebuild has replaced" in other
    await add_up(told.pool)
    await sla_sums.add_up(told.pool)
    assert (await asyncio.to_thread(answer, capsys, "verify"))["notes"] == []
    await told.pool.execute("update ledger_days set debit = debit + 1")
    await told.pool.execute(
        "insert into ledger_days (seller, account, currency, period, booked, rate, debit, credit,"
        " entries) select 'x', 1510, 'SEK', date '2024-01-01', date '2024-01-01' + n, 0, 1, 0, 1"
        " from generate_series(1, 100) n"
    )
    code, _, err = await in_thread(capsys, "verify")
    assert code == 3
    assert "ledger_days: 100 rows that differ are named, and there may be more" in " ".join(
        err.split()
    )
