"""EPCIS 2.0 in JSON and in XML."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.carriers import parcel_key, translator
from adapters.carriers.epcis import sscc
from adapters.carriers.meanings import meaning
from domain.errors import Refused
from tests.adapters.carriers.told import BODIES, SAMPLES, body_of, sightings, types

DOCUMENT = body_of("epcis_document.json")
DECLARED = body_of("epcis_error_declaration.json")
PARCEL = "106141412345678908"
URN = "urn:epc:id:sscc:0614141.1234567890"
SHIPPING: dict[str, Any] = {
    "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "disposition": "in_transit",
    "eventTime": "2025-03-10T20:33:31.116+01:00", "eventTimeZoneOffset": "+01:00",
    "epcList": [URN],
}  # fmt: skip
SHIPPING_AS_XML = f"""<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2"><EPCISBody>
    <q:QueryResults><resultsBody><EventList><ObjectEvent>
    <eventTime>2025-03-10T20:33:31.116+01:00</eventTime>
    <eventTimeZoneOffset>+01:00</eventTimeZoneOffset><epcList><epc>{URN}</epc></epcList>
    <action>OBSERVE</action><bizStep>shipping</bizStep><disposition>in_transit</disposition>
    </ObjectEvent></EventList></resultsBody></q:QueryResults></EPCISBody></q:EPCISQueryDocument>
""".encode()
ERROR = {
    "errorDeclaration": {"declarationTime": "2025-03-12T09:00:00Z", "reason": "incorrect_data"}
}


def test_an_error_declaration_takes_the_erroneous_event_back() -> None:
    """It repeats the event under its `eventID`, and is an event of its own."""
    (told,) = [one for one in sightings("epcis", DOCUMENT) if "shipping" in one.codes[0]]
    wrong, right = (one for one in sightings("epcis", DECLARED) if one.at.day in (11, 12))
    wrong, right = (wrong, right) if wrong.corrects else (right, wrong)
    assert wrong.corrects == told.event
    assert wrong.event != told.event
    assert wrong.at == datetime(2025, 3, 12, 8, tzinfo=UTC)
    assert right.corrects is None
    assert types("epcis", DECLARED) == ["InTransit"]


def test_without_an_event_id_the_content_is_the_identity() -> None:
    """A declaration repeats the content, so that it names the same event."""
    (told,) = sightings("epcis", SHIPPING)
    (wrong,) = sightings("epcis", SHIPPING | ERROR | {"recordTime": "2025-03-12T09:00:01Z"})
    assert wrong.corrects == told.event
    (other,) = sightings("epcis", SHIPPING | {"eventTime": "2025-03-10T20:33:32+01:00"})
    assert other.event != told.event


def test_the_declaration_itself_becomes_no_fact() -> None:
    assert types("epcis", SHIPPING | ERROR) == []


@pytest.mark.parametrize(
    "epc",
    [
        URN, "urn:epc:id:sscc:061414123456.12345", f"https://id.gs1.org/00/{PARCEL}",
        f"https://example.com/a/00/{PARCEL}?x=1", f"http://id.gs1.org/00/{PARCEL}/10/A",
    ],
)  # fmt: skip
def test_a_parcel_is_an_sscc(epc: str) -> None:
    """Eighteen digits whose last is the check digit, so that a carrier's number is the same."""
    digits = sscc(epc)
    assert digits is not None
    assert parcel_key("postnord", digits) == ("sscc", digits)


def test_the_extension_digit_comes_first() -> None:
    assert sscc(URN) == PARCEL


@pytest.mark.parametrize(
    "epc",
    [
        "urn:epc:id:sgtin:0614141.107346.2017", "https://id.gs1.org/01/70614141123451/21/2018",
        "urn:epc:id:sscc:0614141.123456789", "urn:epc:idpat:sscc:0614141.*", "", PARCEL,
    ],
)  # fmt: skip
def test_goods_are_no_parcels(epc: str) -> None:
    assert sscc(epc) is None
    assert sightings("epcis", SHIPPING | {"epcList": [epc]}) == []


def test_an_aggregation_speaks_of_its_parent() -> None:
    assert {one.tracking for one in sightings("epcis", DOCUMENT)} == {PARCEL}
    assert [one.codes[0] for one in sightings("epcis", DOCUMENT)] == [
        "packing/in_progress", "shipping/in_transit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "step",
    [
        "shipping", "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping",
        "cbv:BizStep-shipping",
    ],
)  # fmt: skip
def test_the_vocabulary_is_the_same_however_it_is_written(step: str) -> None:
    assert sightings("epcis", SHIPPING | {"bizStep": step}) == sightings("epcis", SHIPPING)


def test_receiving_and_collecting_are_not_the_customers() -> None:
    """A company in the chain receives; collecting is for disposal or use again."""
    for step in ("receiving", "collecting", "accepting"):
        assert types("epcis", SHIPPING | {"bizStep": step, "disposition": "in_progress"}) == []


def test_a_companys_own_word_is_told_as_unknown() -> None:
    own = {"bizStep": "https://example.com/steps/teleporting", "disposition": None}
    (told,) = sightings("epcis", SHIPPING | own)
    assert meaning(told) is None


def test_an_event_comes_alone_in_a_document_or_as_a_querys_answer() -> None:
    forms: list[Any] = [
        SHIPPING, [SHIPPING],
        {"type": "EPCISDocument", "epcisBody": {"event": SHIPPING}},
        {"isA": "EPCISDocument", "epcisBody": {"eventList": SHIPPING}},
        {"epcisBody": {"queryResults": {"resultsBody": {"eventList": [SHIPPING]}}}},
    ]  # fmt: skip
    assert all(types("epcis", one) == ["InTransit"] for one in forms)


def test_the_offset_beside_a_time_counts_where_the_time_has_none() -> None:
    (told,) = sightings("epcis", SHIPPING | {"eventTime": "2025-03-10T20:33:31.116"})
    assert told.at == datetime(2025, 3, 10, 19, 33, 31, 116000, tzinfo=UTC)


def test_xml_says_the_same_as_json() -> None:
    """Also under no `eventID`, and with that of version 1.2 in its `baseExtension`."""
    shipped, wrong = sightings("epcis", (BODIES / "epcis_as_xml.xml").read_bytes())
    assert (shipped.tracking, shipped.corrects) == (
        sscc("urn:epc:id:sscc:7300009.1000000001"),
        None,
    )
    assert shipped.at == datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
    assert wrong.corrects == "urn:uuid:5a1f0f6e-6a0e-4a39-9b51-6d6f6a1c0002"
    assert wrong.at == datetime(2026, 3, 5, 12, tzinfo=UTC)
    (told,) = sightings("epcis", SHIPPING)
    assert sightings("epcis", SHIPPING_AS_XML) == [told]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"epcisBody": 1}', b"<epcis/>", b"7"])
def test_what_is_no_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        translator("epcis")(body)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
def test_the_samples_speak_of_goods_only() -> None:
    for path in SAMPLES.glob("epcis_*.json"):
        assert sightings("epcis", path.read_bytes()) == []
