"""Prices that the seller changes under way: whether a change holds, and which prices then do."""

from typing import Any, Literal

from domain.facts import PriceChanged
from domain.policies import promise
from domain.policies.promise import received_at
from domain.policies.question import question
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.values import Term

READS = (*promise.READS, PriceChanged)
Decision = Literal["accepted", "refused", "pending"]


def stands(
    order: OrderState, terms: Terms, rise: Term[Any], told: Told[PriceChanged]
) -> tuple[Decision, Literal["binding", "price", "untold"]]:
    """A rise holds if it was told before delivery; a lower price always does."""
    line, notified = told.fact.line, told.fact.notified_at
    if rise.value == "barred":
        return "refused", "binding"
    delivered = received_at(order, terms, line)
    lower = told.fact.unit_price <= order.lines[line].unit_price
    if lower or (notified is not None and (delivered is None or notified < delivered)):
        return "accepted", "price"
    if delivered is None:
        return "pending", "price"
    untold = terms.change.untold_rise if terms.change else None
    holds = untold is not None and untold.value == "new_price"
    return ("accepted" if holds else "refused"), "untold"


@question
def prices(order: OrderState, terms: Terms) -> dict[str, int]:
    """Line -> the price of a piece that holds, in öre as the order's prices are."""
    held = {line: goods.unit_price for line, goods in order.lines.items()}
    rise = terms.change.price_rise if terms.change else None
    for told in order.all(PriceChanged):
        line = told.fact.line
        if rise and line in held and stands(order, terms, rise, told)[0] == "accepted":
            held[line] = told.fact.unit_price
    return held
