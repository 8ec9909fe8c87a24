"""Decisions about what the terms leave to a person, and how they were taken."""

from typing import Any

from domain.facts import Delivered, DiscretionExercised, PaymentReceived, Shipped
from domain.outcomes import Because, Ruling
from tests.domain.story import Story, goods, story

LATER = "2024-12-20"


def bought(seller: str, price: int = 1000_00, **other: Any) -> Story:
    one = story(seller, placed="2024-09-02", lines=(goods("1", price),), **other)
    one.told(PaymentReceived(amount=price), at="2024-09-02")
    one.told(Shipped(parcel="p1", tracking="T"), at="2024-09-03")
    return one.told(Delivered(parcel="p1"), at="2024-09-04")


def refusals(one: Story) -> list[Because]:
    found = [item for item in one.standing(Ruling) if item.about == "discretion"]
    assert all(item.decision == "refused" for item in found)
    assert all(item.reasons == ("out_of_bounds",) for item in found)
    return [item.because for item in found]


def decide(one: Story, about: str, decision: str, at: str = LATER, **other: Any) -> Story:
    id = other.pop("id", "d")
    return one.told(DiscretionExercised(about=about, decision=decision, **other), at=at, id=id)


def is_open(one: Story, about: str) -> bool:
    return about in one.decisions()
