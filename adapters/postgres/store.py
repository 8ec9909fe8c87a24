"""The log on asyncpg: claims, loading, and the one transaction of a batch."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from adapters.codec import Stored
from adapters.postgres import parcels, sql
from adapters.postgres.batch import Batch, Claim, EventRow, Loaded, PersonalRow, Position, TimerRow
from adapters.partitions import registers
from adapters import sla_sums
from adapters.postgres.connect import GONE, pool
from adapters.seal import START
from domain.errors import Corrupt, Fenced, Guarded, Swapped, Uncertain, VillkorError
from domain.terms.book import Edition
from projections import APPENDED, KEYED, PROJECTIONS, SLA, periods
from projections.fold import Changes

WRITE_SECONDS = 120
"""How long a batch may take; a database that hangs longer is taken for gone."""
PAGE = 5_000
"""Events read from a partition at a time."""
LIVE = {**sql.UPSERT_ROWS, SLA.table: sla_sums.PUT}
"""How rows are put where they are looked at."""
Row = dict[str, Any]
_Fence = tuple[int, int, int, int, int, bytes]
"""(partition, epoch, expected position and generation of the models, next position and head)."""


class _NotLetThrough(Exception):
    """The fence moved less than all partitions of a batch: it is rolled back."""


class Store:
    """One database. Its methods are coroutines; each uses a connection of the pool."""

    def __init__(self, pool: asyncpg.Pool, dsn: str) -> None:
        self.pool, self.dsn = pool, dsn

    @classmethod
    async def open(cls, dsn: str) -> "Store":
        """Connect; a database that is starting is waited for. Raises VillkorError."""
        return cls(await pool(dsn), dsn)

    async def close(self) -> None:
        await self.pool.close()

    # -- owning partitions ----------------------------------------------------------------------

    async def claim(
        self, partitions: Sequence[int], owner: str, *, takeover: bool = False
    ) -> dict[int, Claim]:
        """Become the writer of these partitions: their epochs rise, and older writers are fenced.

        Raises Guarded where another owner showed life within the last seconds, unless taking over.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(sql.NEW_PARTITIONS, list(partitions), START)
            held = await connection.fetch(sql.LOCK_PARTITIONS, list(partitions))
            for row in held if not takeover else ():
                if row["live"] and row["owner"] not in (None, owner):
                    raise Guarded(
                        f"{row['owner']} is writing partition {row['partition']}; stop it, or "
                        f"wait {sql.SIGN_OF_LIFE} s after it has ended"
                    )
            rows = await connection.fetch(sql.CLAIM, list(partitions), owner)
            closed = await connection.fetch(sql.CLOSED, registers(partitions))
        claims = {row["partition"]: Claim(*row) for row in rows}
        for partition, seller, month in closed:
            claims[partition].closed[seller] = periods.month(month)
        return claims

    async def live_owners(self) -> set[str]:
        """Who showed life within the last seconds."""
        return {row[0] for row in await self.pool.fetch(sql.LIVE_OWNERS)}

    async def heartbeat(self, claims: Sequence[Claim]) -> None:
        """Show life. Raises Fenced where a claim was lost."""
        alive = await self.pool.execute(sql.HEARTBEAT, *_claimed(claims))
        if alive != f"UPDATE {len(claims)}":
            raise Fenced

    async def release(self, claims: Sequence[Claim]) -> None:
        """Let others have these partitions at once."""
        await self.pool.execute(sql.RELEASE, *_claimed(claims))

    async def position(self, topic: str, kafka_partition: int, epoch: int) -> int | None:
        """Take over an inbound partition; the next offset to read, None if it was never read.

        Raises Fenced where it was taken over under a later epoch.
        """
        row = await self.pool.fetchrow(sql.TAKE_POSITION, topic, kafka_partition, epoch)
        if row is None:
            raise Fenced(f"another worker reads {topic}[{kafka_partition}] now")
        next_offset: int | None = row[0]
        return next_offset

    # -- loading --------------------------------------------------------------------------------

    async def load(self, keys: Sequence[tuple[str, ...]]) -> dict[str, Loaded]:
        """Events, timers and keyed rows of many orders: one query each."""
        sellers, orders = [key[0] for key in keys], [key[1] for key in keys]
        found: dict[str, Loaded] = {}
        async with self.pool.acquire() as connection:
            for row in await connection.fetch(sql.LOAD_EVENTS, sellers, orders):
                one = found.setdefault(f"{row[0]}/{row[1]}", Loaded([], {}, {}))
                stored = Stored(row[3], row[4], row[5], row[9], row[10], row[7], row[8])
                one.events.append((row[2], row[6], stored))
            if not found:
                return found
            for row in await connection.fetch(sql.LOAD_TIMERS, sellers, orders):
                if (order := found.get(f"{row[0]}/{row[1]}")) is not None:
                    order.wakes = msgspec.json.decode(row[2], type=dict[str, datetime])
            for projection in KEYED:
                query = sql.LOAD_ROWS[projection.table]
                for row in await connection.fetch(query, sellers, orders):
                    if (order := found.get(f"{row[0]}/{row[1]}")) is None:
                        continue
                    rows = order.rows.setdefault(projection.table, {})
                    rows[tuple(row[place] for place in projection.places)] = tuple(row)
        return found

    async def streams(self, keys: Sequence[tuple[str, str]]) -> dict[str, list[EventRow]]:
        """The events of these (seller, subject), in order; none of those that nobody has told."""
        found: dict[str, list[EventRow]] = {}
        for row in await self.pool.fetch(sql.STREAMS, *_columns(keys, 2)):
            event = EventRow(*row)
            found.setdefault(event.key, []).append(event)
        return found

    async def due(
        self, partitions: Sequence[int], until: datetime, limit: int
    ) -> list[tuple[str, str, datetime]]:
        """Orders whose deadlines lapse by then, the earliest first."""
        rows = await self.pool.fetch(sql.DUE, list(partitions), until, limit)
        return [tuple(row) for row in rows]

    async def next_due(self, partitions: Sequence[int]) -> datetime | None:
        """When something next falls due in these partitions."""
        at: datetime | None = await self.pool.fetchval(sql.NEXT_DUE, list(partitions))
        return at

    async def editions(self, named: str | None = None) -> list[Edition]:
        """Every edition that orders pinned, or those of a hash or its first 12 letters."""
        return [
            Edition(row[1], row[2], row[3], msgspec.json.decode(row[4]), row[0])
            for row in await self.pool.fetch(sql.EDITIONS, named)
        ]

    # -- the transaction of a batch -------------------------------------------------------------

    async def write(self, batch: Batch) -> None:
        """All of a batch or nothing of it; the fence comes last, so that a zombie holds up nobody.

        Raises Fenced where a partition or an inbound position is another's, and Swapped where the
        read models are others than those that it was folded on: nothing was written.
        Raises Uncertain where the connection broke, perhaps in the commit: drop what is cached,
        claim again (which gives the log's true position), load, and tell the batch again.
        """
        fence = _fence(batch)
        try:
            async with (
                asyncio.timeout(WRITE_SECONDS),
                self.pool.acquire() as connection,
                connection.transaction(),
            ):
                await connection.execute(sql.NOT_HUNG)
                if batch.shipments:
                    batch.handed_over = await parcels.shipped(connection, batch.shipments)
                await self._rows(connection, batch)
                await self._beside(connection, batch)
                await self._move(connection, batch)
                if fence and await connection.execute(sql.FENCE, *_columns(fence)) != (
                    f"UPDATE {len(fence)}"
                ):
                    raise _NotLetThrough
        except _NotLetThrough:
            raise await self._lost(fence) from None
        except asyncpg.UniqueViolationError as error:
            if error.table_name != "events":
                raise
            raise await self._taken(fence) from error
        except GONE as error:
            raise Uncertain(
                f"the database went away while a batch was written ({error}); whether it was "
                "committed is not known: claim again and tell it again"
            ) from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction beside the log. Nothing fences it: what it writes may be told twice."""
        async with (
            asyncio.timeout(WRITE_SECONDS),
            self.pool.acquire() as connection,
            connection.transaction(),
        ):
            await connection.execute(sql.NOT_HUNG)
            yield connection

    async def _taken(self, fence: list[_Fence]) -> VillkorError:
        """Why positions or versions of new events were there: the owner was faster, or worse."""
        if isinstance(lost := await self._lost(fence), Fenced):
            return lost
        return Corrupt("the log holds events that its partition or their order does not know of")

    async def _lost(self, fence: list[_Fence]) -> VillkorError:
        """Why a fence did not let through: another is the writer, or the models were swapped."""
        expected = _columns([row[:3] for row in fence], 3)
        mine = await self.pool.fetch(sql.STILL_MINE, *expected)
        return Fenced() if len(mine) < len(fence) else Swapped(dict(mine))

    async def _rows(self, connection: asyncpg.Connection, batch: Batch) -> None:
        if batch.events:
            await connection.copy_records_to_table(
                "events", records=batch.events, columns=EventRow._fields
            )
        await write_changes(connection, batch.changes, LIVE)

    async def _beside(self, connection: asyncpg.Connection, batch: Batch) -> None:
        if batch.timers:
            latest = {(row.seller, row.order_id): row for row in batch.timers}
            rows = [row._replace(wakes=row.wakes.decode()) for row in latest.values()]  # type: ignore[arg-type]
            await connection.execute(sql.UPSERT_TIMERS, *_columns(rows, len(TimerRow._fields)))
        if batch.personal:
            rows_beside = [row._replace(value=row.value.decode()) for row in batch.personal]  # type: ignore[arg-type]
            await connection.execute(
                sql.INSERT_PERSONAL, *_columns(rows_beside, len(PersonalRow._fields))
            )
        if batch.erased:
            await connection.execute(sql.ERASE, *_columns(batch.erased))
        if batch.editions:
            await connection.execute(sql.INSERT_EDITIONS, *_columns(sql.editions(batch.editions)))
        if batch.dead_letters:
            await connection.execute(sql.PARK, *_columns(sql.letters(batch.dead_letters)))
        if batch.inbox:
            await connection.execute(sql.PUT_INBOX, *_columns(batch.inbox))
        if batch.inbox_taken:
            await connection.execute(sql.TAKE_INBOX, batch.inbox_taken)

    async def _move(self, connection: asyncpg.Connection, batch: Batch) -> None:
        """The inbound positions, each from where it is expected to stand."""
        values = sorted(
            (one.topic, one.kafka_partition, one.epoch, one.expected_offset, one.next_offset)
            for one in batch.positions
        )
        if values and await connection.execute(sql.MOVE_POSITIONS, *_columns(values)) != (
            f"UPDATE {len(values)}"
        ):
            raise Fenced("another worker reads this inbound partition now; nothing was written")

    # -- inbox ----------------------------------------------------------------------------------

    async def put_inbox(self, rows: Iterable[tuple[int, bytes, str]]) -> list[int]:
        """Hand (partition, value, place) to the writers; the rows' ids."""
        found = await self.pool.fetch(sql.PUT_INBOX, *_columns(list(rows), 3))
        return [row[0] for row in found]

    async def read_inbox(self, partitions: Sequence[int], limit: int) -> list[Row]:
        """What was handed to these partitions, in order."""
        return [dict(row) for row in await self.pool.fetch(sql.READ_INBOX, list(partitions), limit)]

    async def left_in_inbox(self, ids: Sequence[int]) -> int:
        """How many of these rows no writer has taken yet."""
        found: int = await self.pool.fetchval(sql.LEFT_IN_INBOX, list(ids))
        return found

    async def known(self, names: Sequence[tuple[str, str, str, str]]) -> set[tuple[str, ...]]:
        """Which of these messages (seller, order, source, id) are in the log."""
        rows = await self.pool.fetch(sql.KNOWN, *_columns(names, 4))
        return {tuple(row) for row in rows}

    # -- the whole log --------------------------------------------------------------------------

    async def partitions(self) -> list[tuple[int, int, bytes]]:
        """(partition, position, head) of every partition that holds events."""
        return [tuple(row) for row in await self.pool.fetch(sql.PARTITIONS)]

    async def cut(self, place: str) -> tuple[list[tuple[int, int, bytes]], list[bytes]]:
        """(partition, position, head) of the log at one instant, and what then was on its way.

        That are the messages of `place` which wait in the inbox or are parked.
        """
        async with (
            self.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            partitions = [tuple(row) for row in await connection.fetch(sql.PARTITIONS)]
            messages = [row[0] for row in await connection.fetch(sql.INSIDE, place)]
        return partitions, messages

    async def personal(self) -> AsyncIterator[PersonalRow]:
        """Everything that lies beside the log."""
        async with self.pool.acquire() as connection, connection.transaction():
            async for row in connection.cursor(sql.PERSONAL, prefetch=PAGE):
                yield PersonalRow(*row)

    async def read_events(self, partition: int, after: int = 0) -> AsyncIterator[EventRow]:
        """A partition's events in order, read page by page."""
        while True:
            rows = await self.pool.fetch(sql.READ_EVENTS, partition, after, PAGE)
            for row in rows:
                yield EventRow(*row)
            if len(rows) < PAGE:
                return
            after = rows[-1]["position"]

    async def outdated(self) -> list[str]:
        """The read models that another version of their projection made of the log."""
        if not await self.pool.fetchval("select exists (select from events)"):
            return []
        built = {row["name"]: row["version"] for row in await self.pool.fetch(sql.READ_MODELS)}
        return [one.name for one in PROJECTIONS if built.get(one.name) != one.version]

    async def ledger_total(self) -> int:
        """What all postings come to, in öre: 0."""
        total: int = await self.pool.fetchval(sql.LEDGER_TOTAL)
        return total

    # -- dead letters ---------------------------------------------------------------------------

    async def dead_letters(self, limit: int) -> list[Row]:
        """What is parked, the oldest first."""
        return [dict(row) for row in await self.pool.fetch(sql.DEAD_LETTERS, limit)]

    async def settle(
        self, ids: Sequence[int], state: str, by: str | None, note: str | None, at: datetime
    ) -> int:
        """Mark parked messages retried or discarded; how many were."""
        done: str = await self.pool.execute(sql.SETTLE, list(ids), state, by, note, at)
        return int(done.rsplit(" ", 1)[1])


async def write_changes(
    connection: asyncpg.Connection, changes: Changes, upserts: Mapping[str, str] = sql.UPSERT_ROWS
) -> None:
    """Bring the read models to what a fold made of them."""
    for appended in APPENDED:
        if rows := changes.appended.get(appended.table):
            names = [column.name for column in appended.columns]
            await connection.copy_records_to_table(appended.table, records=rows, columns=names)
    for keyed in KEYED:
        if deleted := changes.deleted.get(keyed.table):
            await connection.execute(sql.DELETE_ROWS[keyed.table], *_columns(deleted))
        if upserted := changes.upserted.get(keyed.table):
            columns = sql.columns(keyed, upserted.values())
            await connection.execute(upserts[keyed.table], *columns)


def _claimed(claims: Sequence[Claim]) -> tuple[list[int], list[int]]:
    return [claim.partition for claim in claims], [claim.epoch for claim in claims]


def _fence(batch: Batch) -> list[_Fence]:
    """What must still hold of every partition that the batch touches, and what it becomes.

    A timer alone is fenced too: a zombie's would undo the owner's. Raises Fenced where a
    partition is not owned.
    """
    touched = {*batch.heads, *(timer.partition for timer in batch.timers)}
    fence = []
    for partition in sorted(touched):
        if (claim := batch.claims.get(partition)) is None:
            raise Fenced(f"partition {partition} is not owned by this writer")
        head = batch.heads.get(partition, (claim.position, claim.head))
        fence.append((partition, claim.epoch, claim.position, claim.models, *head))
    return fence


def _columns(rows: Iterable[tuple[Any, ...]], width: int = 0) -> list[Any]:
    return list(zip(*rows, strict=True)) or [()] * width


__all__ = ["Claim", "Position", "Store"]
