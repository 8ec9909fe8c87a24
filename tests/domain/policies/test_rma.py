"""Return cases: their time, their end, and what an examined item costs."""

import pytest

from domain.calendar import moment
from domain.facts import (
    ComplaintAssessed, ComplaintReported, Delivered, DiscretionExercised, InspectionCompleted,
    InvoiceIssued, RemedyChosen, ReturnAssessed, ReturnReceived, RmaIssued, RmaReceived,
    RmaRequested, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import ClosedCase, Fee
from tests.domain.story import Story, goods, story

TWO = (goods("1", 800_00), goods("2", 300_00))


def compumail(kind: str = "consumer", **order) -> Story:
    """A complaint case whose goods came to the warehouse within the three weeks."""
    one = story("compumail", kind=kind, placed="2024-03-04", **order)
    one.told(Shipped(parcel="p1"), at="2024-03-05")
    one.told(Delivered(parcel="p1"), at="2024-03-07")
    found = moment("2024-06-01")
    one.told(ComplaintReported(found_at=found, description_ok=True), at="2024-06-03", id="c1")
    one.told(RmaIssued(rma="R", kind="complaint"), at="2024-06-03")
    return one.told(RmaReceived(rma="R", marked=True), at="2024-06-10")


def found(one: Story, result, at: str = "2024-06-17", rma: str = "R", **fields) -> Story:
    lines = fields.pop("lines", ("1",))
    return one.told(InspectionCompleted(rma=rma, lines=lines, result=result, **fields), at=at)


def gandalf(kind="warranty", lines=TWO, received=True, **order) -> Story:
    one = story(
        "gandalf", kind="business", placed="2024-04-19", pay="invoice", lines=lines,
        prices="excluding_vat", **order,
    )  # fmt: skip
    one.told(InvoiceIssued(invoice="F1", amount=1100_00), at="2024-04-22")
    one.told(Shipped(parcel="p1"), at="2024-04-22")
    one.told(Delivered(parcel="p1"), at="2024-04-23")
    one.told(RmaRequested(rma="R", kind=kind, lines=("1",)), at="2024-04-24")
    one.told(RmaIssued(rma="R", kind=kind, lines=("1",)), at="2024-04-25")
    if received:
        one.told(RmaReceived(rma="R", marked=True, packaging="ok", complete=True), at="2024-04-29")
    return one


# -- Compumail: the case ---------------------------------------------------------------------------


def test_goods_that_do_not_come_in_three_weeks_close_their_case_by_the_clock():
    """A consumer's last day, Midsummer Eve, moves past the weekend."""
    one = story("compumail", placed="2024-03-04").told(Shipped(parcel="p1"), at="2024-03-05")
    one.told(Delivered(parcel="p1"), at="2024-03-07")
    one.told(RmaIssued(rma="R", kind="complaint", lines=("1",)), at="2024-05-31")
    one.until("2024-06-24T23:59")
    assert one.deadlines("rma_arrival") == [("2024-06-24", "open")]
    assert one.standing(ClosedCase) == []
    one.until("2024-06-25T00:01")
    assert one.rulings("rma") == ["refused"]
    assert [case.rma for case in one.standing(ClosedCase)] == ["R"]
    assert one.rulings("complaint") == ["pending"]


def test_a_closed_case_can_end_the_claim_by_another_reading():
    readings = {"com-closed-case-effect": "claim_lost"}
    one = story("compumail", placed="2024-03-04", readings=readings)
    one.told(RmaIssued(rma="R", kind="complaint", lines=("1",)), at="2024-05-06")
    assert one.until("2024-05-27").rulings("complaint") == ["pending"]
    assert one.until("2024-05-28T01:00").rulings("complaint") == ["refused"]


def test_a_late_message_of_an_arrival_reopens_the_case():
    one = story("compumail", placed="2024-03-04")
    one.told(RmaIssued(rma="R", kind="complaint", lines=("1",)), at="2024-05-06")
    one.until("2024-05-29")
    one.told(RmaReceived(rma="R", to="seller"), at="2024-05-27T16:00", known="2024-05-30")
    assert one.standing(ClosedCase) == []
    assert one.rulings("rma") == ["accepted"]


@pytest.mark.parametrize(
    ("result", "fee", "complaint", "rma"),
    [
        ("liquid_damage", "unjustified_complaint", "refused", "accepted"),
        ("third_party_software", "unjustified_complaint", "refused", "accepted"),
        ("illegal_software", "unjustified_complaint", "pending", "refused"),
        ("locked_device", "handling", "pending", "refused"),
        ("bad_description", "handling", "refused", "accepted"),
        ("faultless", "faultless", "refused", "accepted"),
    ],
)
def test_what_a_finding_costs_and_decides(result, fee, complaint, rma):
    """What cannot be handled ends the case; everything else answers the complaint."""
    one = found(compumail(), result)
    assert one.fees() == {fee: 300_00}
    assert (one.rulings("complaint"), one.rulings("rma")) == ([complaint], [rma])
    assert len(one.standing(ClosedCase)) == (rma == "refused")


def test_a_later_defect_frees_a_consumer_of_the_fee_for_a_locked_device():
    one = found(compumail(), "locked_device")
    one.told(RmaIssued(rma="R2", kind="complaint", lines=("1",)), at="2024-06-20")
    one.told(RmaReceived(rma="R2", freight_paid_by_customer=75_00), at="2024-06-26")
    found(one, "defect", at="2024-07-01", rma="R2")
    assert one.fees() == {}
    assert one.refunds() == {"freight_reimbursement": 75_00}
    company = found(compumail("business"), "locked_device")
    company.told(RmaIssued(rma="R2", kind="complaint", lines=("1",)), at="2024-06-20")
    found(company, "defect", at="2024-07-01", rma="R2")
    assert company.fees() == {"handling": 300_00}


def test_an_application_sets_no_time_before_the_case_has_its_number():
    """The case exists when its number is given; by the other reading when it is applied for."""
    one = story("compumail", placed="2024-03-04")
    one.told(RmaRequested(rma="R", kind="complaint", lines=("1",)), at="2024-05-06")
    one.until("2024-06-10")
    assert (one.deadlines("rma_arrival"), one.rulings("rma")) == ([], ["pending"])
    other = story("compumail", readings={"com-rma-clock-start": "rma_requested"})
    other.told(RmaRequested(rma="R", kind="complaint", lines=("1",)), at="2024-05-06")
    assert other.until("2024-06-10").rulings("rma") == ["refused"]


def test_a_claim_that_ended_with_its_case_is_not_revived_by_a_new_number():
    one = compumail(readings={"com-closed-case-effect": "claim_lost"})
    assert found(one, "defect").rulings("complaint") == ["accepted"]
    lost = story("compumail", readings={"com-closed-case-effect": "claim_lost"})
    lost.told(RmaIssued(rma="R", kind="complaint", lines=("1",)), at="2024-05-06")
    lost.told(RmaIssued(rma="R2", kind="complaint", lines=("1",)), at="2024-06-03")
    lost.told(RmaReceived(rma="R2"), at="2024-06-10")
    assert found(lost, "defect", rma="R2").rulings("complaint") == ["refused"]


@pytest.mark.parametrize("first", ["bad_description", "defect"])
def test_a_poor_description_says_nothing_of_the_goods(first):
    """Whichever the workshop told first, the fault decides the complaint."""
    second = {"bad_description": "defect", "defect": "bad_description"}[first]
    for kind, fees in (("consumer", {}), ("business", {"handling": 300_00})):
        one = found(found(compumail(kind), first), second, at="2024-06-18")
        assert one.rulings("complaint") == ["accepted"]
        assert one.fees() == fees


def test_a_company_pays_for_a_locked_device_that_was_faulty_once_it_was_open():
    one = found(found(compumail("business"), "locked_device"), "defect", at="2024-06-18")
    assert one.fees() == {"handling": 300_00}
    assert one.rulings("complaint") == ["accepted"]


def test_each_ground_has_its_fee_by_another_reading():
    one = compumail(readings={"com-several-grounds": "per_ground"})
    found(found(one, "physical_damage"), "third_party_software", at="2024-06-18")
    assert one.fees() == {"unjustified_complaint": 600_00}
    assert len(one.standing(Fee)) == 2
    assert found(one, "defect", at="2024-06-19").fees() == {}


@pytest.mark.parametrize("days", [("2024-06-17", "2024-06-18"), ("2024-06-18", "2024-06-17")])
def test_hours_take_the_place_of_no_fee_but_the_faultless_item_s(days):
    one = compumail(lines=TWO)
    found(one, "faultless", at=days[0], technician_minutes=(5,))
    found(one, "liquid_damage", at=days[1], lines=("2",))
    assert one.fees() == {"technician": 500_00, "unjustified_complaint": 300_00}


def test_who_is_right_after_all_pays_for_no_test():
    one = found(compumail(), "faultless", technician_minutes=(5,))
    one.told(ComplaintAssessed(lines=("1",), approved=True), at="2024-06-20")
    assert one.fees() == {}


def test_technicians_are_paid_by_the_started_hour_of_all_sessions():
    minutes = (50, 20)
    assert found(compumail(), "faultless", technician_minutes=minutes).fees() == {
        "technician": 1000_00
    }
    both = compumail(readings={"com-faultless-and-technician": "cumulative"})
    assert found(both, "faultless", technician_minutes=minutes).fees() == {
        "faultless": 300_00, "technician": 1000_00,
    }  # fmt: skip
    always = {"com-technician-hours-scope": "always"}
    damaged = found(compumail(readings=always), "physical_damage", technician_minutes=(5,))
    assert damaged.fees() == {"unjustified_complaint": 300_00, "technician": 500_00}
    assert found(compumail(readings=always), "defect", technician_minutes=(5,)).fees() == {}


def test_the_way_back_of_a_company_is_its_own():
    """The cost of sending the item back, whatever was found; a consumer pays none of it."""
    company = found(compumail("business"), "defect", freight=66_00)
    assert company.fees() == {"return_freight": 66_00}
    assert found(compumail(), "faultless", freight=66_00).fees() == {"faultless": 300_00}


def test_searching_a_foreign_system_is_for_a_person_to_charge():
    one = found(compumail(), "faultless", lines=None, technician_minutes=(90,))
    assert (one.fees(), one.decisions()) == ({}, ["examination"])
    assert one.rulings("complaint") == ["pending"]
    charge = DiscretionExercised(about="examination", decision="charge", amount=450_00)
    one.told(charge, at="2024-06-18")
    assert (one.fees(), one.decisions()) == ({"examination": 450_00}, [])
    listed = found(compumail(tariff={"examination": "320.00"}), "faultless", lines=None)
    assert (listed.fees(), listed.decisions()) == ({}, ["examination"])
    listed.told(DiscretionExercised(about="examination", decision="charge"), at="2024-06-18")
    assert listed.fees() == {"examination": 320_00}


def test_what_a_partner_asked_may_be_passed_on():
    one = found(compumail(), "mishandled", partner_cost=400_00)
    assert one.decisions() == ["partner_cost"]
    charge = DiscretionExercised(about="partner_cost", decision="charge", amount=310_00)
    one.told(charge, at="2024-06-18")
    assert one.fees() == {"unjustified_complaint": 300_00, "partner_cost": 310_00}


def test_a_withdrawal_in_the_guise_of_a_complaint_costs_a_company():
    """Companies cannot withdraw; a fault makes it a complaint after all."""

    def told(kind: str, **order) -> Story:
        one = story("compumail", kind=kind, placed="2024-03-04", **order)
        one.told(Shipped(parcel="p1"), at="2024-03-05")
        one.told(Delivered(parcel="p1"), at="2024-03-07")
        one.told(WithdrawalNotified(channel="email"), at="2024-03-28")
        one.told(RmaIssued(rma="R", kind="complaint"), at="2024-03-29")
        return one.told(RmaReceived(rma="R", to="seller"), at="2024-04-05")

    everybody = {"com-disguised-withdrawal-fee": "everybody"}
    assert told("business").fees() == {"unjustified_complaint": 300_00}
    assert told("consumer").fees() == {}
    assert told("consumer", readings=everybody).fees() == {"unjustified_complaint": 300_00}
    assert found(told("business"), "defect", at="2024-04-09").fees() == {}


def test_that_a_complaint_was_meant_as_a_withdrawal_may_be_told_until_it_is_tested():
    one = compumail("business")
    one.told(WithdrawalNotified(channel="email"), at="2024-06-11")
    assert one.fees() == {"unjustified_complaint": 300_00}
    tested = found(compumail("business"), "wrong_product")
    tested.told(WithdrawalNotified(channel="email"), at="2024-06-18")
    assert tested.fees() == {}


# -- Gandalf: the list of return fees --------------------------------------------------------------


def test_an_unmarked_return_waits_for_a_person():
    """Handling 100, or not approved 300 and freight 149, or scrapped for nothing."""
    for decision, fees in (
        ("handling", {"handling": 100_00}),
        ("not_approved_return", {"not_approved_return": 300_00, "return_freight": 149_00}),
        ("scrapped", {}),
    ):
        one = gandalf(received=False)
        one.told(RmaReceived(rma="R", marked=False, packaging="ok"), at="2024-04-29")
        assert (one.fees(), one.decisions()) == ({}, ["return"])
        one.told(DiscretionExercised(about="return", decision=decision), at="2024-04-30")
        assert (one.fees(), one.decisions()) == (fees, [])


def test_goods_told_by_their_lines_are_those_of_the_case_they_were_asked_for():
    """DOA: complete and in original packaging, whoever says that the goods came."""
    one = gandalf("doa", received=False)
    one.told(ReturnReceived(lines=("2",), complete=False), at="2024-04-28")
    assert one.fees() == {}
    one.told(ReturnReceived(lines=("1",), original_packaging=False), at="2024-04-29")
    assert one.fees() == {"not_approved_return": 300_00, "return_freight": 149_00}
    one.told(RmaReceived(rma="R", marked=True, complete=True, packaging="ok"), at="2024-04-29")
    assert one.fees() == {}


def test_goods_without_any_number_ask_once_a_parcel():
    one = gandalf(received=False)
    one.told(RmaReceived(), at="2024-04-26").told(RmaReceived(), at="2024-04-26")
    assert one.decisions() == ["return"]


def test_faultless_products_cost_an_examination_each_and_one_freight():
    one = found(gandalf(), "faultless", lines=("1", "2"))
    assert one.fees() == {"examination": 600_00, "return_freight": 149_00}
    assert {fee.line for fee in one.standing(Fee) if fee.kind == "examination"} == {"1", "2"}
    per_product = gandalf(readings={"gandalf-return-freight-per": "product"})
    assert found(per_product, "faultless", lines=("1", "2")).fees()["return_freight"] == 298_00


def test_a_confirmed_defect_waits_for_gandalf_to_choose():
    one = found(gandalf(), "defect")
    assert one.rulings("warranty") == ["accepted"]
    assert one.decisions() == ["warranty"]
    one.told(RemedyChosen(lines=("1",), remedy="credit"), at="2024-05-02")
    assert (one.decisions(), one.refunds()) == ([], {"complaint": 800_00})


def test_a_late_doa_is_refused_even_if_it_becomes_a_warranty_case():
    """Fourteen working days from Monday 22 April end on 14 May, May Day and Ascension left out."""
    one = gandalf("sales_return", received=False)
    one.told(RmaRequested(rma="D", kind="doa", lines=("2",)), at="2024-05-15")
    one.told(RmaIssued(rma="D", kind="warranty", lines=("2",)), at="2024-05-16")
    assert one.deadlines("doa") == [("2024-05-14", "lapsed")]
    assert sorted(one.rulings("rma")) == ["accepted", "refused"]
    assert one.rulings("warranty") == ["pending"]
    assert "GAN-5-23" in one.clauses("rma")


def test_a_sales_return_is_credited_less_its_fee_when_it_is_approved():
    one = gandalf("sales_return")
    assert one.rulings("return") == ["pending"]
    one.told(ReturnAssessed(lines=("1",), approved=True, day_price=790_00), at="2024-04-30", id="a")
    assert one.refunds() == {"credit": 600_00}
    one.retracted("a", at="2024-05-02")
    one.told(ReturnAssessed(lines=("1",), approved=False), at="2024-04-30")
    assert one.refunds() == {}
    assert one.rulings("return") == ["refused"]
    assert one.fees() == {"not_approved_return": 300_00, "return_freight": 149_00}
