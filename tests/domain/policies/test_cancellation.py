"""Cancelling: until when, how, what goes back, and what it costs."""

from typing import Any

import pytest

from domain.facts import (
    AvailableForCollection, CancellationConfirmed, CancellationRequested, Collected,
    DiscretionExercised, Effectuated, InvoiceIssued, LineStruck, ParcelReturned, PaymentReceived,
    RefundPaid, ReminderSent, ReturnSent, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Deadline, Refund
from tests.domain.story import Story, goods, story

TWO = (goods("1", 640_00), goods("2", 360_00))
DRAWN = (goods("1", 1000_00, traits=("made_to_order",)),)


def paid(seller: str = "allectra", **other: Any) -> Story:
    """Placed on Tuesday 10 September 2024 at 9:00, and paid: 1000 and 45 freight."""
    one = story(seller, placed="2024-09-10T09:00", **{"freight": 45_00} | other)
    return one.told(PaymentReceived(amount=1045_00), at="2024-09-10T09:01")


def asked(one: Story, at: str, channel: Any = "email", **other: Any) -> Story:
    return one.told(CancellationRequested(channel=channel, **other), at=at)


# -- until when -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["consumer", "business"])
def test_free_until_the_parcel_can_be_collected(kind: str) -> None:
    """Picked, packed and sent do not end it (ALL-3.3-5)."""
    one = paid(kind=kind).told(Effectuated(what="packed"), at="2024-09-10T10:00")
    one.told(Shipped(parcel="p1"), at="2024-09-11")
    asked(one, "2024-09-12T11:59")
    one.told(AvailableForCollection(parcel="p1"), at="2024-09-12")
    assert (one.rulings("cancellation"), one.fees()) == (["accepted"], {})
    assert one.refunds() == {"cancellation": 1045_00}


@pytest.mark.parametrize(("kind", "refunds"), [("consumer", {"withdrawal": 1045_00}),
                                               ("business", {})])  # fmt: skip
def test_too_late_it_is_a_consumers_withdrawal_and_a_companys_nothing(
    kind: str, refunds: dict[str, int]
) -> None:
    one = paid(kind=kind).told(Shipped(parcel="p1"), at="2024-09-11")
    one.told(AvailableForCollection(parcel="p1"), at="2024-09-12")
    asked(one, "2024-09-12T12:01")
    assert (one.rulings("cancellation"), one.refunds()) == (["refused"], refunds)


def test_collected_goods_cannot_be_cancelled() -> None:
    one = paid(kind="business").told(Shipped(parcel="p1"), at="2024-09-11")
    asked(one.told(Collected(parcel="p1"), at="2024-09-13"), "2024-09-14")
    assert one.rulings("cancellation") == ["refused"]


@pytest.mark.parametrize(
    ("at", "ruling", "state"),
    [("2024-09-10T09:30:00", "accepted", "met"), ("2024-09-10T09:30:01", "refused", "lapsed")],
)
def test_thirty_minutes_include_their_last_instant(at: str, ruling: str, state: str) -> None:
    one = paid(kind="business", readings={"allectra-cancellation-cutoff": "thirty_minutes"})
    asked(one, at).until("2024-09-11")
    assert one.rulings("cancellation") == [ruling]
    assert one.deadlines("cancel_free") == [("2024-09-10T07:30:00+00:00", state)]


def test_thirty_minutes_are_elapsed_time_when_the_clocks_change() -> None:
    one = story(placed="2024-10-27T02:45+02:00", kind="business",
                readings={"allectra-cancellation-cutoff": "thirty_minutes"})  # fmt: skip
    assert asked(one, "2024-10-27T02:14+01:00").rulings("cancellation") == ["accepted"]


@pytest.mark.parametrize(
    ("what", "ruling"), [("picked", "accepted"), ("freight_document", "refused"),
                         ("invoice", "refused"), (None, "refused")],
)  # fmt: skip
def test_effectuated_is_an_invoice_or_a_freight_document(what: Any, ruling: str) -> None:
    """NET-leverans-8 says which acts end the free time."""
    one = paid("netzilla", kind="business").told(Effectuated(what=what), at="2024-09-10T10:00")
    asked(one, "2024-09-10T10:30").told(CancellationConfirmed(), at="2024-09-10T11:00")
    assert one.rulings("cancellation") == [ruling]


def test_an_invoice_effectuates_as_well() -> None:
    one = paid("netzilla", kind="business")
    one.told(InvoiceIssued(invoice="F1", amount=1045_00), at="2024-09-10T10:00")
    asked(one, "2024-09-10T10:30").told(CancellationConfirmed(), at="2024-09-10T11:00")
    assert one.rulings("cancellation") == ["refused"]


def test_a_late_message_that_something_was_effectuated_turns_the_answer() -> None:
    one = asked(paid("netzilla", kind="business"), "2024-09-10T12:00")
    one.told(CancellationConfirmed(), at="2024-09-10T12:30")
    assert one.refunds() == {"cancellation": 1045_00}
    one.told(Effectuated(what="invoice"), at="2024-09-10T11:00", known="2024-09-11", id="late")
    assert (one.rulings("cancellation"), one.refunds()) == (["refused"], {})
    one.retracted("late", at="2024-09-12")
    assert one.refunds() == {"cancellation": 1045_00}


# -- how ------------------------------------------------------------------------------------------


def test_a_cancellation_that_is_to_be_confirmed_waits() -> None:
    one = asked(paid("netzilla"), "2024-09-10T10:00")
    assert (one.rulings("cancellation"), one.refunds()) == (["pending"], {})
    one.told(CancellationConfirmed(), at="2024-09-10T15:00")
    assert (one.rulings("cancellation"), one.refunds()) == (["accepted"], {"cancellation": 1045_00})


@pytest.mark.parametrize(("reading", "ruling"), [("request", "accepted"),
                                                 ("confirmation", "refused")])  # fmt: skip
def test_which_moment_must_come_before_effectuation(reading: str, ruling: str) -> None:
    one = paid("netzilla", kind="business", readings={"net-cancellation-moment": reading})
    asked(one, "2024-09-10T10:00").told(Effectuated(what="invoice"), at="2024-09-10T11:00")
    one.told(CancellationConfirmed(), at="2024-09-10T12:00")
    assert one.rulings("cancellation") == [ruling]


def test_where_only_an_e_mail_counts_a_consumers_call_is_a_withdrawal() -> None:
    reading = {"allectra-cancellation-channel": "email_only"}
    company = asked(paid(kind="business", readings=reading), "2024-09-10T09:10", "phone")
    assert (company.rulings("cancellation"), company.refunds()) == (["refused"], {})
    consumer = asked(paid(readings=reading), "2024-09-10T09:10", "phone")
    assert consumer.refunds() == {"withdrawal": 1045_00}


def test_terms_without_a_clause_on_cancelling() -> None:
    """Compumail's speak of complaints only; Sweeto's leave it to the withdrawal, or to a person."""
    for seller in ("compumail", "sweeto"):
        assert asked(paid(seller), "2024-09-10T10:00").refunds() == {"withdrawal": 1045_00}
        company = asked(paid(seller, kind="business"), "2024-09-10T10:00")
        assert (company.rulings("cancellation"), company.refunds()) == (["refused"], {})


def test_where_a_person_agrees_to_a_cancellation() -> None:
    reading = {"sweeto-cancellation": "by_agreement"}
    one = asked(paid("sweeto", kind="business", readings=reading), "2024-09-10T10:00")
    assert (one.rulings("cancellation"), one.decisions()) == (["pending"], ["cancellation"])
    one.told(DiscretionExercised(about="cancellation", decision="accepted"), at="2024-09-11")
    assert (one.refunds(), one.decisions()) == ({"cancellation": 1045_00}, [])


# -- what goes back -------------------------------------------------------------------------------


def test_the_money_is_due_in_fourteen_days_where_the_statute_gives_the_right() -> None:
    (refund,) = asked(paid(), "2024-09-10T23:00").standing(Refund)
    assert str(refund.due) == "2024-09-24"
    assert ("DAL-2:14", "applies") in refund.because.statutes
    (drawn,) = asked(paid(lines=DRAWN), "2024-09-10T23:00").standing(Refund)
    (company,) = asked(paid(kind="business"), "2024-09-10T23:00").standing(Refund)
    assert (drawn.due, company.due) == (None, None)


def test_the_refund_of_what_was_sent_waits_for_goods_or_proof() -> None:
    one = paid().told(Shipped(parcel="p1"), at="2024-09-11")
    (refund,) = asked(one, "2024-09-11T13:00").standing(Refund)
    assert (refund.withheld, str(refund.due)) == (True, "2024-09-25")
    one.told(ReturnSent(lines=("1",), proof=True), at="2024-09-28")
    (refund,) = one.standing(Refund)
    assert (refund.withheld, str(refund.due)) == (False, "2024-09-28")
    assert [str(each.due) for each in one.standing(Deadline) if each.kind == "refund"] == [
        "2024-09-28"
    ]


def test_a_parcel_that_the_carrier_brings_back_is_goods_back() -> None:
    one = paid().told(Shipped(parcel="p1"), at="2024-09-11")
    asked(one, "2024-09-11T13:00").told(ParcelReturned(parcel="p1"), at="2024-09-16")
    (refund,) = one.standing(Refund)
    assert (refund.withheld, str(refund.due)) == (False, "2024-09-25")


def test_part_of_an_order_and_then_the_rest() -> None:
    """The delivery price goes back when nothing of the order is left."""
    one = asked(paid(lines=TWO), "2024-09-10T10:00", lines=("2",))
    assert one.refunds() == {"cancellation": 360_00}
    asked(one, "2024-09-10T11:00", lines=("1",))
    assert one.refunds() == {"cancellation": 1045_00}
    asked(one, "2024-09-10T12:00")
    assert one.refunds() == {"cancellation": 1045_00}


def test_what_was_struck_or_withdrawn_from_is_not_paid_back_twice() -> None:
    one = paid(lines=TWO).told(LineStruck(line="2"), at="2024-09-10T10:00")
    asked(one, "2024-09-10T11:00")
    assert one.refunds()["cancellation"] == 685_00
    withdrawn = paid(lines=TWO).told(WithdrawalNotified(lines=("2",)), at="2024-09-10T10:00")
    assert sum(asked(withdrawn, "2024-09-10T11:00").refunds().values()) == 1045_00


def test_only_what_was_paid_goes_back() -> None:
    assert asked(story(freight=45_00, placed="2024-09-10"), "2024-09-10T13:00").refunds() == {}


def test_a_refund_deadline_is_met_by_the_payment() -> None:
    one = asked(paid(), "2024-09-10T10:00")
    one.told(RefundPaid(amount=1045_00, refund="cancellation"), at="2024-09-20")
    assert one.deadlines("refund") == [("2024-09-24", "met")]


def test_a_request_about_lines_that_the_order_does_not_have_is_without_effect() -> None:
    one = asked(paid(), "2024-09-10T10:00", lines=("9",))
    assert (one.rulings("cancellation"), one.refunds()) == ([], {})


# -- what it costs --------------------------------------------------------------------------------


def at_gandalf(channel: Any = "phone", *, invoiced: bool = True, **other: Any) -> Story:
    one = story("gandalf", kind="business", placed="2024-09-10T09:00", channel=channel,
                prices="excluding_vat", lines=(goods("1", 5500_00),), **other)  # fmt: skip
    if invoiced:
        one.told(InvoiceIssued(invoice="F1", amount=5500_00), at="2024-09-10T10:00")
    return asked(one, "2024-09-10T13:00")


def test_gandalf_takes_a_cancellation_as_a_seller_return() -> None:
    one = at_gandalf()
    assert (one.rulings("cancellation"), one.refunds()) == (["accepted"], {"credit": 4950_00})
    assert {"GAN-5-18", "GAN-5.1.8-4"} <= one.clauses("credit")


def test_without_an_invoice_there_is_nothing_to_credit_and_the_fee_stands_alone() -> None:
    one = at_gandalf(invoiced=False)
    assert (one.fees(), one.refunds()) == ({"sales_return": 550_00}, {})
    one.told(ReminderSent(invoice="F9"), at="2024-09-11")
    one.told(CancellationConfirmed(), at="2024-09-12")
    assert one.refunds() == {}, "a reminder of an invoice that nobody knows asks for nothing"


def test_web_orders_and_goods_that_have_left_are_binding_at_gandalf() -> None:
    assert at_gandalf("web").rulings("cancellation") == ["refused"]
    reading = {"gandalf-web-cancellation": "as_seller_return"}
    assert at_gandalf("web", readings=reading).refunds() == {"credit": 4950_00}
    gone = at_gandalf().told(Shipped(parcel="p1"), at="2024-09-10T12:00", known="2024-09-11")
    assert (gone.rulings("cancellation"), gone.refunds()) == (["refused"], {})


def test_a_company_pays_for_what_was_made_for_it() -> None:
    one = asked(paid("netzilla", kind="business", lines=DRAWN), "2024-09-10T10:00")
    one.told(CancellationConfirmed(), at="2024-09-10T11:00")
    assert (one.fees(), one.decisions()) == ({}, ["cancellation"])
    one.told(DiscretionExercised(about="cancellation", decision="charge", amount=410_00),
             at="2024-09-12")  # fmt: skip
    assert one.fees() == {"cancellation": 410_00}
    assert (one.refunds(), one.decisions()) == ({"cancellation": 1045_00}, [])


@pytest.mark.parametrize(("kind", "reading"), [("consumer", "compensation"),
                                               ("business", "free-window")])  # fmt: skip
def test_nobody_else_does(kind: str, reading: str) -> None:
    readings = {"net-special-item-cancellation": reading}
    one = paid("netzilla", kind=kind, lines=DRAWN, readings=readings)
    asked(one, "2024-09-10T10:00").told(CancellationConfirmed(), at="2024-09-10T11:00")
    assert (one.fees(), one.decisions()) == ({}, [])


def test_goods_made_to_order_can_be_cancelled_unless_the_terms_are_read_otherwise() -> None:
    one = asked(paid(lines=DRAWN), "2024-09-10T10:00")
    assert one.rulings("cancellation") == ["accepted"]
    reading = {"allectra-made-to-order-cancellation": "excluded"}
    other = asked(paid(lines=DRAWN, readings=reading), "2024-09-10T10:00")
    assert (other.rulings("cancellation"), other.refunds()) == (["refused"], {})
