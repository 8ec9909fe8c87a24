"""A partner's purchase guarantee: who has it, until when one registers, what is paid."""

from typing import Any

import pytest

from adapters.terms import book
from domain.decide import pinned
from domain.facts import (
    ComplaintReported, DamageReported, Delivered, DiscrepancyReported, DiscretionExercised,
    PurchaseGuaranteeClaimed, PurchaseGuaranteeRegistered,
)  # fmt: skip
from domain.fields import Customer, Value
from domain.outcomes import Ruling
from domain.policies.purchase_guarantee import PURCHASE_GUARANTEE
from tests.domain.story import Story, goods, story

ABOUT = "purchase_guarantee"


def bought(registered: str | None = "2024-05-06T12:30", **order: Any) -> Story:
    """An order of 2 x 400 at noon of 6 May, registered for the guarantee."""
    lines = (goods("1", 400_00, quantity=2),)
    one = story(**{"lines": lines, "placed": "2024-05-06T12:00", **order})
    return one.told(PurchaseGuaranteeRegistered(), at=registered) if registered else one


def claimed(one: Story, at: str = "2024-06-20", **claim: int) -> Story:
    return one.told(PurchaseGuaranteeClaimed(**claim), at=at, id=f"claim-{at}")


def amounts(one: Story) -> list[int | None]:
    rulings = [ruling for ruling in one.standing(Ruling) if ruling.about == ABOUT]
    return [ruling.amount for ruling in sorted(rulings, key=lambda ruling: str(ruling.cause))]


@pytest.mark.parametrize(
    ("registered", "state", "ruling"),
    [
        ("2024-05-06T13:00", "met", "accepted"), ("2024-05-06T13:00:01", "lapsed", "refused"),
        ("2023-01-01", "met", "accepted"), (None, "lapsed", "refused"),
    ],
)  # fmt: skip
def test_sixty_minutes_to_register_and_members_need_not(
    registered: str | None, state: str, ruling: str
) -> None:
    """ALL-2.12-2, ALL-2.12-3: the sixtieth minute included; members registered before."""
    one = claimed(bought(registered), amount=800_00)
    assert one.deadlines("guarantee_registration") == [("2024-05-06T11:00:00+00:00", state)]
    assert one.rulings(ABOUT) == [ruling]


@pytest.mark.parametrize(
    "customer", [Customer(kind="business"), Customer(kind="consumer", invoice_address="business")]
)
def test_only_orders_addressed_to_a_private_person_are_covered(customer: Customer) -> None:
    one = claimed(bought(customer=customer), amount=800_00)
    assert (one.rulings(ABOUT), one.deadlines("guarantee_registration")) == (["refused"], [])
    assert one.clauses(ABOUT) == {"ALL-2.12-4"}


def test_price_shipping_and_loss_are_paid_up_to_the_maximum_of_the_purchase() -> None:
    one = claimed(bought(lines=(goods("1", 49_000_00),)), amount=49_000_00, shipping=500_00)
    assert amounts(one) == [49_500_00]
    claimed(one, at="2024-06-21", amount=0, direct_loss=900_00)
    assert amounts(one) == [49_500_00, 500_00]
    one.retracted("claim-2024-06-20", at="2024-06-22")
    assert amounts(one) == [900_00]


def test_no_more_than_the_price_of_the_goods_counts_as_price() -> None:
    assert amounts(claimed(bought(), amount=5000_00)) == [800_00]
    assert amounts(claimed(bought())) == [800_00]


def test_direct_loss_is_left_out_where_the_terms_are_read_so() -> None:
    readings = {"allectra-guarantee-direct-loss": "excluded"}
    one = claimed(bought(readings=readings), amount=300_00, shipping=40_00, direct_loss=99_00)
    assert amounts(one) == [340_00]


@pytest.mark.parametrize(
    ("fact", "ruling"),
    [
        (None, "pending"),
        (DiscrepancyReported(kind="missing"), "accepted"),
        (DiscrepancyReported(kind="wrong_item"), "accepted"),
        (ComplaintReported(lines=("1",)), "accepted"),
        (DamageReported(lines=("1",)), "accepted"),
        (DiscretionExercised(about=ABOUT, decision="accepted"), "accepted"),
        (DiscretionExercised(about=ABOUT, decision="refused"), "refused"),
    ],
)
def test_goods_that_came_need_a_ground_that_is_known(fact: Value | None, ruling: str) -> None:
    """ALL-2.12-5 gives examples: without one of them a person judges the claim."""
    one = bought().told(Delivered(parcel="p1"), at="2024-05-10")
    if fact is not None:
        one.told(fact, at="2024-05-11")
    claimed(one, amount=800_00)
    assert one.rulings(ABOUT) == [ruling]
    assert one.decisions() == ([ABOUT] if ruling == "pending" else [])


def test_goods_that_did_not_come_are_a_ground_until_it_is_known_that_they_came() -> None:
    one = claimed(bought(), amount=800_00)
    assert one.rulings(ABOUT) == ["accepted"]
    one.told(Delivered(parcel="p1"), at="2024-06-19", known="2024-06-25")
    assert one.rulings(ABOUT) == ["pending"]


def test_other_sellers_have_no_guarantee_and_nothing_is_asked_before_the_partner_speaks() -> None:
    assert claimed(story("sweeto"), amount=100_00).rulings(ABOUT) == []
    blank = story()
    assert not PURCHASE_GUARANTEE.concerns(blank.order.state, pinned(blank.order, book())[0])
