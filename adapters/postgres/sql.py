"""The store's statements. What comes in rows goes in arrays: nothing is written row by row."""

import json
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any

from adapters.postgres.batch import DeadLetter
from domain.terms.book import Edition
from projections import KEYED, PROJECTIONS, Computed, Evolving
from projections.projection import AnyProjection

SIGN_OF_LIFE = 15
"""Seconds after its last heartbeat in which an owner counts as alive."""

NEW_PARTITIONS = """
    insert into partitions (partition, epoch, position, head)
    select p, 0, 0, $2 from unnest($1::smallint[]) p order by p
    on conflict do nothing
"""
LOCK_PARTITIONS = f"""
    select partition, owner,
           heartbeat > clock_timestamp() - interval '{SIGN_OF_LIFE} seconds' as live
    from partitions where partition = any($1::smallint[])
    order by partition for update
"""
LIVE_OWNERS = f"""
    select distinct owner from partitions
    where heartbeat > clock_timestamp() - interval '{SIGN_OF_LIFE} seconds'
"""
CLAIM = """
    update partitions set epoch = epoch + 1, owner = $2, heartbeat = clock_timestamp()
    where partition = any($1::smallint[])
    returning partition, epoch, position, head, models
"""
# Heartbeats, fences and claims of one partition meet: all lock rows in order of partition.
_MINE = """
    with mine as (
        select p.partition from partitions p
        join unnest($1::smallint[], $2::bigint[]) u(partition, epoch)
          on p.partition = u.partition and p.epoch = u.epoch
        order by p.partition for update of p
    )
"""
HEARTBEAT = f"""
    {_MINE} update partitions p set heartbeat = clock_timestamp()
    from mine where p.partition = mine.partition
"""
# What registers say is closed: the last month of each seller, by partition.
CLOSED = """
    select partition, convert_from(body, 'UTF8')::jsonb ->> 'seller' as seller,
           max(convert_from(body, 'UTF8')::jsonb ->> 'month') as month
    from events
    where seller = 'villkor' and order_id = any($1::text[]) and type = 'PeriodClosed'
    group by 1, 2
"""
RELEASE = f"""
    {_MINE} update partitions p set owner = null, heartbeat = null
    from mine where p.partition = mine.partition
"""
FENCE = """
    with mine as (
        select p.partition, u.next, u.head from partitions p
        join unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                    $6::bytea[]) u(partition, epoch, expected, models, next, head)
          on p.partition = u.partition and p.epoch = u.epoch and p.position = u.expected
         and p.models = u.models
        order by p.partition for update of p
    )
    update partitions p
    set position = mine.next, head = mine.head, heartbeat = clock_timestamp()
    from mine where p.partition = mine.partition
"""
STILL_MINE = """
    select p.partition, p.models from partitions p
    join unnest($1::smallint[], $2::bigint[], $3::bigint[]) u(partition, epoch, expected)
      on p.partition = u.partition and p.epoch = u.epoch and p.position = u.expected
"""
NOT_HUNG = "set local idle_in_transaction_session_timeout = '10s'"
"""A writer that hangs between two statements holds up its successor, but not until it counts as
dead."""
TAKE_POSITION = """
    insert into positions as p (topic, kafka_partition, epoch, next_offset)
    values ($1, $2, $3, -1)
    on conflict (topic, kafka_partition) do update set epoch = excluded.epoch
    where p.epoch <= excluded.epoch
    returning nullif(p.next_offset, -1)
"""
MOVE_POSITIONS = """
    update positions p set next_offset = u.next
    from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
         u(topic, kafka_partition, epoch, expected, next)
    where p.topic = u.topic and p.kafka_partition = u.kafka_partition
      and p.epoch = u.epoch and p.next_offset = u.expected
"""
LOAD_EVENTS = """
    select e.seller, e.order_id, e.version, e.type, e.schema, e.at, e.recorded_at, e.source, e.id,
           e.body, e.meta
    from events e join unnest($1::text[], $2::text[]) k(seller, order_id)
      on e.seller = k.seller and e.order_id = k.order_id
    order by e.seller, e.order_id, e.version
"""
STREAMS = """
    select e.partition, e.position, e.seller, e.order_id, e.version, e.type, e.schema, e.at,
           e.recorded_at, e.source, e.id, e.body, e.meta, e.hash
    from events e join unnest($1::text[], $2::text[]) k(seller, order_id)
      on e.seller = k.seller and e.order_id = k.order_id
    order by e.seller, e.order_id, e.version
"""
LOAD_TIMERS = """
    select t.seller, t.order_id, t.wakes
    from timers t join unnest($1::text[], $2::text[]) k(seller, order_id)
      on t.seller = k.seller and t.order_id = k.order_id
"""
DUE = """
    select seller, order_id, due from timers
    where partition = any($1::smallint[]) and due <= $2
    order by due limit $3
"""
NEXT_DUE = "select min(due) from timers where partition = any($1::smallint[])"
UPSERT_TIMERS = """
    insert into timers as t (seller, order_id, partition, due, wakes)
    select u.seller, u.order_id, u.partition, u.due, u.wakes::jsonb
    from unnest($1::text[], $2::text[], $3::smallint[], $4::timestamptz[], $5::text[])
         u(seller, order_id, partition, due, wakes)
    on conflict (seller, order_id) do update set due = excluded.due, wakes = excluded.wakes
    where (t.due, t.wakes) is distinct from (excluded.due, excluded.wakes)
"""
INSERT_PERSONAL = """
    insert into personal (seller, order_id, version, field, value, salt)
    select u.seller, u.order_id, u.version, u.field, u.value::jsonb, u.salt
    from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::bytea[])
         u(seller, order_id, version, field, value, salt)
"""
EDITIONS = """
    select hash, seller, marketplace, day, body -> 'entries' from editions
    where $1::text is null or $1 in (hash, left(hash, 12))
"""
INSERT_EDITIONS = """
    insert into editions (hash, seller, marketplace, day, body)
    select u.hash, u.seller, u.marketplace, u.day, u.body::jsonb
    from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::text[])
         u(hash, seller, marketplace, day, body)
    on conflict do nothing
"""
PARK = """
    insert into dead_letters as d (
        identity, seller, order_id, partition, place, message_source, message_id, key, headers,
        value, reason, sentence, parked_at)
    select u.identity, u.seller, u.order_id, u.partition, u.place, u.source, u.id, u.key,
           u.headers::jsonb, u.value, u.reason, u.sentence, u.parked_at
    from unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[],
                $7::text[], $8::bytea[], $9::text[], $10::bytea[], $11::text[], $12::text[],
                $13::timestamptz[])
         u(identity, seller, order_id, partition, place, source, id, key, headers, value, reason,
           sentence, parked_at)
    on conflict (identity) do update set state = 'parked', reason = excluded.reason,
        sentence = excluded.sentence, settled_at = null, settled_by = null, note = null
    where d.state <> 'discarded'
"""
PUT_INBOX = """
    insert into inbox (partition, value, place)
    select * from unnest($1::smallint[], $2::bytea[], $3::text[]) returning id
"""
READ_INBOX = """
    select id, partition, value, place, received_at from inbox
    where partition = any($1::smallint[]) order by id limit $2
"""
TAKE_INBOX = "delete from inbox where id = any($1::bigint[])"
LEFT_IN_INBOX = "select count(*) from inbox where id = any($1::bigint[])"
KNOWN = """
    select e.seller, e.order_id, e.source, e.id
    from events e join unnest($1::text[], $2::text[], $3::text[], $4::text[])
         u(seller, order_id, source, id)
      on (e.seller, e.order_id, e.source, e.id) = (u.seller, u.order_id, u.source, u.id)
"""
# Each partition that holds events by one look at the index, not by reading all of it.
PARTITIONS = """
    with recursive e(partition) as (
        select min(partition) from events
        union all
        select (select min(partition) from events where partition > e.partition)
        from e where e.partition is not null
    )
    select partition, coalesce(p.position, 0), coalesce(p.head, ''::bytea)
    from partitions p full join (select * from e where partition is not null) e using (partition)
    where p.position > 0 or e.partition is not null or p.head <> decode(repeat('00', 32), 'hex')
    order by partition
"""
INSIDE = """
    select value from inbox where place = $1
    union all select value from dead_letters where place = $1
"""
PERSONAL = "select seller, order_id, version, field, value::text, salt from personal"
READ_EVENTS = """
    select partition, position, seller, order_id, version, type, schema, at, recorded_at, source,
           id, body, meta, hash
    from events where partition = $1 and position > $2 order by position limit $3
"""
CLOSINGS = """
    select e.partition, e.position, e.seller, e.order_id, e.version, e.type, e.schema, e.at,
           e.recorded_at, e.source, e.id, e.body, e.meta, e.hash
    from events e join unnest($1::text[], $2::bigint[]) r(order_id, until)
      on e.seller = 'villkor' and e.order_id = r.order_id and e.position <= r.until
    where e.type = 'PeriodClosed' order by e.partition, e.position
"""
READ_SINCE = """
    select e.partition, e.position, e.seller, e.order_id, e.version, e.type, e.schema, e.at,
           e.recorded_at, e.source, e.id, e.body, e.meta, e.hash
    from unnest($1::smallint[], $2::bigint[], $3::bigint[]) s(partition, after, until),
         lateral (select * from events where partition = s.partition
                  and position > s.after and position <= s.until offset 0) e
    order by e.seller, e.order_id, e.version
"""
READ_STREAMS = """
    select partition, position, seller, order_id, version, type, schema, at, recorded_at, source,
           id, body, meta, hash
    from events where partition = $1 and position > $2 and position <= $3
    order by seller, order_id, version
"""
HOLD_MODELS = f"lock table {', '.join(one.table for one in PROJECTIONS)} in access share mode"
"""First of all in a transaction with a snapshot: in one of before, tables that a rebuild swaps in
lack rows."""
READ_MODELS = "select name, version from read_models"
NAMED = 100
"""Rows of sums that differ are named one by one, so many at most."""
LEDGER_TOTAL = "select coalesce(sum(amount), 0)::bigint from postings"
DEAD_LETTERS = """
    select id, seller, order_id, place, reason, sentence, parked_at
    from dead_letters where state = 'parked' order by id limit $1
"""
ERASE = """
    delete from personal p
    using unnest($1::text[], $2::text[], $3::int[]) e(seller, order_id, version)
    where (p.seller, p.order_id) = (e.seller, e.order_id) and p.version < e.version
"""
SETTLE = """
    update dead_letters set state = $2, settled_by = $3, note = $4, settled_at = $5
    where id = any($1::bigint[]) and state = 'parked'
"""

