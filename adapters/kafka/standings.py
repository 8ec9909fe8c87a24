"""How far what comes from Kafka was taken, and the watch over it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from adapters.kafka.reader import NEVER_READ, Owned, Reader
from adapters.watchdog import Stalled, Standing, Watchdog

Looking = Callable[[], Awaitable[Mapping[str, list[Standing] | None]]]
"""How each part of a process stands; none while a part does not know what is its own."""
LOOK_SECONDS = 5.0
LEAVE_SECONDS = 20.0
log = structlog.get_logger()


async def standings(reader: Reader) -> list[Standing] | None:
    """How the partitions of a reader stand; none while it is not known which are its own."""
    if not reader.claimed:
        return None
    owned = dict(reader.owned)
    ends = await reader.consumer.end_offsets(list(owned))
    return [
        Standing(
            one.topic, one.partition, await _taken(reader, one, own, ends[one]), ends[one],
            reader.in_hand.get(one),
        )
        for one, own in owned.items()
    ]  # fmt: skip


async def _taken(reader: Reader, one: TopicPartition, own: Owned, end: int) -> int:
    """Up to where a partition is done with; where nobody told a message, nothing is stored."""
    if own.stored != NEVER_READ:
        return own.stored
    read = one not in reader.in_hand and await reader.consumer.position(one) >= end
    return end if read else own.beginning


async def watched(work: Coroutine[Any, Any, None], look: Looking, watchdog: Watchdog) -> None:
    """Do the work under watch. Raises Stalled, and leaves the work, once something is stuck."""
    tasks = working, watching = (
        asyncio.create_task(work), asyncio.create_task(_watch(look, watchdog)),
    )  # fmt: skip
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watching.cancel()
        working.cancel()
        await asyncio.wait(tasks, timeout=LEAVE_SECONDS)
    for one in (watching, working):
        if one.done() and not one.cancelled():
            one.result()


async def _watch(look: Looking, watchdog: Watchdog) -> None:
    while True:
        with suppress(TimeoutError, KafkaError, OSError):
            async with asyncio.timeout(LOOK_SECONDS):
                for part, found in (await look()).items():
                    if found is not None:
                        watchdog.look(part, found)
        if (why := watchdog.stalled()) is not None:
            log.error("gave up", reason=why)
            raise Stalled(why)
        await asyncio.sleep(min(LOOK_SECONDS, watchdog.patience / 4))
