"""Changing the number of relay lanes, which follows that of the facts' Kafka partitions."""

import asyncio
from collections.abc import Iterable

import structlog
from aiokafka.admin import AIOKafkaAdminClient

from adapters.kafka.clients import closed
from adapters.kafka.relay_lane import Outlet
from adapters.kafka.relay_positions import settled, started, vector_of
from adapters.kafka.topics import administrator, partitions_of
from adapters.partitions import PARTITIONS
from adapters.postgres.relay import Change, Places
from domain.errors import Guarded

AT_ONCE = 16
"""Lanes that are ended beside each other."""
log = structlog.get_logger()


async def regroup(outlet: Outlet, topic: str) -> None:
    """See to it that there are as many lanes on record as partitions of `topic`.

    Where there were others, all of them are fenced before their positions are read, and Postgres
    takes over the highest of each partition. Raises Guarded where the topic itself changed again,
    Corrupt where it cannot be told what an old lane published.
    """
    if await outlet.store.lanes(outlet.lanes) == outlet.lanes:
        return
    async with outlet.store.changing() as change:
        if change.lanes == outlet.lanes:
            return  # another worker was faster
        async with administrator(outlet.kafka) as admin:
            if (size := await partitions_of(admin, topic)) != outlet.lanes:
                raise Guarded(f"{topic} has {size} partitions by now, not {outlet.lanes}")
            places: Places = {}
            for start in range(0, change.lanes, AT_ONCE):
                some = range(start, min(start + AT_ONCE, change.lanes))
                places |= await _ended(outlet, admin, change, some)
        await change.to(outlet.lanes, places)
    log.warning("relay lanes changed", old=change.lanes, new=outlet.lanes)


async def _ended(
    outlet: Outlet, admin: AIOKafkaAdminClient, change: Change, lanes: Iterable[int]
) -> Places:
    """Fence lanes for good; where their partitions stand."""
    await asyncio.gather(*(_fenced(outlet, lane) for lane in lanes))
    places: Places = {}
    for lane in lanes:
        found = await vector_of(admin, outlet.names, lane)
        standings = await change.standings(range(lane, PARTITIONS, change.lanes))
        places |= settled(lane, found, standings)
    return places


async def _fenced(outlet: Outlet, lane: int) -> None:
    await closed(await started(outlet.kafka, outlet.names, lane))