Keyed = Evolving | Computed
_ARRAYS = {"text[]": "text"}
"""Types that go as text: an array of arrays."""


def given(keyed: Keyed) -> str:
    """Rows that are given as one array a column, as `u`."""
    names = ", ".join(column.name for column in keyed.columns)
    arrays = ", ".join(
        f"${number}::{_ARRAYS.get(column.sql_type, column.sql_type)}[]"
        for number, column in enumerate(keyed.columns, 1)
    )
    return f"unnest({arrays}) u({names})"


def upsert(keyed: Keyed, rows: str) -> str:
    """The statement that puts these rows, called `u`."""
    names = [column.name for column in keyed.columns]
    values = ", ".join(
        f"u.{column.name}::{column.sql_type}" if column.sql_type in _ARRAYS else f"u.{column.name}"
        for column in keyed.columns
    )
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keyed.key)
    return (
        f"insert into {keyed.table} ({', '.join(names)}) select {values} "
        f"from {rows} on conflict ({', '.join(keyed.key)}) do update set {changes}"
    )


def _delete(keyed: Keyed) -> str:
    types = {column.name: column.sql_type for column in keyed.columns}
    arrays = ", ".join(f"${number}::{types[name]}[]" for number, name in enumerate(keyed.key, 1))
    same = " and ".join(f"t.{name} = u.{name}" for name in keyed.key)
    names = ", ".join(keyed.key)
    return f"delete from {keyed.table} t using unnest({arrays}) u({names}) where {same}"


