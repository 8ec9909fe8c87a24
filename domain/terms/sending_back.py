"""What terms say about how goods are sent back, and what the customer is told of it."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Term


@dataclass(slots=True, frozen=True, kw_only=True)
class SendingBackTerms:
    """Goods go to `address`, with the seller's return `note` enclosed.

    A `complaint` goes back as it came (in like packaging, by the same carrier, its fault described)
    or in approved packaging, with the delivery note, marked with the order's number; a `warranty`
    case so too, and prepaid. Who has withdrawn is told how to send the goods back at once, or
    when the `withdrawal` has been assessed.
    """

    address: Term[str]
    note: Term[Literal["enclosed"]] | None
    complaint: Term[Literal["as_received", "marked"]]
    warranty: Term[Literal["prepaid_and_marked"]] | None
    withdrawal: Term[Literal["after_assessment", "at_once"]]
