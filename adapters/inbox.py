"""The inbox: how a program that is not the writer of a partition hands facts to the one that is.

Rows wait in Postgres until the writer takes them, in the same transaction as what it made of them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.app import App
from adapters.clock import Clock
from adapters.messages import Message, understand
from adapters.parcels.matching import PLACE
from adapters.partitions import partition_of
from adapters.postgres.batch import Batch
from adapters.postgres.store import Store
from adapters.report import Report
from adapters.work import parked
from domain.errors import Refused, VillkorError

BATCH = 2_000
PATIENCE = 60.0
"""Seconds to wait for the writer, which shows life every few."""
Name = tuple[str, str, str, str]
"""(seller, order, source, id) of a message."""


class Untaken(VillkorError):
    """What was handed over is safe, and waits for its writer."""


async def drain(app: App, partitions: Sequence[int] | None = None) -> Report:
    """Take what others handed to these partitions (all that are owned), and what follows from it.

    What one stream tells another, and what is told because a parcel became known, says itself when
    it became known; of all else the inbox does.
    """
    report = Report()
    own = set(app.partitions)
    wanted = sorted(own if partitions is None else own & set(partitions))
    while wanted and (rows := await app.store.read_inbox(wanted, BATCH)):
        told = [Message(row["value"], row["place"], home=row["partition"]) for row in rows]
        for message, row in zip(told, rows, strict=True):
            dated = message.inside or message.place == PLACE
            message.recorded_at = None if dated else row["received_at"]
        report += await app.handle(told, inbox=[(row["partition"], row["id"]) for row in rows])
    return report


async def settled(app: App, until: datetime) -> Report:
    """Let deadlines lapse up to `until`, and whatever is owed between streams be told, until quiet.

    What others handed over is not this writer's to count.
    """
    report = await app.lapse(until)
    while (aside := await drain(app)).messages:
        report += replace(aside, taken=0, duplicates=0)
        report += await app.lapse(until)
    return report


async def leave(store: Store, told: Sequence[Message]) -> list[int]:
    """Leave messages in the inbox of their writers, all or none; the rows. Raises Refused."""
    return await store.put_inbox(
        (partition_of(understand(one).key), one.value, one.place) for one in told
    )


async def hand_over(
    store: Store, clock: Clock, told: Sequence[Message], woken: Callable[[], None] | None = None
) -> Report:
    """Give messages to the live writers, wake them, and wait until they have been taken.

    Raises Untaken where nobody takes them in time; they stay handed over.
    """
    names: list[Name] = []
    rows: list[tuple[int, bytes, str]] = []
    report, letters = Report(), Batch({})
    for message in told:
        try:
            one = understand(message)
        except Refused as error:
            report.parked += 1
            letters.dead_letters.append(parked(message, error, clock.now()))
        else:
            names.append((one.seller, one.order, one.told.source, one.told.id))
            rows.append((partition_of(one.key), message.value, message.place))
    await store.write(letters)
    before = await store.known(names)
    waiting = await store.put_inbox(rows)
    if woken is not None:
        woken()
    await taken(store, waiting)
    after = await store.known(names)
    report.taken = len(after - before)
    refused = [name for name in names if name not in after]
    report.duplicates = len(names) - report.taken - len(refused)
    report.parked += len(refused)
    return report


async def taken(store: Store, ids: Sequence[int]) -> None:
    """Wait until writers have taken these rows. Raises Untaken where they do not in time."""
    for _ in range(int(PATIENCE / 0.1)):
        if not await store.left_in_inbox(ids):
            return
        await asyncio.sleep(0.1)
    raise Untaken("the writer has not taken the facts yet; they wait in its inbox")
