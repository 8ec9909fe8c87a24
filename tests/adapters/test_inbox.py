"""Programs that are not the writer of a partition hand their facts to the one that is."""

import asyncio

from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain, hand_over
from adapters.messages import Message
from adapters.partitions import partition_of
from adapters.postgres.store import Store
from tests.facts import life


async def test_facts_handed_over_are_taken_by_the_writer(app: App, store: Store) -> None:
    """Taken, known already and refused are told apart as in a file of one's own."""
    told = life("allectra", "A-1")
    await app.handle(told[:2])

    async def writing() -> None:
        while True:
            await drain(app)
            await asyncio.sleep(0.02)

    writer = asyncio.create_task(writing())
    report = await hand_over(store, Clock(), [*told, told[0], Message(b"{", "f:9")])
    writer.cancel()
    assert (report.taken, report.duplicates, report.parked) == (len(told) - 2, 3, 1)


async def test_what_was_handed_over_waits_for_its_writer(app: App, store: Store) -> None:
    """The row goes only with the transaction of what was made of it."""
    [one, *_] = life("allectra", "A-1")
    ids = await store.put_inbox([(partition_of("allectra/A-1"), one.value, one.place)])
    assert await store.left_in_inbox(ids) == 1
    assert (await drain(app)).taken == 1
    assert await store.left_in_inbox(ids) == 0
