"""DHL Parcel DE Tracking (`parcel/de/tracking/v0/shipments`): XML of nested `data` elements.

Understood are `d-get-piece`, `d-get-piece-detail`, `d-get-piece-events` and the public query. An
event's meaning is its ICE (what) with its RIC (why); the standard event code lies: a parcel that
was destroyed uncollected has the one of a delivery. Whether a delivery was to the sender is told
by `ruecksendung`. Times are German, without a zone.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from adapters.carriers import Problem, Sighting, Translation
from adapters.carriers.reading import (
    identity, moment_of, number, refused_by, translation, without_time, word,
)  # fmt: skip
from adapters.carriers.xml import every, root_of
from domain.errors import Unreadable

SOURCE = "dhl_parcel_de"
BERLIN = ZoneInfo("Europe/Berlin")
NUMBERS = ("piece-code", "searched-piece-code", "piece-identifier")
"""Attributes that name a parcel, the fullest first."""
LATEST = ("status-timestamp", "last-event-timestamp")
"""Attributes with the time of a piece's latest event: for its sender, and for the public."""
GERMAN = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")
BEGINS_BACK = "RETRN"
"""The event that sends a parcel back: its reason is about the way out, flagged or not."""
FINE = ("", "0")
"""Codes of an answer in which nothing is wrong."""


def translate(body: bytes) -> Translation:
    """The events of every piece, and the errors of the answer or of single pieces."""
    root = root_of(body)
    pieces = list(_pieces(root))
    code = next((word(one.get("code")) for one in every(root, "data") if one.get("code")), "")
    if not pieces and code == "":
        raise Unreadable("not DHL's parcel tracking: no piece stands in it, and no code")
    named = {one.get("piece-id"): one for one in pieces if one.get("piece-code")}
    told = [one for piece in pieces for one in _told(piece, _owner(piece, named))]
    problems = [one for one in told if isinstance(one, Problem)]
    if code not in FINE and not problems:
        problems.append(refused_by(SOURCE, code))
    return translation((one for one in told if isinstance(one, Sighting)), problems)


def _number(element: Element) -> str:
    return next((number(element.get(name)) for name in NUMBERS if element.get(name)), "")


def _pieces(root: Element) -> Iterator[Element]:
    """The outermost elements that name a parcel: a piece, or a list of events without one."""
    ahead = [root]
    while ahead:
        element = ahead.pop()
        if _number(element):
            yield element
        else:
            ahead.extend(element)


def _owner(piece: Element, named: dict[str | None, Element]) -> Element:
    """The piece that a list beside it is about: of itself a list has the number only without its
    check digit. Anything else is its own."""
    is_list = piece.get("piece-id") and not piece.get("piece-code")
    return named.get(piece.get("piece-id"), piece) if is_list else piece


def _told(piece: Element, owner: Element) -> Iterator[Sighting | Problem]:
    """A piece's events; where none are listed, the piece is its own latest event."""
    tracking = _number(owner)
    for name in ("error-status", "piece-status"):
        if (code := word(piece.get(name))) not in FINE:
            yield refused_by(SOURCE, code, tracking)
            return
    listed = [one for one in every(piece, "data") if one.get("event-timestamp") is not None]
    if listed:
        for event in listed:
            yield _event(tracking, (event, piece, owner), event.get("event-timestamp"))
    elif latest := next((piece.get(name) for name in LATEST if piece.get(name)), None):
        yield _event(tracking, (piece, owner), latest)


def _event(tracking: str, within: tuple[Element, ...], told: str | None) -> Sighting | Problem:
    """An event and what it stands in, whose return flag holds where it has none.

    The place is no part of the identity: the same event without its list has none.
    """
    event, at = within[0], _moment(told)
    name, ice = _name(event), word(event.get("ice"))
    if at is None:
        return without_time(SOURCE, name, tracking)
    flags = (one.get("ruecksendung") for one in within)
    back = word(next(filter(None, flags), "")).lower() == "true" and ice != BEGINS_BACK
    codes = (f"back: {name}", f"back: {ice or name}") if back else (name,)
    said = f"back:{name}" if back else name
    return Sighting(source=SOURCE, tracking=tracking, event=identity(said, at), at=at, codes=codes)


def _name(event: Element) -> str:
    """ICE/RIC; without them the standard code, which says little; some events are words only."""
    ice, ric = word(event.get("ice")), word(event.get("ric"))
    if ice:
        return f"{ice}/{ric}" if ric else ice
    standard = word(event.get("standard-event-code"))
    return f"standard: {standard}" if standard else "no code"


def _moment(told: str | None) -> datetime | None:
    text = " ".join((told or "").split())
    for form in GERMAN:
        try:
            at = datetime.strptime(text, form).replace(tzinfo=BERLIN).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        return moment_of(at.isoformat(), BERLIN)
    return moment_of(text, BERLIN)
