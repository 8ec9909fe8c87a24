"""What falls due: what waits by band, with the money at risk, and page by page by urgency.

What waits is what the projection says (projections/sla.py): deadlines that are to be met, and
refunds that were not paid by their last day, which stay past due until they are.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg

from adapters.deadlines import Nature, nature_of
from adapters.orders import sellers
from adapters.sla_sums import TOTALS, WAITING
from domain.calendar import A_DAY, INSTANT, day_of, start_of

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
    kind: str
    order: str
    subject: str


class Due(NamedTuple):
    """A deadline that is to be met; `amount` is the money at risk, in öre.

    `carrier` has the parcel that it is about, or all parcels of the order. `event` is the version
    of the order's event that set it last. `nature` says whether it is to be met, may be, or is only
    asked for.
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
    nature: Nature
    band: Band

    @property
    def place(self) -> Place:
        return Place(self.lapses_at, self.seller, self.kind, self.order, self.subject)


@dataclass(slots=True)
class Sum:
    """How many deadlines, and currency -> the money at risk, in öre."""

    count: int = 0
    at_risk: dict[str, int] = field(default_factory=dict)

    def add(self, count: int, currency: str, amount: int) -> None:
        self.count += count
        if amount:
            self.at_risk[currency] = self.at_risk.get(currency, 0) + amount


Bands = dict[Band, Sum]


@dataclass(slots=True)
class Board:
    """The bands of all that was asked for, and of each seller, kind, carrier and clause in it.

    A deadline that rests on several clauses counts with each of them. The carrier None is that of
    what has none, or more than one.
    """

    bands: Bands
    groups: dict[str, dict[str | None, Bands]]


GROUPS = ("seller", "kind", "carrier", "clause")
WANTED = """
    ($1::text is null or seller = $1) and ($2::text is null or carrier = $2)
    and ($3::text is null or $3 = any(clauses)) and ($4::text is null or kind = $4)
    and ($5::text is null or party = $5)
"""
BANDS = f"""
    with {WAITING}, {TOTALS}, soon as materialized (
        select case when lapses_at <= $6 then 'past_due' when lapses_at <= $7 then 'today'
                    else 'this_week' end as band,
               seller, kind, carrier, clauses, currency,
               sum(count)::bigint as count, sum(at_risk)::bigint as at_risk
        from waiting where {WANTED} and lapses_at <= $8
        group by band, seller, kind, carrier, clauses, currency having sum(count) <> 0
    )
    select * from soon
    union all
    select 'later', seller, kind, carrier, clauses, currency,
           sum(count)::bigint, sum(at_risk)::bigint
    from (
        select seller, kind, carrier, clauses, currency, count, at_risk from totals where {WANTED}
        union all
        select seller, kind, carrier, clauses, currency, -count, -at_risk from soon
    ) late
    group by seller, kind, carrier, clauses, currency having sum(count) <> 0
"""
"""What is due later than this week is all that waits, but for what is due before."""
OF_EACH_SELLER = """
    unnest($1::text[]) as shop, lateral (
        select * from deadlines d
        where seller = shop and at_risk is not null and lapses_at <= $2
          and (d.lapses_at, d.kind, d.order_id, d.subject) > (
              $3::timestamptz + (shop < $4)::int * interval '1 microsecond',
              case when shop = $4 then $5::text else '' end,
              case when shop = $4 then $6::text else '' end,
              case when shop = $4 then $7::text else '' end
          )
        order by lapses_at, kind, order_id, subject limit $8
    ) as d
"""
"""Each seller's by the index that has them in order, from behind a place on."""
AT_INSTANTS = f"""
    (
        select *, sum(count) over (order by at, shop, which) - count as before
        from (
            select lapses_at as at, seller as shop, kind as which,
                   (lapses_at, seller, kind) = ($7, $8, $9) as here,
                   case when (lapses_at, seller, kind) = ($7, $8, $9) then 0
                        else sum(count) end as count
            from waiting
            where {WANTED} and lapses_at <= $6 and (lapses_at, seller, kind) >= ($7, $8, $9)
            group by lapses_at, seller, kind having sum(count) <> 0
            order by lapses_at, seller, kind limit $12 + 1
        ) asked
    ) as asked,
    lateral (
        select * from deadlines d
        where seller = shop and at_risk is not null and lapses_at = asked.at and kind = which
          and (not here or (d.order_id, d.subject) > ($10, $11)) and {WANTED}
        order by order_id, subject limit $12
    ) as d
    where asked.before < $12
"""
"""Of some of them the sums say when they lapse: only there they are looked for."""
PAGE = """
    with page as ({page})
    select p.*, case when kind in ('damage_report', 'discrepancy_report') then (
        select convert_from(e.body, 'UTF8')::jsonb #>> '{{item,because,rule}}' from events e
        where (e.seller, e.order_id, e.version) = (p.seller, p."order", p.event)
    ) end as rule
    from page p order by lapses_at, seller, kind, "order", subject
"""
"""Whether a report is only asked for is in the event that set its day."""
ROWS = """
    {with_}
    select d.seller, d.order_id as "order", d.kind, d.subject, d.due, d.lapses_at, d.party, d.state,
           d.at_risk as amount, d.currency, d.clauses, d.carrier, (
               select max(t.version) from timeline t
               where (t.seller, t.order_id, t.kind) = (d.seller, d.order_id, d.kind)
                 and coalesce(t.subject, '') = d.subject
                 and t.type in ('DeadlineSet', 'DeadlineMoved')
           ) as event
    from (
        select d.* from {source}
        order by d.lapses_at, d.seller, d.kind, d.order_id, d.subject limit {limit}
    ) d
"""
ALL = PAGE.format(page=ROWS.format(with_="", source=OF_EACH_SELLER, limit="$8"))
SOME = PAGE.format(page=ROWS.format(with_=f"with {WAITING}", source=AT_INSTANTS, limit="$12"))


