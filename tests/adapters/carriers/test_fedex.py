"""FedEx Track v1."""

from typing import Any

import pytest

from adapters.carriers import translator
from adapters.carriers.meanings import meaning
from domain.errors import Refused
from tests.adapters.carriers.told import SAMPLES, body_of, facts, problems, sightings, types

DELIVERED = body_of("fedex_delivered.json")


def scan(kind: str, reason: str = "", at: str = "2025-04-24T11:26:00+02:00") -> dict[str, Any]:
    return {"eventType": kind, "exceptionCode": reason, "date": at}


def reply(*scans: dict[str, Any], **result: Any) -> dict[str, Any]:
    info = {"trackingNumberInfo": {"trackingNumber": "776094330001"}}
    told = {"trackResults": [info | {"scanEvents": list(scans)} | result]}
    return {"output": {"completeTrackResults": [told]}}


def test_se_099_with_no_attempt_is_still_in_transit() -> None:
    assert types("fedex", body_of("fedex_exception.json")) == ["InTransit", "InTransit"]


def test_two_digits_are_not_three() -> None:
    """Express says 08 of a customer who is not there, Ground 007; 07 is another thing."""
    nobody = [("DeliveryAttempted", {"reason": "nobody_home"})]
    assert facts("fedex", reply(scan("DE", "08"))) == nobody
    assert facts("fedex", reply(scan("DE", "007"))) == nobody
    assert facts("fedex", reply(scan("DE", "07"))) == []


def test_an_exception_with_an_unknown_reason_is_an_exception() -> None:
    (told,) = sightings("fedex", reply(scan("DE", "777")))
    found = meaning(told)
    assert found is not None
    assert (found.code, found.grade) == ("DE", "ambiguous")


def test_the_way_of_a_delivered_parcel() -> None:
    assert types("fedex", DELIVERED) == ["InTransit", "InTransit", "DeliveryAttempted", "Delivered"]


def test_an_error_is_of_one_parcel_and_the_others_are_told() -> None:
    assert problems("fedex", DELIVERED) == ["TRACKING.TRACKINGNUMBER.NOTFOUND"]
    assert problems("fedex", body_of("fedex_error.json")) == ["NOT.AUTHORIZED.ERROR"]


def test_returned_to_shipper_is_said_when_it_begins_too() -> None:
    assert types("fedex", reply(scan("RS"))) == []


def test_what_is_delivered_after_it_was_sent_back_is_no_delivery_to_the_customer() -> None:
    """The event keeps its identity, whether the snapshot has the way back or not."""
    back, done = scan("RS", at="2025-04-26T09:00:00+02:00"), scan("DL", at="2025-05-02T09:00:00Z")
    assert types("fedex", reply(done, back)) == []
    assert types("fedex", reply(back, scan("DL"))) == ["Delivered"]
    (alone,) = sightings("fedex", reply(done))
    assert alone.event == sightings("fedex", reply(done, back))[-1].event


def test_held_is_not_ready_for_pickup() -> None:
    assert types("fedex", reply(scan("HL"))) == []
    assert types("fedex", reply(scan("HP"))) == ["AvailableForCollection"]


def test_without_scans_the_latest_status_is_told_where_its_moment_is() -> None:
    """The same event as the scan of it."""
    times = [{"type": "ACTUAL_DELIVERY", "dateTime": "2025-04-25T15:21:00+02:00"}]
    latest = reply(latestStatusDetail={"code": "DL"}, dateAndTimes=times)
    assert sightings("fedex", latest) == sightings(
        "fedex", reply(scan("DL", at="2025-04-25T15:21:00+02:00"))
    )
    assert sightings("fedex", reply(latestStatusDetail={"code": "IT"}, dateAndTimes=times)) == []


def test_a_number_that_is_used_again_is_told_of_each_result() -> None:
    one = reply(scan("DL", at="2025-04-25T15:21:00+02:00"))["output"]["completeTrackResults"][0]
    old = one["trackResults"][0] | {"scanEvents": [scan("DL", at="2024-01-02T10:00:00+01:00")]}
    both = {"trackingNumber": "776094330001", "trackResults": [one["trackResults"][0], old]}
    told = sightings("fedex", {"output": {"completeTrackResults": both}})
    assert [one.at.year for one in told] == [2024, 2025]


def test_an_unknown_event_type_is_told_as_unknown() -> None:
    (told,) = sightings("fedex", reply(scan("Q9")))
    assert meaning(told) is None


def test_numbers_may_be_told_as_numbers() -> None:
    body = reply(scan("DL"), trackingNumberInfo={"trackingNumber": 776094330001})
    assert {one.tracking for one in sightings("fedex", body)} == {"776094330001"}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"output": 1}', b"[]"])
def test_what_is_no_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        translator("fedex")(body)


def test_no_person_is_told_of() -> None:
    told = repr(sightings("fedex", DELIVERED))
    assert not any(one in told for one in ("EXEMPEL", "Anna", "0701740605", "Storgatan"))


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
def test_the_sample_is_understood() -> None:
    body = (SAMPLES / "fedex_track_full.json").read_bytes()
    assert set(types("fedex", body)) == {"InTransit"}
    assert problems("fedex", body) == ["TRACKING.TRACKINGNUMBER.NOTFOUND"]
