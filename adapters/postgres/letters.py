"""Dead letters in Postgres: what is parked and why, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from adapters.postgres import sql

PAGE = 500
PARKED, RESOLVED, RETRIED, DISCARDED = "parked", "resolved", "retried", "discarded"
OPEN = (PARKED, RESOLVED)
STATES = (*OPEN, RETRIED, DISCARDED)
# A message that was told again in another form is in the log by its name. What was parked for a
# conflict has been there from the start: under its name somebody else speaks.
STATE = """
    case when d.state = 'parked' and d.reason <> 'conflict' and exists (
        select from events e where e.seller = d.seller and e.order_id = d.order_id
           and e.source = d.message_source and e.id = d.message_id
    ) then 'resolved' else d.state end
"""
REASONS = f"""
    select reason, count(*) filter (where shown = 'parked') as parked,
           count(*) filter (where shown = 'resolved') as resolved,
           min(parked_at) as oldest, max(parked_at) as newest
    from (select d.reason, d.parked_at, {STATE} as shown
          from dead_letters d
          where d.state = 'parked' and ($1::text is null or d.seller = $1)) letters
    group by reason order by parked desc, reason
"""
LISTED = f"""
    select * from (
        select d.id, d.seller, d.order_id, d.place, d.reason, d.sentence, d.parked_at,
               {STATE} as state
        from dead_letters d
        where ($1::text is null or d.reason = $1) and d.state = any($2::text[]) and d.id > $5
          and ($6::text is null or d.seller = $6)
    ) letters
    where state = any($3::text[]) order by id limit $4
"""
SHOWN = f"""
    select d.id, {STATE} as state, d.seller, d.order_id, d.partition, d.place,
           d.message_source, d.message_id, d.reason, d.sentence, d.parked_at, d.settled_at,
           d.settled_by, d.note, d.key, d.headers, d.value
    from dead_letters d where d.id = $1
"""
EDITS = """
    select e.id, e.edited_at, e.edited_by, e.note, e.value, d.id as parked_as
    from dead_letter_edits e left join dead_letters d on d.place = 'edit:' || e.id
    where e.letter = $1 order by e.id
"""
EDIT_OF = "select letter from dead_letter_edits where 'edit:' || id = $1"
TO_RETRY = """
    select id, seller, order_id, place, headers, value, reason, sentence, parked_at
    from dead_letters
    where state = 'parked' and id > $3
      and ($1::bigint[] is null or id = any($1)) and ($2::text is null or reason = $2)
    order by id limit $4
"""
STILL_PARKED = """
    select d.id from dead_letters d
    where d.id = any($1::bigint[]) and (d.state = 'parked' or exists (
        select from dead_letter_edits e join dead_letters p on p.place = 'edit:' || e.id
        where e.letter = d.id and p.state = 'parked'
    ))
"""
OF_REASON = "select id from dead_letters where reason = $1 and state = 'parked'"
OLDEST = f"""
    with these as (
        select d.id from dead_letters d
        where d.reason = $1 and d.state = 'parked' and ($2::text is null or d.seller = $2)
          and d.id > $3 and {STATE} = 'parked'
    )
    select array(select id from these order by id limit $4), (select count(*) from these)
"""
SETTLED = """
    update dead_letters set state = 'retried', settled_by = $2, note = $3, settled_at = $4
    where id = $1 and state = 'parked' returning id
"""
PUT_AWAY = """
    update dead_letters set state = 'discarded', settled_by = $2, note = $3, settled_at = $4
    where id = any($1::bigint[]) and state = 'parked' returning identity, relay_partition
"""
EDITED = """
    insert into dead_letter_edits (letter, value, edited_at, edited_by, note)
    values ($1, $2, $3, $4, $5) returning id
"""
WHY_PARKED = """
    select sentence from dead_letters
    where (seller, order_id, message_source, message_id) = ($1, $2, $3, $4) and state = 'parked'
    order by id desc limit 1
