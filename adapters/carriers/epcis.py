"""EPCIS 2.0 in JSON-LD and in XML: documents, query documents, captures of one event, bare events.

The parcels are the SSCCs; goods (SGTIN and the like) are none. An event is known by its `eventID`,
or by its content where it has none. An error declaration repeats the erroneous event, and takes it
back. Source: GS1 EPCIS 2.0 (7.4.1.4 error declarations), CBV 2.0, TDS 2.0.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from xml.etree.ElementTree import Element

import msgspec

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    decoded, many, moment_of, refused_by, translated, without_time, word,
)  # fmt: skip
from adapters.carriers.xml import every, is_xml, name_of, root_of, text_of
from domain.calendar import STOCKHOLM
from domain.errors import Unreadable

URN = re.compile(r"urn:epc:id:sscc:(\d{6,12})\.(\d)(\d{4,10})")
LINK = re.compile(r"https?://[^?#\s]*/00/(\d{18})(?:[/?#].*)?")
VOCABULARY = re.compile(
    r"(?:urn:epcglobal:cbv:(?:bizstep|disp):"
    r"|(?:cbv:|https?://\S*gs1\.org/\S*)(?:BizStep|Disp)-)(\w+)",
    re.IGNORECASE,
)
ZONELESS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+")
SOURCE = "epcis"
TYPES = (
    "ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent",
    "AssociationEvent",
)  # fmt: skip
DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument", *TYPES)
DECLARED = "error_declaration"
LONGEST_ID = 150
"""Characters of an `eventID` that is kept as it is; GS1's own hash identifiers have 89."""
DIGITS_OF_URN = 17
"""Company prefix and serial reference together; the check digit is the eighteenth."""


class Place(msgspec.Struct):
    id: str | None = None


class ErrorDeclaration(msgspec.Struct, rename="camel"):
    declaration_time: str | None = None


class Event(msgspec.Struct, rename="camel"):
    """An event of any type; older files call `type` `isA`."""

    type: str | None = None
    is_a: str | None = None
    event_id: str | None = msgspec.field(default=None, name="eventID")
    event_time: str | None = None
    event_time_zone_offset: str | None = None
    action: str | None = None
    biz_step: str | None = None
    disposition: str | None = None
    read_point: Place | str | None = None
    biz_location: Place | str | None = None
    epc_list: list[str] | str | None = None
    parent_id: str | None = msgspec.field(default=None, name="parentID")
    child_epcs: list[str] | str | None = msgspec.field(default=None, name="childEPCs")
    error_declaration: ErrorDeclaration | None = None


class Results(msgspec.Struct, rename="camel"):
    event_list: list[Event] | Event | None = None


class Query(msgspec.Struct, rename="camel"):
    results_body: Results | None = None


class Contents(msgspec.Struct, rename="camel"):
    event_list: list[Event] | Event | None = None
    event: Event | None = None
    query_results: Query | None = None


class Body(Event, rename="camel"):
    """A document; or an event that came bare; or a problem (RFC 7807), told by its `title`."""

    epcis_body: Contents | None = None
    title: str | None = None


_bodies = msgspec.json.Decoder(list[Body] | Body)


def translate(body: bytes) -> Translation:
    """What stands in a document or an event. Raises Unreadable where it is neither."""
    if is_xml(body):
        return translated(chain.from_iterable(map(_event, _of_xml(root_of(body)))))
    return translated(chain.from_iterable(map(_told, many(decoded(_bodies, body)))))


def _told(body: Body) -> Iterator[Sighting | Problem]:
    if body.epcis_body is not None:
        yield from chain.from_iterable(map(_event, _events(body.epcis_body)))
    elif body.event_time is not None or body.event_id is not None:
        yield from _event(body)
    elif body.title is not None:
        yield refused_by(SOURCE, (body.type or "").rpartition(":")[2])
    else:
        raise Unreadable("neither epcisBody nor eventTime is there")


def _events(body: Contents) -> list[Event]:
    queried = body.query_results.results_body if body.query_results else None
    found: list[Event] = many(queried.event_list if queried else None)
    return [*many(body.event_list), *many(body.event), *found]


def _of_xml(root: Element) -> Iterator[Event]:
    """The events of the XML binding."""
    if name_of(root) not in DOCUMENTS:
        raise Unreadable("the document is none of EPCIS's")
    return (_of_element(one) for one in root.iter() if name_of(one) in TYPES)


