"""What falls due: the open deadlines by band, with the money at risk, and page by page by urgency.

A refund that was not paid by its last day has lapsed, and so is over as a deadline; but nothing is
more urgent. Here it stays past due until the order's refunds are paid. What is late otherwise is
no more to be met: it ended, and what follows from it is owed instead.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg

from adapters.orders import sellers
from domain.calendar import A_DAY, day_of, start_of

EVER = datetime(1, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Band(StrEnum):
    """How urgent a deadline is, by the clocks of Stockholm; the most urgent first."""

    PAST_DUE = "past_due"
    TODAY = "today"
    """Until midnight."""
    WEEK = "this_week"
    """Until the end of Sunday."""
    LATER = "later"


class Filter(NamedTuple):
    """Which deadlines; None does not ask. A clause is one of those that a deadline rests on."""

    seller: str | None = None
    carrier: str | None = None
    clause: str | None = None
    kind: str | None = None
    party: str | None = None
    """Whose move it is."""


class Place(NamedTuple):
    """Where a deadline stands among all: by when it lapses, then by name."""

    lapses_at: datetime
    seller: str
    order: str
    kind: str
    subject: str


class Due(NamedTuple):
    """A deadline that is to be met; `amount` is the money at risk, in öre.

    `carrier` has the parcel that it is about, or all parcels of the order. `event` is the version
    of the order's event that set it last.
    """

    seller: str
    order: str
    kind: str
    subject: str
    due: str
    lapses_at: datetime
    party: str
    state: str
    amount: int
    currency: str
    clauses: tuple[str, ...]
    carrier: str | None
    event: int | None
    band: Band

    @property
    def place(self) -> Place:
        return Place(self.lapses_at, self.seller, self.order, self.kind, self.subject)


@dataclass(slots=True)
class Sum:
    """How many deadlines, and currency -> the money at risk, in öre."""

    count: int = 0
    at_risk: dict[str, int] = field(default_factory=dict)

    def add(self, count: int, currency: str | None, amount: int) -> None:
        self.count += count
        if currency is not None:
            self.at_risk[currency] = self.at_risk.get(currency, 0) + amount


Bands = dict[Band, Sum]


@dataclass(slots=True)
class Board:
    """The bands of all that was asked for, and of each seller, kind, carrier and clause in it.

    What is due later than this week is told apart by seller and kind only. A deadline that rests
    on several clauses counts with each of them. The carrier None is that of what has none, or more
    than one.
    """

    bands: Bands
    groups: dict[str, dict[str | None, Bands]]


GROUPS = ("seller", "kind", "carrier", "clause")
CARRIER = """
    (select coalesce(
        min(p.carrier) filter (where p.parcel = split_part(d.subject, '#', 1)),
        case when min(p.carrier) = max(p.carrier) then min(p.carrier) end
     ) from parcels p where (p.seller, p.order_id) = (d.seller, d.order_id))
"""
CURRENCY = """
    case when d.amount > 0 then (
        select o.currency from orders o where (o.seller, o.order_id) = (d.seller, d.order_id)
    ) end
"""
WANTED = f"""
    ($2::text is null or {CARRIER} = $2) and ($3::text is null or $3 = any(d.clauses))
    and ($4::text is null or d.kind = $4) and ($5::text is null or d.party = $5)
"""
LAPSED = "d.state = 'lapsed' and d.kind = 'refund'"
AT_RISK = "least(d.amount, o.refunds - o.repaid)"
URGENT = f"""
    with urgent as materialized (
        select case when d.lapses_at <= $6 then 'past_due' when d.lapses_at <= $7 then 'today'
                    else 'this_week' end as band,
               d.seller, d.kind, {CARRIER} as carrier, d.clauses, d.amount, {CURRENCY} as currency
        from deadlines d
        where d.seller = any($1::text[]) and d.state = 'open' and d.lapses_at <= $8 and {WANTED}
        union all
        select 'past_due', d.seller, d.kind, {CARRIER}, d.clauses, {AT_RISK}, o.currency
        from deadlines d join orders o using (seller, order_id)
        where {LAPSED} and o.repaid < o.refunds and d.seller = any($1::text[]) and {WANTED}
    )
    select band, case grouping(seller, kind, carrier)
               when 3 then 'seller' when 5 then 'kind' when 6 then 'carrier' end as dimension,
           coalesce(seller, kind, carrier) as name, currency, count(*), sum(amount)::bigint
    from urgent
    group by grouping sets (
        (band, currency), (band, currency, seller), (band, currency, kind),
        (band, currency, carrier)
    )
    union all
    select band, 'clause', clause, currency, count(*), sum(amount)::bigint
    from urgent, unnest(clauses) as clause group by band, clause, currency
