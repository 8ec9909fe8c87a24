"""What leaves an order in whatever ways and steps: each piece once, its delivery price once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import (
    CancellationRequested, Delivered, LineStruck, PaymentReceived, RescissionDeclared,
    ReturnReceived, ReturnSent, Shipped, WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import Deadline, Refund
from tests.domain.story import Story, goods, story

LINES = (goods("1", 250_00, quantity=3), goods("2", 400_00), goods("3", 90_00, quantity=2))
WHOLE = 3 * 250_00 + 400_00 + 2 * 90_00 + 60_00


def ordered(seller: str = "allectra", paid: int = WHOLE, **order: Any) -> Story:
    """Ordered on 2 September 2024; late from 3 October."""
    one = story(seller, placed="2024-09-02", **{"lines": LINES, "freight": 60_00, **order})
    return one.told(PaymentReceived(amount=paid), at="2024-09-02T15:00") if paid else one


def paid_back(one: Story) -> dict[str, int]:
    """Cause or line of each refund -> its amount."""
    return {item.cause or str(item.line): item.amount for item in one.standing(Refund)}


ABOUT = st.one_of(st.none(), st.sampled_from([("1",), ("2",), ("3",), ("1", "3")]))
LEAVING = st.one_of(
    st.builds(WithdrawalNotified, lines=ABOUT, quantity=st.sampled_from([None, 1, 2])),
    st.builds(CancellationRequested, lines=ABOUT, channel=st.just("email")),
    st.builds(RescissionDeclared, lines=ABOUT, ground=st.just("delay")),
    st.builds(LineStruck, line=st.sampled_from(["1", "2", "3"])),
)


@settings(max_examples=60)
@given(st.lists(LEAVING, max_size=7), st.sampled_from(["allectra", "netzilla", "sweeto"]),
       st.sampled_from([0, 333_33, WHOLE]))  # fmt: skip
def test_no_more_goes_back_than_was_paid_and_all_of_it_with_the_last(
    facts: list[Any], seller: str, paid: int
) -> None:
    one = ordered(seller, paid)
    for day, fact in enumerate(facts, 4):
        one.told(fact, at=f"2024-10-{day:02}")
    one.told(CancellationRequested(channel="email"), at="2024-10-20")
    one.told(WithdrawalNotified(channel="email"), at="2024-10-21")
    assert sum(paid_back(one).values()) == paid


def test_what_became_of_a_message_is_not_changed_by_a_later_one() -> None:
    one = ordered().told(WithdrawalNotified(lines=("1",), quantity=1), at="2024-09-05", id="w")
    before = [item for item in one.standing(Refund) if item.cause == "w"]
    one.told(RescissionDeclared(ground="delay"), at="2024-10-03", id="r")
    assert [item for item in one.standing(Refund) if item.cause == "w"] == before
    assert paid_back(one) == {"w": 250_00, "r": WHOLE - 250_00}


def test_the_rest_is_cancelled_with_the_delivery_price() -> None:
    """The part that was withdrawn from before gave none of it back (ALL-11.1-3)."""
    one = ordered().told(WithdrawalNotified(lines=("1",)), at="2024-09-03", id="w")
    one.told(CancellationRequested(channel="email"), at="2024-09-04", id="c")
    assert paid_back(one) == {"w": 750_00, "c": 400_00 + 180_00 + 60_00}


def test_each_step_gives_its_part_of_the_delivery_price_where_the_terms_divide_it() -> None:
    """NET-13: 750 of 1,330 is the share of the first, the rest goes with the last."""
    one = ordered("netzilla").told(WithdrawalNotified(lines=("1",)), at="2024-09-03", id="w")
    one.told(CancellationRequested(channel="email"), at="2024-09-04", id="c")
    one.told(WithdrawalNotified(), at="2024-09-04T14:00", id="v")
    assert paid_back(one)["w"] == 750_00 + 33_83
    assert sum(paid_back(one).values()) == WHOLE


@pytest.mark.parametrize("way", [
    CancellationRequested(lines=("2", "3"), channel="email"),
    WithdrawalNotified(lines=("2", "3")),
])  # fmt: skip
def test_the_period_does_not_wait_for_what_left_before_it_came(way: Any) -> None:
    """Receipt of all that is left begins the fourteen days (DAL 2:12)."""
    one = ordered().told(way, at="2024-09-03")
    one.told(Shipped(parcel="p1", lines=("1",)), at="2024-09-03T14:00")
    one.told(Delivered(parcel="p1"), at="2024-09-05")
    (due,) = [item.due for item in one.standing(Deadline) if item.kind == "withdrawal"]
    assert due.isoformat() == "2024-09-19"


def test_the_period_waits_until_what_is_outstanding_has_left() -> None:
    one = ordered().told(Shipped(parcel="p1", lines=("1", "3")), at="2024-09-03")
    one.told(Delivered(parcel="p1"), at="2024-09-05")
    assert not [item for item in one.standing(Deadline) if item.kind == "withdrawal"]
    one.told(CancellationRequested(lines=("2",), channel="email"), at="2024-09-16")
    (due,) = [item.due for item in one.standing(Deadline) if item.kind == "withdrawal"]
    assert due.isoformat() == "2024-09-30"


def received() -> Story:
    one = ordered().told(Shipped(parcel="p1"), at="2024-09-03")
    return one.told(Delivered(parcel="p1"), at="2024-09-05")


def test_a_return_without_a_word_counts_though_a_notice_follows() -> None:
    """ALL-8.6-1: the goods spoke first."""
    one = received().told(ReturnSent(lines=("2",), message=False), at="2024-09-09", id="s")
    one.told(WithdrawalNotified(lines=("2",)), at="2024-09-12", id="w")
    assert paid_back(one) == {"s": 400_00}


def test_where_nobody_said_whether_a_message_came_along_the_notice_counts() -> None:
    one = received().told(ReturnSent(lines=("2",)), at="2024-09-09", id="s")
    assert paid_back(one) == {"s": 400_00}
    one.told(WithdrawalNotified(lines=("2",)), at="2024-09-12", id="w")
    assert paid_back(one) == {"w": 400_00}


def test_goods_that_come_back_after_a_part_notice_say_nothing_of_the_other_pieces() -> None:
    one = received().told(WithdrawalNotified(lines=("1",), quantity=1), at="2024-09-09", id="w")
    one.told(ReturnReceived(lines=("1",)), at="2024-09-12")
    assert paid_back(one) == {"w": 250_00}
