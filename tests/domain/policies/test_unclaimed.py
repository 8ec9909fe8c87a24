"""Parcels that nobody collects or receives: until when they wait, and what they cost."""

from datetime import date
from typing import Any

import pytest

from domain.facts import (
    AvailableForCollection, CancellationRequested, Collected, Delivered, DeliveryAttempted,
    DeliveryFailed, DiscretionExercised, InvoiceIssued, ParcelReturned, PaymentReceived, Reshipped,
    ReturnAssessed, ShipmentLost, Shipped, Unclaimed, WithdrawalNotified,
)  # fmt: skip
from domain.fields import Shipping
from domain.outcomes import Deadline, Fee, Refund
from tests.domain.story import Story, goods, story

TWO = (goods("1", 700_00), goods("2", 300_00))


def sent(seller: str = "allectra", *, tracking: str | None = "T1", **other: Any) -> Story:
    """A paid order in one parcel that waits to be collected from Monday 12 February 2024."""
    one = story(seller, placed="2024-02-07", **{"freight": 60_00} | other)
    one.told(PaymentReceived(amount=1060_00), at="2024-02-07")
    one.told(Shipped(parcel="p1", tracking=tracking, cost=71_00), at="2024-02-08", id="shipped")
    return one.told(AvailableForCollection(parcel="p1"), at="2024-02-12")


def left(seller: str = "allectra", *, cost: int = 82_00, **other: Any) -> Story:
    """The same, not collected and brought back."""
    one = sent(seller, **other).told(Unclaimed(parcel="p1"), at="2024-02-22", id="unclaimed")
    return one.told(ParcelReturned(parcel="p1", return_cost=cost), at="2024-02-26", id="returned")


# -- the fee --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seller", "fee"),
    [("allectra", 432_00), ("netzilla", 150_00), ("sweeto", 250_00), ("compumail", None)],
)
def test_the_fee_is_each_sellers_own(seller: str, fee: int | None) -> None:
    """At least 350 and the way back; from 150; 250; nothing where no clause says so."""
    assert left(seller).fees() == ({"unclaimed": fee} if fee else {})


def test_the_floor_stands_at_once_and_the_freight_follows() -> None:
    one = sent().told(Unclaimed(parcel="p1"), at="2024-02-22")
    assert one.fees() == {"unclaimed": 350_00}
    one.told(ParcelReturned(parcel="p1", return_cost=82_00), at="2024-02-26")
    assert one.fees() == {"unclaimed": 432_00}


@pytest.mark.parametrize(
    ("seller", "tariff", "fee"),
    [("allectra", 400_00, 482_00), ("allectra", 300_00, 432_00), ("netzilla", 175_00, 175_00),
     ("sweeto", 400_00, 250_00)],
)  # fmt: skip
def test_a_tariff_raises_an_at_least_fee_and_no_flat_one(
    seller: str, tariff: int, fee: int
) -> None:
    assert left(seller, tariff={"unclaimed": tariff / 100}).fees() == {"unclaimed": fee}


def test_freight_in_place_of_the_fee_where_it_is_larger() -> None:
    reading = {"net-unclaimed-amount": "floor-or-freight"}
    assert left("netzilla", readings=reading).fees() == {"unclaimed": 153_00}
    assert left("netzilla", readings=reading, cost=50_00).fees() == {"unclaimed": 150_00}


def test_a_parcel_that_was_collected_after_all_costs_nothing() -> None:
    one = left().told(Collected(parcel="p1"), at="2024-02-20", known="2024-02-28")
    assert one.fees() == {}


def test_a_retracted_message_takes_its_fee_along() -> None:
    one = left().retracted("unclaimed", at="2024-02-27")
    assert one.fees() == {}


def test_a_parcel_without_tracking_costs_nothing_at_netzilla() -> None:
    one = left("netzilla", tracking=None)
    assert one.fees() == {}
    one.told(Reshipped(parcel="p1", freight=33_00), at="2024-02-28")
    assert one.fees() == {"reship_freight": 33_00}
    assert "NET-ej-uthamtad-4" in one.clauses("reship_freight")


def test_staff_may_waive_the_fee() -> None:
    one = left().told(DiscretionExercised(about="unclaimed", decision="waive"), at="2024-03-01")
    assert one.fees() == {}


def test_a_merchants_parcel_follows_the_marketplace() -> None:
    assert left("shopkeeper", marketplace="allectra").fees() == {"unclaimed": 432_00}


