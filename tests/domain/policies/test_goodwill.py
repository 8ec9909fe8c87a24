"""What people give and ask beside the terms: within its bound, with its decision as the reason."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.explain import sentence
from domain.facts import (
    DiscretionExercised, OrderChanged, PaymentReceived, RefundPaid, Retracted, Shipped,
    WithdrawalNotified,
)  # fmt: skip
from domain.outcomes import DecisionNeeded, Fee, Refund, Ruling
from tests.domain.discretion import decide, is_open
from tests.domain.story import SOURCE, Story, goods, story

AFTER = "2024-03-20"


def bought(freight: int = 79_00, paid: int = 1079_00, **other: Any) -> Story:
    one = story("allectra", freight=freight, **other)
    one.told(PaymentReceived(amount=paid), at="2024-03-04")
    return one.told(Shipped(parcel="p1", carrier="dhl", tracking="T"), at="2024-03-05")


def given_back(one: Story, kind: str = "goodwill") -> list[int]:
    return [refund.amount for refund in one.standing(Refund) if refund.kind == kind]


def refused(one: Story) -> list[dict[str, Any]]:
    rulings = [item for item in one.standing(Ruling) if item.about == "discretion"]
    assert all((item.decision, item.reasons) == ("refused", ("out_of_bounds",)) for item in rulings)
    return [item.because.inputs for item in rulings]


def goodwill(one: Story, amount: int | None, at: str = AFTER, id: str = "g", **other: Any) -> Story:
    return decide(one, "goodwill", other.pop("decision", "accepted"), at, amount=amount, id=id)


def test_goodwill_is_a_refund_because_of_the_decision() -> None:
    one = goodwill(bought(), 150_00)
    [refund] = [item for item in one.standing(Refund) if item.kind == "goodwill"]
    assert (refund.amount, refund.cause, refund.breakdown) == (150_00, "g", (("goodwill", 150_00),))
    assert refund.because.clauses == ()
    assert "beside the terms" in sentence(refund.because)
    assert refused(one) == []


@pytest.mark.parametrize(("amount", "counts"), [(1079_00, True), (1079_01, False)])
def test_goodwill_is_at_most_what_was_paid(amount: int, counts: bool) -> None:
    one = goodwill(bought(), amount)
    assert given_back(one) == ([amount] if counts else [])
    assert [why["most_amount"] for why in refused(one)] == ([] if counts else [1079_00])


def test_goodwill_is_less_what_is_refunded_already() -> None:
    """Due or paid: after a withdrawal from everything nothing is left to give."""
    one = bought()
    one.told(WithdrawalNotified(channel="web"), at="2024-03-10", id="w")
    assert sum(refund.amount for refund in one.standing(Refund)) == 1079_00
    goodwill(one, 1)
    assert given_back(one) == []
    assert [why["most_amount"] for why in refused(one)] == [0]


def test_a_payment_of_the_goodwill_itself_does_not_count_twice() -> None:
    one = goodwill(bought(), 1000_00, id="a")
    one.told(RefundPaid(amount=1000_00, refund="goodwill:#a"), at="2024-03-21")
    goodwill(one, 79_00, at="2024-03-22", id="b")
    goodwill(one, 1, at="2024-03-23", id="c")
    assert given_back(one) == [1000_00, 79_00]
    assert [why["most_amount"] for why in refused(one)] == [0]


def test_what_is_owed_back_later_does_not_take_goodwill_away() -> None:
    """The bound is that of the day on which it was decided."""
    one = goodwill(bought(), 500_00, at="2024-03-08")
    one.told(WithdrawalNotified(channel="web"), at="2024-03-10")
    assert given_back(one) == [500_00]


def more_than_paid() -> Story:
    """Goodwill of 500, and then everything is sent back."""
    one = goodwill(bought(), 500_00, at="2024-03-08")
    assert not is_open(one, "more_than_paid")
    return one.told(WithdrawalNotified(channel="web"), at="2024-03-10", id="w")


def test_goodwill_and_what_is_owed_back_later_are_asked_about_above_what_was_paid() -> None:
    """Both are owed; that they come to more than was paid is seen, and somebody says so."""
    one = more_than_paid()
    assert one.refunds() == {"goodwill": 500_00, "withdrawal": 1079_00}
    [asked] = one.standing(DecisionNeeded)
    assert (asked.about, asked.choices) == ("more_than_paid", ("keep",))
    assert sentence(asked.because) == (
        "500.00 of goodwill and 1079.00 of other refunds are owed, together more than the 1079.00 "
        "that was paid."
    )
    decide(one, "more_than_paid", "never", "2024-03-11", id="n")
    assert (is_open(one, "more_than_paid"), len(refused(one))) == (True, 1)
    decide(one, "more_than_paid", "keep", "2024-03-12", id="k")
    assert not is_open(one, "more_than_paid")
    assert one.refunds() == {"goodwill": 500_00, "withdrawal": 1079_00}


@pytest.mark.parametrize(
    "fact",
    [Retracted(fact="g", fact_source=SOURCE), Retracted(fact="w", fact_source=SOURCE),
     PaymentReceived(amount=500_00)],
)  # fmt: skip
def test_it_is_asked_no_more_once_they_are_no_more_than_was_paid(fact: Any) -> None:
    one = more_than_paid().told(fact, at="2024-03-11")
    assert not is_open(one, "more_than_paid")


def test_up_to_what_was_paid_nothing_is_asked() -> None:
    one = bought(lines=(goods("1", 500_00), goods("2", 500_00)), freight=0, paid=1000_00)
    goodwill(one, 500_00, at="2024-03-08")
    one.told(WithdrawalNotified(channel="web", lines=("1",)), at="2024-03-10")
    assert sum(one.refunds().values()) == 1000_00
    assert not is_open(one, "more_than_paid")


def test_a_decision_that_is_taken_back_gives_nothing() -> None:
    one = goodwill(bought(), 500_00)
    one.told(Retracted(fact="g", fact_source=SOURCE), at="2024-03-21")
    assert given_back(one) == []


@pytest.mark.parametrize(("amount", "counts"), [(79_00, True), (79_01, False)])
def test_freight_is_at_most_what_was_charged_for_it(amount: int, counts: bool) -> None:
    one = decide(bought(), "freight", "accepted", AFTER, amount=amount)
    assert given_back(one, "freight_goodwill") == ([amount] if counts else [])
    assert [why["most_amount"] for why in refused(one)] == ([] if counts else [79_00])


def test_freight_is_given_back_once() -> None:
    one = decide(bought(), "freight", "accepted", AFTER, amount=50_00, id="a")
    decide(one, "freight", "accepted", "2024-03-21", amount=30_00, id="b")
    assert given_back(one, "freight_goodwill") == [50_00]
    assert [why["most_amount"] for why in refused(one)] == [29_00]


def test_freight_that_a_refund_has_in_it_is_not_given_back_again() -> None:
    one = bought()
    one.told(WithdrawalNotified(channel="web"), at="2024-03-10")
    had = sum(amount for refund in one.standing(Refund) for name, amount in refund.breakdown
              if name == "delivery")  # fmt: skip
    assert had == 79_00
    decide(one, "freight", "accepted", AFTER, amount=1)
    assert given_back(one, "freight_goodwill") == []


@pytest.mark.parametrize(("amount", "counts"), [(1079_00, True), (1079_01, False)])
def test_an_agreed_fee_is_at_most_what_the_order_comes_to(amount: int, counts: bool) -> None:
    one = decide(bought(), "agreed_fee", "charge", AFTER, amount=amount)
    fees = [(fee.amount, fee.vat) for fee in one.standing(Fee) if fee.kind == "agreed_fee"]
    assert fees == ([(amount, "included")] if counts else [])
    assert [why["most_amount"] for why in refused(one)] == ([] if counts else [1079_00])


def test_what_becomes_cheaper_later_does_not_take_an_agreed_fee_away() -> None:
    one = decide(bought(), "agreed_fee", "charge", AFTER, amount=1079_00)
    one.told(OrderChanged(lines=(goods("1", 1_00),)), at="2024-03-25")
    assert [fee.amount for fee in one.standing(Fee) if fee.kind == "agreed_fee"] == [1079_00]


def test_agreed_fees_are_together_at_most_what_the_order_comes_to() -> None:
    one = decide(bought(), "agreed_fee", "charge", AFTER, amount=1000_00, id="a")
    decide(one, "agreed_fee", "charge", "2024-03-21", amount=79_01, id="b")
    decide(one, "agreed_fee", "charge", "2024-03-22", amount=79_00, id="c")
    assert [fee.amount for fee in one.standing(Fee) if fee.kind == "agreed_fee"] == [1000_00, 79_00]
    assert [why["most_amount"] for why in refused(one)] == [79_00]


@pytest.mark.parametrize(
    ("decision", "amount"), [("accepted", None), ("accepted", 0), ("waive", 10_00)]
)
def test_a_decision_names_its_amount_and_the_word_that_counts(
    decision: str, amount: int | None
) -> None:
    one = goodwill(bought(), amount, decision=decision)
    assert (given_back(one), len(refused(one))) == ([], 1)


def test_nothing_is_given_back_of_what_was_never_paid() -> None:
    one = goodwill(story("allectra", freight=79_00), 1)
    decide(one, "freight", "accepted", AFTER, amount=1, id="f")
    assert given_back(one) + given_back(one, "freight_goodwill") == []
    assert [why["most_amount"] for why in refused(one)] == [0, 0]


DECISIONS = some.lists(
    some.tuples(some.sampled_from(["goodwill", "freight"]), some.integers(1, 1200_00)),
    min_size=1, max_size=5,
)  # fmt: skip


@given(DECISIONS, some.booleans())
def test_never_is_more_given_back_than_was_paid(
    decisions: list[tuple[str, int]], withdrawn: bool
) -> None:
    one = bought()
    if withdrawn:
        one.told(WithdrawalNotified(channel="web"), at="2024-03-10")
    for day, (about, amount) in enumerate(decisions, 11):
        decide(one, about, "accepted", f"2024-03-{day}", amount=amount, id=f"d{day}")
    assert sum(refund.amount for refund in one.standing(Refund)) <= 1079_00
    assert sum(given_back(one, "freight_goodwill")) <= 79_00
    assert len(refused(one)) + len(given_back(one)) + len(given_back(one, "freight_goodwill")) == (
        len(decisions)
    )


def test_the_order_of_arrival_makes_no_difference() -> None:
    told: list[tuple[Any, str, str]] = [
        (PaymentReceived(amount=1079_00), "2024-03-04", "p"),
        (DiscretionExercised(about="goodwill", decision="accepted", amount=700_00), AFTER, "a"),
        (DiscretionExercised(about="goodwill", decision="accepted", amount=700_00), "2024-03-21",
         "b"),
    ]  # fmt: skip
    seen = set()
    for arrival in permutations(told):
        one = story("allectra", freight=79_00)
        for fact, at, id in arrival:
            one.told(fact, at=at, known="2024-04-01", id=id)
        seen.add((tuple(given_back(one)), len(refused(one))))
    assert seen == {((700_00,), 1)}
