"""Rescission for delay and for events beyond control."""

from datetime import date

import pytest

from domain.facts import (
    AvailableForCollection, Delivered, DiscretionExercised, Effectuated, ForceMajeureEnded,
    ForceMajeureStarted, PaymentReceived, RefundPaid, RescissionDeclared, ReturnReceived, Shipped,
)  # fmt: skip
from domain.fields import Shipping
from domain.outcomes import DecisionNeeded, Information, Refund
from tests.domain.story import goods, story

LATE = RescissionDeclared(ground="delay")
EVENT = RescissionDeclared(ground="force_majeure")
ESSENTIAL = {"delivery_time_essential": True}
MADE = (goods("1", 800_00, traits=("made_to_order",)),)


def bought(seller, amount=1000_00, placed="2024-06-03", **other):
    one = story(seller, placed=placed, **other)
    return one.told(PaymentReceived(amount=amount), at=placed)


def refund(one):
    (only,) = one.standing(Refund)
    return only


# -- from when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "day", "decision"),
    [
        ("consumer", "2024-07-03T23:59", "refused"),
        ("consumer", "2024-07-04T00:00", "accepted"),
        ("business", "2024-07-17", "refused"),
        ("business", "2024-07-18", "accepted"),
    ],
)
def test_from_the_day_after_the_limit(kind, day, decision) -> None:
    """ALL-6.3.2-3: more than 30 working days; a consumer's right attaches to the statute's 30."""
    one = bought("allectra", kind=kind).told(LATE, at=day)
    assert one.rulings("rescission") == [decision]
    assert bool(one.refunds()) == (decision == "accepted")


def test_the_printed_limit_read_for_consumers_too() -> None:
    readings = {"allectra-delay-rescission": "thirty_working_days"}
    one = bought("allectra", readings=readings).told(LATE, at="2024-07-17")
    assert one.deadlines("delivery") == [("2024-07-03", "lapsed")]
    assert one.deadlines("rescission_from") == [("2024-07-18", "open")]
    assert one.rulings("rescission") == ["refused"]


def test_a_right_that_opened_is_announced_and_falls_away_with_delivery_in_time() -> None:
    one = bought("sweeto", shipping=Shipping(promised_by=date(2024, 6, 7)))
    assert one.deadlines("rescission_from") == [("2024-06-08", "open")]
    one.told(Shipped(parcel="p"), at="2024-06-05").told(Delivered(parcel="p"), at="2024-06-07")
    assert one.deadlines("rescission_from") == []


def test_goods_that_came_before_the_declaration_are_no_longer_late() -> None:
    one = bought("sweeto").told(Shipped(parcel="p"), at="2024-06-10")
    one.told(Delivered(parcel="p"), at="2024-06-12").told(LATE, at="2024-06-13")
    assert one.rulings("rescission") == ["refused"]


def test_a_parcel_that_could_be_had_in_time_is_the_customers_delay() -> None:
    """ALL-6.3.2-3: unless the delay is due to the customer."""
    one = bought("sweeto").told(Shipped(parcel="p"), at="2024-06-04")
    one.told(AvailableForCollection(parcel="p"), at="2024-06-05").told(LATE, at="2024-06-12")
    assert one.rulings("rescission") == ["refused"]


# -- what the seller's terms ask ------------------------------------------------------------------


def test_a_company_has_no_right_from_a_clause_for_consumers() -> None:
    """SWE-leveranstid-2; the other reading gives it to everyone."""
    assert bought("sweeto", kind="business").told(LATE, at="2024-06-20").rulings("rescission") == [
        "refused"
    ]
    readings = {"sweeto-rescission-company": "everyone"}
    one = bought("sweeto", kind="business", readings=readings).told(LATE, at="2024-06-20")
    assert one.rulings("rescission") == ["accepted"]


def test_an_agreed_importance_is_enough_under_the_sale_act() -> None:
    one = bought("compumail", kind="business", shipping=Shipping(promised_by=date(2024, 6, 7)),
                 custom_terms=ESSENTIAL).told(LATE, at="2024-06-08")  # fmt: skip
    assert one.rulings("rescission") == ["accepted"]
    assert "KL-25" in one.clauses("rescission")


def test_without_a_printed_right_a_consumers_delay_is_a_judgement() -> None:
    """KKL 3:5 asks for a material delay or an extra period, which no fact shows."""
    one = bought("compumail").told(LATE, at="2024-07-10", id="r")
    assert one.rulings("rescission") == ["pending"]
    assert one.decisions() == ["rescission"]
    one.told(DiscretionExercised(about="rescission", decision="refused"), at="2024-07-11")
    assert one.rulings("rescission") == ["refused"]
    one.told(DiscretionExercised(about="rescission", decision="accepted"), at="2024-07-12")
    assert one.rulings("rescission") == ["accepted"]
    assert one.refunds() == {"delay": 1000_00}
    assert one.decisions() == []


