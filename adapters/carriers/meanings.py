"""What carriers' codes mean: dated tables with a grade of evidence (`meanings/*.toml`).

Carriers change what a code means, so a meaning holds from a day on. Only what is `final` may
become a fact that a fee can rest on; what is `indicative` may become one that none rests on; what
is `ambiguous` is kept and shown. A code that no table has is unknown: it is never guessed.
"""

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from adapters.carriers import FAMILY, Sighting
from domain.calendar import day_of
from domain.errors import VillkorError
from domain.vocabulary import BY_NAME

Grade = Literal["final", "indicative", "ambiguous"]
GRADES = ("final", "indicative", "ambiguous")
FACTS = (
    "InTransit", "DeliveryAttempted", "DeliveryFailed", "AvailableForCollection", "Collected",
    "Delivered", "Unclaimed", "ParcelReturned", "ShipmentLost",
)  # fmt: skip
"""What a carrier may say of a parcel."""
NO_FEE_RESTS_ON = ("InTransit", "Delivered", "Collected")
"""Facts that an indicative code may become; a test tells them to every seller and finds no fee."""
REQUIRED = ("code", "from", "grade", "says", "where")
KEYS = {*REQUIRED, "fact", "data", "takes_back"}


@dataclass(slots=True, frozen=True)
class Meaning:
    """What a code means from a day on.

    `fact` is the type of fact that it becomes, with `data`; `takes_back` the type whose latest
    earlier telling about the parcel was wrong. With neither, it is kept and shown only.
    """

    code: str
    since: date
    grade: Grade
    says: str
    where: str
    fact: str | None = None
    data: tuple[tuple[str, Any], ...] = ()
    takes_back: str | None = None


@dataclass(slots=True, frozen=True)
class Table:
    """The codes of one carrier's interface; `version` is the day of the table's last change."""

    source: str
    version: date
    documentation: str
    meanings: dict[str, tuple[Meaning, ...]]

    def of(self, code: str, day: date) -> Meaning | None:
        """The meaning of a code on a day (Stockholm), or None where it is not known."""
        held = [one for one in self.meanings.get(code, ()) if one.since <= day]
        return held[-1] if held else None


def meaning(sighting: Sighting) -> Meaning | None:
    """What a sighting means: by the first of its codes that the table knows. None: unknown."""
    known, day = table(sighting.source), day_of(sighting.at)
    found = (known.of(code, day) for code in sighting.codes)
    return next((one for one in found if one is not None), None)


def fact_data(sighting: Sighting, meaning: Meaning) -> dict[str, Any]:
    """The fields of the fact that a sighting becomes, beside `parcel`: the table's, then the
    body's; what the fact does not have is left out."""
    if meaning.fact is None:
        return {}
    kind: Any = BY_NAME[meaning.fact]
    taken = {one.name for one in fields(kind)} - {"parcel"}
    told = {**sighting.data, **dict(meaning.data)}
    return {name: value for name, value in told.items() if name in taken}


@cache
def table(source: str) -> Table:
    """A carrier's table. Raises VillkorError, naming the entry, where it cannot be used."""
    text = (files(__package__) / "meanings" / f"{source}.toml").read_text(encoding="utf-8")
    return table_of(source, text)


def table_of(source: str, text: str) -> Table:
    """A table from its TOML. Raises VillkorError, naming the entry, where it cannot be used.

    What its entries have in common (`from`, `where`) may stand once, under `default`.
    """
    name, read = f"{source}.toml", tomllib.loads(text)
    if not isinstance(read.get("version"), date) or not read.get("documentation"):
        raise VillkorError(f"{name}: version must be a date, and documentation be named")
    found: dict[str, list[Meaning]] = {}
    for entry in read["code"]:
        one = _meaning({**read.get("default", {}), **entry}, name)
        found.setdefault(one.code, []).append(one)
    for code, ones in found.items():
        ones.sort(key=lambda one: one.since)
        if len({one.since for one in ones}) < len(ones):
            raise VillkorError(f"{name}: {code!r} has two meanings from one day")
    meanings = {code: tuple(ones) for code, ones in found.items()}
    return Table(source, read["version"], read["documentation"], meanings)


def _meaning(entry: dict[str, Any], name: str) -> Meaning:
    if unknown := set(entry) - KEYS:
        raise VillkorError(f"{name}: {entry.get('code')!r} has an unknown key {min(unknown)!r}")
    if missing := [key for key in REQUIRED if not entry.get(key)]:
        raise VillkorError(f"{name}: {entry.get('code')!r} has no {missing[0]!r}")
    one = Meaning(
        entry["code"], entry["from"], entry["grade"], entry["says"], entry["where"],
        entry.get("fact"), tuple(entry.get("data", {}).items()), entry.get("takes_back"),
    )  # fmt: skip
    if one.grade not in GRADES:
        raise VillkorError(f"{name}: {one.code!r} has the grade {one.grade!r}")
    if one.fact not in (None, *FACTS) or one.takes_back not in (None, *FACTS):
        raise VillkorError(f"{name}: {one.code!r} becomes no fact that a carrier may tell")
    harmless = one.fact is None or (one.grade == "indicative" and one.fact in NO_FEE_RESTS_ON)
    if one.grade != "final" and (one.takes_back or not harmless):
        raise VillkorError(
            f"{name}: {one.code!r} is only {one.grade}: no fee may rest on {one.fact}"
        )
    return one


def tables() -> list[Table]:
    """Every carrier's table."""
    return [table(source) for source in FAMILY]
