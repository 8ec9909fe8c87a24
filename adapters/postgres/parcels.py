"""Parcels in Postgres: the row that puts body and `Shipped` in order, and what each then writes.

Both lock the numbers they speak of before they look or write, in one order for all, and hold them
until they commit. So either the body finds the shipment, or the `Shipped` finds the sighting.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from adapters.messages import Message
from adapters.parcels import AHEAD, REACH, Key, Seen, Shipment
from adapters.parcels.judging import merged
from adapters.parcels.matching import PLACE, changed, concerned, tellings, unshipped
from adapters.partitions import partition_of
from adapters.postgres import sql
from adapters.postgres.batch import DeadLetter

# A conflicting row is locked also where nothing of it is updated.
LOCK = """
    insert into trackings as t (carrier, number)
    select u.carrier, u.number
    from unnest($1::text[], $2::text[]) with ordinality u(carrier, number, place) order by place
    on conflict (number, carrier) do update set number = excluded.number where false
"""
SHIPMENTS = """
    select h.seller, h.order_id, h.source, h.id, h.carrier, h.number, h.parcel, h.at, h.retracted,
           h.generation
    from shipments h join unnest($1::text[], $2::text[]) k(carrier, number)
      on h.number = k.number and h.carrier = k.carrier
    order by h.at, h.seller, h.order_id, h.source, h.id
"""
SHIP = """
    insert into shipments (
        seller, order_id, source, id, carrier, number, parcel, at, retracted, generation)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                         $7::text[], $8::timestamptz[], $9::boolean[], $10::int[])
    on conflict (seller, order_id, source, id) do update
    set carrier = excluded.carrier, number = excluded.number, retracted = excluded.retracted,
        generation = excluded.generation
"""
_SEEN = """
    s.carrier, s.number, s.source, s.event, s.at, s.recorded_at, s.codes, s.grade, s.judged_by,
    s.fact, s.data, s.takes_back, s.corrects, s.as_of, s.revision, s.matched
"""
SIGHTINGS = f"""
    select {_SEEN}
    from sightings s join unnest($1::text[], $2::text[]) k(carrier, number)
      on s.number = k.number and s.carrier = k.carrier
    order by s.at, s.source, s.event
"""
SEE = """
    insert into sightings (
        carrier, number, source, event, at, recorded_at, codes, grade, judged_by, fact, data,
        takes_back, corrects, as_of, revision, matched)
    select u.carrier, u.number, u.source, u.event, u.at, u.recorded_at, u.codes::jsonb, u.grade,
           u.judged_by, u.fact, u.data::jsonb, u.takes_back, u.corrects, u.as_of, u.revision,
           u.matched
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                $6::timestamptz[], $7::text[], $8::text[], $9::date[], $10::text[], $11::text[],
                $12::text[], $13::text[], $14::timestamptz[], $15::int[], $16::boolean[])
         u(carrier, number, source, event, at, recorded_at, codes, grade, judged_by, fact, data,
           takes_back, corrects, as_of, revision, matched)
    on conflict (number, carrier, source, event) do update
    set recorded_at = excluded.recorded_at, codes = excluded.codes, grade = excluded.grade,
        judged_by = excluded.judged_by, fact = excluded.fact, data = excluded.data,
        takes_back = excluded.takes_back, as_of = excluded.as_of, revision = excluded.revision
"""
MATCH = """
    update sightings s set matched = u.matched
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
         u(carrier, number, source, event, matched)
    where (s.number, s.carrier, s.source, s.event) = (u.number, u.carrier, u.source, u.event)
"""
_WAITS = "not s.matched and coalesce(s.fact, s.takes_back, s.corrects) is not null"
# By the index of shipments for each that waits (`offset 0`), never by reading all shipments.
_OVERDUE = f"""
    from sightings s where {_WAITS} and exists (
        select from shipments h
        where h.number = s.number and h.carrier = s.carrier and not h.retracted and s.at between
            h.at - interval '{AHEAD.days} days' and h.at + interval '{REACH.days} days'
        offset 0
    )
"""
OVERDUE = f"select distinct s.carrier, s.number {_OVERDUE} limit $1"
STANDING = f"""
    select 'waiting' as state, count(*)::float8 from sightings s where {_WAITS}
    union all
    select 'overdue', count(*) {_OVERDUE}
    union all
    select 'unknown', least(
        (select count(*) from sightings s where grade = 'unknown'),
        (select count(*) from dead_letters where state = 'parked' and reason = 'unknown_code')
    )
