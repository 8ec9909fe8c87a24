"""Closing a month: an event in every partition, after which postings go to the next month."""

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from adapters import acts
from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain, taken
from adapters.ledger import periods
from adapters.ledger.periods import Period, close
from adapters.messages import ACT, Message, telling
from adapters.partitions import PARTITIONS, partition_of, register_of
from adapters.postgres.store import Store
from adapters.rebuild import check, rebuild
from adapters.terms import book
from adapters.verify import verify
from domain.acts import PeriodClosed
from domain.errors import Guarded, Uncertain, VillkorError
from tests.facts import START, life, message, placed

MARCH = PeriodClosed(seller="allectra", month="2024-03", by="Ann", reason="month end")
APRIL = PeriodClosed(seller="allectra", month="2024-04", by="Ann")
LATER = START + timedelta(days=60)


async def closed(app: App, told: PeriodClosed = MARCH, now: Any = LATER) -> Period:
    """Close a month where the app is the writer."""

    async def take(rows: Iterable[int]) -> None:
        await drain(app)

    return await close(app.store, take, told, now)


async def booked(store: Store) -> list[tuple[str, date, date]]:
    """(order, period, booked) of every entry, in the order of the log."""
    rows = await store.pool.fetch(
        "select distinct partition, position, order_id, period, booked from postings "
        "order by partition, position"
    )
    return [(row["order_id"], row["period"], row["booked"]) for row in rows]


async def sound(store: Store) -> None:
    """Rebuild equals live, and verify finds nothing."""
    assert (await check(store)).differences == []
    assert (await verify(store, book())).differences == []


def paid(order: str, hours: float, known: float | None = None, id: str = "more") -> Message:
    return message("PaymentReceived", "allectra", order, id, hours, known, amount=1.0)


async def test_a_closed_month_is_an_event_in_every_partition(app: App, store: Store) -> None:
    """256 events of registers, hashed into their partitions' chains; who did it lies beside."""
    await app.handle(life("allectra", "A-1"))
    done = await closed(app)
    assert (done.state, done.by, done.reason, done.month) == (
        "closed", "Ann", "month end", date(2024, 3, 1)
    )  # fmt: skip
    rows = await store.pool.fetch(
        "select partition, order_id, body from events where type = 'PeriodClosed' order by 1"
    )
    assert [f"villkor/{row['order_id']}" for row in rows] == list(
        map(register_of, range(PARTITIONS))
    )
    assert not any(b"Ann" in row["body"] for row in rows)
    await sound(store)


async def test_what_is_posted_later_goes_to_the_next_open_month(app: App, store: Store) -> None:
    """It keeps the day on which it was booked; other sellers' books stay open."""
    await app.handle(life("allectra", "A-1") + life("netzilla", "N-1"))
    await closed(app)
    await app.handle([paid("A-1", 400), message("PaymentReceived", "netzilla", "N-1", "more", 400,
                                                amount=1.0)])  # fmt: skip
    late = [one for one in await booked(store) if one[1] != one[2].replace(day=1)]
    assert late == [("A-1", date(2024, 4, 1), date(2024, 3, 21))]
    await sound(store)


async def test_months_are_closed_one_after_the_other(app: App, store: Store) -> None:
    """After April is closed as well a fact of March is posted to May; March stays as it was."""
    await app.handle(life("allectra", "A-1"))
    await closed(app)
    await app.handle([paid("A-1", 400)])
    await closed(app, APRIL)
    await app.handle([paid("A-1", 401, id="again")])
    assert [period for _, period, _ in await booked(store)][-2:] == [
        date(2024, 4, 1), date(2024, 5, 1),
    ]  # fmt: skip
    await sound(store)


