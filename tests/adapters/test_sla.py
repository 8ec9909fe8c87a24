"""What falls due: bands by the clocks of Stockholm, and refunds that stay until they are paid."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

import asyncpg
import pytest

from adapters import sla_sums
from adapters.app import App
from adapters.asking import answer
from adapters.cli.demo import NOW
from adapters.clock import Clock
from adapters.messages import Message
from adapters.moves import moves
from adapters.postgres import beside
from adapters.postgres.migrate import scripts
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.rebuild import check, rebuild
from adapters.sla import Band, Board, Due, Filter, Sum, band_of, bands, due
from adapters.sla_sums import add_up
from adapters.terms import book
from domain.calendar import INSTANT, moment
from tests.facts import START, life, message
from tests.http.test_orders import most_rows

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
            for key, found in groups.items():
                there = [one for one in own if key in (
                    one.clauses if name == "clause" else (getattr(one, name),)
                )]  # fmt: skip
                assert found[band].count == len(there), (name, key)
                assert sum(found[band].at_risk.values()) == sum(one.amount for one in there)


@pytest.fixture
async def teller(demo_copy: str) -> AsyncIterator[App]:
    """A writer of a demo of the test's own."""
    store = await Store.open(demo_copy)
    one = await App.start(store, book(), "test", Clock(NOW))
    await one.claim()
    yield one
    await one.release()
    await store.close()


def paid_back(order: str, id: str, amount: int) -> Message:
    event = {
        "specversion": "1.0", "id": id, "source": "/test", "type": "RefundPaid",
        "seller": "allectra", "subject": order, "time": NOW.isoformat(),
        "data": {"amount": amount / 100},
    }  # fmt: skip
    return Message(json.dumps(event).encode(), id)


async def test_a_refund_that_was_not_paid_in_time_stays_past_due_until_it_is(
    pool: asyncpg.Pool, teller: App
):
    """It has lapsed, and is the most urgent of all; what is left of it is what is at risk."""
    wanted = Filter("allectra", kind="refund")
    late = [one for one in await _all(pool, wanted) if one.band == Band.PAST_DUE]
    assert [one.order for one in late] == ["ALL-0019", "ALL-0006", "ALL-0013", "ALL-0007"]
    assert {one.state for one in late} == {"lapsed"}
    await teller.handle([paid_back("ALL-0019", "some", 400_000)])
    assert (await _all(pool, wanted, Band.PAST_DUE))[0].amount == late[0].amount - 400_000
    before = (await bands(pool, wanted, NOW)).bands[Band.PAST_DUE]
    await teller.handle([paid_back("ALL-0019", "rest", late[0].amount - 400_000)])
    after = (await bands(pool, wanted, NOW)).bands[Band.PAST_DUE]
    assert [one.order for one in await _all(pool, wanted, Band.PAST_DUE)] == [
        "ALL-0006", "ALL-0013", "ALL-0007"
    ]  # fmt: skip
    assert before.count - after.count == 1


async def test_of_two_refunds_that_are_late_the_one_that_was_paid_waits_no_more(
    app: App, store: Store
):
    """No more is at risk than is owed; the order's page, its row and the sums say the same."""
    told = [
        message("OrderPlaced", "allectra", "A-1", "placed", customer={"kind": "consumer"},
                lines=[{"line": line, "sku": line, "category": "home", "unit_price": price}
                       for line, price in (("1", 1000.0), ("2", 500.0))],
                shipping={"method": "standard", "price": 49.0}, payment={"method": "card"}),
        message("OrderConfirmed", "allectra", "A-1", "confirmed", 1),
        message("PaymentReceived", "allectra", "A-1", "paid", 1, amount=1549.0),
        message("Shipped", "allectra", "A-1", "shipped", 24, parcel="p1", lines=["1", "2"]),
        message("Delivered", "allectra", "A-1", "delivered", 48, parcel="p1"),
        *(message(type, "allectra", "A-1", f"{type}{line}", hours + int(line), lines=[line])
          for type, hours in (("WithdrawalNotified", 60), ("ReturnReceived", 80))
          for line in ("1", "2")),
        message("RefundPaid", "allectra", "A-1", "b1", 24 * 60, amount=1000.0,
                refund="withdrawal:#WithdrawalNotified1"),
    ]  # fmt: skip
    await app.handle(told)
    await add_up(store.pool)
    board = await bands(store.pool, Filter(kind="refund"), NOW)
    assert board.bands[Band.PAST_DUE] == Sum(1, {"SEK": 549_00})
    [late] = await due(store.pool, Filter(kind="refund"), None, 9, now=NOW)
    assert (late.subject, late.state, late.amount) == ("#WithdrawalNotified2", "lapsed", 549_00)
    found = await answer(store, app.book, "allectra", "A-1", now=NOW)
    assert [(one.subject, one.amount) for one in moves(found) if one.is_late] == [
        (late.subject, late.amount)
    ]
    assert await store.pool.fetchval("select refunds - repaid from orders") == late.amount
    assert (await check(store)).differing == 0
    await app.handle([message("RefundPaid", "allectra", "A-1", "b2", 24 * 61, amount=549.0)])
    assert await due(store.pool, Filter(kind="refund"), None, 9, now=NOW) == []
    assert await store.pool.fetchval("select next_deadline from orders") != "refund"


