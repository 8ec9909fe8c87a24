"""Canada Post: tracking details and tracking summaries (XML), and the messages of its refusals.

Times are those on the wall, and the zone beside them is named for the winter all year round; it
tells the region. Some events of a return have the code of the way out and another description.
Source: Canada Post Developer Program, Get Tracking Details, Get Tracking Summary, and the message
code tables.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    moment_of, number, refused_by, translated, without_number, without_time, word,
)  # fmt: skip
from adapters.carriers.xml import every, name_of, root_of, text_of
from domain.errors import Unreadable

SOURCE = "canada_post"
DETAIL, SUMMARY, MESSAGES = "tracking-detail", "pin-summary", "messages"
EASTERN = ZoneInfo("America/Toronto")
ZONES = {
    "N": ZoneInfo("America/St_Johns"), "A": ZoneInfo("America/Halifax"), "E": EASTERN,
    "C": ZoneInfo("America/Winnipeg"), "M": ZoneInfo("America/Edmonton"),
    "P": ZoneInfo("America/Vancouver"), "Y": ZoneInfo("America/Whitehorse"),
}  # fmt: skip
"""By the first letter of EST, EDT, MST, ...; where it is none of these, Eastern is taken."""
ZONE = re.compile(r"([NAECMPY])[SD]?T")
SASKATCHEWAN = ZoneInfo("America/Regina")
"""It keeps its winter's time in summer."""
TO_SENDER = re.compile(r"return(?:ed|ing)? .*sender|renvoy\w+ .*exp[ée]diteur", re.IGNORECASE)
SHARED = ("0174", "1412", "1479", "1496", "1498", "1703", "2412")
"""Codes that a return shares with the way out; the description alone tells them apart."""


def translate(body: bytes) -> Translation:
    """What stands in a reply. Raises Unreadable where it is none."""
    root = root_of(body)
    parts = [one for one in root.iter() if name_of(one) in (DETAIL, SUMMARY, MESSAGES)]
    if not parts and name_of(root) != "tracking-summary":
        raise Unreadable("neither tracking-detail, pin-summary nor messages is there")
    return translated(chain.from_iterable(map(_told, parts)))


def _told(part: Element) -> Iterator[Sighting | Problem]:
    if name_of(part) == MESSAGES:
        yield from (refused_by(SOURCE, text_of(one, "code")) for one in every(part, "message"))
        return
    events = _occurrences(part) if name_of(part) == DETAIL else _summary(part)
    tracking = number(text_of(part, "pin"))
    if not tracking:
        yield without_number(SOURCE)
        return
    yield from (_event(tracking, code, local, zone) for code, local, zone in events)


def _occurrences(detail: Element) -> Iterator[tuple[str, str, ZoneInfo]]:
    """(code, local time, region) of every significant event."""
    for one in every(detail, "occurrence"):
        code = _code(text_of(one, "event-identifier"), text_of(one, "event-description"))
        day, clock = text_of(one, "event-date"), text_of(one, "event-time")
        local = f"{day}T{clock or '12:00:00'}" if day else ""
        zone = _zone(text_of(one, "event-time-zone"), text_of(one, "event-province"))
        yield code, local, zone


def _summary(summary: Element) -> Iterator[tuple[str, str, ZoneInfo]]:
    """The newest event: its kind, and its time as YYYYMMDD:HHMMSS."""
    kind = word(text_of(summary, "event-type")).upper()
    if not kind:
        return
    told = re.sub(r"[^0-9]", "", text_of(summary, "event-date-time"))
    yield f"summary {kind}", f"{told[:8]}T{told[8:14] or '120000'}" if told else "", EASTERN


def _code(identifier: str, description: str) -> str:
    """Four digits, however many zeroes are told; `to sender` where the description says so."""
    told = word(identifier)
    code = told.zfill(4) if told.isdecimal() else told
    return f"{code} to sender" if code in SHARED and TO_SENDER.search(description) else code


def _zone(told: str, province: str) -> ZoneInfo:
    if province.upper() == "SK":
        return SASKATCHEWAN
    found = ZONE.fullmatch(told.upper())
    return ZONES[found[1]] if found else EASTERN


def _event(tracking: str, code: str, local: str, zone: ZoneInfo) -> Sighting | Problem:
    """The identity holds the local time, which is told, and not the instant, which is reckoned."""
    if (at := moment_of(local, zone)) is None:
        return without_time(SOURCE, code, tracking)
    event = f"{code}@{datetime.fromisoformat(local):%Y-%m-%dT%H:%M:%S}"
    return Sighting(source=SOURCE, tracking=tracking, event=event, at=at, codes=(code,))
