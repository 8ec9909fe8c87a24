"""Reviewing a terms file: every fault with its line, its clause and what to do about it.

The book refuses a file at its first fault; a lawyer who edits one wants to see all of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.errors import TermsError, VillkorError
from domain.terms import SECTIONS, Terms
from domain.terms.book import Book
from domain.terms.register import Register, clause_of, taken_by
from domain.terms.tariff import tariff_keys
from domain.terms.toml import UNREADABLE, read
from domain.terms.values import (
    ASIDE, Entry, Money, as_list, faults_of, is_words, reader_of, required_of, unfitness_of,
)  # fmt: skip

ANYWHERE = {*SECTIONS, "tariff", *ASIDE}
AMOUNT: TypeAdapter[int] = TypeAdapter(Money)
REMEDIES = {
    "is not an amount": "write kronor and öre, such as 229.00",
    "has more than two decimals": "write kronor and öre, such as 229.00",
    "is negative": "write the amount without a sign",
    "valid integer": "write a whole number, of the unit that the key is counted in",
    "greater than or equal": "write a number that is not lower than that",
    "less than or equal": "write per cent as 8.00, days as a whole number",
    "valid decimal": "write per cent as a number, such as 8.00",
    "valid boolean": "write true or false",
    "Input should be": "choose one of these words",
}
"""Part of what is wrong with a value -> what to write instead."""


IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_-]*")
CALLED = "call it as orders call the shop: small letters, figures, - and _, such as nordlys.toml"
NOT_A_LIST = (
    "is not a list of values", "write [{ from = 2026-01-01, value = .., clause = .. }]"
)  # fmt: skip


@dataclass(slots=True, frozen=True, order=True)
class Fault:
    """What is wrong, in which line (0: the file as a whole), under which clause, and the remedy."""

    line: int
    where: str
    what: str
    remedy: str
    clause: str = ""

    def __str__(self) -> str:
        clause = f" ({self.clause})" if self.clause else ""
        return f"line {self.line}: {self.where}{clause} {self.what}: {self.remedy}"


def review(name: str, text: str, book: Book, register: Register, marketplace: str | None = None
) -> list[Fault]:  # fmt: skip
    """The faults of a seller's terms file, in order of its lines. `book` has all other terms."""
    try:
        document = read(text)
    except UNREADABLE as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        return [Fault(line, "the file", f"cannot be read ({error})", "mend the TOML")]
    reviewed = _Review(name, document, Lines(text), book, register, marketplace)
    if IDENTIFIER.fullmatch(name) is None:
        return [Fault(0, "the file", f"is called {name!r}, which is no seller's name", CALLED)]
    found = sorted(reviewed.shape()) or sorted(reviewed.faults())
    return found or list(reviewed.as_a_whole(text))


class Lines:
    """In which line a section, a key or a key's entry begins."""

    def __init__(self, text: str) -> None:
        self.at: dict[tuple[str, str, int], int] = {}
        section, key, number = "", "", 0
        for line, content in enumerate(text.splitlines(), 1):
            if opened := re.match(r"\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$", content):
                section, _, key = opened[1].replace('"', "").replace(" ", "").partition(".")
                self.at.setdefault((section, "", 0), line)
                self.at.setdefault((section, key, 0), line)
                key = ""
            elif named := re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", content):
                key, number = named[1], 0
                self.at.setdefault((section, key, 0), line)
            for _ in re.finditer(r"\{\s*(?:from|value|reading|clause)\b", content) if key else ():
                self.at[(section, key, number)] = line
                number += 1

    def of(self, section: str, key: str = "", number: int = 0) -> int:
        for place in ((section, key, number), (section, key, 0), (section, "", 0)):
            if place in self.at:
                return self.at[place]
        return 0


