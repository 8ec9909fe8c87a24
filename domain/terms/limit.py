"""A limit that terms print in a currency."""

from dataclasses import dataclass

from domain.terms.values import Money


@dataclass(slots=True, frozen=True, kw_only=True)
class Limit:
    """An amount in minor units of its currency."""

    amount: Money
    currency: str = "SEK"
