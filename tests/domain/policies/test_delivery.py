"""Delivery: by when goods are there, what counts as there, and lines that cannot be delivered."""

from datetime import date

import pytest

from domain.facts import (
    AvailableForCollection, CancellationConfirmed, CancellationRequested, Delivered, InTransit,
    LineStruck, OrderConfirmed, PaymentReceived, Retracted, ShipmentLost, Shipped, Unclaimed,
    WithdrawalNotified,
)  # fmt: skip
from domain.fields import Shipping
from domain.outcomes import Information
from tests.domain.story import goods, story


ECONOMY = Shipping(method="economy")
TWO = (goods("1", 300_00), goods("2", 50_00))


def informed(one):
    return sorted(item.about for item in one.standing(Information))


@pytest.mark.parametrize(
    ("seller", "kind", "placed", "order", "due"),
    [
        # ALL-6.3.1-5: 30 working days, which for a consumer fall to 30 calendar days (KKL 2:2).
        ("allectra", "business", "2024-06-03", {}, "2024-07-17"),
        ("allectra", "consumer", "2024-06-03", {}, "2024-07-03"),
        # ALL-6.3.1-4: Economy within 30 days, for a company too.
        ("allectra", "business", "2024-06-03", {"shipping": ECONOMY}, "2024-07-03"),
        # A back order has no printed time: the statute for a consumer, nothing for a company.
        ("allectra", "consumer", "2024-06-03", {"stock": "back_order"}, "2024-07-03"),
        ("sweeto", "business", "2024-06-03", {"stock": "back_order"}, None),
        # The older act had no 30 days before 2014-06-13, and the terms of COM print no time.
        ("compumail", "consumer", "2014-06-12", {}, None),
        ("compumail", "consumer", "2014-06-13", {}, "2014-07-13"),
        ("compumail", "business", "2024-06-03", {}, None),
        # SWE-leveranssatt-2: three weekdays, over Midsummer Eve; a leap day is a day.
        ("sweeto", "consumer", "2024-06-19", {}, "2024-06-25"),
        ("sweeto", "consumer", "2024-02-23", {"stock": "supplier"}, "2024-03-01"),
        # NET-leverans-1, GAN-4-3: calendar days from the order, on a Sunday if it comes so.
        ("netzilla", "consumer", "2024-05-23", {}, "2024-05-26"),
        ("gandalf", "business", "2024-05-21", {}, "2024-05-26"),
    ],
)
def test_the_last_day_of_delivery(seller, kind, placed, order, due) -> None:
    one = story(seller, kind=kind, placed=placed, **order)
    assert [day for day, _ in one.deadlines("delivery")] == ([due] if due else [])


def test_a_promised_day_stands_even_after_the_statutory_thirty() -> None:
    """KKL 2:2 yields to what was agreed; so do the printed times."""
    shipping = Shipping(promised_by=date(2024, 9, 30))
    one = story("allectra", placed="2024-06-03", shipping=shipping)
    assert one.deadlines("delivery") == [("2024-09-30", "open")]


def test_without_a_confirmation_there_is_no_contract_to_deliver_under() -> None:
    one = story("allectra", placed="2024-06-03", confirmed=False)
    assert one.deadlines("delivery") == []
    one.told(OrderConfirmed(), at="2024-06-05")
    assert one.deadlines("delivery") == [("2024-07-05", "open")]


def test_the_day_counts_whole_and_the_day_after_is_late() -> None:
    one = story("netzilla", placed="2024-05-20")
    one.until("2024-05-23T23:59:59")
    assert one.deadlines("delivery") == [("2024-05-23", "open")]
    assert informed(one) == []
    one.until("2024-05-24T00:00:00")
    assert one.deadlines("delivery") == [("2024-05-23", "lapsed")]
    assert informed(one) == ["delay"]


