"""Who may withdraw, until when, from what, and the answer to each notice."""

from datetime import date
from typing import Any

import pytest

from domain.facts import (
    CancellationRequested, Collected, ComplaintReported, Delivered, DiscretionExercised, LineStruck,
    ParcelReturned, PaymentReceived, Reshipped, ReturnReceived, ReturnSent, ShipmentLost, Shipped,
    Unclaimed, WithdrawalNotified,
)  # fmt: skip
from domain.fields import Campaign, Shipping
from domain.outcomes import Acknowledgement, Ruling
from tests.domain.story import Story, goods, story


def delivered(seller: str = "allectra", on: str = "2024-09-03", **order: Any) -> Story:
    """An order paid in full, sent in one parcel, and received on a day."""
    order.setdefault("placed", "2024-08-29")
    one = story(seller, **order)
    one.told(PaymentReceived(amount=one.order.state.goods), at="2024-08-29T15:00")
    one.told(Shipped(parcel="p1"), at="2024-08-30")
    return one.told(Delivered(parcel="p1"), at=on, id="delivered")


def withdrawn(seller: str, at: str, **order: Any) -> Story:
    return delivered(seller, **order).told(WithdrawalNotified(channel="email"), at=at)


# -- until when -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2024-09-03", "2024-09-17"),  # day 0 is the day of receipt
        ("2024-02-15", "2024-02-29"),  # over a leap day
        ("2024-06-07", "2024-06-24"),  # Midsummer Eve, then a weekend
        ("2024-12-10", "2024-12-27"),  # Christmas Eve and the two days after it
        ("2024-03-23", "2024-04-08"),  # a Saturday; the clocks change within
    ],
)
def test_a_consumer_has_fourteen_days_that_end_on_a_working_day(received: str, last: str) -> None:
    """SWE-angerratt-1, DAL 2:12, LT 2: the last day for an act of the customer moves."""
    placed = f"{received[:8]}01"
    one = story("sweeto", placed=placed).told(Shipped(parcel="p1"), at=placed)
    one.told(Delivered(parcel="p1"), at=received)
    assert one.deadlines("withdrawal") == [(last, "open")]


def test_the_last_instant_of_the_last_day_is_in_time_and_the_next_is_not() -> None:
    """A message counts when it is sent; the seller's clock lapses at midnight in Stockholm."""
    late, timely = "2024-09-18T00:00", "2024-09-17T23:59:59"
    assert withdrawn("sweeto", timely).rulings("withdrawal") == ["accepted"]
    refused = withdrawn("sweeto", late)
    assert refused.rulings("withdrawal") == ["refused"]
    assert refused.deadlines("withdrawal") == [("2024-09-17", "lapsed")]


def test_the_last_parcel_starts_the_period() -> None:
    """DAL 2:12: several goods of one order, the last one received."""
    one = story("netzilla", lines=(goods("1", 100_00), goods("2", 200_00)), placed="2024-04-01")
    one.told(Shipped(parcel="p1", lines=("1",)), at="2024-04-02")
    one.told(Delivered(parcel="p1"), at="2024-04-03")
    one.told(Shipped(parcel="p2", lines=("2",)), at="2024-04-05")
    assert one.deadlines("withdrawal") == []
    one.told(Delivered(parcel="p2"), at="2024-04-08")
    assert one.deadlines("withdrawal") == [("2024-05-08", "open")]


def test_a_parcel_that_came_back_and_was_sent_again_is_awaited() -> None:
    lines = (goods("1", 100_00), goods("2", 200_00))
    one = story("sweeto", lines=lines, placed="2024-04-01")
    one.told(Shipped(parcel="p1"), at="2024-04-02").told(Delivered(parcel="p1"), at="2024-04-03")
    one.told(Shipped(parcel="p2", lines=("2",)), at="2024-04-03")
    one.told(ParcelReturned(parcel="p2"), at="2024-04-10")
    assert one.deadlines("withdrawal") == [("2024-04-17", "open")]
    one.told(Reshipped(parcel="p2"), at="2024-04-11")
    assert one.deadlines("withdrawal") == []
    one.told(Collected(parcel="p2"), at="2024-04-15")
    assert one.deadlines("withdrawal") == [("2024-04-29", "open")]


def test_a_lost_parcel_is_not_awaited_when_another_brought_the_goods() -> None:
    one = story("sweeto", placed="2024-04-01").told(Shipped(parcel="p1"), at="2024-04-02")
    one.told(ShipmentLost(parcel="p1"), at="2024-04-08")
    one.told(Shipped(parcel="p2", lines=("1",)), at="2024-04-09")
    one.told(Delivered(parcel="p2"), at="2024-04-10")
    assert one.deadlines("withdrawal") == [("2024-04-24", "open")]


