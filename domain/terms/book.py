"""The book of terms: every seller's dated values, and the edition that an order pins.

An edition is what the terms of a seller (its own, then the marketplace's) and the statutes say on
one day, resolved to one value a key; its content hash is its name. Orders keep the edition that
they pinned; keys that were added since are completed from the book as of the edition's day.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from domain.errors import Refused, TermsError
from domain.terms import STATUTES, Terms, build_terms
from domain.terms.toml import UNREADABLE, read
from domain.terms.values import (
    STILL_VALID_ON, Entry, Reading, as_list, flatten, in_force, is_words, required_of, series_of,
)  # fmt: skip

STATUTES_FILE, READINGS_FILE = "statutes", "readings"
TARIFF, RATES = "tariff", "rates"
"""What stands in the place of a clause where one run says the amount or rate."""


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
        parsed = {name: _parsed(name, text) for name, text in files.items()}
        self.overrides = overrides or Overrides()
        self.readings = {
            name: Reading(name, tuple(one["options"]), one["default"], tuple(one["clauses"]))
            for name, one in parsed.pop(READINGS_FILE, {}).items()
        }
        statutes = parsed.pop(STATUTES_FILE, {})
        self.still_valid_on = self._still_valid_on(statutes)
        self.law = flatten(statutes, STATUTES_FILE)
        self.known_from = self._known_from()
        self.sellers = {name: _dated(name, document) for name, document in parsed.items()}
        self.chosen = {name: _choices(name, document) for name, document in parsed.items()}
        for choices in (*self.chosen.values(), self.overrides.readings):
            for reading, option in choices.items():
                self._check_choice(reading, option)
        self._editions: dict[tuple[str, str | None, date], Edition] = {}
        self._terms: dict[tuple[str, date], Terms] = {}
        self.stored: dict[str, Edition] = {}
        """Editions that orders pinned, by hash; the store adds them before such orders are read."""

    @staticmethod
    def _still_valid_on(statutes: Mapping[str, Any]) -> date:
        """The last contract's day for which somebody has looked that the statutes are in force."""
        day = statutes.get(STILL_VALID_ON)
        if statutes and not isinstance(day, date):
            raise TermsError(f"{STATUTES_FILE}: {STILL_VALID_ON} must be a day")
        return day if isinstance(day, date) else date.max

    def _known_from(self) -> date:
        """The first day of which every statute that an edition needs has a value."""
        needed = [f"{name}.{key}" for name, model in STATUTES.items() for key in required_of(model)]
        return max(
            (self.law[key][0]["from"] for key in needed if self.law.get(key)), default=date.min
        )

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

    def beside(self, name: str, text: str) -> "Book":
        """The same with one more seller's terms file, or with another text of it."""
        document = _parsed(name, text)
        book = self.otherwise(self.overrides)
        book.sellers = {**self.sellers, name: _dated(name, document)}
        book.chosen = {**self.chosen, name: _choices(name, document)}
        for reading, option in book.chosen[name].items():
            book._check_choice(reading, option)
        return book

    def frozen(self, name: str, day: date) -> "Book":
        """The same, as if the terms of one seller and the law were for ever those of a day."""
        book = self.otherwise(self.overrides)
        book.sellers = {**self.sellers, name: _always(self.sellers[name], day)}
        series = {f"{one}.{key}" for one, model in STATUTES.items() for key in series_of(model)}
        dated = {key: entries for key, entries in self.law.items() if key not in series}
        book.law = self.law | _always(dated, min(day, self.still_valid_on))
        book.known_from = date.min
        return book

    # -- editions -------------------------------------------------------------------------------

    def edition(self, seller: str, marketplace: str | None, day: date) -> Edition:
        """What applies to a contract of that day.

        Raises Refused for an unknown seller, TermsError for a day of which the law is not known.
        """
        cached = self._editions.get((seller, marketplace, day))
        if cached is None:
            self._within_what_is_known(seller, marketplace, day)
            turn = self._turn(seller, marketplace, day)
            cached = self._editions.get((seller, marketplace, turn))
            if cached is None:
                entries = self._resolve(seller, marketplace, turn)
                bare = Edition(seller, marketplace, turn, entries)
                cached = replace(bare, hash=sha256(bare.encode()).hexdigest())
                self._editions[(seller, marketplace, turn)] = cached
            self._editions[(seller, marketplace, day)] = cached
        return cached

    def _within_what_is_known(self, seller: str, marketplace: str | None, day: date) -> None:
        if not self.known_from <= day <= self.still_valid_on:
            raise TermsError(
                f"a contract of {day} is outside the known law, which is that of contracts from "
                f"{self.known_from} to {self.still_valid_on}: look at the statutes, then move "
                "still_valid_on"
            )
        began = {
            min(one["from"] for dated in self.sellers[name].values() for one in dated[:1]): name
            for name in (seller, marketplace) if name in self.sellers
        }  # fmt: skip
        first = min(began, default=date.min)
        if day < first:
            known = f"terms of {began[first]} are known from {first} on"
            raise TermsError(f"a contract of {day}: {known}")

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
        services = self._services(seller, marketplace, day)
        for name in layers:
            for key, dated in self.sellers[name].items():
                entry = in_force(dated, day)
                served = name == marketplace and key.split(".", 1)[0] in services
                if served or entries.get(key) is None:
                    entries[key] = None if entry is None else self._chosen(entry, key, name)
        series = {f"{name}.{key}" for name, model in STATUTES.items() for key in series_of(model)}
        for key, dated in self.law.items():
            if key in series:
                continue  # chosen by another day than the contract's, so no part of the edition
            entry = in_force(dated, day)
            entries[f"law.{key}"] = None if entry is None else self._chosen(entry, key, "law")
        for key, amount in self.overrides.tariff.items():
            entries[f"tariff.{key}"] = {"value": amount, "clause": [TARIFF], "by": "override"}
        for currency, rate in self.overrides.rates.items():
            entries[f"rates.{currency}"] = {"value": rate, "clause": [RATES], "by": "override"}
        return entries

    def _services(self, seller: str, marketplace: str | None, day: date) -> tuple[str, ...]:
        """The sections in which the marketplace's own terms go before the merchant's.

        Raises Refused where the terms of that name make no marketplace of it.
        """
        if marketplace in (None, seller) or marketplace not in self.sellers:
            return ()
        terms = self.sellers[marketplace]
        fills, services = (
            in_force(terms.get(f"contract.{key}", []), day) for key in ("fills_gaps", "services")
        )
        if fills is None or services is None or not fills["value"]:
            raise Refused(f"marketplace: {marketplace!r} is no marketplace by its terms")
        return tuple(services["value"])

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
                "edition": edition.hash,
            }  # fmt: skip
            cached = self._terms[(edition.hash, edition.day)] = build_terms(
                head, entries, self.still_valid_on
            )
        return cached

    def pinned(self, hash: str, seller: str, marketplace: str | None, day: date) -> Edition:
        """The edition that an order pinned: today's where it says the same, else as stored."""
        edition = self.edition(seller, marketplace, day)
        if edition.hash == hash or self.overrides != Overrides():
            return edition
        return replace(self.stored[hash], day=edition.day)


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return read(text)
    except UNREADABLE as error:
        raise TermsError(f"{name}.toml: {error}") from error


def _dated(name: str, document: Mapping[str, Any]) -> dict[str, list[Entry]]:
    """A seller's dated values. Raises TermsError where there are none."""
    layer = flatten(document, name)
    if not any(layer.values()):
        raise TermsError(f"{name}.toml: holds no dated value")
    return layer


def _choices(name: str, document: Mapping[str, Any]) -> dict[str, str]:
    """The readings that a terms file chooses."""
    choices = document.get("readings", {})
    if not isinstance(choices, dict) or not is_words(list(choices.values())):
        raise TermsError(f"{name}.toml: [readings] is not a table of reading and option")
    return choices


def _always(layer: Mapping[str, list[Entry]], day: date) -> dict[str, list[Entry]]:
    """Each key with the one value that holds on a day, as if it had always held."""
    found = {key: in_force(dated, day) for key, dated in layer.items()}
    return {key: [{**one, "from": date.min}] if one else [] for key, one in found.items()}
