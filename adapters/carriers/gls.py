"""GLS Track & Trace v1, by parcel numbers or by references.

A reply speaks of several parcels, and an error stands beside those that were found. The status of
a parcel is one of twelve documented words; event codes are documented by example only, so both are
told. Source: GLS developer portal, Track And Trace V1 (1.0.7).
"""

from collections.abc import Iterator
from itertools import chain

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    decoded, identity, many, moment_of, number, refused_by, translated, without_number,
    without_time, word,
)  # fmt: skip
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

SOURCE = "gls"
Told = str | int | None


class Event(msgspec.Struct, rename="camel"):
    code: Told = None
    event_date_time: str | None = None


class Parcel(msgspec.Struct, rename="camel"):
    requested: Told = None
    unitno: Told = None
    status: Told = None
    status_date_time: str | None = None
    events: list[Event] | Event | None = None
    error_code: Told = None


class Detail(msgspec.Struct):
    errorcode: Told = None


class Fault(msgspec.Struct):
    detail: Detail | None = None


class Body(msgspec.Struct):
    """`fault` and `status` are how the gateway and the service say that there is no reply."""

    parcels: list[Parcel] | Parcel | None = None
    fault: Fault | None = None
    status: Told = None


_body = msgspec.json.Decoder(Body)


def translate(body: bytes) -> Translation:
    """What stands in a reply. Raises Unreadable where it is none."""
    read = decoded(_body, body)
    if read.parcels is not None:
        return translated(chain.from_iterable(map(_parcel, many(read.parcels))))
    if read.fault is not None:
        detail = read.fault.detail
        return translated([refused_by(SOURCE, detail.errorcode if detail else None)])
    if read.status is not None:
        return translated([refused_by(SOURCE, read.status)])
    raise Unreadable("parcels: is missing")


def _parcel(parcel: Parcel) -> Iterator[Sighting | Problem]:
    """A parcel is told of under its own number and under the one that was asked for.

    That may be a reference or a notification card's, and a shop may have noted the one or the
    other.
    """
    asked, own = number(parcel.requested), number(parcel.unitno)
    if word(parcel.error_code):
        yield refused_by(SOURCE, parcel.error_code, asked or own or None)
        return
    told = [(word(one.code).upper(), one.event_date_time) for one in many(parcel.events)]
    if status := word(parcel.status).upper():
        told.append((f"status {status}", parcel.status_date_time))
    if told and not (own or asked):
        yield without_number(SOURCE)
    for tracking in {own, asked} - {""}:
        for code, when in told:
            if (at := moment_of(when, STOCKHOLM)) is None:
                yield without_time(SOURCE, code, tracking)
            else:
                yield Sighting(
                    source=SOURCE, tracking=tracking, event=identity(code, at), at=at, codes=(code,)
                )
