"""Gandalf delivers nothing over the credit limit, or while a due invoice is unpaid (GAN-4-9)."""

import pytest

from domain.calendar import moment
from domain.facts import (
    AccountSettled, CancellationRequested, CreditLimitExceeded, InvoiceIssued, InvoiceOverdue,
    LineStruck, PaymentReceived, Shipped,
)  # fmt: skip
from domain.outcomes import Block
from tests.domain.story import Story, goods, story

TWO = (goods("1", 800_00), goods("2", 300_00))
DUE = "2024-05-17"
"""Ten days from the invoice of 7 May."""


def gandalf(**order) -> Story:
    return story(
        "gandalf", kind="business", placed="2024-05-06", pay="invoice", lines=TWO,
        channel="email", prices="excluding_vat", **order,
    )  # fmt: skip


def half_sent(**order) -> Story:
    """Line 1 was sent and invoiced, line 2 is still awaited."""
    one = gandalf(**order).told(InvoiceIssued(invoice="F1", amount=800_00), at="2024-05-07")
    return one.told(Shipped(parcel="p1", lines=("1",)), at="2024-05-07")


def blocked(one: Story) -> bool:
    return bool(one.standing(Block))


@pytest.mark.parametrize("stop", [CreditLimitExceeded(), InvoiceOverdue()])
def test_the_ledgers_word_stops_delivery_until_the_account_is_settled(stop):
    one = gandalf().told(stop, at="2024-05-08", id="stop")
    (block,) = one.standing(Block)
    assert block.because.clauses == ("GAN-4-9",)
    assert block.because.inputs["since"] == moment("2024-05-08").isoformat()
    assert not blocked(one.told(AccountSettled(), at="2024-05-10", id="settled"))
    assert blocked(one.retracted("settled", at="2024-05-11"))
    assert not blocked(one.retracted("stop", at="2024-05-12"))


def test_what_was_said_before_the_settlement_counts_no_more_though_it_comes_later():
    one = gandalf().told(AccountSettled(), at="2024-05-10")
    assert not blocked(one.told(InvoiceOverdue(), at="2024-05-09", known="2024-05-12"))
    assert blocked(one.told(InvoiceOverdue(), at="2024-05-13"))


def test_its_own_unpaid_invoice_stops_what_is_left_of_an_order_by_the_clock():
    one = half_sent()
    assert not blocked(one.until(f"{DUE}T23:59:59"))
    assert blocked(one.until("2024-05-18T00:00"))
    one.told(PaymentReceived(amount=800_00, invoice="F1"), at="2024-05-21")
    assert not blocked(one)


def test_an_account_that_was_settled_leaves_no_invoice_overdue():
    one = half_sent().told(AccountSettled(), at="2024-05-20")
    assert not blocked(one.until("2024-06-20"))


@pytest.mark.parametrize(
    "fact",
    [
        Shipped(parcel="p2", lines=("2",)),
        CancellationRequested(lines=("2",)),
        LineStruck(line="2"),
    ],
)
def test_where_nothing_is_left_to_send_its_own_invoice_stops_nothing(fact):
    one = half_sent().told(fact, at="2024-05-08")
    assert not blocked(one.until("2024-06-20"))


def test_sellers_whose_terms_are_silent_stop_nothing():
    one = story("netzilla", kind="business").told(CreditLimitExceeded(), at="2024-05-08")
    assert not blocked(one)
