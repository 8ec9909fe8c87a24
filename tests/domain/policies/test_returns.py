"""What a withdrawal gives back and when, and what the way back of the goods costs."""

from decimal import Decimal
from typing import Any

import pytest

from domain.facts import (
    Delivered, DiscretionExercised, InvoiceIssued, LineStruck, ParcelReturned, PaymentReceived,
    RefundPaid, Reshipped, ReturnAssessed, ReturnReceived, ReturnSent, Shipped, Unclaimed,
    WithdrawalAssessed, WithdrawalNotified,
)  # fmt: skip
from domain.fields import Shipping
from domain.outcomes import DecisionNeeded, Refund
from tests.domain.story import Story, goods, story

TWO = (goods("1", 600_00), goods("2", 200_00))


def delivered(seller: str = "allectra", paid: int | None = None, **order: Any) -> Story:
    """Ordered on 2 September 2024, received on the 5th, paid unless something else is said."""
    one = story(seller, placed="2024-09-02", **order)
    amount = one.order.state.goods + one.order.state.freight if paid is None else paid
    if amount:
        one.told(PaymentReceived(amount=amount), at="2024-09-02T15:00")
    one.told(Shipped(parcel="p1"), at="2024-09-03")
    return one.told(Delivered(parcel="p1"), at="2024-09-05")


def withdrawn(seller: str = "allectra", about: Any = None, **order: Any) -> Story:
    one = delivered(seller, **order)
    return one.told(WithdrawalNotified(lines=about, channel="email"), at="2024-09-10", id="w1")


def returned(seller: str = "allectra", about: Any = None, **order: Any) -> Story:
    one = withdrawn(seller, about, **order)
    return one.told(ReturnReceived(lines=about, packaging="ok"), at="2024-09-16", id="r1")


def only(one: Story) -> Refund:
    (refund,) = [item for item in one.standing(Refund) if item.kind == "withdrawal"]
    return refund


def breakdown(one: Story) -> dict[str, int]:
    return dict(only(one).breakdown)


# -- goods and delivery ---------------------------------------------------------------------------


@pytest.mark.parametrize("seller", ["allectra", "netzilla", "compumail", "sweeto"])
def test_the_whole_order_gives_back_everything_paid(seller: str) -> None:
    """DAL 2:14."""
    one = returned(seller, freight=59_00)
    assert breakdown(one) == {"goods": 1000_00, "delivery": 59_00}


@pytest.mark.parametrize(
    ("seller", "readings", "first", "second"),
    [
        ("allectra", {}, 200_00, 649_00),  # with the last part (ALL-11.1-1)
        ("allectra", {"allectra-partial-then-rest": "separate"}, 200_00, 600_00),
        ("sweeto", {}, 200_00, 649_00),  # the statute
        ("netzilla", {}, 212_25, 636_75),  # 49 x 200 / 800 and the rest (NET-13)
        ("netzilla", {"net-partial-return-freight": "per-line"}, 224_50, 624_50),
        ("netzilla", {"net-partial-return-freight": "kept-basket"}, 200_00, 649_00),
    ],
)
def test_a_part_and_then_the_rest_of_an_order(
    seller: str, readings: dict[str, str], first: int, second: int
) -> None:
    one = returned(seller, ("2",), lines=TWO, freight=49_00, readings=readings)
    assert only(one).amount == first
    one.told(WithdrawalNotified(lines=("1",), channel="web"), at="2024-09-17")
    assert one.refunds() == {"withdrawal": first + second}


def test_pieces_of_a_line_share_the_delivery_price_to_the_last_ore() -> None:
    """NET-13: three thirds of 50.00 are 50.00."""
    one = delivered("netzilla", lines=(goods("1", 100_00, quantity=3),), freight=50_00)
    for day in ("2024-09-10", "2024-09-11", "2024-09-12"):
        one.told(WithdrawalNotified(lines=("1",), quantity=1), at=day)
    assert sorted(refund.amount for refund in one.standing(Refund)) == [116_66, 116_67, 116_67]


