"""What terms say about who settles a dispute."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.limit import Limit
from domain.terms.values import Term


@dataclass(slots=True, frozen=True, kw_only=True)
class DisputeTerms:
    """Who settles a dispute in the end, and the board to which a consumer may go before that.

    A dispute over less than `court_below`, without VAT, is settled by a general court.
    """

    forum: Term[Literal["general_court", "arbitration"]] | None
    court_below: Term[Limit] | None
    board: Term[Literal["arn"]] | None
