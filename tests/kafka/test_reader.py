"""The reader's turns, with a client that does what the real one does only now and then."""

import time

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NoOffsetForPartitionError

from adapters.app import App
from adapters.kafka.reader import Owned, Reader


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
