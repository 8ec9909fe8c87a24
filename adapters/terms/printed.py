"""Terms as they are read: a seller's editions by date, and an edition clause by clause.

Beside each clause stands what makes it hold: the values that it gives, the policies that decide by
it, or to whom it is shown, or why nothing can be computed from it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import inf
from typing import NamedTuple

from adapters.terms.coverage import Decided, said, values_of, worded
from adapters.scenarios.worked import Example
from domain.errors import Missing
from domain.terms.book import Book, Edition
from domain.terms.register import Clause, Register, Statute
from domain.terms.values import Entry

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
HASH = re.compile(r"[0-9a-f]{8,64}")


class Dated(NamedTuple):
    """An edition and the first day of the contracts that live under it."""

    since: date
    edition: Edition


class Said(NamedTuple):
    """A value that a clause gives: its key, the value in words, and how the clause was read."""

    key: str
    value: str
    readings: tuple[tuple[str, str], ...]


@dataclass(slots=True, frozen=True)
class Printed:
    """A clause of an edition: its words, what it gives, and what decides by it."""

    clause: Clause
    values: tuple[Said, ...]
    decided: Decided
    examples: tuple[Example, ...]

    @property
    def section(self) -> str:
        return section_of(self.clause.id)


def saying(known: Register, text: str) -> list[Clause]:
    """The clauses whose words, or whose ids, have every word of a text in them, by document."""
    words = text.casefold().split()
    found = [
        one for one in known.clauses.values()
        if words and all(word in f"{one.id} {one.rule}".casefold() for word in words)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.document)


class Beside(NamedTuple):
    """A value under two editions, '' where one has none, and the clauses that give it there."""

    key: str
    one: str
    one_by: tuple[str, ...]
    other: str
    other_by: tuple[str, ...]

    @property
    def change(self) -> str:
        """What became of it, in a word or two; '' where nothing did."""
        if (self.one, self.one_by) == (self.other, self.other_by):
            return ""
        if not (self.one_by and self.other_by):
            return "new" if self.other_by else "gone"
        return "changed" if self.one != self.other else "other clause"


@dataclass(slots=True, frozen=True)
class Document:
    """The clauses of one document, by section."""

    name: str
    sections: tuple[tuple[str, tuple[Printed, ...]], ...]

    @property
    def clauses(self) -> list[Printed]:
        return [one for _, some in self.sections for one in some]


def section_of(id: str) -> str:
    """`6.4` of ALL-6.4-1, `betalning` of SWE-betalning-3."""
    return id.split("-", 1)[-1].rpartition("-")[0] or id


HEADINGS = {
    "allmant": "Allmänt", "andring": "Ändring", "angerratt": "Ångerrätt",
    "avbestallning": "Avbeställning", "bestallning": "Beställning", "ej-uthamtad": "Ej uthämtat",
    "forbjudna": "Förbjudet", "leveranssatt": "Leveranssätt", "outlost": "Outlöst",
    "ovriga": "Övriga villkor", "pdf": "PDF",
}  # fmt: skip
"""Headings whose letters the names of clauses have not."""


def heading(section: str) -> str:
    """A section's heading: `Section 6.4`, `Ångerrätt`."""
    if section[0].isdecimal():
        return f"Section {section}"
    return HEADINGS.get(section) or section.replace("-", " ").capitalize()


FIRST_WORDS = 6


def opening(section: str, clauses: Sequence[Printed]) -> str:
    """What a table of contents says of a section: its heading, or how its first clause begins."""
    if not section[0].isdecimal():
        return heading(section)
    words = clauses[0].clause.rule.split()
    return " ".join(words[:FIRST_WORDS]) + ("…" if len(words) > FIRST_WORDS else "")


# -- editions by date ------------------------------------------------------------------------------


def dated(book: Book, seller: str, marketplace: str | None = None) -> list[Dated]:
    """A seller's editions, the oldest first: its own values turned, or a statute did.

    Raises Missing where neither it nor the marketplace has terms.
    """
    layers = [book.sellers[name] for name in (seller, marketplace) if name in book.sellers]
    if not layers:
        sellers = ", ".join(sorted(book.sellers))
        raise Missing(f"there are no terms of {seller!r}; there are those of {sellers}")
    first = max([book.known_from, *map(_first_day, layers)])
    layers.append(book.law)
    turns = {one["from"] for layer in layers for entries in layer.values() for one in entries}
    found: list[Dated] = []
    for day in sorted({first, *(turn for turn in turns if first < turn <= book.still_valid_on)}):
        edition = book.edition(seller, marketplace, day)
        if not found or found[-1].edition.hash != edition.hash:
            found.append(Dated(day, edition))
    return found


def _first_day(layer: Mapping[str, list[Entry]]) -> date:
    first: date = min(one["from"] for entries in layer.values() for one in entries)
    return first


