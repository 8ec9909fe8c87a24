"""A worker as a process of its own, for tests that kill and stop it.

`python -m tests.kafka.process BOOTSTRAP TOPIC DATABASE [HOW]`; a `zombie` stops itself like SIGSTOP
does, just before it writes its first batch; one that is `stalling` never ends writing it, and has
little patience with itself; a `slow` one takes seconds over each.
"""

import asyncio
import os
import signal
import sys

from adapters.app import App
from adapters.clock import Clock
from adapters.kafka import relay_lane
from adapters.kafka.clients import Kafka
from adapters.kafka.relay_batches import Batches
from adapters.kafka.worker import Worker, until_told
from adapters.log import configure
from adapters.metrics import Metrics
from adapters.postgres.batch import Batch
from adapters.postgres.store import Store
from adapters.terms import book
from adapters.watchdog import Watchdog
from tests.kafka.bench import out_of

SESSION_SECONDS = 6.0
PATIENCE = 3.0
SLOW_SECONDS = 5.0


class Zombie(Store):
    """A store whose writer is stopped in the worst moment."""

    stopped = False

    async def write(self, batch: Batch) -> None:
        if batch.events and not self.stopped:
            self.stopped = True
            os.kill(os.getpid(), signal.SIGSTOP)
        await super().write(batch)


class Stalling(Store):
    """A store whose database takes a batch and does not answer."""

    async def write(self, batch: Batch) -> None:
        if batch.events:
            await asyncio.Event().wait()
        await super().write(batch)


class Slow(Store):
    """A store whose database takes its time over every batch."""

    async def write(self, batch: Batch) -> None:
        if batch.positions:
            await asyncio.sleep(SLOW_SECONDS)
        await super().write(batch)


STORES = {"zombie": Zombie, "stalling": Stalling, "slow": Slow}


class Late(Batches):
    """Batches whose sender is stopped in the worst moment."""

    stopped = False

    async def sent(self) -> None:
        await super().sent()
        if not Late.stopped:
            Late.stopped = True
            os.kill(os.getpid(), signal.SIGSTOP)


async def main(bootstrap: str, topic: str, database: str, *how: str) -> None:
    configure("json:info")
    if "late" in how:
        relay_lane.Batches = Late  # type: ignore[misc]
        relay_lane.TRANSACTION_SECONDS = 600.0  # it is not the first to notice
    store = await STORES.get("".join(how), Store).open(database)
    worker = Worker(
        lambda lanes: App.start(store, book(), f"worker {os.getpid()}", Clock(), lanes),
        Kafka(bootstrap), topic=topic, group=topic, session_seconds=SESSION_SECONDS,
        out=out_of(topic), metrics=Metrics(Watchdog(PATIENCE)) if "stalling" in how else None,
    )  # fmt: skip
    await until_told(worker)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
