"""What a run stands on: a broker, a Postgres of its own, and workers with their supervisor."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from adapters.postgres.embedded import Server
from tests.chaos.schedule import Kind
from tests.chaos.worker import DISARM, TRAPS
from tests.kafka.bench import until
from tests.kafka.broker import Broker

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.2
AGAIN_SECONDS = 1.0
"""After so long a supervisor starts a process again that has ended."""
LEAVE_SECONDS = 30.0
ARMED_SECONDS = 20.0
"""So long a worker that is to be disturbed in its work may take to have some."""


class QuickBroker(Broker):
    """A broker that is back soon after it was killed: its own registration is given up at once."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        with self.settings.open("a") as settings:
            settings.write("broker.session.timeout.ms=2000\nbroker.heartbeat.interval.ms=400\n")

    def _java(self, main: str, *arguments: str) -> list[str]:
        java, *more = super()._java(main, *arguments)
        return [java, "-XX:TieredStopAtLevel=1", *more]


class Postgres:
    """A server that can be stopped as a power cut stops it, and started again."""

    def __init__(self, home: Path) -> None:
        self.server = Server.of(home)

    def start(self) -> str:
        """Its URL, which stays the same."""
        self.ours = self.server.join()
        return self.server.url

    def crash(self) -> None:
        data = str(self.server.data)
        self.server._run("pg_ctl", "stop", "-m", "immediate", "-w", "-D", data)

    def recover(self) -> None:
        self.server._start()

    def stop(self) -> None:
        self.server.leave(self.ours)


class Worker:
    """A worker's place: the process that is in it, and the log of all that were."""

    def __init__(self, number: int, home: Path, environment: Mapping[str, str]) -> None:
        self.number, self.environment = number, environment
        self.path = home / f"worker-{number}.log"
        self.log: IO[bytes] = self.path.open("wb")
        self.popen: subprocess.Popen[bytes] | None = None
        self.wanted, self.started, self.ended = True, 0, 0.0
        self.born = 0

    @property
    def runs(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    @property
    def listens(self) -> bool:
        """Whether it has said something: before, a SIGTERM ends it as it ends any program."""
        return self.runs and self.path.stat().st_size > self.born

    def start(self) -> None:
        self.born = self.path.stat().st_size
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.worker"], cwd=ROOT, stderr=self.log,
            env={**os.environ, **self.environment},
        )  # fmt: skip
        self.started += 1

    def supervise(self) -> None:
        """Start it where it should run and does not, a moment after it ended."""
        if self.runs or not self.wanted:
            self.ended = time.monotonic()
        elif self.started == 0 or time.monotonic() - self.ended > AGAIN_SECONDS:
            self.start()

    def tell(self, one: signal.Signals) -> None:
        if self.popen is not None and self.runs:
            self.popen.send_signal(one)

    @property
    def is_stopped(self) -> bool:
        if self.popen is None or not self.runs:
            return False
        stat = Path(f"/proc/{self.popen.pid}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[0] == "T"

    # -- what befalls it; each says whether it did -----------------------------------------------

    async def befall(self, kind: Kind, seconds: float) -> bool:
        if kind == "killed":
            return await self._killed(seconds)
        if kind == "left":
            return await self._left(seconds)
        if kind == "stopped":
            return await self._stopped(seconds)
        return await self._trapped(kind.removeprefix("zombie in "), seconds)

    async def _killed(self, seconds: float) -> bool:
        did, self.wanted = self.runs, False
        self.tell(signal.SIGKILL)
        await asyncio.sleep(seconds)
        self.wanted = True
        return did

    async def _left(self, seconds: float) -> bool:
        """It is told to end in good order, and joins again."""
        did, self.wanted = self.runs, False
        await self.end()
        await asyncio.sleep(seconds)
        self.wanted = True
        return did

    async def _stopped(self, seconds: float) -> bool:
        did = self.runs
        self.tell(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self.tell(signal.SIGCONT)
        return did

    async def _trapped(self, where: str, seconds: float) -> bool:
        """It stops by itself before its next commit, and wakes when others have gone on."""
        self.tell(TRAPS[where])
        with suppress(TimeoutError):
            await until(lambda: self.is_stopped, ARMED_SECONDS)
        if did := self.is_stopped:
            await asyncio.sleep(seconds)
        self.tell(DISARM)
        self.tell(signal.SIGCONT)
        await asyncio.sleep(LOOK_SECONDS)
        self.tell(signal.SIGCONT)  # in case it found the trap before the word to disarm it
        return did

    async def end(self) -> int | None:
        """End it in good order; its exit code, and none where it had to be killed."""
        self.tell(signal.SIGCONT)
        self.tell(signal.SIGTERM)
        with suppress(TimeoutError):
            await until(lambda: not self.runs, LEAVE_SECONDS)
        if self.popen is None:
            return 0
        if self.runs:
            self.popen.kill()
            self.popen.wait()
            return None
        return self.popen.returncode


class Crew:
    """All workers."""

    def __init__(self, count: int, home: Path, environment: Mapping[str, str]) -> None:
        self.workers = [Worker(number, home, environment) for number in range(count)]
        self.supervisor = asyncio.create_task(self._supervise())

    async def _supervise(self) -> None:
        while True:
            for one in self.workers:
                one.supervise()
            await asyncio.sleep(LOOK_SECONDS)

    async def end(self) -> list[int | None]:
        """End them all in good order, also who has just begun; their exit codes."""
        self.supervisor.cancel()
        with suppress(TimeoutError):
            await until(lambda: all(one.listens for one in self.workers), LEAVE_SECONDS)
        return await asyncio.gather(*(one.end() for one in self.workers))

    def kill(self) -> None:
        """Leave none of them behind, whatever happened."""
        self.supervisor.cancel()
        for one in self.workers:
            one.tell(signal.SIGKILL)
            if one.popen is not None:
                one.popen.wait()
            one.log.close()

    def lines(self) -> list[dict[str, Any]]:
        """All that they logged."""
        return [
            msgspec.json.decode(line)
            for one in self.workers
            for line in one.path.read_bytes().splitlines()
            if line.startswith(b'{"') and line.endswith(b"}")
        ]

    def ready(self) -> bool:
        """Whether all of them have begun to work."""
        return [line["event"] for line in self.lines()].count("ready") >= len(self.workers)

    def refused(self) -> dict[str, int]:
        """How many commits of zombies were refused, by whom."""
        lines = [line["where"] for line in self.lines() if line.get("zombie")]
        return {where: lines.count(where) for where in TRAPS}

    def started(self) -> int:
        return sum(one.started for one in self.workers)
