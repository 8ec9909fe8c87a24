"""Complaints: the terms' periods and the statute's, what is found, and what a fault gives."""

import pytest

from domain.facts import (
    ComplaintAssessed, ComplaintReported, Delivered, DiscretionExercised, InspectionCompleted,
    InvoiceIssued, PaymentReceived, RemedyChosen, RescissionDeclared, ReturnSent, RmaIssued,
    RmaReceived, RmaRequested, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.calendar import moment
from domain.outcomes import Refund, Ruling
from tests.domain.story import Story, goods, story


REST = goods("2", 600_00)


def received(seller: str, day: str, placed: str, **order) -> Story:
    """An order whose single parcel came on a day."""
    one = story(seller, placed=placed, **order)
    one.told(Shipped(parcel="p1"), at=placed, id="sent")
    return one.told(Delivered(parcel="p1"), at=day, id="came")


def complained(one: Story, at: str, found: str | None = None, **fields) -> Story:
    found_at = moment(found) if found else None
    return one.told(ComplaintReported(lines=("1",), found_at=found_at, **fields), at=at, id="c1")


@pytest.mark.parametrize(
    ("seller", "placed", "came", "kind", "due"),
    [
        ("compumail", "2024-02-26", "2024-02-29", "consumer", "2027-02-28"),
        ("compumail", "2021-03-01", "2021-03-05", "consumer", "2024-03-05"),
        ("compumail", "2024-02-26", "2024-02-29", "business", "2025-02-28"),
        ("sweeto", "2024-02-26", "2024-03-04", "consumer", "2027-03-04"),
        ("sweeto", "2024-02-26", "2024-03-04", "business", "2026-03-04"),
        ("netzilla", "2024-02-26", "2024-03-04", "consumer", "2027-03-04"),
        ("allectra", "2021-05-10", "2021-05-19", "consumer", "2024-05-20"),
    ],
)  # fmt: skip
def test_how_long_goods_can_be_complained_of(seller, placed, came, kind, due):
    """A consumer has at least the three years of the statute, counted from receipt; the act of
    1990 asks for the complaint in them, so a Sunday moves. A company has what its terms say, else
    two years by the Sale of Goods Act."""
    one = received(seller, came, placed, kind=kind).until("2024-03-10")
    assert [day for day, _ in one.deadlines("complaint_period")] == [due]


def test_a_contractual_period_of_a_company_does_not_move():
    """Twelve months end on Saturday 15 March 2025 and stay there."""
    one = received("compumail", "2024-03-15", "2024-03-12", kind="business")
    complained(one, "2025-03-16", "2025-03-14")
    assert one.deadlines("complaint_period") == [("2025-03-15", "lapsed")]
    assert one.rulings("complaint") == ["refused"]


def test_presumption_is_by_the_act_of_the_contract():
    """Six months under the act of 1990, two years under that of 2022; it never moves."""
    old = received("sweeto", "2021-06-01", "2021-05-28").until("2021-06-02")
    new = received("sweeto", "2024-06-01", "2024-05-28").until("2024-06-03")
    assert old.deadlines("presumption") == [("2021-12-01", "open")]
    assert new.deadlines("presumption") == [("2026-06-01", "open")]


def test_two_weeks_of_notice_fall_to_two_months_for_a_consumer():
    """Sweeto prints two weeks; notice within two months of noticing is always in time."""
    one = complained(received("sweeto", "2024-03-04", "2024-03-01"), "2024-06-10", "2024-04-10")
    assert one.deadlines("complaint_notice") == [("2024-06-10", "met")]
    assert one.rulings("complaint") == ["pending"]
    assert one.decisions() == []
    late = complained(received("sweeto", "2024-03-04", "2024-03-01"), "2024-06-11", "2024-04-10")
    assert late.decisions() == ["complaint"]


def test_a_person_decides_about_a_late_notice_of_one_line():
    """The decision names the line; whether there is a fault is another question."""
    one = complained(received("allectra", "2024-01-08", "2024-01-04"), "2024-07-01", "2024-02-05")
    assert one.rulings("complaint") == ["pending"]
    one.told(DiscretionExercised(about="complaint:1", decision="accepted"), at="2024-07-02")
    assert one.decisions() == []
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-07-03")
    assert one.rulings("complaint") == ["accepted"]
    assert one.replacements() == [("1",)]


def test_a_complaint_that_says_nothing_of_the_fault_waits_for_its_description():
    """NET-reklamation-6; at a seller without such words it is merely open."""
    for seller, reason in [("netzilla", "description"), ("compumail", "open")]:
        one = complained(
            received(seller, "2024-03-04", "2024-02-26"), "2024-05-06", description_ok=False
        )
        assert [ruling.reasons for ruling in one.standing(Ruling)[1:]] == [(reason,)]
    told = ComplaintReported(lines=("1",), description_ok=True)
    one = complained(received("netzilla", "2024-03-04", "2024-02-26"), "2024-05-06",
                     description_ok=False).told(told, at="2024-05-08")  # fmt: skip
    assert [ruling.reasons for ruling in one.standing(Ruling)[1:]] == [("open",)]


def test_a_fault_must_show_within_three_years_under_the_act_of_2022():
    """Shown a day late the claim is lost, however soon it is notified."""
    in_time = received("netzilla", "2022-06-10", "2022-06-07")
    late = received("netzilla", "2022-06-10", "2022-06-07")
    assert complained(in_time, "2025-07-01", "2025-06-10").rulings("complaint") == ["pending"]
    assert complained(late, "2025-06-12", "2025-06-11").rulings("complaint") == ["refused"]


def test_a_company_may_be_late_by_reasonable_time_at_compumail():
    """Two months are always in time for any customer; later a person decides."""
    one = received("compumail", "2024-02-05", "2024-02-01", kind="business")
    complained(one, "2024-06-03", "2024-03-20")
    assert one.deadlines("complaint_notice") == [("2024-05-20", "lapsed")]
    assert one.decisions() == ["complaint"]


def test_what_is_received_late_arrives_late_in_every_period():
    """The delivery becomes known only after the complaint: nothing is late by itself."""
    one = story("compumail", placed="2023-01-02", kind="business")
    one.told(Shipped(parcel="p1"), at="2023-01-03")
    complained(one, "2024-02-01", "2024-01-30")
    assert one.rulings("complaint") == ["pending"]
    one.told(Delivered(parcel="p1"), at="2023-01-09", known="2024-02-05")
    assert one.rulings("complaint") == ["refused"]


def test_retracting_the_delivery_cancels_its_periods():
    one = received("compumail", "2024-03-15", "2024-03-12").retracted("came", at="2024-03-20")
    assert one.deadlines("complaint_period") == []
    assert one.deadlines("presumption") == []


def test_a_company_pays_for_bad_packaging_and_a_consumer_does_not():
    """Without approved outer packaging a complaint goes back; the statute asks for none."""
    for kind, ruling in (("business", "refused"), ("consumer", "pending")):
        one = received("sweeto", "2024-03-04", "2024-03-01", kind=kind)
        complained(one, "2024-04-02", "2024-04-01")
        one.told(RmaIssued(rma="R", kind="complaint", lines=("1",)), at="2024-04-03")
        one.told(RmaReceived(rma="R", packaging="envelope"), at="2024-04-08")
        assert one.rulings("complaint") == [ruling], kind


def test_faultless_goods_cost_fault_finding_and_both_ways():
    """Allectra prints no amount: the tariff gives it, the slip goes inside, the way back beside."""

    def told(**order) -> Story:
        one = received("allectra", "2024-02-15", "2024-02-12", **order)
        complained(one, "2024-05-06", "2024-05-02")
        one.told(RmaIssued(rma="R", kind="complaint", lines=("1",)), at="2024-05-06")
        slip = ReturnSent(lines=("1",), label="prepaid", label_cost=55_00)
        one.told(slip, at="2024-05-08")
        found = InspectionCompleted(rma="R", lines=("1",), result="faultless", freight=61_00)
        return one.told(found, at="2024-05-14")

    tariff = {"fault_finding": "220.00"}
    assert told(tariff=tariff).fees() == {"faultless": 275_00, "return_freight": 61_00}
    way_back = told(tariff=tariff, readings={"allectra-faultless-shipping": "way_back_only"})
    assert way_back.fees() == {"faultless": 220_00, "return_freight": 61_00}
    asked = told()
    assert (asked.fees(), asked.decisions()) == ({"return_freight": 61_00}, ["faultless"])
    asked.told(
        DiscretionExercised(about="faultless", decision="charge", amount=180_00), at="2024-05-15"
    )
    assert asked.fees() == {"faultless": 180_00, "return_freight": 61_00}
    assert asked.decisions() == []


def test_netzilla_bears_all_freight_of_an_approved_complaint():
    """A whole order that is refunded gives the outward freight back too, and the label."""
    one = received("netzilla", "2024-03-04", "2024-03-01", freight=99_00)
    one.told(PaymentReceived(amount=1099_00), at="2024-03-01")
    complained(one, "2024-03-20", "2024-03-18")
    one.told(ReturnSent(lines=("1",), label="own", label_cost=85_00), at="2024-03-21")
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-03-25")
    assert one.refunds() == {"freight_reimbursement": 85_00}
    one.told(RemedyChosen(lines=("1",), remedy="refund"), at="2024-03-26")
    assert one.refunds() == {"complaint": 1099_00, "freight_reimbursement": 85_00}
    one.told(RemedyChosen(lines=("1",), remedy="replacement"), at="2024-03-27")
    assert one.refunds() == {"freight_reimbursement": 85_00}
    assert one.replacements() == [("1",)]


def test_who_rescinds_for_a_fault_is_answered_as_who_complains():
    """The price of the faulty goods goes back once the fault is found (KKL 5:8)."""
    one = received("compumail", "2024-03-04", "2024-03-01", freight=49_00)
    one.told(PaymentReceived(amount=1049_00), at="2024-03-01")
    declared = RescissionDeclared(lines=("1",), ground="defect")
    one.told(declared, at="2024-03-20", id="r1")
    assert one.rulings("rescission") == ["pending"]
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-03-25")
    assert one.rulings("rescission") == ["accepted"]
    assert one.refunds() == {"complaint": 1000_00}


def test_a_written_off_invoice_gives_back_what_was_paid_beyond_the_rest():
    """Two lines invoiced, one faulty: of the 700 paid only what the other does not need."""
    lines = (goods("1", 400_00), goods("2", 600_00))
    one = received("allectra", "2024-04-11", "2024-04-08", lines=lines, pay="klarna_invoice")
    one.told(InvoiceIssued(invoice="F1", amount=1000_00), at="2024-04-12")
    one.told(PaymentReceived(amount=700_00, invoice="F1"), at="2024-04-20")
    complained(one, "2024-04-22", "2024-04-20")
    one.told(RmaIssued(rma="R", kind="complaint", lines=("1",)), at="2024-04-22")
    one.told(RmaReceived(rma="R"), at="2024-04-29")
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-05-02")
    one.told(RemedyChosen(lines=("1",), remedy="refund"), at="2024-05-03")
    assert one.refunds() == {"complaint": 100_00}


@pytest.mark.parametrize(
    ("paid", "remedy", "amount", "back"),
    [
        (0, "refund", None, 0),
        (700_00, "refund", None, 100_00),
        (1000_00, "refund", None, 400_00),
        (900_00, "price_reduction", 150_00, 50_00),
    ],
)
def test_no_more_comes_back_than_was_paid_beyond_what_is_kept(paid, remedy, amount, back):
    """Of a price that falls only what was paid of it goes back; the rest is never asked for."""
    one = received("netzilla", "2024-03-04", "2024-03-01", lines=(goods("1", 400_00), REST))
    one.told(PaymentReceived(amount=paid), at="2024-03-01")
    complained(one, "2024-03-20", "2024-03-18")
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-03-25")
    one.told(RemedyChosen(lines=("1",), remedy=remedy, amount=amount), at="2024-03-26")
    assert one.refunds().get("complaint", 0) == back


@pytest.mark.parametrize(("told_of_it", "causes"), [(True, {"label"}), (False, {"left"})])
def test_a_label_for_faulty_and_withdrawn_goods_goes_back_once(told_of_it, causes):
    """With the withdrawal where its way back is the seller's, else with the complaint."""
    one = received(
        "compumail", "2024-03-04", "2024-03-01",
        lines=(goods("1", 400_00), REST), terms_informed=told_of_it,
    )  # fmt: skip
    complained(one, "2024-03-06", "2024-03-05")
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-03-07")
    one.told(WithdrawalNotified(lines=("2",)), at="2024-03-08", id="left")
    label = ReturnSent(lines=("1", "2"), label="own", label_cost=85_00)
    one.told(label, at="2024-03-09", id="label")
    back = [item for item in one.standing(Refund) if item.kind == "freight_reimbursement"]
    assert ({item.cause for item in back}, sum(item.amount for item in back)) == (causes, 85_00)


def test_withdrawn_goods_are_not_refunded_as_faulty_too():
    one = received("netzilla", "2024-03-04", "2024-03-01")
    one.told(WithdrawalNotified(channel="web"), at="2024-03-06")
    complained(one, "2024-03-07", "2024-03-06")
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-03-08")
    one.told(RemedyChosen(lines=("1",), remedy="refund"), at="2024-03-09")
    assert "complaint" not in one.refunds()


def test_another_fault_is_another_complaint():
    """A report after the first was decided begins anew; before that it adds to it."""
    one = complained(received("netzilla", "2024-03-04", "2024-03-01"), "2024-03-20", "2024-03-18")
    one.told(RmaRequested(rma="R", lines=("1",)), at="2024-03-21")
    assert one.rulings("complaint") == ["pending"]
    one.told(ComplaintAssessed(lines=("1",), approved=False), at="2024-03-25")
    one.told(ComplaintReported(lines=("1",)), at="2024-09-02", id="c2")
    assert sorted(one.rulings("complaint")) == ["pending", "refused"]


def test_packaging_is_no_condition_of_a_consumers_complaint_and_its_words_fall():
    """SWE-reklamation-6 and -7 fall to KKL 5:4 (KKL90 26); a company's case goes back."""
    for placed, kind, answer, law in (
        ("2025-02-03", "consumer", "accepted", "KKL-5:4"),
        ("2022-04-04", "consumer", "accepted", "KKL90-26"),
        ("2025-02-03", "business", "refused", None),
    ):
        one = received("sweeto", f"{placed[:5]}05-06", placed, kind=kind)
        complained(one, f"{placed[:5]}06-02")
        asked = RmaRequested(rma="R1", kind="complaint", lines=("1",))
        one.told(asked, at=f"{placed[:5]}06-02")
        one.told(RmaReceived(rma="R1", packaging="envelope"), at=f"{placed[:5]}06-10")
        found = InspectionCompleted(rma="R1", lines=("1",), result="defect")
        one.told(found, at=f"{placed[:5]}06-12")
        (ruling,) = [item for item in one.standing(Ruling) if item.about == "complaint"]
        assert ruling.decision == answer
        assert "SWE-reklamation-7" in ruling.because.clauses
        fell = {(clause, by) for clause, _, by in ruling.because.beaten}
        assert not law or ("SWE-reklamation-7", law) in fell
