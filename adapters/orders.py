"""Finding orders: by what is known of them, page by page."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg

from adapters.access import ALL

Row = dict[str, Any]
Key = tuple[str, str]
"""(seller, order)."""
MOST = 1_000
"""So many that a search finds in each of four indexes are looked at: the first by the number. As
many orders are few enough to be looked up one by one."""
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
plan of its own. Open deadlines are looked up order by order where there are many."""
FOUND = f"""
    ((select seller, order_id from orders where order_id ^@ {{0}}
      order by order_id using ~<~, seller limit {MOST})
     union (select seller, order_id from orders where customer ^@ {{0}}
      order by customer using ~<~, seller, order_id limit {MOST})
     union (select seller, order_id from parcels where tracking ^@ {{0}}
      order by tracking using ~<~, seller, order_id limit {MOST})
     union (select seller, order_id from timeline
      where subject ^@ {{0}} and type in ('InvoiceIssued', 'RmaRequested', 'RmaIssued')
      order by subject using ~<~, seller, order_id limit {MOST})
     offset 0) f join orders o using (seller, order_id)
"""
"""The few orders that a text finds come first, and then the rest of what is asked. Numbers are in
the order of their bytes, which is that of the indexes: the very number before longer ones."""
KEYED = """
    unnest({sellers}::text[], {orders}::text[]) f (seller, order_id)
    join orders o using (seller, order_id)
"""
RARE = f"""
    select seller, order_id from deadlines
    where state = 'open' and kind = $1 and ($2::text[] is null or seller = any ($2))
    limit {MOST + 1}
"""
"""Where there are few open deadlines of a kind, their orders come first, too."""
OF_EACH_SELLER = f"""
    unnest({{sellers}}::text[]) as shop, lateral (
        select * from orders o where seller = shop and {{where}}
        order by {PLACED} desc, order_id desc limit $1
    ) as o
"""
"""Each seller's by the index that has them in order: those of a status, and those of some sellers,
which are not looked for among all others'."""
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
    """Which orders; None does not ask, nor does an empty text.

    `text` is the beginning of a number that people have; what more than `MOST` numbers of a sort
    begin with finds no more of them.
    """

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
    whose = await _walked(pool, wanted)
    keys = None if wanted.deadline is None else await _rare(pool, wanted.deadline, whose)
    query, values = page(wanted, limit, after, whose, keys)
    return [dict(row) for row in await pool.fetch(query, *values)]


async def _walked(pool: asyncpg.Pool, wanted: Filter) -> Sequence[str] | None:
    """The sellers whose orders are gone through one after the other; None for all at once."""
    seen = await _seen(pool)
    if wanted.seller is not None:
        return [one for one in (wanted.seller,) if seen is None or one in seen]
    return await sellers(pool) if seen is None and wanted.status is not None else seen


async def _rare(pool: asyncpg.Pool, kind: str, whose: Sequence[str] | None) -> set[Key] | None:
    """The orders with an open deadline of a kind; None where those are many."""
    rows = await pool.fetch(RARE, kind, whose)
    return None if len(rows) > MOST else {(row[0], row[1]) for row in rows}


def page(
    wanted: Filter, limit: int, after: Place | None, whose: Sequence[str] | None = None,
    keys: Collection[Key] | None = None,
) -> tuple[str, list[Any]]:  # fmt: skip
    """The query of a page, with its values: of these sellers (None: all), and these orders."""
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
    if wanted.text:
        source = FOUND.format(value(wanted.text))
    elif keys is not None:
        names, numbers = [one[0] for one in keys], [one[1] for one in keys]
        source = KEYED.format(sellers=value(names), orders=value(numbers))
    elif whose is not None:
        source = OF_EACH_SELLER.format(sellers=value(whose), where=where)
    query = f"select {COLUMNS} from {source} where {where} {NEWEST_FIRST} limit $1"
    return query, values


async def sellers(pool: asyncpg.Pool) -> list[str]:
    """The sellers whose orders are there for who asks."""
    if (seen := await _seen(pool)) is not None:
        return seen
    return [row[0] for row in await pool.fetch(SELLERS)]


async def _seen(pool: asyncpg.Pool) -> list[str] | None:
    """The sellers for whom somebody asks; None is all."""
    seen: list[str] | None = await pool.fetchval(SEEN)
    return None if seen is None or ALL in seen else sorted(seen)
