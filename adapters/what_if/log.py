"""What if, over the whole log in one pass: partition by partition, resumable.

What came of a partition is a line of a file, with the position to which it was read. The same
question begun again goes on with the partitions that have none, or whose log grew since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from adapters.folding import streams
from adapters.postgres.store import Store
from adapters.processes import Part, Progress, over_partitions, snapshot
from adapters.queries import Queries
from adapters.rules import rules_digest
from adapters.streams import blank
from adapters.what_if.supposed import Question, Supposed
from adapters.what_if import Found, WhatIf
from adapters.what_if.order import look_at
from domain.calendar import day_of
from domain.errors import VillkorError
from domain.order import Order
from domain.terms.book import Book


class Asked(msgspec.Struct, frozen=True):
    """The first line of the file: the question, its moment, and what decides it."""

    question: Question
    at: datetime
    rules: str

    @property
    def name(self) -> str:
        return named(self.question, self.rules)


def named(question: Question, rules: str) -> str:
    """A name that is the same for the same question, whenever it is asked."""
    return sha256(_encode((question, rules))).hexdigest()[:16]


class Done(msgspec.Struct, frozen=True):
    """A line of the file: what came of a partition up to a position of its chain."""

    partition: int
    position: int
    head: bytes
    found: Found


def _quiet(_done: int, _of: int) -> None:
    """Tells nobody."""


async def what_if(
    store: Store, book: Book, question: Question, now: datetime, kept: Path | None = None,
    progress: Progress = _quiet, processes: int | None = None,
) -> WhatIf:  # fmt: skip
    """Answer a question over the whole log; what is done of it is kept in a file, and gone on with.

    Where the question names no moment it is `now`, or when its answer was begun. Raises
    VillkorError where the terms are at fault or not known of the day, where no order is asked
    about, or where `kept` has the answer to another question.
    """
    async with snapshot(store.dsn) as cut:
        # What is read after the snapshot was taken knows at least what its orders pinned.
        book.stored |= {edition.hash: edition for edition in await store.editions()}
        having = await Queries(store.pool).sellers()
        sellers = [(row["seller"], row["marketplace"]) for row in having]
        must_concern(question, sellers)
        supposed = Supposed(question, book)
        supposed.must_hold(sellers, day_of(now))
        answer = _Kept(kept, Asked(question, question.at or now, _rules(book)))
        left = answer.begin(cut.parts)
        await over_partitions(
            replace(cut, parts=left), look_over, (supposed, book, answer.asked.at),
            take=answer.take, progress=progress, processes=processes,
        )  # fmt: skip
        found = answer.found(cut.parts)
    return WhatIf(question, answer.asked.at, found, resumed=len(cut.parts) - len(left))


def _rules(book: Book) -> str:
    """What decides beside the question: the code, and all terms."""
    terms = sha256(repr((book.sellers, book.chosen, book.law, book.overrides)).encode())
    return f"{rules_digest()} {terms.hexdigest()[:12]}"


def kept_in(folder: Path, question: Question, book: Book) -> Path:
    """Where the answer to a question is kept while it is being made."""
    return folder / f"{named(question, _rules(book))}.jsonl"


def must_concern(question: Question, having: Iterable[tuple[str, str | None]]) -> None:
    """Raises VillkorError where no order is asked about: a slip, most likely."""
    if not any(question.concerns(*one) for one in having):
        names = ", ".join(sorted({seller for seller, _ in having})) or "nobody"
        whose = question.seller or question.terms or "anybody"
        raise VillkorError(f"there are no orders of {whose!r}; there are those of {names}")


async def look_over(
    connection: asyncpg.Connection, part: Part, supposed: Supposed, book: Book, at: datetime
) -> Found:
    """All orders of a partition; customers and registers are not decided."""
    found = Found()
    async for together in streams(connection, part.partition, 0, part.position):
        for rows in together:
            if isinstance(blank(rows[0].key), Order):
                look_at(rows, book, supposed, at, found)
    return found


class _Kept:
    """The file of an answer, read and gone on with; None is no file."""

    def __init__(self, path: Path | None, asked: Asked) -> None:
        self.path, self.asked = path, asked
        self.done: dict[int, Done] = {}
        if path is not None and path.is_file() and (lines := path.read_bytes().splitlines(True)):
            self._read(path, lines)

    def _read(self, path: Path, lines: list[bytes]) -> None:
        """Take over what was answered; a line that was cut off by a kill is not there."""
        whole = [line for line in lines if line.endswith(b"\n")]
        try:
            begun = _asked.decode(whole[0]) if whole else self.asked
            self.done = {one.partition: one for one in map(_done.decode, whole[1:])}
        except msgspec.MsgspecError as error:
            raise VillkorError(f"{path.name} holds no answer that was begun; name another") from (
                error
            )
        if begun.name != self.asked.name:
            raise VillkorError(
                f"{path.name} has the answer to another question, or by other rules; name another"
            )
        self.asked = begun

    def begin(self, parts: Sequence[Part]) -> list[Part]:
        """The partitions that are not answered as they now are; what is answered so is kept.

        It is written anew, so that what comes is added to whole lines.
        """
        now = {part.partition: (part.position, part.head) for part in parts}
        self.done = {
            partition: one for partition, one in self.done.items()
            if now.get(partition) == (one.position, one.head)
        }  # fmt: skip
        if self.path is not None:
            lines = [_encode(one) + b"\n" for one in (self.asked, *self.done.values())]
            fresh = self.path.with_name(f"{self.path.name}.new")
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                fresh.write_bytes(b"".join(lines))
                fresh.replace(self.path)
            except OSError as error:
                raise VillkorError(
                    f"{self.path} cannot be written: {error.strerror}; say --resume FILE"
                ) from error
        return [part for part in parts if part.partition not in self.done]

    def take(self, part: Part, found: Found) -> None:
        done = self.done[part.partition] = Done(*part, found)
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(_encode(done) + b"\n")

    def found(self, parts: Iterable[Part]) -> Found:
        """All of it, in order of seller and order."""
        whole = Found()
        for part in parts:
            whole += self.done[part.partition].found
        whole.differing.sort(key=_named)
        whole.undecided.sort(key=_named)
        return whole


def _named(one: Any) -> tuple[str, str]:
    return one.seller, one.order


_encode = msgspec.json.Encoder().encode
_asked = msgspec.json.Decoder(Asked)
_done = msgspec.json.Decoder(Done)
