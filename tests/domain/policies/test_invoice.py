"""Invoices: when they are due, and what being late costs under each seller's terms."""

from datetime import date
from typing import Any

import pytest

from domain.facts import (
    CollectionStarted, ComplaintAssessed, DiscretionExercised, InvoiceIssued,
    PaymentReceived,
    RemedyChosen, RmaIssued, RmaReceived, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import WriteOff
from tests.domain.policies.invoices import invoiced, klarna, paid, payson, reminded
from tests.domain.story import Story, goods, story


# -- when it is due -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "due"),
    [("business", "2024-04-03"), ("consumer", "2024-04-03")],
)
def test_klarna_gives_thirty_days_from_the_invoice(kind: str, due: str) -> None:
    assert klarna(kind=kind).deadlines("payment") == [(due, "open")]


def test_klarna_period_is_never_shortened_by_what_the_invoice_states() -> None:
    early, late = (story(pay="klarna_invoice") for _ in range(2))
    invoiced(early, "2024-03-04", 1000_00, due=date(2024, 3, 11))
    invoiced(late, "2024-03-04", 1000_00, due=date(2024, 4, 30))
    assert early.deadlines("payment") == [("2024-04-03", "open")]
    assert late.deadlines("payment") == [("2024-04-30", "open")]


def test_a_consumers_last_day_moves_to_a_working_day_and_a_companys_does_not() -> None:
    """Fourteen days from Friday 7 June 2024 end on Midsummer Eve."""
    consumer = invoiced(story("sweeto", pay="payson_invoice"), "2024-06-07", 5000_00)
    company = invoiced(story("sweeto", pay="payson_invoice", kind="business"), "2024-06-07", 500)
    assert consumer.deadlines("payment") == [("2024-06-24", "open")]
    assert company.deadlines("payment") == [("2024-06-21", "open")]


def test_where_terms_print_no_period_the_statutory_thirty_days_stand() -> None:
    one = invoiced(story("netzilla", pay="invoice", kind="business"), "2024-03-04", 100_00)
    assert one.deadlines("payment") == [("2024-04-03", "open")]
    assert one.clauses("payment") == {"RL-4"}


def test_klarna_account_is_payable_at_the_end_of_the_month_after_the_purchase() -> None:
    one = invoiced(story(pay="klarna_account", placed="2024-01-31"), "2024-02-01", 200_00)
    assert one.deadlines("payment") == [("2024-02-29", "open")]
    assert one.fees() == {"statement": 29_00}


def test_an_invoice_for_goods_paid_by_card_is_only_a_receipt() -> None:
    one = reminded(invoiced(story(pay="card"), "2024-03-04", 1000_00), "2024-05-10")
    assert (one.deadlines("payment"), one.fees()) == ([], {})


def test_a_payment_on_the_last_day_meets_the_deadline_and_a_day_later_does_not() -> None:
    assert paid(klarna(), "2024-04-03T23:59:59", 1000_00).deadlines("payment")[0][1] == "met"
    late = paid(klarna(), "2024-04-04T00:00", 1000_00)
    assert late.deadlines("payment")[0][1] == "lapsed"


def test_a_payment_that_names_no_invoice_counts_towards_the_oldest() -> None:
    one = klarna().told(InvoiceIssued(invoice="F2", amount=500_00), at="2024-03-05")
    one.told(PaymentReceived(amount=1200_00), at="2024-03-20").until("2024-04-10")
    assert sorted(one.deadlines("payment")) == [("2024-04-03", "met"), ("2024-04-04", "lapsed")]


# -- late interest --------------------------------------------------------------------------------


def test_interest_runs_from_the_day_after_the_due_day_to_the_payment_day() -> None:
    """1000 x 26 % x 73 / 365 = 52.00; nothing is raised before the delay has ended."""
    one = klarna().until("2024-06-01")
    assert one.fees() == {}
    assert paid(one, "2024-06-15", 1000_00).fees() == {"late_interest": 52_00}


def test_part_payments_lower_the_balance_and_the_last_one_raises_the_interest() -> None:
    """600 early, then 400 for 73 days: 400 x 26 % x 73 / 365 = 20.80."""
    one = paid(klarna(), "2024-03-20", 600_00)
    assert paid(one, "2024-06-15", 400_00).fees() == {"late_interest": 20_80}
    two = paid(klarna(), "2024-05-10", 600_00)
    assert two.fees() == {}
    # 1000 x 26 % x 37 / 365 + 400 x 26 % x 36 / 365 = 26.356.. + 10.257.., rounded once
    assert paid(two, "2024-06-15", 400_00).fees() == {"late_interest": 36_61}


