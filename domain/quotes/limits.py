"""Amounts beside a limit that is printed in another currency."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from domain.money import half_up, kronor
from domain.terms.limit import Limit

HOME = "SEK"
Rates = Mapping[str, Decimal]
"""Kronor for one unit of a currency."""


def limit_in(currency: str, limit: Limit, rates: Rates) -> Fraction | None:
    """The limit in minor units of a currency, unrounded; None where a rate is not known."""
    if currency == limit.currency:
        return Fraction(limit.amount)
    of_limit, of_currency = _rate(limit.currency, rates), _rate(currency, rates)
    if of_limit is None or not of_currency:
        return None
    return limit.amount * of_limit / of_currency


def _rate(currency: str, rates: Rates) -> Fraction | None:
    if currency == HOME:
        return Fraction(1)
    return Fraction(rates[currency]) if currency in rates else None


def worded(currency: str, limit: Limit, rates: Rates) -> str:
    """The limit as printed, and what it comes to: '200.00 EUR = 2240.00 SEK'."""
    printed, worth = f"{kronor(limit.amount)} {limit.currency}", limit_in(currency, limit, rates)
    if worth is None or currency == limit.currency:
        return printed
    return f"{printed} = {kronor(half_up(worth))} {currency}"
