"""Telling: each post at its moment, until the broker has it, whatever becomes of the broker."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from adapters.kafka.clients import closed
from adapters.kafka.topics import FACTS
from adapters.partitions import partition_of
from tests.chaos.told import Post

AT_ONCE = 1_000
TICK_SECONDS = 0.1
PATIENCE_SECONDS = 20.0
FAILED = (KafkaError, OSError, asyncio.TimeoutError)


async def tell(bootstrap: str, posts: Sequence[Post], partitions: int, seconds: float) -> None:
    """Send all posts in the course of so many seconds.

    Where it is not known whether the broker has them, they are sent again: twice is harmless.
    """
    begun, sent = time.monotonic(), 0
    while sent < len(posts):
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
        try:
            await producer.start()
            while sent < len(posts):
                moment = (time.monotonic() - begun) / seconds
                due = [one for one in posts[sent : sent + AT_ONCE] if one.moment <= moment]
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await _send(producer, due, partitions)
                sent += len(due)
                await asyncio.sleep(TICK_SECONDS)
        except FAILED:
            await asyncio.sleep(TICK_SECONDS)
        finally:
            with suppress(*FAILED):
                await closed(producer)


async def _send(producer: AIOKafkaProducer, posts: Sequence[Post], partitions: int) -> None:
    sent = []
    for one in posts:
        home = partition_of(one.key.decode()) % partitions
        partition = home if one.partition is None else one.partition
        sent.append(await producer.send(FACTS, one.value, one.key, partition))
    await asyncio.gather(*sent)
