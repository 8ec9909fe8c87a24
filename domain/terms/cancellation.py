"""What terms and statutes say about cancelling an order."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Days, Money, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class CancellationTerms:
    """Until when an order can be cancelled, how, and what that costs.

    `until` names the event that ends it, or `minutes` after placing. `effectuated_by` are the acts
    of the warehouse that effectuate an order. `by` says by which channels it may be asked for,
    `web_orders` whether those can be cancelled, `made_to_order` whether such goods can.
    `confirmation` says that the seller must confirm, and which moment counts. `costs` is what is
    taken from the price, `special_item` what a company owes for goods made for it. `if_late` is
    what a consumer's message means where it comes too late (silent: a withdrawal).
    """

    until: Term[
        Literal["available", "minutes", "effectuated", "dispatched", "withdrawal", "agreement"]
    ]
    minutes: Term[Days] | None
    effectuated_by: Term[tuple[str, ...]] | None
    by: Term[Literal["any", "email"]] | None
    web_orders: Term[Literal["yes", "no"]] | None
    made_to_order: Term[Literal["yes", "no"]] | None
    confirmation: Term[Literal["request_counts", "confirmation_counts"]] | None
    costs: Term[Literal["nothing", "seller_return"]] | None
    special_item: Term[Literal["compensation", "free"]] | None
    if_late: Term[Literal["withdrawal", "own_notice"]] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class CancelledUncollectedTerms:
    """What a customer owes who cancelled after dispatch and left the parcel behind.

    `fee` is the cost of an unclaimed parcel, VAT included; `owed` says whether it waits for a
    person (with the other costs), is not owed, or follows the general rule.
    """

    fee: Term[Money]
    owed: Term[Literal["by_decision", "nothing", "general_fee"]]
    other_costs: Term[Literal["by_decision"]]
