"""Where a dispute is settled."""

from dataclasses import dataclass
from typing import Any

from domain.errors import Refused
from domain.outcomes import Because
from domain.quotes.limits import limit_in, worded
from domain.quotes.reasons import because
from domain.terms import Terms


@dataclass(slots=True, frozen=True, kw_only=True)
class DisputeQuote:
    """`forum` is None where the terms name none, or where the limit cannot be converted; `board`
    is where a consumer may go before that. The amount is in minor units, without VAT.
    """

    dispute_amount: int
    currency: str
    forum: str | None
    board: str | None
    because: Because


def settled_by(amount: int, currency: str, terms: Terms) -> DisputeQuote:
    """Who settles a dispute over so much. Raises Refused where the terms do not speak of it."""
    own = terms.dispute
    if own is None:
        raise Refused(f"the terms of {terms.seller} say nothing of disputes")
    inputs: dict[str, Any] = {"amount": amount, "currency": currency}
    forum: str | None = own.forum.value if own.forum else None
    rule = forum or "board"
    if own.court_below is not None:
        inputs["limit"] = worded(currency, own.court_below.value, terms.rates)
        limit = limit_in(currency, own.court_below.value, terms.rates)
        if limit is None:
            forum, rule = None, "dispute_no_rate"
        elif amount < limit:
            forum, rule = "general_court", "court_below"
        else:
            rule = f"{forum}_from"
    reason = because(rule, inputs, (own.forum, own.court_below, own.board))
    return DisputeQuote(
        dispute_amount=amount, currency=currency, forum=forum,
        board=own.board.value if own.board else None,
        because=reason,
    )  # fmt: skip