def test_an_essential_delay_stays_open_after_effectuation_unless_read_otherwise() -> None:
    """NET-leverans-3 against NET-leverans-8."""
    for option, decision in [("until-delivered", "accepted"), ("until-effectuated", "refused")]:
        one = bought("netzilla", custom_terms=ESSENTIAL, readings={"net-delay-cutoff": option})
        one.told(Effectuated(what="freight_document"), at="2024-06-07").told(LATE, at="2024-06-10")
        assert one.rulings("rescission") == [decision]


def test_until_effectuation_a_late_item_may_be_left_without_importance() -> None:
    """NET-leverans-8; picking and packing make no document."""
    one = bought("netzilla", kind="business").told(Effectuated(what="packed"), at="2024-06-07")
    assert one.told(LATE, at="2024-06-10").rulings("rescission") == ["accepted"]
    other = bought("netzilla", kind="business").told(Effectuated(what="invoice"), at="2024-06-07")
    assert other.told(LATE, at="2024-06-10").rulings("rescission") == ["pending"]


def test_compensation_for_a_late_special_item() -> None:
    """NET-leverans-3 beats NET-avbestallning-5 unless read otherwise; then it needs an amount."""
    free = bought("netzilla", kind="business", lines=MADE, custom_terms=ESSENTIAL)
    assert free.told(LATE, at="2024-06-10").decisions() == []
    readings = {"net-late-special-item": "compensation"}
    one = bought("netzilla", kind="business", lines=MADE, custom_terms=ESSENTIAL, readings=readings)
    one.told(LATE, at="2024-06-10")
    assert [need.about for need in one.standing(DecisionNeeded)] == ["cancellation"]
    charge = DiscretionExercised(about="cancellation", decision="charge", amount=120_00)
    assert one.told(charge, at="2024-06-11").fees() == {"cancellation": 120_00}


def test_a_late_special_item_that_is_only_cancelled_costs_what_a_cancellation_does() -> None:
    """NET-leverans-8, NET-avbestallning-5."""
    one = bought("netzilla", kind="business", lines=MADE).told(LATE, at="2024-06-10")
    assert one.rulings("rescission") == ["accepted"]
    assert one.decisions() == ["cancellation"]


def test_without_any_time_only_an_essential_one_can_have_passed() -> None:
    """A company's back order: GAN-4-8 leaves it to a person, SWE and the statute give nothing."""
    for seller, decision in [("gandalf", "pending"), ("sweeto", "refused")]:
        one = bought(seller, kind="business", stock="back_order").told(LATE, at="2024-07-10")
        assert one.rulings("rescission") == [decision]


def test_a_web_order_can_be_barred() -> None:
    readings = {"gandalf-web-rescission": "barred"}
    for channel, decision in [("web", "refused"), ("phone", "pending")]:
        one = bought("gandalf", kind="business", channel=channel, readings=readings)
        assert one.told(LATE, at="2024-06-20").rulings("rescission") == [decision]


# -- what is paid back ----------------------------------------------------------------------------


def test_the_refund_is_due_fifteen_calendar_days_from_the_declaration() -> None:
    """SWE-leveranstid-3; the seller's day stays on a Sunday. 6 June was no weekday of the three."""
    one = bought("sweeto").told(LATE, at="2024-06-08", id="r")
    assert refund(one).due == date(2024, 6, 23)
    assert one.deadlines("refund") == [("2024-06-23", "open")]
    one.told(RefundPaid(amount=1000_00, refund="delay"), at="2024-06-20")
    assert one.deadlines("refund") == [("2024-06-23", "met")]
    one.retracted("r", at="2024-06-21")
    assert one.refunds() == {}


def test_the_refund_counted_from_the_day_of_delivery() -> None:
    readings = {"sweeto-rescission-refund-start": "delivery_time_passed"}
    one = bought("sweeto", readings=readings).told(LATE, at="2024-06-10")
    assert refund(one).due == date(2024, 6, 22)


def test_part_of_an_order_gives_back_its_price_and_the_rest_the_freight() -> None:
    lines = (goods("1", 300_00), goods("2", 200_00))
    one = bought("sweeto", amount=559_00, lines=lines, freight=59_00)
    one.told(RescissionDeclared(ground="delay", lines=("2",)), at="2024-06-10")
    assert one.refunds() == {"delay": 200_00}
    one.told(LATE, at="2024-06-11")
    assert one.refunds() == {"delay": 559_00}
    assert one.rulings("rescission") == ["accepted", "accepted"]


