"""Open items: the orders with a balance as of a day, which customers and ageing are summed from.

Most of them are as they were added up (`ledger_orders`), and are found by an index that has no
others. Few are looked at one by one, apart: orders to which something happened since, and those of
which something was booked by that day in the books of a later month.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg

from adapters.ledger.shops import OF_ITS_ROW, TOUCHED, check_summed
from adapters.ledger.sums import BEFORE_IT
from adapters.postgres.sql import HOLD_MODELS
from projections.posting_rules import ADVANCE, RECEIVABLE

APART = f"""
    with {BEFORE_IT}, {TOUCHED}, late as materialized (
        select p.seller, p.order_id, p.currency,
               sum(case account when {RECEIVABLE} then amount else 0 end)::bigint as owes,
               sum(case account when {ADVANCE} then -amount else 0 end)::bigint as owed
        from postings p
        where p.period > p.booked and p.booked <= $1 and p.period > $2
          and account in ({RECEIVABLE}, {ADVANCE})
        group by p.seller, p.order_id, p.currency
    ), items as (
        select seller, order_id, currency, owes, owed from now_items
        where since <= $1 and until > $1
        union all
        select k.seller, k.order_id, k.currency, k.owes, k.owed
        from late l cross join lateral (
            select * from ledger_orders k where (k.seller, k.order_id, k.currency)
                                              = (l.seller, l.order_id, l.currency) offset 0
        ) k
        where exists (select from summed) and k.since <= $1 and k.until > $1
          and not exists (select from touched t
                          where (t.seller, t.order_id) = (k.seller, k.order_id))
    ), balances as (
        select seller, order_id, currency,
               coalesce(i.owes, 0) - coalesce(l.owes, 0) as owes,
               coalesce(i.owed, 0) - coalesce(l.owed, 0) as owed
        from items i full join late l using (seller, order_id, currency)
    )
    select d.seller, d.order_id, b.currency, o.customer, b.owes, b.owed
    from (select seller, order_id from touched union select seller, order_id from late) d
    left join balances b using (seller, order_id) {OF_ITS_ROW}
"""
OPEN = """
    items as (
        select seller, order_id, currency, customer, owes, owed from ledger_orders
        where (owes <> 0 or owed <> 0) and until > $1 and since <= $1
          and exists (select from ledger_summed where file = pg_relation_filenode('postings'))
          and (seller, order_id) not in (select * from unnest($2::text[], $3::text[]))
        union all
        select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                             $7::bigint[]) a(seller, order_id, currency, customer, owes, owed)
        where owes <> 0 or owed <> 0
    )
"""
"""The table expression `items`, with what `opened` gives."""
ROOM = "select set_config('work_mem', '64MB', true), set_config('enable_nestloop', 'off', true)"
"""To group and join some hundred thousand open items in memory, however few the planner expects."""
AGAIN = "reset work_mem; reset enable_nestloop"
Opened = tuple[asyncpg.Connection, tuple[Any, ...]]


@asynccontextmanager
async def opened(pool: asyncpg.Pool, day: date, last: date) -> AsyncIterator[Opened]:
    """A connection in one snapshot, and the values of `OPEN`: as of a day, less what of it belongs
    to the books of a month after the last.

    Raises VillkorError while most is yet to be added up.
    """
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        await connection.execute(HOLD_MODELS)
        await check_summed(connection)
        rows = await connection.fetch(APART, day, last)
        await connection.execute(ROOM)
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(6)]
        yield connection, (day, *columns)
        await connection.execute(AGAIN)
