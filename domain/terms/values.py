"""Dated values with a clause id: what terms files consist of, and how they become typed models.

A section is a frozen dataclass whose fields are `Term[...]`; the TOML has, for each field, a list
of entries `{ from = 2012-01-01, value = 350.00, clause = "ALL-6.4-3" }`. A value holds until the
next one. Where the text is open the entry names a `reading` instead of a value: the chosen option
is the value, or what `options` maps it to. What a section's terms say nothing about is listed as
`silent`; a key that is neither there nor silent is an error, never a default.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import Field, PlainValidator, TypeAdapter, ValidationError

from domain.errors import TermsError
from domain.money import KRONOR, ore

T = TypeVar("T")
Entry = dict[str, Any]
"""{value, clause: [..], reading: [[id, option]], by}: one value of an edition, as stored."""

STILL_VALID_ON = "still_valid_on"
"""The one key outside the tables: of the statutes, the last day for which somebody has looked."""
ASIDE = ("readings", "clauses")
"""Tables of a terms file that hold no dated values: chosen readings, and what its clauses say."""

Money = Annotated[int, PlainValidator(ore), KRONOR]
Days = Annotated[int, Field(ge=0, le=40_000)]
Rate = Annotated[Decimal, Field(ge=-100, le=1000)]


@dataclass(slots=True, frozen=True)
class Term(Generic[T]):
    """A value of the terms, the clauses that say so, and the reading chosen where they are open."""

    value: T
    clauses: tuple[str, ...]
    readings: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class Series(Generic[T]):
    """A value with all its dates, for what is chosen by another day than the contract's."""

    key: str
    steps: tuple[tuple[date, T, tuple[str, ...]], ...]
    still_valid_on: date

    def on(self, day: date) -> T:
        """The value in force on a day. Raises TermsError for a day of which none is known."""
        if self.steps[0][0] <= day <= self.still_valid_on:
            return next(value for start, value, _ in reversed(self.steps) if start <= day)
        raise TermsError(
            f"{self.key} is known from {self.steps[0][0]} to {self.still_valid_on}, not on {day}"
        )


@dataclass(slots=True, frozen=True)
class Reading:
    """An open question in the terms: its options, and the one chosen unless somebody says so."""

    id: str
    options: tuple[str, ...]
    default: str
    clauses: tuple[str, ...]


def flatten(document: Mapping[str, Any], name: str) -> dict[str, list[Entry]]:
    """`section.key` -> its entries, of a parsed terms file; `silent` keys have an empty list."""
    flat: dict[str, list[Entry]] = {}
    for section, keys in document.items():
        if section in (*ASIDE, STILL_VALID_ON):
            continue
        if not isinstance(keys, Mapping):
            raise TermsError(f"{name}: {section} is not a table")
        for key, entries in keys.items():
            if key == "silent":
                if not is_words(entries):
                    raise TermsError(f"{name}: {section}.silent is not a list of keys")
                flat |= {f"{section}.{silent}": [] for silent in entries}
                continue
            where = f"{name}: {section}.{key}"
            if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
                raise TermsError(f"{where} is not a list of {{ from, value, clause }}")
            flat[f"{section}.{key}"] = _checked(entries, where)
    return flat


def _checked(entries: list[Entry], where: str) -> list[Entry]:
    for number, fault in faults_of(entries):
        since = entries[number].get("from")
        raise TermsError(f"{where}{f' from {since}' if since else ''} {fault}")
    return entries


def faults_of(entries: list[Entry]) -> Iterator[tuple[int, str]]:
    """(number of the entry, what is wrong with it) of the dated values of one key."""
    before = None
    for number, one in enumerate(entries):
        if unfit := unfitness_of(one):
            yield number, unfit
            continue
        if not one.get("clause"):
            yield number, "names no clause"
        if ("value" in one) == ("reading" in one):
            yield number, "needs either a value or a reading"
        if unknown := set(one) - {"from", "value", "clause", "reading", "options"}:
            yield number, f"has an unknown {', '.join(sorted(unknown))}"
        if before is not None and one["from"] <= before:
            yield number, "overlaps the value before it, or they are not in order of time"
        before = one["from"]


