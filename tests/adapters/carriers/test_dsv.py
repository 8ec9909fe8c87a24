"""DSV and DB Schenker."""

from typing import Any

import pytest

from adapters.carriers import translator
from adapters.carriers.meanings import meaning
from domain.errors import Refused
from tests.adapters.carriers.told import body_of, problems, sightings, types

TWO = body_of("dsv_two_waybills.json")
UMEA, BORAS = {"name": "Umeå"}, {"name": "Borås"}


def shipment(*events: dict[str, Any], origin: str = "Borås", goal: str = "Umeå") -> dict[str, Any]:
    offices = {"dispatchingOffice": {"city": origin}, "receivingOffice": {"city": goal}}
    return {"sttNumber": "SEBOR620000001", "events": list(events), "location": offices}


def event(code: str, place: Any = None, *reasons: str) -> dict[str, Any]:
    told = [{"code": one} for one in reasons]
    return {"code": code, "date": "2025-11-04T09:00:00Z", "location": place, "reasons": told}


def test_dis_is_seen_at_the_origins_terminal_too() -> None:
    """Only at another, receiving terminal is the parcel at the consignee's disposal."""
    assert types("dsv", shipment(event("DIS", UMEA))) == ["AvailableForCollection"]
    assert types("dsv", shipment(event("DIS", BORAS))) == []
    assert types("dsv", shipment(event("DIS", UMEA), origin="Umeå")) == []
    assert types("dsv", shipment(event("DIS"))) == []
    assert types("dsv", {"sttNumber": "S1", "events": [event("DIS", UMEA)]}) == []


def test_dis_with_a_reason_is_an_advice_in_advance() -> None:
    assert types("dsv", shipment(event("DIS", UMEA, "PA"))) == []
    assert types("dsv", body_of("dsv_pre_advice.json")) == ["InTransit"] * 3
    (told,) = sightings("dsv", shipment(event("DIS", UMEA, "XX")))
    found = meaning(told)
    assert found is not None
    assert found.grade == "ambiguous"


def test_two_waybills_may_be_one_shipment() -> None:
    """What is said of the shipment is said of each number that it goes under."""
    told = sightings("dsv", TWO)
    collected = {one.tracking for one in told if one.codes == ("PUP",)}
    assert collected == {"SEGOT620155512", "1806290111", "03368222"}


def test_a_package_has_events_of_its_own() -> None:
    """The same scan told twice is one; what only one package of two had is not the other's."""
    told = [one for one in sightings("dsv", TWO) if one.tracking.startswith("57331343217")]
    assert [(one.tracking, one.codes) for one in told] == [("573313432170044889", ("ENM",))]


def test_the_only_package_has_what_is_said_of_the_shipment() -> None:
    body = TWO | {"packages": TWO["packages"][:1]}
    package = [one for one in sightings("dsv", body) if one.tracking == "573313432170044889"]
    assert [one.codes[0] for one in package] == ["ENT", "COL", "ENM", "DIS at destination", "PUP"]


def test_what_the_codes_become() -> None:
    assert types("dsv", shipment(event("DLV"))) == ["Delivered"]
    assert types("dsv", shipment(event("PUP"))) == ["Collected"]
    assert types("dsv", shipment(event("NDL"))) == []
    (told,) = sightings("dsv", shipment(event("QQQ")))
    assert meaning(told) is None


def test_missing_lists_are_empty_ones() -> None:
    assert sightings("dsv", {"sttNumber": "S1"}) == []
    assert sightings("dsv", {"result": [], "warnings": []}) == []
    bare = {"sttNumber": "S1", "references": {"waybillAndConsignementNumbers": "180 629"}}
    assert {one.tracking for one in sightings("dsv", bare | {"events": event("DLV")})} == {
        "S1", "180629",
    }  # fmt: skip


def test_an_error_is_told_with_its_code() -> None:
    assert problems("dsv", body_of("dsv_error.json")) == ["TRACKING-BADREQ-SHIPMENT_NOT_FOUND"]


def test_an_event_without_a_time_is_shown_and_stops_no_other() -> None:
    body = shipment(event("DLV"), event("ENM") | {"date": "soon"})
    assert types("dsv", body) == ["Delivered"]
    assert problems("dsv", body) == ["event_without_time"]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"sttNumber": []}', b"[]"])
def test_what_is_no_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        translator("dsv")(body)


def test_no_person_is_told_of() -> None:
    assert "Anna" not in repr(sightings("dsv", TWO))
