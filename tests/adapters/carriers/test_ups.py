"""UPS: the Tracking API's reply and the Track Alert webhook."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.carriers import Sighting, translator
from adapters.carriers.meanings import Meaning, meaning, table
from domain.errors import Refused
from tests.adapters.carriers.told import SAMPLES, body_of, facts, problems, sightings, types

WAITS = body_of("ups_tracking_access_point.json")
HOOK = body_of("ups_webhook_access_point.json")
RETURNED = body_of("ups_tracking_returned.json")


def activity(
    day: str, kind: str, code: str, status: str = "", time: str = "120000"
) -> dict[str, Any]:
    told = {"type": kind, "code": code, "statusCode": status}
    return {"date": day, "time": time, "status": told}


def reply(*activities: dict[str, Any], **package: Any) -> dict[str, Any]:
    one = {"trackingNumber": "1Z5R89390357567127", "activity": list(activities)} | package
    return {"trackResponse": {"shipment": [{"package": [one]}]}}


def means(*codes: str) -> Meaning | None:
    at = datetime(2025, 6, 1, tzinfo=UTC)
    return meaning(Sighting(source="ups", tracking="1", event="e", at=at, codes=codes))


def test_a_return_to_sender_is_recorded_as_a_delivery() -> None:
    """Type D with code UA, a delivery date and a signer: the sender has it back."""
    assert types("ups", RETURNED)[-1] == "ParcelReturned"
    assert types("ups", reply(activity("20250328", "D", "UA"))) == ["ParcelReturned"]
    assert types("ups", reply(activity("20250328", "D", "FS", "034"))) == ["ParcelReturned"]


def test_the_same_letters_are_a_movement_scan_elsewhere() -> None:
    """I UA is an updated arrival, I DL a driver's load; X DL is that it goes back."""
    assert types("ups", reply(activity("20250328", "I", "UA"))) == []
    assert types("ups", reply(activity("20250328", "I", "DL"))) == ["InTransit"]
    assert types("ups", reply(activity("20250328", "X", "DL"))) == []
    assert types("ups", reply(activity("20250328", "I", "OT", "021"))) == ["InTransit"]


@pytest.mark.parametrize(
    ("code", "status"), [("2Q", "161"), ("FS", "161"), ("2Q", ""), ("", "161")]
)
def test_a_delivery_to_an_access_point_is_none_to_the_customer(code: str, status: str) -> None:
    assert types("ups", reply(activity("20250314", "D", code, status))) == [
        "AvailableForCollection"
    ]


def test_2w_is_the_collection() -> None:
    assert types("ups", reply(activity("20250315", "D", "2W", "011"))) == ["Collected"]
    assert types("ups", reply(activity("20250315", "D", "2W", "161"))) == ["Collected"]


def test_8i_takes_back_an_earlier_collection() -> None:
    found = means("X 8I", "8I")
    assert found is not None
    assert (found.grade, found.fact, found.takes_back) == ("final", None, "Collected")
    codes = [one.codes[-1] for one in sightings("ups", RETURNED)]
    assert codes == ["ZP", "2W", "8I", "3N", "UA"]


def test_the_same_exception_on_following_days_is_an_event_a_day() -> None:
    days = ("20250310", "20250311", "20250312")
    told = sightings("ups", reply(*(activity(day, "X", "S1", "058", "093000") for day in days)))
    assert len({one.event for one in told}) == 3


def test_growing_snapshots_tell_each_event_once() -> None:
    """Ten bodies, the newest activity first in each, and the last takes the collection back."""
    every = [activity(f"202503{day}", "I", "AR", "005") for day in range(10, 18)]
    every += [activity("20250318", "D", "2W", "011"), activity("20250319", "X", "8I", "040")]
    seen: dict[str, Sighting] = {}
    for size in range(1, 11):
        for one in sightings("ups", reply(*reversed(every[:size]))):
            assert seen.setdefault(one.event, one) == one
    assert len(seen) == 10


def test_webhook_and_reply_tell_the_same_event() -> None:
    (told,) = sightings("ups", HOOK)
    assert told in sightings("ups", WAITS)


def test_the_day_to_collect_by_is_news_of_its_own() -> None:
    """The webhook does not tell it, and it may be moved: then it is told once more."""
    waits = [("AvailableForCollection", {}), ("AvailableForCollection", {"until": "2025-03-18"})]
    assert facts("ups", WAITS)[-2:] == waits
    moved = body_of("ups_tracking_access_point.json")
    moved["trackResponse"]["shipment"][0]["package"][0]["accessPointInformation"] = {
        "pickupByDate": "20250325"
    }
    before = {one.event for one in sightings("ups", WAITS)}
    (news,) = [one for one in sightings("ups", moved) if one.event not in before]
    assert news.data == {"until": "2025-03-25"}


@pytest.mark.parametrize("told", ["string", "", None, "00000000", 7])
def test_a_day_to_collect_by_that_is_none_is_left_out(told: Any) -> None:
    body = reply(activity("20250314", "X", "ZP"), accessPointInformation={"pickupByDate": told})
    assert facts("ups", body) == [("AvailableForCollection", {})]


