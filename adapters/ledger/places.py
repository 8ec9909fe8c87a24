"""Where entries lead: to their events on the pages of their orders, and to the newer page."""

from collections.abc import Iterable

import asyncpg

from adapters.ledger.statement import Entry, Mark, Statement
from adapters.ledger.trial import Span

VERSIONS = """
    select distinct t.partition, t.position, t.version
    from unnest($2::text[], $3::smallint[], $4::bigint[]) e(order_id, partition, position)
    join timeline t on t.seller = $1 and t.order_id = e.order_id
        and (t.partition, t.position) = (e.partition, e.position)
"""
NEWER = """
    select period, booked, partition, position, leg from postings
    where seller = $1 and account = $2 and currency = $3 and period between $4 and $5
      and booked <= $6 and (period, booked, partition, position, leg) > ($7, $8, $9, $10, $11)
    order by period, booked, partition, position, leg
    offset $12 limit 1
"""
Place = tuple[int, int]
"""(partition, position) of an event in the log."""


async def versions(
    pool: asyncpg.Pool, seller: str, entries: Iterable[Entry]
) -> dict[Place, int]:  # fmt: skip
    """The version that the event of each entry has in its order, by its place in the log."""
    asked = {(one.order, one.partition, one.position) for one in entries}
    columns = [list(column) for column in zip(*asked, strict=True)] or [[], [], []]
    rows = await pool.fetch(VERSIONS, seller, *columns)
    return {(row["partition"], row["position"]): row["version"] for row in rows}


async def newer(pool: asyncpg.Pool, page: Statement, span: Span, limit: int) -> Mark | None:
    """The mark before which the next newer page of `limit` entries ends; None for the newest.

    `page` has entries, and is not the newest itself.
    """
    whose = (page.seller, page.account, page.currency)
    asked = (*whose, span.first, span.last, span.as_of, *page.entries[-1].mark)
    row = await pool.fetchrow(NEWER, *asked, limit)
    return None if row is None else Mark(*row)