def _of_element(element: Element) -> Event:
    """An event; `baseExtension` has what was new in version 1.2.

    The standard's fields come before those that a company adds, which may have the same names.
    """
    parts = [element, *(one for one in element if name_of(one) == "baseExtension")]
    found: dict[str, Element] = {}
    for child in chain.from_iterable(parts):
        found.setdefault(name_of(child), child)
    said = {name: (child.text or "").strip() for name, child in found.items()}
    declared = found.get("errorDeclaration")
    return Event(
        type=name_of(element), event_id=said.get("eventID"), event_time=said.get("eventTime"),
        event_time_zone_offset=said.get("eventTimeZoneOffset"), action=said.get("action"),
        biz_step=said.get("bizStep"), disposition=said.get("disposition"),
        read_point=_within(found.get("readPoint")), biz_location=_within(found.get("bizLocation")),
        epc_list=_epcs(found.get("epcList")), parent_id=said.get("parentID"),
        child_epcs=_epcs(found.get("childEPCs")),
        error_declaration=None if declared is None
        else ErrorDeclaration(text_of(declared, "declarationTime")),
    )  # fmt: skip


def _within(place: Element | None) -> str | None:
    return None if place is None else text_of(place, "id") or None


def _epcs(listed: Element | None) -> list[str]:
    return [] if listed is None else [(one.text or "").strip() for one in every(listed, "epc")]


def sscc(epc: str) -> str | None:
    """The eighteen digits of a parcel's identifier, URN or GS1 Digital Link. None: no parcel.

    The serial reference begins with the extension digit, which comes first in the SSCC.
    """
    if link := LINK.fullmatch(epc.strip()):
        return link[1]
    found = URN.fullmatch(epc.strip())
    digits = found[2] + found[1] + found[3] if found else ""
    return digits + _check_digit(digits) if len(digits) == DIGITS_OF_URN else None


def _check_digit(digits: str) -> str:
    """GS1 General Specifications 7.9.1: weights 3 and 1, from the left of seventeen digits."""
    total = sum(int(one) * (1 if place % 2 else 3) for place, one in enumerate(digits))
    return str(-total % 10)


def _event(event: Event) -> Iterator[Sighting | Problem]:
    """What an event says of each parcel in it; a declaration says it was wrong, and no more."""
    told = (*many(event.epc_list), *many(event.parent_id), *many(event.child_epcs))
    epcs = sorted({one.strip() for one in told if one.strip()})
    own, codes, corrects = _identity(event, epcs), _codes(event), None
    at, declared = _moment(event.event_time, event), event.error_declaration
    if declared is not None:
        own, codes, corrects = f"{DECLARED}:{own}", (DECLARED,), own
        at = _moment(declared.declaration_time, event) or at
    for tracking in {found for epc in epcs if (found := sscc(epc))}:
        if at is None:
            yield without_time(SOURCE, "".join(codes[:1]), tracking)
        else:
            yield Sighting(
                source=SOURCE, tracking=tracking, event=own, at=at, codes=codes, corrects=corrects
            )


def _moment(told: str | None, event: Event) -> datetime | None:
    """A moment with its own offset, else with the one that stands beside it."""
    text = (told or "").strip()
    if ZONELESS.fullmatch(text):
        text += (event.event_time_zone_offset or "").strip()
    return moment_of(text, STOCKHOLM)


def _identity(event: Event, epcs: list[str]) -> str:
    """The `eventID`, else a digest of what the standard's own fields say.

    What a declaration adds, and what is no field of the standard's, is not part of it.
    """
    if told := word(event.event_id, len(event.event_id or "")):
        return told if len(told) <= LONGEST_ID else _digest(told)
    at = _moment(event.event_time, event)
    return _digest(
        event.type or event.is_a, at.isoformat() if at else None, event.action, *_codes(event),
        _place(event.read_point), _place(event.biz_location), *epcs,
    )  # fmt: skip


def _digest(*told: str | None) -> str:
    return f"sha256:{hashlib.sha256(msgspec.json.encode(told)).hexdigest()}"


def _place(told: Place | str | None) -> str | None:
    return told.id if isinstance(told, Place) else told


def _codes(event: Event) -> tuple[str, ...]:
    """Business step and disposition together, then the step alone, then the disposition alone."""
    step, state = _vocabulary(event.biz_step), _vocabulary(event.disposition)
    return tuple(one for one in (f"{step}/{state}", f"{step}/", f"/{state}") if one != "/")


def _vocabulary(told: str | None) -> str:
    """The bare word of the Core Business Vocabulary; a company's own word as it is told."""
    text = word(told)
    found = VOCABULARY.fullmatch(text)
    return found[1] if found else text
