"""How long a writer waits while the read models are rebuilt beside it.

    python -m tests.benchmarks.held [BATCHES]

It tells facts all the time; after so many batches `villkor rebuild` runs, a program of its own.
The longest of its batches before and meanwhile tell what a message may have to wait for the swap,
and their rate what two programs leave each other of the machine.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter

from adapters.app import App
from adapters.clock import Clock
from adapters.log import configure
from adapters.messages import Message
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.rebuild import check
from adapters.terms import book
from tests.benchmarks.facts import interleaved

BATCHES, BATCH = 400, 50
VILLKOR = Path(sys.executable).parent / "villkor"


def said(what: str, waits: list[float]) -> None:
    print(
        f"{what:12} {len(waits):6} batches of {BATCH} facts, {BATCH * len(waits) / sum(waits):6.0f}"
        f" facts/s, the longest took {max(waits):.3f} s"
    )


async def told(
    app: App, facts: Iterator[Message], until: Callable[[list[float]], bool]
) -> list[float]:
    """Seconds of each batch."""
    waits: list[float] = []
    while not until(waits):
        batch = list(islice(facts, BATCH))
        start = perf_counter()
        await app.handle(batch)
        waits.append(perf_counter() - start)
    return waits


async def main(batches: int) -> None:
    configure("console:warning")
    facts = interleaved(range(1_000_000))
    with tempfile.TemporaryDirectory(prefix="villkor-bench-") as home:
        async with embedded(Path(home)) as dsn:
            await migrate(dsn)
            store = await Store.open(dsn)
            app = await App.start(store, book(), "bench", Clock())
            await app.claim()
            before = await told(app, facts, lambda waits: len(waits) >= batches)
            rebuild = await asyncio.create_subprocess_exec(
                VILLKOR, "rebuild", "--json", stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"VILLKOR_DATABASE": dsn},
            )  # fmt: skip
            answer = asyncio.create_task(rebuild.communicate())
            meanwhile = await told(app, facts, lambda _: answer.done())
            done = json.loads((await answer)[0])
            said("before", before)
            said("meanwhile", meanwhile)
            print(
                f"rebuilt      {done['events']} events, writers held {done['held_seconds']:.3f} s"
            )
            print(f"differences  {(await check(store)).differing}")
            await store.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else BATCHES))
