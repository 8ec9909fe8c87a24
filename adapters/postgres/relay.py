"""What goes out, and how far it went: the relay's statements, each for many partitions at once."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from adapters.postgres import sql
from adapters.postgres.batch import EventRow
from adapters.postgres.parcels import installation
from domain.errors import Fenced

PAGE = 2_000
LETTERS_AT_ONCE = 64
"""Dead letters may be large."""
NUMBERED = 5_000
"""Dead letters that are numbered at a time: all other programs wait for it."""
NUMBERING = 5_901_724
"""The advisory lock under which one program at a time numbers dead letters."""

FIRST_LANES = "insert into relay_lanes (lanes) values ($1) on conflict do nothing"
LANES = "select lanes from relay_lanes"
HOLD_LANES = "select lanes from relay_lanes for update"
CHANGE_LANES = "update relay_lanes set lanes = $1"
ENROL = """
    insert into relay (partition) select p from unnest($1::smallint[]) p order by p
    on conflict do nothing
"""
HOW_MANY_MINE = """
    select count(*) from partitions p join unnest($1::smallint[], $2::bigint[]) m(partition, epoch)
      on p.partition = m.partition and p.epoch = m.epoch
"""
STANDINGS = """
    select partition, r.position, r.intent, r.letters, r.letters_intent
    from relay r where partition = any($1::smallint[])
"""
_LAST = """
    greatest(r.letters, r.letters_intent, (
        select max(d.relay_number) from dead_letters d where d.relay_partition = r.partition
    ))
"""
ENDS = f"""
    select partition, p.position, {_LAST}, exists (
        select from dead_letters d
        where d.relay_partition = p.partition and d.relay_number is null
    )
    from partitions p join relay r using (partition) where partition = any($1::smallint[])
"""
ONE_NUMBERS = f"select pg_advisory_xact_lock({NUMBERING})"
NUMBER = f"""
    with fresh as (
        select id, relay_partition from dead_letters
        where relay_partition = any($1::smallint[]) and relay_number is null
        order by id limit {NUMBERED} for update skip locked
    ), numbers as (
        select f.id, {_LAST} + row_number() over (partition by r.partition order by f.id) as number
        from fresh f join relay r on r.partition = f.relay_partition
    )
    update dead_letters d set relay_number = n.number from numbers n where d.id = n.id
"""
EVENTS = """
    select e.* from unnest($1::smallint[], $2::bigint[], $3::bigint[]) w(partition, after, upto)
    cross join lateral (
        select partition, position, seller, order_id, version, type, schema, at, recorded_at,
               source, id, body, meta, hash
        from events
        where partition = w.partition and position > w.after and position <= w.upto
          and type = any($4::text[])
        order by position limit $5
    ) e
"""
LETTERS = """
    select d.* from unnest($1::smallint[], $2::bigint[], $3::bigint[]) w(partition, after, upto)
    cross join lateral (
        select relay_partition as partition, relay_number as number, id, key, headers, value,
               place, reason, sentence, parked_at, seller, order_id, message_source, message_id
        from dead_letters
        where relay_partition = w.partition and relay_number > w.after and relay_number <= w.upto
        order by relay_number limit $4
    ) d
"""
# Whoever writes these rows locks them in order of partition.
_HELD = """
    with held as (
        select r.partition from relay r where r.partition = any($1::smallint[])
        order by r.partition for update
    )
"""
INTEND = f"""
    {_HELD} update relay r set intent = u.position, letters_intent = u.letters
    from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[])
         u(partition, position, letters, epoch)
    join held h on h.partition = u.partition
    join partitions p on p.partition = u.partition and p.epoch = u.epoch
    where r.partition = u.partition
"""
DONE = f"""
    {_HELD} update relay r set position = greatest(r.position, u.position),
                               letters = greatest(r.letters, u.letters)
    from unnest($1::smallint[], $2::bigint[], $3::bigint[]) u(partition, position, letters)
    join held h on h.partition = u.partition
    where r.partition = u.partition
"""
_SETTLED = """
    update relay r set position = u.position, intent = u.position,
                       letters = u.letters, letters_intent = u.letters
