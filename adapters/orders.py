"""Finding orders: by what is known of them, page by page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg

from adapters.access import ALL

Row = dict[str, Any]
COLUMNS = """
    seller, order_id, status, customer, marketplace, cart, currency, placed_at, goods, freight,
    paid, repaid, fees, refunds, open_decisions, next_deadline, next_deadline_at, last_event_at,
    version
"""
PLACED = "coalesce(placed_at, '0001-01-01 00:00:00+00')"
ASKED = {
    "seller": "seller = {}",
    "customer": "customer = {}",
    "status": "status = {}",
    "deadline": """exists (
        select from deadlines d
        where (d.seller, d.order_id, d.kind) = (o.seller, o.order_id, {}) and d.state = 'open'
        offset 0
    )""",
}
"""What each part of a filter asks; only what is asked for stands in the query, so that each has a
plan of its own. Open deadlines are looked up order by order: there are many more of them."""
FOUND = """
    (select seller, order_id from orders where order_id ^@ {0}
     union select seller, order_id from orders where customer ^@ {0}
     union select seller, order_id from parcels where tracking ^@ {0}
     union select seller, order_id from timeline
     where subject ^@ {0} and type in ('InvoiceIssued', 'RmaRequested', 'RmaIssued')
     offset 0) f join orders o using (seller, order_id)
"""
"""The few orders that a text finds come first, and then the rest of what is asked."""
OF_EACH_SELLER = f"""
    unnest({{sellers}}::text[]) as shop, lateral (
        select * from orders o where seller = shop and {{where}}
        order by {PLACED} desc, order_id desc limit $1
    ) as o
"""
"""Those of a status, each seller's by the index that has them in order."""
NEWEST_FIRST = f"order by {PLACED} desc, seller desc, order_id desc"
SEEN = "select nullif(current_setting('villkor.sellers', true), '')::text[]"
SELLERS = """
    with recursive found (seller) as (
        (select seller from orders order by seller limit 1)
        union all
        select (select o.seller from orders o where o.seller > f.seller order by o.seller limit 1)
        from found f where f.seller is not null
    )
    select seller from found where seller is not null
"""
"""From one seller's first row to the next's: a few steps, however many orders there are."""
UNPLACED = datetime(1, 1, 1, tzinfo=UTC)


class Filter(NamedTuple):
    """Which orders; None does not ask. `text` is the beginning of a number that people have."""

    seller: str | None = None
    customer: str | None = None
    status: str | None = None
    deadline: str | None = None
    text: str | None = None


class Place(NamedTuple):
    """Where an order stands among all: by when it was placed, then by name."""

    placed_at: datetime
    seller: str
    order: str

    @classmethod
    def of(cls, row: Row) -> "Place":
        return cls(row["placed_at"] or UNPLACED, row["seller"], row["order_id"])


async def orders(
    pool: asyncpg.Pool, wanted: Filter, limit: int, after: Place | None = None
) -> list[Row]:
    """A page of orders, the newest first."""
    whose = await sellers(pool) if wanted.seller is None else [wanted.seller]
    query, values = page(wanted, limit, after, whose)
    return [dict(row) for row in await pool.fetch(query, *values)]


def page(
    wanted: Filter, limit: int, after: Place | None, whose: Sequence[str]
) -> tuple[str, list[Any]]:
    """The query of a page, with its values."""
    values: list[Any] = [limit]

    def value(one: Any) -> str:
        values.append(one)
        return f"${len(values)}"

    asked = [
        asks.format(value(told)) for name, asks in ASKED.items()
        if (told := getattr(wanted, name)) is not None
    ]  # fmt: skip
    if after is not None:
        asked.append(f"({PLACED}, seller, order_id) < ({', '.join(map(value, after))})")
    where, source = " and ".join(asked) or "true", "orders o"
    if wanted.text is not None:
        source = FOUND.format(value(wanted.text))
    elif wanted.status is not None:
        source = OF_EACH_SELLER.format(sellers=value(whose), where=where)
    query = f"select {COLUMNS} from {source} where {where} {NEWEST_FIRST} limit $1"
    return query, values


async def sellers(pool: asyncpg.Pool) -> list[str]:
    """The sellers whose orders are there for who asks."""
    seen: list[str] | None = await pool.fetchval(SEEN)
    if seen is not None and ALL not in seen:
        return sorted(seen)
    return [row[0] for row in await pool.fetch(SELLERS)]
