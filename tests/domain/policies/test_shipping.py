"""An order that does not say what its delivery costs, where the terms do not say it either."""

from decimal import Decimal
from typing import Any

import pytest

from domain.facts import CancellationConfirmed, CancellationRequested, DiscretionExercised
from domain.fields import Shipping
from tests.domain.story import Story, goods, story

EURO = {"EUR": Decimal("11.20")}


def one(
    seller: str = "allectra", method: Any = "standard", price: int = 300_00, **more: Any
) -> Story:
    shipping = Shipping(method=method, price=more.pop("asked", None))
    return story(seller, lines=(goods("1", price),), shipping=shipping, **more)


@pytest.mark.parametrize(
    ("seller", "more", "asked_for"),
    [
        ("allectra", {}, True),  # neither a rate nor a price
        ("allectra", {"tariff": {"standard": "79.00"}}, True),  # no rate
        ("allectra", {"rates": EURO}, True),  # no price
        ("allectra", {"rates": EURO, "price": 2240_01}, False),  # free
        ("allectra", {"rates": EURO, "tariff": {"standard": "79.00"}}, False),
        ("allectra", {"asked": 49_00}, False),
        ("allectra", {"asked": 0}, False),
        ("allectra", {"method": "pickup"}, False),
        ("sweeto", {}, False),  # printed
        ("sweeto", {"method": "courier"}, True),
        ("sweeto", {"method": "courier", "price": 400_01}, False),
        ("gandalf", {}, True),
        ("gandalf", {"tariff": {"transport": "99.00"}}, False),
        ("netzilla", {}, True),
        ("compumail", {}, False),  # silent
    ],
)
def test_a_price_that_nobody_knows_is_asked_for(
    seller: str, more: dict[str, Any], asked_for: bool
) -> None:
    told = one(seller, **more)
    assert ("shipping" in told.decisions()) is asked_for
    assert "shipping" not in told.fees()


@pytest.mark.parametrize(
    ("decision", "amount", "fees", "decisions"),
    [
        ("charge", 89_00, {"shipping": 89_00}, []), ("charge", 0, {}, []),
        ("charge", None, {}, ["shipping"]), ("waive", None, {}, []),
    ],
)  # fmt: skip
def test_a_person_says_what_delivery_costs(
    decision: str, amount: int | None, fees: dict[str, int], decisions: list[str]
) -> None:
    told = one("sweeto", "courier")
    told.told(DiscretionExercised(about="shipping", decision=decision, amount=amount), "2024-03-05")
    assert (told.fees(), told.decisions()) == (fees, decisions)


def test_what_a_person_said_can_be_taken_back() -> None:
    told = one("sweeto", "courier")
    word = DiscretionExercised(about="shipping", decision="charge", amount=89_00)
    told.told(word, "2024-03-05", id="word").retracted("word", "2024-03-06")
    assert (told.fees(), told.decisions()) == ({}, ["shipping"])


def test_an_order_that_is_cancelled_whole_costs_no_delivery() -> None:
    told = one("sweeto", "courier")
    word = DiscretionExercised(about="shipping", decision="charge", amount=89_00)
    told.told(word, "2024-03-05")
    told.told(CancellationRequested(channel="email"), "2024-03-05T10:00")
    told.told(CancellationConfirmed(), "2024-03-05T11:00")
    assert (told.fees(), told.decisions()) == ({}, [])
