"""What of a carrier's body may be written down: the fields that its translator reads.

Consignees, signatures and addresses stand in these bodies too. What a translator does not name
never leaves the body, and what is left translates to the same.
"""

from importlib import import_module
from xml.etree.ElementTree import Element, tostring

import msgspec

from adapters.carriers import FAMILY
from adapters.carriers.reading import decoded
from adapters.carriers.xml import is_xml, name_of, root_of
from domain.errors import Unreadable, VillkorError

TEXTS = {
    "canada_post": frozenset({
        "pin", "code", "event-identifier", "event-description", "event-date", "event-time",
        "event-time-zone", "event-province", "event-type", "event-date-time",
    }),
    "bring": frozenset({"Status", "OccuredAtIsoDateTime", "UnitId", "LastRetrievalDate"}),
    "epcis": frozenset({
        "eventTime", "eventTimeZoneOffset", "eventID", "action", "bizStep", "disposition", "id",
        "epc", "parentID", "declarationTime",
    }),
}  # fmt: skip
"""Elements whose text is read, where the body is XML."""
ATTRIBUTES = {
    "dhl_parcel_de": frozenset({
        "name", "code", "piece-id", "piece-code", "searched-piece-code", "piece-identifier",
        "error-status", "piece-status", "event-timestamp", "status-timestamp",
        "last-event-timestamp", "ice", "ric", "ruecksendung", "standard-event-code",
    }),
    "bring": frozenset({"consignmentId", "packageId"}),
}  # fmt: skip
"""Attributes that are read, where the body is XML."""
EITHER = ("bring", "epcis")
"""Carriers that say the same in XML and in JSON; the others with XML have no other form."""


def kept(source: str, body: bytes) -> bytes:
    """A body without what its translator does not read. Raises Unreadable where it is none."""
    if source not in FAMILY:
        raise VillkorError(f"{source!r} is no carrier; there are {', '.join(FAMILY)}")
    has_xml = source in TEXTS or source in ATTRIBUTES
    if has_xml and (is_xml(body) or source not in EITHER):
        texts, attributes = (one.get(source, frozenset()) for one in (TEXTS, ATTRIBUTES))
        try:
            return tostring(_pruned(root_of(body), texts, attributes))
        except RecursionError as error:
            raise Unreadable("the body is nested too deep") from error
    return msgspec.json.encode(decoded(_decoder(source), body))


def _decoder(source: str) -> msgspec.json.Decoder[object]:
    """The one decoder of a translator, whose type is what it reads."""
    values = vars(import_module(f"adapters.carriers.{source}")).values()
    [found] = (one for one in values if isinstance(one, msgspec.json.Decoder))
    return found


def _pruned(element: Element, texts: frozenset[str], attributes: frozenset[str]) -> Element:
    told = {name: text for name, text in element.attrib.items() if name in attributes}
    pruned = Element(name_of(element), told)
    pruned.text = element.text if name_of(element) in texts else None
    pruned.extend([_pruned(one, texts, attributes) for one in element])
    return pruned
