"""Bring (Posten): the Event Cast webhook, and the Tracking API v2 in JSON and in XML.

A webhook tells one event, is tried for about two hours and never again; the tracking body tells
the whole way. COLLECTED is at the sender's. READY_FOR_PICKUP is said again when the last day to
collect (`dateOfReturn`) is moved. A parcel is back when it is DELIVERED_SENDER.
"""

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    day_of_text, decoded, identity, is_after, moment_of, names, number, refused_by, translation,
    without_time, word,
)  # fmt: skip
from adapters.carriers.xml import every, is_xml, name_of, root_of, text_of
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

SOURCE = "bring"
SUBSCRIPTION = ("NOT_REGISTERED", "EXPIRED")
"""What a webhook says of itself, not of the parcel."""
Told = str | int | None


class Event(msgspec.Struct, rename="camel"):
    status: str | None = None
    date_iso: str | None = None
    unit_id: Told = None


class Package(msgspec.Struct, rename="camel"):
    package_number: Told = None
    date_of_return: str | None = None
    event_set: list[Event] | None = None


class Error(msgspec.Struct):
    code: Told = None


class Consignment(msgspec.Struct, rename="camel"):
    """One that is not found has an error in place of packages, under HTTP 200."""

    consignment_id: Told = None
    package_set: list[Package] | None = None
    error: Error | None = None


class Body(msgspec.Struct, rename="camel"):
    """Either form: `consignment_set` is of the Tracking API, the others are of the webhook."""

    consignment_set: list[Consignment] | None = None
    status: Told = None
    id: Told = None
    shipment: Told = None
    package: Told = None
    created: str | None = None


class Seen(msgspec.Struct, frozen=True):
    """An event in one form."""

    at: datetime
    status: str
    place: str

    @property
    def place_in_time(self) -> tuple[datetime, bool, str, str]:
        """Of one second, it waited first."""
        return self.at, self.status != "READY_FOR_PICKUP", self.status, self.place


_decoder = msgspec.json.Decoder(Body)


def translate(body: bytes) -> Translation:
    """One event of a webhook, or every package's of a tracking body."""
    read = _read(root_of(body)) if is_xml(body) else decoded(_decoder, body)
    if read.consignment_set is not None:
        told = [one for consignment in read.consignment_set for one in _tracked(consignment)]
    elif read.status is None:
        raise Unreadable("not Bring's: neither a consignmentSet nor a webhook's status")
    else:
        told = [_cast(read)]
    return translation(
        (one for one in told if isinstance(one, Sighting)),
        (one for one in told if isinstance(one, Problem)),
    )


def _read(root: Element) -> Body:
    """The Tracking API's XML as what it says in JSON. Raises Unreadable where it is another's."""
    if name_of(root) != "ConsignmentSet":
        raise Unreadable("not Bring's: the XML is no ConsignmentSet")
    found = [
        Consignment(
            consignment_id=one.get("consignmentId"),
            package_set=[_package(package) for package in every(one, "Package")],
        )
        for one in every(root, "Consignment")
    ]
    return Body(consignment_set=found)


def _package(package: Element) -> Package:
    events = [
        Event(
            status=text_of(event, "Status"),
            date_iso=text_of(event, "OccuredAtIsoDateTime"),
            unit_id=text_of(event, "UnitId"),
        )
        for event in every(package, "Event")
    ]
    last_day = text_of(package, "LastRetrievalDate")
    return Package(package.get("packageId"), last_day, events)


def _cast(read: Body) -> Sighting | Problem:
    """A webhook's event. `id` may be the subscription's, so it does not stand alone."""
    tracking, status = number(read.package) or number(read.shipment), word(read.status)
    if status in SUBSCRIPTION or not tracking:
        return refused_by(SOURCE, status, tracking or None)
    if (at := moment_of(read.created, STOCKHOLM)) is None:
        return without_time(SOURCE, status, tracking)
    own = f"{identity(status, at)}#{word(read.id)}" if word(read.id) else identity(status, at)
    return Sighting(source=SOURCE, tracking=tracking, event=own, at=at, codes=(status,))


def _tracked(consignment: Consignment) -> Iterator[Sighting | Problem]:
    own = number(consignment.consignment_id)
    if consignment.error is not None:
        yield refused_by(SOURCE, consignment.error.code, own or None)
    packages = consignment.package_set or []
    for package in packages:
        known_as = names(
            package.package_number, consignment.consignment_id, alone=len(packages) == 1
        )
        if not known_as:
            yield Problem("no_number", f"{SOURCE}: a package has no number")
            continue
        seen = set[Seen]()
        for event in package.event_set or []:
            status, at = word(event.status), moment_of(event.date_iso, STOCKHOLM)
            if at is None:
                yield without_time(SOURCE, status, known_as[0])
            else:
                seen.add(Seen(at, status, word(event.unit_id)))
        ordered = sorted(seen, key=lambda one: one.place_in_time)
        for tracking in known_as:
            yield from _sightings(tracking, ordered, _last_day(package.date_of_return))


def _last_day(told: str | None) -> str | None:
    return day_of_text(told, "%d.%m.%Y") or day_of_text(told)


def _sightings(tracking: str, seen: list[Seen], until: str | None) -> Iterator[Sighting]:
    """The events of one package; only the latest READY_FOR_PICKUP carries the last day."""
    begins_back = next((place for place, one in enumerate(seen) if one.status == "RETURN"), None)
    out = seen if begins_back is None else seen[:begins_back]
    waits = [one for one in out if one.status == "READY_FOR_PICKUP"]
    received = any(one.status == "DELIVERED" for one in out)
    for place, one in enumerate(seen):
        code = one.status
        if begins_back is not None and place > begins_back:
            code = f"back: {code}"
        elif place == begins_back and waits and not received and until:
            code = f"{code} uncollected" if is_after(one.at, until, STOCKHOLM) else code
        last_day = until if waits and one is waits[-1] else None
        yield Sighting(
            source=SOURCE, tracking=tracking, at=one.at, codes=(code,),
            event=identity(one.status, one.at, one.place, last_day),
            data={"until": last_day} if last_day else {},
        )  # fmt: skip
