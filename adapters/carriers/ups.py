"""UPS: the reply of the Tracking API (v1 details) and the message of the Track Alert webhook.

An activity code says how and where; the same letters are a movement scan under type I and an
exception under type X, so a code is asked with its type first. Under type D it may say no more
than who took the parcel: where the status code tells that this was the sender, a shop or an agent,
the status code speaks. Source: UPS developer portal, Tracking and Track Alert, code tables.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from string import digits

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    day_of_text, decoded, many, moment_of, names, number, refused_by, translated,
    without_number, without_time, word,
)  # fmt: skip
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

SOURCE = "ups"
Told = str | int | None
NOT_THE_CUSTOMER = ("034", "035", "036", "067", "081", "143", "144", "161")
"""Status codes of a delivery to the sender, an agent, a post office or an access point."""
PLAIN = ("2W", "5F", "53", "UA", "B0")
"""Codes under type D that say themselves what became of the parcel."""
WAITING = frozenset({
    "2Q", "ZP", "I5", "1N", "ZQ", "EP", "status 017", "status 040", "status 144", "status 161",
})  # fmt: skip
"""Codes of a parcel that waits to be collected, which the day to collect it by is about."""
OFFSET = re.compile(r"([+-]\d\d)[:.]?(\d\d)")
"""A reply writes -05:00, a webhook -05.00."""


class Status(msgspec.Struct, rename="camel"):
    type: Told = None
    code: Told = None
    status_code: Told = None
    description_code: Told = None


class Activity(msgspec.Struct, rename="camel"):
    date: Told = None
    time: Told = None
    gmt_date: Told = None
    gmt_time: Told = None
    gmt_offset: Told = None
    status: Status | None = None


class AccessPoint(msgspec.Struct, rename="camel"):
    pickup_by_date: Told = None


class Package(msgspec.Struct, rename="camel"):
    tracking_number: Told = None
    activity: list[Activity] | Activity | None = None
    access_point_information: list[AccessPoint] | AccessPoint | None = None


class Message(msgspec.Struct, rename="camel"):
    code: Told = None


class Shipment(msgspec.Struct, rename="camel"):
    inquiry_number: Told = None
    package: list[Package] | Package | None = None
    warnings: list[Message] | Message | None = None


class TrackResponse(msgspec.Struct, rename="camel"):
    shipment: list[Shipment] | Shipment | None = None


class Errors(msgspec.Struct):
    errors: list[Message] | Message | None = None


class Body(msgspec.Struct, rename="camel"):
    """Either a reply (`trackResponse`, or `response` with errors) or a webhook's message."""

    track_response: TrackResponse | None = None
    response: Errors | None = None
    tracking_number: Told = None
    local_activity_date: Told = None
    local_activity_time: Told = None
    gmt_activity_date: Told = None
    gmt_activity_time: Told = None
    gmt_offset: Told = None
    activity_status: Status | None = None


_bodies = msgspec.json.Decoder(list[Body] | Body)


def translate(body: bytes) -> Translation:
    """What stands in a reply or a message. Raises Unreadable where it is neither."""
    return translated(chain.from_iterable(_told(one) for one in many(decoded(_bodies, body))))


def _told(body: Body) -> Iterable[Sighting | Problem]:
    if body.track_response is not None:
        return chain.from_iterable(map(_shipment, many(body.track_response.shipment)))
    if body.activity_status is not None:
        return [_activity(_alert(body), number(body.tracking_number))]
    if body.response is not None:
        return [refused_by(SOURCE, one.code) for one in many(body.response.errors)]
    raise Unreadable("neither trackResponse, response nor activityStatus is there")


def _alert(body: Body) -> Activity:
    """The webhook's message in the shape of the reply, so that both tell one event."""
    return Activity(
        body.local_activity_date, body.local_activity_time,
        body.gmt_activity_date, body.gmt_activity_time, body.gmt_offset, body.activity_status,
    )  # fmt: skip


def _shipment(shipment: Shipment) -> Iterator[Sighting | Problem]:
    asked = number(shipment.inquiry_number)
    for warning in many(shipment.warnings):
        yield refused_by(SOURCE, warning.code, asked or None)
    packages = many(shipment.package)
    for package in packages:
        known_as = names(package.tracking_number, asked, alone=len(packages) == 1)
        for tracking in known_as or ("",):
            yield from _package(package, tracking)


def _package(package: Package, tracking: str) -> Iterator[Sighting | Problem]:
    told = [_activity(one, tracking) for one in many(package.activity)]
    yield from told
    for point in many(package.access_point_information):
        if until := day_of_text(_digits(point.pickup_by_date), "%Y%m%d"):
            yield from _deadline([one for one in told if isinstance(one, Sighting)], until)


def _deadline(told: list[Sighting], until: str) -> Iterator[Sighting]:
    """The last day to collect, as news of its own beside the latest event that it is about.

    A webhook tells of that event without the day, and the day may be moved afterwards.
    """
    waits = [one for one in told if WAITING & set(one.codes)]
    if waits:
        last = max(waits, key=lambda one: (one.at, one.event))
        yield replace(last, event=f"{last.event}~{until}", data={"until": until})


def _activity(activity: Activity, tracking: str) -> Sighting | Problem:
    """One activity of one parcel; its identity is what reply and webhook both tell of it."""
    if not tracking:
        return without_number(SOURCE)
    status = activity.status or Status()
    code, described = _code(status), _status_code(status)
    local = _local(activity.date, activity.time)
    at = _instant(activity, local)
    if at is None or local is None:
        return without_time(SOURCE, code or described, tracking)
    return Sighting(
        source=SOURCE, tracking=tracking, event=f"{code or described}@{local}", at=at,
        codes=_codes(word(status.type).upper(), code, described),
    )  # fmt: skip


def _codes(kind: str, code: str, described: str) -> tuple[str, ...]:
    """What the table is asked. Where a code is told, its status code is no answer for it: a code
    that no table knows may be one more way to give a parcel back."""
    if kind == "D" and described in NOT_THE_CUSTOMER and code not in PLAIN:
        return (f"status {described}",)
    return (f"{kind} {code}", code) if code else (f"status {described}",)


def _code(status: Status) -> str:
    """Without leading zeroes, as the documentation lists the codes that are numbers."""
    told = word(status.code).upper()
    return str(int(told)) if told.isdecimal() and told.isascii() else told


def _status_code(status: Status) -> str:
    """Three digits, as the documentation lists them; a webhook calls it descriptionCode."""
    told = word(status.status_code) or word(status.description_code)
    return told.zfill(3) if told.isdecimal() else told


def _local(day: Told, time: Told) -> str | None:
    """20240423 and 095004, with or without what stands between; a day alone is its noon."""
    date, clock = _digits(day), _digits(time) or "120000"
    if len(date) != len("20240423") or len(clock) > len("095004"):
        return None
    return f"{date}T{clock.zfill(6)}"


def _instant(activity: Activity, local: str | None) -> datetime | None:
    """By Greenwich where its time is told, else by the place's offset, else Stockholm's time."""
    gmt = _local(activity.gmt_date, activity.gmt_time) if _digits(activity.gmt_time) else None
    offset = OFFSET.fullmatch(word(activity.gmt_offset))
    told = (
        f"{gmt}Z" if gmt else "",
        f"{local}{offset[1]}:{offset[2]}" if local and offset else "",
        local,
    )  # fmt: skip
    return next((at for one in told if (at := moment_of(one, STOCKHOLM)) is not None), None)


def _digits(told: Told) -> str:
    return "".join(one for one in word(told) if one in digits)
