"""What terms say about placing an order."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Money, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class PlacingTerms:
    """Conditions for an order, and when a person may stop it.

    `binding` says when the contract arises. `guardian` asks for a guardian's permission where the
    customer is under age, `minimum` for so much, VAT included: of the goods alone or with their
    delivery price (`minimum_basis`), of the whole cart or of each seller's order
    (`minimum_scope`). `may_stop` lets staff refuse an order, `price_error` says whether one with a
    wrong price may be cancelled before and after it was confirmed.
    """

    binding: Term[Literal["confirmed", "placed"]] | None
    guardian: Term[bool] | None
    minimum: Term[Money] | None
    minimum_basis: Term[Literal["order_total", "goods_only"]] | None
    minimum_scope: Term[Literal["cart", "per_seller"]] | None
    may_stop: Term[bool] | None
    price_error: Term[Literal["may_cancel", "binding"]] | None