async def test_closing_twice_changes_nothing(app: App, store: Store) -> None:
    """The command finds it closed; registers that are told again know it, whoever tells. Who
    closed it and asks again hears the same.
    """
    await app.handle(life("allectra", "A-1"))
    first = await closed(app)
    events = await store.pool.fetchval("select count(*) from events")
    second = await closed(app, PeriodClosed(seller="allectra", month="2024-03", by="Bo"))
    assert (second, first.already, second.already) == (first, False, True)
    once_more = await closed(app)  # as who never heard the answer
    assert (once_more, once_more.already) == (first, False)
    again = PeriodClosed(seller="allectra", month="2024-03", by="Bo", reason="again")
    async with store.writing() as connection:
        await acts.tell(
            connection, [periods.act_of(again, one, LATER) for one in range(PARTITIONS)]
        )
    report = await drain(app)
    assert (report.passed, report.parked) == (PARTITIONS, 0)
    assert await store.pool.fetchval("select count(*) from events") == events


async def test_a_month_is_closed_only_when_it_is_over(app: App, store: Store) -> None:
    """By the clock in Stockholm: not at 22:59 UTC on the last day of winter time, but at 23:00."""
    await app.handle(life("allectra", "A-1"))
    for now, over in (("2024-03-31T21:59:59+00:00", False), ("2024-03-31T22:00:00+00:00", True)):
        moment = type(START).fromisoformat(now)
        if over:
            assert (await closed(app, now=moment)).state == "closed"
        else:
            with pytest.raises(Guarded, match="2024-03 is not over before 2024-04-01"):
                await closed(app, now=moment)


async def test_months_are_closed_in_order(app: App, store: Store) -> None:
    """While an earlier month has postings and is open a later one is not closed: it says which."""
    await app.handle([*life("allectra", "A-1"), paid("A-1", 24 * 40)])
    with pytest.raises(Guarded, match="2024-03 of allectra is still open and has postings"):
        await closed(app, APRIL)
    assert [one.state for one in await periods.periods(store.pool, None)] == ["open", "open"]
    await closed(app)
    assert (await closed(app, APRIL)).state == "closed"


async def test_months_without_postings_are_closed_with_a_later_one(app: App, store: Store) -> None:
    await app.handle(life("allectra", "A-1"))
    await closed(app)
    june = PeriodClosed(seller="allectra", month="2024-06", by="Bo")
    await closed(app, june, START + timedelta(days=200))
    [march, last] = await periods.periods(store.pool, "allectra")
    assert (march.state, march.by, last.state, last.by) == ("closed", "Ann", "closed", "Bo")


async def test_a_month_is_closing_until_all_partitions_have_it(app: App, store: Store) -> None:
    """Where a writer is away the rest waits in its inbox; the command says so, and told again
    it ends the work."""
    await app.handle(life("allectra", "A-1"))

    async def half(rows: Iterable[int]) -> None:
        await drain(app, range(100))

    with pytest.raises(VillkorError, match="not closed in every partition"):
        await close(store, half, MARCH, LATER)
    [march] = await periods.periods(store.pool, None)
    assert (march.state, march.partitions) == ("closing", 100)
    with pytest.raises(Guarded, match="2024-03 of allectra is still closing"):
        await closed(app, APRIL)
    assert (await closed(app)).state == "closed"
    await sound(store)


async def test_a_new_writer_knows_what_is_closed(app: App, store: Store) -> None:
    """It is loaded with the claim, from the log."""
    await app.handle(life("allectra", "A-1"))
    await closed(app)
    await app.release()
    other = await App.start(store, book(), "other", Clock())
    await other.claim()
    await other.handle([paid("A-1", 400)])
    assert (await booked(store))[-1][1] == date(2024, 4, 1)
    await other.release()
    await sound(store)