# -- the hold -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "notified", "due"),
    [
        ("consumer", "2024-02-12", "2024-02-19"),
        ("consumer", "2024-03-22", "2024-04-02"),  # Good Friday 29 March to Easter Monday
        ("business", "2024-03-22", "2024-03-29"),
        ("consumer", "2024-06-14", "2024-06-24"),  # Midsummer Eve
        ("consumer", "2024-02-22", "2024-02-29"),
        ("consumer", "2024-03-25T23:30", "2024-04-02"),
        ("consumer", "2024-03-30T23:30", "2024-04-08"),  # the clocks change; the 6th is a Saturday
    ],
)
def test_seven_days_to_collect_moved_for_a_consumer(kind: str, notified: str, due: str) -> None:
    one = story(placed="2024-02-01", kind=kind).told(Shipped(parcel="p1"), at="2024-02-02")
    one.told(AvailableForCollection(parcel="p1"), at=notified)
    assert one.deadlines("collection") == [(due, "open")]


def test_the_notification_may_name_the_day() -> None:
    one = story(placed="2024-02-01").told(Shipped(parcel="p1"), at="2024-02-02")
    one.told(AvailableForCollection(parcel="p1", until=date(2024, 2, 17)), at="2024-02-05")
    one.told(Collected(parcel="p1"), at="2024-02-17T18:00")
    assert one.deadlines("collection") == [("2024-02-17", "met")]


def test_express_has_no_hold_and_its_fee_all_the_same() -> None:
    express = Shipping(method="express", price=60_00)
    one = sent(shipping=express).told(Unclaimed(parcel="p1"), at="2024-02-14")
    assert (one.deadlines("collection"), one.fees()) == ([], {"unclaimed": 350_00})
    reading = {"allectra-unclaimed-express": "whole_passage"}
    assert left(shipping=express, readings=reading).fees() == {}


@pytest.mark.parametrize(("at", "fee"), [("2024-02-19T23:59", {}),
                                         ("2024-02-20T00:00", {"unclaimed": 350_00})])  # fmt: skip
def test_no_fee_when_the_hold_was_cut_short(at: str, fee: dict[str, int]) -> None:
    """Seven days from Monday 12 February end with the nineteenth."""
    assert sent().told(Unclaimed(parcel="p1"), at=at).fees() == fee


def test_a_deadline_that_lapses_is_recorded_as_such_and_one_given_up_goes() -> None:
    assert sent().until("2024-02-20").deadlines("collection") == [("2024-02-19", "lapsed")]
    assert sent().told(WithdrawalNotified(), at="2024-02-15").deadlines("collection") == []


# -- nobody at home, refused, a wrong address -----------------------------------------------------


def failed(seller: str, reason: Any, **other: Any) -> Story:
    one = story(seller, placed="2024-02-07", freight=60_00, **other)
    one.told(PaymentReceived(amount=1060_00), at="2024-02-07")
    one.told(Shipped(parcel="p1", tracking="T1", cost=71_00), at="2024-02-08")
    one.told(DeliveryFailed(parcel="p1", reason=reason), at="2024-02-09")
    return one.told(ParcelReturned(parcel="p1", return_cost=82_00, toll=44_00), at="2024-02-13")


def test_a_vain_unloading_costs_the_trip() -> None:
    assert failed("allectra", "nobody_home").fees() == {"unclaimed": 44_00}
    whole = {"allectra-unloading-fee": "whole_fee"}
    assert failed("allectra", "nobody_home", readings=whole).fees() == {"unclaimed": 476_00}


def test_the_trip_is_charged_though_the_next_one_succeeds() -> None:
    one = story(placed="2024-02-07").told(Shipped(parcel="p1"), at="2024-02-08")
    one.told(DeliveryAttempted(parcel="p1", reason="nobody_home", cost=39_00), at="2024-02-09")
    one.told(Delivered(parcel="p1"), at="2024-02-12")
    assert one.fees() == {"unclaimed": 39_00}
    assert one.clauses("unclaimed") == {"ALL-6.4-4"}


@pytest.mark.parametrize(
    ("kind", "reading", "fee"),
    [("consumer", "business-only", {}), ("business", "business-only", {"unclaimed": 150_00}),
     ("consumer", "counts-as-uncollected", {"unclaimed": 150_00}), ("business", "never", {})],
)  # fmt: skip
def test_whether_refusing_is_not_collecting(kind: str, reading: str, fee: dict[str, int]) -> None:
    one = failed("netzilla", "refused", kind=kind, readings={"net-refused-parcel": reading})
    assert one.fees() == fee


def test_what_goods_cost_that_were_refused_waits_for_a_person_at_allectra() -> None:
    """All costs of the return may be charged (ALL-6.4-2): nothing until a person says so."""
    one = failed("allectra", "refused")
    assert (one.fees(), one.decisions()) == ({}, ["unclaimed"])
    charged = DiscretionExercised(about="unclaimed", decision="charge", amount=82_00)
    one.told(charged, at="2024-03-01")
    assert (one.fees(), one.decisions()) == ({"unclaimed": 82_00}, [])


