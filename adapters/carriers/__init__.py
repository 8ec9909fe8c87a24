"""Carriers: what they say of parcels, one file a carrier.

A translator reads a body and says what stands in it (`Sighting`, `Problem`); what the carrier's
codes mean is data with dates and grades of evidence (`meanings/`). Both are pure. Which order a
parcel belongs to is none of their business.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any

from domain.errors import VillkorError

FAMILY = {
    "postnord": "postnord", "dhl_unified": "dhl", "dhl_parcel_de": "dhl", "ups": "ups",
    "bring": "bring", "gls": "gls", "dsv": "dsv", "fedex": "fedex",
    "canada_post": "canada_post", "epcis": "sscc",
}  # fmt: skip
"""Translator -> the carrier whose parcels it speaks of. EPCIS names no carrier, only SSCCs."""
NAMES = {
    "postnord": "postnord", "dhl": "dhl", "ups": "ups", "bring": "bring", "mybring": "bring",
    "posten": "bring", "gls": "gls", "dsv": "dsv", "schenker": "dsv", "dbschenker": "dsv",
    "fedex": "fedex", "canadapost": "canada_post", "epcis": "sscc",
}  # fmt: skip
"""What shops call a carrier, before or among its other words (`PostNord Sverige AB`)."""
SSCC = re.compile(r"(?:00)?(\d{18})")


@dataclass(slots=True, frozen=True, kw_only=True)
class Sighting:
    """One event of a carrier's about one parcel.

    `event` is the carrier's own identity of it, the same in every later snapshot that holds it.
    `codes` are what the table of meanings is asked, the most telling first. `data` are fields that
    a fact from it may have beside `parcel`. `corrects` names the `event` of the same parcel that
    it takes back, where the carrier names it.
    """

    source: str
    tracking: str
    event: str
    at: datetime
    codes: tuple[str, ...]
    data: dict[str, Any] = field(default_factory=dict)
    corrects: str | None = None


@dataclass(slots=True, frozen=True)
class Problem:
    """What a body says went wrong with one parcel (or with the question), in a body that is fine.

    It has no personal data; `code` is the carrier's own.
    """

    code: str
    sentence: str
    tracking: str | None = None


@dataclass(slots=True, frozen=True)
class Translation:
    """What stands in a body, the earliest event of each parcel first."""

    sightings: tuple[Sighting, ...]
    problems: tuple[Problem, ...] = ()


Translator = Callable[[bytes], Translation]
"""Pure. Raises Refused (`Unreadable` for bytes that are no such body) and nothing else."""


def translator(source: str) -> Translator:
    """The translator of a carrier. Raises VillkorError where there is none of that name."""
    if source not in FAMILY:
        raise VillkorError(f"{source!r} is no carrier; there are {', '.join(FAMILY)}")
    found: Translator = import_module(f"adapters.carriers.{source}").translate
    return found


def parcel_key(carrier: str, tracking: str) -> tuple[str, str]:
    """(carrier, number) in the form in which parcels and what is said of them are matched.

    Numbers are told with spaces, hyphens and in small letters; a GS1 SSCC is the same number
    whichever carrier says it.
    """
    number = re.sub(r"[^0-9A-Z]", "", tracking.upper())
    if (sscc := SSCC.fullmatch(number)) and _is_sscc(sscc[1]):
        return "sscc", sscc[1]
    words = re.findall(r"[a-z]+", carrier.lower())
    name = "".join(words)
    known = (NAMES[one] for one in NAMES if one in words or name.startswith(one))
    return next(known, name), number


def _is_sscc(digits: str) -> bool:
    """Whether the last of eighteen digits is the GS1 check digit of the others."""
    weighted = (
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[:17])
    )
    return -sum(weighted) % 10 == int(digits[17])
