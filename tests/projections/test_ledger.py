"""The ledger as an accountant reads it: what happened, and the entries. Debits are positive."""

from textwrap import dedent

import pytest

from domain.facts import (
    CancellationRequested, Collected, InvoiceIssued, LineStruck, OrderChanged, PaymentReceived,
    RefundPaid, Retracted, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Vat
from projections.posting_rules import CHART, OTHER_SALES, OTHER_VAT, OUTPUT_VAT, RULES, SALES
from tests.projections.story import Story, fee, goods, refund, written_off

DISK = goods(("1", 149000, 25), freight=7900)
ALL = {"goods": 149000, "delivery": 7900}
PAID = PaymentReceived(amount=156900)
SENT = Shipped(parcel="p1")


def paid() -> Story:
    return Story().tell(DISK).tell(PAID)


def sold() -> Story:
    return paid().tell(SENT, "2024-03-05")


def journal(text: str) -> str:
    return dedent(text).strip()


def test_a_prepayment_is_an_advance_until_the_goods_are_sent():
    """Money before goods is 2420; the sale and its freight are recognised with the dispatch."""
    assert sold().then().journal() == journal("""
        PaymentReceived: 1930 1569.00, 2420 -1569.00
        Shipped: 2420 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20
    """)


def test_goods_before_money_are_a_receivable():
    """Who pays afterwards owes on 1510 from the dispatch on."""
    assert Story().tell(DISK).tell(SENT).tell(PAID).then().journal() == journal("""
        Shipped: 1510 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20
        PaymentReceived: 1510 -1569.00, 1930 1569.00
    """)


def test_goods_collected_in_a_shop_are_sold_when_they_are_collected():
    """A purchase without dispatch is recognised with the collection."""
    story = Story().tell(goods(("1", 10000, 25))).tell(PaymentReceived(amount=10000))
    story.tell(Collected(parcel="p1", lines=("1",)))
    assert story.then().journal() == journal("""
        PaymentReceived: 1930 100.00, 2420 -100.00
        Collected: 2420 100.00, 2611 -20.00, 3001 -80.00
    """)


def test_each_parcel_is_its_own_sale_and_freight_comes_with_the_first():
    """50.00 of freight are taxed as the goods: 16.67 at 6, 17.61 at 12 and 15.72 at 25 %."""
    story = Story().tell(goods(("1", 10000, 25), ("2", 11200, 12), ("3", 10600, 6), freight=5000))
    story.tell(Shipped(parcel="p1", lines=("1",))).tell(Shipped(parcel="p2"))
    assert story.then().balances() == {
        ("SEK", 1510): 36800,
        ("SEK", 2611): -2314,
        ("SEK", 2621): -1389,
        ("SEK", 2631): -694,
        ("SEK", 3001): -8000,
        ("SEK", 3002): -10000,
        ("SEK", 3003): -10000,
        ("SEK", 3520): -4403,
    }


def test_an_invoice_for_the_whole_order_is_the_sale():
    """An invoice order is recognised when it is invoiced, and not again when it is sent."""
    order = goods(("1", 150000, 25), prices="excluding_vat", method="invoice")
    story = Story().tell(order).tell(InvoiceIssued(invoice="F1", amount=150000)).tell(SENT)
    assert story.then().journal() == journal("""
        InvoiceIssued: 1510 1875.00, 2611 -375.00, 3001 -1500.00
    """)


@pytest.mark.parametrize(
    ("kind", "vat", "legs"),
    [
        ("unclaimed", "included", "1510 445.00, 2611 -89.00, 3590 -356.00"),
        ("unclaimed", "excluded", "1510 556.25, 2611 -111.25, 3590 -445.00"),
        ("unclaimed", "none", "1510 445.00, 3590 -445.00"),
        ("unclaimed", "unspecified", "1510 445.00, 3590 -445.00"),
        ("return_freight", "included", "1510 445.00, 2611 -89.00, 3520 -356.00"),
        ("reminder", "none", "1510 445.00, 3540 -445.00"),
        ("cancellation", "none", "1510 445.00, 3992 -445.00"),
        ("late_interest", "none", "1510 445.00, 8313 -445.00"),
        ("late_interest", "included", "1510 445.00, 8313 -445.00"),
    ],
)
def test_a_fee_is_owed_on_its_account_with_the_tax_that_it_says(kind: str, vat: Vat, legs: str):
    entry = sold().owe(fee(kind, 44500, vat)).then().journal().splitlines()[-1]
    assert entry == f"FeeRaised {kind}: {legs}"


def test_a_fee_that_changes_moves_the_difference_and_one_that_falls_is_reversed():
    story = sold().owe(fee("unclaimed", 35000)).owe(fee("unclaimed", 44500), 1)
    assert story.owe(fee("unclaimed", 44500), 2).then().journal().splitlines()[2:] == [
        "FeeRaised unclaimed: 1510 350.00, 2611 -70.00, 3590 -280.00",
        "FeeAdjusted unclaimed: 1510 95.00, 2611 -19.00, 3590 -76.00",
        "FeeReversed unclaimed: 1510 -445.00, 2611 89.00, 3590 356.00",
    ]


def test_a_withdrawal_credits_the_sale_and_is_owed_until_it_is_paid():
    story = sold().owe(refund("withdrawal", ALL)).tell(RefundPaid(amount=156900))
    assert story.then().journal() == journal("""
        PaymentReceived: 1930 1569.00, 2420 -1569.00
        Shipped: 2420 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20
        RefundDue withdrawal: 2420 -1569.00, 2611 313.80, 3001 1192.00, 3520 63.20
        RefundPaid: 1930 -1569.00, 2420 1569.00
    """)


def test_a_refund_that_was_paid_and_is_no_longer_owed_is_a_receivable():
    story = sold().owe(refund("withdrawal", ALL)).tell(RefundPaid(amount=156900))
    story.owe(refund("withdrawal", ALL), 2)
    assert story.then().journal().splitlines()[-1] == (
        "RefundReversed withdrawal: 1510 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20"
    )


@pytest.mark.parametrize(
    ("entry", "legs"),
    [
        ("value_loss", "2420 -1469.00, 2611 293.80, 3001 1112.00, 3520 63.20"),
        ("return_label", "2420 -1469.00, 2611 293.80, 3001 1192.00, 3520 -16.80"),
        ("customs", "2420 -1469.00, 2611 293.80, 3001 1192.00, 3520 63.20, 3530 -80.00"),
        ("fee", "2420 -1469.00, 2611 293.80, 3001 1192.00, 3520 63.20, 3590 -80.00"),
    ],
)
def test_a_deduction_of_a_refund_is_kept_on_its_own_account(entry: str, legs: str):
    """100.00 of the 1,569.00 are kept, with their VAT."""
    breakdown = {**ALL, entry: -10000}
    got = sold().owe(refund("withdrawal", breakdown)).then().journal().splitlines()[-1]
    assert got == f"RefundDue withdrawal: {legs}"


def test_goods_that_never_left_are_paid_back_without_a_credit():
    """Nothing was sold: the advance is what is owed."""
    story = paid().owe(refund("cancellation", ALL)).tell(RefundPaid(amount=156900))
    assert story.then().journal() == journal("""
        PaymentReceived: 1930 1569.00, 2420 -1569.00
        RefundPaid: 1930 -1569.00, 2420 1569.00
    """)


def test_a_fee_kept_back_from_goods_that_never_left_is_income():
    story = paid().owe(refund("cancellation", {**ALL, "fee": -80000}))
    story.tell(RefundPaid(amount=76900))
    assert story.then().balances() == {
        ("SEK", 1930): 80000, ("SEK", 2611): -16000, ("SEK", 3590): -64000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (CancellationRequested(lines=("2",)), "cancellation"),
        (LineStruck(line="2"), "undeliverable"),
    ],
)
def test_what_is_cancelled_takes_nothing_from_the_sale_of_what_was_sent(said, kind):
    """One line is sent and stays sold, the other is given back; then the first is withdrawn."""
    story = Story().tell(goods(("1", 10000, 25), ("2", 20000, 25)))
    story.tell(PaymentReceived(amount=30000)).tell(Shipped(parcel="p1", lines=("1",)))
    story.tell(said).owe(refund(kind, {"goods": 20000})).tell(RefundPaid(amount=20000))
    sold = {("SEK", 1930): 10000, ("SEK", 2611): -2000, ("SEK", 3001): -8000}
    assert story.then().balances() == sold
    story.tell(WithdrawalNotified()).owe(refund("withdrawal", {"goods": 10000}))
    assert story.then().balances() == {("SEK", 1930): 10000, ("SEK", 2420): -10000}


