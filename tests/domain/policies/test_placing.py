"""Whether an order stands: conditions of the terms, and what a person decided."""

from typing import Any

import pytest

from domain.facts import DiscretionExercised, PaymentReceived, PriceErrorFound, Unclaimed
from domain.fields import Customer
from domain.outcomes import Ruling
from tests.domain.story import Story, goods, story


@pytest.mark.parametrize("seller", ["allectra", "netzilla", "compumail", "sweeto", "gandalf"])
@pytest.mark.parametrize("confirmed", [True, False])
def test_an_order_stands_when_nothing_is_against_it(seller: str, confirmed: bool) -> None:
    assert story(seller, confirmed=confirmed).rulings("order") == ["accepted"]


@pytest.mark.parametrize(
    ("seller", "age", "consent", "ruling"),
    [
        ("allectra", 17, None, "pending"), ("allectra", 17, False, "pending"),
        ("allectra", 17, True, "accepted"), ("allectra", 18, None, "accepted"),
        ("netzilla", 16, None, "pending"), ("sweeto", 16, None, "accepted"),
    ],
)  # fmt: skip
def test_a_minor_needs_a_guardians_permission(
    seller: str, age: int, consent: bool | None, ruling: str
) -> None:
    customer = Customer(kind="consumer", age=age, guardian_consent=consent)
    assert story(seller, customer=customer).rulings("order") == [ruling]


GOODS_ONLY = {"allectra-minimum-order-basis": "goods_only"}
PER_SELLER = {"allectra-minimum-order-scope": "per_seller"}


@pytest.mark.parametrize(
    ("price", "other", "ruling"),
    [
        (99_99, {}, "refused"), (100_00, {}, "accepted"), (51_00, {"freight": 49_00}, "accepted"),
        (99_00, {"freight": 49_00, "readings": GOODS_ONLY}, "refused"),
        (60_00, {"cart_total": 160_00}, "accepted"),
        (60_00, {"cart_total": 160_00, "readings": PER_SELLER}, "refused"),
        (60_00, {"cart_total": 80_00, "freight": 20_00}, "accepted"),
        (40_00, {"cart_total": 85_00, "freight": 10_00}, "refused"),
        (40_00, {"cart_total": 85_00, "freight": 10_00, "cart_shipping": 15_00}, "accepted"),
        (80_00, {"prices": "excluding_vat"}, "accepted"),
        (60_00, {"prices": "excluding_vat", "freight": 20_00}, "accepted"),
        (79_99, {"prices": "excluding_vat"}, "refused"),
    ],
)  # fmt: skip
def test_the_least_order_is_100_with_vat_and_freight_for_the_whole_cart(
    price: int, other: dict[str, Any], ruling: str
) -> None:
    assert story(lines=(goods("1", price),), **other).rulings("order") == [ruling]


def test_a_merchants_contract_is_its_own_and_fills_its_gaps_with_the_marketplaces_terms() -> None:
    one = story("nordkabel", marketplace="allectra")
    assert one.clauses("order") >= {"ALL-0-8", "ALL-2.2-1"}
    assert story("allectra", marketplace="allectra").clauses("order") >= {"ALL-0-9"}
    assert "ALL-0-8" not in story("allectra").clauses("order")


def test_a_guardians_permission_can_be_entered_later() -> None:
    one = story(customer=Customer(kind="consumer", age=16))
    one.told(DiscretionExercised(about="order", decision="accepted"), at="2024-03-05", id="mail")
    assert one.rulings("order") == ["accepted"]
    assert one.retracted("mail", at="2024-03-06").rulings("order") == ["pending"]


def paid(seller: str, **other: Any) -> Story:
    one = story(seller, freight=50_00, **other)
    return one.told(PaymentReceived(amount=1050_00), at="2024-03-04")


def test_a_refused_order_gives_everything_back() -> None:
    one = story(lines=(goods("1", 70_00),), freight=20_00)
    one.told(PaymentReceived(amount=90_00), at="2024-03-04")
    assert (one.rulings("order"), one.refunds()) == (["refused"], {"cancellation": 90_00})


@pytest.mark.parametrize("seller", ["netzilla", "allectra"])
def test_staff_may_stop_an_order(seller: str) -> None:
    """Mass orders at Netzilla (NET-mass-1), individual orders at Allectra (ALL-2.4-2)."""
    one = paid(seller)
    one.told(DiscretionExercised(about="order", decision="stop"), at="2024-03-05", id="stop")
    assert (one.rulings("order"), one.refunds()) == (["refused"], {"cancellation": 1050_00})
    one.told(Unclaimed(parcel="p1"), at="2024-03-20")
    assert one.fees() == {}
    one.retracted("stop", at="2024-03-21")
    assert (one.rulings("order"), one.refunds()) == (["accepted"], {})


def test_staff_cannot_stop_what_the_terms_do_not_let_them_stop() -> None:
    one = paid("sweeto").told(DiscretionExercised(about="order", decision="stop"), at="2024-03-05")
    assert (one.rulings("order"), one.refunds()) == (["accepted"], {})


@pytest.mark.parametrize(("decision", "ruling", "refunds"), [
    ("cancel", "refused", {"cancellation": 1050_00}), ("keep", "accepted", {}),
])  # fmt: skip
def test_a_wrong_price_waits_for_a_person(
    decision: str, ruling: str, refunds: dict[str, int]
) -> None:
    one = paid("allectra").told(PriceErrorFound(line="1", unit_price=2000_00), at="2024-03-05")
    assert (one.rulings("order"), one.decisions()) == (["pending"], ["order"])
    one.told(DiscretionExercised(about="order", decision=decision), at="2024-03-06")
    assert (one.rulings("order"), one.refunds(), one.decisions()) == ([ruling], refunds, [])


def test_a_confirmed_price_binds_where_the_terms_are_read_so() -> None:
    reading = {"allectra-price-error-after-confirmation": "binding"}
    error = PriceErrorFound(line="1", unit_price=2000_00)
    one = paid("allectra", readings=reading).told(error, at="2024-03-05")
    assert (one.rulings("order"), one.decisions()) == (["accepted"], [])
    one.told(DiscretionExercised(about="order", decision="cancel"), at="2024-03-06")
    assert (one.rulings("order"), one.refunds()) == (["accepted"], {})
    before = paid("allectra", readings=reading, confirmed=False).told(error, at="2024-03-05")
    assert before.rulings("order") == ["pending"]


def test_a_wrong_price_of_an_unknown_line_or_another_seller_changes_nothing() -> None:
    error = PriceErrorFound(line="9", unit_price=2000_00)
    assert paid("allectra").told(error, at="2024-03-05").rulings("order") == ["accepted"]
    error = PriceErrorFound(line="1", unit_price=2000_00)
    assert paid("netzilla").told(error, at="2024-03-05").rulings("order") == ["accepted"]


def test_an_order_that_waits_for_a_guardian_can_be_refused_by_the_clause_that_it_waits_under():
    one = story("netzilla", customer=Customer(kind="consumer", of_age=False))
    one.told(PaymentReceived(amount=1000_00), at="2024-03-04")
    one.told(DiscretionExercised(about="order", decision="cancel"), at="2024-03-06")
    assert one.rulings("order") == ["refused"]
    assert one.refunds() == {"cancellation": 1000_00}
    (ruling,) = [told for told in one.standing(Ruling) if told.about == "order"]
    assert ruling.because.clauses == ("NET-bestallning-1",)