def test_a_wrong_address_at_gandalf_costs_once_an_order() -> None:
    one = failed("gandalf", "wrong_address", kind="business", lines=TWO)
    one.told(Shipped(parcel="p2", lines=()), at="2024-02-08")
    one.told(DeliveryFailed(parcel="p2", reason="wrong_address"), at="2024-02-12")
    fees = one.standing(Fee)
    assert [(fee.kind, fee.amount, fee.vat, fee.parcel) for fee in fees] == [
        ("wrong_address", 229_00, "excluded", "p1")
    ]


def test_a_lost_parcel_costs_nothing_and_is_sent_again_for_nothing() -> None:
    one = sent("netzilla").told(ShipmentLost(parcel="p1"), at="2024-02-20")
    one.told(Reshipped(parcel="p1", freight=60_00), at="2024-02-21")
    assert one.fees() == {}


# -- sent again -----------------------------------------------------------------------------------


def test_a_second_trip_has_a_deadline_and_a_fee_of_its_own() -> None:
    one = left(cost=80_00).told(Reshipped(parcel="p1"), at="2024-02-28", id="again")
    one.told(AvailableForCollection(parcel="p1"), at="2024-03-04")
    assert one.fees() == {"unclaimed": 430_00}
    one.told(Unclaimed(parcel="p1"), at="2024-03-15")
    assert sorted(fee.amount for fee in one.standing(Fee)) == [350_00, 430_00]
    found = [(str(each.due), each.cause) for each in one.standing(Deadline)
             if each.kind == "collection"]  # fmt: skip
    assert sorted(found) == [("2024-02-19", None), ("2024-03-11", "again")]


def test_receipt_on_the_second_trip_leaves_the_first_ones_fees() -> None:
    one = left("netzilla").told(Reshipped(parcel="p1", freight=65_00), at="2024-02-28")
    one.told(Delivered(parcel="p1"), at="2024-03-04")
    assert one.fees() == {"unclaimed": 150_00, "reship_freight": 65_00}


def test_new_freight_that_nobody_priced_waits_for_a_person() -> None:
    one = left("netzilla").told(Reshipped(parcel="p1"), at="2024-02-28")
    assert (one.fees(), one.decisions()) == ({"unclaimed": 150_00}, ["reship_freight"])
    priced = left("netzilla", tariff={"standard": 55})
    priced.told(Reshipped(parcel="p1"), at="2024-02-28")
    assert priced.fees()["reship_freight"] == 55_00


# -- withdrawal and cancellation of what was not collected ----------------------------------------


def test_a_withdrawal_takes_the_fees_of_its_parcel_and_no_others() -> None:
    one = sent(lines=TWO)
    one.retracted("shipped", at="2024-02-12")
    for line, parcel in (("1", "p1"), ("2", "p2")):
        one.told(Shipped(parcel=parcel, lines=(line,), tracking="T"), at="2024-02-08")
        one.told(Unclaimed(parcel=parcel), at="2024-02-22")
    one.told(WithdrawalNotified(lines=("2",)), at="2024-02-26")
    assert [fee.parcel for fee in one.standing(Fee)] == ["p1"]


def test_a_withdrawal_of_part_of_a_parcel_leaves_its_fee() -> None:
    one = left(lines=TWO).told(WithdrawalNotified(lines=("2",)), at="2024-02-27")
    assert one.fees() == {"unclaimed": 432_00}


def cancelled_on_its_way(**other: Any) -> Story:
    one = story(placed="2024-02-07", freight=60_00, **other)
    one.told(PaymentReceived(amount=1060_00), at="2024-02-07")
    one.told(Shipped(parcel="p1", cost=71_00), at="2024-02-08")
    one.told(CancellationRequested(channel="email"), at="2024-02-09")
    one.told(AvailableForCollection(parcel="p1"), at="2024-02-12")
    one.told(Unclaimed(parcel="p1"), at="2024-02-22")
    returned = ParcelReturned(parcel="p1", return_cost=82_00, other_cost=15_00)
    return one.told(returned, at="2024-02-26")


def test_a_company_that_cancels_after_dispatch_waits_for_two_decisions() -> None:
    one = cancelled_on_its_way(kind="business")
    assert (one.fees(), sorted(one.decisions())) == ({}, ["cancellation", "unclaimed"])
    assert "ALL-3.3-7" in one.clauses("unclaimed")
    one.told(DiscretionExercised(about="unclaimed", decision="charge"), at="2024-03-01")
    one.told(DiscretionExercised(about="cancellation", decision="charge", amount=97_00),
             at="2024-03-01")  # fmt: skip
    assert one.fees() == {"unclaimed": 350_00, "cancellation": 97_00}
    assert (one.decisions(), one.refunds()) == ([], {"cancellation": 1060_00})