"""
SETTLE = f"""
    {_HELD} {_SETTLED}
    from unnest($1::smallint[], $2::bigint[], $3::bigint[]) u(partition, position, letters)
    join held h on h.partition = u.partition
    where r.partition = u.partition
"""
SETTLE_MINE = f"""
    {_HELD} {_SETTLED}
    from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[])
         u(partition, position, letters, epoch)
    join held h on h.partition = u.partition
    join partitions p on p.partition = u.partition and p.epoch = u.epoch
    where r.partition = u.partition
"""
RECORDED = """
    select partition, position, seller, order_id, version, type, schema, at, recorded_at, source,
           id, body, meta, hash
    from events
    where partition = $1 and position > $2 and type = any($3::text[])
      and recorded_at >= $4 and recorded_at < $5 and ($6::text is null or seller = $6)
    order by position limit $7
"""


class Place(NamedTuple):
    """How far a partition went: the position of an event, and the number of a dead letter."""

    event: int = 0
    letter: int = 0

    def __str__(self) -> str:
        return f"event {self.event}, dead letter {self.letter}"


EVENT, LETTER = 0, 1
Places = dict[int, Place]
"""Places by the log's partition."""
Epochs = Mapping[int, int]
"""Under which epoch each of some partitions of the log is owned."""


class Standing(NamedTuple):
    """How far a partition was published for certain, and how far a transaction may have gone."""

    certain: Place
    intent: Place


class Letter(NamedTuple):
    """A dead letter to publish."""

    partition: int
    number: int
    id: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes
    place: str
    reason: str
    sentence: str
    parked_at: datetime
    seller: str | None
    order_id: str | None
    message_source: str | None
    message_id: str | None


@dataclass(slots=True)
class Pending:
    """What is to be published, in order, and the places that are reached with it."""

    events: list[EventRow]
    letters: list[Letter]
    places: Places


