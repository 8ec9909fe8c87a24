"""Mutated bodies of every system, few enough for every run; `fuzz.py` makes as many as wanted."""

import pytest

from tests.adapters.carriers.fuzz import Body, bodies, fuzz


@pytest.mark.parametrize("body", list(bodies()), ids=lambda one: one.name)
def test_a_mutated_body_gives_facts_or_a_clear_refusal_and_a_reworded_one_the_same(
    body: Body,
) -> None:
    assert sum(fuzz([body], 200).values()) == 200


def test_the_same_seed_makes_the_same_bodies() -> None:
    some = list(bodies())[:3]
    assert fuzz(some, 60, seed=7) == fuzz(some, 60, seed=7)
