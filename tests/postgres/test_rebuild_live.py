"""Rebuild while writers go on: nothing is missed, and nobody writes on rows of before."""

import asyncio
from typing import Any

import pytest

from adapters import rebuild as rebuilding
from adapters.app import App
from adapters.clock import Clock
from adapters.messages import Message
from adapters.postgres.batch import Batch
from adapters.postgres.store import Store
from adapters.rebuild import check, rebuild
from domain.errors import Swapped
from tests.facts import life, message
from tests.postgres.test_rebuild import lives, then

# -- while writers go on -------------------------------------------------------------------------


async def test_what_is_told_at_any_step_is_not_missed(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of new orders, and of orders that are beside already, in the middle of their lives."""
    told = [life("allectra", f"A-{number}") for number in range(1, 41)]
    await app.handle([fact for facts in told[:20] for fact in facts[:3]])
    step = iter(range(3, 6))

    async def tell() -> None:
        if (number := next(step, None)) is not None:
            facts = [facts[number] for facts in told[:20]] + told[20 + number]
            assert (await app.handle(facts)).taken == len(facts)

    for name in ("fold", "complete", "catch_up"):
        then(monkeypatch, rebuilding._Rebuild, name, tell)
    await rebuild(store)
    assert next(step, None) is None
    assert (await check(store)).differences == []
    assert await store.pool.fetchval("select count(*) from orders") == 23
    assert (await app.handle([one for facts in told for one in facts])).taken == 20 + 17 * 7


async def test_more_than_can_wait_is_folded_before_the_writers_are_held(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "LITTLE", 10)
    monkeypatch.setattr(rebuilding, "SHORTEST", 0.0)
    await app.handle(lives(1))
    numbers, swaps = iter((2, 3)), []
    swapped = rebuilding._Rebuild.swapped

    async def counted(one: Any) -> bool:
        swaps.append(await swapped(one))
        return swaps[-1]

    async def tell() -> None:
        if number := next(numbers, 0):
            await app.handle(lives(1, number))

    monkeypatch.setattr(rebuilding._Rebuild, "swapped", counted)
    then(monkeypatch, rebuilding._Rebuild, "catch_up", tell)
    await rebuild(store)
    assert swaps == [False, False, True]
    assert (await check(store)).differences == []


async def test_writers_go_on_while_the_log_is_folded(app: App, store: Store) -> None:
    """Under load from beginning to end: nothing is missed, and much came during the fold."""
    await app.handle(lives(30))
    numbers, progress = iter(range(31, 10_000)), []

    async def load() -> None:
        while True:
            number = next(numbers)
            await app.handle([*lives(1, number), *life("sweeto", f"A-{number % 7}")])
            await app.handle([message("InTransit", "allectra", f"A-{1 + number % 30}", f"t{number}",
                                      400 + number, parcel="p1")])  # fmt: skip

    loading = asyncio.create_task(load())
    events = "select count(*) from events"

    def note(done: int, of: int) -> None:
        progress.append((done, of))

    before = await store.pool.fetchval(events)
    done = await rebuild(store, progress=note, processes=2)
    during = await store.pool.fetchval(events)
    assert not loading.done()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert before < progress[0][1] <= done.events <= during
    assert done.events > progress[0][1], "nothing was written while the log was folded"
    app.lanes[0].forget()
    app.lanes[1].forget()
    await app.release()
    await app.claim()
    await app.handle(lives(1, 20_000))
    assert (await check(store)).differences == []


async def test_check_compares_at_one_instant(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told meanwhile is no difference."""
    await app.handle(lives(3))
    numbers = iter(range(4, 100))
    then(monkeypatch, rebuilding, "check_partition", lambda: app.handle(lives(2, next(numbers))))
    found = await check(store, processes=1)
    assert (found.differing, found.rows["orders"]) == (0, 3)
    assert next(numbers) > 4


# -- nobody writes on rows of before -------------------------------------------------------------


@pytest.fixture
async def stale(app: App, store: Store) -> list[Message]:
    """A writer that has a wrong row of an order, and what it is to be told next."""
    told = life("allectra", "A-1")
    await app.handle(told[:5])
    wrong = "update orders set dossier = jsonb_set(dossier::jsonb, '{stands,booked}', '{}')::text"
    await store.pool.execute(wrong)
    for lane in app.lanes:
        lane.forget()
    await app.handle(told[:1])  # a duplicate: the order is in memory now, with its rows
    return told[5:]


@pytest.mark.parametrize("when", ["before", "while it writes"])
async def test_a_batch_is_folded_on_the_rows_that_are_live(
    app: App, store: Store, stale: list[Message], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Swapped before a batch, or while it is written: it is told again, once, on the new rows."""
    swaps = 0

    async def swap(*_: Any) -> None:
        nonlocal swaps
        if not swaps:
            swaps += 1
            await rebuild(store)

    if when == "before":
        await swap()
    else:
        write = store.write

        async def late(batch: Batch) -> None:
            await swap()
            await write(batch)

        monkeypatch.setattr(store, "write", late)
    report = await app.handle(stale)
    assert (swaps, report.taken, report.parked) == (1, len(stale), 0)
    assert (await check(store)).differences == []
    assert await store.pool.fetchval("select max(epoch) from partitions") == 1, "nobody claimed"


async def test_a_deadline_that_lapses_is_folded_on_the_rows_that_are_live(
    app: App, store: Store, stale: list[Message]
) -> None:
    await rebuild(store)
    assert (await app.lapse(Clock().now())).lapsed
    assert (await check(store)).differences == []


async def test_a_batch_on_rows_of_before_writes_nothing(app: App, store: Store) -> None:
    await app.handle(lives(1))
    [claim] = [one for one in app.claims if one.position]
    before = await store.pool.fetchval("select models from partitions limit 1")
    await rebuild(store)
    batch = Batch({claim.partition: claim}, heads={claim.partition: (claim.position, claim.head)})
    with pytest.raises(Swapped) as swapped:
        await store.write(batch)
    assert swapped.value.models == {claim.partition: before + 1}
