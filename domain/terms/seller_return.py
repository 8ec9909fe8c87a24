"""What terms say about goods that a company gives back by leave of the seller."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Money, Rate, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class SellerReturnTerms:
    """The value that is credited: by the day price, or by the invoice less the fee.

    The fee is `percent` of `base`, with or without VAT, and at least `least`. `packaging` says how
    the goods come back.
    """

    percent: Term[Rate]
    least: Term[Money]
    base: Term[Literal["whole_invoice", "returned_lines"]]
    base_vat: Term[Literal["excluding_vat", "including_vat"]]
    value: Term[Literal["lower_of_day_price_or_invoice_less_fee", "lower_price_less_fee"]]
    packaging: Term[Literal["unbroken_original"]]
