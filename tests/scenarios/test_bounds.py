"""No worked example passes a bound of mandatory law, by the oracle that knows no policy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapters.scenarios.check import overrides
from adapters.scenarios.played import Cart, ScenarioRun
from adapters.terms import book
from domain.calendar import moment
from domain.facts import OrderPlaced
from tests.domain.oracle import breaches, case_of
from tests.domain.test_bounds import AGAINST_LAW
from tests.worked import documents


def runs(document: Any) -> Iterator[ScenarioRun]:
    """The orders of a scenario, played; none of a story told once an option, or against the law."""
    chosen = document.get("readings") or {}
    if "reading" in document or set(chosen) & set(AGAINST_LAW) or "as_of" not in document:
        return
    whole = document["cart"] if isinstance(document.get("cart"), list) else [document]
    if all("order" in one for one in whole):
        terms = book().otherwise(overrides(document))
        yield from Cart(whole, moment(document["as_of"]), terms).runs


def test_no_worked_example_passes_a_bound_of_the_law() -> None:
    seen = 0
    for name, document in documents():
        for run in runs(document):
            told = [*run.order.facts, *run.order.retractions]
            placed = next((one.fact for one in told if isinstance(one.fact, OrderPlaced)), None)
            if placed is not None and run.order.state.data is not None:
                who = replace(placed.customer, kind=run.order.state.kind)
                case = case_of(replace(placed, customer=who), told, run.standing())
                assert breaches(case) == [], (name, document.get("id"))
                seen += 1
    assert seen > 1000
