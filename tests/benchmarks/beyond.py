"""Replay beyond one machine, on this one: a log exported, replayed on Ray, and beside it verify.

    python -m tests.benchmarks.beyond [--events 1000000] [--json FILE] [--folder DIR]

The results must be the same: orders, customers, events, differences, and every row of every table.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil

from adapters.exports import log as exported
from adapters.exports.log import opened
from adapters.log import configure
from adapters.postgres.embedded import embedded
from adapters.postgres.store import Store
from adapters.processes import cores
from deploy.replay.__main__ import for_programs, replay
from deploy.replay.cluster import cluster
from tests.benchmarks import fill, live
from tests.benchmarks.apart import Start, apart
from tests.benchmarks.replay import verified
from tests.benchmarks.run import settled
from tests.benchmarks.storage import empty
from tests.deploy.live import tables

TEMPLATES = 500
WORKER = "ray::"
"""What Ray's workers call their processes."""


async def measured(dsn: str, events: int, folder: Path) -> dict[str, Any]:
    """A log of at least so many events, written, replayed and verified."""
    log, scratch = await empty(dsn, "beyond"), await empty(dsn, "templates")
    await asyncio.to_thread(apart, fill.told, scratch, TEMPLATES)
    copies = -(-events // (await live.rows(scratch))["events"])
    say(f"{copies} copies of {TEMPLATES} orders")
    await asyncio.to_thread(fill.fill, log, scratch, range(copies), cores())
    await settled(log)
    say("export")
    written = await asyncio.to_thread(apart, written_to, log, folder)
    say("replay")
    again = await asyncio.to_thread(apart, replayed, folder)
    say("verify")
    beside = await asyncio.to_thread(apart, verified_here, log)
    found, expected = again.value["found"], beside.value["again"]
    assert found["differences"] == []
    assert found["events"] == expected.events >= events
    assert found["tables"] == await tables(log), "rows are not those of the live tables"
    return {
        "cores": cores(), "orders": found["orders"], "events": found["events"],
        "rows": sum(one["rows"] for one in found["tables"].values()),
        "export": figures(found["events"], written.megabytes, **written.value),
        "export_megabytes_on_disk": round(size_of(folder) / 1e6),
        "replay": figures(found["events"], **again.value["took"]),
        "replay_driver_megabytes": round(again.megabytes),
        "ray_start_seconds": round(again.value["start"], 1),
        "verify": figures(found["events"], beside.megabytes, **beside.value["took"]),
    }  # fmt: skip


def figures(events: int, megabytes: float, seconds: float, cpu: float) -> dict[str, float]:
    """What one took: by the clock, by processors, and the most memory of one of its processes."""
    return {
        "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1),
        "events_a_second": round(events / seconds),
        "events_a_cpu_second": round(events / cpu), "megabytes": round(megabytes),
    }  # fmt: skip


def cpu_here() -> float:
    """Seconds of processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])


async def written_to(start: Start, dsn: str, folder: Path) -> dict[str, float]:
    """What the export took."""
    store = await Store.open(dsn)
    start()
    begun, before = perf_counter(), cpu_here()
    await exported.write(store, folder)
    took = {"seconds": perf_counter() - begun, "cpu": cpu_here() - before}
    await store.close()
    return took


async def verified_here(start: Start, dsn: str) -> dict[str, Any]:
    """Verify, and what it took."""
    before = cpu_here()
    again = await verified(start, dsn, cores())
    return {"again": again, "took": {"seconds": again.seconds, "cpu": cpu_here() - before}}


async def replayed(start: Start, folder: Path) -> dict[str, Any]:
    """The result, what it took, and the seconds before it in which Ray was started."""
    log = opened(folder)
    start()
    begun = perf_counter()
    with cluster():
        ready, before = perf_counter(), cpu_here()
        whole = replay(folder, log)
        seconds = perf_counter() - ready
        memory, cpu = zip(*workers(), strict=True)
    took = {"megabytes": max(memory), "seconds": seconds, "cpu": sum(cpu) + cpu_here() - before}
    return {"found": for_programs(log, whole), "took": took, "start": ready - begun}


def workers() -> Iterator[tuple[float, float]]:
    """The most memory in MB that each had, and its seconds of processor time."""
    for process in psutil.Process().children(recursive=True):
        if any(part.startswith(WORKER) for part in process.cmdline()):
            status = Path(f"/proc/{process.pid}/status").read_text()
            lines = dict(line.split(":", 1) for line in status.splitlines())
            times = process.cpu_times()
            yield int(lines["VmHWM"].split()[0]) / 1e3, times.user + times.system


def size_of(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.iterdir())


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.beyond")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was measured")
    parser.add_argument("--folder", type=Path, help="where its Postgres has its data")
    asked = parser.parse_args()
    configure("console:warning")

    async def run() -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="villkor-beyond-", dir=asked.folder) as home:
            async with embedded(Path(home)) as dsn:
                return await measured(dsn, asked.events, Path(home) / "log")

    results = asyncio.run(run())
    text = json.dumps(results, indent=1)
    if asked.json is not None:
        asked.json.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
