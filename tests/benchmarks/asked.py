"""What is asked of a large log: pages of the database, the API under load, first paint.

    python -m tests.benchmarks.asked [--orders 1000000] [--keep FOLDER] [--quick] [--json FILE]

The log is filled as those of growth are; `--keep` leaves it in a folder, for the next time.
`--json` writes what was measured into a document of `python -m tests.benchmarks`, beside all else
in it.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from adapters.http.serve import SUMS
from adapters.log import configure
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.processes import cores
from tests.benchmarks import api, fill, pages, paint
from tests.benchmarks.apart import apart, database
from tests.benchmarks.pages import Key
from tests.benchmarks.run import Results, Say, keep, machine
from tests.benchmarks.storage import empty

TEMPLATES = 500
NAME = "painted"
"""Of the database in a folder that was kept."""
KEYS = """
    select seller, order_id from (
        select seller, order_id, row_number() over (order by seller, order_id) as number from orders
    ) o where number % greatest((select count(*) from orders) / 20000, 1) = 0
"""
"""Some 20,000 orders, spread over all."""
# Deadlines that passed before the demo's present lapse as they fall due, in a log that lives.
LAPSED = """
    update deadlines set state = 'lapsed', settled_at = lapses_at,
                         carrier = null, currency = null, at_risk = null
    where state = 'open' and kind <> 'refund' and lapses_at < '2026-11-20 11:00+00'
"""


@dataclass(slots=True, frozen=True)
class Sizes:
    """How many orders, how often each question is asked, and each page opened."""

    orders: int = 1_000_000
    asked: int = 500
    opened: int = 5


QUICK = Sizes(orders=4_000, asked=100, opened=2)


async def measured(dsn: str, sizes: Sizes, say: Say) -> Results:
    """All of it over one log, one after the other."""
    log = await filled(dsn, sizes.orders, say)
    connection = await asyncpg.connect(log)
    keys: list[Key] = [tuple(row) for row in await connection.fetch(KEYS)]
    orders = await connection.fetchval("select count(*) from orders")
    await connection.close()
    found: Results = {"orders": orders, "machine": await machine(dsn)}
    say("pages of the database")
    found["pages"] = (await asyncio.to_thread(apart, pages.asked, log, keys, sizes.asked)).value
    say("the API under load")
    found["api"] = await asyncio.to_thread(api.load, log, keys, sizes.asked)
    say("first paint")
    found["paint"] = await paint.paints(log, keys[len(keys) // 2], sizes.opened)
    return found


async def filled(dsn: str, orders: int, say: Say) -> str:
    """The URL of a log of so many orders, added up and analyzed; one that is there stays."""
    connection = await asyncpg.connect(dsn)
    there = await connection.fetchval("select true from pg_database where datname = $1", NAME)
    await connection.close()
    log = database(dsn, NAME)
    if there:
        say("the log that was kept")
        await migrate(log)
    else:
        say(f"a log of {orders} orders")
        await _fill(dsn, orders)
    async with asyncpg.create_pool(log, min_size=1, max_size=2) as pool:
        for one in SUMS:
            await one.add_up(pool)
        await pool.execute("checkpoint")
    return log


async def _fill(dsn: str, orders: int) -> None:
    """Fill a log, and call it so once it is whole."""
    scratch, log = await empty(dsn, "scratch"), await empty(dsn, "filling")
    await asyncio.to_thread(apart, fill.told, scratch, TEMPLATES)
    await asyncio.to_thread(fill.fill, log, scratch, range(orders // TEMPLATES), cores())
    connection = await asyncpg.connect(log)
    await connection.execute(LAPSED)
    await connection.execute("vacuum analyze")
    await connection.close()
    connection = await asyncpg.connect(dsn)
    await connection.execute(f"alter database filling rename to {NAME}")
    await connection.close()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.asked")
    parser.add_argument("--orders", type=int, default=Sizes.orders)
    parser.add_argument("--quick", action="store_true", help="a few minutes, for a look")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the log is, and stays")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the document to write into")
    return parser.parse_args()


async def main() -> None:
    given = arguments()
    configure("console:error")
    sizes = QUICK if given.quick else Sizes(orders=given.orders)
    folder = nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory()
    with folder as home:
        async with embedded(Path(home)) as dsn:
            found = await measured(
                dsn, sizes, lambda what: print(what, file=sys.stderr, flush=True)
            )
    if given.json is not None:
        keep(given.json, {"asked": found})
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
