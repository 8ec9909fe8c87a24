"""What must hold of every history: arrival cannot matter, and policies run only when they must."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.terms import book
from domain import decide
from domain.decide import as_of
from domain.events import FactTold
from domain.order import Order
from domain.outcomes import Refund
from domain.explain import SENTENCES, grounds, sentence
from domain.facts import FACTS as ALL_FACTS
from domain.policies import POLICIES
from domain.policies.policy import Policy
from domain.state import Told
from tests.domain.histories import END, FACTS, REPAID, known, lived, lives, retracted, standing


@given(lives(), st.randoms(use_true_random=False))
def test_arrival_order_does_not_matter(told: list[Told[Any]], chance: Any) -> None:
    """Any order of arrival, before or after the order itself, gives the same standing outcomes."""
    arrived = list(told)
    chance.shuffle(arrived)
    late = [known(one, told[-1].at + timedelta(hours=n)) for n, one in enumerate(arrived)]
    assert standing(lived(late)) == standing(lived(told))


@given(lives(), st.data())
def test_duplicates_change_nothing(told: list[Told[Any]], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(told), max_size=4))
    repeated = [*told, *(known(one, told[-1].at) for one in again)]
    assert standing(lived(repeated)) == standing(lived(told))


@given(lives(), st.data())
def test_what_was_retracted_was_never_told(told: list[Told[Any]], data: st.DataObject) -> None:
    """A wrong message that was taken back and told again rightly leaves no trace in what stands."""
    wrong = data.draw(st.sampled_from(told[2:]))
    other = Told(data.draw(FACTS), wrong.at, wrong.at, wrong.source, "wrong")
    back = retracted(other, days=data.draw(st.integers(0, 30)))
    with_it = sorted([*told, other, back], key=lambda one: one.recorded_at)
    assert standing(lived(with_it)) == standing(lived(told))


@given(lives(), st.data())
def test_a_retraction_may_come_first(told: list[Told[Any]], data: st.DataObject) -> None:
    wrong = data.draw(st.sampled_from(told[2:]))
    without = [one for one in told if one is not wrong]
    back = known(retracted(wrong, days=1), told[0].at)
    assert standing(lived([back, *told])) == standing(lived(without))


@given(lives(st.one_of(FACTS, REPAID)))
def test_replay_gives_the_same_order(told: list[Told[Any]]) -> None:
    """Folding the recorded events decides nothing and ends where deciding ended."""
    order = lived(told)
    replayed = Order.blank(order.id)
    for event in order.collect():
        event.mutate(replayed)
    assert standing(replayed) == standing(order)
    assert replayed.version == order.version


@given(lives(st.one_of(FACTS, REPAID)))
def test_policies_run_only_on_what_they_read_and_that_is_enough(told: list[Told[Any]]) -> None:
    """Running all policies at every step gives the same outcomes, event for event."""
    events = [_shown(event) for event in lived(told).collect()]
    original = decide.POLICIES
    decide.POLICIES = tuple(_reads_all(policy) for policy in original)
    try:
        assert [_shown(event) for event in lived(told).collect()] == events
    finally:
        decide.POLICIES = original


def _reads_all(policy: Any) -> Any:
    return Policy(policy.name, policy.decide, ALL_FACTS, policy.sentences)


def _shown(event: Any) -> Any:
    if isinstance(event, FactTold):
        return (event.type, event.told.id)
    return (event.type, event.timestamp, getattr(event, "item", None))


@given(lives())
def test_as_of_the_end_is_what_stands(told: list[Told[Any]]) -> None:
    """What was owed as of now, as known now, is what stands now."""
    order = lived(told)
    now = as_of(order, book(), END, END)
    assert sorted(item.key for item in now) == sorted(
        item.key for items in order.standing.values() for item in items.values()
    )


@given(lives(st.one_of(FACTS, REPAID)))
def test_amounts_have_signs_and_breakdowns_add_up(told: list[Told[Any]]) -> None:
    """Fees are positive; a refund is what its breakdown adds up to, and never negative."""
    for item in standing(lived(told)).values():
        amount = getattr(item, "amount", None)
        assert amount is None or amount >= 0, item
        if isinstance(item, Refund):
            assert sum(part for _, part in item.breakdown) == item.amount, item
        steps = item.because.steps
        if steps and amount is not None and not isinstance(item, Refund):
            assert sum(part for _, part in steps) == amount, item


@given(lives(st.one_of(FACTS, REPAID)))
def test_every_outcome_has_a_sentence_in_both_languages(told: list[Told[Any]]) -> None:
    for item in standing(lived(told)).values():
        assert item.because.rule in SENTENCES, item.because.rule
        for language in ("en", "sv"):
            assert sentence(item.because, language)  # type: ignore[arg-type]
            assert isinstance(grounds(item.because, language), list)  # type: ignore[arg-type]


def test_policies_have_names_of_their_own() -> None:
    names = [policy.name for policy in POLICIES]
    assert len(names) == len(set(names))
