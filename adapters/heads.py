"""Chain heads kept elsewhere: who rewrites the whole log still cannot rewrite them.

A head is the hash of the last event of a partition, and so of everything before it. Who writes for
long writes those that moved every few minutes (`keep`), to a file and to a topic; who writes once
does at its end (`kept`). `against` compares: an event that was at the head once must still be
there, with that hash. Whatever goes wrong in writing them is told, and stops no writer.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import msgspec
import structlog

from adapters.verify.differences import Difference, Place
from adapters.postgres.parcels import installation
from adapters.postgres.store import Store
from domain.errors import VillkorError

if TYPE_CHECKING:
    from prometheus_client import Counter

    from adapters.app import App

EVERY_SECONDS = 300.0
COMPARED = 5_000
"""Heads that are compared at a time."""
HASHES = """
    select k.partition, k.position, e.hash, k.head
    from unnest($1::smallint[], $2::bigint[], $3::bytea[]) k(partition, position, head)
    left join events e on (e.partition, e.position) = (k.partition, k.position)
    where e.hash is distinct from k.head order by 1, 2
"""
HEADS = """
    select partition, position, head from partitions
    where position > 0 and partition = any($1::smallint[]) order by partition
"""


class Head(msgspec.Struct, frozen=True):
    """The head of a partition of an installation (its id), as it was `at` some time."""

    installation: str
    partition: int
    position: int
    head: str
    at: datetime


Writing = Callable[[Sequence[Head]], Awaitable[object]]
"""Returns once heads are where nobody takes them back."""
_decoder = msgspec.json.Decoder(Head)
encode = msgspec.json.Encoder().encode
log = structlog.get_logger()


def decode(line: bytes, place: str) -> Head:
    """A head as it was written. Raises VillkorError where it is none."""
    try:
        one = _decoder.decode(line)
        bytes.fromhex(one.head)
    except (msgspec.DecodeError, ValueError) as error:
        raise VillkorError(f"{place} is not a chain head ({error}); was the file cut?") from error
    return one


def in_file(path: Path) -> Iterator[Head]:
    """The heads of a file, one a line. Raises VillkorError where it cannot be read.

    A line that ends amid a head, where a writer was killed, is told and left out.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if _is_torn(line):
                    log.warning("a line of heads is incomplete", place=f"{path}:{number}")
                else:
                    yield decode(line, f"{path}:{number}")
    except OSError as error:
        raise VillkorError(f"{path} cannot be read: {error.strerror}") from error


def _is_torn(line: bytes) -> bool:
    """Whether a line is the beginning of a head, and no more."""
    return line.startswith(b"{") and not line.rstrip().endswith(b"}")


async def against(store: Store, heads: Iterable[Head]) -> list[Difference]:
    """Every head that the log does not have, or that is of another installation.

    Raises VillkorError where there is none to compare.
    """
    mine, rest = str(await installation(store.pool)), iter(heads)
    differences, others, compared = list[Difference](), set[str](), 0
    while page := list(islice(rest, COMPARED)):
        compared += len(page)
        others |= {one.installation for one in page} - {mine}
        ours = [one for one in page if one.installation == mine]
        columns = [
            [one.partition for one in ours], [one.position for one in ours],
            [bytes.fromhex(one.head) for one in ours],
        ]  # fmt: skip
        for partition, position, hash, head in await store.pool.fetch(HASHES, *columns):
            what = "is no longer there" if hash is None else "was another"
            differences.append(
                Difference(
                    sentence=f"partition {partition}: event {position}, once its head, {what}",
                    table="events", event=Place(partition, position),
                    expected={"hash": head.hex()}, found=hash and {"hash": hash.hex()}, breaks=True,
                )
            )  # fmt: skip
    if not compared:
        raise VillkorError(
            "there are no chain heads to compare with: nothing was written yet, or all was emptied"
        )
    return differences + [
        Difference(
            sentence=f"heads are of installation {one}, this is {mine}", table="installation",
            expected={"id": one}, found={"id": mine},
        )
        for one in sorted(others)
    ]  # fmt: skip


@dataclass(slots=True)
class Keeper:
    """Which heads have moved since it was asked last; it begins with all."""

    pool: asyncpg.Pool
    written: dict[int, int] = field(default_factory=dict)

    async def moved(self, partitions: Sequence[int], at: datetime) -> list[Head]:
        """The heads of these partitions that are to be written; `wrote` says that they are."""
        id = str(await installation(self.pool))
        return [
            Head(id, partition, position, head.hex(), at)
            for partition, position, head in await self.pool.fetch(HEADS, list(partitions))
            if self.written.get(partition) != position
        ]

    def wrote(self, heads: Iterable[Head]) -> None:
        self.written |= {one.partition: one.position for one in heads}


def append(path: Path, heads: Sequence[Head]) -> None:
    """Put heads at the end of a file: all of them in one write, and on disk when it returns.

    They begin a line of their own, also behind one that somebody was killed in.
    """
    lines = b"".join(encode(one) + b"\n" for one in heads)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            lines = b"\n" + lines
        if os.write(file, lines) != len(lines):
            raise OSError(f"{path} took a part of the heads only")
        os.fsync(file)
    finally:
        os.close(file)


def to_file(path: Path | None) -> list[Writing]:
    """Writes heads to a file, where one is named."""
    return [] if path is None else [lambda heads: asyncio.to_thread(append, path, heads)]


async def keep(
    app: "App", elsewhere: Sequence[Writing], counter: "Counter", every: float = EVERY_SECONDS
) -> None:
    """Write the heads of a writer's own partitions now, and those that moved every so often.

    They are counted by the label `result`: written, or failed.
    """
    keeper = Keeper(app.store.pool)
    while True:
        try:
            counter.labels("written").inc(await _written(app, keeper, elsewhere))
        except Exception as error:  # noqa: BLE001 - the writer has more to do than this
            counter.labels("failed").inc()
            _failed(error)
        await asyncio.sleep(every)


@asynccontextmanager
async def kept(app: "App", path: Path | None) -> AsyncIterator[None]:
    """A writer's work of a while: of what it moved, the heads are in the file at its end.

    In a file that is new, those of all partitions.
    """
    known: dict[int, int] = {}
    if path is not None and await asyncio.to_thread(path.exists):
        known = {claim.partition: claim.position for claim in app.claims}
    yield
    try:
        if path is not None:
            await _written(app, Keeper(app.store.pool, known), to_file(path))
    except Exception as error:  # noqa: BLE001 - what it did is done
        _failed(error)


async def _written(app: "App", keeper: Keeper, elsewhere: Sequence[Writing]) -> int:
    """Write the heads that moved everywhere; how many."""
    if moved := await keeper.moved(app.partitions, datetime.now(UTC)):
        for write in elsewhere:
            await write(moved)
        keeper.wrote(moved)
        log.debug("heads written", partitions=len(moved))
    return len(moved)


def _failed(error: Exception) -> None:
    log.warning("heads not written", error=f"{type(error).__name__}: {error}")
