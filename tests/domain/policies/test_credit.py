"""Credits for purchases: whether one was formed, and its set-up and notification fees."""

from typing import Any

import pytest

from domain.between import NotificationFeeCharged
from domain.facts import InvoiceIssued, WithdrawalNotified
from tests.domain.policies.invoices import invoiced, paid, reminded
from tests.domain.story import Story, goods, story


def test_the_set_up_fee_arises_with_the_confirmed_order() -> None:
    assert story("sweeto", pay="part_payment", plan="6_months").fees() == {"setup": 195_00}
    unconfirmed = story("sweeto", pay="part_payment", plan="6_months", confirmed=False)
    assert unconfirmed.fees() == {}


@pytest.mark.parametrize(("price", "fees"), [(5000_00, {}), (5000_01, {"setup": 295_00})])
def test_the_plan_with_interest_is_for_order_values_over_its_limit(
    price: int, fees: dict[str, int]
) -> None:
    one = story("sweeto", pay="part_payment", plan="24_months", lines=(goods("1", price),))
    assert one.fees() == fees


def test_one_notification_fee_a_month_in_stockholm() -> None:
    def one(**other: Any) -> Story:
        told = story("sweeto", pay="part_payment", plan="12_months", **other)
        for number, at in enumerate(("2024-05-01T00:10", "2024-05-31T23:50", "2024-06-01T00:10")):
            told.told(InvoiceIssued(invoice=f"F{number}", amount=100_00), at=at)
        return told

    assert one().fees()["statement"] == 2 * 29_00
    each = one(readings={"payson-notification-fee-scope": "account_credit_only"})
    assert each.fees()["statement"] == 3 * 29_00


def test_another_order_of_the_customer_can_carry_the_months_fee() -> None:
    one = story("sweeto", pay="part_payment", plan="12_months")
    invoiced(one, "2024-05-10", 100_00)
    elsewhere = NotificationFeeCharged(order="A-2", invoice="G1")
    one.told(elsewhere, at="2024-05-12")
    assert one.fees()["statement"] == 29_00, "the earlier invoice carries it"
    one.told(elsewhere, at="2024-05-02", known="2024-05-20", id="m9")
    assert "statement" not in one.fees()
    assert one.retracted("m9", at="2024-05-21").fees()["statement"] == 29_00


def test_less_than_the_whole_of_an_invoice_with_a_minimum_forms_a_credit() -> None:
    whole = (goods("1", 5000_00),)
    one = story("sweeto", pay="payson_invoice", plan="12_months", lines=whole)
    invoiced(one, "2024-03-04", 5000_00, minimum=500_00)
    assert one.fees() == {}
    paid(one, "2024-03-11", 200_00)
    assert (one.rulings("credit"), one.fees()) == (["accepted"], {"setup": 195_00})
    one.told(InvoiceIssued(invoice="F2", amount=400_00), at="2024-04-02")
    assert one.until("2024-04-10").fees() == {"setup": 195_00, "statement": 29_00}
    assert one.deadlines("payment")[0] == ("2024-03-18", "met")


def test_a_credit_period_without_a_printed_set_up_fee_is_asked_for() -> None:
    whole = (goods("1", 5000_00),)
    one = story("sweeto", pay="payson_invoice", plan="6_months", lines=whole)
    paid(invoiced(one, "2024-03-04", 5000_00, minimum=500_00), "2024-03-11", 200_00)
    assert (one.decisions(), one.fees()) == (["setup"], {})


def test_where_the_minimum_is_needed_less_is_late_payment() -> None:
    def one(amount: int) -> Story:
        told = story(
            "sweeto", pay="payson_invoice", plan="12_months",
            readings={"payson-credit-by-part-payment": "minimum_needed"},
        )  # fmt: skip
        return paid(invoiced(told, "2024-03-04", 5000_00, minimum=500_00), "2024-03-11", amount)

    assert reminded(one(500_00), "2024-03-25").rulings("credit") == ["accepted"]
    short = reminded(one(499_99), "2024-03-25")
    assert (short.rulings("credit"), short.fees()) == (["refused"], {"reminder": 60_00})


def test_withdrawing_from_everything_ends_the_credit_without_cost() -> None:
    """DAL 2:16."""
    one = story("sweeto", pay="part_payment", plan="3_months")
    invoiced(one, "2024-04-02", 300_00)
    assert one.told(WithdrawalNotified(), at="2024-03-10", known="2024-04-03").fees() == {}