"""
"""Of unknown codes those that still concern somebody: no table has them, nobody discarded them."""
NAMED = """
    select carrier, number from trackings where number = $1 and ($2::text is null or carrier = $2)
    order by carrier
"""
INSTALL = "insert into installation default values on conflict do nothing"
INSTALLATION = "select id from installation"
SWEPT = 1_000
"""Numbers that one sweep takes at most; the next one goes on."""


@dataclass(slots=True)
class Met:
    """What follows where sightings and shipments met: what is to be told, and what waits."""

    messages: list[Message] = field(default_factory=list)
    waits: dict[Key, int] = field(default_factory=dict)
    known: int = 0
    """How many of the sightings that wait, or tell nothing, were known before."""
    kept: int = 0
    """How many new ones tell nothing."""


async def shipped(connection: asyncpg.Connection, told: Sequence[tuple[Shipment, datetime]]) -> int:
    """Write shipments as their orders now know them, since the instant beside each, and hand over
    what follows to these orders' writers; how much that is.
    """
    keys = sorted({one.key for one, _ in told})
    await _lock(connection, keys)
    known = _by_key(await _shipments(connection, keys))
    since = {(one.seller, one.order): at for one, at in told}
    writes: list[Shipment] = []
    ended: dict[Key, list[Shipment]] = {}
    for key, ones in _by_key([one for one, _ in told]).items():
        new, ended[key] = changed(known.get(key, []), ones)
        writes += new
    if not writes:
        return 0
    await connection.execute(SHIP, *_columns(map(_shipment_row, writes)))
    keys = sorted({one.key for one in writes})
    seen = _by_key(await _sightings(connection, keys))
    if not seen:
        return 0
    begun = {(one.key, one.through) for one in writes if not one.retracted}
    ships = _by_key(await _shipments(connection, list(seen)))
    messages: list[Message] = []
    for key, ones in seen.items():
        messages += unshipped(ended[key], ones, since)
        through = [one for one in ships[key] if (key, one.through) in begun]
        messages += tellings(through, ones, {one.event for one in ones}, PLACE)
    await _match(connection, seen, ships)
    await hand_over(connection, messages)
    return len(messages)


async def see(connection: asyncpg.Connection, told: Sequence[Seen]) -> Met:
    """Keep what carriers said, each event once; what of it is to be told, and what waits."""
    keys = sorted({one.key for one in told})
    if not keys:
        return Met()
    await _lock(connection, keys)
    ships = _by_key(await _shipments(connection, keys))
    before = {one.identity: one for one in await _sightings(connection, keys)}
    after, writes, met = dict(before), dict[tuple[str, ...], Seen](), Met()
    for one in told:
        if (now := merged(after.get(one.identity), one)) is not None:
            after[one.identity] = writes[one.identity] = now
    if writes:
        await connection.execute(SEE, *_columns(map(_sighting_row, writes.values())))
    events = _by_key({one.identity: after[one.identity] for one in told}.values())
    seen = _by_key(sorted(after.values(), key=lambda one: (one.at, one.source, one.event)))
    for key, ones in seen.items():
        matching = ships.get(key, [])
        about = {one.event for one in events[key]}
        met.messages += tellings(matching, ones, about)
        met.waits[key] = sum(one.tells and not concerned(one, matching) for one in ones)
        silent = [one for one in events[key] if not (one.tells and concerned(one, matching))]
        met.known += sum(one.identity in before for one in silent)
        met.kept += sum(not one.tells and one.identity not in before for one in silent)
    await _match(connection, seen, ships)
    return met


async def sweep(connection: asyncpg.Connection) -> list[Key]:
    """Tell what waits although its parcel is known; the numbers where that was so.

    The lock makes it impossible: there are such only by a fault, or in a database that was put
    back to an earlier day.
    """
    rows = await connection.fetch(OVERDUE, SWEPT)
    keys = sorted((row[0], row[1]) for row in rows)
    if keys:
        await _lock(connection, keys)
        ships = _by_key(await _shipments(connection, keys))
        seen = _by_key(await _sightings(connection, keys))
        for key, ones in seen.items():
            about = {one.event for one in ones if not one.matched}
            await hand_over(connection, list(tellings(ships[key], ones, about, PLACE)))
        await _match(connection, seen, ships)
    return keys


async def standing(pool: asyncpg.Pool) -> tuple[int, int, int]:
    """How many sightings wait, how many of them although it is known who shipped the parcel, and
    how many no table knows and nobody discarded.
    """
    found = {row[0]: int(row[1]) for row in await pool.fetch(STANDING)}
    return found["waiting"], found["overdue"], found["unknown"]


async def parcels_named(
    pool: asyncpg.Pool, number: str, carrier: str | None
) -> list[tuple[Key, list[Shipment], list[Seen]]]:
    """All that is known of a number: the carriers that have one of that name, shipments, sightings.

    `number` and `carrier` are in the form of `parcel_key`.
    """
    async with pool.acquire() as connection:
        keys = [(row[0], row[1]) for row in await connection.fetch(NAMED, number, carrier)]
        ships = _by_key(await _shipments(connection, keys))
        seen = _by_key(await _sightings(connection, keys))
    return [(key, ships.get(key, []), seen.get(key, [])) for key in keys]


async def installation(pool: asyncpg.Pool) -> UUID:
    """What tells this database from others at the same Kafka; made when it is first asked for."""
    if (found := await pool.fetchval(INSTALLATION)) is None:
        await pool.execute(INSTALL)
        found = await pool.fetchval(INSTALLATION)
    return UUID(str(found))


async def hand_over(connection: asyncpg.Connection, messages: Sequence[Message]) -> list[int]:
    """Put messages, which have the keys of their orders, into the inbox; the rows' ids."""
    rows = [
        (partition_of((one.key or b"").decode()), one.value, one.place) for one in messages
    ]  # fmt: skip
    found = await connection.fetch(sql.PUT_INBOX, *_columns(rows)) if rows else []
    return [row[0] for row in found]