def test_lines_that_came_in_time_stay() -> None:
    lines = (goods("1", 300_00), goods("2", 200_00))
    one = bought("sweeto", amount=500_00, lines=lines)
    one.told(Shipped(parcel="p", lines=("1",)), at="2024-06-04")
    one.told(Delivered(parcel="p"), at="2024-06-05").told(LATE, at="2024-06-10")
    assert one.refunds() == {"delay": 200_00}


def test_goods_that_come_after_all_hold_the_refund_until_they_are_back() -> None:
    """KKL 8:2; then it is due on the later of the two days."""
    one = bought("sweeto").told(Shipped(parcel="p"), at="2024-06-07")
    one.told(LATE, at="2024-06-10").told(Delivered(parcel="p"), at="2024-06-11")
    assert refund(one).withheld
    assert one.deadlines("refund") == []
    one.told(ReturnReceived(lines=("1",)), at="2024-07-01")
    assert not refund(one).withheld
    assert refund(one).due == date(2024, 7, 1)


# -- events beyond control ------------------------------------------------------------------------


def test_after_more_than_two_months_both_may_cancel() -> None:
    """ALL-15-4: two months from 31 December end on the leap day; the right comes the day after."""
    for by in ("customer", "seller"):
        for day, decision in [("2024-02-29", "refused"), ("2024-03-01", "accepted")]:
            one = bought("allectra", placed="2024-02-20", kind="business")
            one.told(ForceMajeureStarted(), at="2023-12-31", known="2024-02-20T13:00")
            one.told(RescissionDeclared(ground="force_majeure", by=by), at=day)
            assert one.rulings("rescission") == [decision]


def test_an_event_that_ended_in_time_leaves_no_right_and_was_told_twice() -> None:
    """ALL-15-3."""
    one = bought("allectra", kind="business").told(ForceMajeureStarted(), at="2024-06-04")
    assert one.deadlines("force_majeure") == [("2024-08-04", "open")]
    one.told(ForceMajeureEnded(), at="2024-06-20")
    assert one.deadlines("force_majeure") == []
    about = {item.about for item in one.standing(Information)}
    assert about == {"force_majeure_started", "force_majeure_ended"}
    assert one.told(EVENT, at="2024-07-10").rulings("rescission") == ["refused"]


def test_a_second_event_counts_by_itself() -> None:
    one = bought("allectra", kind="business").told(ForceMajeureStarted(), at="2024-06-04")
    one.told(ForceMajeureEnded(), at="2024-06-20").told(ForceMajeureStarted(), at="2024-06-25")
    assert one.deadlines("force_majeure") == [("2024-08-25", "open")]


def test_delay_gives_its_right_while_an_event_lasts_unless_read_otherwise() -> None:
    for option, decision in [("both_rights", "accepted"), ("two_months_only", "refused")]:
        one = bought("allectra", readings={"allectra-force-majeure-and-delay": option})
        one.told(ForceMajeureStarted(), at="2024-06-20").told(LATE, at="2024-07-10")
        assert one.rulings("rescission") == [decision]


def test_only_who_is_released_may_give_up_while_an_event_lasts() -> None:
    """GAN-9-1 releases Gandalf alone, for as long as the event makes delivery impossible."""
    by_seller = RescissionDeclared(ground="force_majeure", by="seller")
    for declared, fact, decision in (
        ("2024-06-03T18:00", by_seller, "refused"),
        ("2024-06-06", by_seller, "accepted"),
        ("2024-06-06", EVENT, "refused"),
        ("2024-06-11", by_seller, "refused"),
    ):
        one = bought("gandalf", kind="business", prices="excluding_vat", channel="email")
        one.told(ForceMajeureStarted(), at="2024-06-04").told(ForceMajeureEnded(), at="2024-06-10")
        assert one.told(fact, at=declared).rulings("rescission") == [decision]
        assert one.refunds() == ({"delay": 1000_00} if decision == "accepted" else {})
        assert "GAN-9-1" in one.clauses("rescission")


def test_other_sellers_give_no_right_for_an_event_but_delay_is_enough() -> None:
    one = bought("sweeto").told(ForceMajeureStarted(), at="2024-01-04", known="2024-06-03T13:00")
    one.told(EVENT, at="2024-06-04T09:00")
    assert one.rulings("rescission") == ["refused"]
    assert one.told(EVENT, at="2024-06-20").rulings("rescission") == ["refused", "accepted"]


def test_the_order_of_arrival_changes_nothing() -> None:
    facts = [(ForceMajeureStarted(), "2024-06-04", "a"), (EVENT, "2024-08-06", "b"),
             (ForceMajeureEnded(), "2024-08-01", "c")]  # fmt: skip
    ends = []
    for order in (facts, facts[::-1]):
        one = bought("allectra", kind="business")
        for fact, at, id in order:
            one.told(fact, at=at, known="2024-08-10", id=id)
        ends.append((one.rulings("rescission"), one.refunds(), one.deadlines("force_majeure")))
    assert ends[0] == ends[1]
