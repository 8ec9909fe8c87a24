"""Several cases about one line: each for its pieces, each answered once."""

import pytest

from domain.facts import (
    ComplaintAssessed, ComplaintReported, DamageReported, Delivered, InspectionCompleted,
    InvoiceIssued, PaymentReceived, RemedyChosen, ReplacementShipped, RmaIssued, RmaReceived,
    RmaRequested, Shipped,
)  # fmt: skip
from domain.outcomes import Information, Refund, WriteOff
from tests.domain.story import Story, goods, story

SHOWN = (
    "packaging_outside_all_around", "opened_packaging_with_protection", "shipping_label",
    "damage", "packing_slip_a4",
)  # fmt: skip


def received(quantity: int = 5, **order: object) -> Story:
    lines = [goods("1", 200_00, quantity=quantity)]
    one = story(lines=lines, placed="2024-04-08", **order)  # type: ignore[arg-type]
    if "pay" not in order:
        one.told(PaymentReceived(amount=quantity * 200_00), at="2024-04-08", id="paid")
    one.told(Shipped(parcel="p1", tracking="T1"), at="2024-04-09")
    return one.told(Delivered(parcel="p1"), at="2024-04-11")


def sent_in(one: Story, rma: str, at: str, came: str, quantity: int | None = None) -> Story:
    number = RmaIssued(rma=rma, kind="complaint", lines=("1",), quantity=quantity)
    one.told(number, at=at, id=f"{rma}-issued")
    return one.told(RmaReceived(rma=rma, to="seller"), at=came, id=f"{rma}-came")


def found(one: Story, rma: str, result: str, at: str) -> Story:
    fact = InspectionCompleted(rma=rma, lines=("1",), result=result)  # type: ignore[arg-type]
    return one.told(fact, at=at, id=f"{rma}-{result}")


def refunded(one: Story, at: str) -> Story:
    return one.told(RemedyChosen(lines=("1",), remedy="refund"), at=at)


def written_off(one: Story) -> int:
    return sum(item.amount for item in one.standing(WriteOff))


def test_a_choice_is_for_every_faulty_piece_that_waits_for_one() -> None:
    """Two cases of two pieces and one; the faultless one keeps its price."""
    one = received()
    sent_in(one, "R1", "2024-05-06", "2024-05-10", quantity=2)
    sent_in(one, "R2", "2024-05-07", "2024-05-10", quantity=1)
    sent_in(one, "R3", "2024-05-08", "2024-05-10", quantity=1)
    found(one, "R1", "defect", "2024-05-13")
    found(one, "R2", "faultless", "2024-05-13")
    found(one, "R3", "defect", "2024-05-13")
    refunded(one, "2024-05-14")
    assert one.refunds() == {"complaint": 600_00}
    assert sorted(one.rulings("complaint")) == ["accepted", "accepted", "refused"]


def test_cases_come_out_alike_whatever_came_first() -> None:
    """The second case, its finding and its goods are told before those of the first."""
    one = received()
    found(one, "R2", "defect", "2024-05-20")
    sent_in(one, "R2", "2024-05-15", "2024-05-17", quantity=1)
    refunded(one, "2024-05-14")
    found(one, "R1", "defect", "2024-05-13")
    sent_in(one, "R1", "2024-05-06", "2024-05-10", quantity=2)
    refunded(one, "2024-05-21")
    assert sorted(item.amount for item in one.standing(Refund)) == [200_00, 400_00]


def test_no_line_gives_back_more_than_its_price() -> None:
    """All of it was given back; a case about one piece that comes later finds nothing left."""
    one = received(quantity=2)
    sent_in(one, "R1", "2024-05-06", "2024-05-10")
    found(one, "R1", "defect", "2024-05-13")
    refunded(one, "2024-05-14")
    sent_in(one, "R9", "2024-06-03", "2024-06-05", quantity=1)
    found(one, "R9", "defect", "2024-06-07")
    refunded(one, "2024-06-10")
    assert one.refunds() == {"complaint": 400_00}


def test_a_taken_back_finding_takes_its_refund_along() -> None:
    one = received()
    sent_in(one, "R1", "2024-05-06", "2024-05-10", quantity=3)
    found(one, "R1", "defect", "2024-05-13")
    refunded(one, "2024-05-14")
    assert one.refunds() == {"complaint": 600_00}
    one.retracted("R1-defect", at="2024-05-15")
    assert one.refunds() == {}