def test_a_sale_is_credited_once():
    """An invoice that is written off, and what was paid on it given back, are one credit."""
    story = Story().tell(goods(("1", 100000, 25))).tell(SENT)
    story.tell(PaymentReceived(amount=100000, invoice="F1"))
    story.owe(written_off("F1", 100000)).owe(refund("complaint", {"goods": 100000}))
    assert story.then().journal() == journal("""
        Shipped: 1510 1000.00, 2611 -200.00, 3001 -800.00
        PaymentReceived: 1510 -1000.00, 1930 1000.00
        InvoiceWrittenOff: 2420 -1000.00, 2611 200.00, 3001 800.00
    """)


def test_a_write_off_credits_the_sale_and_its_freight_and_can_be_reinstated():
    story = Story().tell(DISK).tell(SENT).owe(written_off("F1", 156900))
    assert story.owe(written_off("F1", 156900), 2).then().journal() == journal("""
        Shipped: 1510 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20
        InvoiceWrittenOff: 1510 -1569.00, 2611 313.80, 3001 1192.00, 3520 63.20
        InvoiceReinstated: 1510 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20
    """)


def test_freight_that_the_customer_laid_out_is_a_cost():
    story = sold().owe(refund("freight_reimbursement", {"return_freight": 8900}))
    assert story.then().journal().splitlines()[-1] == (
        "RefundDue freight_reimbursement: 2420 -89.00, 5710 89.00"
    )


