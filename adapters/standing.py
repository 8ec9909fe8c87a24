"""How far everything is: the log and who writes it, and what is made of the log.

Read models are written in the transaction that appends, so that they are where the log is. What
is added up, or goes out to Kafka, comes behind it; its lag is in events.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import asyncpg

from adapters.postgres.sql import SIGN_OF_LIFE
from projections import PROJECTIONS

LOG = """
    select coalesce(sum(position), 0)::bigint as events,
           count(*) filter (where position > 0) as partitions
    from partitions
"""
HEADS = """
    select partition, position, encode(head, 'hex') as head, owner
    from partitions where position > 0 order by partition
"""
MODELS = "select name, version, built_at from read_models"
WRITERS = f"""
    select owner, count(*) as partitions, max(heartbeat) as heartbeat,
           max(heartbeat) > clock_timestamp() - interval '{SIGN_OF_LIFE} seconds' as is_alive
    from partitions where owner is not null group by owner order by owner
"""
FOLLOWING = """
    select {name}, coalesce(sum(least(coalesce(f.position, 0), l.position)), 0)::bigint as position
    from partitions l left join {table} f on f.partition = l.partition {same}
"""
SAME = "and f.file = pg_relation_filenode('{of}')"
"""Sums of rows that a rebuild has put others in the place of count nothing."""
FOLLOWERS = " union all ".join(
    FOLLOWING.format(name=f"'{table}'", table=table, same=same)
    for table, same in (
        ("ledger_summed", SAME.format(of="postings")),
        ("clauses_summed", SAME.format(of="timeline")), ("relay", ""),
    )
)  # fmt: skip
WORDS = {
    "ledger_summed": "sums of the ledger by day",
    "clauses_summed": "counts of what each clause decided",
    "relay": "published to Kafka",
}


class Model(NamedTuple):
    """A read model: `version` is this program's, `built` that by which its rows were made."""

    name: str
    table: str
    version: int
    built: int | None
    built_at: datetime | None

    @property
    def is_current(self) -> bool:
        return self.built == self.version


class Follower(NamedTuple):
    """What comes behind the log: up to which position, in events, and how many it lacks."""

    what: str
    position: int
    lag: int


class Writer(NamedTuple):
    """A program that owns partitions, and when it last showed life."""

    owner: str
    partitions: int
    heartbeat: datetime | None
    is_alive: bool


class Head(NamedTuple):
    """Where a partition's chain ends: its position, and its hash in hex."""

    partition: int
    position: int
    head: str
    owner: str | None


@dataclass(slots=True, frozen=True)
class Standing:
    """All of it in one snapshot; `events` is where the log ends."""

    events: int
    partitions: int
    models: list[Model]
    followers: list[Follower]
    writers: list[Writer]
    heads: list[Head]

    @property
    def is_behind(self) -> bool:
        return any(one.lag for one in self.followers)


async def standing(pool: asyncpg.Pool) -> Standing:
    """How far everything is now. Who publishes nothing to Kafka has no lag there."""
    events, partitions = await pool.fetchrow(LOG)
    built = {name: (version, at) for name, version, at in await pool.fetch(MODELS)}
    publishes = await pool.fetchval("select exists (select from relay where position > 0)")
    return Standing(
        events, partitions,
        [Model(one.name, one.table, one.version, *built.get(one.name, (None, None)))
         for one in PROJECTIONS],
        [Follower(WORDS[name], position, events - position)
         for name, position in await pool.fetch(FOLLOWERS) if name != "relay" or publishes],
        [Writer(*row) for row in await pool.fetch(WRITERS)],
        [Head(*row) for row in await pool.fetch(HEADS)],
    )  # fmt: skip
