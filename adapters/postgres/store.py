"""The log on asyncpg: claims, loading, and the one transaction of a batch."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from adapters.codec import Stored
from adapters.postgres import sql
from adapters.postgres.batch import Batch, Claim, EventRow, Loaded, PersonalRow, Position, TimerRow
from adapters.seal import START
from domain.errors import Fenced, Guarded, Uncertain, VillkorError
from domain.terms.book import Edition
from projections import APPENDED, KEYED

CONNECTIONS = 6
ATTEMPTS = 8
PAGE = 5_000
"""Events read from a partition at a time."""
Row = dict[str, Any]


class Store:
    """One database. Its methods are coroutines; each uses a connection of the pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    @classmethod
    async def open(cls, dsn: str) -> "Store":
        """Connect, patiently: a database that is starting is waited for, with growing pauses."""
        for attempt in range(ATTEMPTS):
            try:
                pool = await asyncpg.create_pool(
                    dsn, min_size=1, max_size=CONNECTIONS, command_timeout=120,
                    server_settings={"jit": "off", "timezone": "UTC"},
                )  # fmt: skip
                return cls(pool)
            except (OSError, asyncpg.CannotConnectNowError) as error:
                if attempt == ATTEMPTS - 1:
                    raise VillkorError(f"the database does not answer: {error}") from error
                await asyncio.sleep(min(0.1 * 2**attempt, 5.0))
        raise AssertionError("the last attempt returns or raises")

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
            live = await connection.fetchrow(sql.LIVE_OWNER, list(partitions), owner)
            if live is not None and not takeover:
                raise Guarded(
                    f"{live['owner']} is writing partition {live['partition']}; stop it, or wait "
                    f"{sql.SIGN_OF_LIFE} s after it has ended"
                )
            rows = await connection.fetch(sql.CLAIM, list(partitions), owner)
        return {row["partition"]: Claim(*row) for row in rows}

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
        """Take over an inbound partition; the next offset to read, None if it was never read."""
        next_offset: int | None = await self.pool.fetchval(
            sql.TAKE_POSITION, topic, kafka_partition, epoch
        )
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
                wakes = msgspec.json.decode(row[2], type=dict[str, datetime])
                found[f"{row[0]}/{row[1]}"].wakes = wakes
            for projection in KEYED:
                query = sql.LOAD_ROWS[projection.table]
                for row in await connection.fetch(query, sellers, orders):
                    rows = found[f"{row[0]}/{row[1]}"].rows.setdefault(projection.table, {})
                    rows[tuple(row[place] for place in projection.places)] = tuple(row)
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

    async def editions(self) -> list[Edition]:
        """Every edition that orders pinned."""
        return [
            Edition(row[1], row[2], row[3], msgspec.json.decode(row[4]), row[0])
            for row in await self.pool.fetch(sql.EDITIONS)
        ]

    # -- the transaction of a batch -------------------------------------------------------------

    async def write(self, batch: Batch) -> None:
        """All of a batch or nothing of it; the fence comes last, so that a zombie holds up nobody.

        Raises Fenced where the partition or an inbound position is another's, Uncertain where the
        connection broke before the commit was answered.
        """
        try:
            async with self.pool.acquire() as connection, connection.transaction():
                await self._rows(connection, batch)
                await self._beside(connection, batch)
                await self._fence(connection, batch)
        except asyncpg.UniqueViolationError as error:
            if error.table_name == "events":  # its positions were taken: the owner was faster
                raise Fenced from error
            raise
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
            raise Uncertain(f"the database went away while a batch was written: {error}") from error

    async def _rows(self, connection: asyncpg.Connection, batch: Batch) -> None:
        if batch.events:
            await connection.copy_records_to_table(
                "events", records=batch.events, columns=EventRow._fields
            )
        changes = batch.changes
        for appended in APPENDED:
            if rows := changes.appended.get(appended.table):
                names = [column.name for column in appended.columns]
                await connection.copy_records_to_table(appended.table, records=rows, columns=names)
        for keyed in KEYED:
            if deleted := changes.deleted.get(keyed.table):
                await connection.execute(sql.DELETE_ROWS[keyed.table], *_columns(deleted))
            if upserted := changes.upserted.get(keyed.table):
                await connection.execute(
                    sql.UPSERT_ROWS[keyed.table], *sql.columns(keyed, upserted.values())
                )

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
        if batch.editions:
            await connection.execute(sql.INSERT_EDITIONS, *_columns(sql.editions(batch.editions)))
        if batch.dead_letters:
            await connection.execute(sql.PARK, *_columns(sql.letters(batch.dead_letters)))
        if batch.inbox_taken:
            await connection.execute(sql.TAKE_INBOX, batch.inbox_taken)

    async def _fence(self, connection: asyncpg.Connection, batch: Batch) -> None:
        moved = sorted(batch.positions, key=lambda one: (one.topic, one.kafka_partition))
        if moved:
            values = [
                (one.topic, one.kafka_partition, one.epoch, one.expected_offset, one.next_offset)
                for one in moved
            ]
            if await connection.execute(sql.MOVE_POSITIONS, *_columns(values)) != (
                f"UPDATE {len(values)}"
            ):
                raise Fenced("another worker reads this inbound partition now; nothing was written")
        heads = [
            (partition, batch.claims[partition].epoch, batch.claims[partition].position, *head)
            for partition, head in sorted(batch.heads.items())
        ]
        if heads and await connection.execute(sql.FENCE, *_columns(heads)) != f"UPDATE {len(heads)}":
            raise Fenced

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

    async def read_events(self, partition: int, after: int = 0) -> AsyncIterator[EventRow]:
        """A partition's events in order, read page by page."""
        while True:
            rows = await self.pool.fetch(sql.READ_EVENTS, partition, after, PAGE)
            for row in rows:
                yield EventRow(*row)
            if len(rows) < PAGE:
                return
            after = rows[-1]["position"]

    async def ledger_total(self) -> int:
        """What all postings come to, in öre: 0."""
        total: int = await self.pool.fetchval(sql.LEDGER_TOTAL)
        return total

    # -- dead letters ---------------------------------------------------------------------------

    async def dead_letters(self, limit: int) -> list[Row]:
        """What is parked, the oldest first."""
        return [dict(row) for row in await self.pool.fetch(sql.DEAD_LETTERS, limit)]

    async def dead_letter(self, id: int) -> Row | None:
        row = await self.pool.fetchrow(sql.DEAD_LETTER, id)
        return None if row is None else dict(row)

    async def parked(self, id: int | None, reason: str | None) -> list[Row]:
        """The parked messages of an id or of a reason, in the order in which they came."""
        return [dict(row) for row in await self.pool.fetch(sql.PARKED, id, reason)]

    async def settle(
        self, ids: Sequence[int], state: str, by: str | None, note: str | None, at: datetime
    ) -> int:
        """Mark parked messages retried or discarded; how many were."""
        done: str = await self.pool.execute(sql.SETTLE, list(ids), state, by, note, at)
        return int(done.rsplit(" ", 1)[1])


def _claimed(claims: Sequence[Claim]) -> tuple[list[int], list[int]]:
    return [claim.partition for claim in claims], [claim.epoch for claim in claims]


def _columns(rows: Iterable[tuple[Any, ...]], width: int = 0) -> list[Any]:
    return list(zip(*rows, strict=True)) or [()] * width


__all__ = ["Claim", "Position", "Store"]
