"""Watching the log grow: one look for all who wait for it, and none while nobody does."""

import asyncio
from contextlib import suppress

import asyncpg

from adapters.postgres.connect import GONE

LOOK_SECONDS = 0.25
LENGTH = "select coalesce(sum(position), 0)::bigint from partitions"


class Watch:
    """Wakes those who read the log to its end; `ending` lets all of them go."""

    def __init__(self, pool: asyncpg.Pool, ending: asyncio.Event) -> None:
        self.pool, self.ending = pool, ending
        self.waiting: dict[asyncio.Event, int] = {}
        self.looking: asyncio.Task[None] | None = None

    async def grown(self, seen: int, seconds: float) -> None:
        """Return once the log has another length than was seen, or the seconds are over."""
        moved = asyncio.Event()
        self.waiting[moved] = seen
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), seconds)
        finally:
            del self.waiting[moved]

    async def _look(self) -> None:
        """A database that is away is looked at again: who waits finds out by itself."""
        while self.waiting:
            await asyncio.sleep(LOOK_SECONDS)
            length = None
            with suppress(asyncpg.PostgresError, *GONE):
                length = await self.pool.fetchval(LENGTH)
            for moved, seen in self.waiting.items():
                if self.ending.is_set() or length not in (None, seen):
                    moved.set()
