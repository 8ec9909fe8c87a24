"""Sums of the deadlines that wait: how many lapse when, of what, and the money at risk.

Who writes deadlines puts down beside them what that moved; here moves are added to the sums, now
and then. Sums and moves together are exact at any moment, in any snapshot. A rebuild puts other
deadlines there: then they are counted themselves, until they are added up anew.
"""

import asyncio
from datetime import datetime

import asyncpg
import structlog

from adapters.postgres import sql
from domain.money import kronor
from projections import SLA

LOCK = 7_017
"""Of the database: one program adds up at a time."""
EVERY = 10.0
"""Seconds between two times in a worker."""
log = structlog.get_logger()

BY = "seller, kind, lapses_at, state, party, carrier, currency, clauses"
"""What deadlines that wait are added up by."""
HOLD = "lock table deadlines in access share mode"
HERE = "pg_relation_filenode('deadlines')"
STANDS = f"exists (select from deadlines_summed where file = {HERE})"
OVERALL = BY.replace("lapses_at", "'infinity'::timestamptz as lapses_at")
"""Sums of all, whenever they lapse, lie beside those of each instant, at the end of time."""
COUNTED = f"""
    {{name}} as (
        select {BY}, count, at_risk from deadline_sums where {{at}} and {STANDS}
        union all
        select {BY}, count, at_risk from deadline_moves where file = {HERE} and {STANDS}
        union all
        select {BY}, 1, at_risk from deadlines where at_risk is not null and not {STANDS}
    )
"""
WAITING = COUNTED.format(name="waiting", at="lapses_at < 'infinity'")
"""The table expression `waiting`: counts and money at risk that add up to what waits."""
TOTALS = COUNTED.format(name="totals", at="lapses_at = 'infinity'")
"""The same where it is not asked when they lapse: few rows, however far ahead deadlines are."""
SAME = " and ".join(f"was.{name} = u.{name}" for name in SLA.key)
PUT = f"""
    with put as (select * from {sql.given(SLA)}), moved as (
        select {BY.replace("clauses", "clauses::text[]")}, at_risk, 1 as by
        from put where at_risk is not null
        union all
        select {", ".join(f"was.{name}" for name in BY.split(", "))}, was.at_risk, -1
        from put u join deadlines was on {SAME} where was.at_risk is not null
    ), moves as (
        insert into deadline_moves ({BY}, count, at_risk, file)
        select {BY}, sum(by), sum(by * at_risk), {HERE}
        from moved group by {BY} having sum(by) <> 0 or sum(by * at_risk) <> 0
    )
    {sql.upsert(SLA, "put u")}
"""
"""Puts deadlines, as `sql.UPSERT_ROWS` does, and beside them what that moves of the sums."""
ANEW = f"""
    with moves as (delete from deadline_moves), sums as (delete from deadline_sums),
    summed as (
        insert into deadlines_summed (file) values ({HERE})
        on conflict (one) do update set file = excluded.file
    ), fresh as (
        select {BY}, count(*) as count, sum(at_risk) as at_risk
        from deadlines where at_risk is not null group by {BY}
    ), overall as (select {OVERALL}, count, at_risk from fresh)
    insert into deadline_sums ({BY}, count, at_risk)
    select {BY}, count, at_risk from fresh
    union all
    select {BY}, sum(count), sum(at_risk) from overall group by {BY}
"""
"""In one statement, and so in one snapshot, as what follows."""
ADD = f"""
    with moves as (
        delete from deadline_moves returning *
    ), fresh as (
        select {BY}, count, at_risk from moves where file = {HERE}
        union all
        select {OVERALL}, count, at_risk from moves where file = {HERE}
    ), at as (
        select distinct seller, kind, lapses_at from fresh
    ), before as (
        delete from deadline_sums s using at
        where (s.lapses_at, s.seller, s.kind) = (at.lapses_at, at.seller, at.kind) returning s.*
    )
    insert into deadline_sums ({BY}, count, at_risk)
    select {BY}, sum(count), sum(at_risk)
    from (select {BY}, count, at_risk from fresh
          union all select {BY}, count, at_risk from before) together
    group by {BY} having sum(count) <> 0 or sum(at_risk) <> 0
"""
NOT_COMPARED = (
    "deadline_sums is not compared: it was added up from deadlines that a rebuild has replaced, "
    "and counts nothing; a worker adds it up anew"
)
STALE = f"select not {STANDS}"
WRONG = f"""
    with {WAITING}, {TOTALS}, fresh as (
        select {BY}, -1 as count, -at_risk as at_risk from deadlines where at_risk is not null
    ), together as (
        select {BY}, count, at_risk from waiting union all select {BY}, count, at_risk from fresh
        union all
        select {OVERALL}, count, at_risk from totals
        union all
        select {OVERALL}, count, at_risk from fresh
    )
    select seller, kind, nullif(lapses_at, 'infinity'), sum(count)::bigint, sum(at_risk)::bigint
    from together group by {BY} having sum(count) <> 0 or sum(at_risk) <> 0
    order by seller, kind, lapses_at limit {sql.NAMED}
"""


async def add_up(pool: asyncpg.Pool) -> None:
    """Add moves to the sums, or all anew after a rebuild; nothing while somebody else does."""
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
            return
        await connection.execute(HOLD)  # or a rebuild swaps them between two of these statements
        await connection.execute(ANEW if await connection.fetchval(STALE) else ADD)


async def adding_up(pool: asyncpg.Pool) -> None:
    """Add up every few seconds, until cancelled; what goes wrong is tried again."""
    while True:
        try:
            await add_up(pool)
        except (asyncpg.PostgresError, OSError) as error:
            log.warning("deadlines", error=type(error).__name__)
        await asyncio.sleep(EVERY)


async def differences(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """(table, sentence) where the sums are not what the deadlines come to; none where stale."""
    if await connection.fetchval(STALE):
        return []  # they count nothing any more
    return [
        ("deadline_sums", f"deadline_sums: {seller} {kind} {_when(lapses_at)}: {count:+} "
         f"deadlines and {kronor(at_risk)} more were added up than wait")
        for seller, kind, lapses_at, count, at_risk in await connection.fetch(WRONG)
    ]  # fmt: skip


def _when(lapses_at: datetime | None) -> str:
    return "overall" if lapses_at is None else f"at {lapses_at:%Y-%m-%d %H:%M} UTC"
