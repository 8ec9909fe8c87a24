"""The reader's turns, with a client that does what the real one does only now and then."""

import time

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NoOffsetForPartitionError

from adapters.app import App
from adapters.kafka.reader import Owned, Reader
from adapters.partitions import partition_of
from adapters.postgres.store import Store
from tests.facts import placed


async def test_who_owns_nothing_yet_cannot_have_lost_its_place(app: App) -> None:
    """The client may look for an offset before it says that the partition is assigned."""

    class Consumer:
        async def getmany(self, *_: TopicPartition, **__: int) -> None:
            raise NoOffsetForPartitionError("facts[0]")

    reader = Reader(app, Consumer(), None, None, "facts", 4)  # type: ignore[arg-type]
    assert await reader._poll() == {}
    reader.owned = {TopicPartition("facts", 0): Owned(1, 10, time.monotonic())}
    with pytest.raises(NoOffsetForPartitionError):
        await reader._poll()


async def test_what_is_handed_over_waits_until_its_partition_is_read(
    app: App, store: Store
) -> None:
    """It became known after what lies there unread, and would move the order's clock past that."""
    read, behind = TopicPartition("facts", 0), TopicPartition("facts", 1)
    positions = {read: 10, behind: 4}

    class Consumer:
        async def position(self, one: TopicPartition) -> int:
            return positions[one]

    class Ends:
        async def end_offsets(self, those: list[TopicPartition]) -> dict[TopicPartition, int]:
            return dict.fromkeys(those, 10)

    reader = Reader(app, Consumer(), Ends(), None, "facts", 4)  # type: ignore[arg-type]
    reader.owned = {one: Owned(1, 10, time.monotonic()) for one in positions}
    handed = [placed("gandalf", f"A-{number}") for number in range(16)]
    rows = [(partition_of(f"gandalf/A-{number}"), one.value, one.place)
            for number, one in enumerate(handed)]  # fmt: skip
    ids = await store.put_inbox([row for row in rows if row[0] % 4 < 2])
    late = [row for row in rows if row[0] % 4 == 1]
    assert 0 < len(late) < len(ids)
    await reader._keep_time()
    assert await store.left_in_inbox(ids) == len(late)
    positions[behind] = 10
    await reader._keep_time()
    assert await store.left_in_inbox(ids) == 0
