"""DHL Shipment Tracking - Unified (`track/shipments`): five status codes for all of DHL.

They cannot express that a parcel waits, was not collected or is damaged, so no fee rests on them.
A parcel that came back is `delivered` too: to the sender, told by `returnFlag` alone. An event's
`status` is a sentence in the language asked for and may name the receiver: it is not read.
"""

from collections.abc import Iterator

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    decoded, identity, moment_of, number, refused_by, translation, without_time, word,
)  # fmt: skip
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

SOURCE = "dhl_unified"
Told = str | int | None


class Event(msgspec.Struct, rename="camel"):
    timestamp: str | None = None
    status_code: str | None = None


class Shipment(msgspec.Struct, rename="camel"):
    """`status` is the latest event, and all there is for some services."""

    id: Told = None
    return_flag: bool | None = None
    status: Event | None = None
    events: list[Event] | None = None


class Body(msgspec.Struct):
    """`status` stands in an error (RFC 9457), which has no shipments."""

    shipments: list[Shipment] | None = None
    status: Told = None


_decoder = msgspec.json.Decoder(Body)


def translate(body: bytes) -> Translation:
    """The events of every shipment, or the error that the answer is."""
    read = decoded(_decoder, body)
    if read.shipments is None:
        if read.status is None:
            raise Unreadable("not DHL's unified tracking: neither shipments nor an error")
        return Translation((), (refused_by(SOURCE, read.status),))
    told = [one for shipment in read.shipments for one in _told(shipment)]
    return translation(
        (one for one in told if isinstance(one, Sighting)),
        (one for one in told if isinstance(one, Problem)),
    )


def _told(shipment: Shipment) -> Iterator[Sighting | Problem]:
    """Without an offset a time is the place's; Central Europe's is taken, no fee rests on it."""
    tracking = number(shipment.id)
    if not tracking:
        yield Problem("no_number", f"{SOURCE}: a shipment has no number")
        return
    way = "back: " if shipment.return_flag else ""
    for event in shipment.events or ([shipment.status] if shipment.status else []):
        code, at = word(event.status_code), moment_of(event.timestamp, STOCKHOLM)
        if at is None:
            yield without_time(SOURCE, code, tracking)
            continue
        yield Sighting(
            source=SOURCE, tracking=tracking, event=identity(code, at), at=at, codes=(way + code,)
        )