"""
OPEN_LATER = f"d.seller = any($1::text[]) and d.state = 'open' and d.lapses_at > $6 and {WANTED}"
LATER = f"""
    select d.seller, d.kind, null as currency, count(*), 0::bigint as amount
    from deadlines d where {OPEN_LATER} group by d.seller, d.kind
    union all
    select seller, kind, currency, 0, sum(amount)::bigint from (
        select d.seller, d.kind, {CURRENCY} as currency, d.amount
        from deadlines d where {OPEN_LATER} and d.amount > 0
    ) at_risk group by seller, kind, currency
"""
BEHIND = """
    ($8::timestamptz is null
     or (d.lapses_at, d.seller, d.order_id, d.kind, d.subject) > ($8, $9, $10, $11, $12))
    order by d.lapses_at, d.order_id, d.kind, d.subject limit $13
"""
PAGE = f"""
    with page as (
        select found.* from unnest($1::text[]) as shop, lateral (
            (select d.*, d.amount as at_risk from deadlines d
             where d.seller = shop and d.state = 'open' and d.lapses_at > $6 and d.lapses_at <= $7
               and {WANTED} and {BEHIND})
            union all
            (select d.*, {AT_RISK} from deadlines d, lateral (
                 select o.repaid, o.refunds from orders o
                 where (o.seller, o.order_id) = (d.seller, d.order_id) and o.repaid < o.refunds
                 offset 0  -- a few of the most urgent are looked up, never all joined
             ) as o
             where $14 and {LAPSED} and d.seller = shop and {WANTED} and {BEHIND})
        ) as found
        order by lapses_at, seller, order_id, kind, subject limit $13
    )
    select d.seller, d.order_id as "order", d.kind, d.subject, d.due, d.lapses_at, d.party, d.state,
           d.at_risk as amount, o.currency, d.clauses, {CARRIER} as carrier, (
               select max(t.version) from timeline t
               where (t.seller, t.order_id, t.kind) = (d.seller, d.order_id, d.kind)
                 and coalesce(t.subject, '') = d.subject
                 and t.type in ('DeadlineSet', 'DeadlineMoved')
           ) as event
    from page d join orders o using (seller, order_id)
    order by d.lapses_at, d.seller, d.order_id, d.kind, d.subject
"""


async def bands(pool: asyncpg.Pool, wanted: Filter, now: datetime) -> Board:
    """What falls due, by band: counts, and the money at risk."""
    midnight, sunday = _midnight(now), _sunday(now)
    asked = (await _sellers(pool, wanted), *wanted[1:])
    board = Board(_empty(), {name: defaultdict(_empty) for name in GROUPS})
    for band, dimension, name, currency, count, amount in await pool.fetch(
        URGENT, *asked, now, midnight, sunday
    ):
        of = board.groups[dimension][name] if dimension else board.bands
        of[Band(band)].add(count, currency, amount)
    for seller, kind, currency, count, amount in await pool.fetch(LATER, *asked, sunday):
        by = board.groups
        for one in (board.bands, by["seller"][seller], by["kind"][kind]):
            one[Band.LATER].add(count, currency, amount)
    return board


async def due(
    pool: asyncpg.Pool, wanted: Filter, band: Band | None, limit: int, after: Place | None = None,
    *, now: datetime,
) -> list[Due]:  # fmt: skip
    """A page of what falls due in a band (None: in any), the most urgent first."""
    edges = (EVER, now, _midnight(now), _sunday(now), NEVER)
    first = 0 if band is None else list(Band).index(band)
    since, until = edges[first], edges[-1 if band is None else first + 1]
    place = (None,) * len(Place._fields) if after is None else after
    late = band in (None, Band.PAST_DUE)
    rows = await pool.fetch(
        PAGE, await _sellers(pool, wanted), *wanted[1:], since, until, *place, limit, late
    )
    return [_due(row, now) for row in rows]


def band_of(lapses_at: datetime, now: datetime) -> Band:
    """How urgent it is now that something becomes late then."""
    for until, band in ((now, Band.PAST_DUE), (_midnight(now), Band.TODAY)):
        if lapses_at <= until:
            return band
    return Band.WEEK if lapses_at <= _sunday(now) else Band.LATER


def _due(row: Mapping[str, Any], now: datetime) -> Due:
    lapses_at, clauses = row["lapses_at"].astimezone(UTC), tuple(row["clauses"])
    return Due(**{**row, "lapses_at": lapses_at, "clauses": clauses}, band=band_of(lapses_at, now))


async def _sellers(pool: asyncpg.Pool, wanted: Filter) -> list[str]:
    return await sellers(pool) if wanted.seller is None else [wanted.seller]


def _empty() -> Bands:
    return {band: Sum() for band in Band}


def _midnight(now: datetime) -> datetime:
    """The end of today."""
    return start_of(day_of(now) + A_DAY)


def _sunday(now: datetime) -> datetime:
    """The end of the week's Sunday."""
    today = day_of(now)
    return start_of(today + timedelta(days=7 - today.weekday()))
