"""Storage alone: decided events appended, beside COPY of the same rows ready made."""

from collections.abc import Sequence
from time import perf_counter

import asyncpg

from adapters.codec import decode, encode
from adapters.postgres.batch import Batch, EventRow
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.rules import rules_digest
from adapters.seal import Sealing
from domain.events import AnyEvent
from tests.benchmarks.apart import Start, fresh
from tests.benchmarks.live import writer

AT_ONCE = 4_000
"""Events in a transaction."""
Events = list[tuple[EventRow, AnyEvent]]


async def events_of(dsn: str, most: int) -> Events:
    """The first events of every partition of a log, in their order, and as they were decided."""
    store = await Store.open(dsn)
    rows = await store.pool.fetch(
        "select * from events order by position, partition limit $1", most
    )
    await store.close()
    found = [EventRow(*row) for row in rows]
    return [(one, decode(one.key, one.version, one.recorded_at, one.stored)) for one in found]


async def appended(start: Start, source: str, dsn: str, most: int) -> float:
    """Events a second: encoded, sealed into their chains, copied, fenced, committed."""
    events, rules = await events_of(source, most), rules_digest()
    async with writer(dsn, "append") as app:
        claims = {one.partition: one for one in app.claims}
        start()
        begun = perf_counter()
        for at in range(0, len(events), AT_ONCE):
            batch = Batch(claims)
            sealing = Sealing(batch)
            for row, event in events[at : at + AT_ONCE]:
                stored = encode(event, rules)
                sealing.seal(row.partition, row.seller, row.order_id, event, stored)
            await app.store.write(batch)
            for partition, (position, head) in batch.heads.items():
                claims[partition].position, claims[partition].head = position, head
        return len(events) / (perf_counter() - begun)


async def copied(start: Start, source: str, dsn: str, most: int) -> float:
    """Events a second: asyncpg's COPY of the same rows, each time one transaction."""
    rows = [row for row, _ in await events_of(source, most)]
    connection = await asyncpg.connect(dsn)
    start()
    begun = perf_counter()
    for at in range(0, len(rows), AT_ONCE):
        await connection.copy_records_to_table(
            "events", records=rows[at : at + AT_ONCE], columns=EventRow._fields
        )
    seconds = perf_counter() - begun
    await connection.close()
    return len(rows) / seconds


async def decoded(start: Start, source: str, most: int) -> float:
    """Events a second: the same bytes decoded, from memory, and nothing done with them."""
    rows: Sequence[EventRow] = [row for row, _ in await events_of(source, most)]
    start()
    begun = perf_counter()
    for row in rows:
        decode(row.key, row.version, row.recorded_at, row.stored)
    return len(rows) / (perf_counter() - begun)


async def empty(dsn: str, name: str) -> str:
    """A database with the tables and nothing in them."""
    made = await fresh(dsn, name)
    await migrate(made)
    return made
