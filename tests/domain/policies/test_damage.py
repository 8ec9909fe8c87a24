"""Damage on the way: how soon it must be reported, what must be shown, and what it gives."""

from typing import Any

import pytest

from domain.facts import (
    AvailableForCollection, Collected, ComplaintAssessed, DamageReported, Delivered,
    DiscretionExercised, RemedyChosen, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Deadline, Ruling
from domain.policies.answer import ASKED
from tests.domain.story import Story, goods, story

PICTURES = (
    "packaging_outside_all_around", "opened_packaging_with_protection", "shipping_label", "damage",
    "packing_slip_a4", "ean13_label",
)  # fmt: skip


def delivered(seller: str = "allectra", at: str = "2024-06-05T14:00", **other: Any) -> Story:
    """One parcel with everything, received on Wednesday 5 June 2024, the day before a holiday."""
    one = story(seller, placed="2024-06-03", **other)
    return one.told(Shipped(parcel="p1"), at="2024-06-04").told(Delivered(parcel="p1"), at=at)


def reported(one: Story, at: str, visibility: Any = "hidden", **other: Any) -> Story:
    told = {"parcel": "p1", "to": "seller", "evidence": PICTURES} | other
    return one.told(DamageReported(visibility=visibility, **told), at=at)


def reports(one: Story) -> list[Deadline]:
    return [item for item in one.standing(Deadline) if item.kind == "damage_report"]


@pytest.mark.parametrize(
    ("at", "ruling"), [("2024-06-13T23:59", "accepted"), ("2024-06-14T00:00", "refused")]
)
def test_a_company_has_five_working_days_for_hidden_damage(at: str, ruling: str) -> None:
    """National day on Thursday and a weekend do not count: until 13 June."""
    one = reported(delivered(kind="business"), at)
    assert one.rulings("damage") == [ruling]
    assert one.replacements() == ([("1",)] if ruling == "accepted" else [])
    assert [due for due, _ in one.deadlines("damage_report")] == ["2024-06-13"]


def test_a_consumers_hidden_damage_is_noticed_when_it_is_reported() -> None:
    one = reported(delivered(), "2024-11-05")
    assert (one.rulings("damage"), one.replacements()) == (["accepted"], [("1",)])
    assert {"KKL-1:10", "KKL-5:2", "KKL-2:6"} <= one.clauses("damage")


@pytest.mark.parametrize(
    ("at", "ruling", "decisions"),
    [("2024-08-05T20:00", "accepted", []), ("2024-08-06", "pending", ["damage"])],
)
def test_a_consumers_visible_damage_has_two_months_and_is_then_a_judgement(
    at: str, ruling: str, decisions: list[str]
) -> None:
    one = reported(delivered(), at, "visible")
    assert (one.rulings("damage"), one.decisions()) == ([ruling], decisions)


def test_after_the_two_months_a_person_decides() -> None:
    one = reported(delivered(), "2024-09-01", "visible")
    one.told(DiscretionExercised(about="damage", decision="refused"), at="2024-09-02")
    assert (one.rulings("damage"), one.decisions()) == (["refused"], [])


def collected(*visible_at: str, **other: Any) -> Story:
    one = story(placed="2024-06-03", kind="business", **other)
    one.told(Shipped(parcel="p1"), at="2024-06-04")
    one.told(AvailableForCollection(parcel="p1"), at="2024-06-05")
    for at in visible_at:
        reported(one, at, "visible", to="carrier", evidence=("note",))
    one.told(Collected(parcel="p1"), at="2024-06-07T12:00")
    return reported(one, "2024-06-07T18:00", "visible")


def test_a_company_must_speak_of_visible_damage_before_it_takes_the_parcel_over() -> None:
    assert collected("2024-06-07T11:55").rulings("damage") == ["accepted"]
    assert collected().rulings("damage") == ["refused"]


def test_taking_over_a_damaged_parcel_can_be_read_to_lose_the_claim() -> None:
    readings = {"allectra-visible-damage-collection": "refuse"}
    assert collected("2024-06-07T11:55", readings=readings).rulings("damage") == ["refused"]


def test_the_report_that_came_first_decides_whenever_it_was_told() -> None:
    one = reported(delivered(kind="business"), "2024-06-20")
    assert one.rulings("damage") == ["refused"]
    early = DamageReported(parcel="p1", visibility="hidden", to="seller")
    one.told(early, at="2024-06-10", known="2024-06-21", id="m9")
    assert (one.rulings("damage"), one.replacements()) == (["accepted"], [("1",)])
    one.retracted("m9", at="2024-06-22")
    assert (one.rulings("damage"), one.replacements()) == (["refused"], [])


def test_pictures_add_up_over_the_reports_and_five_are_enough() -> None:
    one = reported(delivered(), "2024-06-06", evidence=PICTURES[:3])
    assert (one.rulings("damage"), one.replacements()) == (["pending"], [])
    reported(one, "2024-06-07", evidence=("selfie", *PICTURES[3:4]))
    assert one.rulings("damage") == ["pending"]
    reported(one, "2024-06-08", evidence=PICTURES[4:5])
    assert one.rulings("damage") == ["accepted"]


def test_a_report_to_the_carrier_alone_waits_for_the_seller_to_be_told() -> None:
    assert reported(delivered(), "2024-06-06", to="carrier").rulings("damage") == ["pending"]


def test_lines_of_one_parcel_are_judged_apart_when_they_are_reported_apart() -> None:
    one = delivered(kind="business", lines=(goods("1", 500_00), goods("2", 300_00)))
    reported(one, "2024-06-10", parcel=None, lines=("1",))
    reported(one, "2024-06-20", parcel=None, lines=("2",))
    assert sorted(one.rulings("damage")) == ["accepted", "refused"]
    assert one.replacements() == [("1",)]


def test_nothing_is_replaced_that_was_withdrawn_from() -> None:
    one = reported(delivered(), "2024-06-07").told(WithdrawalNotified(), at="2024-06-08")
    assert (one.rulings("damage"), one.replacements()) == (["accepted"], [])


def test_a_customer_can_choose_another_remedy_than_the_new_item() -> None:
    one = reported(delivered(), "2024-06-07")
    one.told(RemedyChosen(lines=("1",), remedy="refund"), at="2024-06-08")
    assert one.replacements() == []


def test_a_report_of_goods_that_the_order_does_not_know_is_without_effect() -> None:
    one = reported(delivered(), "2024-06-07", parcel="p9")
    reported(one, "2024-06-07", parcel=None, lines=("9",))
    assert one.rulings("damage") == []


# -- Compumail ------------------------------------------------------------------------------------


def two_parcels(**other: Any) -> Story:
    lines = (goods("1", 500_00), goods("2", 300_00))
    one = story("compumail", placed="2024-03-25", kind="business", lines=lines, **other)
    one.told(Shipped(parcel="p1", lines=("1",)), at="2024-03-26")
    one.told(Shipped(parcel="p2", lines=("2",)), at="2024-03-26")
    return one.told(Delivered(parcel="p1"), at="2024-03-27T09:00")


def test_forty_eight_hours_are_elapsed_hours_over_the_change_of_clocks() -> None:
    """Received on Saturday 30 March 2024 at 10:00; at 11:00 on Monday 48 hours have passed."""
    for at, ruling in (("2024-04-01T11:00", "accepted"), ("2024-04-01T11:00:01", "refused")):
        one = story("compumail", placed="2024-03-25", kind="business")
        one.told(Shipped(parcel="p1"), at="2024-03-26")
        one.told(Delivered(parcel="p1"), at="2024-03-30T10:00")
        assert reported(one, at, "visible").rulings("damage") == [ruling]


def test_hours_run_from_the_last_parcel_of_the_order() -> None:
    one = two_parcels()
    assert one.deadlines("damage_report") == []
    assert reported(one, "2024-04-10", "visible").rulings("damage") == ["accepted"]
    one.told(Delivered(parcel="p2"), at="2024-04-12T09:00")
    assert ("2024-04-14T07:00:00+00:00", "met") in one.deadlines("damage_report")


def test_hours_can_be_read_to_run_for_each_parcel() -> None:
    one = two_parcels(readings={"com-order-received": "each_parcel"})
    assert reported(one, "2024-04-10", "visible").rulings("damage") == ["refused"]


def test_a_late_report_of_a_company_can_be_left_to_a_person() -> None:
    one = two_parcels(readings={"com-late-report-business": "staff_decides"})
    one.told(Delivered(parcel="p2"), at="2024-03-28")
    reported(one, "2024-04-10", parcel="p2")
    assert (one.rulings("damage"), one.decisions()) == (["pending"], ["damage"])
    one.told(DiscretionExercised(about="damage:p2", decision="accepted"), at="2024-04-11")
    assert (one.rulings("damage"), one.decisions()) == (["accepted"], [])


def test_a_consumers_printed_time_falls_to_two_months_or_is_a_request() -> None:
    def one(**other: Any) -> Story:
        told = story("compumail", placed="2024-03-25", **other)
        told.told(Shipped(parcel="p1"), at="2024-03-26")
        told.told(Delivered(parcel="p1"), at="2024-03-28T10:00")
        return reported(told, "2024-05-02", "visible")

    assert one().deadlines("damage_report") == [("2024-05-28", "met")]
    asked = one(readings={"com-consumer-report-period": "printed_as_request"})
    assert ("2024-03-30T09:00:00+00:00", "lapsed") in asked.deadlines("damage_report")
    assert {item.because.rule for item in reports(asked)} == {ASKED}
    assert {item.because.rule for item in reports(one())} == {"report.due"}
    assert asked.rulings("damage") == one().rulings("damage") == ["accepted"]


# -- the others -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["consumer", "business"])
def test_netzillas_seven_days_are_a_wish(kind: str) -> None:
    one = reported(delivered("netzilla", kind=kind), "2024-07-01", "visible")
    assert one.rulings("damage") == ["accepted"]
    assert [state for _, state in one.deadlines("damage_report")] == ["lapsed"]
    (asked,) = reports(one)
    law, binding = {
        "consumer": ("NET-reklamation-1", "2024-08-05"), "business": ("KL-32", "2026-06-05"),
    }[kind]  # fmt: skip
    assert (asked.because.rule, asked.because.inputs["binding"]) == (ASKED, binding)
    assert {"NET-reklamation-3", law} <= set(asked.because.clauses)
    notice = [("2024-08-05", "met")] if kind == "consumer" else []
    assert one.deadlines("complaint_notice") == notice
    one.told(RemedyChosen(remedy="replacement"), at="2024-07-02")
    assert one.replacements() == [("1",)]
    assert one.told(ComplaintAssessed(approved=False), at="2024-07-03").rulings("damage") == [
        "refused"
    ]


def test_a_company_is_too_late_after_two_years_whatever_was_wished() -> None:
    assert reported(delivered("netzilla", kind="business"), "2026-06-05T23:00").rulings(
        "damage"
    ) == ["accepted"]
    late = reported(delivered("netzilla", kind="business"), "2026-06-06T01:00")
    assert (late.rulings("damage"), "KL-32" in late.clauses("damage")) == (["refused"], True)


def test_sweeto_asks_a_company_for_the_carriers_number() -> None:
    one = reported(delivered("sweeto", kind="business"), "2024-06-07")
    assert one.rulings("damage") == ["pending"]
    assert reported(one, "2024-06-08", carrier_case="4711").rulings("damage") == ["accepted"]
    consumer = reported(delivered("sweeto"), "2024-06-07")
    assert consumer.rulings("damage") == ["accepted"], "a consumer need not (KKL 2:6)"


def test_goods_sent_ex_works_travel_at_the_companys_risk() -> None:
    one = reported(delivered("gandalf", kind="business"), "2024-06-07")
    assert (one.rulings("damage"), one.deadlines("damage_report")) == (["refused"], [])
    assert {"GAN-4-1", "GAN-4-2"} <= one.clauses("damage")


def test_a_consumer_need_not_have_the_carriers_number_and_is_told_to_ask_for_it():
    """SWE-transportskada-2 and -3; the number falls as a condition to KKL 2:6 (KKL90 8)."""
    for placed, law in (("2025-05-05", "KKL-2:6"), ("2021-05-05", "KKL90-8")):
        one = story("sweeto", placed=placed).told(Shipped(parcel="p1"), at=placed)
        one.told(Delivered(parcel="p1"), at=f"{placed[:5]}05-07")
        one.told(DamageReported(parcel="p1", to="seller"), at=f"{placed[:5]}05-08")
        (ruling,) = [item for item in one.standing(Ruling) if item.about == "damage"]
        assert ruling.decision == "accepted"
        assert ("SWE-transportskada-3", "carrier_case", law) in ruling.because.beaten
        assert "SWE-transportskada-2" in one.clauses("carrier_report")
        numbered = DamageReported(parcel="p1", to="carrier", carrier_case="C-1")
        one.told(numbered, at=f"{placed[:5]}05-09")
        assert one.clauses("carrier_report") == set()
