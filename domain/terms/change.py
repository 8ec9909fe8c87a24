"""What terms say about changing an order, and about prices that change under way."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Term


@dataclass(slots=True, frozen=True, kw_only=True)
class ChangeTerms:
    """Changes of the order by the customer, and of its prices by the seller.

    Orders of these `goods` may be changed `until` they are effectuated, if the seller approves.
    `price` is what then takes the price of that day: the added pieces or the whole line. A
    `price_rise` holds for the order if the customer is told before delivery, or not at all
    (`barred`); `untold_rise` is the price that holds where it was told too late.
    """

    goods: Term[Literal["stock_items"]] | None
    until: Term[Literal["effectuated"]] | None
    price: Term[Literal["difference_only", "whole_line"]] | None
    price_rise: Term[Literal["if_told_before_delivery", "barred"]] | None
    untold_rise: Term[Literal["old_price", "new_price"]] | None
