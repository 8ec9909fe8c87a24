"""The bench on which workers are tried: tells facts to a topic, starts workers, counts facts."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaProducer

from adapters.app import App
from adapters.clock import Clock
from adapters.kafka.clients import Kafka
from adapters.kafka.heads import Heads
from adapters.kafka.reader import home_of
from adapters.kafka.topics import Out
from adapters.kafka.worker import Worker
from adapters.messages import Message
from adapters.postgres.store import Store
from adapters.terms import book
from tests.kafka.broker import Broker, RunningBroker

ROOT = Path(__file__).parents[2]
COUNT = """
    select count(*), count(distinct (seller, order_id, source, id))
    from events where source <> 'villkor:streams'
"""


def out_of(topic: str) -> Out:
    """The topics of what goes out that stand beside a test's topic of facts."""
    return Out(f"{topic}-outcomes", f"{topic}-letters", f"{topic}-positions")


class Process:
    """A worker in a process of its own, with its log."""

    def __init__(self, *arguments: str) -> None:
        self.log = TemporaryFile()  # noqa: SIM115 - closed with the bench
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.kafka.process", *arguments], cwd=ROOT, stderr=self.log
        )

    def signal(self, one: signal.Signals) -> None:
        self.popen.send_signal(one)

    @property
    def is_stopped(self) -> bool:
        stat = Path(f"/proc/{self.popen.pid}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[0] == "T"

    def lines(self) -> list[dict[str, Any]]:
        self.log.seek(0)
        return [msgspec.json.decode(line) for line in self.log.readlines() if line.startswith(b"{")]

    def said(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line.get("event") == event]

    def end(self) -> int:
        """Stop it in good order; its exit code."""
        if self.popen.poll() is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                self.popen.wait(20)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        return self.popen.wait()


class Bench:
    """One topic, one database, and the workers between them."""

    def __init__(
        self, broker: Broker | RunningBroker, topic: str, database: str, store: Store
    ) -> None:
        self.broker, self.topic, self.database, self.store = broker, topic, database, store
        self.out = out_of(topic)
        self.processes: list[Process] = []

    async def close(self) -> None:
        for one in self.processes:
            await asyncio.to_thread(one.end)
            one.log.close()

    # -- telling --------------------------------------------------------------------------------

    async def tell(
        self, messages: Sequence[Message], partition: int | None = None, **more: Any
    ) -> None:
        """Tell facts, keyed as their producers should, to the partitions of their keys."""
        async with AIOKafkaProducer(bootstrap_servers=self.broker.bootstrap, **more) as producer:
            sent = []
            for one in messages:
                key = home_of(one, 1)[0] or b"?"
                headers = list(one.headers)
                sent.append(
                    await producer.send(self.topic, one.value, key, partition, headers=headers)
                )
            await asyncio.gather(*sent)

    # -- workers --------------------------------------------------------------------------------

    @asynccontextmanager
    async def working(
        self, clock: Clock | None = None, heads: Heads | None = None
    ) -> AsyncIterator[Worker]:
        """A worker in this process; leaving stops it in good order."""
        store, name = await Store.open(self.database), f"worker {uuid4()}"
        worker = Worker(
            lambda lanes: App.start(store, book(), name, clock or Clock(), lanes),
            Kafka(self.broker.bootstrap), topic=self.topic, group=self.topic, session_seconds=6.0,
            out=self.out, heads=heads,
        )  # fmt: skip
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            worker.stop()
            await asyncio.wait_for(running, 30)
            await store.close()

    def process(self, *how: str) -> Process:
        """A worker in a process of its own."""
        one = Process(self.broker.bootstrap, self.topic, self.database, *how)
        self.processes.append(one)
        return one

    # -- looking --------------------------------------------------------------------------------

    async def facts(self) -> int:
        """How many facts are in the log; each must be there once."""
        all_, once = await self.store.pool.fetchrow(COUNT)
        assert all_ == once
        return int(all_)

    async def has(self, facts: int, seconds: float = 30.0) -> None:
        """Wait until the log holds so many facts."""

        async def enough() -> bool:
            return await self.facts() >= facts

        with suppress(TimeoutError):
            await until(enough, seconds)
        assert await self.facts() == facts, await self.parked()

    async def has_read(self, partition: int, offset: int) -> None:
        """Wait until a partition was read so far."""

        async def enough() -> bool:
            sql = "select next_offset >= $2 from positions where kafka_partition = $1"
            return bool(await self.store.pool.fetchval(sql, partition, offset))

        await until(enough, what=f"partition {partition} read to {offset}")

    async def has_parked(self, letters: int) -> None:
        """Wait until at least so many messages were parked: those that were told to a partition
        that is not theirs go round by the right one, and come after facts told later."""

        async def enough() -> bool:
            return len(await self.parked()) >= letters

        await until(enough, what=f"{letters} messages parked")

    async def parked(self) -> list[dict[str, Any]]:
        return await self.store.dead_letters(100)


async def until(
    true: Callable[[], Awaitable[bool]] | Callable[[], bool], seconds: float = 30.0, what: str = ""
) -> None:
    """Wait until something holds, looking often."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if await found if not isinstance(found, bool) else found:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(f"not within {seconds} s: {what or true}")