def test_unclaimed_is_said_before_the_way_back() -> None:
    assert types("ups", RETURNED) == [
        "AvailableForCollection", "Collected", "Unclaimed", "ParcelReturned",
    ]  # fmt: skip
    assert types("ups", reply(activity("20250325", "D", "5F", "035"))) == ["Unclaimed"]


def test_a_refusal_for_damage_or_delay_is_not_the_customers() -> None:
    for code in ("KQ", "AS"):
        found = means(code)
        assert found is not None
        assert (found.grade, found.fact) == ("ambiguous", None)
    assert facts("ups", reply(activity("20250325", "X", "KR", "064"))) == [
        ("DeliveryFailed", {"reason": "refused"})
    ]


def test_an_unknown_code_is_unknown_whatever_its_status_code_says() -> None:
    """It may be one more way to give a parcel back."""
    (told,) = sightings("ups", reply(activity("20250325", "D", "Q9", "011")))
    assert meaning(told) is None


def test_codes_that_are_numbers_are_the_same_with_zeroes_before_them() -> None:
    assert sightings("ups", reply(activity("20250325", "X", "03"))) == sightings(
        "ups", reply(activity("20250325", "X", "3"))
    )
    assert types("ups", reply({"date": "20250325", "status": {"statusCode": "11"}})) == [
        "Delivered"
    ]


def test_errors_and_warnings_are_told_with_their_code() -> None:
    assert problems("ups", body_of("ups_error.json")) == ["TV1002"]
    assert problems("ups", body_of("ups_not_found.json")) == ["TW0001"]
    assert sightings("ups", {"trackResponse": {"shipment": []}}) == []


def test_an_activity_without_a_day_is_shown_and_stops_no_other() -> None:
    body = reply(activity("20250314", "I", "AR"), {"status": {"code": "OT", "type": "I"}})
    assert types("ups", body) == ["InTransit"]
    assert problems("ups", body) == ["event_without_time"]


def test_local_time_counts_where_no_other_is_told() -> None:
    (told,) = sightings("ups", reply(activity("20250714", "I", "AR", time="171204")))
    assert told.at == datetime(2025, 7, 14, 15, 12, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        {"gmtOffset": "-05:00"},
        {"gmtDate": "20220126", "gmtOffset": "-05.00"},
        {"gmtDate": "20220126", "gmtTime": "21:30:00", "gmtOffset": "-05:00"},
        {"gmtDate": "20220126", "gmtTime": "213000"},
    ],
)
def test_an_offset_counts_where_greenwichs_time_is_not_told(told: dict[str, str]) -> None:
    there = activity("20220126", "D", "F4", "011", time="163000") | told
    assert [one.at for one in sightings("ups", reply(there))] == [
        datetime(2022, 1, 26, 21, 30, tzinfo=UTC)
    ]


def test_a_webhook_may_tell_its_offset_alone() -> None:
    bare = {name: told for name, told in HOOK.items() if not name.startswith("gmt")}
    (whole,), (alone,) = sightings("ups", HOOK), sightings("ups", bare | {"gmtOffset": "+01.00"})
    assert alone == whole


def test_a_number_with_spaces_is_the_same_number() -> None:
    assert {one.tracking for one in sightings("ups", RETURNED)} == {"1Z5R89390357567145"}


def test_a_package_that_is_alone_is_known_by_the_number_asked_for_too() -> None:
    """That may be another number of it, which the shop has noted."""
    body = reply(activity("20250328", "I", "AR"))
    shipment = body["trackResponse"]["shipment"][0] | {"inquiryNumber": "9241 9900"}
    told = {"trackResponse": {"shipment": [shipment]}}
    assert {one.tracking for one in sightings("ups", told)} == {"1Z5R89390357567127", "92419900"}
    shipment["package"].append({"trackingNumber": "1Z5R89390357567136"})
    assert {one.tracking for one in sightings("ups", told)} == {"1Z5R89390357567127"}


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b'{"trackResponse": 7}', b"<x/>", b'"x"'])
def test_what_is_no_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        translator("ups")(body)


def test_no_person_is_told_of() -> None:
    told = repr(sightings("ups", WAITS)) + repr(sightings("ups", HOOK))
    assert not any(one in told for one in ("Anna", "ANNA", "Storgatan", "Lund", "LUND"))


def test_every_code_of_the_documentation_is_there_once() -> None:
    assert len(table("ups").meanings) > 1000


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
def test_the_samples_are_understood() -> None:
    name = "ups_trackalert_webhook_delivery_message.json"
    assert types("ups", (SAMPLES / name).read_bytes()) == ["Delivered"]
    assert problems("ups", (SAMPLES / "ups_not_found.json").read_bytes()) == ["TW0001"]
    whole = sightings("ups", (SAMPLES / "ups_track_v1_full.json").read_bytes())
    assert [one.tracking for one in whole] == ["1Z023E2X0214323462", "STRING"]
