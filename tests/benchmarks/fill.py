"""A log of any size, faster than telling it: the lives of a few orders, copied under other names.

`handle` takes the facts of template orders and of their customers, whose names begin with MARK.
Every row that it wrote is copied with MARK replaced, in every name, in every stored byte: what
`handle` writes when it is told the same facts under those names. Positions and hash chains are made
as the log has them, in the partition that a name falls into, so that `verify` finds nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from adapters.messages import Message
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.seal import START, chained
from tests.benchmarks.apart import Start, together
from tests.benchmarks.facts import interleaved
from tests.benchmarks.live import take, writer

MARK = "ZQX"
COPIES = 4
"""Of every template in a transaction."""
OTHERS = (
    "timeline", "postings", "deadlines", "orders", "parcels", "timers", "shipments", "trackings",
    "personal",
)  # fmt: skip
COLUMNS = """
    select attname from pg_attribute
    where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum
"""
HEADS = "select partition, position, head from partitions where partition = any($1::smallint[])"
MOVE = """
    insert into partitions (partition, epoch, position, head)
    select p, 0, n, h from unnest($1::smallint[], $2::bigint[], $3::bytea[]) u(p, n, h)
    on conflict (partition) do update set position = excluded.position, head = excluded.head
"""
NOT_SUMMED = "delete from deadlines_summed"
"""What waits is added up anew, for nobody puts down what is moved here."""
EDITION = "insert into editions values ($1, $2, $3, $4, $5, $6) on conflict do nothing"
Key = tuple[str, str]
"""Seller and order."""
Table = tuple[list[str], list[tuple[Any, ...]]]
"""Columns and rows."""


def marked(orders: range) -> Iterable[Message]:
    """Facts of orders that bear the mark, with customers of their own."""
    for message in interleaved(orders, skewed=True):
        text = message.value.decode()
        subject = text.split('"subject": "', 1)[1].split('"', 1)[0]
        for before in (f'"{subject}', '"ref": "', '"tracking": "'):
            head, found, _ = before.rpartition(subject)
            text = text.replace(before, f"{head}{MARK}{found}" if found else before + MARK)
        yield Message(text.encode(), message.place)


async def told(start: Start, dsn: str, orders: int) -> None:
    """Tell the template orders."""
    start()
    async with writer(dsn, "templates") as app:
        await take(app, list(marked(range(orders))))


async def names(dsn: str) -> list[Key]:
    """The template orders."""
    store = await Store.open(dsn)
    rows = await store.pool.fetch("select seller, order_id from orders order by 1, 2")
    await store.close()
    return [tuple(row) for row in rows]


async def _table(store: Store, table: str) -> Table:
    names = [row[0] for row in await store.pool.fetch(COLUMNS, table)]
    order = " order by seller, order_id, version" if table == "events" else ""
    rows = await store.pool.fetch(f"select {', '.join(names)} from {table}{order}")
    return names, [tuple(row) for row in rows]


def fill(dsn: str, scratch: str, copies: range, processes: int) -> None:
    """These copies of every template, into a log that nobody else writes."""
    together(filled, [(dsn, scratch, copies, number, processes) for number in range(processes)])


async def filled(
    start: Start, dsn: str, scratch: str, copies: range, number: int, of: int
) -> None:  # fmt: skip
    """Those copies of streams that fall into this process's partitions."""
    source = await Store.open(scratch)
    tables = {table: await _table(source, table) for table in ("events", *OTHERS)}
    editions = [tuple(row) for row in await source.pool.fetch("select * from editions")]
    await source.close()
    connection = await asyncpg.connect(dsn)
    mine = range(number, PARTITIONS, of)
    heads = {row[0]: tuple(row[1:]) for row in await connection.fetch(HEADS, list(mine))}
    if number == 0:
        await connection.executemany(EDITION, editions)
        await connection.execute(NOT_SUMMED)
    start()
    for at in range(0, len(copies), COPIES):
        filling = Filling(tables, heads, mine)
        for copy in copies[at : at + COPIES]:
            filling.copy(prefix(copy))
        async with connection.transaction():
            await filling.write(connection)
    await connection.close()


def prefix(copy: int) -> str:
    return f"K{copy}Z"


def copied(name: str, copy: int) -> str:
    """What an order of the templates is called in a copy."""
    return name.replace(MARK, prefix(copy))


class Filling:
    """Copies while they are made: rows by table, and where the chains of the partitions stand."""

    def __init__(
        self, tables: Mapping[str, Table], heads: dict[int, tuple[int, bytes]], mine: range
    ) -> None:
        self.tables, self.heads, self.mine = tables, heads, mine
        self.events: list[EventRow] = []
        self.rows: dict[str, list[list[Any]]] = {table: [] for table in OTHERS}
        self.places: dict[tuple[int, int, str], tuple[int, int]] = {}
        """Where an event of a template lies, and its copy by its name."""

    def copy(self, name: str) -> None:
        """One copy of every template that falls into these partitions."""
        for row in self.tables["events"][1]:
            event = EventRow(*row)
            key = event.key.replace(MARK, name)
            if (partition := partition_of(key)) in self.mine:
                self.events.append(self._event(event, key, partition, name))
        for table in OTHERS:
            self._others(table, name)

    def _event(self, event: EventRow, key: str, partition: int, name: str) -> EventRow:
        position, head = self.heads.get(partition, (0, START))
        position += 1
        seller, order = key.split("/", 1)
        mark, bare = MARK.encode(), name.encode()
        stored = event._replace(
            partition=partition, position=position, seller=seller, order_id=order,
            id=event.id and event.id.replace(MARK, name), body=event.body.replace(mark, bare),
            meta=event.meta.replace(mark, bare),
        )  # fmt: skip
        digest = chained(head, key, event.version, event.recorded_at, stored.stored)
        self.heads[partition] = position, digest
        self.places[event.partition, event.position, name] = partition, position
        return stored._replace(hash=digest)

    def _others(self, table: str, name: str) -> None:
        names, rows = self.tables[table]
        at = {column: names.index(column) for column in names}
        for row in rows:
            copied = [_named(value, name) for value in row]
            if "order_id" in at:
                partition = partition_of(f"{copied[at['seller']]}/{copied[at['order_id']]}")
                if partition not in self.mine:
                    continue
                if "partition" in at:
                    copied[at["partition"]] = partition
                if "position" in at:
                    place = self.places[row[at["partition"]], row[at["position"]], name]
                    copied[at["partition"]], copied[at["position"]] = place
            elif self.mine.start:
                continue
            self.rows[table].append(copied)

    async def write(self, connection: asyncpg.Connection) -> None:
        await connection.copy_records_to_table(
            "events", records=self.events, columns=EventRow._fields
        )
        for table, rows in self.rows.items():
            await connection.copy_records_to_table(
                table, records=rows, columns=self.tables[table][0]
            )
        moved = [(partition, *head) for partition, head in self.heads.items()]
        await connection.execute(MOVE, *zip(*moved, strict=True))


def _named(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return value.replace(MARK, name) if MARK in value else value
    if isinstance(value, list):
        return [_named(one, name) for one in value]
    if isinstance(value, bytes):
        return value.replace(MARK.encode(), name.encode())
    return value
