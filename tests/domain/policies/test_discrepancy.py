"""Missing and wrong goods: how soon they must be reported, and what is still owed."""

from typing import Any

import pytest

from domain.facts import (
    Delivered, DiscrepancyReported, DiscretionExercised, PaymentReceived, RemedyChosen, Shipped,
)  # fmt: skip
from tests.domain.story import Story, goods, story

LINES = (goods("1", 500_00), goods("2", 300_00))
PICTURES = (
    "packaging_outside_all_around", "opened_packaging_with_protection", "shipping_label",
    "packing_slip_a4", "ean13_label",
)  # fmt: skip


def delivered(seller: str, **other: Any) -> Story:
    """Shipped on Friday 7 June 2024, received on Monday 10 June."""
    one = story(seller, placed="2024-06-05", lines=LINES, **other)
    one.told(Shipped(parcel="p1"), at="2024-06-07")
    return one.told(Delivered(parcel="p1"), at="2024-06-10T10:00")


def missing(one: Story, at: str, *evidence: str) -> Story:
    return one.told(DiscrepancyReported(kind="missing", lines=("2",), evidence=evidence), at=at)


@pytest.mark.parametrize(
    ("counted", "at", "ruling"),
    [
        ("receipt", "2024-06-15T23:00", "accepted"),
        ("receipt", "2024-06-16T00:01", "refused"),
        ("handover", "2024-06-12T23:00", "accepted"),
        ("handover", "2024-06-13T00:01", "refused"),
    ],
)
def test_gandalf_gives_a_company_five_days_that_do_not_move(
    counted: str, at: str, ruling: str
) -> None:
    one = delivered("gandalf", kind="business", readings={"gandalf-delivery-date": counted})
    assert missing(one, at).rulings("discrepancy") == [ruling]
    assert one.replacements() == ([("2",)] if ruling == "accepted" else [])


def test_compumail_gives_a_company_forty_eight_hours() -> None:
    one = delivered("compumail", kind="business")
    assert one.deadlines("discrepancy_report") == [("2024-06-12T08:00:00+00:00", "open")]
    assert missing(one, "2024-06-12T10:00").rulings("discrepancy") == ["accepted"]
    late = missing(delivered("compumail", kind="business"), "2024-06-12T10:00:01")
    assert late.rulings("discrepancy") == ["refused"]
    assert {"COM-4-1", "KL-32"} <= late.clauses("discrepancy")


def test_a_consumer_notices_what_is_missing_on_receipt() -> None:
    """Two months from 10 June end on Saturday 10 August and move to Monday."""
    one = delivered("compumail")
    assert one.deadlines("discrepancy_report") == [("2024-08-12", "open")]
    assert missing(one, "2024-08-12T22:00").rulings("discrepancy") == ["accepted"]
    late = missing(delivered("compumail"), "2024-08-13")
    assert (late.rulings("discrepancy"), late.decisions()) == (["pending"], ["discrepancy"])
    late.told(DiscretionExercised(about="discrepancy", decision="accepted"), at="2024-08-14")
    assert (late.rulings("discrepancy"), late.replacements()) == (["accepted"], [("2",)])


def test_what_is_not_there_needs_no_picture_of_its_damage() -> None:
    for count, ruling in ((4, "pending"), (5, "accepted")):
        for readings in ({}, {"allectra-evidence-pictures": "six"}):
            one = missing(delivered("allectra", readings=readings), "2024-06-11", *PICTURES[:count])
            assert one.rulings("discrepancy") == [ruling]


@pytest.mark.parametrize("seller", ["netzilla", "sweeto"])
def test_where_the_terms_print_no_period_the_statutes_stand(seller: str) -> None:
    assert missing(delivered(seller), "2024-08-12").rulings("discrepancy") == ["accepted"]
    assert missing(delivered(seller), "2024-08-13").rulings("discrepancy") == ["pending"]
    assert delivered(seller).deadlines("discrepancy_report") == []
    company = missing(delivered(seller, kind="business"), "2024-09-13")
    assert company.rulings("discrepancy") == ["accepted"]


def test_a_report_before_the_goods_came_is_in_time() -> None:
    one = story("gandalf", kind="business", placed="2024-06-05", lines=LINES)
    assert missing(one, "2024-06-20").rulings("discrepancy") == ["accepted"]


def test_a_retracted_report_leaves_nothing() -> None:
    one = delivered("gandalf", kind="business")
    one.told(DiscrepancyReported(kind="missing", lines=("2",)), at="2024-06-11", id="m9")
    one.retracted("m9", at="2024-06-12")
    assert (one.rulings("discrepancy"), one.replacements()) == ([], [])
    assert one.deadlines("discrepancy_report") == [("2024-06-15", "open")]


def test_money_can_be_chosen_in_place_of_what_did_not_come():
    """Nothing is sent then, and the price goes back; a late report gives neither."""
    for reported, refunds in (("2024-03-08", {"complaint": 300_00}), ("2024-03-12", {})):
        lines = (goods("1", 800_00), goods("2", 300_00))
        one = story("compumail", kind="business", placed="2024-03-04", lines=lines)
        one.told(PaymentReceived(amount=1100_00), at="2024-03-04")
        one.told(Shipped(parcel="p1"), at="2024-03-05")
        one.told(Delivered(parcel="p1"), at="2024-03-07")
        one.told(DiscrepancyReported(kind="missing", lines=("2",)), at=reported)
        one.told(RemedyChosen(lines=("2",), remedy="refund"), at="2024-03-13")
        assert one.refunds() == refunds
        assert one.replacements() == []


def test_a_time_from_the_handover_is_known_with_the_dispatch() -> None:
    """Nothing else need be told before the customer can see it."""
    by_handover = {"gandalf-delivery-date": "handover"}
    one = story("gandalf", kind="business", placed="2024-06-05", lines=LINES, readings=by_handover)
    one.told(Shipped(parcel="p1"), at="2024-06-07")
    assert [due for due, _ in one.deadlines("discrepancy_report")] == ["2024-06-12"]
