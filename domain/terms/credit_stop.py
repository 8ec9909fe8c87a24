"""What terms say about stopping the deliveries of a customer who owes too much."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Term

Ground = Literal["credit_limit_exceeded", "invoice_overdue"]


@dataclass(slots=True, frozen=True, kw_only=True)
class CreditStopTerms:
    """Each of the `grounds` alone stops all deliveries until the account is settled."""

    grounds: Term[tuple[Ground, ...]]
