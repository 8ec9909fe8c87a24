"""DHL's two interfaces: the unified one, and that of Parcel DE."""

from datetime import UTC, datetime

import pytest

from adapters.carriers import parcel_key, translator
from adapters.carriers.meanings import NO_FEE_RESTS_ON, meaning, table
from domain.errors import Refused
from tests.adapters.carriers.told import (
    BODIES, SAMPLES, body_of, facts, problems, sightings, types,
)  # fmt: skip

UNIFIED, PARCEL = "dhl_unified", "dhl_parcel_de"


def piece(*events: str, more: str = "") -> bytes:
    """A body of Parcel DE: each event is `ICE/RIC standard-code ruecksendung`."""
    listed = ""
    for day, one in enumerate(events, 1):
        name, standard, back = one.split()
        ice, ric = name.split("/")
        listed += (
            f'<data name="piece-event" event-timestamp="{day:02}.02.2025 10:00" ice="{ice}"'
            f' ric="{ric}" standard-event-code="{standard}" ruecksendung="{back}"/>'
        )
    return (
        '<data name="piece-shipment-list" code="0"><data name="piece-shipment" error-status="0"'
        f' piece-code="00340434161094042557" {more}><data name="piece-event-list">{listed}'
        "</data></data></data>"
    ).encode()


def test_no_fee_rests_on_the_unified_interface() -> None:
    """Its five codes cannot say that a parcel waits, was not collected or is damaged."""
    for ones in table(UNIFIED).meanings.values():
        for one in ones:
            assert one.fact is None or (one.grade, one.fact in NO_FEE_RESTS_ON) == (
                "indicative", True,
            )  # fmt: skip


def test_unified_delivered_of_a_return_is_no_delivery() -> None:
    assert types(UNIFIED, body_of("dhl_unified_delivered.json")) == ["InTransit", "Delivered"]
    assert types(UNIFIED, body_of("dhl_unified_returned.json")) == ["InTransit"]


def test_unified_takes_the_status_where_no_event_is_listed_and_numbers_that_are_numbers() -> None:
    (one,) = (
        one
        for one in sightings(UNIFIED, body_of("dhl_unified_returned.json"))
        if one.tracking == "7777000111"
    )
    assert (one.at, one.codes) == (datetime(2025, 2, 5, 9, tzinfo=UTC), ("transit",))


def test_unified_error_and_nothing() -> None:
    assert problems(UNIFIED, body_of("dhl_unified_error.json")) == ["404"]
    assert sightings(UNIFIED, {"shipments": []}) == []
    with pytest.raises(Refused):
        translator(UNIFIED)(b'{"hello": "world"}')


def test_unified_reads_no_sentence_of_the_carrier() -> None:
    assert "Kim" not in repr(sightings(UNIFIED, body_of("dhl_unified_delivered.json")))


def test_disposed_of_unclaimed_carries_the_standard_code_of_a_delivery_and_is_none() -> None:
    assert types(PARCEL, piece("DSPSD/NTCLM ZU false")) == ["Unclaimed"]
    only_standard = piece("DLVRD/ACCPT ZU false").replace(b'ice="DLVRD" ric="ACCPT"', b"")
    (one,) = sightings(PARCEL, only_standard)
    means = meaning(one)
    assert means is not None
    assert (means.code, means.grade, means.fact) == ("standard: ZU", "ambiguous", None)


def test_only_the_return_flag_tells_a_delivery_to_the_sender() -> None:
    assert types(PARCEL, piece("DLVRD/ACCPT ZU false")) == ["Delivered"]
    assert types(PARCEL, piece("DLVRD/ACCPT ZU true")) == ["ParcelReturned"]
    assert types(PARCEL, (BODIES / "dhl_parcel_de_uncollected.xml").read_bytes()) == [
        "InTransit", "InTransit", "AvailableForCollection", "Unclaimed", "ParcelReturned",
    ]  # fmt: skip


def test_the_pieces_flag_holds_for_events_without_one() -> None:
    body = piece("DLVRD/ACCPT ZU true", more='ruecksendung="true"')
    bare = body.replace(b' ruecksendung="true"/>', b"/>")
    assert types(PARCEL, bare) == ["ParcelReturned"]


@pytest.mark.parametrize("name", [
    "HLDCC/SERPT", "HLDCC/LDPCK", "HLDCC/HDFCT", "CNRFC/PCKST", "CNRFC/SERPT",
])  # fmt: skip
def test_it_waits_to_be_collected(name: str) -> None:
    assert types(PARCEL, piece(f"{name} ZF false")) == ["AvailableForCollection"]


@pytest.mark.parametrize(("name", "expected"), [
    ("DLVRD/ACCPK", [("Collected", {})]),
    ("NTDEL/NTCCN", [("Unclaimed", {})]),
    ("RETRN/NTCCN", [("Unclaimed", {})]),
    ("RETRN/RFUSD", [("DeliveryFailed", {"reason": "refused"})]),
    ("DLVRF/OTHER", [("DeliveryFailed", {"reason": "refused"})]),
    ("NTDEL/NHOME", [("DeliveryAttempted", {"reason": "nobody_home"})]),
    ("RCCLS/LOSTX", [("ShipmentLost", {})]),
])  # fmt: skip
def test_what_ice_and_ric_become(name: str, expected: list[object]) -> None:
    assert facts(PARCEL, piece(f"{name} ZN false")) == expected


