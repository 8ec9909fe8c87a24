"""The measurements in their order, as one document that can be kept."""

import asyncio
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import psutil

from adapters.ledger.sums import add_up
from tests.benchmarks import fill, growth, live, package, replay, storage
from tests.benchmarks.apart import Done, apart, database, fresh
from tests.benchmarks.storage import empty

ROOT = Path(__file__).parents[2]
Results = dict[str, Any]
Say = Callable[[str], None]
CORES = os.cpu_count() or 1


@dataclass(slots=True, frozen=True)
class Sizes:
    """How much of everything: `orders` are told live, `log` are the sizes in events of the log."""

    rounds: int = 3
    orders: int = 6_000
    cycles: int = 3_000
    log: tuple[int, ...] = (100_000, 1_000_000, 10_000_000)
    stretch: int = 20_000
    turns: int = 3
    """How often the stretch is taken at each size, and beside it in the smallest log."""
    large: int = 1_000
    """Orders of each large customer."""
    templates: int = 500


QUICK = Sizes(
    rounds=1, orders=1_500, cycles=500, log=(20_000, 60_000), stretch=4_000, turns=1, large=50,
    templates=60,
)  # fmt: skip


async def measured(dsn: str, sizes: Sizes, say: Say) -> Results:
    """Everything, on one server."""
    results: Results = {"machine": await machine(dsn), "sizes": asdict(sizes)}
    rounds: list[Results] = []
    for number in range(sizes.rounds):
        say(f"round {number + 1} of {sizes.rounds}")
        rounds.append(await one_round(dsn, sizes, say))
    results["rounds"] = rounds
    results["median"] = {name: _median([one[name] for one in rounds]) for name in rounds[0]}
    say("stages")
    staged = await asyncio.to_thread(apart, live.staged, await empty(dsn, "staged"), sizes.orders)
    results["stages"] = staged.value
    return results | await grown(dsn, sizes, say)


async def one_round(dsn: str, sizes: Sizes, say: Say) -> Results:
    """Ours and theirs in turn."""
    found: Results = {}

    async def one(name: str, work: Any, *given: Any) -> Any:
        say(f"  {name}")
        done: Done = await asyncio.to_thread(apart, work, *given)
        found[f"{name}_megabytes"] = done.megabytes
        return done.value

    for workers in (1, CORES):
        say(f"  live, workers: {workers}")
        told = await live.live(await empty(dsn, f"live{workers}"), sizes.orders, workers)
        found |= {f"live{workers}_{name}": value for name, value in told.items()}
    log = database(dsn, f"live{CORES}")
    rows = await live.rows(log)
    facts = found[f"live{CORES}_told"]
    found["rows"] = sum(rows.values()) / facts
    found["events"] = rows["events"] / facts
    found["cycle"] = await one("cycle", package.cycle, await fresh(dsn, "cycle"), sizes.cycles)
    found["batches"] = await one(
        "batches", package.batches, await fresh(dsn, "batches"), 4 * sizes.cycles
    )
    most = 40 * sizes.cycles
    found["append"] = await one("append", storage.appended, log, await empty(dsn, "append"), most)
    found["copy"] = await one("copy", storage.copied, log, await empty(dsn, "copy"), most)
    found["decode"] = await one("decode", storage.decoded, log, most)
    for processes in (1, CORES):
        again = await one(f"verify{processes}", replay.verified, log, processes)
        found[f"verify{processes}"] = again.rate
        again = await one(f"rebuild{processes}", replay.rebuilt, log, processes)
        found[f"rebuild{processes}"] = again.rate
    long = round(rows["events"] / rows["orders"])
    found["long"] = long
    found["get"] = await one("get", package.gets, await fresh(dsn, "get"), long)
    return found


