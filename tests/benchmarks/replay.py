"""The whole log again: verified, and folded anew into all read models."""

from dataclasses import dataclass
from time import perf_counter

from adapters.postgres.store import Store
from adapters.rebuild import rebuild
from adapters.terms import book
from adapters.verify import verify
from tests.benchmarks.apart import Start


@dataclass(slots=True)
class Again:
    events: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds


async def verified(start: Start, dsn: str, processes: int) -> Again:
    """Decided again and compared, with hash chains and rows; there must be no difference."""
    store = await Store.open(dsn)
    start()
    begun = perf_counter()
    found = await verify(store, book(), processes=processes)
    seconds = perf_counter() - begun
    await store.close()
    assert not found.differences, found.differences[:3]
    return Again(found.events, seconds)


async def rebuilt(start: Start, dsn: str, processes: int) -> Again:
    """Folded beside the live rows, written, indexed and swapped."""
    store = await Store.open(dsn)
    start()
    begun = perf_counter()
    found = await rebuild(store, processes=processes)
    seconds = perf_counter() - begun
    await store.close()
    return Again(found.events, seconds)
