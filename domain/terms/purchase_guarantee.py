"""What terms say about a partner's purchase guarantee."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Days, Money, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class PurchaseGuaranteeTerms:
    """A guarantee that a partner gives and pays, up to `most` öre for one purchase.

    `members` has it; who is none yet registers within so many `minutes` of the purchase.
    `addressed_to` says to whom the order must be addressed. `grounds` are examples of what may go
    wrong, so that another is for a person to judge. `covers` is what is compensated.
    """

    most: Term[Money]
    members: Term[Literal["registered"]]
    minutes: Term[Days]
    addressed_to: Term[Literal["private_person"]]
    grounds: Term[tuple[Literal["defective", "missing", "incorrect", "not_delivered"], ...]]
    covers: Term[Literal["price_and_shipping"]]
    direct_loss: Term[Literal["covered", "excluded"]]
