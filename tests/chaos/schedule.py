"""The schedule of faults: drawn from the seed before anything starts, and so the same each time."""

import random
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "killed", "stopped", "zombie in Postgres", "zombie in Kafka", "left",
    "broker killed", "Postgres restarted",
]  # fmt: skip
ZOMBIES: dict[Kind, tuple[float, float]] = {
    "zombie in Postgres": (13.0, 16.0),
    "zombie in Kafka": (13.0, 16.0),
}
"""How long a worker is away, in seconds. Here a group misses a member after 6 s, and a writer that
has been silent for 6 s may be replaced: who is away for longer comes back as a zombie."""
SHORT: dict[Kind, tuple[float, float]] = {
    "killed": (0.5, 3.0),
    "stopped": (1.0, 9.0),
    "left": (1.0, 6.0),
}
OF_ALL: dict[Kind, tuple[float, float]] = {
    "broker killed": (0.5, 3.0),
    "Postgres restarted": (0.0, 2.0),
}
SPOILED_BY: dict[Kind, Kind] = {
    "broker killed": "zombie in Kafka",
    "Postgres restarted": "zombie in Postgres",
}
"""Whose commit nobody refuses if it comes while there is nobody to ask."""
CHOICE, AWAY_SECONDS = 12, 8.0
"""Of so many moments the farthest from such commits is taken; so long it takes to be back."""
KINDS: tuple[Kind, ...] = (*ZOMBIES, *SHORT, *OF_ALL)
WORKERS, OF_THEM_ZOMBIES = 4, 2
"""Those who become zombies are not disturbed otherwise; the others are there to replace them."""
LEAST, DRAWN = 3, 4
"""So often a kind must fire in a run that counts, and so often it is drawn: one may find no work
to be disturbed in."""
COUNTS_FROM_SECONDS = 95.0
BEGINS, RECOVERY_SECONDS = 3.0, 6.0
"""A worker is left alone until it has begun, and again after it came back."""


@dataclass(slots=True, frozen=True)
class Fault:
    """At `at` seconds something happens to a worker (or to what all use) for so many seconds."""

    at: float
    kind: Kind
    seconds: float
    worker: int | None = None


def schedule(seed: int, seconds: float) -> list[Fault]:
    """What befalls a run, by time."""
    r = random.Random(f"faults {seed}")
    share = min(1.0, seconds / COUNTS_FROM_SECONDS)
    workers = r.sample(range(WORKERS), WORKERS)
    zombies, sound = workers[:OF_THEM_ZOMBIES], workers[OF_THEM_ZOMBIES:]
    times = max(1, int(share * DRAWN))
    faults = _dealt(ZOMBIES, times, zombies, seconds, r) + _dealt(SHORT, times, sound, seconds, r)
    times = max(1, int(share * LEAST))
    for kind, away in OF_ALL.items():
        share = (seconds - BEGINS) / times
        woken = [one.at + one.seconds for one in faults if one.kind == SPOILED_BY[kind]]
        for n in range(times):
            moments = [BEGINS + share * (n + r.uniform(0.2, 0.8)) for _ in range(CHOICE)]
            at = max(moments, key=lambda moment: _far(moment, woken))
            faults.append(Fault(at, kind, r.uniform(*away)))
    return sorted(faults, key=lambda one: one.at)


def _far(moment: float, woken: list[float]) -> float:
    """How far what begins at a moment is from whatever wakes."""
    return min(abs(moment + AWAY_SECONDS / 2 - one) for one in woken)


def _dealt(
    kinds: dict[Kind, tuple[float, float]], times: int, workers: list[int], seconds: float,
    r: random.Random,
) -> list[Fault]:  # fmt: skip
    """Each kind so many times, dealt out to workers; what time is left lies between, at random."""
    hand = [(kind, r.uniform(*away)) for kind, away in kinds.items() for _ in range(times)]
    r.shuffle(hand)
    faults = []
    for place, worker in enumerate(workers):
        mine = hand[place :: len(workers)]
        busy = sum(away + RECOVERY_SECONDS for _, away in mine)
        slack = max(0.0, seconds - BEGINS - busy)
        breaks = sorted(r.uniform(0.0, slack) for _ in mine)
        at = BEGINS
        for (kind, away), pause in zip(mine, breaks, strict=True):
            faults.append(Fault(at + pause, kind, away, worker))
            at += away + RECOVERY_SECONDS
    return faults
