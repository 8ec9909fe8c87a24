"""What the translators share: bytes to a typed body, numbers, codes, moments and identities.

What is read here is compared and kept, so it is brought to one form first: the same event said
with other spacing, or with another spelling of its time zone, is the same event.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from domain.calendar import day_of
from domain.errors import Unreadable
from domain.fields import FIRST_DAY, LAST_DAY

T = TypeVar("T")
LONGEST = 80
"""Characters of a code or a number that are kept; carriers' own are far shorter."""
NO_NUMBER = "no_number"
"""The code of a parcel without a number, ours as well."""
NO_TIME = "event_without_time"
"""The code of an event that cannot be placed in time: ours, since the carrier says nothing."""


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """A body as its type. Raises Unreadable, which names the field and quotes no value."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        text = str(error)
        raise Unreadable(f"not a body of this carrier: {text[:1].lower()}{text[1:]}") from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unreadable("the body is not JSON in UTF-8") from error


def many(told: list[T] | T | None) -> list[T]:
    """A list, where a carrier sends its only element bare or nothing at all as well."""
    if isinstance(told, list):
        return told
    return [] if told is None else [told]


def word(told: str | int | None, longest: int = LONGEST) -> str:
    """A code, a number or a post code without the spaces in it; empty where none is told."""
    text = "" if told is None else str(told)
    return "".join(one for one in text if one.isprintable() and not one.isspace())[:longest]


def number(told: str | int | None) -> str:
    """A parcel's number in one form, whichever way it was spaced; empty where it has no sign."""
    return re.sub(r"[^0-9A-Z]", "", word(told).upper())


def names(parcel: str | int | None, shipment: str | int | None, *, alone: bool) -> tuple[str, ...]:
    """The numbers by which a shop may know a parcel: its own, and its shipment's if it is alone."""
    known = [number(parcel)]
    if alone or not known[0]:
        known.append(number(shipment))
    return tuple(dict.fromkeys(filter(None, known)))


def moment_of(told: str | None, zone: ZoneInfo) -> datetime | None:
    """An instant in UTC; `zone` is the carrier's where it tells none. None: cannot be read."""
    text = (told or "").strip()
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if FIRST_DAY.year <= at.year <= LAST_DAY.year else None


def day_of_text(told: str | None, form: str = "%Y-%m-%d") -> str | None:
    """A day as ISO 8601 says it: a text in a form, or the day in Sweden of an instant that has an
    offset. None: none is told."""
    text = (told or "").strip()
    try:
        day = datetime.strptime(text[: len("2024-03-14")], form).date()  # noqa: DTZ007 a day
        at = datetime.fromisoformat(text) if len(text) > len("2024-03-14") else None
        day = day_of(at) if at is not None and at.tzinfo else day
    except (ValueError, OverflowError):
        return None
    return day.isoformat() if FIRST_DAY <= day <= LAST_DAY else None


def identity(code: str, at: datetime, place: str = "", until: str | None = None) -> str:
    """An event's identity where the carrier gives none: what, when and where.

    An extended last day to collect is something new that the carrier says, so it is part of it;
    of one instant the later day sorts last.
    """
    said = f"{code}@{at.isoformat().replace('+00:00', 'Z')}"
    return said + (f"@{place}" if place else "") + (f"~{until}" if until else "")


def without_time(source: str, code: str, tracking: str) -> Problem:
    """An event that cannot be told, since nobody knows when it was."""
    return Problem(NO_TIME, f"{source}: an event {code!r} has no time that can be read", tracking)


def without_number(source: str) -> Problem:
    """Events of a parcel that has no number: nobody can say whose they are."""
    return Problem(NO_NUMBER, f"{source}: a parcel has no number")


def refused_by(source: str, code: str | int | None, tracking: str | None = None) -> Problem:
    """A carrier's answer that it has no answer. Its own words may name persons: only its code."""
    own = word(code) or "error"
    return Problem(own, f"{source} answers with the error {own}, not with a parcel", tracking)


def translation(sightings: Iterable[Sighting], problems: Iterable[Problem] = ()) -> Translation:
    """Each event once, the earliest first; the same whichever way the body was ordered."""
    once: dict[tuple[str, str], Sighting] = {}
    for one in sightings:
        once.setdefault((one.tracking, one.event), one)
    ordered = sorted(once.values(), key=lambda one: (one.tracking, one.at, one.event))
    seen = {(one.code, one.tracking or "", one.sentence): one for one in problems}
    return Translation(tuple(ordered), tuple(seen[key] for key in sorted(seen)))


def translated(told: Iterable[Sighting | Problem]) -> Translation:
    """The same, of sightings and problems as they came."""
    found = list(told)
    return translation(
        (one for one in found if isinstance(one, Sighting)),
        (one for one in found if isinstance(one, Problem)),
    )


def is_after(at: datetime, day: str, zone: ZoneInfo) -> bool:
    """Whether an instant falls on a later day than this one, where the carrier is."""
    return at.astimezone(zone).date() > date.fromisoformat(day)