def test_the_other_readings_of_cancelling_after_dispatch() -> None:
    key = "allectra-cancelled-unclaimed-fee"
    free = cancelled_on_its_way(kind="business", readings={key: "free"})
    assert (free.fees(), free.decisions()) == ({}, [])
    general = cancelled_on_its_way(kind="business", readings={key: "unclaimed_fee"})
    assert (general.fees(), general.decisions()) == ({"unclaimed": 432_00}, ["cancellation"])


@pytest.mark.parametrize("reading", ["discretionary", "free", "unclaimed_fee"])
def test_a_consumer_who_cancels_after_dispatch_owes_nothing(reading: str) -> None:
    one = cancelled_on_its_way(readings={"allectra-cancelled-unclaimed-fee": reading})
    assert (one.fees(), one.decisions()) == ({}, [])


def test_the_way_back_of_a_cancelled_parcel_where_the_consumer_pays_it() -> None:
    reading = {"allectra-uncollected-return-cost": "return_freight"}
    assert cancelled_on_its_way(readings=reading).fees() == {"return_freight": 82_00}
    uninformed = cancelled_on_its_way(readings=reading, terms_informed=False)
    assert uninformed.fees() == {}


# -- the price ------------------------------------------------------------------------------------


def test_the_contract_stands_unless_the_price_is_read_as_credited() -> None:
    assert left("netzilla").refunds() == {}
    one = left("netzilla", readings={"net-unclaimed-price": "refund-goods"})
    assert one.refunds() == {"credit": 1000_00}
    one.told(Reshipped(parcel="p1", freight=60_00), at="2024-02-28")
    assert one.refunds() == {}


def at_gandalf(price: int, *, day_price: int | None = None, **other: Any) -> Story:
    lines = (goods("1", price, quantity=2),)
    one = story("gandalf", kind="business", placed="2024-02-07", channel="email",
                prices="excluding_vat", lines=lines, **other)  # fmt: skip
    one.told(InvoiceIssued(invoice="F1", amount=2 * price), at="2024-02-08")
    one.told(Shipped(parcel="p1"), at="2024-02-08").told(Unclaimed(parcel="p1"), at="2024-02-22")
    one.told(ParcelReturned(parcel="p1", return_cost=82_00), at="2024-02-26")
    if day_price is not None:
        assessed = ReturnAssessed(lines=("1",), approved=True, day_price=day_price)
        one.told(assessed, at="2024-02-27")
    return one


def test_an_unclaimed_parcel_is_credited_as_a_seller_return() -> None:
    """2 x 2000 less ten per cent, handling 100 and freight 149; the day price is for one unit."""
    for one in (at_gandalf(2000_00), at_gandalf(2000_00, day_price=2000_00)):
        (credit,) = one.standing(Refund)
        assert (credit.amount, credit.breakdown) == (
            3351_00, (("goods", 4000_00), ("fee", -649_00)),
        )  # fmt: skip
    fallen = at_gandalf(2000_00, day_price=1700_00)
    assert fallen.refunds() == {"credit": 3400_00 - 249_00}


def test_what_the_deductions_exceed_is_dropped_or_claimed() -> None:
    assert (at_gandalf(150_00).refunds(), at_gandalf(150_00).fees()) == ({}, {})
    claimed = at_gandalf(150_00, readings={"gandalf-negative-credit": "claim_difference"})
    assert (claimed.refunds(), claimed.fees()) == ({}, {"unclaimed": 149_00})


def test_a_wrong_address_is_not_charged_for_twice() -> None:
    def returned(**other: Any) -> Story:
        one = failed("gandalf", "wrong_address", kind="business", channel="email", **other)
        return one.told(InvoiceIssued(invoice="F1", amount=3000_00), at="2024-02-08")

    assert returned().refunds() == {"credit": 700_00}
    stacked = {"gandalf-wrong-address-return": "stacked"}
    assert returned(readings=stacked).refunds() == {"credit": 451_00}


def test_goods_that_came_back_in_two_parcels_are_credited_once() -> None:
    """Sent anew in a parcel of its own, a line's price goes back with the last that came back."""
    one = at_gandalf(1000_00)
    first = one.refunds()["credit"]
    one.told(Shipped(parcel="p2", tracking="T2", lines=("1",)), at="2024-06-03")
    one.told(Unclaimed(parcel="p2"), at="2024-06-17")
    one.told(ParcelReturned(parcel="p2"), at="2024-06-19")
    assert one.refunds() == {"credit": first}
    assert [item.parcel for item in one.standing(Refund)] == ["p2"]
