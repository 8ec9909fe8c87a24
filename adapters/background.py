"""Work that takes longer than anybody waits for a page: one at a time, beside those who ask.

It belongs to the program that serves, and ends with it. Whoever asks is told how far it is; what
came of it stays until the next of its name is done. Its times are the wall clock's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog

from adapters.clock import Clock
from adapters.processes import Progress
from domain.errors import Guarded, VillkorError

log = structlog.get_logger()
FAULT = "it failed, and nothing was changed; the log of the server knows more"


class Stage(StrEnum):
    """Where work is in its life."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Work:
    """A piece of work: `result` is what it gave, `failure` why it gave nothing.

    `done` and `of` are events.
    """

    name: str
    by: str
    begun_at: datetime
    done: int = 0
    of: int = 0
    stage: Stage = Stage.RUNNING
    ended_at: datetime | None = None
    result: Any = None
    failure: str = ""

    @property
    def is_running(self) -> bool:
        return self.stage is Stage.RUNNING

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it runs."""
        return (self.ended_at - self.begun_at).total_seconds() if self.ended_at else 0.0

    def reached(self, done: int, of: int) -> None:
        """How far it is; for whoever works to call."""
        self.done, self.of = done, of


@dataclass(slots=True)
class Background:
    """The work of one program: what runs, or what ran last."""

    clock: Clock = field(default_factory=Clock)
    work: Work | None = None
    done: dict[str, Work] = field(default_factory=dict)
    """By name, the last that was done."""
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def begin(self, name: str, by: str, run: Callable[[Progress], Awaitable[Any]]) -> Work:
        """Begin work, which is told how to say how far it is. Raises Guarded while other runs."""
        if self.work is not None and self.work.is_running:
            raise Guarded(f"{self.work.name} is at work; wait until it has ended, or cancel it")
        self.work = Work(name, by, self.clock.now())
        self.task = asyncio.create_task(self._run(self.work, run))
        return self.work

    async def end(self) -> None:
        """Cancel what runs, and wait until it is gone."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self, work: Work, run: Callable[[Progress], Awaitable[Any]]) -> None:
        try:
            work.result = await run(work.reached)
            work.stage = Stage.DONE
            self.done[work.name] = work
        except asyncio.CancelledError:
            work.stage = Stage.CANCELLED
        except VillkorError as error:
            work.stage, work.failure = Stage.FAILED, str(error)
        except Exception as error:  # noqa: BLE001 - whoever looks is told, and the log
            log.warning("failed", work=work.name, error=f"{type(error).__name__}: {error}")
            work.stage, work.failure = Stage.FAILED, FAULT
        work.ended_at = self.clock.now()
