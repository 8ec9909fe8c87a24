"""The sweep: what waits although its parcel is known is found, said aloud, and told."""

import time

import structlog

from adapters.postgres import parcels
from adapters.postgres.store import Store

EVERY_SECONDS = 60.0
log = structlog.get_logger()


class Sweeper:
    """Sweeps once in a while, however often it has a turn."""

    def __init__(self, store: Store) -> None:
        self.store, self.next = store, 0.0

    async def turn(self) -> None:
        if (now := time.monotonic()) >= self.next:
            self.next = now + EVERY_SECONDS
            await sweep(self.store)


async def sweep(store: Store) -> int:
    """Hand over what waits wrongly; of how many parcels there was some."""
    async with store.writing() as connection:
        keys = await parcels.sweep(connection)
    for carrier, number in keys:
        log.error("waited although its parcel was known", carrier=carrier, number=number)
    return len(keys)
