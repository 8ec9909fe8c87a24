"""The sweep: what waits although its parcel is known is found, said aloud, and told."""

import structlog

from adapters.postgres import parcels
from adapters.postgres.store import Store

log = structlog.get_logger()


async def sweep(store: Store) -> int:
    """Hand over what waits wrongly; of how many parcels there was some."""
    async with store.writing() as connection:
        keys = await parcels.sweep(connection)
    for carrier, number in keys:
        log.error("waited although its parcel was known", carrier=carrier, number=number)
    return len(keys)