"""
# Its writer finds it due, and lets lapse what the rules now say.
WAKE = "update timers set due = $3 where seller = $1 and order_id = $2 and due is null"
Row = dict[str, Any]


@dataclass(slots=True, frozen=True)
class Settling:
    """Who has letters told again, when and why."""

    at: datetime
    by: str | None = None
    note: str | None = None


async def reasons(pool: asyncpg.Pool, seller: str | None = None) -> list[Row]:
    """What is parked (of a seller), grouped by why; the most frequent reason first."""
    return [dict(row) for row in await pool.fetch(REASONS, seller)]


async def listed(
    pool: asyncpg.Pool, reason: str | None, states: Sequence[str], limit: int, after: int = 0,
    seller: str | None = None,
) -> list[Row]:  # fmt: skip
    """Letters of a reason (of all) in these states, the oldest first, behind the id `after`."""
    stored = {PARKED if one == RESOLVED else one for one in states}
    rows = await pool.fetch(LISTED, reason, sorted(stored), list(states), limit, after, seller)
    return [dict(row) for row in rows]


async def shown(pool: asyncpg.Pool, id: int) -> Row | None:
    """One letter whole, with what was changed in it and which letter it is a change of."""
    row = await pool.fetchrow(SHOWN, id)
    if row is None:
        return None
    letter = dict(row) | {"headers": sql.headers_of(row["headers"])}
    letter["edit_of"] = await pool.fetchval(EDIT_OF, row["place"])
    letter["edits"] = [dict(one) for one in await pool.fetch(EDITS, id)]
    return letter


async def to_retry(
    pool: asyncpg.Pool, ids: Sequence[int] | None, reason: str | None, after: int
) -> list[Row]:
    """The next parked letters after an id: of these, of those of a reason, or of all."""
    return [
        dict(row) | {"headers": sql.headers_of(row["headers"])}
        for row in await pool.fetch(TO_RETRY, ids, reason, after, PAGE)
    ]


async def put_back(
    connection: asyncpg.Connection, letter: Row, partition: int, why: Settling,
    edited: bytes | None = None,
) -> int | None:  # fmt: skip
    """Have a message told again by its writer: its row in the inbox. None: it is parked no more.

    In one transaction: it is either parked, or with its writer, who parks it again if need be.
    """
    if await connection.fetchval(SETTLED, letter["id"], why.by, why.note, why.at) is None:
        return None
    place, value = letter["place"], letter["value"]
    if edited is not None:
        values = (letter["id"], edited, why.at, why.by, why.note)
        place, value = f"edit:{await connection.fetchval(EDITED, *values)}", edited
    row: int = await connection.fetchval(sql.PUT_INBOX, [partition], [value], [place])
    return row


async def put_away(
    connection: asyncpg.Connection, ids: Sequence[int], why: Settling
) -> list[tuple[str, int]]:
    """Mark parked messages discarded: (digest of what was parked, partition) of each."""
    rows = await connection.fetch(PUT_AWAY, list(ids), why.by, why.note, why.at)
    return [(row["identity"], row["relay_partition"]) for row in rows]


async def wake(connection: asyncpg.Connection, letter: Row, why: Settling) -> None:
    """Have an order's writer look again at what falls due of it."""
    await connection.execute(SETTLED, letter["id"], why.by, why.note, why.at)
    await connection.execute(WAKE, letter["seller"], letter["order_id"], why.at)


async def still_parked(pool: asyncpg.Pool, ids: Sequence[int]) -> set[int]:
    """Which of these letters are parked, as they came or as they were edited."""
    return {row[0] for row in await pool.fetch(STILL_PARKED, list(ids))}


async def of_reason(pool: asyncpg.Pool, reason: str) -> list[int]:
    """What is parked for a reason."""
    return [row[0] for row in await pool.fetch(OF_REASON, reason)]


async def oldest(
    pool: asyncpg.Pool, reason: str, seller: str | None, behind: int, limit: int
) -> tuple[list[int], int]:
    """What is parked for a reason (of a seller) behind an id, the oldest first, and how many are
    left behind those. What is in the log since is none of them.
    """
    ids, count = await pool.fetchrow(OLDEST, reason, seller, behind, limit)
    return ids, count - len(ids)


async def why_parked(pool: asyncpg.Pool, name: tuple[str, str, str, str]) -> str | None:
    """The sentence with which a message (seller, order, source, id) was parked, if it is."""
    why: str | None = await pool.fetchval(WHY_PARKED, *name)
    return why