async def bands(pool: asyncpg.Pool, wanted: Filter, now: datetime) -> Board:
    """What falls due, by band: counts, and the money at risk."""
    board = Board(_empty(), {name: defaultdict(_empty) for name in GROUPS})
    by = board.groups
    rows = await pool.fetch(BANDS, *wanted, now, _midnight(now), _sunday(now))
    for band, seller, kind, carrier, clauses, currency, count, at_risk in rows:
        sums = [board.bands, by["seller"][seller], by["kind"][kind], by["carrier"][carrier]]
        for one in sums + [by["clause"][clause] for clause in {*clauses}]:
            one[Band(band)].add(count, currency, at_risk)
    return board


async def due(
    pool: asyncpg.Pool, wanted: Filter, band: Band | None, limit: int, after: Place | None = None,
    *, now: datetime,
) -> list[Due]:  # fmt: skip
    """A page of what falls due in a band (None: in any), the most urgent first."""
    edges = (EVER, now, _midnight(now), _sunday(now), NEVER)
    first = 0 if band is None else list(Band).index(band)
    since, until = edges[first], edges[-1 if band is None else first + 1]
    if after is None or after.lapses_at <= since:
        after = Place(since + INSTANT, "", "", "", "")
    if any(wanted[1:]):
        rows = await pool.fetch(SOME, *wanted, until, *after, limit)
    else:
        whose = await sellers(pool) if wanted.seller is None else [wanted.seller]
        rows = await pool.fetch(ALL, whose, until, *after, limit)
    return [_due(row, now) for row in rows]


def band_of(lapses_at: datetime, now: datetime) -> Band:
    """How urgent it is now that something becomes late then."""
    for until, band in ((now, Band.PAST_DUE), (_midnight(now), Band.TODAY)):
        if lapses_at <= until:
            return band
    return Band.WEEK if lapses_at <= _sunday(now) else Band.LATER


def _due(row: Mapping[str, Any], now: datetime) -> Due:
    lapses_at, clauses = row["lapses_at"].astimezone(UTC), tuple(row["clauses"])
    shown = {**row, "lapses_at": lapses_at, "clauses": clauses}
    nature = nature_of(row["kind"], shown.pop("rule") or "")
    return Due(**shown, nature=nature, band=band_of(lapses_at, now))


def _empty() -> Bands:
    return {band: Sum() for band in Band}


def _midnight(now: datetime) -> datetime:
    """The end of today."""
    return start_of(day_of(now) + A_DAY)


def _sunday(now: datetime) -> datetime:
    """The end of the week's Sunday."""
    today = day_of(now)
    return start_of(today + timedelta(days=7 - today.weekday()))