def test_late_news_of_a_delivery_in_time_undoes_the_delay() -> None:
    one = story("netzilla", placed="2024-05-20")
    one.told(Shipped(parcel="p"), at="2024-05-21")
    one.until("2024-05-25")
    one.told(Delivered(parcel="p"), at="2024-05-22", known="2024-05-26", id="d")
    assert one.deadlines("delivery") == [("2024-05-23", "met")]
    assert informed(one) == []
    one.told(Retracted(fact="d"), at="2024-05-27")
    assert one.deadlines("delivery") == [("2024-05-23", "lapsed")]


def test_every_line_must_be_there() -> None:
    one = story("netzilla", placed="2024-05-20", lines=(goods("1", 100), goods("2", 200)))
    one.told(Shipped(parcel="p", lines=("1",)), at="2024-05-21")
    one.told(Delivered(parcel="p"), at="2024-05-22")
    assert one.deadlines("delivery") == [("2024-05-23", "open")]
    one.told(LineStruck(line="2"), at="2024-05-23")
    assert one.deadlines("delivery") == [("2024-05-23", "met")]


def test_a_parcel_that_waits_at_the_agent_is_no_delay_of_the_seller() -> None:
    one = story("netzilla", placed="2024-05-20")
    one.told(Shipped(parcel="p"), at="2024-05-21")
    one.told(AvailableForCollection(parcel="p"), at="2024-05-23")
    one.told(Unclaimed(parcel="p"), at="2024-06-10")
    assert one.deadlines("delivery") == [("2024-05-23", "met")]


def test_a_lost_parcel_is_still_to_be_delivered_in_another() -> None:
    """COM-4-4, KKL 2:3: what disappeared never came into the consumer's possession."""
    one = story("compumail", placed="2024-05-20")
    one.told(Shipped(parcel="p"), at="2024-05-21")
    one.told(AvailableForCollection(parcel="p"), at="2024-05-22")
    one.told(ShipmentLost(parcel="p"), at="2024-05-24")
    assert one.deadlines("delivery") == [("2024-06-19", "open")]
    assert {"COM-4-4", "KKL-2:3"} <= one.clauses("delivery")
    one.told(Shipped(parcel="q", lines=("1",)), at="2024-05-27")
    one.told(Delivered(parcel="q"), at="2024-05-29")
    assert one.deadlines("delivery") == [("2024-06-19", "met")]


def test_gandalf_has_delivered_when_the_forwarder_has_the_goods() -> None:
    """GAN-4-1, GAN-4-2: EXW; what is lost later is lost by the customer."""
    one = story("gandalf", kind="business", placed="2024-05-20")
    one.told(Shipped(parcel="p"), at="2024-05-24")
    one.told(ShipmentLost(parcel="p"), at="2024-05-30")
    assert one.deadlines("delivery") == [("2024-05-25", "met")]


def test_nobody_waits_for_goods_that_were_withdrawn_from() -> None:
    one = story("netzilla", placed="2024-05-20")
    one.told(WithdrawalNotified(), at="2024-05-21", id="w")
    assert one.deadlines("delivery") == []
    one.retracted("w", at="2024-05-22")
    assert one.deadlines("delivery") == [("2024-05-23", "open")]


def test_a_deadline_that_had_lapsed_stays_lapsed() -> None:
    one = story("netzilla", placed="2024-05-20")
    one.told(WithdrawalNotified(), at="2024-05-24T09:00")
    assert one.deadlines("delivery") == [("2024-05-23", "lapsed")]


def test_dispatch_within_48_elapsed_hours_over_the_change_of_clocks() -> None:
    """ALL-6.3.1-2, from the confirmation; 31 March 2024 has 23 hours."""
    one = story("allectra", placed="2024-03-30T10:00")
    assert one.deadlines("dispatch") == [("2024-04-01T09:00:00+00:00", "open")]
    one.told(Shipped(parcel="p"), at="2024-04-01T11:00")
    assert one.deadlines("dispatch") == [("2024-04-01T09:00:00+00:00", "met")]


