"""Sums of postings by day: what balances and statements begin from.

They are added up now and then (`add_up`), from where the last time ended; a question adds what has
been posted since, so that its answer is exact at any moment. They follow from the postings alone.
With them, in one statement, what orders owe and sellers moved (`adapters.ledger.shops`).
"""

import asyncio
from typing import Any

import asyncpg
import structlog

from adapters.ledger import shops
from adapters.postgres.sql import NAMED
from domain.money import kronor

LOCK = 7_010
"""Of the database: one program adds up at a time."""
EVERY = 10.0
"""Seconds between two times in a worker."""
log = structlog.get_logger()

HOLD = "lock table postings, orders, timeline in access share mode"
FORGET = "; ".join(
    f"delete from {table}"
    for table in ("ledger_days", "ledger_orders", "ledger_sellers", "ledger_summed")
)
"""No `truncate`, which whoever asks meanwhile would wait for, and which other snapshots see."""
SUMMED = (
    "select partition, position from ledger_summed where file = pg_relation_filenode('postings')"
)
MOVED = """
    select l.partition, l.position, coalesce(summed.position, 0) as after
    from partitions l left join summed using (partition)
    where l.position > coalesce(summed.position, 0)
"""
"""The partitions to which something was appended since: where the log ends, and the sums."""
BEFORE_IT = f"summed as ({SUMMED}), moved as ({MOVED})"
"""What the expressions of `adapters.ledger.shops` begin with."""
SINCE = """
    moved cross join lateral (
        select * from postings p
        where p.partition = moved.partition and p.position > moved.after
        offset 0
    ) p
"""
"""What was posted since: few rows of each partition, which the planner cannot know."""
SUMS = f"""
    with summed as ({SUMMED}), moved as ({MOVED}), sums as (
        select seller, account, currency, period, booked, rate, debit, credit, entries
        from ledger_days where exists (select from summed)
        union all
        select p.seller, p.account, p.currency, p.period, p.booked, p.rate,
               greatest(p.amount, 0), greatest(-p.amount, 0), 1
        from {SINCE}
    )
"""
"""The table expression `sums`: by day what was added up, and each posting since."""
ADD = """
    with summed as ({summed}), moved as materialized ({moved}), added as (
        insert into ledger_days as d
        select p.seller, p.account, p.currency, p.period, p.booked, p.rate,
               sum(greatest(p.amount, 0)), sum(greatest(-p.amount, 0)), count(*)
        from {fresh}
        group by p.seller, p.account, p.currency, p.period, p.booked, p.rate
        on conflict (seller, account, currency, period, booked, rate) do update
        set debit = d.debit + excluded.debit, credit = d.credit + excluded.credit,
            entries = d.entries + excluded.entries
    ), {beside}
    insert into ledger_summed as s
    select partition, position, pg_relation_filenode('postings'), now() from moved
    on conflict (partition) do update
    set position = excluded.position, file = excluded.file, added_up_at = excluded.added_up_at
"""
FIRST = ADD.format(summed=SUMMED, moved=MOVED, fresh="postings p", beside=shops.FIRST)
NEXT = ADD.format(summed=SUMMED, moved=MOVED, fresh=SINCE, beside=shops.NEXT)
KNOWN = "analyze ledger_days, ledger_orders, ledger_sellers"
"""How many rows there are, once there are many at once."""
NONE = "select not exists (select from ledger_summed)"
NOT_COMPARED = (
    "ledger_days is not compared, nor ledger_orders and ledger_sellers: they were added up from "
    "postings that a rebuild has replaced, and count nothing; a worker, or the next question to "
    "the ledger, adds them up anew"
)
STALE = "select exists (select from ledger_summed where file <> pg_relation_filenode('postings'))"
WRONG = f"""
    with fresh as (
        select p.seller, p.account, p.currency, p.period, p.booked, p.rate,
               sum(greatest(p.amount, 0))::bigint as debit,
               sum(greatest(-p.amount, 0))::bigint as credit,
               count(*) as entries
        from ledger_summed s join postings p
             on p.partition = s.partition and p.position <= s.position
        group by p.seller, p.account, p.currency, p.period, p.booked, p.rate
    )
    select d as added_up, f as posted
    from ledger_days d full join fresh f on (d.seller, d.account, d.currency, d.period, d.booked,
         d.rate) = (f.seller, f.account, f.currency, f.period, f.booked, f.rate)
    where (d.debit, d.credit, d.entries) is distinct from (f.debit, f.credit, f.entries)
    limit {NAMED}
"""


async def add_up(pool: asyncpg.Pool) -> None:
    """Add up what was posted since the last time; nothing while somebody else does."""
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
            return
        await connection.execute(HOLD)  # or a rebuild swaps them between two of these statements
        if await connection.fetchval(STALE):
            await connection.execute(FORGET)
        first = await connection.fetchval(NONE)
        await connection.execute(FIRST if first else NEXT)
        if first:
            await connection.execute(KNOWN)


async def adding_up(pool: asyncpg.Pool) -> None:
    """Add up every few seconds, until cancelled; what goes wrong is tried again."""
    while True:
        try:
            await add_up(pool)
        except (asyncpg.PostgresError, OSError) as error:
            log.warning("sums", error=type(error).__name__)
        await asyncio.sleep(EVERY)


async def differences(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """(table, sentence) where the sums are not what the postings come to; none where stale."""
    if await connection.fetchval(STALE):
        return []  # they count nothing any more
    return [
        ("ledger_days", f"ledger_days: {_shown(row['added_up'])} was added up, the postings come "
         f"to {_shown(row['posted'])}")
        for row in await connection.fetch(WRONG)
    ] + await shops.differences(connection)  # fmt: skip


def _shown(row: tuple[Any, ...] | None) -> str:
    """A day of an account in words, amounts in kronor."""
    if row is None:
        return "nothing"
    *named, debit, credit, entries = row
    amounts = f"debit {kronor(debit)}, credit {kronor(credit)}, {entries} entries"
    return ", ".join([*map(str, named), amounts])