def test_a_retracted_payment_takes_its_interest_with_it() -> None:
    one = klarna().told(PaymentReceived(invoice="F1", amount=1000_00), at="2024-06-15", id="m9")
    assert one.retracted("m9", at="2024-06-16").fees() == {}
    assert one.deadlines("payment") == [("2024-04-03", "lapsed")]


def test_a_payment_that_came_in_time_but_was_told_late_reverses_everything() -> None:
    one = reminded(klarna(), "2024-04-20")
    assert one.fees() == {"reminder": 50_00}
    one.told(PaymentReceived(invoice="F1", amount=1000_00), at="2024-04-02", known="2024-04-22")
    assert one.fees() == {}


def test_the_single_charge_is_taken_of_what_was_late_once() -> None:
    one = klarna(readings={"allectra-late-interest-period": "flat_once"})
    paid(one, "2024-03-10", 400_00)
    assert paid(one, "2024-04-04", 600_00).fees() == {"late_interest": 156_00}


@pytest.mark.parametrize(
    ("counting", "day", "interest"),
    [
        ("per_day", "2024-04-11", 45_86),  # 3000 x 18 % x 31 / 365
        ("started_months", "2024-04-11", 45_00),
        ("started_months", "2024-04-12", 90_00),
        ("whole_months", "2024-04-10", 0),
        ("whole_months", "2024-04-11", 45_00),
        ("whole_months", "2024-05-12", 90_00),
    ],
)
def test_months_are_counted_as_the_reading_says(counting: str, day: str, interest: int) -> None:
    """Due on 11 March, 1.5 % a month of 3000."""
    one = story(
        "gandalf", kind="business", pay="invoice", prices="excluding_vat",
        readings={"gandalf-late-interest-part-months": counting},
    )  # fmt: skip
    invoiced(one, "2024-03-01", 3000_00, vat="included")
    paid(one, day, 3000_00, vat="included")
    assert one.fees().get("late_interest", 0) == interest


def test_interest_runs_on_the_debt_with_vat_though_it_was_told_without() -> None:
    """1000 without VAT of 25 % and 1000 of 6 % are 2310: x 18 % x 10 / 365 = 11.39."""
    lines = (goods("1", 1000_00), goods("2", 1000_00, vat_rate=6))
    one = story("gandalf", kind="business", pay="invoice", prices="excluding_vat", lines=lines)
    paid(invoiced(one, "2024-03-01", 2000_00), "2024-03-21", 2000_00)
    assert one.fees() == {"late_interest": 11_39}


def test_the_ceiling_follows_the_reference_rate_of_each_half_year() -> None:
    """Due 19 June 2025: 11 days at 23 %, 10 at 22 %; 5000 x (2.53 + 2.20) / 365 = 64.79."""
    one = paid(payson("2025-06-02", "2025-06-05"), "2025-07-10", 5000_00)
    assert one.deadlines("payment") == [("2025-06-19", "lapsed")]
    assert one.fees() == {"late_interest": 64_79}
    assert one.clauses("late_interest") == {"PAY-faktura-8", "SWE-betalning-4", "KKrL-19a", "RL-9"}


@pytest.mark.parametrize(
    ("placed", "kind", "interest"),
    [
        ("2025-02-28", "consumer", 98_63),  # 24 %
        ("2025-03-01", "consumer", 94_52),  # 23 %
        ("2025-03-01", "business", 98_63),
    ],
)
def test_the_ceiling_is_for_consumer_contracts_from_march_2025(
    placed: str, kind: str, interest: int
) -> None:
    one = payson(placed, "2025-03-03", kind=kind)
    assert paid(one, "2025-04-16", 5000_00).fees() == {"late_interest": interest}


def test_the_ceiling_reaches_klarnas_invoice_too() -> None:
    one = story(pay="klarna_invoice", placed="2025-03-03")
    paid(invoiced(one, "2025-03-03", 1000_00), "2025-05-12", 1000_00)
    assert one.fees() == {"late_interest": 25_21}  # 1000 x 23 % x 40 / 365


