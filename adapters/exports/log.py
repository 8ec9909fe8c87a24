"""The log itself as files: Parquet, a file a partition, and `log.json`, which says what they are.

A partition has every event of its orders, so that its file is a bucket which can be worked on by
itself, anywhere: whoever has the folder and the program can verify everything that follows from the
log (deploy/replay). Nothing personal is in it: that lies beside the log and stays there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from adapters.exports.parquet import library
from adapters.folding import pages
from adapters.messages import INSIDE
from adapters.verify.passed import Name, names
from adapters.postgres import sql
from adapters.postgres.batch import EventRow
from adapters.postgres.parcels import installation
from adapters.postgres.store import Store
from adapters.processes import Part, Progress, Snapshot, over_partitions, quiet, snapshot
from adapters.rules import rules_digest
from adapters.verify.editions import EDITIONS, Stored
from domain.calendar import EPOCH
from domain.errors import VillkorError

LOG = "log.json"
SCHEMA = "select now(), max(version) from schema_version"
TIMES = tuple(EventRow._fields.index(name) for name in ("at", "recorded_at"))
UNREADABLE = (ValueError, OSError)
"""What a damaged file makes pyarrow raise."""


class Log(msgspec.Struct, frozen=True):
    """What `log.json` says: whose log it is and of when, its editions whole, the end of its chains.

    `schema` is the version of the database's, `rules` that of the rules of the program that wrote
    it. `on_the_way` are the messages that streams had told others which had not heard them yet.
    """

    installation: str
    at: datetime
    schema: int
    rules: str
    partitions: list[tuple[int, int, str]]
    """(partition, position, head in hexadecimal)."""
    editions: list[Stored]
    on_the_way: list[Name]

    @property
    def parts(self) -> list[Part]:
        return [Part(one, position, bytes.fromhex(head)) for one, position, head in self.partitions]

    @property
    def events(self) -> int:
        return sum(position for _, position, _ in self.partitions)


def name_of(partition: int) -> str:
    """What the file of a partition is called."""
    return f"partition-{partition:03}.parquet"


# -- written --------------------------------------------------------------------------------------


async def write(
    store: Store, folder: Path, *, progress: Progress = quiet, processes: int | None = None
) -> Log:
    """Export the whole log as it is now. `log.json` is written last: without it nothing is whole.

    Raises VillkorError where pyarrow is missing, or the folder holds something or cannot be
    written.
    """
    library()
    _made(folder)
    owner = str(await installation(store.pool))
    async with snapshot(store.dsn) as cut:
        log = await _described(cut, owner)
        await over_partitions(
            cut, partition_written, (str(folder),), take=lambda *_: None, progress=progress,
            processes=processes,
        )  # fmt: skip
    with _writing(folder):
        (folder / LOG).write_bytes(msgspec.json.format(msgspec.json.encode(log)))
    return log


def _made(folder: Path) -> None:
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise VillkorError(f"{folder} is not empty; name a new folder")


async def _described(cut: Snapshot, owner: str) -> Log:
    connection = cut.connection
    at, schema = await connection.fetchrow(SCHEMA)
    return Log(
        owner, at, schema, rules_digest(),
        [(part.partition, part.position, part.head.hex()) for part in cut.parts],
        [tuple(row) for row in await connection.fetch(EDITIONS)],
        sorted(names(row[0] for row in await connection.fetch(sql.INSIDE, INSIDE))),
    )  # fmt: skip


async def partition_written(connection: asyncpg.Connection, part: Part, folder: str) -> None:
    """Work for a process: a partition's events, in the order of the log, as row groups."""
    pa, path = library(), Path(folder) / name_of(part.partition)
    schema = _schema(pa)
    with _writing(path):
        writer = pa.parquet.ParquetWriter(
            path, schema, compression="zstd", write_page_checksum=True,
            use_dictionary=["seller", "type", "source"],
        )  # fmt: skip
    async for rows in pages(connection, part.partition):
        columns = zip(*rows, strict=True)
        arrays = [pa.array(one, field.type) for one, field in zip(columns, schema, strict=True)]
        with _writing(path):
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    with _writing(path):
        writer.close()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VillkorError(f"{path} cannot be written: {error.strerror or error}") from error


def _schema(pa: Any) -> Any:
    """The columns of `events`."""
    text, time, octets = pa.string(), pa.timestamp("us", "UTC"), pa.binary()
    types = {
        "partition": pa.int16(), "position": pa.int64(), "seller": text, "order_id": text,
        "version": pa.int32(), "type": text, "schema": pa.int16(), "at": time,
        "recorded_at": time, "source": text, "id": text, "body": octets, "meta": octets,
        "hash": octets,
    }  # fmt: skip
    return pa.schema([
        pa.field(name, types[name], nullable=name in ("source", "id")) for name in EventRow._fields
    ])  # fmt: skip


# -- read -----------------------------------------------------------------------------------------


def opened(folder: Path) -> Log:
    """What is said of an exported log. Raises VillkorError where it is none, or not whole."""
    try:
        return msgspec.json.decode((folder / LOG).read_bytes(), type=Log)
    except OSError as error:
        raise VillkorError(
            f"{folder / LOG} cannot be read ({error.strerror}); `villkor export log --out {folder}`"
            " writes it when everything else is written"
        ) from error
    except msgspec.DecodeError as error:
        raise VillkorError(f"{folder / LOG} describes no log: {error}") from error


def events_of(file: bytes) -> Iterator[EventRow]:
    """The events in the file of a partition. Raises VillkorError where it cannot be read."""
    pa = library()
    try:
        parquet = pa.parquet.ParquetFile(BytesIO(file), page_checksum_verification=True)
        if not parquet.schema_arrow.equals(_schema(pa)):
            raise VillkorError("its columns are not those of an exported log")
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group, use_threads=False)
            columns = [column.to_pylist() for column in _plain(pa, table)]
            for at in TIMES:
                columns[at] = [EPOCH + timedelta(microseconds=one) for one in columns[at]]
            yield from map(EventRow._make, zip(*columns, strict=True))
    except UNREADABLE as error:
        raise VillkorError(f"it is no file of events: {error}") from error


def _plain(pa: Any, table: Any) -> Iterator[Any]:
    """The columns; times as microseconds since 1970."""
    for at, column in enumerate(table.columns):
        yield column.cast(pa.int64()) if at in TIMES else column
