"""Money is integers of öre, and there is one way to round."""

from decimal import Decimal
from fractions import Fraction

import pytest

from domain.money import half_up, kronor, ore, percent_of


@pytest.mark.parametrize(
    ("told", "amount"),
    [(445.00, 44500), ("445.00", 44500), (0.07, 7), (1e3, 100000), ("0.5", 50), (19.99, 1999)],
)
def test_an_amount_is_read_exactly(told: object, amount: int) -> None:
    assert ore(told) == amount


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (-5, "is negative"),
        ("1.001", "has more than two decimals"),
        (True, "is not an amount"),
        ("a lot", "is not an amount"),
        (float("nan"), "is not an amount"),
        (float("inf"), "is not an amount"),
        (1e300, "is larger than any order"),
    ],
)
def test_what_is_no_amount_is_refused_in_words(told: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ore(told)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [(Fraction(1, 2), 1), (Fraction(3, 2), 2), (Fraction(-1, 2), -1), (Fraction(1, 3), 0),
     (Decimal("2.5"), 3), (7, 7)],
)  # fmt: skip
def test_halves_are_rounded_up_away_from_zero(exact: Fraction | Decimal, rounded: int) -> None:
    assert half_up(exact) == rounded


def test_a_percentage_is_rounded_once() -> None:
    assert percent_of(12345, Decimal("10")) == 1235


def test_an_amount_is_shown_with_two_decimals() -> None:
    assert [kronor(44500), kronor(-5), kronor(0)] == ["445.00", "-0.05", "0.00"]