async def grown(dsn: str, sizes: Sizes, say: Say) -> Results:
    """The log at each of its sizes."""
    log, scratch = await empty(dsn, "grown"), await empty(dsn, "scratch")
    say("templates, and the large customers")
    await asyncio.to_thread(apart, fill.told, scratch, sizes.templates)
    await asyncio.to_thread(apart, growth.large, log, sizes.large)
    growing = Growing(dsn, log, scratch, await fill.names(scratch), sizes, say)
    steps = []
    for size in sizes.log:
        await growing.fill(size)
        steps.append(await growing.measured(size))
    return {"growth": steps, "held": await live.rows(log)}


@dataclass(slots=True)
class Growing:
    """A log that is filled, and measured at its sizes."""

    dsn: str
    log: str
    scratch: str
    names: list[fill.Key]
    sizes: Sizes
    say: Say
    copies: int = 0
    smallest: int = 0
    """The copies in the log at its smallest."""

    async def fill(self, events: int) -> None:
        """Fill up to so many events."""
        held, template = await live.rows(self.log), await live.rows(self.scratch)
        more = max((events - held["events"]) // template["events"], 0)
        self.say(f"{more} copies of {template['orders']} orders")
        until = self.copies + more
        await asyncio.to_thread(fill.fill, self.log, self.scratch, range(self.copies, until), CORES)
        self.copies = until
        await settled(self.log)

    async def measured(self, size: int) -> Results:
        """The same stretch here and in a log at its smallest, in turn; then the whole log again."""
        if not self.smallest:
            self.smallest = self.copies
            await copied(self.dsn, "grown", "smallest")
        here: list[Done] = []
        there: list[Done] = []
        for turn in range(self.sizes.turns):
            self.say(f"stretch {turn + 1} of {self.sizes.turns} at {size} events")
            small = await copied(self.dsn, "smallest", "small")
            there.append(await self._stretch(small, self.smallest, turn))
            if self.copies > self.smallest:
                here.append(await self._stretch(self.log, self.copies, turn + len(str(size)) * 10))
        here = here or there
        begun = time.time()
        first = await asyncio.to_thread(apart, growth.first, self.log, size, begun)
        self.say(f"verify at {size} events")
        again = await asyncio.to_thread(apart, replay.verified, self.log, CORES)
        return {
            "events": (await live.rows(self.log))["events"],
            "clock": [one.value["clock"] for one in here],
            "cpu": [one.value["cpu"] for one in here],
            "small_clock": [one.value["clock"] for one in there],
            "small_cpu": [one.value["cpu"] for one in there],
            "worker_megabytes": max(one.megabytes for one in here),
            "first": first.value,
            "verify": again.value.rate,
            "verify_megabytes": again.megabytes,
        }

    async def _stretch(self, log: str, copies: int, seed: int) -> Done:
        given = (log, self.sizes.stretch, self.names, copies, seed)
        return await asyncio.to_thread(apart, growth.stretch, *given)


def keep(file: Path, found: Results) -> None:
    """Write these parts into a document, and leave the others as they are."""
    before = json.loads(file.read_text("utf-8")) if file.exists() else {}
    file.write_text(json.dumps(before | found, indent=1) + "\n", "utf-8")


async def copied(dsn: str, name: str, to: str) -> str:
    """A copy of a database that nobody is connected to."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(f'drop database if exists "{to}" with (force)')
    await connection.execute(f'create database "{to}" template "{name}"')
    await connection.close()
    return database(dsn, to)


async def settled(dsn: str) -> None:
    """What a running installation has had time for: sums, statistics, nothing left to write."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool:
        await add_up(pool)
    connection = await asyncpg.connect(dsn)
    await connection.execute("vacuum analyze")
    await connection.execute("checkpoint")
    await connection.close()


async def machine(dsn: str) -> Results:
    """What it ran on, when, and which code."""
    connection = await asyncpg.connect(dsn)
    postgres = await connection.fetchval("show server_version")
    settings = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
    found = {name: await connection.fetchval(f"show {name}") for name in settings}
    await connection.close()
    return {
        "processor": _processor(),
        "cores": CORES,
        "gigabytes": round(psutil.virtual_memory().total / 2**30),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "postgres": postgres,
        "settings": found,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", "*.py", "*.sql")),
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _median(values: list[Any]) -> float:
    return float(median(values))
