"""What waits in the database: asked seldom, and never waited for long."""

import time
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from adapters.postgres import parcels
from adapters.postgres.connect import GONE, within
from adapters.postgres.letters import STATE

FRESH_SECONDS = 10.0
"""How long figures are told without asking anew."""
PATIENCE_SECONDS = 1.0
WAITING = f"""
    select 'dead_letters', d.reason, count(*)::float8 from dead_letters d
     where d.state = 'parked' and {STATE} = 'parked' group by d.reason
    union all select 'inbox_messages', '', count(*) from inbox
    union all
    select 'inbox_oldest_seconds', '',
           coalesce(extract(epoch from clock_timestamp() - min(received_at)), 0) from inbox
    union all
    select 'unknown_codes', source, count(*) from sightings where grade = 'unknown' group by source
"""
FAILS = (TimeoutError, *GONE, asyncpg.PostgresError)
Figures = dict[str, dict[str, float]]
"""Name -> label -> figure; the label is empty where there is one figure of the name."""


class Backlog:
    """The figures of one database, as they were when it last answered.

    Those of carriers' sightings, which take the longest to count, are left out where they were not
    counted in time.
    """

    def __init__(
        self, pool: asyncpg.Pool, patience: float = PATIENCE_SECONDS, fresh: float = FRESH_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.pool, self.patience, self.fresh, self.now = pool, patience, fresh, now
        self.figures: Figures = {}
        self.up = False
        self.answered: float | None = None
        self.asked = float("-inf")

    @property
    def age(self) -> float | None:
        """Seconds since the database last answered; none where it never did."""
        return None if self.answered is None else self.now() - self.answered

    async def look(self) -> None:
        """Ask anew where the figures are old; where no answer comes in time, they stay."""
        if self.now() - self.asked < self.fresh:
            return
        self.asked = self.now()
        try:
            rows = await within(self.patience, self.pool.fetch(WAITING))
        except FAILS:
            self.up = False
            return
        self.up, self.answered, self.figures = True, self.now(), {}
        for name, label, figure in rows:
            self.figures.setdefault(name, {})[label] = figure
        with suppress(*FAILS):
            waiting, overdue, _ = await within(self.patience, parcels.standing(self.pool))
            self.figures["sightings_waiting"] = {"": waiting}
            self.figures["sightings_overdue"] = {"": overdue}
