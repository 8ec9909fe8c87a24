"""How long data are kept: for the books, for an account in use, and after it fell silent."""

from typing import Any

import pytest

from domain.facts import (
    ConsentReminderSent, ConsentRequested, DiscretionExercised, InvoiceIssued, PaymentReceived,
    PersonalDataRequest,
)  # fmt: skip
from domain.outcomes import Information
from tests.domain.story import Story, goods, story

ERASE, ACCESS = (PersonalDataRequest(kind=one) for one in ("erasure", "access"))


def paid(seller: str = "sweeto", at: str = "2014-02-10", **other: Any) -> Story:
    one = story(seller, placed=at, lines=(goods("1", 3000_00),), **other)
    return one.told(PaymentReceived(amount=3000_00), at=at)


def asked(reminders: int, **other: Any) -> Story:
    """Last used on 10 February 2014; asked on 1 March 2022, with money on the account."""
    one = paid(pay="payson_invoice", **other)
    one.told(ConsentRequested(balance=50_00), at="2022-03-01")
    for month in range(1, reminders + 1):
        one.told(ConsentReminderSent(balance=50_00), at=f"2022-{3 + month:02d}-01")
    return one


@pytest.mark.parametrize("seller", ["allectra", "netzilla", "sweeto"])
def test_what_the_books_need_waits_until_the_end_of_the_seventh_year(seller: str) -> None:
    """BFL 7:2: of a voucher of 2023 until 31 December 2030."""
    one = paid(seller, "2023-12-31").told(ERASE, at="2024-01-02")
    assert one.until("2030-12-31T23:59").rulings("personal_data") == ["pending"]
    assert ("2030-12-31", "open") in one.deadlines("retention")
    assert one.until("2031-01-01T00:00").rulings("personal_data") == ["accepted"]


def test_a_voucher_of_the_next_year_keeps_them_a_year_longer() -> None:
    one = paid("netzilla", "2023-12-31").told(ERASE, at="2024-01-02")
    one.told(InvoiceIssued(invoice="F1", amount=1), at="2024-01-01T00:00", known="2024-02-01")
    assert one.deadlines("retention") == [("2031-12-31", "open")]


def test_without_vouchers_everything_is_erased_at_once() -> None:
    one = story("netzilla").told(ERASE, at="2024-03-06")
    assert (one.rulings("personal_data"), one.deadlines("retention")) == (["accepted"], [])


def test_the_right_of_a_private_person_is_no_companys() -> None:
    one = paid("netzilla", kind="business").told(ERASE, at="2014-06-01")
    assert one.rulings("personal_data") == []
    assert story("netzilla", kind="business").told(ACCESS, at="2024-06-01").rulings(
        "personal_data"
    ) == []  # fmt: skip


def test_what_is_registered_is_handed_out() -> None:
    one = story("allectra").told(ACCESS, at="2024-06-01", id="m1")
    assert one.rulings("personal_data") == ["accepted"]
    assert [item.about for item in one.standing(Information)] == ["personal_data"]
    assert one.retracted("m1", at="2024-06-02").standing(Information) == []


def test_an_account_falls_silent_seven_years_after_its_last_use() -> None:
    """Also on a leap day, where the day ends on the last of February."""
    one = paid(at="2016-02-29", pay="card")
    assert ("2023-02-28", "open") in one.until("2023-02-28T23:00").deadlines("retention")
    assert ("2023-02-28", "lapsed") in one.until("2023-03-01T00:00").deadlines("retention")


def test_without_money_a_silent_account_goes_when_the_books_do() -> None:
    one = paid(pay="payson_invoice").until("2021-12-31T23:00")
    assert one.rulings("personal_data") == []
    assert one.until("2022-01-01T00:00").rulings("personal_data") == ["accepted"]


def test_a_balance_of_nothing_needs_no_consent() -> None:
    one = paid(pay="payson_invoice").told(ConsentRequested(balance=0), at="2022-03-01")
    assert one.rulings("personal_data") == ["accepted"]


@pytest.mark.parametrize(
    ("reminders", "ruling", "decisions"),
    [(3, ["refused"], []), (4, ["pending"], ["personal_data"])],
)
def test_silence_for_a_year_after_four_reminders(
    reminders: int, ruling: list[str], decisions: list[str]
) -> None:
    one = asked(reminders).until("2023-03-01T23:59")
    assert one.rulings("personal_data") == []
    one.until("2023-03-02T00:00")
    assert (one.rulings("personal_data"), one.decisions()) == (ruling, decisions)


def test_money_may_be_read_to_need_consent_always() -> None:
    one = asked(4, readings={"payson-dormant-balance": "consent_always"})
    assert one.until("2023-03-02").rulings("personal_data") == ["refused"]


def test_a_use_of_the_account_ends_what_was_asked() -> None:
    one = asked(4).told(PaymentReceived(amount=1), at="2023-02-28", id="m9").until("2023-04-01")
    assert (one.rulings("personal_data"), one.decisions()) == ([], [])
    one.retracted("m9", at="2023-04-02")
    assert one.decisions() == ["personal_data"]


def test_what_a_person_purged_stays_purged() -> None:
    """And a decision before the time has come decides nothing."""
    yes = DiscretionExercised(about="personal_data", decision="accepted")
    late = PaymentReceived(amount=1)
    one = asked(4).until("2023-03-05").told(yes, at="2023-03-06").told(late, at="2023-03-07")
    assert one.rulings("personal_data") == ["accepted"]
    early = asked(4).told(yes, at="2022-12-01").told(late, at="2022-12-02").until("2023-03-05")
    assert early.rulings("personal_data") == []


def test_asking_for_erasure_is_consent() -> None:
    one = asked(4).told(ERASE, at="2023-03-10")
    assert (one.rulings("personal_data"), one.decisions()) == (["accepted"], [])