@pytest.mark.parametrize("inside", [True, False])
async def test_a_batch_in_which_it_comes_is_posted_on_both_sides(
    app: App, store: Store, inside: bool
) -> None:
    """In one batch: before the act to March, behind it to April, as the partition's order says."""
    key = f"allectra/{_in_partition(7)}"
    order = key.split("/")[1]
    await app.handle([placed("allectra", order)])
    said = periods.act_of(MARCH, 7, LATER)
    told = Message(telling(said), ACT, home=7)
    batch = [paid(order, 30, id="a"), told]
    if inside:
        batch.append(paid(f"{order}", 31, id="b"))
        other = _in_partition(7, 1)
        batch += [placed("allectra", other), paid(other, 32, id="c")]
    await app.handle(batch)
    if not inside:
        await app.handle([paid(order, 31, id="b")])
    rows = await store.pool.fetch(
        "select e.position, e.type, p.period from events e left join postings p "
        "using (partition, position) where e.partition = 7 group by 1, 2, 3 order by 1"
    )
    act = next(row["position"] for row in rows if row["type"] == "PeriodClosed")
    for row in rows:
        if row["period"] is not None:
            assert row["period"] == date(2024, 3 + (row["position"] > act), 1)
    assert any(row["position"] > act and row["period"] for row in rows)
    await sound(store)


def _in_partition(partition: int, nth: int = 0) -> str:
    """The n-th order of Allectra that lies in a partition."""
    there = (f"A-{one}" for one in range(100_000) if partition_of(f"allectra/A-{one}") == partition)
    for _ in range(nth):
        next(there)
    return next(there)


async def test_a_batch_that_was_not_written_closed_nothing(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the writer remembers is what was committed: a crash in the middle leaves March open."""
    await app.handle(life("allectra", "A-1"))
    write = Store.write

    async def broken(self: Store, batch: Any) -> None:
        raise Uncertain("the connection broke")

    monkeypatch.setattr(Store, "write", broken)
    with pytest.raises(Uncertain):
        await closed(app)
    monkeypatch.setattr(Store, "write", write)
    await app.handle([paid("A-1", 400)])
    assert {period for _, period, _ in await booked(store)} == {date(2024, 3, 1)}
    await drain(app)
    await app.handle([paid("A-1", 401, id="again")])
    assert (await booked(store))[-1][1] == date(2024, 4, 1)
    await sound(store)


async def test_rebuild_equals_live_under_load(store: Store) -> None:
    """Two writers tell facts of many partitions while the close is told, twice, and one of them
    is replaced: the month of each entry follows from its own partition alone."""
    halves = [range(PARTITIONS // 2), range(PARTITIONS // 2, PARTITIONS)]
    apps = [await App.start(store, book(), f"w{half}", Clock()) for half in (0, 1)]
    for one, half in zip(apps, halves, strict=True):
        await one.claim(half)
    orders = [f"A-{number}" for number in range(60)]
    begun, over = asyncio.Barrier(3), asyncio.Event()

    async def write(which: int) -> None:
        mine = [one for one in orders if partition_of(f"allectra/{one}") in halves[which]]
        await apps[which].handle([placed("allectra", one) for one in mine])
        await apps[which].handle([paid(one, 20, id="first") for one in mine])
        await begun.wait()
        for round in count():
            if which == 0 and round == 2:  # another takes its place
                apps[0] = await App.start(store, book(), "w2", Clock())
                await apps[0].claim(halves[0], takeover=True)
            await apps[which].handle([paid(one, 24 + round, id=f"m{round}") for one in mine])
            await drain(apps[which])
            if over.is_set():
                return

    async def tell() -> None:
        await begun.wait()
        both = (close(store, partial(taken, store), MARCH, LATER) for _ in range(2))
        assert [one.state for one in await asyncio.gather(*both)] == ["closed", "closed"]
        over.set()

    await asyncio.gather(write(0), write(1), tell())
    before = await booked(store)
    assert {period for _, period, _ in before} == {date(2024, 3, 1), date(2024, 4, 1)}
    assert await store.pool.fetchval("select count(*) from dead_letters") == 0
    await sound(store)
    await rebuild(store)
    assert await booked(store) == before
