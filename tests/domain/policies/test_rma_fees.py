"""Gandalf's list of return fees, line by line of a case (GAN-5, GAN-5.1.8)."""

import pytest

from domain.facts import (
    DiscretionExercised, InspectionCompleted, InvoiceIssued, RmaIssued, RmaReceived, RmaRequested,
    Shipped,
)  # fmt: skip
from domain.outcomes import ClosedCase, Fee, Information
from tests.domain.story import Story, goods, story

LINES = (goods("1", 700_00, quantity=3), goods("2", 400_00), goods("3", 250_00))


def gandalf(kind="warranty", quantity=None, readings=None, **came) -> Story:
    one = story(
        "gandalf", kind="business", placed="2024-10-01", pay="invoice", channel="email",
        lines=LINES, prices="excluding_vat", readings=readings,
    )  # fmt: skip
    one.told(InvoiceIssued(invoice="F1", amount=2750_00), at="2024-10-02")
    one.told(Shipped(parcel="p1"), at="2024-10-02")
    asked = {"rma": "R", "kind": kind, "quantity": quantity, "model": "M", "lines": ("1", "2")}
    one.told(RmaRequested(**asked), at="2024-10-07").told(RmaIssued(**asked), at="2024-10-08")
    fields = {"marked": True, "packaging": "ok", "complete": True, **came}
    return one.told(RmaReceived(rma="R", **fields), at="2024-10-11")


def found(one: Story, result, *lines: str, id="") -> Story:
    fact = InspectionCompleted(rma="R", lines=lines, result=result)
    return one.told(fact, at="2024-10-14", id=id)


def by_line(one: Story) -> dict[tuple[str, str | None], int]:
    return {(fee.kind, fee.line): fee.amount for fee in one.standing(Fee)}


def test_each_line_costs_what_was_found_of_it_and_goes_back_in_one_parcel():
    one = found(gandalf(), "liquid_damage", "1", id="d")
    assert (one.rulings("rma"), len(one.standing(ClosedCase))) == (["refused"], 1)
    found(one, "faultless", "2")
    assert by_line(one) == {
        ("not_approved_return", None): 300_00, ("return_freight", None): 149_00,
        ("examination", "2"): 300_00,
    }  # fmt: skip
    assert (one.rulings("rma"), one.standing(ClosedCase)) == (["accepted"], [])
    one.retracted("d", at="2024-10-15")
    assert by_line(one) == {("examination", "2"): 300_00, ("return_freight", None): 149_00}


def test_a_fee_a_product_is_one_fee_a_line_for_the_pieces_that_the_case_names():
    assert by_line(found(gandalf(), "faultless", "1"))["examination", "1"] == 300_00
    two = by_line(found(gandalf(quantity=2), "faultless", "1", "2"))
    assert (two["examination", "1"], two["examination", "2"]) == (600_00, 300_00)


def test_not_approved_and_freight_a_product_by_another_reading():
    readings = {
        "gandalf-not-approved-per": "per_product", "gandalf-return-freight-per": "product",
    }  # fmt: skip
    one = found(gandalf(readings=readings), "not_bought_here", "1", "2")
    assert one.fees() == {"not_approved_return": 600_00, "return_freight": 298_00}


@pytest.mark.parametrize("result", ["third_party_software", "illegal_software", "bad_description"])
def test_findings_that_the_list_does_not_know_cost_nothing(result):
    assert found(gandalf(), result, "1").fees() == {}


def test_scrapping_leaves_what_is_not_scrapped():
    """GAN-5-10 for what is damaged, GAN-5-29 for what poor packaging broke; the rest goes back."""
    one = found(found(gandalf(), "mishandled", "1"), "faultless", "2")
    one.told(DiscretionExercised(about="return:R", decision="scrapped"), at="2024-10-16")
    assert one.fees() == {"examination": 300_00, "return_freight": 149_00}
    charged = {"gandalf-scrapping-fee": "not_approved_without_freight"}
    one = found(gandalf(readings=charged), "mishandled", "1")
    one.told(DiscretionExercised(about="return", decision="scrapped"), at="2024-10-16")
    assert one.fees() == {"not_approved_return": 300_00}
    (closed,) = one.standing(ClosedCase)
    assert (closed.reason, closed.because.clauses) == ("scrapped", ("GAN-5-9", "GAN-5-10"))
    packed = found(gandalf(readings=charged, packaging="envelope"), "physical_damage", "1")
    packed.told(DiscretionExercised(about="return", decision="scrapped"), at="2024-10-16")
    assert packed.fees() == {}
    assert [one.because.clauses for one in packed.standing(ClosedCase)] == [("GAN-5-29",)]


def test_an_incomplete_doa_is_not_approved_for_all_its_lines():
    one = found(gandalf("doa", complete=False), "faultless", "2")
    assert one.fees() == {"not_approved_return": 300_00, "return_freight": 149_00}
    assert one.rulings("rma") == ["refused"]


def test_the_customer_is_told_where_to_send_the_goods_until_they_came():
    one = story("gandalf", kind="business", placed="2024-10-01", channel="email")
    one.told(RmaRequested(rma="R", kind="warranty"), at="2024-10-07")
    assert "GAN-5-3" in one.clauses("rma")
    one.told(RmaIssued(rma="R", kind="warranty"), at="2024-10-08")
    (told,) = one.standing(Information)
    assert (told.about, told.rma) == ("return_address", "R")
    assert "Mölnlycke" in str(told.because.inputs["address"])
    one.told(RmaReceived(rma="R", marked=True), at="2024-10-11")
    assert one.standing(Information) == []