async def test_money_at_risk_is_summed_by_currency(pool: asyncpg.Pool):
    """How deadlines end is one row of a kind, whatever its currencies."""
    before = await Queries(pool).sla("allectra", NOW)
    [one] = [row for row in before if row["kind"] == "refund"]
    await pool.execute("update deadlines set currency = 'EUR' where order_id = 'ALL-0019'")
    [two] = [row for row in await Queries(pool).sla("allectra", NOW) if row["kind"] == "refund"]
    assert set(two["at_risk"]) == {"EUR", "SEK"}
    assert sum(two["at_risk"].values()) == one["at_risk"]["SEK"]
    assert two | {"at_risk": {}} == one | {"at_risk": {}}


async def test_a_row_leads_to_the_event_that_set_it(pool: asyncpg.Pool):
    """By its version, whether or not the deadline is about a parcel."""
    for one in await _all(pool):
        kind = await pool.fetchval(
            "select type from timeline where (seller, order_id, version) = ($1, $2, $3)",
            one.seller, one.order, one.event,
        )  # fmt: skip
        assert kind in ("DeadlineSet", "DeadlineMoved"), one


# -- sums ----------------------------------------------------------------------------------------

FILTERS = (Filter(), Filter(carrier="postnord"), Filter(clause="DAL-2:14"), Filter(party="seller"))


COUNTED = """
    select coalesce(sum(count) filter (where lapses_at < 'infinity'), 0),
           coalesce(sum(count) filter (where lapses_at = 'infinity'), 0) from deadline_sums
"""


async def boards(pool: asyncpg.Pool) -> list[Board]:
    return [await bands(pool, wanted, NOW) for wanted in FILTERS]


async def test_counts_are_exact_at_any_moment(app: App, store: Store):
    """Before they are added up, and after; of more that is told; after a rebuild, and anew."""
    pool = store.pool
    first, more = life("allectra", "A-1"), life("netzilla", "N-1")
    for told in (first[:2], first[2:], more[:3], more[3:]):
        await app.handle(told)
        waits = await pool.fetchval("select count(*) from deadlines where at_risk is not null")
        before = await boards(pool)
        assert sum(one.count for one in before[0].bands.values()) == waits
        assert len(await due(pool, Filter(), None, 99, now=NOW)) == waits
        await add_up(pool)
        assert await boards(pool) == before
        assert tuple(await pool.fetchrow(COUNTED)) == (waits, waits)
        assert await pool.fetchval("select count(*) from deadline_moves") == 0
    await rebuild(store, ["sla"])
    assert await pool.fetchval(sla_sums.STALE)
    assert await boards(pool) == before
    await app.handle([message("WithdrawalNotified", "netzilla", "N-1", "w", 360)])
    moved = await boards(pool)
    assert moved != before
    await add_up(pool)
    assert not await pool.fetchval(sla_sums.STALE)
    assert await boards(pool) == moved
    async with pool.acquire() as connection:
        assert await sla_sums.differences(connection) == []


