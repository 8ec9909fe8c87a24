"""Which goods a consumer has a statutory right to withdraw from before they were opened."""

from domain.state import OrderState

EXCEPTED = frozenset({"made_to_order", "perishable"})
"""Traits of goods without the right, whatever was done with them (DAL 2:11 items 3 and 4)."""


def may_withdraw(order: OrderState, line: str) -> bool:
    """Whether a consumer who has not had the goods may withdraw from the line (DAL 2:10, 2:11)."""
    goods = order.lines[line]
    begun = "digital" in goods.traits and goods.consent_to_start
    at_a_distance = order.order.channel != "in_person"
    return order.consumer and at_a_distance and not begun and not EXCEPTED & set(goods.traits)
