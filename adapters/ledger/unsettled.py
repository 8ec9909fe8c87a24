"""What is yet unsettled of a month: what to look at before it is closed."""

from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from adapters import undecided
from adapters.ledger import late
from adapters.postgres.letters import STATE
from adapters.sla_sums import WAITING
from domain.calendar import start_of
from projections.periods import after

PARKED = f"""
    select count(*) from dead_letters d where d.seller = $1 and d.state = 'parked'
        and {STATE} = 'parked'
"""
OVERDUE = f"""
    with {WAITING}
    select coalesce(sum(count), 0)::bigint from waiting
    where seller = $1 and kind = 'refund' and lapses_at <= $2
"""


class Unsettled(NamedTuple):
    """Of a seller and a month: parked messages, whatever they are about; orders that wait for a
    decision since before its end; refunds whose last day was in it or before, and that are not
    paid; entries of what happened in it in the books of later months, and what they come to by
    account.
    """

    parked: int
    undecided: int
    overdue: int
    late: list[late.Moved]


async def unsettled(pool: asyncpg.Pool, seller: str, month: date, now: datetime) -> Unsettled:
    """What is unsettled of a month, as is known now."""
    end = start_of(after(month))
    return Unsettled(
        await pool.fetchval(PARKED, seller),
        await undecided.waiting_since(pool, seller, end),
        await pool.fetchval(OVERDUE, seller, min(end, now)),
        await late.sums(pool, seller, month),
    )
