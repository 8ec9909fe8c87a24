"""Rows of read models in one form, whoever made them, and digests of tables that know no order.

A row that a projection made and the same row as the database gives it differ: in the offset of
their times, in how JSON is written, in lists and tuples. In canonical form they are the same bytes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any

import msgspec

from domain.calendar import EPOCH, INSTANT
from projections.projection import AnyProjection, Row

SIZE = 16
"""Bytes of a row's digest; those of a table are added modulo two to the power of so many bits."""
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(slots=True)
class TableSum:
    """How many rows a table has, and the sum of their digests: their order is no part of it."""

    rows: int = 0
    digest: int = 0

    def take(self, projection: AnyProjection, rows: Iterable[Row]) -> None:
        for row in rows:
            digest = blake2b(canonical(projection, row), digest_size=SIZE).digest()
            self.digest += int.from_bytes(digest, "big")
            self.rows += 1

    def add(self, other: "TableSum") -> None:
        self.rows += other.rows
        self.digest += other.digest

    @property
    def hex(self) -> str:
        return (self.digest % (1 << 8 * SIZE)).to_bytes(SIZE, "big").hex()


def canonical(projection: AnyProjection, row: Row) -> bytes:
    """A row as JSON: times in microseconds since 1970, objects with their keys sorted."""
    values = list(row)
    for at, form in _forms(projection):
        if values[at] is not None:
            values[at] = form(values[at])
    return _encode(values)


@cache
def _forms(projection: AnyProjection) -> list[tuple[int, Callable[[Any], Any]]]:
    """The columns that are written in several ways, by their places."""
    return [
        (at, FORMS[column.sql_type])
        for at, column in enumerate(projection.columns)
        if column.sql_type in FORMS
    ]


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // INSTANT


FORMS: dict[str, Callable[[Any], Any]] = {
    "timestamptz": _microseconds, "jsonb": msgspec.json.decode,
}  # fmt: skip
