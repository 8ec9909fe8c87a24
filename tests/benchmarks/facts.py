"""The facts that are told: the demo's lives at any size, seeded, orders interleaved."""

import json
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from adapters.messages import Message
from deploy.demo.generate import SHOPS, Story, story

OPEN = 2_000
"""Orders that are told of at a time: each fact is of one of them, drawn evenly."""
FIRST = 1_000
"""The lives before are one of each kind; from here on they come by their weight."""
SCANS = 1.1
"""The Pareto exponent of how often a carrier tells of a parcel: most orders have 5-20 events, some
up to 200."""
MOST_SCANS = 160
LARGE = (0, 3)
"""Of twelve orders, those of two large customers."""


def traffic(orders: int) -> list[Message]:
    """All facts of so many orders."""
    return list(interleaved(range(orders)))


def interleaved(
    orders: Iterable[int], open_orders: int = OPEN, *, skewed: bool = False
) -> Iterator[Message]:
    """The facts of these orders, as they come from many at a time."""
    r = random.Random(open_orders)
    lives = ((skew if skewed else told)(number) for number in orders)
    pool = list(islice(lives, open_orders))
    count = 0
    while pool:
        at = r.randrange(len(pool))
        yield Message(pool[at].pop(), f"bench:{count}")
        count += 1
        if not pool[at]:
            pool[at] = pool[-1]
            pool.pop()
            pool += islice(lives, 1)


def told(number: int) -> list[bytes]:
    """An order's life, the last fact first."""
    return _encoded(_life(number))


def skew(number: int) -> list[bytes]:
    """The same, with parcels of which carriers tell over and over, and two large customers."""
    life, r = _life(number), random.Random(number)
    if number % 12 in LARGE:
        placed = next(fact for fact in life.told if fact["type"] == "OrderPlaced")
        placed["data"]["customer"]["ref"] = "large"
    sent = [fact for fact in life.told if fact["type"] == "Shipped"]
    for shipped in sent[:1]:
        scans = min(MOST_SCANS, int(r.paretovariate(SCANS)) - 1)
        at, place = datetime.fromisoformat(shipped["time"]), life.told.index(shipped) + 1
        life.told[place:place] = [_scan(shipped, at, one) for one in range(scans)]
    return _encoded(life)


def _life(number: int) -> Story:
    seller = SHOPS[number % len(SHOPS)]
    return story(seller, FIRST + number // len(SHOPS), random.Random(f"order {number}"))


def _scan(shipped: dict[str, object], at: datetime, number: int) -> dict[str, object]:
    moment = at + timedelta(minutes=5 * (number + 1))
    return shipped | {
        "id": f"{shipped['id']}-scan-{number}",
        "source": f"/carriers/{shipped['seller']}",
        "type": "InTransit",
        "time": moment.isoformat(timespec="minutes"),
        "data": {"parcel": "p1"},
    }


def _encoded(life: Story) -> list[bytes]:
    return [json.dumps(fact, ensure_ascii=False).encode() for fact in reversed(life.told)]