def test_sweetos_own_rate_can_be_read_into_a_payson_invoice() -> None:
    readings = {"payson-invoice-late-rate": "sweeto_8_percent_year"}
    one = payson("2024-03-01", "2024-03-01", readings=readings)
    assert paid(one, "2024-04-14", 5000_00).fees() == {"late_interest": 32_88}


def test_a_company_owes_statutory_interest_where_the_terms_print_none() -> None:
    """Reference 4 + 8 from the 31st day: 1000 x 12 % x 10 / 365 = 3.29; a consumer owes nothing."""
    for kind, fees in (("business", {"late_interest": 3_29}), ("consumer", {})):
        one = invoiced(story("compumail", kind=kind, pay="invoice"), "2024-03-01", 1000_00)
        assert paid(one, "2024-04-10", 1000_00).fees() == fees


def test_staff_may_let_interest_and_reminder_go() -> None:
    one = paid(reminded(klarna(), "2024-04-20"), "2024-05-20", 1000_00)
    assert set(one.fees()) == {"late_interest", "reminder"}
    one.told(DiscretionExercised(about="late_interest", decision="waive"), at="2024-05-21")
    one.told(DiscretionExercised(about="reminder:F1", decision="waive"), at="2024-05-21")
    assert one.fees() == {}


# -- reminders, collection, compensation ----------------------------------------------------------


def test_a_reminder_before_the_invoice_is_overdue_costs_nothing() -> None:
    assert reminded(klarna(), "2024-04-03").fees() == {}
    assert reminded(klarna(), "2024-04-04").fees() == {"reminder": 50_00}


@pytest.mark.parametrize(("count", "fee"), [("once_per_invoice", 50_00), ("each_reminder", 100_00)])
def test_one_fee_an_invoice_or_one_a_reminder(count: str, fee: int) -> None:
    one = klarna(readings={"allectra-reminder-count": count})
    reminded(reminded(one, "2024-04-10"), "2024-04-20")
    assert one.fees() == {"reminder": fee}


def test_costs_are_cut_to_the_statute_of_the_contracts_day() -> None:
    """50 and 160 before 16 March 2013, 60 and 180 from then on."""
    for placed, fees in (
        ("2013-03-15", {"reminder": 50_00, "collection": 160_00}),
        ("2013-03-16", {"reminder": 60_00, "collection": 180_00}),
    ):
        one = reminded(payson(placed, "2013-03-18"), "2013-04-10")
        assert one.told(CollectionStarted(invoice="F1"), at="2013-04-20").fees() == fees


def test_collection_of_what_is_not_overdue_costs_nothing() -> None:
    one = paid(payson("2024-03-01", "2024-03-01"), "2024-03-15", 5000_00)
    assert one.told(CollectionStarted(invoice="F1"), at="2024-04-20").fees() == {}


def test_an_open_reminder_amount_is_asked_for_until_tariff_or_staff_name_it() -> None:
    def one(**other: Any) -> Story:
        readings = {"gandalf-reminder-amount": "tariff_needed"}
        told = story("gandalf", kind="business", pay="invoice", readings=readings, **other)
        return reminded(invoiced(told, "2024-03-01", 1000_00), "2024-03-20")

    assert (one().decisions(), one().fees()) == (["reminder"], {})
    assert one(tariff={"reminder": "45.00"}).fees() == {"reminder": 45_00}
    charge = DiscretionExercised(about="reminder", decision="charge", amount=55_00)
    charged = one().told(charge, at="2024-03-21")
    assert (charged.decisions(), charged.fees()) == ([], {"reminder": 55_00})


def test_compensation_between_companies_takes_the_reminders_place() -> None:
    charge = DiscretionExercised(about="late_payment", decision="charge")
    one = story("sweeto", kind="business", pay="invoice")
    reminded(invoiced(one, "2024-03-04", 3000_00), "2024-03-25").told(charge, at="2024-03-26")
    assert one.fees() == {"late_payment": 450_00}
    two = reminded(payson("2024-03-01", "2024-03-01"), "2024-03-25").told(charge, at="2024-03-26")
    assert two.fees() == {"reminder": 60_00}, "a consumer owes no such compensation"


