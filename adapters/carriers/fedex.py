"""FedEx: the reply of the Track API (v1) by tracking numbers.

An exception event is asked with its reason first: `SE 099`, then `SE`. Express writes reasons with
two digits and Ground with three, and 07 is not 007, so they are kept as told. What is delivered
after it was sent back went to the shipper. Source: FedEx developer portal, Track API, with the
lists of status and exception codes.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    decoded, identity, many, moment_of, number, refused_by, translated, without_number,
    without_time, word,
)  # fmt: skip
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

SOURCE = "fedex"
Told = str | int | None
MOMENTS = {"DL": "ACTUAL_DELIVERY", "PU": "ACTUAL_PICKUP"}
"""Where the moment of a latest status stands, in a reply that was asked without its scans."""


class Scan(msgspec.Struct, rename="camel"):
    date: str | None = None
    event_type: Told = None
    derived_status_code: Told = None
    exception_code: Told = None


class Status(msgspec.Struct, rename="camel"):
    code: Told = None
    derived_code: Told = None


class Moment(msgspec.Struct, rename="camel"):
    type: Told = None
    date_time: str | None = None


class Numbered(msgspec.Struct, rename="camel"):
    tracking_number: Told = None


class Error(msgspec.Struct):
    code: Told = None


class Result(msgspec.Struct, rename="camel"):
    tracking_number_info: Numbered | None = None
    latest_status_detail: Status | None = None
    scan_events: list[Scan] | Scan | None = None
    date_and_times: list[Moment] | Moment | None = None
    error: list[Error] | Error | None = None


class Complete(msgspec.Struct, rename="camel"):
    tracking_number: Told = None
    track_results: list[Result] | Result | None = None


class Output(msgspec.Struct, rename="camel"):
    complete_track_results: list[Complete] | Complete | None = None


class Body(msgspec.Struct):
    """`errors` is a reply that has no `output`."""

    output: Output | None = None
    errors: list[Error] | Error | None = None


_body = msgspec.json.Decoder(Body)


def translate(body: bytes) -> Translation:
    """What stands in a reply. Raises Unreadable where it is none."""
    read = decoded(_body, body)
    if read.output is None and read.errors is None:
        raise Unreadable("output: is missing")
    told = many(read.output.complete_track_results if read.output else None)
    errors = (refused_by(SOURCE, one.code) for one in many(read.errors))
    return translated(chain(errors, *map(_complete, told)))


def _complete(asked: Complete) -> Iterator[Sighting | Problem]:
    """The results for one number. FedEx uses numbers again, so several may answer to it."""
    results = many(asked.track_results)
    for result in results:
        own = number((result.tracking_number_info or Numbered()).tracking_number)
        name = number(asked.tracking_number)
        yield from _result(result, {own, name} if len(results) == 1 else {own or name})


def _result(result: Result, names: set[str]) -> Iterator[Sighting | Problem]:
    """One parcel, under the number that was asked for and the one that it has."""
    scans, named = _scans(result), sorted(names - {""})
    if not scans:
        yield from (refused_by(SOURCE, one.code, *named[:1]) for one in many(result.error))
    elif not named:
        yield without_number(SOURCE)
    back = _sent_back(scans)
    for tracking in named:
        yield from (_scan(tracking, one, back) for one in scans)


def _scans(result: Result) -> list[Scan]:
    """The scans; without them the latest status, where the reply has the moment of it."""
    told, latest = many(result.scan_events), result.latest_status_detail
    if told or latest is None:
        return told
    code = word(latest.code) or word(latest.derived_code)
    times = {word(one.type): one.date_time for one in many(result.date_and_times)}
    moment = times.get(MOMENTS.get(code, ""))
    return [Scan(moment, code)] if moment else []


def _kind(scan: Scan) -> str:
    return (word(scan.event_type) or word(scan.derived_status_code)).upper()


def _sent_back(scans: list[Scan]) -> datetime | None:
    """When the way back to the shipper began."""
    times = (moment_of(one.date, STOCKHOLM) for one in scans if _kind(one) == "RS")
    return min((one for one in times if one is not None), default=None)


def _scan(tracking: str, scan: Scan, back: datetime | None) -> Sighting | Problem:
    kind, reason = _kind(scan), word(scan.exception_code).upper()
    if (at := moment_of(scan.date, STOCKHOLM)) is None:
        return without_time(SOURCE, kind, tracking)
    codes = (f"{kind} {reason}", kind) if reason else (kind,)
    event = identity(codes[0], at)
    if kind == "DL" and back is not None and at >= back:
        codes = ("DL to shipper",)
    return Sighting(source=SOURCE, tracking=tracking, event=event, at=at, codes=codes)