@pytest.mark.parametrize(("struck", "shares"), [
    ("2024-09-03", {"undeliverable": 200_00, "withdrawal": 649_00}),
    ("2024-09-17", {"withdrawal": 600_00, "undeliverable": 249_00}),
])  # fmt: skip
def test_the_delivery_price_goes_back_with_what_leaves_last(
    struck: str, shares: dict[str, int]
) -> None:
    """DAL 2:14: nothing is left, whichever of a strike and a withdrawal came first."""
    one = story("allectra", placed="2024-09-02", lines=TWO, freight=49_00)
    one.told(PaymentReceived(amount=849_00), at="2024-09-02T15:00")
    one.told(LineStruck(line="2"), at=struck)
    one.told(Shipped(parcel="p1", lines=("1",)), at="2024-09-03T14:00")
    one.told(Delivered(parcel="p1"), at="2024-09-05")
    one.told(WithdrawalNotified(lines=("1",)), at="2024-09-10")
    assert one.refunds() == shares


@pytest.mark.parametrize(("seller", "kept"), [("allectra", 90_00), ("netzilla", 0)])
def test_a_dearer_delivery_is_given_back_as_far_as_the_terms_say(seller: str, kept: int) -> None:
    """DAL 2:15 lets the seller keep the excess; NET-12 promises the freight that was paid."""
    shipping = Shipping(method="express", price=139_00, standard_price=49_00)
    assert only(returned(seller, shipping=shipping)).amount == 1139_00 - kept


def test_no_more_goes_back_than_was_paid() -> None:
    """Nothing for an unpaid invoice; of a part payment what exceeds the goods that are kept."""
    assert returned("allectra", pay="invoice", paid=0).refunds() == {}
    one = returned("allectra", ("2",), lines=TWO, pay="invoice", paid=700_00)
    assert breakdown(one) == {"goods": 200_00, "unpaid": -100_00}
    one.told(InvoiceIssued(invoice="F1", amount=600_00), at="2024-09-18")
    one.told(PaymentReceived(amount=100_00), at="2024-09-19")
    assert breakdown(one) == {"goods": 200_00}


# -- when -----------------------------------------------------------------------------------------


def test_the_refund_waits_for_goods_or_proof_and_is_due_then_or_on_its_day() -> None:
    """DAL 2:14: the later of the notice plus fourteen days and the day of the release."""
    one = withdrawn()
    assert (str(only(one).due), only(one).withheld) == ("2024-09-24", True)
    assert one.deadlines("refund") == []
    one.told(ReturnSent(proof=False), at="2024-09-26")
    assert only(one).withheld
    one.told(ReturnSent(proof=True), at="2024-09-28")
    assert (str(only(one).due), only(one).withheld) == ("2024-09-28", False)
    assert one.deadlines("refund") == [("2024-09-28", "open")]


def test_the_sellers_day_is_a_saturday_where_it_falls_so() -> None:
    one = delivered("sweeto").told(WithdrawalNotified(), at="2024-09-07")
    one.told(ReturnReceived(), at="2024-09-12")
    assert str(only(one).due) == "2024-09-21"


def test_a_refund_paid_in_time_meets_its_deadline() -> None:
    one = returned()
    one.told(RefundPaid(amount=1000_00), at="2024-09-24").until("2024-10-01")
    assert one.deadlines("refund") == [("2024-09-24", "met")]


def test_goods_that_the_carrier_brings_back_are_back() -> None:
    one = story(placed="2024-09-02").told(PaymentReceived(amount=1000_00), at="2024-09-02")
    one.told(Shipped(parcel="p1"), at="2024-09-03")
    one.told(WithdrawalNotified(), at="2024-09-04")
    assert only(one).withheld
    one.told(Unclaimed(parcel="p1"), at="2024-09-14")
    one.told(ParcelReturned(parcel="p1"), at="2024-09-20")
    assert (str(only(one).due), only(one).withheld) == ("2024-09-20", False)


def test_nothing_is_awaited_where_nothing_was_sent() -> None:
    one = story("sweeto").told(PaymentReceived(amount=1000_00), at="2024-03-05")
    one.told(WithdrawalNotified(), at="2024-03-06")
    assert (str(only(one).due), only(one).withheld) == ("2024-03-20", False)
    assert one.deadlines("return_goods") == []