def edition_of(
    book: Book, seller: str, told: str, marketplace: str | None = None
) -> Dated:  # fmt: skip
    """The edition of a day (`2024-03-04`), or that whose hash begins so. Raises Missing."""
    known = dated(book, seller, marketplace)
    if DAY.fullmatch(told):
        try:
            day = date.fromisoformat(told)
        except ValueError as error:
            raise Missing(f"{told!r} is not a day in ISO 8601") from error
        found = [one for one in known if one.since <= day]
        if not found or day > book.still_valid_on:
            raise Missing(
                f"terms of {seller} are known of contracts from {known[0].since} to "
                f"{book.still_valid_on}, not of {told}"
            )
        return found[-1]
    if HASH.fullmatch(told):
        stored = (
            Dated(one.day, one) for one in book.stored.values() if one.seller == seller
        )  # fmt: skip
        for one in (*known, *stored):
            if one.edition.hash.startswith(told):
                return one
    raise Missing(f"{seller} has no edition {told!r}; /terms has its editions by day")


# -- an edition ------------------------------------------------------------------------------------


def documents(
    edition: Edition, book: Book, register: Register, decided: Mapping[str, Decided],
    worked: Mapping[str, Example],
) -> list[Document]:  # fmt: skip
    """The seller's clauses, then those of documents that its terms refer to or stand under."""
    values = given(edition)
    named = dict.fromkeys(
        register.clauses[id].document for id in sorted(values) if id in register.clauses
    )
    strangers = [one for one in named if one not in book.sellers]
    whole = [edition.seller, edition.marketplace, *strangers]
    found = []
    for name in dict.fromkeys((*whole, *named)):
        printed = [
            _printed(clause, values, decided, worked) for clause in register.clauses.values()
            if clause.document == name and (name in whole or clause.id in values)
        ]  # fmt: skip
        if printed:
            found.append(Document(str(name), tuple(_sections(printed))))
    return found


def _sections(printed: Sequence[Printed]) -> Iterator[tuple[str, tuple[Printed, ...]]]:
    """Sections by their numbers; those that have names stay in the order of the register."""
    in_turn = sorted(printed, key=lambda one: _numbers(one.section))
    for section, some in groupby(in_turn, key=lambda one: one.section):
        yield section, tuple(some)


def _numbers(section: str) -> tuple[float, ...]:
    parts = section.split(".")
    return tuple(map(float, parts)) if all(map(str.isdecimal, parts)) else (inf,)


def _printed(
    clause: Clause, values: Mapping[str, list[Said]], decided: Mapping[str, Decided],
    worked: Mapping[str, Example],
) -> Printed:  # fmt: skip
    by = decided.get(clause.id, Decided())
    examples = tuple(worked[id] for id in by.scenarios if id in worked)
    return Printed(clause, tuple(values.get(clause.id, ())), by, examples)


def given(edition: Edition) -> dict[str, list[Said]]:
    """Clause or statute -> the values that it gives in an edition."""
    found: dict[str, list[Said]] = {}
    for key, entry in sorted(edition.entries.items()):
        if entry is not None:
            readings = tuple((name, option) for name, option in entry.get("readings", ()))
            for clause in entry["clause"]:
                found.setdefault(clause, []).append(Said(key, worded(entry["value"]), readings))
    return found


def beside(one: Edition, other: Edition) -> list[Beside]:
    """Every value that either of two editions has."""
    keys = sorted(one.entries.keys() | other.entries.keys())
    both = [Beside(key, *_given(one, key), *_given(other, key)) for key in keys]
    return [row for row in both if row.one_by or row.other_by]


def _given(edition: Edition, key: str) -> tuple[str, tuple[str, ...]]:
    entry = edition.entries.get(key)
    return ("", ()) if entry is None else (worded(entry["value"]), tuple(entry["clause"]))


def statutes(edition: Edition, register: Register) -> list[tuple[Statute, tuple[Said, ...]]]:
    """The statutes that give an edition values, and those values."""
    values = given(edition)
    return [
        (one, tuple(values[one.id])) for one in register.statutes.values() if one.id in values
    ]  # fmt: skip


# -- one clause ------------------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class About:
    """What there is to say of a name: a clause, a statute or an open reading, at all times."""

    id: str
    clause: Clause | None
    statute: Statute | None
    options: tuple[str, ...]
    default: str | None
    read_from: tuple[str, ...]
    """Of a reading: the clauses that leave it open."""
    values: tuple[tuple[str, str, date, str, str | None], ...]
    """(by, key, from, what it says, the reading that chooses it)"""


def about(id: str, book: Book, register: Register) -> About:
    """What a clause, statute or reading says, and where it is at work. Raises Missing."""
    values = tuple(
        (by, key, entry["from"], said(entry), entry.get("reading"))
        for clauses, by, key, entry in values_of(book)
        if id in clauses or entry.get("reading") == id
    )  # fmt: skip
    clause, statute = register.clauses.get(id), register.statutes.get(id)
    reading = book.readings.get(id)
    if not (values or clause or statute or reading):
        raise Missing(f"nothing is called {id!r}; /terms lists clauses by seller")
    return About(
        id, clause, statute, reading.options if reading else (),
        reading.default if reading else None, reading.clauses if reading else (), values,
    )  # fmt: skip
