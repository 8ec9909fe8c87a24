"""PostNord's Track & Trace, and what goes wrong with it."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from adapters.carriers import translator
from adapters.carriers.meanings import meaning
from domain.errors import Refused
from tests.adapters.carriers.told import (
    BODIES, SAMPLES, body_of, facts, problems, sightings, types,
)  # fmt: skip


def event(at: str, status: str, code: str | None = None, kind: str | None = None) -> dict[str, Any]:
    return {
        "eventTime": at,
        "eventCode": code,
        "status": status,
        "location": {"locationType": kind},
    }


def item(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    shipment = {"shipmentId": "9SE", "items": [{"itemId": "9SE", "events": list(events), **more}]}
    return {"TrackingInformationResponse": {"shipments": [shipment]}}


WAITS = event("2025-02-05T10:00:00", "AVAILABLE_FOR_DELIVERY", "1", "SERVICE_POINT")
BACK = event("2025-02-13T09:00:00", "RETURNED", "87")
HOME = event("2025-02-17T09:00:00", "DELIVERED", "21", "RECIPIENT")


def test_times_are_stockholms_when_they_have_no_zone() -> None:
    winter, summer = sightings(
        "postnord",
        item(event("2025-02-05T10:00:00", "EN_ROUTE"), event("2025-07-05T10:00:00", "EN_ROUTE")),
    )
    assert winter.at == datetime(2025, 2, 5, 9, tzinfo=UTC)
    assert summer.at == datetime(2025, 7, 5, 8, tzinfo=UTC)


def test_a_notification_after_the_last_event_is_not_the_state() -> None:
    body = body_of("postnord_collected.json")
    *_, (last, _) = facts("postnord", body)
    assert last == "Collected"
    notice = sightings("postnord", body)[-1]
    means = meaning(notice)
    assert notice.codes[-1] == "OTHER"
    assert means is not None
    assert means.fact is None


def test_delivered_to_a_service_point_is_no_delivery() -> None:
    assert types("postnord", item(WAITS)) == ["AvailableForCollection"]
    there = event("2025-02-05T10:00:00", "DELIVERED", "21", "SERVICE_POINT")
    assert types("postnord", item(there)) == []


def test_the_way_back_ends_with_a_delivery_at_the_sender() -> None:
    """DELIVERED after RETURNED is the sender's, whether the parcel's own status says so or not."""
    assert types("postnord", body_of("postnord_uncollected.json")) == [
        "InTransit", "AvailableForCollection", "Unclaimed", "ParcelReturned",
    ]  # fmt: skip
    assert types("postnord", item(WAITS, BACK, HOME)) == [
        "AvailableForCollection", "ParcelReturned",
    ]  # fmt: skip
    assert types("postnord", item(HOME, status="RETURNED")) == ["ParcelReturned"]


def test_what_waits_on_the_way_back_does_not_wait_for_the_customer() -> None:
    again = event("2025-02-15T10:00:00", "AVAILABLE_FOR_DELIVERY", "1", "SERVICE_POINT")
    there = event("2025-02-16T10:00:00", "DELIVERED", "21", "SERVICE_POINT")
    assert types("postnord", item(WAITS, BACK, again, there)) == ["AvailableForCollection"]


def test_113_is_out_for_delivery() -> None:
    (one,) = sightings("postnord", item(event("2025-02-05T07:00:00", "EN_ROUTE", "113")))
    means = meaning(one)
    assert means is not None
    assert (means.code, means.fact) == ("EN_ROUTE/113", "InTransit")


def test_the_apps_delivery_is_out_for_delivery_and_no_delivery() -> None:
    """A status that bodies have, and no list of the interface: no fee may rest on it."""
    out = event("2025-02-05T07:00:00", "DELIVERY", "30")
    (one,) = sightings("postnord", item(out))
    means = meaning(one)
    assert means is not None
    assert (means.grade, means.fact) == ("indicative", "InTransit")
    assert types("postnord", item(BACK, out | {"eventTime": "2025-02-14T07:00:00"})) == []


def test_a_fault_under_http_200_is_a_problem_without_its_words() -> None:
    body = (BODIES / "postnord_fault.json").read_bytes()
    (problem,) = translator("postnord")(body).problems
    assert problem.code == "invalidIdentifier"
    assert "Kim Kund" not in problem.sentence
    assert problems("postnord", {"title": "Bad Request", "status": 400}) == ["400"]


@pytest.mark.parametrize("told", ["2025-02-12T00:00:00", "2025-02-12", "2025-02-11T23:00:00Z"])
def test_the_return_date_is_the_last_day_to_collect(told: str) -> None:
    assert facts("postnord", item(WAITS, returnDate=told)) == [
        ("AvailableForCollection", {"until": "2025-02-12"})
    ]


def test_returned_is_unclaimed_only_after_the_last_day_and_with_nothing_else_told() -> None:
    """Who sends it back, and why, PostNord does not say."""
    refused = event("2025-02-06T10:00:00", "DELIVERY_REFUSED")
    collected = event("2025-02-06T10:00:00", "DELIVERED", "21", "SERVICE_POINT")
    late, same_day = "2025-02-12T00:00:00", "2025-02-13T00:00:00"
    assert "Unclaimed" in types("postnord", item(WAITS, BACK, returnDate=late))
    for told in (
        item(WAITS, BACK), item(WAITS, BACK, returnDate=same_day), item(BACK, returnDate=late),
        item(WAITS, refused, BACK, returnDate=late), item(WAITS, collected, BACK, returnDate=late),
    ):  # fmt: skip
        assert "Unclaimed" not in types("postnord", told)


def test_refused_and_then_delivered_is_not_told_to_be_the_customers() -> None:
    refused = event("2025-02-06T10:00:00", "DELIVERY_REFUSED")
    assert facts("postnord", item(refused, HOME)) == [("DeliveryFailed", {"reason": "refused"})]


def test_an_extended_last_day_is_new_and_belongs_to_the_latest_notice() -> None:
    first = sightings("postnord", item(WAITS, returnDate="2025-02-12"))
    moved = sightings("postnord", item(WAITS, returnDate="2025-02-19"))
    assert [one.event for one in first] < [one.event for one in moved]
    again = event("2025-02-10T10:00:00", "AVAILABLE_FOR_DELIVERY", "1", "SERVICE_POINT")
    both = sightings("postnord", item(WAITS, again, returnDate="2025-02-19"))
    assert [one.data for one in both] == [{}, {"until": "2025-02-19"}]


def test_a_growing_body_tells_each_event_under_one_identity() -> None:
    body = body_of("postnord_uncollected.json")
    events = body["TrackingInformationResponse"]["shipments"][0]["items"][0]["events"]
    grown = []
    for size in range(len(events) + 1):
        shorter = item(*events[:size], returnDate="2025-02-12")
        grown.append([one.event for one in sightings("postnord", shorter)])
    assert all(longer[: len(short)] == short for short, longer in pairwise(grown))
    assert [len(one) for one in grown] == list(range(len(events) + 1))


def test_the_order_of_events_and_their_repetition_change_nothing() -> None:
    body = body_of("postnord_uncollected.json")
    before = sightings("postnord", body)
    events = body["TrackingInformationResponse"]["shipments"][0]["items"][0]["events"]
    events.extend(events[::-1])
    assert sightings("postnord", body) == before


def test_several_shipments_spaced_numbers_and_missing_fields_are_understood() -> None:
    body = body_of("postnord_two_shipments.json")
    told = {one.tracking for one in sightings("postnord", body)}
    assert told == {"91000000011SE", "91000000020SE"}
    assert facts("postnord", body)[-1] == ("DeliveryFailed", {"reason": "refused"})
    for nothing in ({"shipments": []}, {"shipments": [{"shipmentId": "1SE"}]}, {}):
        assert sightings("postnord", {"TrackingInformationResponse": nothing}) == []


def test_an_item_that_is_alone_is_known_by_its_shipment_too() -> None:
    told = event("2025-02-03T08:30:25", "EN_ROUTE")
    items = [{"itemId": "I1", "events": [told]}]
    body = {"shipments": [{"shipmentId": "S 1", "items": items}]}
    assert [one.tracking for one in sightings("postnord", body)] == ["I1", "S1"]
    items.append({"itemId": "I2", "events": []})
    assert [one.tracking for one in sightings("postnord", body)] == ["I1"]


def test_the_language_of_the_body_changes_nothing() -> None:
    body = body_of("postnord_collected.json")
    before = sightings("postnord", body)
    for one in body["TrackingInformationResponse"]["shipments"][0]["items"][0]["events"]:
        one["eventDescription"] = "Pakke er udleveret"
        one["location"]["country"], one["location"]["displayName"] = "Sverige", "Kiosken"
    assert sightings("postnord", body) == before


def test_an_unknown_status_is_kept_and_means_nothing() -> None:
    (one,) = sightings("postnord", item(event("2025-02-05T07:00:00", "TELEPORTED", "99")))
    assert meaning(one) is None


def test_an_event_without_a_time_is_a_problem_and_the_others_are_told() -> None:
    nowhen = {"status": "EN_ROUTE"}
    assert types("postnord", item(nowhen, WAITS)) == ["AvailableForCollection"]
    assert problems("postnord", item(nowhen, WAITS)) == ["event_without_time"]


def test_what_is_no_tracking_is_refused() -> None:
    for body in (b"", b"{", b"[]", b"null", b"{}", b'{"shipments": 7}', b"[" * 100_000):
        with pytest.raises(Refused):
            translator("postnord")(body)


def test_nothing_about_persons_is_kept() -> None:
    for name in ("postnord_collected.json", "postnord_uncollected.json"):
        assert "Kim" not in repr(sightings("postnord", body_of(name)))


@pytest.mark.skipif(not SAMPLES.exists(), reason="bodies of others are not at hand")
def test_the_shape_as_others_give_it() -> None:
    body = (SAMPLES / "postnord_v5_unclaimed.synthetic.json").read_bytes()
    assert facts("postnord", body) == [
        ("InTransit", {}), ("AvailableForCollection", {"until": "2024-03-14"}), ("Unclaimed", {}),
        ("ParcelReturned", {}),
    ]  # fmt: skip
