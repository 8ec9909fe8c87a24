"""The work on one bucket: nothing of it knows of Ray, and it could be done by anybody.

The chain is walked, every order decided again and folded, all by the functions of `villkor verify`.
What comes back is small, but for the rows, where somebody wants them.
"""

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Any

from adapters.canonical import TableSum
from adapters.verify.differences import Difference
from adapters.exports.log import events_of, name_of
from adapters.exports.parquet import library
from adapters.folding import written
from adapters.verify.passed import Passed, Sums
from adapters.postgres.batch import EventRow
from adapters.processes import Part
from adapters.rules import rules_digest
from adapters.verify.log import Found, Given, decided_again, messages_of, walk
from domain.errors import VillkorError
from projections import PROJECTIONS
from projections.fold import Changes
from projections.ledger import LEDGER
from projections.projection import AnyProjection, Row

AMOUNT = [column.name for column in LEDGER.columns].index("amount")


@dataclass(slots=True, frozen=True)
class Task:
    """What is asked of every bucket: with which terms, by which rules, and whether for the rows."""

    given: Given
    rules: str
    rows: bool


@dataclass(slots=True)
class Replayed:
    """What a bucket came to. `rows` has a Parquet file of each table's rows, where wanted."""

    found: Found
    ledger_total: int = 0
    tables: dict[str, TableSum] = field(default_factory=dict)
    rows: dict[str, bytes] = field(default_factory=dict)


def replayed(file: bytes, part: Part, task: bytes) -> Replayed:
    """Replay the bucket in a file. `task` is a pickled Task.

    Raises VillkorError where the program that runs this has other rules than the one that asks.
    """
    asked = _asked(task)
    if rules_digest() != asked.rules:
        raise VillkorError(
            f"a worker has the rules {rules_digest()}, this program {asked.rules}; "
            "start both from the same version"
        )
    result = Replayed(Found(sums=Sums(asked.given.on_the_way)))
    result.tables = {one.table: TableSum() for one in PROJECTIONS}
    files = {one.table: RowFile(one) for one in PROJECTIONS} if asked.rows else {}
    streams = walk(part, _events(file, part, result.found), result.found)
    for _, changes in decided_again(part, streams, asked.given, result.found):
        _take(result, changes, files)
    result.rows = {table: one.whole() for table, one in files.items()}
    return result


def messages(file: bytes, part: Part, told: frozenset[int]) -> Passed:
    """Both ends, in a bucket, of what streams told those of the partitions `told`."""
    found = Found()
    return messages_of(walk(part, _events(file, part, found), found), told)


@lru_cache(maxsize=1)
def _asked(task: bytes) -> Task:
    """Unpickled once a process, which keeps the terms that it has built."""
    found = pickle.loads(task)
    assert isinstance(found, Task)
    return found


def _events(file: bytes, part: Part, found: Found) -> Sequence[EventRow]:
    """The events of a file; none, and a difference, where it cannot be read."""
    try:
        return list(events_of(file))
    except VillkorError as error:
        found.differences.append(
            Difference(sentence=f"{name_of(part.partition)}: {error}", table="events")
        )
        return []


def _take(result: Replayed, changes: Changes, files: dict[str, "RowFile"]) -> None:
    for projection in PROJECTIONS:
        rows = list(written(projection, changes))
        result.tables[projection.table].take(projection, rows)
        if projection is LEDGER:
            result.ledger_total += sum(row[AMOUNT] for row in rows)
        if projection.table in files:
            files[projection.table].take(rows)


# -- rows as Parquet ------------------------------------------------------------------------------


class RowFile:
    """A Parquet file in memory with the rows of one table; amounts are öre, as in the tables."""

    def __init__(self, projection: AnyProjection) -> None:
        pa = library()
        types = {
            "text": pa.string(), "text[]": pa.list_(pa.string()), "jsonb": pa.string(),
            "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64(),
            "date": pa.date32(), "timestamptz": pa.timestamp("us", "UTC"),
        }  # fmt: skip
        self._pa = pa
        self._schema = pa.schema([(one.name, types[one.sql_type]) for one in projection.columns])
        self._bytes = BytesIO()
        self._writer: Any = pa.parquet.ParquetWriter(self._bytes, self._schema, compression="zstd")

    def take(self, rows: Iterable[Row]) -> None:
        columns = list(zip(*rows, strict=True))
        if columns:
            arrays = [
                self._pa.array(column, kind.type)
                for column, kind in zip(columns, self._schema, strict=True)
            ]
            self._writer.write_batch(self._pa.record_batch(arrays, schema=self._schema))

    def whole(self) -> bytes:
        self._writer.close()
        return self._bytes.getvalue()