async def park(connection: asyncpg.Connection, letters: Sequence[DeadLetter]) -> None:
    """Park what could not be taken, in the transaction of what was."""
    if letters:
        await connection.execute(sql.PARK, *_columns(sql.letters(letters)))


async def _lock(connection: asyncpg.Connection, keys: Sequence[Key]) -> None:
    await connection.execute(LOCK, *_columns(keys))


async def _match(
    connection: asyncpg.Connection, seen: dict[Key, list[Seen]], ships: dict[Key, list[Shipment]]
) -> None:
    """Note of each sighting whether an order is known that it concerns, where that changed."""
    changes = [
        (*one.identity, not one.matched)
        for key, ones in seen.items()
        for one in ones
        if one.matched != concerned(one, ships.get(key, []))
    ]
    if changes:
        await connection.execute(MATCH, *_columns(changes))


async def _shipments(connection: asyncpg.Connection, keys: Sequence[Key]) -> list[Shipment]:
    rows = await connection.fetch(SHIPMENTS, *_columns(keys)) if keys else []
    return [
        Shipment(
            seller=row[0], order=row[1], source=row[2], id=row[3], carrier=row[4], number=row[5],
            parcel=row[6], at=row[7], retracted=row[8], generation=row[9],
        )
        for row in rows
    ]  # fmt: skip


async def _sightings(connection: asyncpg.Connection, keys: Sequence[Key]) -> list[Seen]:
    rows = await connection.fetch(SIGHTINGS, *_columns(keys)) if keys else []
    return [
        Seen(
            carrier=row[0], number=row[1], source=row[2], event=row[3], at=row[4],
            recorded_at=row[5], codes=msgspec.json.decode(row[6], type=tuple[str, ...]),
            grade=row[7], judged_by=row[8], fact=row[9], data=msgspec.json.decode(row[10]),
            takes_back=row[11], corrects=row[12], as_of=row[13], revision=row[14], matched=row[15],
        )
        for row in rows
    ]  # fmt: skip


def _shipment_row(one: Shipment) -> tuple[Any, ...]:
    return (
        one.seller, one.order, one.source, one.id, one.carrier, one.number, one.parcel, one.at,
        one.retracted, one.generation,
    )  # fmt: skip


def _sighting_row(one: Seen) -> tuple[Any, ...]:
    return (
        *one.identity, one.at, one.recorded_at, msgspec.json.encode(one.codes).decode(), one.grade,
        one.judged_by, one.fact, msgspec.json.encode(one.data).decode(), one.takes_back,
        one.corrects, one.as_of, one.revision, one.matched,
    )  # fmt: skip


def _by_key(ones: Iterable[Any]) -> dict[Key, list[Any]]:
    found: dict[Key, list[Any]] = {}
    for one in ones:
        found.setdefault(one.key, []).append(one)
    return found


def _columns(rows: Iterable[Collection[Any]]) -> list[Any]:
    return list(zip(*rows, strict=True))
