"""Goods that a company gives back to Gandalf by its leave: their pieces, price, packaging."""

import pytest

from domain.calendar import moment
from domain.facts import (
    CancellationRequested, InvoiceIssued, PriceChanged, ReturnAssessed, RmaIssued, RmaReceived,
    RmaRequested, Shipped,
)  # fmt: skip
from domain.outcomes import Refund
from tests.domain.story import Story, goods, story

FIVE = (goods("1", 900_00, quantity=5),)
"""Invoiced at 4,500, so that the fee is 450."""


def gandalf(lines=FIVE, invoiced=4500_00, vat=None, **order) -> Story:
    one = story(
        "gandalf", kind="business", placed="2024-09-02", pay="invoice", channel="email",
        lines=lines, prices="excluding_vat", **order,
    )  # fmt: skip
    if invoiced:
        one.told(InvoiceIssued(invoice="F1", amount=invoiced, vat=vat), at="2024-09-03")
    return one


def returned(one: Story, rma: str = "R", day: int = 9, **received) -> Story:
    quantity = received.pop("quantity", None)
    one.told(Shipped(parcel="p1"), at="2024-09-03")
    asked = {"rma": rma, "kind": "sales_return", "lines": ("1",), "quantity": quantity}
    one.told(RmaRequested(**asked), at=f"2024-09-{day:02d}T08:00")
    one.told(RmaIssued(**asked), at=f"2024-09-{day:02d}T09:00")
    fields = {"marked": True, "packaging": "ok", "complete": True, **received}
    return one.told(RmaReceived(rma=rma, **fields), at=f"2024-09-{day:02d}T12:00")


def assessed(one: Story, at="2024-09-20", **fields) -> Story:
    return one.told(ReturnAssessed(lines=("1",), **{"approved": True, **fields}), at=at)


def test_only_the_pieces_of_the_case_are_credited_and_the_day_price_is_for_one():
    """Two of five: 1,800 less 450, unless the day price of two is lower."""
    assert assessed(returned(gandalf(), quantity=2)).refunds() == {"credit": 1350_00}
    low = assessed(returned(gandalf(), quantity=2), day_price=600_00)
    assert low.refunds() == {"credit": 1200_00}
    high = assessed(returned(gandalf(), quantity=2), day_price=700_00)
    assert high.refunds() == {"credit": 1350_00}


def test_no_piece_is_credited_twice():
    """Four of five, then three more: one is left, worth 900 less 450."""
    one = assessed(returned(gandalf(), quantity=4), at="2024-09-10")
    assessed(returned(one, "S", day=16, quantity=3), at="2024-09-17")
    amounts = {refund.rma: refund.amount for refund in one.standing(Refund)}
    assert amounts == {"R": 3600_00 - 450_00, "S": 450_00}


@pytest.mark.parametrize(
    ("came", "fees"),
    [
        ({"packaging": "damaged"}, {"not_approved_return": 300_00, "return_freight": 149_00}),
        ({"packaging": "envelope"}, {"not_approved_return": 300_00, "return_freight": 149_00}),
        ({"complete": False}, {"handling": 100_00}),
    ],
)
def test_what_is_not_complete_in_unbroken_packaging_is_not_taken_back(came, fees):
    """GAN-5-14; missing accessories have their own price (GAN-5-8). Who assesses it decides."""
    one = returned(gandalf(), **came)
    assert (one.rulings("return"), one.fees(), one.refunds()) == (["refused"], fees, {})
    assert "GAN-5-14" in one.clauses("return")
    assessed(one)
    assert (one.rulings("return"), one.refunds()) == (["accepted"], {"credit": 4050_00})


def test_goods_that_come_without_a_word_on_their_packaging_wait_for_their_assessment():
    one = returned(gandalf(), packaging=None, complete=None)
    assert (one.rulings("return"), one.fees(), one.refunds()) == (["pending"], {}, {})


def test_a_price_that_rose_by_leave_of_the_terms_is_what_was_invoiced():
    """Five at 1,000: 5,000 less 500; told too late, the price of 900 holds and so does its fee."""
    rise = PriceChanged(line="1", unit_price=1000_00, notified_at=moment("2024-09-02T15:00"))
    one = gandalf(invoiced=5000_00).told(rise, at="2024-09-02T14:00")
    assert assessed(returned(one)).refunds() == {"credit": 4500_00}
    late = PriceChanged(line="1", unit_price=1000_00, notified_at=moment("2024-09-05"))
    one = gandalf(invoiced=4500_00).told(late, at="2024-09-02T14:00")
    assert assessed(returned(one)).refunds() == {"credit": 4050_00}


def test_the_invoice_counts_without_vat_however_it_was_told():
    """At 25 and 6 per cent: 1,000 and 1,000 come to 2,310 with VAT."""
    lines = (goods("1", 3000_00), goods("2", 3000_00, vat_rate=6))
    for amount, vat in ((6000_00, None), (6000_00, "excluded"), (6930_00, "included")):
        one = assessed(returned(gandalf(lines=lines, invoiced=amount, vat=vat)))
        assert one.refunds() == {"credit": 2400_00}


def test_a_cancelled_order_that_was_never_invoiced_owes_the_fee_itself():
    one = gandalf(invoiced=0).told(CancellationRequested(channel="email"), at="2024-09-03")
    assert (one.fees(), one.refunds()) == ({"sales_return": 450_00}, {})
    web = gandalf(invoiced=0)
    assert web.told(CancellationRequested(lines=("9",)), at="2024-09-03").fees() == {}
