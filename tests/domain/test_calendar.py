"""Days in Stockholm, working days, and where periods end (FACTS.md section 6, law 1930:173)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.calendar import (
    add_days, add_hours, add_months, add_wall_hours, add_working_days, day_of, is_working_day,
    lapses_at, moment, rolled, start_of,
)  # fmt: skip


@pytest.mark.parametrize(
    ("told", "utc"),
    [
        ("2024-03-05", "2024-03-05T11:00"),  # a date alone is noon
        ("2024-07-05", "2024-07-05T10:00"),
        ("2024-03-05T09:00", "2024-03-05T08:00"),  # without offset it is Stockholm's
        ("2024-03-05T09:00+01:00", "2024-03-05T08:00"),
        ("2024-03-05T09:00Z", "2024-03-05T09:00"),
    ],
)
def test_a_time_is_read_as_it_was_meant(told: str, utc: str) -> None:
    assert moment(told) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("told", ["soon", "2024-13-01", "2024-02-30", "20240305T", ""])
def test_what_is_no_time_is_an_error(told: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library's own words
        moment(told)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-06-05", "2026-06-22"),  # Midsummer Eve, then a weekend
        ("2026-12-10", "2026-12-28"),  # Christmas Eve
        ("2026-12-17", "2027-01-04"),  # New Year's Eve
        ("2026-03-20", "2026-04-07"),  # Good Friday and Easter Monday
        ("2026-11-07", "2026-11-23"),  # a Saturday
        ("2025-12-17", "2026-01-02"),
        ("2024-04-17", "2024-05-02"),  # May Day
    ],
)
def test_fourteen_days_for_a_customers_act_end_on_a_working_day(starts: str, ends: str) -> None:
    """The last day moves past Saturdays, Sundays, holidays and the three eves."""
    assert rolled(add_days(date.fromisoformat(starts), 14)) == date.fromisoformat(ends)


@pytest.mark.parametrize(
    ("starts", "months", "ends"),
    [
        ("2023-08-31", 6, "2024-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-01-15", 36, "2027-01-15"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_one(starts: str, months: int, ends: str) -> None:
    assert add_months(date.fromisoformat(starts), months) == date.fromisoformat(ends)


def test_working_days_leave_out_ascension_day() -> None:
    assert add_working_days(date(2024, 5, 8), 3) == date(2024, 5, 14)
    assert not is_working_day(date(2024, 5, 9))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 5, 1), 24)]
)
def test_a_day_has_the_hours_that_it_has(day: date, hours: int) -> None:
    """Days on which the clocks change are 23 and 25 hours long."""
    assert start_of(day + timedelta(days=1)) - start_of(day) == timedelta(hours=hours)


def test_hours_elapse_whatever_the_clocks_on_the_walls_do() -> None:
    before = moment("2024-03-30T12:00")
    assert add_hours(before, 24) == moment("2024-03-31T13:00")


def test_hours_on_the_clocks_on_the_walls_end_at_the_same_time_of_day() -> None:
    assert add_wall_hours(moment("2024-03-30T12:00"), 24) == moment("2024-03-31T12:00")
    assert add_wall_hours(moment("2024-10-26T12:00"), 48) == moment("2024-10-28T12:00")
    skipped = add_wall_hours(moment("2024-03-30T02:30"), 24)
    assert skipped == moment("2024-03-31T03:30+02:00")


def test_a_day_is_over_when_it_ends_in_stockholm() -> None:
    late = moment("2024-03-14T23:59:59")
    assert day_of(late) == date(2024, 3, 14)
    assert late < lapses_at(date(2024, 3, 14)) == moment("2024-03-15T00:00")


def test_a_period_in_hours_includes_its_last_instant() -> None:
    due = moment("2024-03-14T10:30")
    assert due < lapses_at(due) <= due + timedelta(microseconds=1)
