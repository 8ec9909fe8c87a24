"""What falls due: bands by the clocks of Stockholm, and refunds that stay until they are paid."""

from datetime import timedelta

import asyncpg
import pytest

from adapters.cli.demo import NOW
from adapters.sla import Band, Due, Filter, band_of, bands, due
from domain.calendar import INSTANT, moment

FRIDAY = moment("2026-11-20T12:00")


@pytest.fixture
async def pool(demo_copy: str):
    async with asyncpg.create_pool(demo_copy, min_size=1, max_size=2) as one:
        yield one


@pytest.mark.parametrize(
    ("lapses", "band"),
    [
        ("2026-11-20T12:00", Band.PAST_DUE),
        ("2026-11-21T00:00", Band.TODAY),  # the day ends there
        ("2026-11-23T00:00", Band.WEEK),  # and so does Sunday
        ("2029-01-01T00:00", Band.LATER),
    ],
)
def test_a_band_ends_with_the_last_instant_that_is_in_time(lapses: str, band: Band):
    """Today is until midnight, this week until the end of Sunday."""
    assert band_of(moment(lapses), FRIDAY) == band
    after = list(Band)[min(list(Band).index(band) + 1, 3)]
    assert band_of(moment(lapses) + INSTANT, FRIDAY) == after


def test_on_a_sunday_the_week_ends_today():
    sunday = moment("2026-11-22T23:00")
    assert band_of(moment("2026-11-23T00:00"), sunday) == Band.TODAY
    assert band_of(moment("2026-11-23T00:00") + INSTANT, sunday) == Band.LATER


def test_the_day_on_which_clocks_change_has_its_own_length():
    """On 25 October 2026 a day has 25 hours."""
    assert band_of(moment("2026-10-26T00:00"), moment("2026-10-25T00:30")) == Band.TODAY
    assert moment("2026-10-26T00:00") - moment("2026-10-25T00:00") == timedelta(hours=25)


async def _all(pool: asyncpg.Pool, wanted: Filter = Filter(), band: Band | None = None):  # noqa: B008
    found: list[Due] = []
    after = None
    while page := await due(pool, wanted, band, 7, after, now=NOW):
        found, after = found + page, page[-1].place
    return found


@pytest.mark.parametrize(
    "wanted",
    [Filter(), Filter("netzilla"), Filter(carrier="postnord"), Filter(clause="DAL-2:14"),
     Filter(kind="delivery"), Filter("allectra", "schenker", "DAL-2:14", "refund")],
)  # fmt: skip
async def test_what_is_counted_is_what_is_listed(pool: asyncpg.Pool, wanted: Filter):
    """Band by band, group by group, with the money; each row once, the most urgent first."""
    board, rows = await bands(pool, wanted, NOW), await _all(pool, wanted)
    assert rows == sorted(rows, key=lambda one: one.place)
    assert len({one.place for one in rows}) == len(rows) > 0
    for band, total in board.bands.items():
        own = [one for one in rows if one.band == band]
        assert own == await _all(pool, wanted, band)
        assert total.count == len(own)
        assert sum(total.at_risk.values()) == sum(one.amount for one in own)
        for name, groups in board.groups.items():
            if band == Band.LATER and name in ("carrier", "clause"):
                continue
            for key, found in groups.items():
                there = [one for one in own if key in (
                    one.clauses if name == "clause" else (getattr(one, name),)
                )]  # fmt: skip
                assert found[band].count == len(there), (name, key)
                assert sum(found[band].at_risk.values()) == sum(one.amount for one in there)


async def test_a_refund_that_was_not_paid_in_time_stays_past_due_until_it_is(pool: asyncpg.Pool):
    """It has lapsed, and is the most urgent of all; what is left of it is what is at risk."""
    wanted = Filter("allectra", kind="refund")
    late = [one for one in await _all(pool, wanted) if one.band == Band.PAST_DUE]
    assert [one.order for one in late] == ["ALL-0019", "ALL-0006", "ALL-0013", "ALL-0007"]
    assert {one.state for one in late} == {"lapsed"}
    paid = "update orders set repaid = repaid + $1 where order_id = 'ALL-0019'"
    await pool.execute(paid, 400_000)
    assert (await _all(pool, wanted, Band.PAST_DUE))[0].amount == late[0].amount - 400_000
    before = (await bands(pool, wanted, NOW)).bands[Band.PAST_DUE]
    await pool.execute(paid, late[0].amount - 400_000)
    after = (await bands(pool, wanted, NOW)).bands[Band.PAST_DUE]
    assert [one.order for one in await _all(pool, wanted, Band.PAST_DUE)] == [
        "ALL-0006", "ALL-0013", "ALL-0007"
    ]  # fmt: skip
    assert before.count - after.count == 1


async def test_a_row_leads_to_the_event_that_set_it(pool: asyncpg.Pool):
    """By its version, whether or not the deadline is about a parcel."""
    for one in await _all(pool):
        kind = await pool.fetchval(
            "select type from timeline where (seller, order_id, version) = ($1, $2, $3)",
            one.seller, one.order, one.event,
        )  # fmt: skip
        assert kind in ("DeadlineSet", "DeadlineMoved"), one
