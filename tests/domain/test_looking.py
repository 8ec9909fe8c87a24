"""What an answer rests on: who asks an order leaves a mark, and asks again when that changes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given

import domain.policies
from adapters.terms import book
from domain import decide
from domain.facts import (
    Collected, DamageReported, InTransit, OrderConfirmed, ShipmentLost, Shipped,
)  # fmt: skip
from domain.fields import Value
from domain.looking import FACTS_OF, ORDER, PARCELS
from domain.order import Order
from domain.policies import POLICIES
from domain.policies.policy import ALWAYS
from domain.policies.question import question
from domain.state import OrderState, Told
from domain.terms import Terms
from tests.domain.histories import Life, lived, lives
from tests.domain.test_order import PLACED, START

READ_WITHOUT_A_MARK = ("by_type", "._parcels", "._invoices", "._rmas", "._struck", "._lines")


def told(fact: Value, hours: int, id: str = "") -> Told[Any]:
    at = START + timedelta(hours=hours)
    return Told(fact, at, at, "/test", id or f"{type(fact).__name__}{hours}")


@pytest.fixture
def state() -> OrderState:
    return OrderState([told(PLACED, 0), told(Shipped(parcel="p1"), 5)])


@pytest.fixture
def terms() -> Terms:
    known = book()
    return known.terms(known.edition("allectra", None, START.date()))


class Counted:
    """A question that counts how often it had to be answered."""

    def __init__(self, kind: type[Value]) -> None:
        self.count, self.kind = 0, kind
        self.ask = question(self._answer)

    def _answer(self, order: OrderState, terms: Terms) -> int:
        self.count += 1
        return len(order.all(self.kind))


def test_an_answer_is_kept_until_a_fact_comes_that_it_looked_for(
    state: OrderState, terms: Terms
) -> None:
    damage = Counted(DamageReported)
    assert [damage.ask(state, terms), damage.ask(state, terms), damage.count] == [0, 0, 1]
    state.fold(told(InTransit(parcel="p1"), 6))
    assert [damage.ask(state, terms), damage.count] == [0, 1]
    state.fold(told(DamageReported(visibility="visible"), 7))
    assert [damage.ask(state, terms), damage.count] == [1, 2]


def test_who_asks_a_question_rests_on_all_that_its_answer_rests_on(
    state: OrderState, terms: Terms
) -> None:
    """Also where the answer was known already."""
    damage = Counted(DamageReported)
    for _ in range(2):
        _, looked = state.looked.while_asking(damage.ask, state, terms)
        assert looked == ORDER | FACTS_OF[DamageReported]


def test_every_answer_rests_on_the_order_itself(state: OrderState, terms: Terms) -> None:
    damage = Counted(DamageReported)
    damage.ask(state, terms)
    state.fold(told(replace(PLACED, channel="phone"), 8))
    damage.ask(state, terms)
    assert damage.count == 2


def test_what_is_in_parcels_changes_only_where_it_does(state: OrderState) -> None:
    def parts(fact: Value, hours: int) -> int:
        state.changed = 0
        state.fold(told(fact, hours))
        return state.changed & PARCELS

    assert not parts(InTransit(parcel="p1"), 6)
    assert not parts(Collected(parcel="p1"), 7)
    assert parts(InTransit(parcel="p2"), 8)
    assert parts(Shipped(parcel="p3", lines=("1",)), 9)


def ran(order: Order, fact: Value, hours: int) -> set[str]:
    """The policies that were asked because of a fact."""
    asked: set[str] = set()

    def watched(order: Order, changed: Any) -> Iterator[Any]:
        for policy in reached(order, changed):
            asked.add(policy.name)
            yield policy

    reached = decide._reached
    with patch.object(decide, "_reached", watched):
        decide.tell(order, told(fact, hours), b"{}", book())
    return asked


def test_only_policies_are_run_whose_answer_rests_on_what_changed() -> None:
    order = Order.blank("allectra/A")
    for hours, fact in enumerate((PLACED, OrderConfirmed(), Shipped(parcel="p1"))):
        decide.tell(order, told(fact, hours), b"{}", book())
    assert ran(order, InTransit(parcel="p1"), 6) == set()
    assert "delivery" in ran(order, Collected(parcel="p1"), 8)


def test_policies_of_an_order_that_was_just_read_are_run_by_what_they_read() -> None:
    order, again = Order.blank("allectra/A"), Order.blank("allectra/A")
    for hours, fact in enumerate((PLACED, OrderConfirmed(), Shipped(parcel="p1"))):
        decide.tell(order, told(fact, hours), b"{}", book())
    for event in order.collect():
        event.mutate(again)
    reading = {policy.name for policy in POLICIES if ShipmentLost in policy.reads}
    assert ran(again, ShipmentLost(parcel="p1"), 6) == reading


@given(lives(repaid=True))
def test_policies_look_at_no_more_than_they_say_that_they_read(life: Life) -> None:
    order = lived(life)
    for policy, parts in order.state.rests.items():
        looked = {kind for kind, part in FACTS_OF.items() if parts & part}
        assert looked <= policy.reads | ALWAYS, policy.name


def test_policies_read_nothing_of_an_order_without_a_mark() -> None:
    for path in Path(domain.policies.__path__[0]).glob("*.py"):
        source = path.read_text()
        assert not [one for one in READ_WITHOUT_A_MARK if one in source], path.name
