"""The live read models, in the form in which a replay gives them."""

from typing import Any

import asyncpg

from adapters.canonical import TableSum
from adapters.postgres.connect import connected
from projections import PROJECTIONS
from projections.projection import AnyProjection

AT_A_TIME = 5_000


async def tables(dsn: str) -> dict[str, dict[str, Any]]:
    """Rows and digest of every table, as `tables` of a replay has them."""
    connection = await connected(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            sums = {one.table: await _sum(connection, one) for one in PROJECTIONS}
    finally:
        await connection.close()
    return {table: {"rows": one.rows, "digest": one.hex} for table, one in sums.items()}


async def _sum(connection: asyncpg.Connection, projection: AnyProjection) -> TableSum:
    found = TableSum()
    cursor = await connection.cursor(all_of(projection))
    while rows := await cursor.fetch(AT_A_TIME):
        found.take(projection, [tuple(row) for row in rows])
    return found


def all_of(projection: AnyProjection) -> str:
    columns = ", ".join(column.name for column in projection.columns)
    return f"select {columns} from {projection.table}"