def test_each_notice_waits_for_its_own_goods() -> None:
    one = delivered("netzilla", lines=(goods("1", 100_00, quantity=2),))
    one.told(WithdrawalNotified(lines=("1",), quantity=1), at="2024-09-10")
    one.told(ReturnReceived(lines=("1",)), at="2024-09-12")
    one.told(WithdrawalNotified(lines=("1",), quantity=1), at="2024-09-16")
    assert sorted(refund.withheld for refund in one.standing(Refund)) == [False, True]


def test_goods_of_two_notices_can_come_back_together() -> None:
    one = delivered("netzilla", lines=(goods("1", 100_00, quantity=2),))
    one.told(WithdrawalNotified(lines=("1",), quantity=1), at="2024-09-10")
    one.told(WithdrawalNotified(lines=("1",), quantity=1), at="2024-09-12")
    one.told(ReturnReceived(lines=("1",)), at="2024-09-16")
    assert [refund.withheld for refund in one.standing(Refund)] == [False, False]


def test_a_reading_may_count_from_acceptance() -> None:
    """allectra-refund-clock."""
    one = returned(readings={"allectra-refund-clock": "from_acceptance"})
    one.told(ReturnAssessed(approved=True), at="2024-09-18")
    assert str(only(one).due) == "2024-10-02"


@pytest.mark.parametrize(
    ("seller", "fact", "due"),
    [
        ("allectra", None, [("2024-09-24", "open")]),
        ("netzilla", None, []),
        ("netzilla", WithdrawalAssessed(accepted=True), [("2024-09-26", "open")]),
        ("compumail", None, [("2024-09-24", "open")]),
        ("sweeto", ReturnSent(proof=True), [("2024-09-24", "met")]),
    ],
)
def test_the_goods_go_back_within_fourteen_days(seller: str, fact: Any, due: list[Any]) -> None:
    """Of the notice (DAL 2:13, ALL-8.3-1), at Netzilla of its assessment (NET-18)."""
    one = withdrawn(seller)
    if fact:
        one.told(fact, at="2024-09-12")
    assert one.deadlines("return_goods") == due


# -- what is deducted -----------------------------------------------------------------------------


@pytest.mark.parametrize("seller", ["allectra", "netzilla", "sweeto", "compumail"])
@pytest.mark.parametrize(
    ("cause", "informed", "lost"),
    [
        ("excess_handling", True, 125_00),
        ("damage", True, 125_00),
        ("inspection", True, 0),
        ("excess_handling", False, 0),
    ],
)
def test_loss_of_value_from_excess_handling_is_deducted_from_the_informed(
    seller: str, cause: Any, informed: bool, lost: int
) -> None:
    """DAL 2:15; a term that deducts more is bounded by it."""
    one = returned(seller, terms_informed=informed)
    assessed = ReturnAssessed(value_loss_percent=Decimal("12.5"), cause=cause)
    one.told(assessed, at="2024-09-17")
    assert only(one).amount == 1000_00 - lost


def test_the_condition_after_the_statutory_period_is_a_persons_judgement() -> None:
    """NET-9 on the reading open-purchase: 30 to 100 per cent."""
    readings = {"net-extended-period-regime": "open-purchase"}
    one = delivered("netzilla", readings=readings)
    one.told(WithdrawalNotified(), at="2024-09-25")
    one.told(ReturnReceived(packaging="damaged"), at="2024-09-27")
    (asked,) = one.standing(DecisionNeeded)
    assert (asked.about, asked.bounds) == ("return", (30, 100))
    decided = DiscretionExercised(about="return", decision="deduct", percent=Decimal(45))
    one.told(decided, at="2024-09-28")
    assert breakdown(one) == {"goods": 1000_00, "value_loss": -450_00}
    assert one.decisions() == []