def test_compensation_needs_a_payment_that_was_late() -> None:
    one = invoiced(story("sweeto", kind="business", pay="invoice"), "2024-03-04", 3000_00)
    charge = DiscretionExercised(about="late_payment", decision="charge", amount=450_00)
    assert paid(one.told(charge, at="2024-03-10"), "2024-03-18", 3000_00).fees() == {}
    late = invoiced(story("sweeto", kind="business", pay="invoice"), "2024-03-04", 3000_00)
    assert late.told(charge, at="2024-03-10").fees() == {}
    assert late.until("2024-03-19").fees() == {"late_payment": 450_00}


# -- what was withdrawn from ----------------------------------------------------------------------


def test_nothing_is_late_of_what_was_withdrawn_from() -> None:
    lines = (goods("1", 700_00), goods("2", 300_00))
    one = klarna(lines=lines).told(WithdrawalNotified(lines=("2",)), at="2024-03-10")
    assert paid(reminded(one, "2024-04-20"), "2024-06-15", 700_00).fees() == {
        "reminder": 50_00, "late_interest": 36_40,
    }  # fmt: skip
    two = klarna(lines=lines).told(WithdrawalNotified(), at="2024-03-10")
    assert (reminded(two, "2024-04-20").fees(), two.deadlines("payment")) == ({}, [])


def test_an_invoice_written_after_the_withdrawal_is_owed_in_full() -> None:
    lines = (goods("1", 700_00), goods("2", 300_00))
    one = story(pay="klarna_invoice", lines=lines)
    one.told(WithdrawalNotified(lines=("2",)), at="2024-03-10")
    paid(invoiced(one, "2024-03-12", 700_00), "2024-06-23", 700_00)
    assert one.fees() == {"late_interest": 36_40}


# -- an item that is back for a complaint ---------------------------------------------------------


def complained(back: str, **other: Any) -> Story:
    """Due on 3 April 2024."""
    one = klarna(**other).told(RmaIssued(rma="R1", kind="complaint", lines=("1",)), at="2024-03-10")
    return one.told(RmaReceived(rma="R1"), at=back)


DENIED, APPROVED = (ComplaintAssessed(lines=("1",), approved=one) for one in (False, True))


def test_an_invoice_is_written_off_while_its_item_is_back_for_a_complaint() -> None:
    one = reminded(complained("2024-03-20"), "2024-05-01")
    assert (one.deadlines("payment"), one.fees()) == ([], {})
    assert [item.amount for item in one.standing(WriteOff)] == [1000_00]


def test_a_denied_complaint_revives_the_invoice_on_its_old_due_day() -> None:
    one = complained("2024-03-20").told(DENIED, at="2024-03-28")
    assert one.deadlines("payment") == [("2024-04-03", "open")]
    assert one.standing(WriteOff) == []


def test_revived_after_its_due_day_an_invoice_is_due_at_once_without_interest_before() -> None:
    """1000 x 26 % x 10 / 365 = 7.12, from the denial and not from the old due day."""
    one = complained("2024-03-20").told(DENIED, at="2024-04-15")
    assert one.deadlines("payment") == [("2024-04-15", "open")]
    assert paid(one, "2024-04-25", 1000_00).fees() == {"late_interest": 7_12}


def test_what_was_late_before_the_item_came_back_stays_late() -> None:
    """4 to 9 April and 16 to 25 April are 16 days: 1000 x 26 % x 16 / 365 = 11.40."""
    one = complained("2024-04-10").told(DENIED, at="2024-04-15")
    assert paid(one, "2024-04-25", 1000_00).fees() == {"late_interest": 11_40}


def test_an_invoice_can_be_read_to_stay_written_off() -> None:
    readings = {"allectra-denied-complaint-invoice": "stays_written_off"}
    one = complained("2024-03-20", readings=readings).told(DENIED, at="2024-03-28")
    assert one.deadlines("payment") == []


def test_a_retracted_denial_leaves_the_invoice_written_off() -> None:
    one = complained("2024-03-20").told(DENIED, at="2024-03-28", id="m9")
    one.retracted("m9", at="2024-04-02").told(APPROVED, at="2024-04-02")
    one.told(RemedyChosen(lines=("1",), remedy="refund"), at="2024-04-02")
    assert one.until("2024-06-01").deadlines("payment") == []


def test_goods_that_are_replaced_are_paid_for() -> None:
    one = complained("2024-03-20").told(APPROVED, at="2024-03-28")
    one.told(RemedyChosen(lines=("1",), remedy="replacement"), at="2024-03-28")
    assert one.deadlines("payment") == [("2024-04-03", "open")]
