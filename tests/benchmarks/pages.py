"""What people ask of a large log: how long each question takes, one after the other."""

import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from time import perf_counter
from typing import Any

from adapters.asking import answer
from adapters.ledger.statement import statements
from adapters.ledger.trial import Span
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.sla import Filter, due
from adapters.terms import book
from deploy.demo.generate import SHOPS, TODAY
from tests.benchmarks.apart import Start

ACCOUNTS = (1510, 1930, 2420, 2611, 3001)
PAGE = 50
NOW = TODAY + timedelta(days=30)
Key = tuple[str, str]


async def asked(start: Start, dsn: str, keys: Sequence[Key], times: int) -> dict[str, list[float]]:
    """Milliseconds of each question, asked so many times: the median, and what 1 in 100 exceeds."""
    store = await Store.open(dsn)
    queries, editions, r = Queries(store.pool), book(), random.Random(1)

    async def as_of(seller: str, order: str) -> Any:
        row = await queries.order(order, seller)
        return await answer(store, editions, seller, order, row["last_event_at"], now=NOW)

    async def page(seller: str, order: str) -> Any:
        return [
            await queries.order(order, seller),
            await queries.timeline(seller, order),
            await queries.parcels(seller, order),
            await queries.deadlines(seller, order),
        ]

    async def sla(seller: str, _: str) -> Any:
        return await due(store.pool, Filter(seller), None, PAGE, now=NOW)

    async def statement(seller: str, _: str) -> Any:
        return await statements(store.pool, r.choice(ACCOUNTS), seller, Span(), PAGE)

    start()
    found = {}
    for name, ask in {"as_of": as_of, "order": page, "sla": sla, "statement": statement}.items():
        found[name] = await _timed(ask, [r.choice(keys) for _ in range(times)])
    await store.close()
    return found


async def _timed(ask: Callable[[str, str], Awaitable[Any]], keys: Sequence[Key]) -> list[float]:
    for seller in SHOPS:  # what is made once, or read for the first time, is not what is asked
        await ask(seller, next(order for shop, order in keys if shop == seller))
    took = []
    for key in keys:
        begun = perf_counter()
        await ask(*key)
        took.append(1e3 * (perf_counter() - begun))
    took.sort()
    return [took[len(took) // 2], took[len(took) * 99 // 100]]
