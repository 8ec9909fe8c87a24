"""Bring's webhook and its tracking bodies."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.carriers import Sighting, translator
from adapters.carriers.meanings import meaning
from adapters.edge import read_values
from domain.errors import Refused, Unreadable
from domain.facts import AvailableForCollection, Shipped
from tests.adapters.carriers.told import (
    BODIES, SAMPLES, body_of, facts, problems, sightings, types,
)  # fmt: skip
from tests.domain.story import story

HOOK = body_of("bring_webhook_ready.json")


def package(*events: tuple[str, str], until: str | None = None) -> dict[str, Any]:
    told = [{"status": status, "dateIso": at} for status, at in events]
    one = {"packageNumber": "370 438", "eventSet": told, "dateOfReturn": until}
    return {"apiVersion": "2", "consignmentSet": [{"consignmentId": "370438", "packageSet": [one]}]}


def meant(status: str, year: int) -> tuple[str, str | None]:
    at = datetime(year, 6, 1, tzinfo=UTC)
    means = meaning(Sighting(source="bring", tracking="1", event="e", at=at, codes=(status,)))
    assert means is not None
    return means.grade, means.fact


FIRST = ("READY_FOR_PICKUP", "2025-02-03T08:30:25+01:00")
AGAIN = ("READY_FOR_PICKUP", "2025-02-10T09:00:00+01:00")


def test_ready_for_pickup_is_said_again_when_the_last_day_is_moved() -> None:
    """The later notice has the later day; what was told before keeps its identity and its day."""
    before = facts("bring", package(FIRST, until="10.02.2025"))
    after = facts("bring", package(AGAIN, FIRST, until="17.02.2025"))
    assert before == [("AvailableForCollection", {"until": "2025-02-10"})]
    assert after == [
        ("AvailableForCollection", {}), ("AvailableForCollection", {"until": "2025-02-17"}),
    ]  # fmt: skip
    moved = sightings("bring", package(FIRST, until="17.02.2025"))
    (told,) = sightings("bring", package(FIRST, until="10.02.2025"))
    assert told.event < moved[0].event


def test_the_order_waits_until_the_later_day_whichever_notice_is_told_first() -> None:
    told = [package(FIRST, until="10.02.2025"), package(AGAIN, FIRST, until="17.02.2025")]
    for bodies in (told, told[::-1]):
        one = story("allectra", placed="2025-02-01")
        one.told(Shipped(parcel="p1", carrier="bring", tracking="370438"), at="2025-02-01T12:00")
        for sighting in (each for body in bodies for each in sightings("bring", body)):
            fact = read_values(AvailableForCollection, {"parcel": "p1"} | sighting.data)
            one.told(fact, at=sighting.at.isoformat(), id=sighting.event)
        assert [due for due, _ in one.deadlines("collection")] == ["2025-02-17"]


def test_the_order_of_events_and_their_repetition_change_nothing() -> None:
    body = body_of("bring_tracking_uncollected.json")
    before = sightings("bring", body)
    events = body["consignmentSet"][0]["packageSet"][0]["eventSet"]
    events.extend(events[::-1])
    assert sightings("bring", body) == before


def test_collected_is_from_the_sender() -> None:
    assert types("bring", package(("COLLECTED", "2025-02-01T15:00:00+01:00"))) == ["InTransit"]
    assert types("bring", HOOK | {"status": "COLLECTED"}) == ["InTransit"]


def test_delivered_sender_is_the_return_and_return_alone_is_not() -> None:
    assert meant("DELIVERED_SENDER", 2025) == ("final", "ParcelReturned")
    assert types("bring", body_of("bring_tracking_uncollected.json"), "70438101015432113") == [
        "InTransit", "InTransit", "AvailableForCollection", "AvailableForCollection", "Unclaimed",
        "ParcelReturned",
    ]  # fmt: skip


def test_a_package_that_is_alone_is_known_by_its_consignment_too() -> None:
    body = body_of("bring_tracking_delivered.json")
    assert {one.tracking for one in sightings("bring", body)} == {
        "70438101015432113", "370438101015432120",
    }  # fmt: skip
    body["consignmentSet"][0]["packageSet"].append({"packageNumber": "370438101015432121"})
    assert {one.tracking for one in sightings("bring", body)} == {"370438101015432120"}


def test_return_was_has_been_returned_and_is_on_its_way_back() -> None:
    assert meant("RETURN", 2022) == ("ambiguous", None)
    assert meant("RETURN", 2025) == ("final", None)


def test_a_deviation_is_no_damage() -> None:
    assert meant("DEVIATION", 2025) == ("final", None)
    assert types("bring", body_of("bring_tracking_delivered.json"), "70438101015432113") == [
        "DeliveryAttempted", "Delivered",
    ]  # fmt: skip


def test_return_is_unclaimed_only_after_the_last_day_and_if_nobody_had_it() -> None:
    back = ("RETURN", "2025-02-18T08:00:00+01:00")
    had = ("DELIVERED", "2025-02-04T08:00:00+01:00")
    assert "Unclaimed" in types("bring", package(back, FIRST, until="17.02.2025"))
    for told in (
        package(back, FIRST), package(back, FIRST, until="18.02.2025"),
        package(back, had, FIRST, until="17.02.2025"), package(back, until="17.02.2025"),
    ):  # fmt: skip
        assert "Unclaimed" not in types("bring", told)


def test_what_happens_after_a_return_is_about_the_way_back() -> None:
    back = ("RETURN", "2025-02-18T08:00:00+01:00")
    waits = ("READY_FOR_PICKUP", "2025-02-19T08:00:00+01:00")
    had = ("DELIVERED", "2025-02-20T08:00:00+01:00")
    assert types("bring", package(back, waits, had)) == []


def test_a_webhook_told_again_is_the_same_event() -> None:
    (one,) = sightings("bring", HOOK)
    assert sightings("bring", HOOK | {"pushed": "2025-02-03T09:30:31+0000"}) == [one]
    assert one.at == datetime(2025, 2, 3, 7, 30, 25, tzinfo=UTC)
    assert sightings("bring", HOOK | {"created": "2025-02-03T08:30:25+01:00"}) == [one]


def test_a_subscriptions_id_does_not_make_two_events_one() -> None:
    (one,) = sightings("bring", HOOK)
    (other,) = sightings("bring", HOOK | {"status": "DELIVERED"})
    assert one.event != other.event


def test_a_webhook_names_the_parcel_or_its_shipment() -> None:
    (parcel,), (shipment,) = (
        sightings("bring", HOOK), sightings("bring", HOOK | {"package": None})
    )  # fmt: skip
    assert (parcel.tracking, shipment.tracking) == ("370438101015432113", "70438101015432113")


def test_errors_under_http_200_and_of_a_subscription_are_problems() -> None:
    assert problems("bring", body_of("bring_tracking_not_found.json")) == ["404"]
    assert problems("bring", HOOK | {"status": "NOT_REGISTERED"}) == ["NOT_REGISTERED"]


def test_xml_and_json_of_a_tracking_body_say_the_same() -> None:
    xml = (BODIES / "bring_tracking_as_xml.xml").read_bytes()
    assert sightings("bring", xml) == sightings("bring", body_of("bring_tracking_uncollected.json"))
    with pytest.raises(Unreadable, match="no ConsignmentSet"):
        translator("bring")(xml.replace(b"ConsignmentSet", b"Set"))


def test_empty_missing_and_unknown() -> None:
    assert sightings("bring", {"consignmentSet": []}) == []
    assert sightings("bring", package()) == []
    assert [meaning(one) for one in sightings("bring", HOOK | {"status": "BEAMED"})] == [None]
    assert problems("bring", HOOK | {"created": "yesterday"}) == ["event_without_time"]
    for body in (b"{}", b"[]", b"<a/>", b'{"consignmentSet": {}}'):
        with pytest.raises(Refused):
            translator("bring")(body)


def test_nothing_about_persons_is_kept() -> None:
    assert "Kim" not in repr(sightings("bring", body_of("bring_tracking_uncollected.json")))


@pytest.mark.skipif(not SAMPLES.exists(), reason="real bodies are not at hand")
def test_the_real_webhook() -> None:
    body = (SAMPLES / "bring_eventcast_webhook.json").read_bytes()
    assert facts("bring", body) == [("InTransit", {})]