class _Review:
    """One file under review."""

    def __init__(
        self, name: str, document: Mapping[str, Any], lines: Lines, book: Book,
        register: Register, marketplace: str | None,
    ) -> None:  # fmt: skip
        self.name, self.document, self.lines, self.book = name, document, lines, book
        self.register, self.known = register, {*register.clauses, *register.statutes}
        if isinstance(document.get("clauses"), Mapping):
            self.known |= set(document["clauses"])
        self.marketplace = marketplace
        self.tariff = tariff_keys((*book.sellers.values(), self.values_by_key()))

    def values_by_key(self) -> dict[str, list[Entry]]:
        """`section.key` -> its entries of which something can be said."""
        return {
            f"{section}.{key}": [
                one for one in entries if isinstance(one, dict) and unfitness_of(one) is None
            ]
            for section, key, entries in self.dated()
        }  # fmt: skip

    def beginning(self, section: str) -> date:
        """The first day of which a section of the file says anything."""
        return min(
            (entry["from"] for key, entries in self.values_by_key().items()
             if key.split(".", 1)[0] == section for entry in entries),
            default=date.min,
        )  # fmt: skip

    def dated(self) -> Iterator[tuple[str, str, list[Any]]]:
        """(section, key, entries) of everything that looks like dated values."""
        for section, keys in self.document.items():
            if isinstance(keys, Mapping) and section not in ASIDE:
                for key, entries in keys.items():
                    if key != "silent" and isinstance(entries, list):
                        yield section, key, entries

    def shape(self) -> Iterator[Fault]:
        """What is of another kind than asked for, so that nothing in it can be looked at."""
        for section, keys in self.document.items():
            if section not in ANYWHERE:
                continue
            if not isinstance(keys, Mapping):
                yield self.fault(
                    section, "", "is not a table", f"write [{section}], its keys below"
                )
            elif section in SECTIONS and not is_words(keys.get("silent", [])):
                yield self.fault(section, "silent", "is not a list of keys", 'write ["key", ..]')
            elif section == "readings":
                for name, option in keys.items():
                    if not isinstance(option, str):
                        yield self.fault(section, name, "is not an option", 'write "option"')
            elif section == "clauses":
                yield from self.clauses(keys)

    def clauses(self, entries: Mapping[str, Any]) -> Iterator[Fault]:
        """What a clause of the file's own says, and its place."""
        for id, entry in entries.items():
            try:
                clause_of(self.name, id, entry)
            except TermsError as error:
                yield self.fault("clauses", id, f"cannot stand ({error})", "say its rule and place")
            if taken := taken_by(self.register, self.name, id):
                yield self.fault("clauses", id, taken, "give it a name of your own")

    def faults(self) -> Iterator[Fault]:
        for section, keys in self.document.items():
            if section not in ANYWHERE:
                yield self.fault(section, "", "is nothing that a rule reads",
                                 _meant(section, ANYWHERE))  # fmt: skip
            elif isinstance(keys, Mapping) and section in SECTIONS:
                yield from self.section(section, keys)
        for section, key, entries in self.dated():
            if section == "tariff" and key not in self.tariff:
                yield self.fault(section, key, "is nothing that a rule reads",
                                 _meant(key, self.tariff))  # fmt: skip
            if section in SECTIONS or section == "tariff":
                yield from self.entries(section, key, entries)
        yield from self.choices()

    def fault(
        self, section: str, key: str, what: str, remedy: str, number: int = 0, clause: str = ""
    ) -> Fault:
        where = f"{section}.{key}" if key else section
        return Fault(self.lines.of(section, key, number), where, what, remedy, clause)

    def section(self, section: str, keys: Mapping[str, Any]) -> Iterator[Fault]:
        """Keys that are unknown, missing, or both silent and there."""
        fields = list(SECTIONS[section].__dataclass_fields__)
        silent = keys.get("silent", [])
        for key in (*keys, *silent):
            if key != "silent" and key not in fields:
                yield self.fault(section, key, "is nothing that a rule reads", _meant(key, fields))
        for key in fields:
            filled = self._filled(section, key)
            if key in keys and key in silent:
                yield self.fault(section, key, "is silent and has a value", "choose one of them")
            elif key in silent and key in required_of(SECTIONS[section]) and not filled:
                yield self.fault(section, key, "cannot be silent", "give it a value and a clause")
            elif key not in keys and key not in silent and not filled:
                yield self.fault(
                    section, key, "is missing", "give it a value and a clause, or list it as silent"
                )
            elif key in keys and not isinstance(keys[key], list):
                yield self.fault(section, key, *NOT_A_LIST)

    def _filled(self, section: str, key: str) -> bool:
        """Whether the marketplace's terms fill the gap."""
        return f"{section}.{key}" in self.book.sellers.get(self.marketplace or "", {})

    def entries(self, section: str, key: str, entries: list[Any]) -> Iterator[Fault]:
        if not all(isinstance(one, dict) for one in entries):
            yield self.fault(section, key, *NOT_A_LIST)
            return
        for number, what in faults_of(entries):
            yield self.fault(section, key, what, _mend(what), number)
        for number, entry in enumerate(entries):
            if unfitness_of(entry):
                continue
            clauses = as_list(entry.get("clause", []))
            for clause in clauses:
                if clause not in self.known:
                    yield self.fault(
                        section, key, f"names {clause}, which nobody knows",
                        "say under [clauses] what it says", number, clause,
                    )  # fmt: skip
            for what, remedy in self.values(section, key, entry):
                yield self.fault(section, key, what, remedy, number, ", ".join(clauses))
        fit = [one["from"] for one in entries if unfitness_of(one) is None]
        beginning = self.beginning(section)
        needed = section in SECTIONS and key in required_of(SECTIONS[section])
        if needed and fit and fit[0] > beginning and not self._filled(section, key):
            yield self.fault(
                section, key, f"leaves a gap from {beginning} to {fit[0]}",
                f"give it a value from the first day of [{section}]",
            )  # fmt: skip

    def values(self, section: str, key: str, entry: Entry) -> Iterator[tuple[str, str]]:
        """What is wrong with an entry's value, or with the options of its reading."""
        if "reading" in entry:
            reading = self.book.readings.get(entry["reading"])
            if reading is None:
                yield (f"names the reading {entry['reading']}, which nobody knows",
                       _meant(entry["reading"], self.book.readings))  # fmt: skip
                return
            if missing := set(reading.options) - set(entry.get("options", reading.options)):
                options = ", ".join(sorted(missing))
                yield f"says nothing of {options}", "give each option of the reading a value"
            said = list(
                entry.get("options", {option: option for option in reading.options}).values()
            )
        else:
            said = [entry["value"]] if "value" in entry else []
        reader = AMOUNT if section == "tariff" else reader_of(SECTIONS[section], key)
        if reader is None:
            return
        for value in said:
            try:
                reader.validate_python(value)
            except ValidationError as error:
                what = error.errors()[0]["msg"].removeprefix("Value error, ")
                yield f"= {value} is wrong: {what}", _remedy(what)

    def choices(self) -> Iterator[Fault]:
        """Readings that the file chooses."""
        for name, option in self.document.get("readings", {}).items():
            reading = self.book.readings.get(name)
            if reading is None:
                yield self.fault("readings", name, "is no reading that anybody knows",
                                 _meant(name, self.book.readings))  # fmt: skip
            elif option not in reading.options:
                yield self.fault("readings", name, f"= {option} is not among its options",
                                 f"choose {' or '.join(reading.options)}")  # fmt: skip

    def as_a_whole(self, text: str) -> Iterator[Fault]:
        """What only shows when the editions are made: one for each day on which a value turns."""
        try:
            book = self.book.beside(self.name, text)
            for terms, _ in editions_of(self.name, book, self.marketplace):
                assert terms.seller == self.name
        except VillkorError as error:
            yield Fault(0, "the file", f"makes no edition ({error})", "mend what it names")


def editions_of(
    name: str, book: Book, marketplace: str | None, also: Iterable[date] = ()
) -> Iterator[tuple[Terms, date]]:
    """The terms of a seller on each day on which one of its values turns, and on others."""
    turns = {entry["from"] for entries in book.sellers[name].values() for entry in entries}
    first = max(min(turns), book.known_from)
    days = {max(turn, first) for turn in turns} | {day for day in also if day >= first}
    for day in sorted(days):
        yield book.terms(book.edition(name, marketplace, day)), day


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"is {close[0]} meant?" if close else "take it out"


def _mend(what: str) -> str:
    if "from" in what:
        return "say since when it holds: from = 2026-01-01"
    if "clause" in what:
        return 'say which clause says so: clause = ".."'
    if "overlaps" in what:
        return "let each value begin on a later day than the one before"
    return "write { from, value or reading, clause }"


def _remedy(what: str) -> str:
    return next((say for part, say in REMEDIES.items() if part in what), "write what the key asks")
