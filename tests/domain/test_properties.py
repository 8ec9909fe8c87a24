"""What must hold of every history: arrival cannot matter, and policies run only when they must."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from domain import decide
from domain.decide import as_of
from domain.events import FactTold
from domain.explain import SENTENCES, grounds, sentence
from domain.vocabulary import FACTS as ALL_FACTS
from domain.facts import Retracted
from domain.order import Order
from domain.outcomes import Refund
from domain.policies import POLICIES
from domain.state import Told
from domain.terms import SECTIONS
from tests.domain.drawn import KINDS, facts_of
from tests.domain.histories import (
    Life, known, lived, lives, loose, orders, retracted, standing,
)  # fmt: skip


@given(lives(), st.randoms(use_true_random=False))
def test_arrival_order_does_not_matter(life: Life, chance: Any) -> None:
    """Any order of arrival, before or after the order itself, gives the same standing outcomes.

    Facts about money that was paid back are left out: a cost that became known only after it is not
    set off against it any more (FACTS.md section 4), the one thing that arrival decides.
    """
    arrived = list(life.told)
    chance.shuffle(arrived)
    late = [known(one, life.last + timedelta(hours=n)) for n, one in enumerate(arrived)]
    assert standing(lived(life.arriving(*late))) == standing(lived(life))


@given(lives(repaid=True), st.randoms(use_true_random=False))
def test_arrival_order_does_not_matter_where_all_was_known_in_time(life: Life, chance: Any) -> None:
    """Even of orders that were paid back, when every cost was known by then."""
    arrived = list(life.told)
    chance.shuffle(arrived)
    early = [known(one, life.told[0].at) for one in life.told]
    shuffled = [known(one, life.told[0].at) for one in arrived]
    assert standing(lived(life.arriving(*shuffled))) == standing(lived(life.arriving(*early)))


@given(lives(repaid=True), st.data())
def test_duplicates_change_nothing(life: Life, data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(life.told), max_size=4))
    repeated = life.arriving(*life.told, *(known(one, life.last) for one in again))
    assert standing(lived(repeated)) == standing(lived(life))


@given(lives(), st.data())
def test_what_was_retracted_was_never_told(life: Life, data: st.DataObject) -> None:
    """A wrong message that was taken back and told again rightly leaves no trace in what stands."""
    wrong = data.draw(st.sampled_from(life.told[2:]))
    told = data.draw(loose(life.told[0].at))
    other = Told(told, wrong.at, wrong.at, wrong.source, "wrong")
    back = retracted(other, days=data.draw(st.integers(0, 30)))
    with_it = sorted([*life.told, other, back], key=lambda one: one.recorded_at)
    assert standing(lived(life.arriving(*with_it))) == standing(lived(life))


@given(lives(), st.data())
def test_a_correction_is_what_should_have_been_told(life: Life, data: st.DataObject) -> None:
    """A fact told wrongly, taken back and told anew counts as if it had been told rightly."""
    right = data.draw(st.sampled_from(life.told[2:]))
    said = data.draw(facts_of(type(right.fact), life.told[0].at))
    wrong = Told(said, right.at, right.at, right.source, "wrong")
    back = retracted(wrong, days=data.draw(st.integers(0, 30)))
    anew = known(right, back.at)
    told = [wrong if one is right else one for one in life.told] + [back, anew]
    corrected = life.arriving(*sorted(told, key=lambda one: one.recorded_at))
    assert standing(lived(corrected)) == standing(lived(life))


@given(lives(), st.data())
def test_the_order_itself_can_be_corrected(life: Life, data: st.DataObject) -> None:
    """An order system that told the order wrongly, took it back and told it anew."""
    placed, right = life.told[0], life.placed
    other = replace(
        data.draw(orders()),
        seller=right.seller, marketplace=right.marketplace, placed_at=right.placed_at,
    )  # fmt: skip
    wrong = Told(other, placed.at, placed.at, placed.source, "wrong")
    back = known(retracted(wrong, days=0), life.last)
    told = (wrong, *life.told[1:], back, known(placed, life.last))
    assert standing(lived(life.arriving(*told))) == standing(lived(life))


@given(lives(), st.data())
def test_a_retraction_may_come_first(life: Life, data: st.DataObject) -> None:
    wrong = data.draw(st.sampled_from(life.told[2:]))
    without = life.arriving(*(one for one in life.told if one is not wrong))
    back = known(retracted(wrong, days=1), life.told[0].at)
    assert standing(lived(life.arriving(back, *life.told))) == standing(lived(without))


@given(lives(), st.data())
def test_a_retraction_can_be_taken_back(life: Life, data: st.DataObject) -> None:
    wrong = data.draw(st.sampled_from(life.told[2:]))
    back = known(retracted(wrong, days=1), life.last)
    again = Told(Retracted(fact=back.id), life.last, life.last, back.source, "again")
    assert standing(lived(life.arriving(*life.told, back, again))) == standing(lived(life))


@given(lives(repaid=True))
def test_replay_gives_the_same_order(life: Life) -> None:
    """Folding the recorded events decides nothing and ends where deciding ended."""
    order = lived(life)
    replayed = Order.blank(order.id)
    for event in order.collect():
        event.mutate(replayed)
    assert standing(replayed) == standing(order)
    assert replayed.version == order.version


@given(lives(repaid=True))
def test_policies_run_only_on_what_they_read_and_that_is_enough(life: Life) -> None:
    """Running all policies at every step gives the same outcomes, event for event."""
    events = [_shown(event) for event in lived(life).collect()]
    with patch.object(decide, "_reached", _all_anew):
        assert [_shown(event) for event in lived(life).collect()] == events


def test_policies_name_sections_that_terms_have() -> None:
    assert {section for policy in POLICIES for section in policy.sections} <= set(SECTIONS)


def _all_anew(order: Order, changed: Any) -> Any:
    order.state.answers.clear()
    return decide.POLICIES


def _shown(event: Any) -> Any:
    if isinstance(event, FactTold):
        return (event.type, event.told.id)
    return (event.type, event.timestamp, getattr(event, "item", None))


@given(lives(repaid=True))
def test_as_of_the_end_is_what_stands(life: Life) -> None:
    """What was owed as of now, as known now, is what stands now."""
    order = lived(life)
    now = as_of(order, life.book, life.until, life.until)
    stands = [item for items in order.standing.values() for item in items.values()]
    assert sorted(now, key=repr) == sorted(stands, key=repr)


@given(lives(repaid=True))
def test_amounts_have_signs_and_breakdowns_add_up(life: Life) -> None:
    """Fees are positive; a refund is what its breakdown adds up to, and never negative."""
    for item in standing(lived(life)).values():
        amount = getattr(item, "amount", None)
        assert amount is None or amount >= 0, item
        if isinstance(item, Refund):
            assert sum(part for _, part in item.breakdown) == item.amount, item
        steps = item.because.steps
        if steps and amount is not None and not isinstance(item, Refund):
            assert sum(part for _, part in steps) == amount, item


@given(lives(repaid=True))
def test_every_outcome_has_a_sentence_in_both_languages(life: Life) -> None:
    for item in standing(lived(life)).values():
        assert item.because.rule in SENTENCES, item.because.rule
        for language in ("en", "sv"):
            assert sentence(item.because, language)  # type: ignore[arg-type]
            assert isinstance(grounds(item.because, language), list)  # type: ignore[arg-type]


def test_policies_have_names_of_their_own() -> None:
    names = [policy.name for policy in POLICIES]
    assert len(names) == len(set(names))


def test_facts_of_every_type_are_drawn() -> None:
    """What the histories leave out are the order itself, retractions and what customers hear."""
    left = {kind.__name__ for kind in set(ALL_FACTS) - set(KINDS)}
    assert left == {"OrderPlaced", "OrderConfirmed", "Retracted", "OrderJoined"}
