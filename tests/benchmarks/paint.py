"""How soon pages are seen over a large log: first contentful paint in Chromium, page by page.

    python -m tests.benchmarks.paint [--orders 1000000] [--times 5] [--keep FOLDER]

The log is filled as that of `make bench` is; `--keep` leaves it in a folder, for the next time.
The program that serves, the database and the browser share the machine. Milliseconds, the median
and the longest, of a browser that has the stylesheet already, as people's have.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from statistics import median

import asyncpg
from playwright.async_api import Page, async_playwright

from adapters.terms import clauses
from adapters.access import Role
from adapters.http.app import application
from adapters.http.serve import asked
from adapters.http.server import listening
from adapters.ledger import sums
from adapters.log import configure
from adapters.postgres.embedded import embedded
from adapters.processes import cores
from tests.asked import desk_on, token
from tests.benchmarks import fill
from tests.benchmarks.apart import apart, database
from tests.benchmarks.storage import empty
from tests.console.conftest import CHROMIUM

TEMPLATES = 500
THERE = "select exists (select from pg_database where datname = 'painted')"
ANY = "select seller, order_id from orders order by order_id limit 1 offset 1000"
PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
    for (const one of list.getEntries())
        if (one.name === "first-contentful-paint") done(one.startTime);
}).observe({type: "paint", buffered: true}))"""
# Deadlines that passed before the demo's present lapse as they fall due, in a log that lives.
LAPSED = """
    update deadlines set state = 'lapsed', settled_at = lapses_at
    where state = 'open' and kind <> 'refund' and lapses_at < '2026-11-20 11:00+00'
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.paint")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    return parser.parse_args()


async def filled(dsn: str, orders: int) -> str:
    """The URL of a log of so many orders, added up and analyzed."""
    connection = await asyncpg.connect(dsn)
    there = await connection.fetchval(THERE)
    await connection.close()
    if there:
        return database(dsn, "painted")
    scratch, log = await empty(dsn, "scratch"), await empty(dsn, "painted")
    await asyncio.to_thread(apart, fill.told, scratch, TEMPLATES)
    await asyncio.to_thread(fill.fill, log, scratch, range(orders // TEMPLATES), cores())
    pool = await asyncpg.create_pool(log, min_size=1, max_size=2)
    await pool.execute(LAPSED)
    await pool.execute("vacuum analyze")
    await sums.add_up(pool)
    await clauses.add_up(pool)
    await pool.close()
    return log


@asynccontextmanager
async def seen(log: str) -> AsyncIterator[tuple[Page, tuple[str, str]]]:
    """A page of somebody who may see all, and an order."""
    async with desk_on(log) as desk, async_playwright() as playwright, listening(
        application(asked(desk)), ("127.0.0.1", 0)
    ) as port:  # fmt: skip
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(base_url=f"http://127.0.0.1:{port}")
        await page.goto("/sign-in")
        await page.get_by_label("Your token").fill(await token(desk, Role.AUDITOR))
        await page.get_by_role("button", name="Sign in").click()
        yield page, tuple(await desk.session.store.pool.fetchrow(ANY))
        await browser.close()


def addresses(seller: str, order: str) -> list[str]:
    return [
        "/orders", f"/orders?text={order}", f"/orders?seller={seller}", "/orders?status=delivered",
        f"/orders/{seller}/{order}", f"/orders/{seller}/{order}/steps/3", "/sla",
        f"/sla?seller={seller}&band=past_due", "/decisions", "/ledger",
        f"/ledger/1510?seller={seller}", f"/terms/{seller}", "/replay", "/dead-letters",
    ]  # fmt: skip


async def painted(page: Page, path: str) -> float:
    """Milliseconds until something of a page is seen."""
    answer = await page.goto(path)
    assert answer is not None
    if not answer.ok:
        raise RuntimeError(f"{path} is answered with {answer.status}")
    return float(await page.evaluate(PAINTED))


async def main() -> None:
    given = arguments()
    configure("console:error")
    folder = nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory()
    with folder as home:
        async with embedded(Path(home)) as dsn:
            print(f"{given.orders} orders", file=sys.stderr, flush=True)
            log = await filled(dsn, given.orders)
            async with seen(log) as (page, one):
                for path in addresses(*one):
                    took = [await painted(page, path) for _ in range(given.times)]
                    print(f"{median(took):8.0f} {max(took):8.0f}  {path}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