def test_the_strike_of_the_last_item_outstanding_starts_the_period() -> None:
    """Until then the customer was waiting for it (net-struck-last-item)."""
    lines = (goods("1", 100_00), goods("2", 200_00))
    one = story("netzilla", lines=lines, placed="2024-04-01")
    one.told(Shipped(parcel="p1", lines=("1",)), at="2024-04-02")
    one.told(Delivered(parcel="p1"), at="2024-04-03")
    one.told(LineStruck(line="2"), at="2024-04-15")
    assert one.deadlines("withdrawal") == [("2024-05-15", "open")]


def test_who_was_not_informed_has_a_year_more() -> None:
    """DAL 2:12; the day of the end is counted first and moved afterwards."""
    one = delivered("sweeto", on="2024-02-15", placed="2024-02-01", terms_informed=False)
    assert one.deadlines("withdrawal") == [("2025-02-28", "open")]


def test_a_campaign_lengthens_the_period_of_orders_placed_in_it() -> None:
    """ALL-14.1-1: it stays with the order when the campaign ends."""
    campaign = Campaign(name="c", withdrawal_days=45, until=None)
    assert delivered(campaign=campaign).deadlines("withdrawal") == [("2024-10-18", "open")]


def test_a_campaign_that_does_not_outlive_itself_falls_back_when_it_ends() -> None:
    """allectra-campaign-end, plain_terms: what was told within the campaign stays good."""
    campaign = Campaign(name="c", withdrawal_days=45, until=date(2024, 9, 30))
    readings = {"allectra-campaign-end": "plain_terms", "allectra-open-purchase": "fourteen_days"}
    one = delivered(campaign=campaign, readings=readings)
    assert one.deadlines("withdrawal") == [("2024-10-18", "open")]
    early = delivered(campaign=campaign, readings=readings)
    early.told(WithdrawalNotified(channel="web"), at="2024-09-30T23:00").until("2024-10-02")
    assert early.rulings("withdrawal") == ["accepted"]
    one.until("2024-10-02")
    assert one.deadlines("withdrawal") == [("2024-09-17", "lapsed")]


def test_the_open_purchase_lasts_beyond_the_statutory_period() -> None:
    """ALL-0-3: thirty days from receipt on the conditions of the withdrawal."""
    one = withdrawn("allectra", "2024-09-30")
    assert one.rulings("withdrawal") == ["accepted"]
    assert one.deadlines("sales_return") == [("2024-10-03", "met")]
    assert "ALL-0-3" in one.clauses("withdrawal")


def test_nothing_has_begun_before_the_goods_are_there() -> None:
    """DAL 2:10: the right exists before delivery, and its period has no end yet."""
    one = story("netzilla").told(PaymentReceived(amount=1000_00), at="2024-03-05")
    one.told(WithdrawalNotified(channel="web"), at="2024-03-06")
    assert one.deadlines("withdrawal") == []
    assert one.refunds() == {"withdrawal": 1000_00}


def test_a_delivery_taken_back_cancels_what_ran_from_it() -> None:
    one = withdrawn("sweeto", "2024-10-20")
    assert one.rulings("withdrawal") == ["refused"]
    one.retracted("delivered", at="2024-10-21")
    assert one.rulings("withdrawal") == ["accepted"]
    assert one.deadlines("withdrawal") == []


# -- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seller", ["allectra", "netzilla", "compumail", "sweeto", "gandalf"])
def test_a_company_has_no_right(seller: str) -> None:
    one = withdrawn(seller, "2024-09-05", kind="business")
    assert one.rulings("withdrawal") == ["refused"]
    assert one.refunds() == {}
    assert one.deadlines("withdrawal") == []


def test_the_terms_alone_rule_a_company_that_was_given_the_right() -> None:
    """allectra-business-withdrawal, everyone: no statute, and the last day stays a Saturday."""
    readings = {"allectra-business-withdrawal": "everyone"}
    one = delivered(kind="business", on="2024-08-31", readings=readings)
    assert one.deadlines("withdrawal") == [("2024-09-14", "open")]
    one.told(WithdrawalNotified(channel="email"), at="2024-09-14")
    assert one.rulings("withdrawal") == ["accepted"]
    assert not any(clause.startswith("DAL") for clause in one.clauses("withdrawal"))


def test_a_purchase_face_to_face_is_no_distance_contract() -> None:
    """SWE-angerratt-2."""
    one = withdrawn("sweeto", "2024-09-05", channel="in_person")
    assert one.rulings("withdrawal") == ["refused"]


