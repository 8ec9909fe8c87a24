"""GLS Track & Trace v1."""

from typing import Any

import pytest

from adapters.carriers import translator
from adapters.carriers.meanings import meaning
from domain.errors import Refused
from tests.adapters.carriers.told import SAMPLES, body_of, problems, sightings, types

TWO = body_of("gls_two_parcels.json")
AT = "2025-09-18T15:13:46+0200"


def parcel(status: str | None = None, *codes: str, at: str = AT) -> dict[str, Any]:
    events = [{"code": code, "eventDateTime": at} for code in codes]
    one = {"unitno": "93835330611", "status": status, "statusDateTime": at, "events": events}
    return {"parcels": [one]}


def test_final_is_not_delivered() -> None:
    assert types("gls", parcel("FINAL")) == []
    assert types("gls", body_of("gls_status_only.json")) == []
    assert types("gls", parcel("FINAL", "OUTDEL.NORMAL")) == ["InTransit"]


def test_deliveredps_is_the_parcel_shop() -> None:
    assert types("gls", parcel("DELIVEREDPS")) == ["AvailableForCollection"]
    assert types("gls", parcel(None, "DELIVD.PARCELSHOP")) == ["AvailableForCollection"]
    assert "Delivered" not in types("gls", TWO)


def test_not_delivered_says_neither_why_nor_that_it_failed() -> None:
    assert types("gls", parcel("NOTDELIVERED")) == []


def test_an_error_is_of_one_parcel_and_the_others_are_told() -> None:
    assert problems("gls", TWO) == ["E_404_01"]
    assert "AvailableForCollection" in types("gls", TWO)


def test_one_reference_may_be_two_parcels_and_both_are_told_under_it() -> None:
    first = {"requested": "747N6K", "unitno": "93835330611", "status": "INTRANSIT"}
    both = [first | {"statusDateTime": AT}, first | {"unitno": "93835330622", "statusDateTime": AT}]
    found = {one.tracking for one in sightings("gls", {"parcels": both})}
    assert found == {"747N6K", "93835330611", "93835330622"}


def test_an_event_is_the_same_with_another_offset_and_in_another_language() -> None:
    assert sightings("gls", parcel(None, "INBOUD.NORMAL", at="2025-09-18T13:13:46Z")) == sightings(
        "gls", parcel(None, "INBOUD.NORMAL", at="2025-09-18T15:13:46+02:00")
    )


def test_an_unknown_event_code_is_told_as_unknown() -> None:
    (told,) = sightings("gls", parcel(None, "NODELI.WEATHER"))
    assert meaning(told) is None


def test_one_parcel_may_stand_bare_and_events_be_missing() -> None:
    bare = parcel("INTRANSIT")["parcels"][0] | {"events": None}
    assert types("gls", {"parcels": bare}) == ["InTransit"]
    assert sightings("gls", {"parcels": []}) == []
    assert sightings("gls", {"parcels": [{"unitno": "93835330611"}]}) == []


def test_a_fault_of_the_gateway_is_no_parcel() -> None:
    assert problems("gls", body_of("gls_fault.json")) == ["steps.jwt.TokenExpired"]
    assert problems("gls", {"type": "about:blank", "title": "Bad Request", "status": 400}) == [
        "400"
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"parcels": "x"}', b"[]"])
def test_what_is_no_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        translator("gls")(body)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
def test_the_samples_are_understood() -> None:
    shop = (SAMPLES / "gls_tt_v1_parcelshop_deliveredps.json").read_bytes()
    assert set(types("gls", shop)) == {"InTransit", "AvailableForCollection"}
    assert problems("gls", (SAMPLES / "gls_tt_v1_with_errors.json").read_bytes()) == ["E_404_01"]
