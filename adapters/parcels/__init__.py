"""Whose parcel is it: what carriers say of a parcel is told to the orders that shipped it.

A carrier names a parcel, an order's `Shipped` names its carrier and number. `judging` says what a
sighting means, `matching` which orders it concerns and what they are told; both are pure. What
concerns nobody yet waits in Postgres (`adapters/postgres/parcels.py`).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

Key = tuple[str, str]
"""(carrier, number) of a parcel, as `adapters.carriers.parcel_key` gives it."""
REACH = timedelta(days=180)
"""Carriers use numbers again: a later sighting is of another parcel."""
AHEAD = timedelta(days=30)
"""A label is made, and the carrier told of it, before the warehouse says `Shipped`."""
WORDS = re.compile(r"TEST(PACKAGE|PARCEL)[A-Z]+")
"""Numbers without a digit: those of the test parcels in Bring's documentation."""


def is_number(number: str) -> bool:
    """Whether it names one parcel: shops fill the field with `N/A` and noughts, too."""
    has_digit = any(map(str.isdecimal, number)) and number.strip("0") != ""
    return has_digit or WORDS.fullmatch(number) is not None


@dataclass(slots=True, frozen=True, kw_only=True)
class Seen:
    """A sighting as it was judged, by the table of meanings of the day `judged_by`.

    `fact` is what it tells orders, with `data`; `takes_back` the type of fact whose latest earlier
    sighting it makes wrong, `corrects` the one event that it does. With none it is kept and shown.
    `as_of` is the latest event of the body that said so: what an event means may be told by those
    around it, and each time that this makes it another fact is a `revision`.
    """

    carrier: str
    number: str
    source: str
    event: str
    at: datetime
    recorded_at: datetime
    codes: tuple[str, ...]
    grade: str
    judged_by: date
    fact: str | None
    data: dict[str, Any]
    takes_back: str | None
    corrects: str | None
    as_of: datetime
    revision: int = 0
    matched: bool = False

    @property
    def key(self) -> Key:
        return self.carrier, self.number

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.carrier, self.number, self.source, self.event

    @property
    def tells(self) -> bool:
        """Whether an order that shipped the parcel is told anything."""
        return (self.fact or self.takes_back or self.corrects) is not None


@dataclass(slots=True, frozen=True, kw_only=True)
class Shipment:
    """A `Shipped` with a number. What is told through it is of its generation, which begins when
    it comes and ends when it is retracted; None where it was retracted before it came.
    """

    seller: str
    order: str
    source: str
    id: str
    carrier: str
    number: str
    parcel: str
    at: datetime
    retracted: bool
    generation: int | None = None

    @property
    def key(self) -> Key:
        return self.carrier, self.number

    @property
    def through(self) -> tuple[str, str, int | None]:
        """What is told through it: shared with other messages that ship the same parcel."""
        return self.seller, self.order, self.generation

    def reaches(self, at: datetime) -> bool:
        """Whether what a carrier saw at that time can be this parcel."""
        return self.at - AHEAD <= at <= self.at + REACH
