"""Writers that meet: claims at one time, zombies, heartbeats across batches, hangs."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from adapters.postgres import sql
from adapters.postgres.batch import Batch, Claim, DeadLetter, EventRow, TimerRow
from adapters.postgres.store import Store
from domain.errors import Corrupt, Fenced, Guarded, Uncertain
from domain.terms.book import Edition

NOW = datetime(2024, 3, 5, tzinfo=UTC)


def batch_of(claims: dict[int, Claim]) -> Batch:
    """A batch of one event and one timer in each partition."""
    batch = Batch(claims)
    for partition, claim in claims.items():
        position, order = claim.position + 1, f"A-{partition}"
        batch.heads[partition] = (position, b"h" * 32)
        batch.events.append(
            EventRow(partition, position, "allectra", order, position, "Shipped", 1, NOW, NOW,
                     "/test", f"m{position}", b"{}", b"{}", bytes(32))
        )  # fmt: skip
        batch.timers.append(TimerRow("allectra", order, partition, NOW, b'{"x":"2024-03-05"}'))
    return batch


async def count(store: Store, table: str) -> int:
    found: int = await store.pool.fetchval(f"select count(*) from {table}")
    return found


async def test_of_two_that_claim_at_one_time_one_is_refused(store: Store) -> None:
    """Looking and claiming are one step: neither takes what the other has just taken."""
    answers = await asyncio.gather(
        *(store.claim(range(256), owner) for owner in ("one", "two")), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in answers) == ["Guarded", "dict"]


async def test_a_silent_owner_is_replaced(store: Store) -> None:
    """By the database's clock: fifteen seconds after its last sign of life."""
    await store.claim([7], "one")
    silent = "update partitions set heartbeat = clock_timestamp() - $1::interval"
    await store.pool.execute(silent, timedelta(seconds=sql.SIGN_OF_LIFE - 2))
    with pytest.raises(Guarded):
        await store.claim([7], "two")
    await store.pool.execute(silent, timedelta(seconds=sql.SIGN_OF_LIFE + 1))
    assert (await store.claim([7], "two"))[7].epoch == 2


async def test_a_zombies_timers_do_not_undo_the_owners(store: Store) -> None:
    """A batch without events, of duplicates only, is fenced like any other."""
    zombie = await store.claim([7], "one")
    owner = await store.claim([7], "two", takeover=True)
    await store.write(batch_of(owner))
    late = Batch(zombie, timers=[TimerRow("allectra", "A-7", 7, None, b"{}")])
    with pytest.raises(Fenced):
        await store.write(late)
    assert await store.due([7], NOW, 10) == [("allectra", "A-7", NOW)]
    assert await store.next_due([7]) == NOW


async def test_what_is_not_owned_is_not_written(store: Store) -> None:
    batch = batch_of(await store.claim([7], "one"))
    batch.claims = {}
    with pytest.raises(Fenced, match="partition 7 is not owned"):
        await store.write(batch)


async def test_the_owner_does_not_wait_for_a_zombie_that_hangs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that stopped inside its transaction is thrown out by the database."""
    monkeypatch.setattr(sql, "NOT_HUNG", sql.NOT_HUNG.replace("10s", "300ms"))
    zombie = await store.claim([7], "one")
    hung, freed = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> None:
        hung.set()
        await freed.wait()

    other = Store(store.pool, store.dsn)
    monkeypatch.setattr(other, "_beside", hang)
    late = asyncio.create_task(other.write(batch_of(zombie)))
    await hung.wait()
    owner = await store.claim([7], "two", takeover=True)
    async with asyncio.timeout(5):
        await store.write(batch_of(owner))
    freed.set()
    with pytest.raises(Uncertain):
        await late
    assert await count(store, "events") == 1


async def test_heartbeats_and_batches_of_many_partitions_do_not_lock_each_other_out(
    store: Store,
) -> None:
    """All lock partitions in one order, whatever the order of the batch."""
    claims = await store.claim(range(256), "one")
    backwards = dict(reversed(claims.items()))

    async def write(some: dict[int, Claim]) -> None:
        for _ in range(15):
            await store.write(batch_of(some))
            for claim in some.values():
                claim.position += 1

    async def beat() -> None:
        for _ in range(40):
            await store.heartbeat(list(backwards.values()))

    even = {p: claim for p, claim in backwards.items() if p % 2 == 0}
    odd = {p: claim for p, claim in claims.items() if p % 2 == 1}
    await asyncio.gather(write(even), write(odd), beat())
    assert await count(store, "events") == 15 * 256


async def test_two_lanes_pin_and_park_the_same_at_one_time(store: Store) -> None:
    claims = await store.claim([6, 7], "one")
    editions = [Edition("allectra", None, NOW.date(), {}, f"hash {n}") for n in range(200)]
    letters = [DeadLetter(f"f:{n}", b"%d" % n, "unreadable", "no", NOW) for n in range(200)]
    forth = Batch(claims, editions=editions, dead_letters=letters)
    back = replace(forth, editions=editions[::-1], dead_letters=letters[::-1])
    for _ in range(5):
        await asyncio.gather(store.write(forth), store.write(back))
    assert (await count(store, "editions"), await count(store, "dead_letters")) == (200, 200)


async def test_a_log_that_contradicts_itself_is_no_fence(store: Store) -> None:
    """The partition is ours and stands where we think, yet the event is there."""
    claims = await store.claim([7], "one")
    await store.write(batch_of(claims))
    await store.pool.execute("update partitions set position = 0 where partition = 7")
    with pytest.raises(Corrupt):
        await store.write(batch_of(claims))


async def test_an_inbound_partition_is_not_given_back_to_an_earlier_epoch(store: Store) -> None:
    assert await store.position("facts", 3, 5) is None
    with pytest.raises(Fenced, match="facts"):
        await store.position("facts", 3, 4)


async def test_a_connection_that_is_cut_leaves_the_batch_uncertain(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool mends itself: claim again, tell again."""

    async def cut(connection: asyncpg.Connection, batch: Batch) -> None:
        pid = connection.get_server_pid()
        await store.pool.execute("select pg_terminate_backend($1)", pid)
        await connection.execute("select 1")

    claims = await store.claim([7], "one")
    with monkeypatch.context() as patch:
        patch.setattr(store, "_move", cut)
        with pytest.raises(Uncertain, match="claim again"):
            await store.write(batch_of(claims))
    assert await count(store, "events") == 0
    await store.write(batch_of(await store.claim([7], "one")))
    assert await count(store, "events") == 1
