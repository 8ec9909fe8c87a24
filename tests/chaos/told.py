"""What is told: the demo's orders, a few customers of theirs, and what befalls it all on the way.

Everything is drawn from the seed beforehand: which fact is sent at which moment, which comes twice,
which goes to a wrong partition, and what is sent that is no fact at all.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.messages import Message
from adapters.partitions import partition_of
from deploy.demo.generate import SHOPS, TODAY, story

FACTS_AN_ORDER = 7.3
BEGIN, END = TODAY - timedelta(days=125), TODAY + timedelta(days=40)
"""Between these the workers' clock runs while facts are told; at the end it stands still."""
CUSTOMERS = 40
"""So many a shop: their orders concern each other."""
SPREAD_DAYS = 2.0
"""How far a fact's turn strays from its time, as the standard deviation of it."""
AGAIN, ASTRAY, BAD = 0.04, 0.03, 0.006
"""Shares of what is told: twice, on a wrong partition, and no fact."""
LAST = 0.97
"""By this share of the time all was told once."""


@dataclass(slots=True)
class Post:
    """A record to send at `moment`, a share of the time; on the partition of its key if none."""

    moment: float
    value: bytes
    key: bytes
    partition: int | None = None


@dataclass(slots=True)
class Telling:
    """All that is told: the facts in order for the oracle, the posts in the order of sending."""

    facts: list[Message] = field(default_factory=list)
    bad: list[bytes] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def telling(seed: int, count: int, partitions: int) -> Telling:
    """About so many facts, and what befalls them."""
    r = random.Random(f"told {seed}")
    told = Telling()
    events = sorted(_events(r, int(count / FACTS_AN_ORDER)), key=_known)
    told.facts = [Message(_bytes(one), f"told:{n}") for n, one in enumerate(events)]
    turns = sorted(events, key=lambda one: _known(one) + timedelta(days=r.gauss(0, SPREAD_DAYS)))
    for turn, event in enumerate(turns):
        moment = LAST * turn / len(turns)
        told.posts.append(Post(moment, _bytes(event), _key(event)))
        if r.random() < AGAIN:
            later = moment + r.random() * (1 - moment)
            told.posts.append(Post(later, _bytes(event), _key(event)))
            told.counts["duplicates"] += 1
    for number in range(max(10, int(BAD * len(turns)))):
        _spoil(told, number, r.choice(turns), r)
    for post in told.posts:
        if post.partition is None and r.random() < ASTRAY:
            home = partition_of(post.key.decode()) % partitions
            post.partition = (home + r.randrange(1, partitions)) % partitions
            told.counts["wrong partitions"] += 1
    told.posts.sort(key=lambda post: post.moment)
    told.counts["out of order"] = _overtaken(turns)
    told.counts["bad messages"] = len(told.bad)
    return told


def _events(r: random.Random, orders: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(orders):
        life = story(SHOPS[number % len(SHOPS)], 1000 + number // len(SHOPS), r)
        for event in life.told:
            if "customer" in event["data"]:
                event["data"]["customer"]["ref"] = f"c-{1000 + r.randrange(CUSTOMERS)}"
            if event not in found[-len(life.told) :]:
                found.append(event)
    for number in range(CUSTOMERS // 2):
        found += _stopped(f"c-{1000 + number}", r)
    return found


def _stopped(ref: str, r: random.Random) -> list[dict[str, Any]]:
    """A customer's credit is exceeded and settled, which concerns all of its orders."""
    at = TODAY - timedelta(days=r.randrange(20, 100))
    return [
        {"specversion": "1.0", "id": f"{ref}-{type}", "source": "/billing/gandalf", "type": type,
         "seller": "gandalf", "subject": f"customer:{ref}", "data": {},
         "time": (at + timedelta(days=days)).isoformat()}
        for type, days in (("CreditLimitExceeded", 0), ("AccountSettled", r.randrange(1, 15)))
    ]  # fmt: skip


def _spoil(told: Telling, number: int, like: dict[str, Any], r: random.Random) -> None:
    """Send something that must be parked, every third of it twice."""
    id = f"bad-{number}"
    value, key = r.choice(
        [
            (b"\xff\x00 " + id.encode(), b"?"),
            (_bytes({"specversion": "1.0", "id": id}), b"?"),
            (_bytes(like | {"id": id, "type": "Teleported"}), _key(like)),
            (_bytes(like | {"id": id, "type": "Shipped", "data": {"parcel": "p", "cost": -1}}),
             _key(like)),
            (_bytes(like | {"id": id, "type": "OrderPlaced", "data": {}}), _key(like)),
        ]
    )  # fmt: skip
    told.bad.append(value)
    for _ in range(1 + (number % 3 == 0)):
        partition = None if key != b"?" else 0
        told.posts.append(Post(r.random(), value, key, partition))


def _overtaken(turns: list[dict[str, Any]]) -> int:
    """How many facts are sent after a later one of their own order."""
    latest: dict[bytes, datetime] = {}
    count = 0
    for event in turns:
        key, at = _key(event), _known(event)
        count += at < latest.get(key, at)
        latest[key] = max(at, latest.get(key, at))
    return count


def _known(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event.get("recordedtime", event["time"]))


def _key(event: dict[str, Any]) -> bytes:
    return f"{event['seller']}/{event['subject']}".encode()


def _bytes(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()
