"""What a marketplace's terms say about whose contract an order is, and whose terms it is under."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Term


@dataclass(slots=True, frozen=True, kw_only=True)
class ContractTerms:
    """Who is bound by an order, and what the contract consists of.

    `fills_gaps` makes a seller a marketplace: where a merchant's own terms are silent, the
    marketplace's apply; `merchant` says whose go first. `services` are the sections of the terms
    about what the marketplace itself does for a merchant's customer: there its own always apply.
    `party` and `merchant_party` say who is seller and alone answers for the goods, `terms_of`
    which edition of the terms applies, `documents` what the contract consists of, `acceptance`
    how the customer accepts the terms.
    """

    fills_gaps: Term[bool]
    merchant: Term[Literal["first"]]
    services: Term[tuple[str, ...]]
    party: Term[Literal["seller"]]
    merchant_party: Term[Literal["merchant"]]
    terms_of: Term[Literal["order_day"]]
    documents: Term[Literal["terms_and_confirmed_order"]]
    acceptance: Term[Literal["by_ordering"]]
