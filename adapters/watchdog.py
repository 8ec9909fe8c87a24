"""The watchdog: notices that something lies there to be read and nobody reads it on.

Clients of a broker can hang for good without an error. What cannot be mended from inside is left
to the supervisor, who starts the process anew: it gives up, and says why.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.errors import VillkorError

PATIENCE_SECONDS = 300.0
"""Longer than what mends itself: a rebalance, a restart of the broker or of the database."""


class Stalled(VillkorError):
    """Something is not read on."""


@dataclass(slots=True, frozen=True)
class Standing:
    """How far one partition of something was taken, and how far it goes.

    `position` counts only what was committed; `oldest` is when the first message that is in hand
    and not committed yet was recorded. What was stopped is left alone until a person has looked.
    """

    of: str
    partition: int
    position: int
    end: int
    oldest: datetime | None = None
    stopped: bool = False

    @property
    def lag(self) -> int:
        return max(0, self.end - self.position)


@dataclass(slots=True, frozen=True)
class Seen:
    """A standing, and when it last was better than before, on the process's own clock."""

    standing: Standing
    since: float


class Watchdog:
    """Remembers how partitions stood; what it is not shown again is somebody else's by now."""

    def __init__(
        self, patience: float = PATIENCE_SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.patience, self.now = patience, now
        self.parts: dict[str, dict[tuple[str, int], Seen]] = {}

    @property
    def seen(self) -> list[Seen]:
        """All that is watched, as it was seen last."""
        return [one for part in self.parts.values() for one in part.values()]

    def look(self, part: str, standings: Iterable[Standing]) -> None:
        """Take in how all partitions stand that are a part of this process's to read."""
        now, before = self.now(), self.parts.get(part, {})
        self.parts[part] = after = {}
        for one in standings:
            name = (one.of, one.partition)
            last = before.get(name)
            moved = last is None or one.position != last.standing.position
            since = now if last is None or moved or not one.lag else last.since
            after[name] = Seen(one, since)

    def idle(self, seen: Seen) -> float:
        """Seconds since a partition was last read on, or had nothing to read."""
        return self.now() - seen.since if seen.standing.lag else 0.0

    def stalled(self) -> str | None:
        """Which partition is not read on, in a sentence; none while all are well."""
        for one in self.seen:
            if (idle := self.idle(one)) > self.patience and not one.standing.stopped:
                what = f"{one.standing.of}[{one.standing.partition}]"
                return (
                    f"{what} has {one.standing.lag} messages to take and was not read on for"
                    f" {idle:.0f} s: giving up, so that a new process begins"
                )
        return None
