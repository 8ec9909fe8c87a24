"""The log: one fenced writer a partition, all of a batch or nothing of it."""

from datetime import UTC, datetime

import pytest

from adapters.app import App
from adapters.clock import Clock
from adapters.partitions import murmur2, partition_of
from adapters.postgres.batch import Batch, Claim, DeadLetter, EventRow, Position
from adapters.postgres.store import Store
from adapters.terms import book
from domain.errors import Fenced, Guarded
from tests.facts import life, message

NOW = datetime(2024, 3, 5, tzinfo=UTC)


def event(partition: int, position: int) -> EventRow:
    return EventRow(
        partition, position, "allectra", f"A-{partition}", position, "Shipped", 1, NOW, NOW,
        "/test", f"m{position}", b"{}", b"{}", bytes(32),
    )  # fmt: skip


def batch_of(claim: Claim, positions: int = 1) -> Batch:
    """A batch that appends to a partition."""
    batch = Batch({claim.partition: claim})
    batch.events = [event(claim.partition, claim.position + one) for one in range(1, positions + 1)]
    batch.heads = {claim.partition: (claim.position + positions, b"h" * 32)}
    return batch


async def count(store: Store, table: str) -> int:
    found: int = await store.pool.fetchval(f"select count(*) from {table}")
    return found


async def test_claiming_raises_the_epoch(store: Store) -> None:
    first = await store.claim([7], "one")
    second = await store.claim([7], "one")
    assert (first[7].epoch, second[7].epoch) == (1, 2)


async def test_a_live_partition_is_not_claimed_by_another(store: Store) -> None:
    await store.claim([7], "one")
    with pytest.raises(Guarded, match="one is writing partition 7"):
        await store.claim([6, 7], "two")
    assert (await store.claim([7], "two", takeover=True))[7].epoch == 2


async def test_a_released_partition_is_free_at_once(store: Store) -> None:
    await store.release(list((await store.claim([7], "one")).values()))
    assert (await store.claim([7], "two"))[7].epoch == 2


async def test_of_two_writers_the_fenced_one_writes_nothing(store: Store) -> None:
    """The zombie's whole batch is rolled back: events, read models, parked messages."""
    zombie = (await store.claim([7], "one"))[7]
    owner = (await store.claim([7], "two", takeover=True))[7]
    late = batch_of(zombie, 3)
    late.dead_letters = [DeadLetter("here:1", b"x", "refused", "no", NOW)]
    with pytest.raises(Fenced):
        await store.write(late)
    assert (await count(store, "events"), await count(store, "dead_letters")) == (0, 0)
    await store.write(batch_of(owner))
    assert await count(store, "events") == 1
    with pytest.raises(Fenced):
        await store.heartbeat([zombie])


async def test_a_writer_that_missed_a_commit_writes_nothing(store: Store) -> None:
    """The same epoch at an older position is fenced too: positions are gapless."""
    claim = (await store.claim([7], "one"))[7]
    await store.write(batch_of(claim, 2))
    stale = Claim(7, claim.epoch, 1, claim.head)
    with pytest.raises(Fenced):
        await store.write(batch_of(stale, 5))
    assert await count(store, "events") == 2


async def test_one_lost_partition_rolls_the_whole_batch_back(store: Store) -> None:
    claims = await store.claim([6, 7], "one")
    await store.claim([7], "two", takeover=True)
    both = batch_of(claims[6])
    both.claims = claims
    both.events.append(event(7, 1))
    both.heads[7] = (1, b"h" * 32)
    with pytest.raises(Fenced):
        await store.write(both)
    assert await count(store, "events") == 0


async def test_an_inbound_position_moves_only_from_where_it_is_expected(store: Store) -> None:
    """Compare-and-set on epoch and offset, in the transaction of what was read."""
    claim = (await store.claim([7], "one"))[7]
    assert await store.position("facts", 7, 1) is None
    batch = batch_of(claim)
    batch.positions = [Position("facts", 7, 1, -1, 10)]
    await store.write(batch)
    assert await store.position("facts", 7, 2) == 10
    again = batch_of(Claim(7, claim.epoch, 1, claim.head))
    for stale in (Position("facts", 7, 1, 10, 20), Position("facts", 7, 2, 5, 20)):
        again.positions = [stale]
        with pytest.raises(Fenced, match="inbound"):
            await store.write(again)
    assert await count(store, "events") == 1


async def test_parking_twice_is_one_row(store: Store) -> None:
    claim = (await store.claim([7], "one"))[7]
    for sentence in ("first", "second"):
        batch = Batch({7: claim})
        batch.dead_letters = [
            DeadLetter("here:1", b"x", "unreadable", sentence, NOW),
            DeadLetter("here:2", b"y", "refused", sentence, NOW, "a", "b", 7, "/s", "m1"),
        ]
        await store.write(batch)
    letters = await store.dead_letters(10)
    assert [letter["sentence"] for letter in letters] == ["second", "second"]


async def test_what_was_discarded_stays_so(store: Store) -> None:
    claim = (await store.claim([7], "one"))[7]
    batch = Batch({7: claim})
    batch.dead_letters = [DeadLetter("here:1", b"x", "unreadable", "no", NOW)]
    await store.write(batch)
    [letter] = await store.dead_letters(10)
    assert await store.settle([letter["id"]], "discarded", "Ada", "a test message", NOW) == 1
    await store.write(batch)
    assert await store.dead_letters(10) == []


async def test_the_inbox_is_read_in_order_and_emptied_by_the_batch(store: Store) -> None:
    claims = await store.claim([1, 2], "one")
    ids = await store.put_inbox([(1, b"a", "x:1"), (2, b"b", "x:2"), (1, b"c", "x:3")])
    rows = await store.read_inbox([1], 10)
    assert [row["value"] for row in rows] == [b"a", b"c"]
    batch = Batch(claims)
    batch.inbox_taken = [row["id"] for row in rows]
    await store.write(batch)
    assert await store.left_in_inbox(ids) == 1


async def test_an_order_is_loaded_as_it_was_written(app: App, store: Store) -> None:
    """A writer that begins anew goes on where the last one stopped."""
    told = life("allectra", "A-1")
    await app.handle(told[:4])
    await app.release()
    other = await App.start(store, book(), "other", Clock())
    await other.claim()
    report = await other.handle(told)
    assert (report.taken, report.duplicates) == (len(told) - 4, 4)


async def test_statements_hold_for_all_columns_of_the_read_models(app: App, store: Store) -> None:
    """Rows written, loaded, folded again and written over: arrays and JSON come back equal."""
    told = life("allectra", 'A "1", {x}\\')
    for one in told:
        app.lanes[0].forget()
        app.lanes[1].forget()
        await app.handle([one])
    assert await count(store, "orders") == 1
    assert (await app.handle([message("InTransit", "allectra", "A-2", "m1", parcel="p1")])).taken


def test_the_partition_is_kafkas() -> None:
    """The same murmur2 as aiokafka's, on which a consumer of a fact is the writer of its order."""
    from aiokafka.partitioner import murmur2 as theirs

    for length in range(64):
        data = bytes((7 * n + length) % 256 for n in range(length))
        assert murmur2(data) & 0x7FFFFFFF == theirs(data) & 0x7FFFFFFF
    assert partition_of("allectra/A-1001") == (theirs(b"allectra/A-1001") & 0x7FFFFFFF) % 256