# -- lines that cannot be delivered ---------------------------------------------------------------


def paid(seller="netzilla", **other):
    one = story(seller, lines=TWO, freight=49_00, placed="2024-05-20", **other)
    return one.told(PaymentReceived(amount=399_00), at="2024-05-20")


def test_a_struck_line_gives_back_its_price() -> None:
    one = paid().told(LineStruck(line="2"), at="2024-05-21", id="s")
    assert one.refunds() == {"undeliverable": 50_00}
    assert "NET-leverans-7" in one.clauses("undeliverable")
    one.retracted("s", at="2024-05-22")
    assert one.refunds() == {}


@pytest.mark.parametrize(("option", "amount"), [("refund", 399_00), ("keep", 350_00)])
def test_the_freight_when_every_line_is_struck(option, amount) -> None:
    one = paid(readings={"net-struck-order-freight": option})
    one.told(LineStruck(line="1"), at="2024-05-21").told(LineStruck(line="2"), at="2024-05-22")
    assert one.refunds() == {"undeliverable": amount}


def test_what_was_not_paid_is_not_paid_back() -> None:
    one = story("netzilla", lines=(goods("1", 300_00),), placed="2024-05-20", pay="invoice")
    assert one.told(LineStruck(line="1"), at="2024-05-21").refunds() == {}


def test_allectra_tells_the_customer() -> None:
    """ALL-2.5-2: told as soon as possible, everything paid goes back."""
    one = paid("allectra").told(LineStruck(line="1"), at="2024-05-21")
    assert one.refunds() == {"undeliverable": 300_00}
    assert informed(one) == ["undeliverable"]


def test_terms_that_are_silent_leave_it_to_the_sale_acts() -> None:
    one = paid("sweeto").told(LineStruck(line="1"), at="2024-05-21")
    assert one.clauses("undeliverable") == {"KKL-3:5", "KKL-8:2"}


def test_a_line_that_came_was_not_undeliverable_and_an_unknown_one_is_nothing() -> None:
    one = paid().told(Shipped(parcel="p"), at="2024-05-21")
    one.told(Delivered(parcel="p"), at="2024-05-22").told(LineStruck(line="1"), at="2024-05-23")
    assert one.told(LineStruck(line="9"), at="2024-05-23").refunds() == {}


def test_a_line_that_was_cancelled_before_is_not_paid_back_again() -> None:
    """NET-avbestallning-2 gave it back; the warehouse strikes it afterwards."""
    one = paid().told(CancellationRequested(channel="email", lines=("2",)), at="2024-05-20T15:00")
    one.told(CancellationConfirmed(), at="2024-05-20T16:00")
    one.told(LineStruck(line="2"), at="2024-05-21")
    assert "undeliverable" not in one.refunds()


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({"kind": "business"}, True),
        ({"kind": "consumer"}, False),
        ({"kind": "business", "shipping": Shipping(method="pickup")}, False),
        ({"kind": "business", "shipping": Shipping(promised_by=date(2024, 5, 24))}, False),
    ],
)
def test_an_hour_for_companies_is_named_and_moves_no_deadline(order, named):
    """SWE-leveranssatt-5: normally before 16:00; the day stays the last one."""
    one = story("sweeto", placed="2024-05-20", **order).until("2024-05-23T17:00")
    assert [state for _, state in one.deadlines("delivery")] == ["open"]
    assert ("SWE-leveranssatt-5" in one.clauses("delivery")) == named


def test_a_parcel_that_is_only_heard_of_is_waited_for_too():
    """What came in the other one, nobody said: the goods may be in either."""
    one = story("compumail", placed="2024-06-03")
    one.told(Delivered(parcel="p1"), at="2024-06-05")
    assert [state for _, state in one.deadlines("delivery")] == ["met"]
    one.told(InTransit(parcel="p2"), at="2024-06-06")
    assert [state for _, state in one.deadlines("delivery")] == ["open"]
