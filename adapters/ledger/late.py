"""What happened in a month and stands in the books of a later one: told, or decided, afterwards.

An entry belongs to the month in which it was booked, or the first open one behind it. So a month's
books lack what became known of it after its end; here it is, few entries by an index of their own.
"""

from datetime import date
from typing import NamedTuple

import asyncpg

from projections.periods import after


class Place(NamedTuple):
    """Where an entry stands among those of its month."""

    occurred: date
    partition: int
    position: int
    currency: str


class Late(NamedTuple):
    """An entry of a later month: its accounts, and what they come to on either side, in öre."""

    order: str
    what: str
    occurred: date
    booked: date
    period: date
    currency: str
    accounts: tuple[int, ...]
    amount: int
    partition: int
    position: int

    @property
    def place(self) -> Place:
        return Place(self.occurred, self.partition, self.position, self.currency)


class Moved(NamedTuple):
    """What all late entries of a month come to on an account, in öre; debits are positive."""

    currency: str
    account: int
    amount: int
    entries: int


OF_A_MONTH = "seller = $1 and occurred >= $2 and occurred < $3 and period > occurred"
ENTRIES = f"""
    select order_id, kind, occurred, booked, period, currency,
           array_agg(distinct account order by account) as accounts,
           sum(greatest(amount, 0))::bigint as amount, partition, position
    from postings
    where {OF_A_MONTH} and (occurred, partition, position, currency) > ($4, $5, $6, $7)
    group by order_id, kind, occurred, booked, period, currency, partition, position
    order by occurred, partition, position, currency
    limit $8
"""
SUMS = f"""
    select currency, account, sum(amount)::bigint, count(*)
    from postings where {OF_A_MONTH}
    group by currency, account order by currency, account
"""


async def entries(
    pool: asyncpg.Pool, seller: str, month: date, limit: int, behind: Place | None = None
) -> list[Late]:
    """A page of them, in the order in which they happened."""
    place = behind or Place(month, 0, 0, "")
    rows = await pool.fetch(ENTRIES, seller, month, after(month), *place, limit)
    return [Late._make((*row[:6], tuple(row[6]), *row[7:])) for row in rows]


async def sums(pool: asyncpg.Pool, seller: str, month: date) -> list[Moved]:
    """What all of them come to, by account: what the month's balances lack."""
    return [Moved(*row) for row in await pool.fetch(SUMS, seller, month, after(month))]
