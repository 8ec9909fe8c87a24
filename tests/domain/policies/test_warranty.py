"""Warranties: a promise beside the law, with a time and conditions of its own."""

from domain.facts import (
    ComplaintReported, Delivered, InspectionCompleted, RmaIssued, RmaReceived, RmaRequested,
    Shipped,
)  # fmt: skip
from tests.domain.story import Story, goods, story


def received(seller: str, *lines, placed: str = "2024-01-25", **order) -> Story:
    one = story(seller, placed=placed, lines=lines or (goods("1", 1000_00),), **order)
    one.told(Shipped(parcel="p1"), at="2024-01-29")
    return one.told(Delivered(parcel="p1"), at="2024-01-31")


def claimed(one: Story, at: str, result=None, **fields) -> Story:
    one.told(RmaRequested(rma="R", kind="warranty", lines=("1",)), at=at)
    if result:
        found = InspectionCompleted(rma="R", lines=("1",), result=result, **fields)
        one.told(found, at="2025-03-01")
    return one


def test_the_maker_gives_a_year_and_consumables_have_thirty_days():
    """The last day never moves: no act of the customer is asked for."""
    ink = goods("2", 200_00, category="toner_cartridges")
    one = received("allectra", goods("1", 900_00), ink).until("2024-02-10")
    assert sorted(one.deadlines("warranty")) == [("2024-03-01", "open"), ("2025-01-31", "open")]
    own = received("sweeto", goods("1", 900_00, traits=("own_make",))).until("2024-02-10")
    assert own.deadlines("warranty") == [("2024-07-31", "open")]


def test_software_has_no_warranty():
    one = received("allectra", goods("1", 400_00, traits=("software",)))
    assert one.deadlines("warranty") == []
    assert claimed(one, "2024-02-10").rulings("warranty") == ["refused"]


def test_a_claim_after_the_last_day_is_refused():
    assert claimed(received("sweeto"), "2025-01-31").rulings("warranty") == ["pending"]
    assert claimed(received("sweeto"), "2025-02-01").rulings("warranty") == ["refused"]


def test_an_approved_case_is_repaired_or_replaced_and_consumables_are_replaced():
    ink = goods("1", 200_00, traits=("consumable",))
    replaced = claimed(received("allectra", ink), "2024-02-20", "defect")
    assert (replaced.replacements(), replaced.decisions()) == ([("1",)], [])
    asked = claimed(received("allectra"), "2024-12-02", "defect")
    assert (asked.replacements(), asked.decisions()) == ([], ["warranty"])


def test_a_fault_answered_as_a_complaint_is_not_answered_twice():
    one = received("allectra", goods("1", 200_00, traits=("consumable",)))
    one.told(ComplaintReported(lines=("1",)), at="2024-02-20")
    claimed(one, "2024-02-20", "defect")
    assert (one.rulings("complaint"), one.rulings("warranty")) == (["accepted"], ["accepted"])
    assert one.replacements() == [("1",)]


def test_what_is_no_fault_of_the_goods_is_refused_and_its_way_back_charged():
    one = claimed(received("allectra"), "2024-12-02", "mishandled", freight=58_00)
    assert one.rulings("warranty") == ["refused"]
    assert one.fees() == {"return_freight": 58_00}


def test_two_thousand_for_a_faultless_item_that_went_abroad():
    """Only a warranty case, and only one that was sent to a maker abroad."""
    assert claimed(received("sweeto"), "2024-12-02", "faultless").fees() == {}
    abroad = claimed(received("sweeto"), "2024-12-02", "faultless", sent_abroad=True)
    assert abroad.fees() == {"warranty_faultless": 2000_00}


def test_without_approved_outer_packaging_a_case_goes_back():
    one = received("sweeto").told(RmaIssued(rma="R", kind="warranty"), at="2024-03-01")
    one.told(RmaReceived(rma="R", packaging="envelope"), at="2024-03-04")
    assert one.rulings("warranty") == ["refused"]
    assert "SWE-garanti-8" in one.clauses("warranty")


def test_a_guarantee_that_outlasts_the_complaint_right_is_the_makers():
    """By another reading the seller opens a case after it too."""

    def asked(**order) -> Story:
        one = received("compumail", kind="business", **order)
        return one.told(RmaRequested(rma="R", kind="warranty"), at="2025-02-01")

    late = asked()
    assert (late.rulings("rma"), late.rulings("warranty")) == (["refused"], ["refused"])
    case = asked(readings={"com-extended-guarantee": "case_with_seller"})
    assert (case.rulings("rma"), case.rulings("warranty")) == (["pending"], ["pending"])


def test_where_no_warranty_is_given_the_case_is_a_complaint():
    one = claimed(received("netzilla"), "2024-12-02", "faultless")
    assert one.rulings("complaint") == ["refused"]
    assert one.fees() == {}