def _of_orders(one: AnyProjection) -> str:
    names = ", ".join(f"t.{column.name}" for column in one.columns)
    return (
        f"select {names} from {one.table} t join unnest($1::text[], $2::text[]) "
        "k(seller, order_id) on t.seller = k.seller and t.order_id = k.order_id"
    )


def _of_events(one: AnyProjection) -> str:
    names = ", ".join(f"t.{column.name}" for column in one.columns)
    return (
        f"select {names} from {one.table} t join unnest($1::smallint[], $2::bigint[]) "
        "k(partition, position) on t.partition = k.partition and t.position = k.position"
    )


def _strangers(one: AnyProjection) -> str:
    names = ", ".join(f"t.{column.name}" for column in one.columns)
    first, second = one.key[:2]
    return (
        f"select {names} from {one.table} t where not exists (select from events e "
        f"where e.{first} = t.{first} and e.{second} = t.{second}) limit $1"
    )


UPSERT_ROWS = {keyed.table: upsert(keyed, given(keyed)) for keyed in KEYED}
DELETE_ROWS = {keyed.table: _delete(keyed) for keyed in KEYED}
LOAD_ROWS = {keyed.table: _of_orders(keyed) for keyed in KEYED}
ROWS_OF = {
    one.table: _of_events(one) if one.key[0] == "partition" else _of_orders(one)
    for one in PROJECTIONS
}
"""Rows of orders (seller, order), or of events (partition, position) where they are keyed so."""
STRANGERS = {one.table: _strangers(one) for one in PROJECTIONS}
"""Rows of orders, or of events, that are not in the log."""


