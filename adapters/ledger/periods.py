"""Accounting months: which are open, and how one is closed.

A month is closed by an act that every partition's register is told (`PeriodClosed`); from its place
in a partition on, what is posted there goes to the first month that is open. The month counts as
closed when all partitions have it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

import asyncpg

from adapters import acts
from adapters.ledger.sums import SUMS
from adapters.messages import ACT_SOURCE
from adapters.partitions import PARTITIONS, register_of, registers
from adapters.postgres.sql import HOLD_MODELS
from adapters.postgres.store import Store
from domain.acts import PeriodClosed
from domain.calendar import day_of, start_of
from domain.errors import Guarded, VillkorError
from domain.state import Told
from domain.stream import Said
from projections.periods import after, month

POSTED = f"""
    {SUMS}
    select seller, period, sum(entries)::bigint as entries from sums
    where $1::text is null or seller = $1
    group by seller, period
"""
CLOSINGS = """
    with told as (
        select partition, recorded_at, order_id, version,
               convert_from(body, 'UTF8')::jsonb ->> 'seller' as seller,
               convert_from(body, 'UTF8')::jsonb ->> 'month' as month
        from events
        where seller = 'villkor' and order_id = any($2::text[]) and type = 'PeriodClosed'
    )
    select t.seller, t.month, array_agg(t.partition) as partitions, max(t.recorded_at) as at,
           min(b.value #>> '{}') as by, min(r.value #>> '{}') as reason
    from told t
    left join personal b on (b.seller, b.order_id, b.version, b.field)
                          = ('villkor', t.order_id, t.version, 'by')
    left join personal r on (r.seller, r.order_id, r.version, r.field)
                          = ('villkor', t.order_id, t.version, 'reason')
    where $1::text is null or t.seller = $1
    group by t.seller, t.month
    order by t.seller, t.month
"""


@dataclass(slots=True, frozen=True)
class Period:
    """A month of a seller's books, by its first day; `entries` are legs posted to it.

    `partitions` is how many have it closed. Who closed it, why and when the last of them had it are
    those of the act that did, which may have been about a later month. `already` says of a month
    that was to be closed that another act did it before: nothing new is recorded.
    """

    seller: str
    month: date
    entries: int
    partitions: int = 0
    closed_at: datetime | None = None
    by: str | None = None
    reason: str | None = None
    already: bool = field(default=False, compare=False)

    @property
    def state(self) -> Literal["open", "closing", "closed"]:
        if self.partitions == PARTITIONS:
            return "closed"
        return "closing" if self.partitions else "open"


async def periods(pool: asyncpg.Pool, seller: str | None) -> list[Period]:
    """The months to which anything was posted, or that were closed, by seller."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        await connection.execute(HOLD_MODELS)
        found = {
            (row["seller"], row["period"]): Period(row["seller"], row["period"], row["entries"])
            for row in await connection.fetch(POSTED, seller)
        }
        closings = await connection.fetch(CLOSINGS, seller, registers(range(PARTITIONS)))
    for row in closings:
        key = row["seller"], month(row["month"])
        found.setdefault(key, Period(*key, 0))
    return [_closed(found[key], closings) for key in sorted(found)]


def _closed(period: Period, closings: Sequence[asyncpg.Record]) -> Period:
    """A month with what closed it: the acts about it and later ones, the earliest that did."""
    having: set[int] = set()
    for row in closings:
        if row["seller"] != period.seller or month(row["month"]) < period.month:
            continue
        having |= set(row["partitions"])
        if period.closed_at is None:
            period = replace(
                period, closed_at=row["at"], by=row["by"], reason=row["reason"]
            )  # fmt: skip
    return replace(period, partitions=len(having))


async def close(
    store: Store, taken: Callable[[Sequence[int]], Awaitable[None]],
    told: PeriodClosed, now: datetime,
) -> Period:  # fmt: skip
    """Close a seller's month, and with it those before that have no postings.

    Nothing where it is closed already, which the answer says where another act did it.

    `taken` waits until the registers have it. Raises Guarded where the month is not over or an
    earlier one is open and has postings, and VillkorError where a register has not got it in time:
    it gets it when its writer is back.
    """
    closes = month(told.month)
    known = await periods(store.pool, told.seller)
    already = next((one for one in known if one.month == closes), None)
    if already is not None and already.state == "closed":
        return _told_by(already, told)
    check_closable(known, told.seller, closes, now)
    async with store.writing() as connection:
        rows = await acts.tell(connection, [act_of(told, at, now) for at in range(PARTITIONS)])
    await taken(rows)
    after_it = await periods(store.pool, told.seller)
    found = next((one for one in after_it if one.month == closes), None)
    if found is None or found.state != "closed":
        raise VillkorError(
            f"{told.month} of {told.seller} is not closed in every partition; "
            "`villkor ledger periods` says in how many, `villkor dead-letters list` why"
        )
    return _told_by(found, told)  # somebody may have been quicker


def _told_by(closed: Period, told: PeriodClosed) -> Period:
    """A closed month; `already` unless this act did it, which may be told again."""
    ours = (closed.by, closed.reason) == (told.by, told.reason)
    return replace(closed, already=not ours)


def check_closable(known: Sequence[Period], seller: str, closes: date, now: datetime) -> None:
    """Raises Guarded where a month is not over, or one before it is open and has postings."""
    if day_of(now) < after(closes):
        raise Guarded(
            f"{closes:%Y-%m} is not over before {after(closes)}; it can be closed from then on"
        )
    before = [one for one in known if one.month < closes and one.state != "closed" and one.entries]
    if before:
        first = before[0]
        raise Guarded(
            f"{first.month:%Y-%m} of {seller} is still {first.state} and has postings, and a month "
            f"is closed with all months before it: close {first.month:%Y-%m} first"
        )


def act_of(told: PeriodClosed, partition: int, now: datetime) -> Said:
    """The act for one register: the same whenever it is told, so that it counts once."""
    over = start_of(after(month(told.month)))
    id = f"closed {told.seller} {told.month}"
    return Said(register_of(partition), Told(told, over, now, ACT_SOURCE, id))
