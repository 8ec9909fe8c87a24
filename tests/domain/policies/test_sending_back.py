"""How goods are sent back: what the customer is told, and from when until when."""

from typing import Any

from domain.facts import (
    ComplaintAssessed, ComplaintReported, DamageReported, Delivered, DiscrepancyReported,
    RemedyChosen, ReturnReceived, ReturnSent, RmaReceived, RmaRequested, Shipped,
    WithdrawalAssessed, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Information
from tests.domain.story import Story, goods, story


def delivered(seller: str = "netzilla", **order: Any) -> Story:
    lines = (goods("1", 600_00), goods("2", 200_00))
    one = story(seller, placed="2024-09-02", lines=lines, **order)
    one.told(Shipped(parcel="p1"), at="2024-09-03")
    return one.told(Delivered(parcel="p1"), at="2024-09-05")


def instructions(one: Story) -> list[dict[str, object]]:
    return [
        dict(item.because.inputs)
        for item in one.standing(Information)
        if item.about == "return_instructions"
    ]


def test_a_complaint_is_told_how_the_item_goes_back_until_it_is_there() -> None:
    """NET-reklamation-5, -7, -12 and -13."""
    one = delivered(kind="business").told(ComplaintReported(lines=("2",)), at="2024-10-01")
    (told,) = instructions(one)
    assert told == {"lines": "2", "address": "Netzilla, Box 5030, 250 05 Helsingborg"}
    assert instructions(one.told(ReturnReceived(lines=("2",)), at="2024-10-07")) == []


def test_damaged_and_wrong_items_are_sent_back_and_what_is_missing_is_not() -> None:
    """NET-reklamation-5; nothing more is said once the goods are on their way."""
    for fact, count in [
        (DamageReported(lines=("1",), visibility="visible", to="seller"), 1),
        (DiscrepancyReported(lines=("1",), kind="wrong_item"), 1),
        (DiscrepancyReported(lines=("1",), kind="missing"), 0),
    ]:
        one = delivered().told(fact, at="2024-09-06")
        assert len(instructions(one)) == count
        assert instructions(one.told(ReturnSent(lines=("1",)), at="2024-09-07")) == []


def test_who_keeps_the_goods_at_a_lower_price_sends_nothing() -> None:
    one = delivered().told(ComplaintReported(lines=("1",)), at="2024-10-01")
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-10-02")
    assert len(instructions(one)) == 1
    chosen = RemedyChosen(lines=("1",), remedy="price_reduction", amount=50_00)
    assert instructions(one.told(chosen, at="2024-10-03")) == []


def test_a_refused_complaint_and_goods_that_never_came_are_not_sent_back() -> None:
    one = delivered().told(ComplaintReported(lines=("1",)), at="2024-10-01")
    one.told(ComplaintAssessed(lines=("1",), approved=False), at="2024-10-02")
    assert instructions(one) == []
    early = story("netzilla", lines=(goods("1", 600_00),))
    assert instructions(early.told(ComplaintReported(), at="2024-03-05")) == []


def test_a_withdrawal_is_told_once_it_was_dealt_with() -> None:
    """NET-angerratt-17, NET-angerratt-19; not where it was turned down or taken back."""
    one = delivered().told(WithdrawalNotified(lines=("1",)), at="2024-09-10")
    assert instructions(one) == []
    one.told(WithdrawalAssessed(accepted=True), at="2024-09-11", id="a1")
    assert [told["lines"] for told in instructions(one)] == ["1"]
    assert instructions(one.retracted("a1", at="2024-09-12")) == []
    denied = delivered().told(WithdrawalNotified(), at="2024-09-10")
    assert instructions(denied.told(WithdrawalAssessed(accepted=False), at="2024-09-11")) == []


def test_what_is_withdrawn_from_is_told_of_once() -> None:
    one = delivered().told(ComplaintReported(lines=("1",)), at="2024-09-09")
    one.told(WithdrawalNotified(lines=("1",)), at="2024-09-10")
    one.told(WithdrawalAssessed(accepted=True), at="2024-09-11")
    assert len(instructions(one)) == 1
    assert instructions(one.told(ReturnReceived(lines=("1",)), at="2024-09-16")) == []


def test_other_sellers_have_no_such_words() -> None:
    one = delivered("compumail").told(ComplaintReported(lines=("2",)), at="2024-10-01")
    assert instructions(one) == []


def test_a_withdrawal_may_be_told_of_at_once_and_a_warranty_case_in_its_own_words() -> None:
    """SWE-angerratt-12 to -15, SWE-garanti-6 and -7."""
    one = delivered("sweeto").told(WithdrawalNotified(lines=("1",)), at="2024-09-10", id="n1")
    assert [told["lines"] for told in instructions(one)] == ["1"]
    assert one.clauses("return_instructions") == {"SWE-angerratt-12", "SWE-angerratt-13",
                                           "SWE-angerratt-14", "SWE-angerratt-15"}  # fmt: skip
    assert instructions(one.retracted("n1", at="2024-09-11")) == []
    asked = RmaRequested(rma="R1", kind="warranty", lines=("2",))
    one.told(asked, at="2024-10-01")
    assert one.clauses("return_instructions") == {
        "SWE-garanti-6",
        "SWE-garanti-7",
        "SWE-angerratt-15",
    }
    assert instructions(one.told(RmaReceived(rma="R1"), at="2024-10-07")) == []


def test_a_complaint_under_a_case_number_is_awaited_until_its_goods_came() -> None:
    """SWE-reklamation-5 and -6."""
    one = delivered("sweeto").told(ComplaintReported(lines=("2",)), at="2024-10-01")
    one.told(RmaRequested(rma="R1", kind="complaint", lines=("2",)), at="2024-10-01")
    assert [told["lines"] for told in instructions(one)] == ["2"]
    assert instructions(one.told(RmaReceived(rma="R1"), at="2024-10-07")) == []
