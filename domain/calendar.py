"""Swedish time: days in Stockholm, working days, and where periods end (FACTS.md section 6).

The day of the starting event is day 0; a period of N days ends when day N ends. Public holidays
come from the `holidays` package, with Midsummer, Christmas and New Year's Eve (law 1930:173, 2 §).
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOON = time(12)
KEPT = 20_000
"""Days whose reckoning is kept: orders of one time ask about the same ones."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
"""The finest step of recorded time: a period in hours includes its last instant."""


def moment(told: str) -> datetime:
    """An instant as told (ISO 8601): without offset it is Stockholm's, a date alone means 12:00.

    Raises ValueError where the text is no time. The answer is in UTC, so that equal instants are
    equal whatever offset they were told with.
    """
    if _is_a_day(told):
        return datetime.combine(date.fromisoformat(told), NOON, STOCKHOLM).astimezone(UTC)
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=STOCKHOLM)).astimezone(UTC)


def end(told: str) -> datetime:
    """An instant up to which is asked, as told: like `moment`, but that a date alone means the last
    instant of that day. Raises ValueError where the text is no time.
    """
    return last_of(date.fromisoformat(told)) if _is_a_day(told) else moment(told)


def _is_a_day(told: str) -> bool:
    return "T" not in told.upper() and " " not in told


def last_of(day: date) -> datetime:
    """The last instant of a day in Stockholm, in UTC."""
    return start_of(day + A_DAY) - INSTANT


def day_of(at: datetime) -> date:
    """The day in Stockholm on which an instant falls."""
    return at.astimezone(STOCKHOLM).date()


def month_of(at: datetime) -> tuple[int, int]:
    """Year and month in Stockholm."""
    day = day_of(at)
    return day.year, day.month


@lru_cache(KEPT)
def start_of(day: date) -> datetime:
    """The first instant of a day in Stockholm, in UTC; days of 23 and 25 hours included."""
    return datetime.combine(day, time(), STOCKHOLM).astimezone(UTC)


def lapses_at(due: date | datetime) -> datetime:
    """The first instant at which what is due then is late: after the day, or the instant."""
    return due + INSTANT if isinstance(due, datetime) else start_of(due + A_DAY)


@cache
def _holidays() -> "HolidayBase":
    from holidays import DE_FACTO, PUBLIC, country_holidays  # the calendars of the whole world

    return country_holidays("SE", categories=(PUBLIC, DE_FACTO))


@lru_cache(KEPT)
def is_working_day(day: date) -> bool:
    """Monday to Friday except public holidays and the three eves."""
    return day.weekday() < 5 and day not in _holidays()


@lru_cache(KEPT)
def rolled(day: date) -> date:
    """The same day, or the next working day: the last day of something a customer must do."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_days(day: date, days: int) -> date:
    return day + timedelta(days=days)


@lru_cache(KEPT)
def add_working_days(day: date, days: int) -> date:
    """Day 0 is `day`; only working days count."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


@lru_cache(KEPT)
def add_months(day: date, months: int) -> date:
    """The same day number, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    return add_months(day, 12 * years)


def add_hours(at: datetime, hours: int) -> datetime:
    """Elapsed hours, whatever the clocks on the walls do."""
    return at.astimezone(UTC) + timedelta(hours=hours)


def add_wall_hours(at: datetime, hours: int) -> datetime:
    """As many hours on the clocks of Stockholm; a time that they skip is the instant of the jump
    and as long after it, one that comes twice the first."""
    return (at.astimezone(STOCKHOLM) + timedelta(hours=hours)).astimezone(UTC)
