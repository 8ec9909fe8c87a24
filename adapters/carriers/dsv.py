"""DSV, and DB Schenker that it took over: the reply of the public tracking of land transport.

A shipment (STT) goes under several numbers: its own, and every waybill whose bookings were put
together in it; what is said of the shipment is said of each. A package has events of its own.
Source: the public tracking at mydsv.dsv.com (tracking-public), Schenker's event codes.
"""

from collections.abc import Iterator

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    decoded, identity, many, moment_of, number, refused_by, translated, without_time, word,
)  # fmt: skip
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

SOURCE = "dsv"
Told = str | int | None
DISPOSAL = "DIS"


class Place(msgspec.Struct, rename="camel"):
    name: str | None = None
    city: str | None = None
    country_code: str | None = None


class Reason(msgspec.Struct):
    code: Told = None


class Event(msgspec.Struct, rename="camel"):
    """A package's event names its place in one word, a shipment's in a structure."""

    code: Told = None
    date: str | None = None
    location: Place | str | None = None
    reasons: list[Reason] | Reason | None = None


class Package(msgspec.Struct):
    id: Told = None
    events: list[Event] | Event | None = None


class References(msgspec.Struct, rename="camel"):
    """The misspelling is the carrier's."""

    waybill_and_consignement_numbers: list[Told] | Told = None


class Offices(msgspec.Struct, rename="camel"):
    dispatching_office: Place | None = None
    receiving_office: Place | None = None


class Found(msgspec.Struct):
    """What a search found, of which nothing is read."""


class Body(msgspec.Struct, rename="camel"):
    """`result` is the reply of a search, which has no events; `code` that of an error."""

    stt_number: Told = None
    references: References | None = None
    events: list[Event] | Event | None = None
    packages: list[Package] | Package | None = None
    location: Offices | None = None
    result: list[Found] | None = None
    code: Told = None


_body = msgspec.json.Decoder(Body)


def translate(body: bytes) -> Translation:
    """What stands in a reply. Raises Unreadable where it is none."""
    read = decoded(_body, body)
    if read.result is not None:
        return Translation(())
    offices, names = read.location or Offices(), _names(read)
    if names:
        return translated(_event(one, event, offices) for one, event in _told(read, names))
    if word(read.code):
        return translated([refused_by(SOURCE, read.code)])
    raise Unreadable("sttNumber: is missing")


def _names(body: Body) -> list[str]:
    """The numbers that the shipment goes under: two waybills may be one shipment."""
    told = body.references.waybill_and_consignement_numbers if body.references else None
    waybills: list[Told] = many(told)
    return [one for one in dict.fromkeys(map(number, (body.stt_number, *waybills))) if one]


def _told(body: Body, names: list[str]) -> Iterator[tuple[str, Event]]:
    """(number, event): a package has what is said of it, and the only one all that is said."""
    packages = [(number(one.id), many(one.events)) for one in many(body.packages)]
    only = [packages[0][0]] if len(packages) == 1 else []
    told = [(one, many(body.events)) for one in (*names, *only)]
    for tracking, events in (*told, *packages):
        if tracking:
            yield from ((tracking, event) for event in events)


def _event(tracking: str, event: Event, offices: Offices) -> Sighting | Problem:
    code = word(event.code).upper()
    if (at := moment_of(event.date, STOCKHOLM)) is None:
        return without_time(SOURCE, code, tracking)
    codes = _disposal(event, offices) if code == DISPOSAL else (code,)
    return Sighting(source=SOURCE, tracking=tracking, event=identity(code, at), at=at, codes=codes)


def _disposal(event: Event, offices: Offices) -> tuple[str, ...]:
    """DIS with its reason, or with the end of the way that it is told at.

    It is seen at the origin's terminal too, when the receiver is only told in advance (reason PA).
    Only at the receiving terminal, where that is another one, is the parcel there to be had.
    """
    reasons = sorted(word(one.code).upper() for one in many(event.reasons))
    if any(reasons):
        return (f"{DISPOSAL} {' '.join(reasons)}", f"{DISPOSAL} with a reason")
    here, origin = _town(event.location), _town(offices.dispatching_office)
    if here and here != origin and here == _town(offices.receiving_office):
        return (f"{DISPOSAL} at destination",)
    return (DISPOSAL,)


def _town(place: Place | str | None) -> str:
    told = (place.city or place.name) if isinstance(place, Place) else place
    return " ".join((told or "").split()).casefold()
