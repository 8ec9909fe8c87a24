"""Replay of an exported log on Ray's own engine: it comes to what `villkor verify` comes to."""

import asyncio
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from adapters.app import App
from adapters.canonical import canonical
from adapters.cli.demo import FACTS, NOW
from adapters.exports import log as exported
from adapters.exports.log import LOG, Log, name_of, opened
from adapters.inbox import drain
from adapters.ingest import ingest, messages
from adapters.ledger.periods import close
from adapters.messages import Message, envelope
from adapters.postgres.store import Store
from adapters.processes import Part
from adapters.rules import rules_digest
from adapters.terms import book
from adapters.verify.editions import editions_of
from adapters.verify.log import Found, Given
from deploy.replay.bucket import Replayed, Task, replayed
from deploy.replay.cluster import cluster, over_buckets
from domain.acts import PeriodClosed
from domain.errors import Corrupt, VillkorError
from projections import PROJECTIONS
from tests.command import answer
from tests.deploy.buckets import always_dying, dying_once, failing
from tests.deploy.live import all_of, tables
from tests.facts import life

ROOT = Path(__file__).parents[2]
EXAMPLE = "allectra"


def ran(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """(exit code, answer, what was said) of the program, as one starts it."""
    command = (sys.executable, "-m", "deploy.replay", *arguments)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def is_late(told: Message) -> bool:
    """Facts that are told after their month was closed: of one order in seven."""
    return int(envelope(told.value)[0].subject.rpartition("-")[2], 36) % 7 == 0


def asked(log: Log, *, rows: bool = False, rules: str = "") -> bytes:
    terms = book()
    terms.stored |= editions_of(log.editions)[0]
    return pickle.dumps(
        Task(Given(terms, frozenset(log.on_the_way)), rules or rules_digest(), rows)
    )


def in_files(folder: Path, table: str) -> list[tuple[Any, ...]]:
    """The rows of a table as its files have them."""
    return [tuple(row.values()) for row in pq.read_table(folder / table).to_pylist()]


@pytest.fixture
async def small(app: App, store: Store, tmp_path: Path) -> Path:
    """A log of a few orders in a folder."""
    await app.handle([one for n in range(12) for one in life(EXAMPLE, f"A-{n}")])
    await exported.write(store, tmp_path / "log")
    return tmp_path / "log"


async def test_the_same_result_to_the_row_as_verify(
    app: App, store: Store, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Of orders of all shops, of which some are posted into the month after a closed one."""
    monkeypatch.setenv("VILLKOR_DATABASE", database)
    facts = list(messages([str(FACTS)]))
    early, late = [one for one in facts if not is_late(one)], [*filter(is_late, facts)]
    await ingest(app, early, NOW)
    for month in ("2026-07", "2026-08"):
        act = PeriodClosed(seller=EXAMPLE, month=month, by="Ada")
        await close(store, lambda _: drain(app), act, NOW)
    await ingest(app, late, NOW)
    folder, out = tmp_path / "log", tmp_path / "rows"
    log = await exported.write(store, folder)
    code, found, _ = await asyncio.to_thread(ran, str(folder), "--rows", str(out))
    capsys.readouterr()
    expected = await asyncio.to_thread(answer, capsys, "verify")
    assert code == 0
    of_a_database = {"position", "heads_compared", "protected", "unprotected", "notes"}
    assert {name: found[name] for name in expected if name not in of_a_database} == {
        name: expected[name] for name in expected if name not in of_a_database
    }
    assert found["orders"] > 200
    assert (found["rules"], found["installation"]) == (rules_digest(), log.installation)
    assert found["tables"] == await tables(database)
    for one in PROJECTIONS:
        live = [tuple(row) for row in await store.pool.fetch(all_of(one))]
        apart = {canonical(one, row) for row in in_files(out, one.table)}
        assert apart == {canonical(one, row) for row in live} != set()
    moved = "select count(*) from postings where seller = $1 and period > booked"
    assert await store.pool.fetchval(moved, EXAMPLE) > 0


# -- differences ----------------------------------------------------------------------------------


def largest(log: Log, which: int) -> Part:
    return sorted(log.parts, key=lambda part: -part.position)[which]


def with_another_byte(path: Path) -> str:
    """Change one byte in the body of an event; the file is written as it was. Its order."""
    table = pq.read_table(path)
    bodies = table["body"].to_pylist()
    at = next(at for at, body in enumerate(bodies) if b'"amount":104900' in body)
    bodies[at] = bodies[at].replace(b'"amount":104900', b'"amount":104800')
    place = table.column_names.index("body")
    changed = table.set_column(place, table.schema.field("body"), [bodies])
    pq.write_table(changed, path)
    return f"{EXAMPLE}/{table['order_id'][at].as_py()}"


async def test_what_was_changed_in_a_log_is_found(small: Path) -> None:
    """A byte in a body, a bit in a file, a file that is gone, a head, a message between streams:
    exit 3, and each is named."""
    log = opened(small)
    changed, damaged, gone, cut = (largest(log, which) for which in range(4))
    order = with_another_byte(small / name_of(changed.partition))
    path = small / name_of(damaged.partition)
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 3] ^= 1
    path.write_bytes(octets)
    (small / name_of(gone.partition)).unlink()
    heads = [
        (one, at, "00" * 32 if one == cut.partition else head) for one, at, head in log.partitions
    ]
    *others, (customer, _) = log.on_the_way
    forged = msgspec.structs.replace(log, partitions=heads, on_the_way=others)
    (small / LOG).write_bytes(msgspec.json.encode(forged))
    code, found, _ = await asyncio.to_thread(ran, str(small))
    assert code == 3
    said = [(one["order"], one["sentence"]) for one in found["differences"]]
    assert any(who == order and "does not fit the chain" in what for who, what in said)
    assert any(who == order and "1048.00" in what for who, what in said)
    for part in (damaged, gone):
        assert any(what.startswith(f"{name_of(part.partition)}: ") for _, what in said)
    assert any(what.startswith(f"partition {cut.partition}: the log ends") for _, what in said)
    assert any(who == customer and what.endswith("never came") for who, what in said)


def of_bucket(folder: Path, part: Part, task: bytes) -> Replayed:
    return replayed((folder / name_of(part.partition)).read_bytes(), part, task)


async def test_a_bucket_of_another_partition_is_found(small: Path) -> None:
    """Every event fits its predecessor there, and the head can be copied with them."""
    log = opened(small)
    part = largest(log, 0)
    other = part._replace(partition=(part.partition + 1) % 256)
    file = (small / name_of(part.partition)).read_bytes()
    assert replayed(file, part, asked(log)).found.differences == []
    assert replayed(file, other, asked(log)).found.differences != []


async def test_a_worker_with_other_rules_is_refused(small: Path) -> None:
    log = opened(small)
    with pytest.raises(VillkorError, match="start both from the same version"):
        of_bucket(small, largest(log, 0), asked(log, rules="another"))


# -- on the engine --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ray_here() -> Iterator[None]:
    with cluster():
        yield


async def test_a_bucket_whose_worker_dies_is_given_to_another(
    small: Path, tmp_path: Path, ray_here: None
) -> None:
    """Nothing is counted twice, and nothing is missing."""
    log = opened(small)
    few = msgspec.structs.replace(log, partitions=[part for part in log.partitions if part[1]][:3])
    marks = tmp_path / "marks"
    marks.mkdir()
    results: dict[Part, tuple[int, Replayed]] = {}
    shown: list[tuple[int, int]] = []
    await asyncio.to_thread(
        over_buckets, small, few, dying_once, (asked(log), str(marks)),
        take=results.__setitem__, progress=lambda done, of: shown.append((done, of)),
    )  # fmt: skip
    assert {part: begun for part, (begun, _) in results.items()} == dict.fromkeys(few.parts, 2)
    for part, (_, result) in results.items():
        assert plain(result) == plain(of_bucket(small, part, asked(log)))
    assert shown[-1] == (few.events, few.events)


def plain(result: Replayed) -> tuple[Found, dict[str, tuple[int, str]]]:
    assert result.found.events
    return replace(result.found), {
        table: (one.rows, one.hex) for table, one in result.tables.items()
    }


async def test_workers_that_always_die_are_an_error(small: Path, ray_here: None) -> None:
    log = opened(small)
    one = msgspec.structs.replace(log, partitions=log.partitions[:1])
    with pytest.raises(VillkorError, match="the cluster gave up, after it had tried again"):
        await asyncio.to_thread(over_buckets, small, one, always_dying, (), take=print)


async def test_what_the_work_raises_is_raised(small: Path, ray_here: None) -> None:
    with pytest.raises(Corrupt, match="is not as it was"):
        await asyncio.to_thread(over_buckets, small, opened(small), failing, (), take=print)


def test_what_is_no_log_or_no_cluster_is_one_sentence(tmp_path: Path) -> None:
    code, _, said = ran(str(tmp_path))
    assert (code, len(said.splitlines())) == (1, 1)
    assert said.startswith("replay: ")
    for address in ("127.0.0.1:9", "ray://127.0.0.1:9"):
        with pytest.raises(VillkorError, match="no Ray cluster at"), cluster(address):
            pytest.fail("there is none")