def test_prices_without_vat_have_it_on_top_of_everything():
    """Money told without VAT is money with VAT in the bank."""
    order = goods(("1", 150000, 25), prices="excluding_vat", method="invoice")
    story = Story().tell(order).tell(InvoiceIssued(invoice="F1", amount=150000))
    story.tell(PaymentReceived(amount=150000))
    story.owe(refund("credit", {"goods": 150000, "fee": -20000}))
    assert story.tell(RefundPaid(amount=130000)).then().journal() == journal("""
        InvoiceIssued: 1510 1875.00, 2611 -375.00, 3001 -1500.00
        PaymentReceived: 1510 -1875.00, 1930 1875.00
        RefundDue credit: 2420 -1625.00, 2611 325.00, 3001 1500.00, 3590 -200.00
        RefundPaid: 1930 -1625.00, 2420 1625.00
    """)


def test_money_that_says_that_vat_is_included_is_what_it_says():
    order = goods(("1", 2000000, 25), prices="excluding_vat", method="invoice")
    story = Story().tell(order).tell(SENT)
    story.tell(InvoiceIssued(invoice="F1", amount=2500000, vat="included"))
    story.tell(PaymentReceived(amount=2500000, vat="included"))
    assert story.then().journal() == journal("""
        Shipped: 1510 25000.00, 2611 -5000.00, 3001 -20000.00
        PaymentReceived: 1510 -25000.00, 1930 25000.00
    """)


