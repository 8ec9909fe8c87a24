"""How long what is kept must be kept, and what may be dropped when; Villkor drops none of it.

Vouchers are kept until the end of the seventh year after the calendar year in which the accounting
year ended (bokföringslagen 1999:1078, 7 kap. 2 §). The log and the postings are vouchers.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from adapters.parcels import REACH
from domain.calendar import day_of, start_of
from domain.terms.book import Book

YEARS_KEY = "bookkeeping.years"
KEPT = """
    select (select min(recorded_at) from events) as first,
           (select count(*) from events) as events,
           (select count(*) from events where recorded_at < $1) as events_over,
           (select count(*) from personal) as personal,
           (select count(*) from personal p join events e
                on (e.seller, e.order_id, e.version) = (p.seller, p.order_id, p.version)
            where e.recorded_at < $1) as personal_over,
           (select count(*) from dead_letters where state = 'parked') as parked,
           (select count(*) from dead_letters where state <> 'parked') as settled,
           (select count(*) from sightings) as sightings,
           (select count(*) from sightings where at < $2) as sightings_over
"""


class Kept(NamedTuple):
    """What is kept: the `number` of them, how many of them may go, and in words until when."""

    what: str
    number: int
    may_go: int
    rule: str

    def __str__(self) -> str:
        return f"{self.number} {self.what}, {self.may_go} may be dropped: {self.rule}"


def kept_until(booked: date, years: int) -> date:
    """The last day on which a voucher must be kept, where accounting years are calendar years."""
    return date(booked.year + years, 12, 31)


def years_of(book: Book, today: date) -> int:
    """How many years the law has vouchers kept."""
    entries = [one for one in book.law[YEARS_KEY] if one["from"] <= today]
    years: int = entries[-1]["value"]
    return years


async def retention(pool: asyncpg.Pool, book: Book, now: datetime) -> list[Kept]:
    """What of this installation may be dropped today."""
    today = day_of(now)
    years = years_of(book, today)
    over = start_of(date(today.year - years, 1, 1))
    found = await pool.fetchrow(KEPT, over, now - REACH)
    return list(_kept(found, years))


def _kept(found: asyncpg.Record, years: int) -> Iterator[Kept]:
    until = f"{years} years after the year (BFL 7 kap. 2 §)"
    since = ""
    if found["first"] is not None:
        first = day_of(found["first"])
        since = f", those of {first.year} until {kept_until(first, years)}"
    yield Kept(
        "events and what is posted of them", found["events"], found["events_over"],
        f"{until}{since}; nothing in the log is ever deleted by this program",
    )  # fmt: skip
    yield Kept(
        "values about persons beside the log",
        found["personal"],
        found["personal_over"],
        "sooner where nothing else asks for them (`villkor erase`); chain and ledger stay whole",
    )
    yield Kept(
        "messages that were parked",
        found["parked"] + found["settled"],
        found["settled"],
        "once they were retried or discarded (`villkor dead-letters`); they lie outside the log",
    )
    yield Kept(
        "events of carriers by number",
        found["sightings"],
        found["sightings_over"],
        f"after {REACH.days} days, when no order can be matched any more",
    )
