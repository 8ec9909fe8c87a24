"""PostNord: Track & Trace v5 (`trackandtrace/findByIdentifier.json`), and v7 of the same shape.

The last event is not the state: notifications (OTHER) come after it, and what is `DELIVERED` on
the way back was delivered to the sender. What an event means is told by those before it, so the
codes say it: `RETURNED uncollected`, `back: DELIVERED`. Times are local, without a zone.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    day_of_text, decoded, identity, is_after, moment_of, names, refused_by, translation,
    without_time, word,
)  # fmt: skip
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

SOURCE = "postnord"
AVAILABLE, LOCKER = "AVAILABLE_FOR_DELIVERY", "AVAILABLE_FOR_DELIVERY_PAR_LOC"
Told = str | int | None


class Location(msgspec.Struct, rename="camel"):
    postcode: Told = None
    location_type: str | None = None


class Event(msgspec.Struct, rename="camel"):
    """`eventStatus` is what v7 calls the `status` of v5."""

    event_time: str | None = None
    event_code: Told = None
    status: str | None = None
    event_status: str | None = None
    location: Location | None = None


class Item(msgspec.Struct, rename="camel"):
    """`return_date` is the last day to collect it."""

    item_id: Told = None
    status: str | None = None
    return_date: str | None = None
    events: list[Event] | None = None


class Shipment(msgspec.Struct, rename="camel"):
    shipment_id: Told = None
    status: str | None = None
    items: list[Item] | None = None


class Fault(msgspec.Struct, rename="camel"):
    fault_code: Told = None


class Faults(msgspec.Struct):
    faults: list[Fault] | None = None


class Response(msgspec.Struct, rename="camel"):
    shipments: list[Shipment] | None = None
    composite_fault: Faults | None = None


class Body(msgspec.Struct):
    """`status` stands in an error (RFC 9457), which has neither of the others."""

    response: Response | None = msgspec.field(default=None, name="TrackingInformationResponse")
    shipments: list[Shipment] | None = None
    status: Told = None


class Seen(msgspec.Struct, frozen=True):
    """An event in one form."""

    at: datetime
    status: str
    code: str
    kind: str
    place: str

    @property
    def name(self) -> str:
        return f"{self.status}/{self.code}" if self.code else self.status

    def waits(self, until: str | None) -> bool:
        """Whether it says that the parcel can be collected, not only that it can be delivered."""
        at_hand = self.code == "1" or self.kind == "SERVICE_POINT" or until is not None
        return self.status == LOCKER or (self.status == AVAILABLE and at_hand)

    @property
    def place_in_time(self) -> tuple[datetime, bool, str, str, str]:
        """Of one minute, what is delivered was delivered last."""
        return self.at, self.status == "DELIVERED", self.name, self.place, self.kind


_decoder = msgspec.json.Decoder(Body)


def translate(body: bytes) -> Translation:
    """The events of every item, and the faults that an answer with HTTP 200 holds."""
    read = decoded(_decoder, body)
    response = read.response or Response(shipments=read.shipments)
    faults = (response.composite_fault.faults or []) if response.composite_fault else []
    problems = [refused_by(SOURCE, fault.fault_code) for fault in faults]
    if read.response is None and read.shipments is None:
        if read.status is None:
            raise Unreadable("not PostNord's tracking: no TrackingInformationResponse stands in it")
        problems.append(refused_by(SOURCE, read.status))
    sightings: list[Sighting] = []
    for shipment in response.shipments or []:
        items = shipment.items or []
        for item in items:
            known_as = names(item.item_id, shipment.shipment_id, alone=len(items) == 1)
            if not known_as:
                problems.append(Problem("no_number", "postnord: an item has no number"))
                continue
            seen, lost = _in_order(item.events or [], known_as[0])
            problems += lost
            ended, until = word(item.status or shipment.status), day_of_text(item.return_date)
            for tracking in known_as:
                sightings += _sightings(tracking, seen, ended, until)
    return translation(sightings, problems)


def _in_order(events: list[Event], tracking: str) -> tuple[list[Seen], list[Problem]]:
    """Each event once, the earliest first; and those that cannot be placed."""
    found, lost = set[Seen](), []
    for one in events:
        status, code = word(one.status or one.event_status), word(one.event_code)
        place = one.location or Location()
        at = moment_of(one.event_time, STOCKHOLM)
        if at is None:
            lost.append(without_time(SOURCE, f"{status}/{code}", tracking))
        else:
            kind = word(place.location_type)
            found.add(Seen(at, status, code, kind, word(place.postcode)))
    return sorted(found, key=lambda one: one.place_in_time), lost


def _sightings(
    tracking: str, seen: list[Seen], ended: str, until: str | None
) -> Iterator[Sighting]:
    """The events of one item with what the others make of them.

    Only the latest notice that it waits carries the last day to collect: an extended one belongs
    to none of those before.
    """
    begins_back = next((place for place, one in enumerate(seen) if one.status == "RETURNED"), None)
    if begins_back is None and ended == "RETURNED":
        delivered = [place for place, one in enumerate(seen) if one.status == "DELIVERED"]
        begins_back = delivered[-1] if delivered else None
    out = seen if begins_back is None else seen[:begins_back]
    waits = [one for one in out if one.waits(until)]
    for place, one in enumerate(seen):
        if begins_back is not None and place >= begins_back and one.status != "RETURNED":
            codes = _back(one)
        elif one.status == "RETURNED" and place == begins_back:
            codes = _returned(one, out, until)
        elif one.status == "DELIVERED":
            codes = _delivered(one, seen[:place], waits=bool(waits))
        else:
            codes = _plain(one, until)
        last_day = until if waits and one is waits[-1] else None
        yield Sighting(
            source=SOURCE, tracking=tracking, at=one.at, codes=codes,
            event=identity(one.name, one.at, one.place, last_day),
            data={"until": last_day} if last_day else {},
        )  # fmt: skip


def _back(one: Seen) -> tuple[str, ...]:
    """An event on the way back; at a service point it is not said who was handed the parcel."""
    if one.status == "DELIVERED" and one.kind == "SERVICE_POINT":
        return ("back: DELIVERED at SERVICE_POINT",)
    return (f"back: {one.status}",)


def _returned(one: Seen, out: list[Seen], until: str | None) -> tuple[str, ...]:
    """Nobody collected it if it waited, its last day is over, and nothing else ended its way."""
    waited = any(earlier.waits(until) for earlier in out)
    ended = any(earlier.status in ("DELIVERED", "DELIVERY_REFUSED") for earlier in out)
    if waited and not ended and until and is_after(one.at, until, STOCKHOLM):
        return ("RETURNED uncollected",)
    return ("RETURNED",)


def _delivered(one: Seen, before: list[Seen], *, waits: bool) -> tuple[str, ...]:
    """At a service point it was collected if it waited there; that it came there is no delivery."""
    if any(earlier.status == "DELIVERY_REFUSED" for earlier in before):
        return ("DELIVERED after DELIVERY_REFUSED",)
    if one.kind == "SERVICE_POINT":
        return ("collected at SERVICE_POINT" if waits else "DELIVERED to SERVICE_POINT",)
    return one.name, one.status


def _plain(one: Seen, until: str | None) -> tuple[str, ...]:
    if one.status == AVAILABLE and one.waits(until):
        return one.name, "AVAILABLE_FOR_DELIVERY for collection"
    return one.name, one.status