@pytest.mark.parametrize(("informed", "cost"), [(True, 65_00), (False, 0)])
def test_the_prepaid_label_is_the_customers_cost_if_that_was_said(
    informed: bool, cost: int
) -> None:
    """DAL 2:13."""
    one = withdrawn(terms_informed=informed)
    one.told(ReturnSent(proof=True, label="prepaid", label_cost=65_00), at="2024-09-12")
    assert only(one).amount == 1000_00 - cost


@pytest.mark.parametrize("seller", ["allectra", "netzilla", "sweeto", "compumail"])
def test_the_postage_of_who_was_not_informed_is_paid_back(seller: str) -> None:
    one = withdrawn(seller, terms_informed=False)
    one.told(ReturnSent(proof=True, label="own", label_cost=65_00), at="2024-09-12")
    assert one.refunds() == {"withdrawal": 1000_00, "freight_reimbursement": 65_00}


def test_a_return_left_with_an_agent_costs_its_pickup() -> None:
    """ALL-7.8-2, in the refund or beside it (allectra-agent-return-charge)."""
    sent = ReturnSent(proof=True, to="agent")
    inside = withdrawn().told(sent, at="2024-09-12")
    assert (inside.refunds(), inside.fees()) == ({"withdrawal": 850_00}, {})
    beside = withdrawn(readings={"allectra-agent-return-charge": "separate_fee"})
    beside.told(sent, at="2024-09-12")
    assert beside.refunds() == {"withdrawal": 1000_00}
    assert beside.fees() == {"return_pickup": 150_00}
    assert withdrawn("sweeto").told(sent, at="2024-09-12").refunds() == {"withdrawal": 1000_00}


@pytest.mark.parametrize(
    ("seller", "readings", "refund", "fees"),
    [
        ("allectra", {}, 1000_00, {}),
        ("allectra", {"allectra-uncollected-return-cost": "return_freight"}, 1000_00,
         {"return_freight": 80_00}),
        ("netzilla", {"net-returned-uncollected-cost": "customer"}, 920_00, {}),
    ],
)  # fmt: skip
def test_the_carriers_way_back_of_what_was_never_collected(
    seller: str, readings: dict[str, str], refund: int, fees: dict[str, int]
) -> None:
    one = story(seller, readings=readings).told(PaymentReceived(amount=1000_00), at="2024-03-05")
    one.told(Shipped(parcel="p1"), at="2024-03-05")
    one.told(WithdrawalNotified(), at="2024-03-06")
    one.told(ParcelReturned(parcel="p1", return_cost=80_00), at="2024-03-18")
    assert (one.refunds(), one.fees()) == ({"withdrawal": refund}, fees)


# -- customs, and what becomes known after the payment ---------------------------------------------


def from_abroad(known: str, country: str = "NO", **order: Any) -> Story:
    one = withdrawn(**order)
    one.told(ReturnSent(proof=True, from_country=country), at="2024-09-12")
    one.told(RefundPaid(amount=1000_00), at="2024-09-24")
    return one.told(ReturnReceived(customs_cost=70_00), at="2024-09-20", known=known)


def test_customs_of_a_return_from_outside_the_union_are_set_off() -> None:
    """ALL-7.7-6, where they were known when the refund was paid."""
    one = withdrawn().told(ReturnSent(proof=True, from_country="NO"), at="2024-09-12")
    one.told(ReturnReceived(customs_cost=70_00), at="2024-09-20")
    assert breakdown(one) == {"goods": 1000_00, "customs": -70_00}
    inside = withdrawn().told(ReturnSent(proof=True, from_country="DE"), at="2024-09-12")
    inside.told(ReturnReceived(customs_cost=70_00), at="2024-09-20")
    assert breakdown(inside) == {"goods": 1000_00}


def test_a_cost_known_only_after_the_payment_leaves_the_refund_as_it_was_paid() -> None:
    late = from_abroad(known="2024-09-26")
    assert (late.refunds(), late.fees(), late.decisions()) == ({"withdrawal": 1000_00}, {}, [])
    claimed = from_abroad(
        known="2024-09-26", readings={"allectra-late-customs-cost": "claim_afterwards"}
    )
    assert claimed.refunds() == {"withdrawal": 1000_00}
    assert claimed.fees() == {"return_freight": 70_00}