class RelayStore:
    """The relay's side of one database."""

    def __init__(self, pool: asyncpg.Pool, types: Iterable[str]) -> None:
        self.pool, self.types = pool, sorted(types)

    async def installation(self) -> str:
        """The name of this installation among all that share a Kafka."""
        return str(await installation(self.pool))

    async def lanes(self, first: int | None = None) -> int | None:
        """How many lanes there are on record; the number given from now on, if there was none."""
        if first is not None:
            await self.pool.execute(FIRST_LANES, first)
        found: int | None = await self.pool.fetchval(LANES)
        return found

    @asynccontextmanager
    async def changing(self) -> AsyncIterator["Change"]:
        """Hold the number of lanes, so that one program at a time changes it, all or nothing."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield Change(connection, await connection.fetchval(HOLD_LANES))

    async def enrol(self, epochs: Epochs) -> None:
        """Begin to publish partitions. Raises Fenced where one of them is another's by now."""
        mine = await self.pool.fetchval(HOW_MANY_MINE, list(epochs), list(epochs.values()))
        if mine != len(epochs):
            raise Fenced
        await self.pool.execute(ENROL, list(epochs))

    async def standings(self, partitions: Iterable[int]) -> dict[int, Standing]:
        """How far partitions were published."""
        return _standings(await self.pool.fetch(STANDINGS, list(partitions)))

    async def settle(self, places: Places, epochs: Epochs | None = None) -> None:
        """Partitions were published so far, for certain, and no further.

        Raises Fenced where one of them is another's by now: a lane that was slow to begin must
        not undo what its successor said.
        """
        if epochs is None:
            await self.pool.execute(SETTLE, *_columns(places))
            return
        partitions, events, letters = _columns(places)
        mine = [epochs[one] for one in partitions]
        done = await self.pool.execute(SETTLE_MINE, partitions, events, letters, mine)
        if done != f"UPDATE {len(places)}":
            raise Fenced

    async def ends(self, partitions: Iterable[int]) -> Places:
        """Where partitions end, once their new dead letters have numbers."""
        those = list(partitions)
        rows = await self.pool.fetch(ENDS, those)
        if any(row[3] for row in rows):
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(sql.NOT_HUNG)
                await connection.execute(ONE_NUMBERS)
                await connection.execute(NUMBER, those)
            rows = await self.pool.fetch(ENDS, those)
        return {row[0]: Place(row[1], row[2]) for row in rows}

    async def pending(self, after: Places, upto: Places, limit: int) -> Pending:
        """What lies between two places of partitions, about so many at most in all."""
        behind = [one for one in upto if upto[one] != after[one]]
        events = [one for one in behind if upto[one].event > after[one].event]
        letters = [one for one in behind if upto[one].letter > after[one].letter]
        found = Pending([], [], {one: upto[one] for one in behind})
        if events:
            share = max(1, limit // len(events))
            rows = await self.pool.fetch(
                EVENTS, *_window(events, after, upto, EVENT), self.types, share
            )
            found.events = sorted(EventRow(*row) for row in rows)
            for one, last in _cut([row[:2] for row in found.events], share).items():
                found.places[one] = found.places[one]._replace(event=last)
        if letters:
            share = max(1, LETTERS_AT_ONCE // len(letters))
            rows = await self.pool.fetch(LETTERS, *_window(letters, after, upto, LETTER), share)
            found.letters = sorted(map(_letter, rows))
            for one, last in _cut([letter[:2] for letter in found.letters], share).items():
                found.places[one] = found.places[one]._replace(letter=last)
        return found

    async def intend(self, places: Places, epochs: Epochs) -> None:
        """Say how far the transaction that is under way goes.

        Raises Fenced where one of the partitions is another's by now.
        """
        partitions, events, letters = _columns(places)
        mine = [epochs[one] for one in partitions]
        done = await self.pool.execute(INTEND, partitions, events, letters, mine)
        if done != f"UPDATE {len(places)}":
            raise Fenced

    async def done(self, places: Places) -> None:
        """Say how far the transaction went that was committed."""
        await self.pool.execute(DONE, *_columns(places))

    async def recorded(
        self, partition: int, start: datetime, end: datetime, seller: str | None
    ) -> AsyncIterator[list[EventRow]]:
        """The outcomes of a partition recorded from `start` and before `end`, page by page."""
        after = 0
        while True:
            rows = await self.pool.fetch(
                RECORDED, partition, after, self.types, start, end, seller, PAGE
            )
            if rows:
                yield [EventRow(*row) for row in rows]
            if len(rows) < PAGE:
                return
            after = rows[-1]["position"]


class Change:
    """The number of lanes, held: `lanes` is the one on record."""

    def __init__(self, connection: asyncpg.Connection, lanes: int) -> None:
        self.connection, self.lanes = connection, lanes

    async def standings(self, partitions: Sequence[int]) -> dict[int, Standing]:
        """How far partitions were published, those included that never were."""
        await self.connection.execute(ENROL, list(partitions))
        return _standings(await self.connection.fetch(STANDINGS, list(partitions)))

    async def to(self, lanes: int, places: Places) -> None:
        """Another number of lanes from here on."""
        await self.connection.execute(SETTLE, *_columns(places))
        await self.connection.execute(CHANGE_LANES, lanes)


def _standings(rows: Iterable[Any]) -> dict[int, Standing]:
    return {row[0]: Standing(Place(row[1], row[3]), Place(row[2], row[4])) for row in rows}


def _letter(row: Any) -> Letter:
    return Letter(*row)._replace(headers=sql.headers_of(row["headers"]))


def _cut(found: list[tuple[int, int]], share: int) -> dict[int, int]:
    """The partitions of which the share was read, and up to where."""
    counts = Counter(partition for partition, _ in found)
    return {one: last for one, last in dict(found).items() if counts[one] == share}


def _window(
    partitions: list[int], after: Places, upto: Places, which: int
) -> tuple[list[int], list[int], list[int]]:
    return (
        partitions, [after[one][which] for one in partitions],
        [upto[one][which] for one in partitions],
    )  # fmt: skip


def _columns(places: Places) -> tuple[list[int], list[int], list[int]]:
    """In order of partition, as all that lock these rows do."""
    those = sorted(places)
    return those, [places[one].event for one in those], [places[one].letter for one in those]