def unfitness_of(entry: Entry) -> str | None:
    """Why nothing more can be said of an entry: a part of it is of another kind than asked for."""
    if "from" not in entry:
        return "has an entry without `from`"
    if not isinstance(entry["from"], date):
        return "begins on no day: `from` is a day without quotation marks"
    if isinstance(entry["from"], datetime):
        return "begins at a time: `from` is a day"
    if not is_words(as_list(entry.get("clause", []))):
        return "has a clause that is not the name of one, or a list of names"
    if not isinstance(entry.get("reading", ""), str):
        return "has a reading that is not the name of one"
    if not isinstance(entry.get("options", {}), dict):
        return "has options that are not a table of option and value"
    return None


def is_words(value: Any) -> bool:
    """Whether it is a list of names."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def in_force(entries: list[Entry], day: date) -> Entry | None:
    """The last entry that begins by `day`."""
    found = [one for one in entries if one["from"] <= day]
    return found[-1] if found else None


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


_Field = tuple[str, bool, bool, TypeAdapter[Any]]
_known: dict[type[Any], tuple[_Field, ...]] = {}


def _fields(section: type[Any]) -> tuple[_Field, ...]:
    """(name, may be silent, is a series, reader of one value) of each field of a section."""
    if section in _known:
        return _known[section]
    found = []
    for name, hint in get_type_hints(section, include_extras=True).items():
        inner = next(one for one in (hint, *get_args(hint)) if get_origin(one) in (Term, Series))
        reader: TypeAdapter[Any] = TypeAdapter(get_args(inner)[0])
        found.append((name, inner is not hint, get_origin(inner) is Series, reader))
    _known[section] = tuple(found)
    return _known[section]


def reader_of(section: type[Any], name: str) -> TypeAdapter[Any] | None:
    """What reads one value of a field of a section; None where it has no such field."""
    return next((reader for field, _, _, reader in _fields(section) if field == name), None)


def build(
    section: type[T], prefix: str, entries: Mapping[str, Entry | list[Entry] | None],
    still_valid_on: date = date.max,
) -> T:  # fmt: skip
    """The section's typed model from the edition's entries. Raises TermsError, naming the key."""
    known = {one.name for one in fields(section)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, may_be_silent, is_series, reader in _fields(section):
        key = f"{prefix}.{name}"
        if key not in entries:
            raise TermsError(f"{key} is missing; list it as silent if the terms say nothing of it")
        entry = entries[key]
        if not entry:
            if not may_be_silent:
                raise TermsError(f"{key} must have a value")
            values[name] = None
        elif is_series:
            assert isinstance(entry, list)
            steps = tuple(
                (one["from"], _read(reader, one, key), tuple(as_list(one["clause"])))
                for one in entry
            )
            values[name] = Series(key, steps, still_valid_on)
        else:
            assert isinstance(entry, dict)
            values[name] = Term(
                _read(reader, entry, key), tuple(as_list(entry["clause"])),
                tuple((reading, option) for reading, option in entry.get("readings", [])),
            )  # fmt: skip
    if unknown := {key for key in entries if key.rsplit(".", 1)[0] == prefix} - {
        f"{prefix}.{name}" for name in known
    }:
        raise TermsError(f"{', '.join(sorted(unknown))}: no rule reads this")
    return section(**values)


def _read(reader: TypeAdapter[Any], entry: Entry, key: str) -> Any:
    try:
        return reader.validate_python(entry["value"])
    except ValidationError as error:
        raise TermsError(f"{key} = {entry['value']}: {error.errors()[0]['msg']}") from error


def required_of(section: type[Any]) -> tuple[str, ...]:
    """The fields of a section of which every edition has a value."""
    return tuple(
        name for name, may_be_silent, is_series, _ in _fields(section)
        if not may_be_silent and not is_series
    )  # fmt: skip


def series_of(section: type[Any]) -> tuple[str, ...]:
    """The fields of a section that keep all their dates."""
    return tuple(name for name, _, is_series, _ in _fields(section) if is_series)
