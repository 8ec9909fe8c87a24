"""Canada Post's XML."""

from datetime import UTC, datetime

import pytest

from adapters.carriers import translator
from adapters.carriers.meanings import meaning
from domain.errors import Refused
from tests.adapters.carriers.told import BODIES, SAMPLES, facts, problems, sightings, types

DETAIL = (BODIES / "canada_post_detail.xml").read_bytes()
SUMMARY = (BODIES / "canada_post_summary.xml").read_bytes()


def detail(
    identifier: str, description: str = "", zone: str = "EST", province: str = "ON"
) -> bytes:
    return (
        "<tracking-detail><pin>7023 2100 3941 4604</pin><significant-events><occurrence>"
        f"<event-identifier>{identifier}</event-identifier><event-date>2024-09-24</event-date>"
        f"<event-time>11:43:24</event-time><event-time-zone>{zone}</event-time-zone>"
        f"<event-description>{description}</event-description>"
        f"<event-province>{province}</event-province>"
        "</occurrence></significant-events></tracking-detail>"
    ).encode()


def test_a_final_notice_is_no_fee_since_the_parcel_may_still_be_collected() -> None:
    """It came on day 5, and the parcel was collected on day 9."""
    assert types("canada_post", detail("0156")) == []
    assert types("canada_post", DETAIL) == ["AvailableForCollection", "Delivered"]


def test_no_fact_rests_on_a_notice_card() -> None:
    for code in ("1435", "1436", "1437", "1438", "1479", "1488"):
        assert types("canada_post", detail(code)) == []


@pytest.mark.parametrize(
    "text",
    ["Item successfully returned to sender", "L'article a été renvoyé avec succès à l'expéditeur."],
)  # fmt: skip
def test_a_return_has_the_code_of_a_delivery_and_another_description(text: str) -> None:
    assert types("canada_post", detail("1498", text)) == ["ParcelReturned"]
    assert types("canada_post", detail("1498", "Delivered")) == ["Delivered"]
    assert types("canada_post", detail("0174", text)) == []


def test_a_final_notice_is_none_of_those_though_it_names_the_sender() -> None:
    text = "Final Notice; Item will be returned to sender if not collected within 10 days"
    (told,) = sightings("canada_post", detail("0156", text))
    assert told.codes == ("0156",)


def test_where_the_two_languages_say_different_things_nothing_is_taken() -> None:
    for code in ("1481", "1482", "1491", "1492"):
        (told,) = sightings("canada_post", detail(code))
        found = meaning(told)
        assert found is not None
        assert found.grade == "ambiguous"


def test_what_the_codes_become() -> None:
    assert types("canada_post", detail("1419")) == ["Unclaimed"]
    assert facts("canada_post", detail("1417")) == [("DeliveryFailed", {"reason": "refused"})]
    assert types("canada_post", detail("1405")) == ["AvailableForCollection"]
    assert types("canada_post", detail("1406")) == ["Collected"]
    (told,) = sightings("canada_post", detail("9999"))
    assert meaning(told) is None


def test_zeroes_before_an_identifier_do_not_matter() -> None:
    assert sightings("canada_post", detail("156")) == sightings("canada_post", detail("0156"))


@pytest.mark.parametrize(
    ("zone", "province", "hour"),
    [
        ("EST", "ON", 15), ("EDT", "ON", 15), ("MST", "AB", 17), ("PST", "BC", 18),
        ("CST", "SK", 17), ("CST", "MB", 16), ("AST", "NS", 14), ("", "", 15), ("ISRAEL", "", 15),
    ],
)  # fmt: skip
def test_a_zone_is_named_for_the_winter_all_year_round(zone: str, province: str, hour: int) -> None:
    (told,) = sightings("canada_post", detail("1498", zone=zone, province=province))
    assert told.at == datetime(2024, 9, 24, hour, 43, 24, tzinfo=UTC)
    assert told.event == "1498@2024-09-24T11:43:24"


def test_a_summary_tells_the_newest_event_of_each_parcel() -> None:
    assert types("canada_post", SUMMARY) == ["InTransit"]
    assert [one.codes for one in sightings("canada_post", SUMMARY)] == [
        ("summary DELIVERED",), ("summary OUT",),
    ]  # fmt: skip
    assert sightings("canada_post", b"<tracking-summary/>") == []


def test_space_before_the_declaration_does_not_matter() -> None:
    assert sightings("canada_post", b" \n" + DETAIL) == sightings("canada_post", DETAIL)


def test_a_refusal_is_told_with_its_code() -> None:
    assert problems("canada_post", (BODIES / "canada_post_messages.xml").read_bytes()) == ["004"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<x/>", b'<!DOCTYPE x [<!ENTITY e "e">]><tracking-detail>&e;</tracking-detail>'],
)
def test_what_is_no_body_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        translator("canada_post")(body)


def test_no_person_is_told_of() -> None:
    assert "EXEMPEL" not in repr(sightings("canada_post", DETAIL + b"\n"))


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
def test_the_sample_is_understood() -> None:
    body = (SAMPLES / "canadapost_final_notice_then_collected_2011.xml").read_bytes()
    assert types("canada_post", body)[-2:] == ["AvailableForCollection", "Delivered"]
