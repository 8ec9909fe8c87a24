"""What terms say about prices, and about what delivery costs beside the goods."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.limit import Limit
from domain.terms.values import Money, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class ShippingTerms:
    """The price of delivery, which the goods' prices include or not (`in_price`).

    `vat` is whether the printed prices are with VAT. `standard` is a printed price of the ordinary
    delivery; what is not printed has a price for each method or one list price (`price_list`),
    which the seller's tariff gives, and `checkout` says that what the checkout stated is paid.
    Goods of more than `free_over`, with VAT, are delivered free by every method or by the ordinary
    one alone (`free_methods`).
    """

    vat: Term[Literal["included", "excluded"]] | None
    in_price: Term[bool] | None
    standard: Term[Money] | None
    price_list: Term[Literal["by_method", "one_price"]] | None
    checkout: Term[Literal["applies"]] | None
    free_over: Term[Limit] | None
    free_methods: Term[Literal["every_method", "standard_only"]] | None
