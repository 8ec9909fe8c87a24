"""Bodies of carriers for tests, made up in their shapes."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.bodies import Body
from adapters.messages import Message
from tests.facts import START, message

NUMBER = "00370700000000000018"
Event = tuple[str, float] | tuple[str, float, str]
"""(status, hours after the start), and the event code where it says more."""
WAITS: Event = ("AVAILABLE_FOR_DELIVERY", 48, "1")
LIFE: Sequence[Event] = (("INFORMED", 20), ("EN_ROUTE", 30), WAITS)


def postnord(
    events: Sequence[Event] = LIFE, number: str = NUMBER, until: str | None = None
) -> bytes:
    """PostNord's answer about one parcel, with all that it knows so far."""
    told: list[dict[str, Any]] = []
    for status, hours, *code in events:
        local = (START + timedelta(hours=hours)).replace(tzinfo=None).isoformat()
        told.append({"eventTime": local, "eventCode": "".join(code), "status": status})
    item = {"itemId": number, "events": told} | ({"returnDate": until} if until else {})
    return json.dumps({"TrackingInformationResponse": {"shipments": [{"items": [item]}]}}).encode()


def ups(code: str, hours: float, number: str = NUMBER, kind: str = "I") -> bytes:
    """UPS's webhook message: one activity of one parcel."""
    at = START + timedelta(hours=hours)
    local = {"localActivityDate": f"{at:%Y%m%d}", "localActivityTime": f"{at:%H%M%S}"}
    status = {"type": kind, "code": code, "description": "said in words"}
    return json.dumps({"trackingNumber": number, **local, "activityStatus": status}).encode()


def body(value: bytes, place: str = "file:1", at: datetime | None = None) -> Body:
    return Body(value, place, at)


def ships(
    order: str = "A", id: str = "shipped", hours: float = 24, number: str = NUMBER,
    carrier: str = "postnord", parcel: str = "p1", seller: str = "allectra",
) -> Message:  # fmt: skip
    """The `Shipped` of a parcel with that number."""
    return message("Shipped", seller, order, id, hours, parcel=parcel, carrier=carrier,
                   tracking=number)  # fmt: skip


def retracts(
    fact: str = "shipped", order: str = "A", hours: float = 60, seller: str = "allectra"
) -> Message:
    """The retraction of one of the order's messages."""
    return message("Retracted", seller, order, f"no-{fact}", hours, fact=fact)


def ups_reply(told: Sequence[tuple[str, float, str]], number: str = NUMBER) -> bytes:
    """UPS's answer about one parcel: (code, hours after the start, type), the newest first."""
    activity = []
    for code, hours, kind in reversed(told):
        at = START + timedelta(hours=hours)
        status = {"type": kind, "code": code}
        activity.append({"date": f"{at:%Y%m%d}", "time": f"{at:%H%M%S}", "status": status})
    package = {"trackingNumber": number, "activity": activity}
    return json.dumps({"trackResponse": {"shipment": [{"package": [package]}]}}).encode()


def snapshots(number: str = NUMBER) -> list[bytes]:
    """Ten answers of UPS, each with one event more, and one that takes the last one back.

    The parcel is on its way, then at an access point, and picked up there.
    """
    told = [
        ("OR", 25.0, "I"), ("AR", 26.0, "I"), ("DP", 27.0, "I"), ("AR", 30.0, "I"),
        ("DP", 31.0, "I"), ("AR", 34.0, "I"), ("DP", 40.0, "I"), ("AR", 44.0, "I"),
        ("2Q", 48.0, "D"), ("2W", 72.0, "D"), ("8I", 75.0, "X"),
    ]  # fmt: skip
    return [ups_reply(told[:count], number) for count in range(1, len(told) + 1)]


def epcis(event: str, hours: float = 30, declared: float | None = None) -> bytes:
    """An EPCIS event of a parcel that leaves; or the declaration that it was wrong."""
    at = (START + timedelta(hours=hours)).isoformat()
    told: dict[str, Any] = {
        "type": "ObjectEvent", "eventID": event, "eventTime": at, "action": "OBSERVE",
        "bizStep": "shipping", "epcList": ["urn:epc:id:sscc:7350012.1234567890"],
    }  # fmt: skip
    if declared is not None:
        told["errorDeclaration"] = {
            "declarationTime": (START + timedelta(hours=declared)).isoformat()
        }
    return json.dumps(told).encode()


SSCC = "173500122345678907"
"""The parcel of the EPCIS events, as a shop would call it."""