@pytest.mark.parametrize("reload", [False, True])
def test_a_repayment_without_vat_is_taxed_as_the_goods_of_the_refund_that_it_names(reload: bool):
    """1,000.00 of books at 6 % are 1,060.00 in the bank, also where the order has other goods."""
    order = goods(("1", 100000, 25), ("2", 100000, 6), prices="excluding_vat")
    story = Story().tell(order).tell(SENT).owe(refund("credit", {"goods": 100000}, line="2"))
    story.tell(RefundPaid(amount=100000, refund="credit:2"), "2024-03-06")
    story.tell(PaymentReceived(amount=231000, vat="included"), "2024-03-07")
    assert story.then(batches=(3, 4), reload=reload).balances() == {
        ("SEK", 1930): 125000, ("SEK", 2611): -25000, ("SEK", 3001): -100000,
    }  # fmt: skip


def test_an_ore_that_vat_leaves_over_is_rounding():
    """Three lines of 0.02 with VAT of half an öre each; one payment for all."""
    order = goods(("1", 2, 25), ("2", 2, 25), ("3", 2, 25), prices="excluding_vat")
    story = Story().tell(order).tell(SENT).tell(PaymentReceived(amount=6))
    assert story.then().balances()["SEK", 3740] == 1
    assert ("SEK", 1510) not in story.then().balances()


def test_a_refund_that_its_breakdown_does_not_add_up_to_leaves_an_ore():
    odd = refund("withdrawal", {"goods": 149000})
    object.__setattr__(odd, "amount", 149001)
    assert sold().owe(odd).then().journal().splitlines()[-1] == (
        "RefundDue withdrawal: 2420 -1490.01, 2611 298.00, 3001 1192.00, 3740 0.01"
    )


def test_a_fact_taken_back_is_reversed_and_comes_again_when_that_was_wrong():
    story = sold().tell(Retracted(fact="m3"), "2024-03-06", id="r1")
    story.tell(Retracted(fact="r1"), "2024-03-07")
    assert story.then().journal().splitlines()[2:] == [
        "Retracted: 2420 -1569.00, 2611 313.80, 3001 1192.00, 3520 63.20",
        "Retracted: 2420 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20",
    ]


def test_a_fact_taken_back_before_it_came_moves_nothing():
    story = Story().tell(DISK).tell(Retracted(fact="late")).tell(PAID, id="late")
    assert story.then().journal() == ""


def test_what_came_before_the_order_is_booked_when_the_order_comes():
    story = Story().tell(PAID, "2024-03-04").tell(SENT, "2024-03-05")
    story.tell(DISK, "2024-03-03", recorded_at="2024-03-06")
    assert story.then().journal() == (
        "OrderPlaced: 1930 1569.00, 2611 -313.80, 3001 -1192.00, 3520 -63.20"
    )
    assert story.then().balances() == sold().then().balances()


def test_an_order_that_changes_after_it_was_sent_moves_the_difference():
    story = sold().tell(OrderChanged(lines=goods(("1", 139000, 25)).lines), "2024-03-06")
    assert story.then().journal().splitlines()[-1] == (
        "OrderChanged: 2420 -100.00, 2611 20.00, 3001 80.00"
    )


def test_days_are_those_of_stockholm():
    """Half past eleven at night UTC on the last of the month is the first in Stockholm."""
    story = Story().tell(DISK).tell(PAID, "2024-03-30T22:30Z", recorded_at="2024-03-31T22:30Z")
    row = story.then().postings[0]
    assert (row.occurred.isoformat(), row.booked.isoformat()) == ("2024-03-30", "2024-04-01")


def test_every_account_of_the_rules_is_in_the_chart():
    accounts = {rule.account for rule in RULES} | set(SALES.values()) | set(OUTPUT_VAT.values())
    assert accounts | {OTHER_SALES, OTHER_VAT} <= set(CHART)
    assert len({rule.what for rule in RULES}) == len(RULES)
