"""A decision counts within its bounds; outside them it is refused with the bound."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from domain.explain import sentence
from domain.facts import (
    AvailableForCollection, CancellationConfirmed, CancellationRequested, DiscretionExercised,
    InspectionCompleted, InvoiceIssued, ParcelReturned, PaymentReceived, RefundPaid, ReminderSent,
    Reshipped, ReturnReceived, ReturnSent, RmaIssued, RmaReceived, Shipped,
    Unclaimed, WithdrawalNotified,
)  # fmt: skip
from domain.fields import Shipping
from domain.outcomes import DecisionNeeded
from domain.policies.discretion import Question
from tests.domain.discretion import LATER, bought, decide, is_open, refusals
from tests.domain.story import Story, goods, story

DRAWN = (goods("1", 1000_00, traits=("made_to_order",)),)


def damaged_late() -> Story:
    one = bought("netzilla", readings={"net-extended-period-regime": "open-purchase"})
    one.told(WithdrawalNotified(), at="2024-09-25", id="w1")
    return one.told(ReturnReceived(packaging="damaged"), at="2024-09-27")


def forwarded() -> Story:
    one = bought("allectra").told(WithdrawalNotified(), at="2024-09-10", id="w1")
    one.told(ReturnSent(proof=True, to="other_seller"), at="2024-09-12")
    return one.told(ReturnReceived(forwarding_cost=77_00), at="2024-09-16", id="r1")


def at_a_partner() -> Story:
    one = bought("compumail").told(RmaIssued(rma="R", kind="complaint"), at="2024-10-01")
    one.told(RmaReceived(rma="R", marked=True, to="seller"), at="2024-10-04")
    found = InspectionCompleted(rma="R", lines=("1",), result="mishandled", partner_cost=610_00)
    return one.told(found, at="2024-10-10")


def searched() -> Story:
    one = bought("compumail").told(RmaIssued(rma="R", kind="complaint"), at="2024-10-01")
    one.told(RmaReceived(rma="R", marked=True, to="seller"), at="2024-10-04")
    return one.told(InspectionCompleted(rma="R", result="faultless"), at="2024-10-10")


def left_at_the_agent() -> Story:
    one = story("allectra", placed="2024-09-02")
    one.told(Shipped(parcel="p1", tracking="T"), at="2024-09-03")
    one.told(AvailableForCollection(parcel="p1"), at="2024-09-04")
    one.told(Unclaimed(parcel="p1"), at="2024-09-18")
    return one.told(ParcelReturned(parcel="p1", return_cost=60_00, other_cost=33_00), "2024-09-20")


def cancelled_on_its_way() -> Story:
    one = story("allectra", kind="business", placed="2024-09-02")
    one.told(Shipped(parcel="p1", tracking="T"), at="2024-09-03")
    one.told(CancellationRequested(channel="email"), at="2024-09-03T15:00", id="c1")
    one.told(AvailableForCollection(parcel="p1"), at="2024-09-04")
    one.told(Unclaimed(parcel="p1"), at="2024-09-18")
    return one.told(ParcelReturned(parcel="p1", return_cost=60_00, other_cost=33_00), "2024-09-20")


def sent_again() -> Story:
    one = story("gandalf", kind="business", placed="2024-09-02")
    one.told(Shipped(parcel="p1", tracking="T"), at="2024-09-03")
    one.told(AvailableForCollection(parcel="p1"), at="2024-09-04")
    one.told(Unclaimed(parcel="p1"), at="2024-09-18")
    one.told(ParcelReturned(parcel="p1"), at="2024-09-20")
    return one.told(Reshipped(parcel="p1"), at="2024-09-23", id="again")


def invoiced(seller: str, **other: Any) -> Story:
    one = story(seller, kind="business", pay="invoice", placed="2024-09-02", **other)
    one.told(InvoiceIssued(invoice="F1", amount=2000_00), at="2024-09-02")
    return one.told(ReminderSent(invoice="F1"), at="2024-11-01")


def made_to_order() -> Story:
    one = story("netzilla", kind="business", lines=DRAWN, placed="2024-09-02")
    one.told(CancellationRequested(channel="email"), at="2024-09-02T12:00", id="c1")
    return one.told(CancellationConfirmed(), at="2024-09-02T13:00")


def overpaid() -> Story:
    one = bought("allectra").told(WithdrawalNotified(), at="2024-09-10", id="w1")
    one.told(ReturnReceived(), at="2024-09-16")
    return one.told(RefundPaid(amount=1240_00, refund="withdrawal"), at="2024-09-18")


def by_courier() -> Story:
    lines = (goods("1", 300_00),)
    return story("sweeto", lines=lines, shipping=Shipping(method="courier"), placed="2024-09-02")


def on_credit() -> Story:
    whole = (goods("1", 5000_00),)
    one = story("sweeto", pay="payson_invoice", plan="6_months", lines=whole)
    one.told(InvoiceIssued(invoice="F1", amount=5000_00, minimum=500_00), at="2024-03-04")
    return one.told(PaymentReceived(amount=200_00, invoice="F1"), at="2024-03-11")


@dataclass(frozen=True)
class Bounded:
    """A question about money: what it allows, and the clause that says so."""

    told: Callable[[], Story]
    about: str
    bounds: tuple[int, int] | None
    clause: str | None
    word: str = "charge"
    is_fee: bool = True
    usual: int | None = None
    """What a decision without an amount comes to; None: it decides nothing."""


BOUNDED = [
    Bounded(forwarded, "wrong_seller_handling", (0, 77_00), "ALL-8.7-2", usual=77_00),
    Bounded(at_a_partner, "partner_cost", (0, 610_00), "COM-2-12", usual=610_00),
    Bounded(searched, "examination", None, "COM-2-26"),
    Bounded(cancelled_on_its_way, "unclaimed", (0, 350_00), "ALL-3.3-7", usual=350_00),
    Bounded(cancelled_on_its_way, "cancellation", (0, 93_00), "ALL-3.3-8", usual=93_00),
    Bounded(sent_again, "reship_freight", None, None),
    Bounded(lambda: invoiced("gandalf", readings={"gandalf-reminder-amount": "tariff_needed"}),
            "reminder", (0, 60_00), "IL-4"),
    Bounded(made_to_order, "cancellation", None, "NET-avbestallning-5"),
    Bounded(on_credit, "setup", None, None),
    Bounded(by_courier, "shipping", None, None),
    Bounded(overpaid, "refund", (0, 240_00), None, word="claim", is_fee=False, usual=240_00),
]  # fmt: skip
bounded = pytest.mark.parametrize(
    "case", BOUNDED, ids=lambda case: f"{case.about}-{case.clause or case.told.__name__}"
)


@bounded
def test_at_the_bounds_a_decision_decides(case: Bounded) -> None:
    for amount in case.bounds or (0, 5_00):
        one = decide(case.told(), case.about, case.word, amount=amount)
        assert (is_open(one, case.about), refusals(one)) == (False, [])
        assert one.fees().get(case.about, 0) == (amount if case.is_fee else 0)


@bounded
def test_one_ore_outside_it_is_refused_with_the_bound(case: Bounded) -> None:
    if case.bounds is None:
        return
    one, before = case.told(), case.told().until(LATER)
    decide(one, case.about, case.word, amount=case.bounds[1] + 1)
    (because,) = refusals(one)
    inputs = because.inputs
    assert because.rule == "discretion.amount"
    assert (inputs["about"], inputs["decided_amount"]) == (case.about, case.bounds[1] + 1)
    assert (inputs["least_amount"], inputs["most_amount"]) == case.bounds
    assert case.clause is None or case.clause in because.clauses
    assert (one.fees(), one.refunds()) == (before.fees(), before.refunds())
    assert one.decisions() == before.decisions()
    (asked,) = [item for item in one.standing(DecisionNeeded) if item.about == case.about]
    assert asked.bounds == case.bounds


@bounded
def test_a_charge_without_an_amount_is_the_usual_one_or_decides_nothing(case: Bounded) -> None:
    one = decide(case.told(), case.about, case.word)
    if case.usual is not None:
        assert (is_open(one, case.about), refusals(one)) == (False, [])
        assert one.fees().get(case.about, 0) == (case.usual if case.is_fee else 0)
        return
    (because,) = refusals(one)
    assert because.rule == "discretion.unsaid_amount"
    assert is_open(one, case.about)


@bounded
def test_a_waiver_needs_no_amount(case: Bounded) -> None:
    one = decide(case.told(), case.about, "waive")
    assert (is_open(one, case.about), refusals(one)) == (False, [])
    assert case.about not in one.fees()


@bounded
def test_a_word_that_was_not_offered_decides_nothing(case: Bounded) -> None:
    one = decide(case.told(), case.about, "halve", amount=1_00)
    (because,) = refusals(one)
    assert (because.rule, because.inputs["decision"]) == ("discretion.choice", "halve")
    assert is_open(one, case.about)


@bounded
def test_a_later_decision_within_the_bounds_decides_and_a_later_one_outside_does_not(
    case: Bounded,
) -> None:
    outside: dict[str, Any] = {"decision": "halve"}
    if case.bounds is not None:
        outside = {"decision": case.word, "amount": case.bounds[1] + 1}
    one = decide(case.told(), case.about, **outside, id="d1")
    decide(one, case.about, case.word, "2024-12-21", amount=2_00, id="d2")
    assert (is_open(one, case.about), len(refusals(one))) == (False, 1)
    fees = one.fees()
    decide(one, case.about, at="2024-12-22", **outside, id="d3")
    assert (is_open(one, case.about), len(refusals(one))) == (False, 2)
    assert one.fees() == fees


@bounded
def test_a_retraction_takes_the_refusal_back(case: Bounded) -> None:
    one = decide(case.told(), case.about, "halve").retracted("d", "2024-12-21")
    assert (is_open(one, case.about), refusals(one)) == (True, [])


# -- per cent -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("percent", "lost"), [("30", 300_00), ("30.01", 300_10), ("100", 1000_00)])
def test_the_bounds_of_a_percentage_are_inclusive(percent: str, lost: int) -> None:
    one = decide(damaged_late(), "return:w1", "deduct", percent=Decimal(percent))
    assert (one.decisions(), refusals(one)) == ([], [])
    assert one.refunds() == ({"withdrawal": 1000_00 - lost} if lost < 1000_00 else {})


def test_a_percentage_outside_the_bounds_is_refused_with_them() -> None:
    one = decide(damaged_late(), "return", "deduct", percent=Decimal("29.99"))
    (because,) = refusals(one)
    assert (one.refunds(), one.decisions()) == ({"withdrawal": 1000_00}, ["return"])
    assert because.clauses == ("NET-angerratt-9",)
    assert sentence(because) == (
        "The decision of 29.99 % about return is outside the 30 to 100 % that the terms allow."
    )
    assert sentence(because, "sv") == (
        "Beslutet om 29,99 % för retur ligger utanför de 30 till 100 % som villkoren tillåter."
    )


def test_a_deduction_in_per_cent_needs_a_percentage() -> None:
    for other in ({}, {"amount": 400_00}):
        one = decide(damaged_late(), "return", "deduct", **other)
        assert [because.rule for because in refusals(one)] == ["discretion.unsaid_percent"]
        assert (one.refunds(), one.decisions()) == ({"withdrawal": 1000_00}, ["return"])
    assert decide(damaged_late(), "return", "waive").decisions() == []


# -- bounds that move -----------------------------------------------------------------------------


def test_costs_of_a_parcel_that_was_left_are_bounded_by_what_they_were() -> None:
    floor = left_at_the_agent().fees()["unclaimed"]
    one = decide(left_at_the_agent(), "unclaimed:p1", "charge", amount=33_00)
    assert (one.fees(), one.decisions()) == ({"unclaimed": floor + 33_00}, [])
    over = decide(left_at_the_agent(), "unclaimed:p1", "charge", amount=33_01)
    assert (over.fees(), over.decisions()) == ({"unclaimed": floor}, ["unclaimed"])
    assert len(refusals(over)) == 1
    decide(over, "unclaimed", "waive", at="2024-12-21", id="d2")
    assert (over.fees(), over.decisions(), len(refusals(over))) == ({}, [], 1)


def test_a_decision_follows_its_bound_when_more_becomes_known() -> None:
    one = decide(at_a_partner(), "partner_cost", "charge", amount=700_00)
    assert (is_open(one, "partner_cost"), len(refusals(one))) == (True, 1)
    more = InspectionCompleted(rma="R", lines=("1",), result="mishandled", partner_cost=90_00)
    one.told(more, at="2024-12-21", id="more")
    assert (is_open(one, "partner_cost"), refusals(one)) == (False, [])
    assert one.fees()["partner_cost"] == 700_00
    one.retracted("more", "2024-12-22")
    assert (is_open(one, "partner_cost"), len(refusals(one))) == (True, 1)
    assert "partner_cost" not in one.fees()


def test_what_was_paid_back_too_much_is_claimed_up_to_what_it_is() -> None:
    one = decide(overpaid(), "refund", "claim", amount=240_00)
    assert (one.decisions(), one.fees()) == ([], {})
    one.told(RefundPaid(amount=60_00, refund="withdrawal"), at="2024-12-21")
    assert one.decisions() == [], "a smaller claim stands when the bound is higher"
    fewer = decide(overpaid(), "refund", "claim", amount=300_00)
    assert (fewer.decisions(), len(refusals(fewer))) == (["refund"], 1)


def test_compensation_between_companies_has_the_statutes_bound() -> None:
    """IL 4 a: at most 450, of what was late; nobody is asked about it."""
    within = decide(invoiced("sweeto"), "late_payment", "charge", amount=450_00)
    assert (within.fees()["late_payment"], refusals(within)) == (450_00, [])
    over = decide(invoiced("sweeto"), "late_payment:F1", "charge", amount=450_01)
    (because,) = refusals(over)
    assert "IL-4a" in because.clauses
    assert "late_payment" not in over.fees()
    assert sentence(because) == (
        "The decision of 450.01 about late payment is outside the 0.00 to 450.00 that the terms "
        "allow."
    )


def test_one_decision_for_two_subjects_is_refused_for_the_one_that_it_does_not_fit() -> None:
    one = forwarded().told(ReturnReceived(forwarding_cost=12_00), at="2024-09-17", id="r2")
    decide(one, "wrong_seller_handling", "charge", amount=50_00)
    assert one.fees() == {"wrong_seller_handling": 50_00}
    assert [because.inputs["most_amount"] for because in refusals(one)] == [12_00]
    assert one.decisions() == ["wrong_seller_handling"]


def test_an_amount_beside_a_waiver_is_nothing() -> None:
    question = Question(about="shipping", choices=("charge", "waive"), bounds=(0, 1_00))
    assert question.objection(
        DiscretionExercised(about="shipping", decision="waive", amount=9_00)
    ) is None  # fmt: skip
