"""Finding orders: by what is known of them, page by page."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import asyncpg

from adapters.access import ALL
from adapters.sla_sums import TOTALS, WAITING

Row = dict[str, Any]
Key = tuple[str, str]
"""(seller, order)."""
MOST = 1_000
"""So many that a search finds in each of four indexes are looked at: the first by the number. As
many orders are few enough to be looked up one by one."""
FEW = 20_000
"""Open deadlines of a kind that are looked up rather than met on the way through all orders: they
may all be of old ones. A fifth of a second's work."""
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
PAPERS = "type in ('InvoiceIssued', 'RmaRequested', 'RmaIssued')"
NUMBERS = (
    ("orders", "order_id", "true"), ("orders", "customer", "true"), ("parcels", "tracking", "true"),
    ("timeline", "subject", PAPERS),
)  # fmt: skip
"""Where numbers of an order stand: the table, the column, and in which rows."""
BEGINS = f"""
    (select t.seller, t.order_id from unnest({{sellers}}::text[]) as shop, lateral (
         select seller, order_id, {{column}} as number from {{table}}
         where seller = shop and {{of}} and {{column}} ^@ {{text}}
         order by {{column}} using ~<~ limit {MOST}
     ) t order by number using ~<~, seller, order_id limit {MOST})
"""
IS = f"""
    (select seller, order_id from {{table}}
     where seller = any ({{sellers}}::text[]) and {{of}} and {{column}} = {{text}} limit {MOST})
"""


def numbered(asks: str, text: str, sellers: str) -> str:
    """The few orders that a text finds among each sort of numbers, by sellers' own indexes.

    They come first, and then the rest of what is asked. Numbers are in the order of their bytes,
    which is that of the indexes: the very number before longer ones.
    """
    parts = " union ".join(
        asks.format(table=table, column=column, of=of, text=text, sellers=sellers)
        for table, column, of in NUMBERS
    )
    return f"({parts} offset 0) f join orders o using (seller, order_id)"


KEYED = """
    unnest({sellers}::text[], {orders}::text[]) f (seller, order_id)
    join orders o using (seller, order_id)
"""
OPEN = "kind = $1 and state = 'open' and ($2::text[] is null or seller = any ($2))"
RARE = f"""
    with {WAITING}, {TOTALS}, many as (
        select coalesce(sum(count), 0) as many from totals where {OPEN}
    ), at as (
        select seller, lapses_at from waiting where {OPEN} and (select many from many) <= {FEW}
        group by seller, lapses_at having sum(count) > 0
    )
    select many, d.seller, d.order_id from many left join (
        at join deadlines d using (seller, lapses_at)
    ) on at_risk is not null and d.state = 'open' and d.kind = $1
"""
"""Where there are few open deadlines of a kind, their orders come first, too: they are looked for
where the sums say when they lapse."""
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


async def named(pool: asyncpg.Pool, wanted: Filter) -> Row | None:
    """The one order that a text means, to the letter: by its own number, else by another of it.

    None where none has that number, or several do.
    """
    if wanted.text is None:
        return None
    values: list[Any] = [wanted.text, await _walked(pool, wanted)]
    where = " and ".join(_asked(wanted, values)) or "true"
    source = numbered(IS, "$1", "$2")
    query = f"select {COLUMNS} from {source} where {where} order by order_id <> $1 limit 2"
    rows = [dict(row) for row in await pool.fetch(query, *values)]
    own = [row for row in rows if row["order_id"] == wanted.text] or rows
    return own[0] if len(own) == 1 else None


async def _walked(pool: asyncpg.Pool, wanted: Filter) -> Sequence[str] | None:
    """The sellers whose orders are gone through one after the other; None for all at once."""
    seen = await _seen(pool)
    if wanted.seller is not None:
        return [one for one in (wanted.seller,) if seen is None or one in seen]
    if seen is None and (wanted.status is not None or wanted.text):
        return await sellers(pool)
    return seen


async def _rare(pool: asyncpg.Pool, kind: str, whose: Sequence[str] | None) -> set[Key] | None:
    """The orders with an open deadline of a kind; None where those are many."""
    rows = await pool.fetch(RARE, kind, whose)
    return None if rows[0][0] > FEW else {(row[1], row[2]) for row in rows}


def page(
    wanted: Filter, limit: int, after: Place | None, whose: Sequence[str] | None = None,
    keys: Collection[Key] | None = None,
) -> tuple[str, list[Any]]:  # fmt: skip
    """The query of a page, with its values: of these sellers (None: all), and these orders."""
    values: list[Any] = [limit]
    value = partial(_value, values)
    asked = _asked(wanted, values)
    if after is not None:
        asked.append(f"({PLACED}, seller, order_id) < ({', '.join(map(value, after))})")
    where, source = " and ".join(asked) or "true", "orders o"
    if wanted.text:
        source = numbered(BEGINS, value(wanted.text), value(whose or []))
    elif keys is not None:
        names, numbers = [one[0] for one in keys], [one[1] for one in keys]
        source = KEYED.format(sellers=value(names), orders=value(numbers))
    elif whose is not None:
        source = OF_EACH_SELLER.format(sellers=value(whose), where=where)
    query = f"select {COLUMNS} from {source} where {where} {NEWEST_FIRST} limit $1"
    return query, values


def _asked(wanted: Filter, values: list[Any]) -> list[str]:
    """What each part of a filter asks; its values are put behind the others."""
    return [
        asks.format(_value(values, told)) for name, asks in ASKED.items()
        if (told := getattr(wanted, name)) is not None
    ]  # fmt: skip


def _value(values: list[Any], one: Any) -> str:
    """A value of a query, by its number."""
    values.append(one)
    return f"${len(values)}"


async def sellers(pool: asyncpg.Pool) -> list[str]:
    """The sellers whose orders are there for who asks."""
    if (seen := await _seen(pool)) is not None:
        return seen
    return [row[0] for row in await pool.fetch(SELLERS)]


async def _seen(pool: asyncpg.Pool) -> list[str] | None:
    """The sellers for whom somebody asks; None is all."""
    seen: list[str] | None = await pool.fetchval(SEEN)
    return None if seen is None or ALL in seen else sorted(seen)
