"""How a seller's terms tell a business customer from a consumer."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Term


@dataclass(slots=True, frozen=True, kw_only=True)
class CustomerTerms:
    """Order type, organisation number and invoice address, and how they are grouped.

    `type_and_either`: the type and, besides, the number or a business address. `both_or_address`:
    the type with the number, or a business address alone.
    """

    business: Term[Literal["type_and_either", "both_or_address"]]