def test_collecting_what_was_ordered_at_a_distance_takes_nothing_away() -> None:
    pickup = Shipping(method="pickup", price=0)
    assert withdrawn("sweeto", "2024-09-05", shipping=pickup).rulings("withdrawal") == ["accepted"]
    readings = {"sweeto-pickup-after-web-payment": "handover_excludes"}
    other = withdrawn("sweeto", "2024-09-05", shipping=pickup, readings=readings)
    assert other.rulings("withdrawal") == ["refused"]


# -- from what ------------------------------------------------------------------------------------


@pytest.mark.parametrize("trait", ["made_to_order", "perishable"])
def test_the_statute_excludes_some_goods_whatever_was_done_with_them(trait: Any) -> None:
    one = withdrawn("netzilla", "2024-09-05", lines=(goods("1", 100_00, traits=(trait,)),))
    assert one.rulings("withdrawal") == ["refused"]
    assert "DAL-2:11" in one.clauses("withdrawal")


@pytest.mark.parametrize(
    ("traits", "broken", "answer"),
    [
        (("sealed", "hygiene"), True, "refused"),
        (("sealed", "hygiene"), False, "accepted"),
        (("hygiene",), True, "accepted"),
        (("sealed", "software"), True, "refused"),
        (("sealed",), True, "accepted"),
        (("consumable",), False, "accepted"),
        (("custom_computer",), False, "accepted"),
    ],
)
def test_a_seal_excludes_only_hygiene_goods_and_programs_when_it_is_broken(
    traits: Any, broken: bool, answer: str
) -> None:
    """DAL 2:11 items 5 and 8; a wider exclusion is worse for a consumer and falls (DAL 1:4)."""
    one = withdrawn("allectra", "2024-09-05", lines=(goods("1", 100_00, traits=traits),))
    one.told(ReturnReceived(seal_broken=broken), at="2024-09-09")
    assert one.rulings("withdrawal") == [answer]


def test_goods_that_can_be_cleaned_may_be_no_hygiene_goods() -> None:
    """allectra-cleanable-appliances."""
    dryer = (goods("1", 100_00, category="hair_dryers", traits=("sealed", "hygiene")),)
    readings = {"allectra-cleanable-appliances": "value_loss_only"}
    one = withdrawn("allectra", "2024-09-05", lines=dryer, readings=readings)
    one.told(ReturnReceived(seal_broken=True), at="2024-09-09")
    assert one.rulings("withdrawal") == ["accepted"]


def test_a_download_is_excluded_once_it_began_with_consent() -> None:
    """DAL 2:11 item 11; its period runs from the contract (DAL 2:12)."""
    for consent, answer in ((True, "refused"), (False, "accepted")):
        line = goods("1", 199_00, traits=("digital",), consent_to_start=consent)
        one = story("allectra", lines=(line,), placed="2024-04-02")
        one.told(PaymentReceived(amount=199_00), at="2024-04-02T13:00")
        one.told(Delivered(lines=("1",)), at="2024-04-03")
        one.told(WithdrawalNotified(channel="web"), at="2024-04-16")
        assert one.rulings("withdrawal") == [answer]


def test_lines_that_fare_differently_are_answered_one_by_one() -> None:
    lines = (goods("1", 100_00), goods("2", 200_00, traits=("made_to_order",)))
    one = withdrawn("netzilla", "2024-09-05", lines=lines)
    found = {ruling.line: ruling.decision for ruling in one.standing(Ruling) if ruling.cause}
    assert found == {"1": "accepted", "2": "refused"}


# -- what counts as a notice ----------------------------------------------------------------------


def test_two_notices_for_the_same_goods_are_one_withdrawal() -> None:
    one = withdrawn("allectra", "2024-09-05").told(WithdrawalNotified(), at="2024-09-06")
    assert one.rulings("withdrawal") == ["accepted"]
    assert one.refunds() == {"withdrawal": 1000_00}


def test_a_call_is_a_notice_unless_the_terms_may_ask_for_an_email() -> None:
    """sweeto-withdrawal-channel."""
    by_phone = WithdrawalNotified(channel="phone")
    assert delivered("sweeto").told(by_phone, at="2024-09-05").rulings("withdrawal") == ["accepted"]
    one = delivered("sweeto", readings={"sweeto-withdrawal-channel": "email_only"})
    one.told(by_phone, at="2024-09-05")
    assert one.rulings("withdrawal") == ["refused"]
    one.told(WithdrawalNotified(channel="email"), at="2024-09-06")
    assert sorted(one.rulings("withdrawal")) == ["accepted", "refused"]