async def test_who_has_a_parcel_is_known_to_its_deadlines(app: App, store: Store):
    """A parcel's own carrier, or that of all parcels; also of what was due before it was told."""
    sent = [
        message("Shipped", "allectra", "A-1", f"s{number}", 30 + number, parcel=f"p{number}",
                carrier=carrier, lines=["1"])
        for number, carrier in ((2, "postnord"), (3, "dhl"))
    ]  # fmt: skip
    carriers = "select carrier, subject from deadlines where at_risk is not null"
    await app.handle(life("allectra", "A-1")[:3])
    assert {row[0] for row in await store.pool.fetch(carriers)} == {None}
    await app.handle(sent[:1])
    assert {row[0] for row in await store.pool.fetch(carriers)} == {"postnord"}
    await app.handle(sent[1:])
    for carrier, subject in await store.pool.fetch(carriers):
        assert carrier == {"p2": "postnord", "p3": "dhl"}.get(subject.partition("#")[0])
    found = await due(store.pool, Filter(carrier="dhl"), None, 9, now=START)
    assert {one.carrier for one in found} <= {"dhl"}


async def test_deadlines_rebuilt_alone_know_their_orders(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
):
    """Also those of which more is told while that is going on: they are folded whole."""
    await app.handle(life("allectra", "A-1"))
    await store.pool.execute("update deadlines set carrier = 'x', at_risk = 1, currency = 'EUR'")
    complete = beside.complete

    async def told_meanwhile(*given: Any) -> None:
        await app.handle([message("Shipped", "allectra", "A-1", "late", 352, parcel="p9",
                                  carrier="postnord", lines=["1"])])  # fmt: skip
        await complete(*given)

    monkeypatch.setattr(beside, "complete", told_meanwhile)
    await rebuild(store, ["sla"])
    assert (await check(store)).differing == 0


async def test_a_database_of_before_is_brought_to_what_a_rebuild_gives(
    pool: asyncpg.Pool, teller: App
):
    """The file of the schema that adds the columns fills them."""
    [script] = [sql for _, name, sql in scripts() if name == "017_board.sql"]
    update = script[script.index("update deadlines") :].partition(";")[0]
    await pool.execute("update deadlines set carrier = null, currency = null, at_risk = null")
    await pool.execute(update)
    assert (await check(teller.store, ["sla"])).differing == 0
    await pool.execute("update read_models set version = 1 where name = 'sla'")
    assert await teller.store.outdated() == ["sla"]  # of several refunds it cannot tell each rest


MANY = """
    insert into deadlines
    select 'allectra', 'X-' || n, 'retention', 'p' || n % 7, '2027-01-01',
           timestamptz '2027-01-01' + n % 40 * interval '1 day', 'seller', 'open', 100,
           '{ALL-1}', null, case when n % 5000 = 0 then 'bring' else 'postnord' end, 'SEK', 100
    from generate_series(1, 50000) n;
    insert into orders
    select 'allectra', 'X-' || n, 'placed', null, null, null, 'SEK', now(), 0, 0, 0, 0, 0, 0, 0,
           null, null, now(), 1, ''
    from generate_series(1, 50000) n;
    delete from deadlines_summed;
"""


class Told:
    """A pool that counts the rows that a step of what it is asked reads, at most."""

    def __init__(self, pool: asyncpg.Pool, store: Store) -> None:
        self.pool, self.store, self.most = pool, store, 0
        self.fetchval = pool.fetchval

    async def fetch(self, query: str, *values: Any) -> Any:
        self.most = max(self.most, await most_rows(self.store, query, list(values)))
        return await self.pool.fetch(query, *values)


async def test_a_board_of_many_deadlines_reads_few_rows(pool: asyncpg.Pool, teller: App):
    """Counts come from sums; a list reads what it shows, also of what is rare among many."""
    await pool.execute(MANY)
    await pool.execute("analyze deadlines, orders")
    await add_up(pool)
    await pool.execute("analyze deadline_sums, deadline_moves")
    told = Told(pool, teller.store)
    asked = cast(asyncpg.Pool, told)
    rare = Filter("allectra", carrier="bring")
    for wanted in (Filter(), Filter("allectra"), Filter(carrier="postnord"), rare):
        board = await bands(asked, wanted, NOW)
        rows = await due(asked, wanted, Band.LATER, 51, now=NOW)
        assert len(rows) == min(51, board.bands[Band.LATER].count)
        again = await due(asked, wanted, None, 51, rows[-1].place, now=NOW)
        assert {one.place for one in again}.isdisjoint(one.place for one in rows)
        assert told.most <= 5_000, wanted
    assert len([one for one in rows if one.order.startswith("X-")]) == 10