def columns(keyed: Keyed, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Rows as one array a column; text arrays as Postgres writes them."""
    arrays = list(zip(*rows, strict=True))
    return [
        [None if one is None else _array(one) for one in array]
        if column.sql_type == "text[]"
        else array
        for column, array in zip(keyed.columns, arrays, strict=True)
    ]


def _array(texts: Iterable[str]) -> str:
    """A text array as Postgres writes it; control characters stand for themselves."""
    quoted = (one.replace("\\", "\\\\").replace('"', '\\"') for one in texts)
    return "{" + ",".join(f'"{one}"' for one in quoted) + "}"


def editions(pinned: Iterable[Edition]) -> list[tuple[str, str, str | None, date, str]]:
    """Each edition once, in one order for all: two lanes may pin the same ones at a time."""
    once = {one.hash: one for one in pinned}
    return [
        (one.hash, one.seller, one.marketplace, one.day, one.encode().decode())
        for _, one in sorted(once.items())
    ]


def letters(parked: Iterable[DeadLetter]) -> list[tuple[Any, ...]]:
    """Each parked message once, in one order for all."""
    once = {identity(one): one for one in parked}
    return [
        (
            name, _text(one.seller), _text(one.order_id), one.partition, _text(one.place),
            _text(one.message_source), _text(one.message_id), one.key, _headers(one.headers),
            one.value, one.reason, _text(one.sentence), one.parked_at,
        )
        for name, one in sorted(once.items())
    ]  # fmt: skip


def identity(letter: DeadLetter) -> str:
    """What makes two parked messages the same: (order, source, id) and the bytes.

    So another body under an id that is parked already is not lost. A timer has no bytes: each
    instant at which it failed is one letter.
    """
    what = letter.value or letter.parked_at.isoformat().encode()
    name = [letter.seller, letter.order_id, letter.message_source, letter.message_id]
    return sha256(json.dumps(name).encode() + what).hexdigest()


def _text(told: str | None) -> str | None:
    """Text that Postgres can hold; the bytes of the message are kept as they came."""
    if told is None:
        return None
    return told.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _headers(headers: Iterable[tuple[str, bytes]]) -> str:
    """Headers as JSON; bytes that are not ASCII text are escaped as Python does, without loss."""
    return json.dumps(
        [[_text(name), value.decode("latin-1").encode("unicode_escape").decode()]
         for name, value in headers]
    )  # fmt: skip


def headers_of(stored: str) -> tuple[tuple[str, bytes], ...]:
    """Stored headers as they came."""
    return tuple(
        (name, text.encode().decode("unicode_escape").encode("latin-1"))
        for name, text in json.loads(stored)
    )
