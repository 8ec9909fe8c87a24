"""Rebuild: the read models from the log alone, beside the live ones, then swapped or compared.

One partition at a time: its events fold from nothing into fresh rows, which go by COPY into tables
beside the live ones. `--check` compares them row for row; otherwise they take the others' place in
one transaction, in which the partitions are held.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import asyncpg

from adapters.codec import decode
from adapters.postgres.batch import Claim
from adapters.postgres.sql import HOLD_PARTITIONS
from adapters.postgres.store import Store
from domain.errors import Fenced, VillkorError
from projections import PROJECTIONS, rebuilt_with
from projections.fold import Changes, Rows, fold_events
from projections.projection import AnyProjection, Appended, Recorded

SHOWN = 5
"""Rows of a difference that are printed."""


@dataclass(slots=True)
class Rebuilt:
    """What was done: events read, rows a table, and where the live rows differ."""

    events: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


async def rebuild(
    store: Store,
    claims: Sequence[Claim],
    names: Sequence[str],
    *,
    check: bool,
    progress: Callable[[int], None] = lambda _: None,
) -> Rebuilt:
    """Fold the log anew into the read models named (all). Raises VillkorError for no such one."""
    try:
        wanted = rebuilt_with(frozenset(names))
    except KeyError as error:
        known = ", ".join(one.name for one in PROJECTIONS)
        raise VillkorError(f"there is no read model {error}; there are {known}") from error
    result = Rebuilt()
    async with store.pool.acquire() as connection, connection.transaction():
        await _hold(connection, claims)
        for one in wanted:
            await connection.execute(
                f"create temporary table rebuilt_{one.table} (like {one.table}) on commit drop"
            )
        for partition, *_ in await store.partitions():
            changes = Changes()
            result.events += await _fold(store, partition, wanted, changes)
            for one in wanted:
                rows = _rows(one, changes)
                result.rows[one.table] = result.rows.get(one.table, 0) + len(rows)
                await connection.copy_records_to_table(
                    f"rebuilt_{one.table}", records=rows,
                    columns=[column.name for column in one.columns],
                )  # fmt: skip
            progress(1)
        for one in wanted:
            if check:
                result.differences += await _compare(connection, one)
            else:
                await _swap(connection, one)
    return result


async def _hold(connection: asyncpg.Connection, claims: Sequence[Claim]) -> None:
    """Nobody appends meanwhile. Raises Fenced where a partition is another's by now."""
    mine = {claim.partition: claim.epoch for claim in claims}
    held = await connection.fetch(HOLD_PARTITIONS, sorted(mine))
    if {row["partition"]: row["epoch"] for row in held} != mine:
        raise Fenced


async def _fold(
    store: Store, partition: int, wanted: tuple[AnyProjection, ...], changes: Changes
) -> int:
    by_order: dict[str, list[Recorded]] = {}
    count = 0
    async for row in store.read_events(partition):
        event = decode(row.key, row.version, row.recorded_at, row.stored)
        recorded = Recorded(event, row.seller, row.order_id, partition, row.position)
        by_order.setdefault(row.key, []).append(recorded)
        count += 1
    for events in by_order.values():
        fold_events(events, Rows(), changes, wanted)
    return count


def _rows(projection: AnyProjection, changes: Changes) -> list[tuple[object, ...]]:
    if isinstance(projection, Appended):
        return changes.appended.get(projection.table, [])
    return list(changes.upserted.get(projection.table, {}).values())


async def _compare(connection: asyncpg.Connection, one: AnyProjection) -> list[str]:
    """Rows that only one side has."""
    columns = ", ".join(column.name for column in one.columns)
    found = []
    for ours, theirs, word in (
        (one.table, f"rebuilt_{one.table}", "is live, the log does not give it"),
        (f"rebuilt_{one.table}", one.table, "follows from the log and is missing"),
    ):
        rows = await connection.fetch(
            f"select {columns} from {ours} except all select {columns} from {theirs} limit {SHOWN}"
        )
        found += [f"{one.table}: {tuple(row)} {word}" for row in rows]
    return found


async def _swap(connection: asyncpg.Connection, one: AnyProjection) -> None:
    columns = ", ".join(column.name for column in one.columns)
    # Postings refuse to be changed by anybody; a rebuild puts the same entries in their place.
    await connection.execute(f"alter table {one.table} disable trigger user")
    await connection.execute(f"truncate {one.table}")
    await connection.execute(f"alter table {one.table} enable trigger user")
    await connection.execute(
        f"insert into {one.table} ({columns}) select {columns} from rebuilt_{one.table}"
    )