# -- the wrong seller -----------------------------------------------------------------------------


def to_the_wrong_seller(**order: Any) -> Story:
    one = withdrawn(**order).told(ReturnSent(proof=True, to="other_seller"), at="2024-09-12")
    return one.told(ReturnReceived(forwarding_cost=90_00), at="2024-09-16", id="r1")


@pytest.mark.parametrize(
    ("decision", "fees"),
    [
        ({"decision": "charge"}, {"wrong_seller_handling": 90_00}),
        ({"decision": "charge", "amount": 40_00}, {"wrong_seller_handling": 40_00}),
        ({"decision": "deduct", "amount": 90_00}, {"wrong_seller_handling": 90_00}),
        ({"decision": "waive"}, {}),
    ],
)
def test_forwarding_may_be_asked_for_up_to_its_cost(
    decision: dict[str, Any], fees: dict[str, int]
) -> None:
    """ALL-8.7-2: "may" waits for a person."""
    one = to_the_wrong_seller()
    assert (one.fees(), one.decisions()) == ({}, ["wrong_seller_handling"])
    told = DiscretionExercised(about="wrong_seller_handling", **decision)
    one.told(told, at="2024-09-17")
    assert (one.fees(), one.decisions()) == (fees, [])
    assert one.refunds() == {"withdrawal": 1000_00}


def test_a_reading_takes_the_forwarding_from_the_refund() -> None:
    """allectra-wrong-seller-charge."""
    one = to_the_wrong_seller(readings={"allectra-wrong-seller-charge": "deduction"})
    told = DiscretionExercised(about="wrong_seller_handling:r1", decision="charge")
    one.told(told, at="2024-09-17")
    assert breakdown(one) == {"goods": 1000_00, "forwarding": -90_00}


def test_free_freight_stays_free_unless_a_reading_recharges_it() -> None:
    """sweeto-free-freight-partial-return: the kept goods are worth 400 at most."""
    lines = (goods("1", 300_00), goods("2", 250_00))
    assert only(returned("sweeto", ("2",), lines=lines)).amount == 250_00
    readings = {"sweeto-free-freight-partial-return": "recharge_59"}
    one = returned("sweeto", ("2",), lines=lines, readings=readings)
    assert breakdown(one) == {"goods": 250_00, "fee": -59_00}


def test_a_retracted_notice_takes_everything_with_it() -> None:
    one = returned("netzilla").retracted("w1", at="2024-09-18")
    assert (one.refunds(), one.rulings("withdrawal")) == ({}, [])


def test_a_paid_refund_that_is_not_owed_any_more_waits_for_a_person() -> None:
    one = returned("netzilla").told(RefundPaid(amount=1000_00), at="2024-09-20")
    one.retracted("w1", at="2024-09-22")
    assert (one.refunds(), one.decisions()) == ({}, ["refund"])


def test_arrival_out_of_order_comes_to_the_same() -> None:
    one = delivered().told(ReturnReceived(), at="2024-09-16")
    one.told(WithdrawalNotified(), at="2024-09-10", known="2024-09-18")
    assert (str(only(one).due), only(one).withheld) == ("2024-09-24", False)


def test_goods_that_were_sent_again_are_not_back_until_they_come_back_again() -> None:
    """The refund waits although the carrier had brought the parcel back before."""
    one = story("netzilla", placed="2024-09-02").told(Shipped(parcel="p1"), at="2024-09-03")
    one.told(PaymentReceived(amount=1000_00), at="2024-09-03")
    one.told(Unclaimed(parcel="p1"), at="2024-09-17")
    one.told(ParcelReturned(parcel="p1"), at="2024-09-19")
    one.told(Reshipped(parcel="p1", freight=60_00), at="2024-09-20")
    one.told(WithdrawalNotified(), at="2024-09-21")
    assert only(one).withheld
    one.told(ParcelReturned(parcel="p1"), at="2024-10-07")
    assert not only(one).withheld
    assert str(only(one).due) == "2024-10-07"
