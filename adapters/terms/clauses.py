"""How often each clause decided, and for how much: outcomes that stand, by the clauses they name.

Added up from the timeline now and then, a bounded part of each partition at a time; an outcome that
changed counts as it stands, and one that fell away no more. Where much was never counted, the
timeline is read through once instead. Pages read sums, and say how many events are not among them
yet.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import structlog

from adapters.codec import KINDS
from domain.outcomes import Fee, Refund, WriteOff

LOCK = 7_013
"""Of the database: one program adds up at a time."""
EVERY = 10.0
PART = 200
"""Events of a partition in one transaction: it ends within a second or two."""
MANY = 100_000
"""Events that were never counted, from which on one pass over the timeline is sooner done."""
log = structlog.get_logger()

TYPES = tuple(sorted(KINDS))
OUTCOMES = tuple(KINDS[name].__name__.lower() for name in TYPES)
GONE = tuple(KINDS[name].names[2] == name for name in TYPES)
MONEY = tuple(sorted(kind.__name__.lower() for kind in (Fee, Refund, WriteOff)))
"""The outcomes whose amounts are charged, owed or let off; a deadline's is only at risk."""
ASKED = (TYPES, OUTCOMES, GONE, MONEY)

HOLD = "lock table timeline, orders in access share mode"
STALE = """
    select exists (select from clauses_summed where file <> pg_relation_filenode('timeline'))
"""
FORGET = "delete from clause_sums; delete from clauses_summed"
"""No `truncate`: whoever asks meanwhile would wait for it."""
ADD = """
    with named as (
        select * from unnest($1::text[], $2::text[], $3::bool[]) n(type, outcome, gone)
    ), part as materialized (
        select l.partition, coalesce(s.position, 0) as after,
               least(l.position, coalesce(s.position, 0) + $5) as upto
        from partitions l left join clauses_summed s using (partition)
        where l.position > coalesce(s.position, 0)
    ), fresh as materialized (
        select t.seller, t.order_id, t.version, t.source, t.message, t.type, t.clauses, t.amount
        from part cross join lateral (
            select e.seller, e.order_id, e.version from events e
            where e.partition = part.partition and e.position > part.after
              and e.position <= part.upto and e.type = any($1)
            offset 0
        ) e join timeline t using (seller, order_id, version)
    ), changed as (
        select f.seller, f.order_id, f.version, f.type, f.clauses, f.amount, 1 as by from fresh f
        union all
        select f.seller, f.order_id, f.version, p.type, p.clauses, p.amount, -1
        from fresh f cross join lateral (
            select p.type, p.clauses, p.amount from timeline p
            where (p.seller, p.order_id) = (f.seller, f.order_id) and p.version < f.version
              and p.message = f.message and p.source = f.source and p.type = any($1)
            order by p.version desc limit 1
        ) p
    ), summed as (
        select c.seller, clause, n.outcome, coalesce(o.currency, '') as currency,
               sum(c.by) as standing,
               sum(case when n.outcome = any($4) then c.by * coalesce(c.amount, 0) else 0 end)
                   as amount,
               (array_agg(c.order_id order by c.order_id, c.version desc)
                   filter (where c.by = 1))[1] as order_id,
               (array_agg(c.version order by c.order_id, c.version desc)
                   filter (where c.by = 1))[1] as version
        from changed c join named n on n.type = c.type and not n.gone
        cross join lateral (select distinct clause from unnest(c.clauses) u(clause)) u
        left join orders o on (o.seller, o.order_id) = (c.seller, c.order_id)
        group by c.seller, clause, n.outcome, coalesce(o.currency, '')
    ), added as (
        insert into clause_sums as s
            (seller, clause, outcome, currency, standing, amount, order_id, version)
        select seller, clause, outcome, currency, standing, amount, order_id, version from summed
        on conflict (seller, clause, outcome, currency) do update
        set standing = s.standing + excluded.standing, amount = s.amount + excluded.amount,
            order_id = coalesce(excluded.order_id, s.order_id),
            version = case when excluded.order_id is null then s.version else excluded.version end
    ), reached as (
        insert into clauses_summed as s
        select partition, upto, pg_relation_filenode('timeline') from part
        on conflict (partition) do update set position = excluded.position, file = excluded.file
    )
    select count(*) from part
"""
# The last of what was said of an outcome stands, unless that is that it fell away. What is too much
# for memory is sorted on disk.
FIRST = """
    with named as (
        select * from unnest($1::text[], $2::text[], $3::bool[]) n(type, outcome, gone)
    ), said as (
        select seller, order_id, version, type, clauses, amount,
               lead(version) over (
                   partition by seller, order_id, source, message order by version
               ) is null as stands
        from timeline where type = any($1)
    ), alike as materialized (
        select s.seller, s.type, s.clauses, coalesce(o.currency, '') as currency,
               count(*) filter (where stands) as standing,
               coalesce(sum(s.amount) filter (where stands), 0) as amount,
               min(array[s.order_id, s.version::text]) filter (where stands) as example
        from said s left join orders o on (o.seller, o.order_id) = (s.seller, s.order_id)
        group by s.seller, s.type, s.clauses, coalesce(o.currency, '')
    ), added as (
        insert into clause_sums
            (seller, clause, outcome, currency, standing, amount, order_id, version)
        select a.seller, clause, n.outcome, a.currency, sum(a.standing),
               sum(case when n.outcome = any($4) then a.amount else 0 end),
               (min(a.example))[1], (min(a.example))[2]::int
        from alike a join named n on n.type = a.type and not n.gone
        cross join lateral (select distinct clause from unnest(a.clauses) u(clause)) u
        where a.standing > 0
        group by a.seller, clause, n.outcome, a.currency
    ), reached as (
        insert into clauses_summed
        select partition, position, pg_relation_filenode('timeline') from partitions
        where position > 0
    )
    select 1
"""
ROOM = "set local work_mem = '64MB'"
NEVER = """
    select not exists (select from clauses_summed)
       and (select sum(position) from partitions) >= $1
"""
COUNTS = """
    select clause, outcome, currency, sum(standing)::bigint, sum(amount)::bigint,
           (array_agg(seller order by standing desc, seller))[1],
           (array_agg(order_id order by standing desc, seller))[1],
           (array_agg(version order by standing desc, seller))[1]
    from clause_sums
    where standing > 0 and ($1::text[] is null or clause = any($1))
    group by clause, outcome, currency
    order by clause, outcome, currency
"""
BEHIND = """
    select coalesce(sum(l.position - coalesce(s.position, 0)), 0)::bigint
    from partitions l left join clauses_summed s
      on s.partition = l.partition and s.file = pg_relation_filenode('timeline')
"""


