"""A worker as a process of its own, for tests that kill and stop it.

`python -m tests.kafka.process BOOTSTRAP TOPIC DATABASE [zombie]`; a zombie stops itself like
SIGSTOP does, just before it writes its first batch.
"""

import asyncio
import os
import signal
import sys

from adapters.app import App
from adapters.clock import Clock
from adapters.kafka.clients import Kafka
from adapters.kafka.worker import Worker, until_told
from adapters.log import configure
from adapters.postgres.batch import Batch
from adapters.postgres.store import Store
from adapters.terms import book

SESSION_SECONDS = 6.0


class Zombie(Store):
    """A store whose writer is stopped in the worst moment."""

    stopped = False

    async def write(self, batch: Batch) -> None:
        if batch.events and not self.stopped:
            self.stopped = True
            os.kill(os.getpid(), signal.SIGSTOP)
        await super().write(batch)


async def main(bootstrap: str, topic: str, database: str, *how: str) -> None:
    configure("json:info")
    store = await (Zombie if "zombie" in how else Store).open(database)
    worker = Worker(
        lambda lanes: App.start(store, book(), f"worker {os.getpid()}", Clock(), lanes),
        Kafka(bootstrap), topic=topic, group=topic, session_seconds=SESSION_SECONDS,
    )  # fmt: skip
    await until_told(worker)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
