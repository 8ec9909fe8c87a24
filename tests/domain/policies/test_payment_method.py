"""Who may pay how: the seller's methods, limits, customers, goods, and a person's word."""

from typing import Any

import pytest

from domain.facts import DiscretionExercised, LineStruck, OrderChanged, PaymentReceived
from domain.fields import Customer, Shipping
from domain.outcomes import Block, Ruling
from tests.domain.story import Story, goods, story

NO, YES = (
    DiscretionExercised(about="payment_method", decision=one) for one in ("refused", "accepted")
)


def sweeto(pay: Any, price: int = 3000_00, **other: Any) -> Story:
    category = other.pop("category", "electronics")
    lines = other.pop("lines", (goods("1", price, category=category),))
    return story("sweeto", pay=pay, lines=lines, **other)


def answer(one: Story) -> tuple[str, tuple[str, ...]]:
    (ruling,) = [item for item in one.standing(Ruling) if item.about == "payment_method"]
    return ruling.decision, ruling.reasons


@pytest.mark.parametrize(
    ("pay", "kind", "expected"),
    [
        ("swish", "consumer", "accepted"),
        ("card", "consumer", "accepted"),
        ("cash", "consumer", "refused"),
        ("advance", "consumer", "refused"),
        ("klarna_account", "business", "refused"),
        ("invoice", "business", "accepted"),
    ],
)
def test_only_the_methods_that_are_offered(pay: str, kind: str, expected: str) -> None:
    assert answer(sweeto(pay, kind=kind))[0] == expected


def test_in_person_a_consumer_pays_in_cash_or_by_swish() -> None:
    for pay, expected in (("cash", "accepted"), ("swish", "accepted"), ("card", "refused")):
        assert answer(sweeto(pay, channel="in_person"))[0] == expected
    assert answer(sweeto("cash", shipping=Shipping(method="pickup", price=0)))[0] == "accepted"


@pytest.mark.parametrize(("price", "expected"), [(1999_00, "refused"), (1999_01, "accepted")])
def test_an_invoice_is_for_more_than_its_limit(price: int, expected: str) -> None:
    assert answer(sweeto("payson_invoice", price))[0] == expected
    assert answer(sweeto("payson_invoice", price - 1, freight=1))[0] == expected


def test_prices_without_vat_are_measured_with_it() -> None:
    assert answer(sweeto("payson_invoice", 1599_20, prices="excluding_vat"))[0] == "refused"
    assert answer(sweeto("payson_invoice", 1599_21, prices="excluding_vat"))[0] == "accepted"


def test_the_limit_follows_the_order_as_it_is_changed() -> None:
    one = sweeto("payson_invoice", 2500_00)
    one.told(OrderChanged(lines=(goods("1", 500_00),)), at="2024-03-05", id="m1")
    assert answer(one) == ("refused", ("too_small",))
    assert answer(one.retracted("m1", at="2024-03-06"))[0] == "accepted"


@pytest.mark.parametrize(("of_age", "expected"), [(False, "refused"), (None, "accepted")])
def test_who_is_under_age_buys_nothing_on_credit(of_age: bool | None, expected: str) -> None:
    customer = Customer(kind="consumer", of_age=of_age, guardian_consent=True)
    one = sweeto("part_payment", plan="3_months", customer=customer)
    assert answer(one)[0] == expected
    assert bool(one.fees()) == (expected == "accepted")


def test_a_credit_waits_for_its_period() -> None:
    assert answer(sweeto("part_payment")) == ("pending", ("plan",))


def test_prohibited_goods_are_refused_whatever_a_person_says() -> None:
    one = sweeto("card", category="medicines").told(YES, at="2024-03-05")
    assert answer(one) == ("refused", ("prohibited",))
    assert answer(sweeto("swish", category="medicines"))[0] == "accepted"


def test_restricted_goods_wait_for_a_person() -> None:
    """Until then the credit costs nothing; a decision that was a mistake is as if never made."""
    one = sweeto("part_payment", plan="3_months", category="tobacco")
    assert (answer(one)[0], one.decisions(), one.fees()) == ("pending", ["payment_method"], {})
    one.told(YES, at="2024-03-05", id="m1")
    assert (answer(one)[0], one.decisions(), one.fees()) == ("accepted", [], {"setup": 95_00})
    one.retracted("m1", at="2024-03-06")
    assert (answer(one)[0], one.fees()) == ("pending", {})
    assert answer(one.told(NO, at="2024-03-07")) == ("refused", ("refused",))


def test_goods_that_were_struck_are_not_judged() -> None:
    lines = (goods("1", 3000_00), goods("2", 90_00, category="alcohol"))
    one = sweeto("payson_invoice", lines=lines)
    assert answer(one)[0] == "pending"
    assert answer(one.told(LineStruck(line="2"), at="2024-03-05"))[0] == "accepted"


def test_delivery_on_refused_credit_waits_until_all_is_paid() -> None:
    one = sweeto("payson_invoice").told(NO, at="2024-03-04")
    assert len(one.standing(Block)) == 1
    one.told(PaymentReceived(amount=2999_99), at="2024-03-05")
    assert len(one.standing(Block)) == 1
    assert one.told(PaymentReceived(amount=1), at="2024-03-06").standing(Block) == []


@pytest.mark.parametrize(
    ("seller", "pay", "clause"),
    [
        ("allectra", "card", "ALL-5.3-4"),
        ("allectra", "klarna_invoice", "ALL-5.6-8"),
        ("allectra", "klarna_account", "ALL-5.7-8"),
        ("gandalf", "invoice", "GAN-3-5"),
    ],
)
def test_a_check_that_is_not_passed_refuses_the_method(seller: str, pay: str, clause: str) -> None:
    one = story(seller, pay=pay, kind="business")
    assert answer(one)[0] == "accepted"
    one.told(NO, at="2024-03-05")
    assert answer(one)[0] == "refused"
    assert clause in one.clauses("payment_method")


def test_where_the_terms_say_nothing_of_a_method_there_is_no_ruling() -> None:
    assert story("compumail", pay="card").rulings("payment_method") == []
    assert story("allectra", pay="cash").rulings("payment_method") == []
