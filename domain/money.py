"""Money: integers of minor units (öre), and the only rounding in the system."""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from pydantic import WithJsonSchema

LARGEST = 10**10
"""A hundred million kronor in öre: more than any order, and sums of many still fit 64 bits."""
KRONOR = WithJsonSchema({
    "type": ["number", "string"], "minimum": 0, "maximum": LARGEST // 100,
    "pattern": "^[0-9]{1,9}(\\.[0-9]{1,2})?$", "description": "kronor and öre: 229.00",
})  # fmt: skip
"""An amount as it is written, for editors and for other programs."""
PLAIN = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
FAR = 30
"""Powers of ten that are looked at closer; what lies beyond is no amount."""


def ore(amount: object) -> int:
    """Minor units of a decimal amount as told (a JSON number, or text): 445.00 -> 44500.

    Raises ValueError where it is negative, finer than an öre, or not a number.
    """
    if isinstance(amount, bool) or not isinstance(amount, (int, float, str, Decimal)):
        raise ValueError("is not an amount")
    if isinstance(amount, str) and not PLAIN.fullmatch(amount):
        raise ValueError("is not an amount")
    try:
        told = Decimal(str(amount))
    except InvalidOperation as error:
        raise ValueError("is not an amount") from error
    if not told.is_finite():
        raise ValueError("is not an amount")
    if told and told.adjusted() > FAR:
        raise ValueError("is larger than any order")
    if told and told.adjusted() < -FAR:
        raise ValueError("has more than two decimals")
    exact = Fraction(told) * 100
    if exact.denominator != 1:
        raise ValueError("has more than two decimals")
    if exact < 0:
        raise ValueError("is negative")
    if exact > LARGEST:
        raise ValueError("is larger than any order")
    return exact.numerator


def half_up(exact: Fraction | Decimal | int) -> int:
    """The nearest öre, halves away from zero (FACTS.md section 6): the one rounding function."""
    return divided(*exact.as_integer_ratio())


def divided(numerator: int, denominator: int) -> int:
    """The same of a quotient of whole numbers, the denominator positive."""
    half = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -half if numerator < 0 else half


def percent_of(amount: int, percent: Decimal | int) -> int:
    """`percent` per cent of `amount`, both as printed, rounded once."""
    return half_up(Fraction(amount) * Fraction(percent) / 100)


def kronor(amount: int) -> str:
    """An amount as people read it: 44500 -> '445.00'."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{whole}.{rest:02d}"