@pytest.mark.parametrize("name", [
    "DLVRF/DMGED", "DMGDS/DMGPC", "HLDCC/NTCCN", "DLVRD/CODRP", "DLVRD/HNDTC", "STORN/NRQRD",
])  # fmt: skip
def test_no_fee_for_what_is_not_the_customers_doing_or_not_clear(name: str) -> None:
    """Refused because damaged, still held, money moved, handed on, an event deleted: no fact."""
    assert types(PARCEL, piece(f"{name} ZN false")) == []


def test_german_times_pieces_in_error_and_several_pieces() -> None:
    body = (BODIES / "dhl_parcel_de_two.xml").read_bytes()
    told = sightings(PARCEL, body)
    assert [one.tracking[-4:] for one in told] == ["5902", "5902", "2115"]
    assert told[0].at == datetime(2025, 2, 3, 10, 21, tzinfo=UTC)
    assert problems(PARCEL, body) == ["100"]
    assert problems(PARCEL, (BODIES / "dhl_parcel_de_login.xml").read_bytes()) == ["5"]


def test_a_piece_without_its_list_is_the_same_event_as_in_it() -> None:
    alone = sightings(PARCEL, (BODIES / "dhl_parcel_de_no_events.xml").read_bytes())
    assert [one.event for one in alone] == ["DLVRD/OTHER@2016-03-18T09:02:00Z"]


def test_the_public_answer_and_events_in_words_only() -> None:
    """The code of the answer stands one level further in; an event may have no code at all."""
    body = (BODIES / "dhl_parcel_de_public.xml").read_bytes()
    assert [one.codes for one in sightings(PARCEL, body)] == [
        ("PARCV/NRQRD",), ("DLVRF/DMGED",), ("no code",), ("DLVRD/OTHER",),
    ]  # fmt: skip
    assert types(PARCEL, body) == ["Delivered"]
    nothing = body.replace(b'code="0"', b'code="100"').split(b'<data name="piece-status-public"')
    assert problems(PARCEL, nothing[0] + b"</data></data>") == ["100"]


def test_a_list_of_events_alone_names_the_parcel() -> None:
    """The answer to `d-get-piece-events`; a piece's own list names it again and is not another."""
    listed = (BODIES / "dhl_parcel_de_uncollected.xml").read_bytes()
    start, end = (
        listed.index(b'<data name="piece-event-list"'),
        listed.rindex(b"</data>\n  </data>"),
    )
    alone = b'<data name="piece-event-list" code="0">' + listed[start:end] + b"</data></data>"
    told, in_piece = sightings(PARCEL, alone), sightings(PARCEL, listed)
    assert [one.event for one in told] == [one.event for one in in_piece]
    assert {one.tracking for one in told} == {"340434161094042564"}


def test_a_list_beside_its_piece_is_told_under_the_pieces_number() -> None:
    """As the documentation shows the answer; the list has the number without its check digit."""
    body = (BODIES / "dhl_parcel_de_beside.xml").read_bytes()
    assert [(one.tracking, one.codes) for one in sightings(PARCEL, body)] == [
        ("349123456784", ("LDTMV/MVMTV",)), ("349123456784", ("DLVRD/ACCPT",)),
    ]  # fmt: skip
    returned = body.replace(b'leitcode=""/>', b'leitcode="" ruecksendung="true"/>')
    assert types(PARCEL, returned)[-1] == "ParcelReturned"


def test_a_number_with_and_without_its_prefix_is_one_parcel() -> None:
    assert parcel_key("DHL Paket", "0034 0434 1610 9404 2557") == parcel_key(
        PARCEL, "340434161094042557"
    )


def test_an_unknown_reason_is_kept_and_means_nothing() -> None:
    (one,) = sightings(PARCEL, piece("DLVRD/XXXXX ZU false"))
    assert meaning(one) is None


@pytest.mark.parametrize("body", [
    b"", b"<", b"<a/>", b'{"shipments": []}', b"<data/>", b'<!DOCTYPE x><data code="0"/>',
    b'<?xml version="1.0" encoding="nope"?><data code="0"/>',
    b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><data code="&c;"/>',
])  # fmt: skip
def test_what_is_no_tracking_or_has_a_document_type_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        translator(PARCEL)(body)


@pytest.mark.skipif(not SAMPLES.exists(), reason="real bodies are not at hand")
def test_real_bodies_of_the_unified_interface() -> None:
    body = (SAMPLES / "dhl_unified_shipment.json").read_bytes()
    assert [one.codes for one in sightings(UNIFIED, body)] == [("pre-transit",)]
    assert types(UNIFIED, body) == []
    assert problems(UNIFIED, (SAMPLES / "dhl_unified_error_404.json").read_bytes()) == ["404"]