def test_more_pieces_than_were_bought_are_all_of_them() -> None:
    one = received(quantity=2)
    sent_in(one, "R1", "2024-05-06", "2024-05-10", quantity=7)
    found(one, "R1", "defect", "2024-05-13")
    refunded(one, "2024-05-14")
    assert one.refunds() == {"complaint": 400_00}


def test_a_denied_case_and_a_new_number_are_two_claims() -> None:
    """The way back of the first stays the customer's when the second proves a fault."""
    one = received(quantity=1)
    sent_in(one, "R1", "2024-05-06", "2024-05-10")
    denied = InspectionCompleted(rma="R1", lines=("1",), result="mishandled", freight=88_00)
    one.told(denied, at="2024-05-13")
    sent_in(one, "R2", "2024-06-03", "2024-06-05")
    found(one, "R2", "defect", "2024-06-07")
    assert one.fees() == {"return_freight": 88_00}
    assert sorted(one.rulings("complaint")) == ["accepted", "refused"]
    assert one.replacements() == [("1",)]


@pytest.mark.parametrize("shipped", [False, True])
def test_damage_that_is_complained_of_as_well_is_replaced_once(shipped: bool) -> None:
    """Only what was sent in its place can be complained of anew."""
    one = received(quantity=1)
    damage = DamageReported(parcel="p1", visibility="hidden", to="seller", evidence=SHOWN)
    one.told(damage, at="2024-04-12")
    if shipped:
        one.told(ReplacementShipped(lines=("1",)), at="2024-04-15")
    one.told(ComplaintReported(lines=("1",)), at="2024-05-06")
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-05-07")
    assert one.replacements() == ([("1",), ("1",)] if shipped else [("1",)])


# -- written off ----------------------------------------------------------------------------------


def invoiced(kind: str = "consumer", quantity: int = 5) -> Story:
    one = received(kind=kind, pay="klarna_invoice", quantity=quantity)
    return one.told(InvoiceIssued(invoice="F1", amount=quantity * 200_00), at="2024-04-12")


def test_the_price_of_the_pieces_that_came_back_is_written_off_once() -> None:
    one = invoiced()
    sent_in(one, "R1", "2024-05-06", "2024-05-10", quantity=2)
    assert written_off(one) == 400_00
    sent_in(one, "R2", "2024-05-07", "2024-05-13", quantity=4)
    assert written_off(one) == 1000_00
    found(one, "R1", "faultless", "2024-05-14")
    assert written_off(one) == 800_00


def test_what_is_sent_in_its_place_is_to_be_paid_for() -> None:
    one = invoiced()
    sent_in(one, "R1", "2024-05-06", "2024-05-10")
    assert written_off(one) == 1000_00
    one.told(ReplacementShipped(lines=("1",)), at="2024-05-15")
    assert written_off(one) == 0
    assert one.deadlines("payment") == [("2024-05-15", "open")]


@pytest.mark.parametrize(("kind", "rest"), [("consumer", 1000_00), ("business", 0)])
def test_goods_that_go_back_for_their_packaging_write_nothing_off(kind: str, rest: int) -> None:
    one = invoiced(kind)
    one.told(RmaIssued(rma="R1", kind="complaint", lines=("1",)), at="2024-05-06")
    one.told(RmaReceived(rma="R1", to="seller", packaging="envelope"), at="2024-05-10")
    assert written_off(one) == rest


def test_a_late_complaint_writes_nothing_off() -> None:
    one = invoiced("business")
    one.told(RmaRequested(rma="R1", kind="complaint", lines=("1",)), at="2026-04-14")
    one.told(RmaReceived(rma="R1", to="seller"), at="2026-04-20")
    assert (one.rulings("complaint"), written_off(one)) == (["refused"], 0)


def test_a_consumer_whose_complaint_is_refused_hears_of_the_board() -> None:
    for kind, told in (("consumer", ["disputes"]), ("business", [])):
        one = received(kind=kind)
        one.told(ComplaintReported(lines=("1",)), at="2024-05-06")
        assert [item.about for item in one.standing(Information)] == []
        one.told(ComplaintAssessed(lines=("1",), approved=False), at="2024-05-07")
        assert [item.about for item in one.standing(Information)] == told
