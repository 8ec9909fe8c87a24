"""The book of terms: every seller's dated values, and the edition that an order pins.

An edition is what the terms of a seller (its own, then the marketplace's) and the statutes say on
one day, resolved to one value a key; its content hash is its name. Orders keep the edition that
they pinned; keys that were added since are completed from the book as of the edition's day.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from domain.errors import Refused, TermsError
from domain.terms import STATUTES, Terms, build_terms
from domain.terms.values import Entry, Reading, as_list, flatten, in_force, series_of

STATUTES_FILE, READINGS_FILE = "statutes", "readings"


@dataclass(slots=True, frozen=True)
class Edition:
    """The terms of one order, as stored: `entries` has `section.key`, `tariff.key`, `law.key`."""

    seller: str
    marketplace: str | None
    day: date
    entries: dict[str, Entry | None]
    hash: str = ""

    def encode(self) -> bytes:
        """Canonical JSON: what the hash is of."""
        body = {"seller": self.seller, "marketplace": self.marketplace, "entries": self.entries}
        return json.dumps(body, sort_keys=True, ensure_ascii=False, default=str).encode()


@dataclass(slots=True, frozen=True)
class Overrides:
    """What one run chooses otherwise (`readings`, `tariff`, `rates` of a scenario, what-if)."""

    readings: Mapping[str, str] = field(default_factory=dict)
    tariff: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)


class Book:
    """All terms files, parsed and checked. `files` maps a name (`sweeto`) to its TOML text."""

    def __init__(self, files: Mapping[str, str], overrides: Overrides | None = None) -> None:
        parsed: dict[str, dict[str, Any]] = {}
        for name, text in files.items():
            try:
                parsed[name] = tomllib.loads(text, parse_float=Decimal)
            except tomllib.TOMLDecodeError as error:
                raise TermsError(f"{name}.toml: {error}") from error
        self.overrides = overrides or Overrides()
        self.readings = {
            name: Reading(name, tuple(one["options"]), one["default"], tuple(one["clauses"]))
            for name, one in parsed.pop(READINGS_FILE, {}).items()
        }
        self.law = flatten(parsed.pop(STATUTES_FILE, {}), STATUTES_FILE)
        self.sellers = {name: flatten(document, name) for name, document in parsed.items()}
        self.chosen = {name: document.get("readings", {}) for name, document in parsed.items()}
        for choices in (*self.chosen.values(), self.overrides.readings):
            for reading, option in choices.items():
                self._check_choice(reading, option)
        self._editions: dict[tuple[str, str | None, date], Edition] = {}
        self._terms: dict[tuple[str, date], Terms] = {}
        self.stored: dict[str, Edition] = {}
        """Editions that orders pinned, by hash; the store adds them before such orders are read."""

    def _check_choice(self, reading: str, option: str) -> None:
        if reading not in self.readings:
            raise TermsError(f"{reading}: no such reading")
        if option not in self.readings[reading].options:
            raise TermsError(f"{reading}: {option!r} is not among its options")

    def otherwise(self, overrides: Overrides) -> "Book":
        """The same terms with other choices."""
        book = object.__new__(Book)
        book.__dict__.update(self.__dict__, overrides=overrides, _editions={}, _terms={})
        for reading, option in overrides.readings.items():
            book._check_choice(reading, option)
        return book

    # -- editions -------------------------------------------------------------------------------

    def edition(self, seller: str, marketplace: str | None, day: date) -> Edition:
        """What applies to a contract of that day. Raises Refused for an unknown seller."""
        cached = self._editions.get((seller, marketplace, day))
        if cached is None:
            turn = self._turn(seller, marketplace, day)
            cached = self._editions.get((seller, marketplace, turn))
            if cached is None:
                entries = self._resolve(seller, marketplace, turn)
                bare = Edition(seller, marketplace, turn, entries)
                cached = replace(bare, hash=sha256(bare.encode()).hexdigest())
                self._editions[(seller, marketplace, turn)] = cached
            self._editions[(seller, marketplace, day)] = cached
        return cached

    def _turn(self, seller: str, marketplace: str | None, day: date) -> date:
        """The last day by then on which a value turned: what is resolved holds since."""
        layers = [self.sellers[name] for name in (seller, marketplace) if name in self.sellers]
        turns = {
            entry["from"] for layer in (*layers, self.law) for dated in layer.values()
            for entry in dated
        }  # fmt: skip
        return max((turn for turn in turns if turn <= day), default=day)

    def _resolve(self, seller: str, marketplace: str | None, day: date) -> dict[str, Entry | None]:
        layers = [name for name in (seller, marketplace) if name in self.sellers]
        if not layers:
            raise Refused(f"seller: there are no terms for {marketplace or seller!r}")
        entries: dict[str, Entry | None] = {}
        for name in layers:
            for key, dated in self.sellers[name].items():
                entry = in_force(dated, day)
                if entries.get(key) is None:
                    entries[key] = None if entry is None else self._chosen(entry, key, name)
        series = {f"{name}.{key}" for name, model in STATUTES.items() for key in series_of(model)}
        for key, dated in self.law.items():
            if key in series:
                continue  # chosen by another day than the contract's, so no part of the edition
            entry = in_force(dated, day)
            entries[f"law.{key}"] = None if entry is None else self._chosen(entry, key, "law")
        for key, amount in self.overrides.tariff.items():
            entries[f"tariff.{key}"] = {"value": amount, "clause": ["tariff"], "by": "override"}
        return entries

    def _chosen(self, entry: Entry, key: str, by: str) -> Entry:
        clause = as_list(entry["clause"])
        if "reading" not in entry:
            return {"value": entry["value"], "clause": clause, "by": by}
        name = entry["reading"]
        if name not in self.readings:
            raise TermsError(f"{by}: {key}: no such reading as {name!r}")
        reading = self.readings[name]
        option = self.overrides.readings.get(name) or self.chosen.get(by, {}).get(
            name, reading.default
        )
        value = entry["options"].get(option) if "options" in entry else option
        if value is None:
            raise TermsError(f"{by}: {key}: option {option!r} of {name} has no value")
        return {"value": value, "clause": clause, "by": by, "readings": [[name, option]]}

    # -- typed terms ----------------------------------------------------------------------------

    def terms(self, edition: Edition) -> Terms:
        """The typed model of an edition, keys added since completed as of its day."""
        cached = self._terms.get((edition.hash, edition.day))
        if cached is None:
            entries: dict[str, Any] = self._resolve(
                edition.seller, edition.marketplace, edition.day
            )
            entries.update(edition.entries)
            for name in STATUTES:
                for key in series_of(STATUTES[name]):
                    entries[f"law.{name}.{key}"] = self.law.get(f"{name}.{key}")
            head = {
                "seller": edition.seller, "marketplace": edition.marketplace,
                "edition": edition.hash, "rates": self.overrides.rates,
            }  # fmt: skip
            cached = self._terms[(edition.hash, edition.day)] = build_terms(head, entries)
        return cached

    def pinned(self, hash: str, seller: str, marketplace: str | None, day: date) -> Edition:
        """The edition that an order pinned: today's where it says the same, else as stored."""
        edition = self.edition(seller, marketplace, day)
        if edition.hash == hash or self.overrides != Overrides():
            return edition
        return replace(self.stored[hash], day=edition.day)