class Count(NamedTuple):
    """Outcomes of a kind that stand and name a clause, and what they come to in öre.

    The last three lead to one of them: its order, and the event's version there.
    """

    clause: str
    outcome: str
    currency: str
    standing: int
    amount: int
    seller: str
    order: str | None
    version: int | None

    @property
    def is_money(self) -> bool:
        return self.outcome in MONEY


async def add_up(pool: asyncpg.Pool, part: int = PART) -> None:
    """Add up all that was decided since the last time; nothing while somebody else does."""
    while await _add(pool, part):
        pass


async def _add(pool: asyncpg.Pool, part: int) -> bool:
    """A part of each partition, or all for the first time; whether there may be more."""
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
            return False
        await connection.execute(HOLD)  # or a rebuild swaps them between two of these statements
        if await connection.fetchval(STALE):
            await connection.execute(FORGET)
        if await connection.fetchval(NEVER, MANY):
            await connection.execute(ROOM)
            return bool(await connection.fetchval(FIRST, *ASKED))
        return bool(await connection.fetchval(ADD, *ASKED, part))


async def adding_up(pool: asyncpg.Pool) -> None:
    """Add up every few seconds, until cancelled; what goes wrong is tried again."""
    while True:
        try:
            await add_up(pool)
        except (asyncpg.PostgresError, OSError) as error:
            log.warning("clauses", error=type(error).__name__)
        await asyncio.sleep(EVERY)


async def counts(
    pool: asyncpg.Pool, clauses: Sequence[str] | None = None
) -> dict[str, list[Count]]:
    """Clause -> what it decided, in the orders that are there for who asks."""
    found = defaultdict(list)
    for row in await pool.fetch(COUNTS, clauses):
        found[row["clause"]].append(Count(*row))
    return found


async def behind(pool: asyncpg.Pool) -> int:
    """How many events are not among the counts yet."""
    events: int = await pool.fetchval(BEHIND)
    return events
