"""What terms say about parcels that nobody collects."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Money, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class UnclaimedTerms:
    """The fee for a parcel that came back because nobody collected it, VAT included.

    `floor` is charged at least, plus the actual freight of `freight_legs`. `price` says whether the
    goods are credited when they are back.
    """

    floor: Term[Money]
    freight_legs: Term[Literal["none", "return_leg", "outbound_leg", "round_trip"]]
    arises: Term[Literal["at_unclaimed", "at_return"]]
    price: Term[Literal["contract_stands", "credited"]]
