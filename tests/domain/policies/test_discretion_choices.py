"""A decision about a ruling counts if it is one of the choices; another is refused with them."""

from collections.abc import Callable

import pytest

from domain.calendar import moment
from domain.explain import sentence
from domain.facts import (
    CancellationRequested, ComplaintReported, ConsentReminderSent, ConsentRequested, DamageReported,
    PriceErrorFound, PurchaseGuaranteeClaimed, PurchaseGuaranteeRegistered, RescissionDeclared,
    RmaReceived,
)  # fmt: skip
from domain.fields import Shipping
from domain.outcomes import DecisionNeeded
from tests.domain.discretion import LATER, bought, decide, is_open, refusals
from tests.domain.story import Story, goods, story


def wrong_price() -> Story:
    return story("allectra").told(PriceErrorFound(line="1", unit_price=2000_00), at="2024-03-05")


def restricted() -> Story:
    lines = (goods("1", 3000_00, category="alcohol"),)
    return story("sweeto", lines=lines, pay="part_payment", plan="3_months")


def late() -> Story:
    one = story("compumail", placed="2024-06-03", shipping=Shipping(price=0))
    return one.told(RescissionDeclared(ground="delay"), at="2024-08-10", id="r")


def complained() -> Story:
    found = ComplaintReported(lines=("1",), found_at=moment("2024-09-05"))
    return bought("allectra").told(found, at="2024-12-10", id="c1")


def reported() -> Story:
    report = DamageReported(parcel="p1", lines=("1",), to="seller", visibility="visible")
    return bought("allectra").told(report, at="2024-12-10")


def by_agreement() -> Story:
    one = story("sweeto", kind="business", readings={"sweeto-cancellation": "by_agreement"})
    return one.told(CancellationRequested(channel="phone"), at="2024-03-05", id="c1")


def unnumbered() -> Story:
    return bought("gandalf", kind="business").told(RmaReceived(packaging="ok"), at="2024-10-01")


def guaranteed() -> Story:
    one = bought("allectra").told(PurchaseGuaranteeRegistered(), at="2024-09-02T00:10")
    return one.told(PurchaseGuaranteeClaimed(amount=500_00), at="2024-09-20", id="g1")


def dormant() -> Story:
    one = story("sweeto", pay="payson_invoice", placed="2014-02-03", confirmed=False)
    one.told(ConsentRequested(balance=90_00), at="2022-03-01")
    for month in (4, 6, 8, 10):
        one.told(ConsentReminderSent(balance=90_00), at=f"2022-{month:02}-01")
    return one.until(LATER)


CHOICES = [
    (wrong_price, "order", ("cancel", "keep", "stop")),
    (restricted, "payment_method", ("accepted", "refused", "stop")),
    (late, "rescission", ("accepted", "refused")),
    (complained, "complaint", ("accepted", "refused")),
    (reported, "damage", ("accepted", "refused")),
    (by_agreement, "cancellation", ("accepted", "refused")),
    (unnumbered, "return", ("handling", "not_approved_return", "scrapped")),
    (guaranteed, "purchase_guarantee", ("accepted", "refused")),
    (dormant, "personal_data", ("accepted", "refused")),
]
choices = pytest.mark.parametrize(("told", "about", "words"), CHOICES)


@choices
def test_each_choice_decides(told: Callable[[], Story], about: str, words: tuple[str, ...]) -> None:
    for word in words:
        one = decide(told(), about, word)
        assert (is_open(one, about), refusals(one)) == (False, [])


@choices
def test_another_word_is_refused_with_the_choices(
    told: Callable[[], Story], about: str, words: tuple[str, ...]
) -> None:
    before, one = told().until(LATER), decide(told(), about, "perhaps")
    (because,) = refusals(one)
    (asked,) = one.standing(DecisionNeeded)
    assert because.inputs == {
        "about": about, "decision": "perhaps", "choices": ", ".join(asked.choices)
    }  # fmt: skip
    assert because.clauses == asked.because.clauses
    assert "perhaps" in sentence(because)
    assert "perhaps" in sentence(because, "sv")
    assert one.rulings(about) == before.rulings(about)
    decide(one, about, words[0], at="2024-12-21", id="d2")
    assert (is_open(one, about), len(refusals(one))) == (False, 1)
    one.retracted("d", "2024-12-22")
    assert (is_open(one, about), refusals(one)) == (False, [])


def test_a_permission_is_no_answer_to_a_wrong_price() -> None:
    one = decide(wrong_price(), "order", "accepted")
    assert (one.rulings("order"), one.decisions()) == (["pending"], ["order"])
    assert len(refusals(one)) == 1


def test_an_order_is_not_stopped_without_words_that_allow_it() -> None:
    one = decide(story("gandalf", kind="business"), "order", "stop")
    assert (one.rulings("order"), len(refusals(one))) == (["accepted"], 1)


def test_two_questions_of_one_name_are_answered_apart() -> None:
    """An agreed cancellation stays agreed when its costs are spoken of, and neither is refused."""
    one = decide(by_agreement(), "cancellation", "accepted", id="d1")
    decide(one, "cancellation", "waive", at="2024-12-21", id="d2")
    assert (one.rulings("cancellation"), refusals(one)) == (["accepted"], [])


def test_a_question_that_counts_from_a_day_knows_no_earlier_decision() -> None:
    one = story("compumail", placed="2024-06-03", shipping=Shipping(price=0))
    decide(one, "rescission", "accepted", at="2024-08-01")
    one.told(RescissionDeclared(ground="delay"), at="2024-08-10", id="r")
    assert (one.rulings("rescission"), one.decisions()) == (["pending"], ["rescission"])