def test_goods_sent_back_without_a_word_are_a_withdrawal() -> None:
    """ALL-8.6-1: posting is the notice; without a known posting the arrival is."""
    one = delivered().told(ReturnSent(message=False, proof=True), at="2024-09-16")
    one.told(ReturnReceived(), at="2024-09-20")
    assert one.deadlines("withdrawal") == [("2024-09-17", "met")]
    arrived = delivered().told(ReturnReceived(), at="2024-09-16")
    assert arrived.rulings("withdrawal") == ["accepted"]
    elsewhere = delivered("netzilla").told(ReturnReceived(), at="2024-09-16")
    assert elsewhere.rulings("withdrawal") == []


def test_goods_sent_back_for_a_fault_are_no_withdrawal() -> None:
    one = delivered().told(ComplaintReported(lines=("1",)), at="2024-09-10")
    one.told(ReturnReceived(lines=("1",)), at="2024-09-16")
    assert one.rulings("withdrawal") == []


def test_a_late_cancellation_of_a_consumer_is_a_withdrawal() -> None:
    """The law needs no certain word (DAL 2:10)."""
    one = delivered("sweeto").told(CancellationRequested(channel="email"), at="2024-09-05")
    assert one.rulings("cancellation") == ["refused"]
    assert one.rulings("withdrawal") == ["accepted"]
    company = delivered("sweeto", kind="business")
    company.told(CancellationRequested(channel="email"), at="2024-09-05")
    assert company.rulings("withdrawal") == []


def test_uncollected_goods_can_be_withdrawn_from_by_a_consumer() -> None:
    """ALL-7.8-3 is worse than the statute and falls."""
    one = story().told(PaymentReceived(amount=1000_00), at="2024-03-05")
    one.told(Shipped(parcel="p1"), at="2024-03-05").told(Unclaimed(parcel="p1"), at="2024-03-15")
    one.told(ParcelReturned(parcel="p1", return_cost=95_00), at="2024-03-18")
    one.told(WithdrawalNotified(), at="2024-03-21")
    assert (one.rulings("withdrawal"), one.fees()) == (["accepted"], {})
    assert {"ALL-7.8-3", "DAL-1:4"} <= one.clauses("withdrawal")


@pytest.mark.parametrize(
    ("about", "answer"),
    [
        ("withdrawal", "accepted"),
        ("withdrawal:n1", "accepted"),
        ("withdrawal:1#n1", "accepted"),
        ("withdrawal:n2", "refused"),
    ],
)
def test_staff_may_accept_a_late_notice_named_in_any_way(about: str, answer: str) -> None:
    one = delivered("sweeto").told(WithdrawalNotified(), at="2024-10-20", id="n1")
    one.told(DiscretionExercised(about=about, decision="accepted"), at="2024-10-21")
    assert one.rulings("withdrawal") == [answer]


def test_the_order_in_which_facts_arrive_does_not_matter() -> None:
    one = story("sweeto").told(Shipped(parcel="p1"), at="2024-03-05")
    one.told(WithdrawalNotified(channel="email"), at="2024-03-20")
    one.told(Collected(parcel="p1"), at="2024-03-06", known="2024-03-25")
    assert one.rulings("withdrawal") == ["accepted"]
    assert one.deadlines("withdrawal") == [("2024-03-20", "met")]


def test_messages_through_the_site_and_the_withdrawal_function_are_confirmed() -> None:
    """DAL 2:10, and 2:10 a for contracts from 2026-06-19; Netzilla confirms all."""
    one = story("sweeto", placed="2026-06-22")
    one.told(WithdrawalNotified(channel="withdrawal_function"), at="2026-06-23")
    assert {"DAL-2:10", "DAL-2:10a", "CRD-11a"} <= one.clauses("withdrawal")
    by_post = story("sweeto").told(WithdrawalNotified(channel="letter"), at="2024-03-06")
    assert by_post.standing(Acknowledgement) == []
    by_post = story("netzilla").told(WithdrawalNotified(channel="letter"), at="2024-03-06")
    assert len(by_post.standing(Acknowledgement)) == 1


def test_consumables_that_keep_are_no_exception_whatever_the_terms_say() -> None:
    """SWE-angerratt-5 falls beyond DAL 2:11; perishable ones stay excepted."""
    for traits, answer in (
        (("consumable",), "accepted"),
        (("consumable", "perishable"), "refused"),
    ):
        lines = (goods("1", 90_00, traits=traits),)
        one = withdrawn("sweeto", "2024-09-10", lines=lines)
        assert one.rulings("withdrawal") == [answer]
        assert {"SWE-angerratt-5", "DAL-2:11"} <= one.clauses("withdrawal")
        assert ("DAL-1:4" in one.clauses("withdrawal")) == (answer == "accepted")
