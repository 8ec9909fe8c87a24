"""What terms say about how goods are sent back, and what the customer is told of it."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Term


@dataclass(slots=True, frozen=True, kw_only=True)
class SendingBackTerms:
    """Goods go to `address`, with the seller's return `note` enclosed.

    A `complaint` goes back as it came: in like packaging, by the same carrier, its fault described.
    Who has withdrawn is told how to send the goods back once the `withdrawal` has been assessed.
    """

    address: Term[str]
    note: Term[Literal["enclosed"]]
    complaint: Term[Literal["as_received"]]
    withdrawal: Term[Literal["after_assessment"]]
