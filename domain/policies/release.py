"""Whose price is no longer owed: pieces of lines that were withdrawn from, cancelled or struck."""

from collections.abc import Mapping

from domain.facts import LineStruck, WithdrawalNotified
from domain.state import OrderState
from domain.terms import Terms

READS = (LineStruck, WithdrawalNotified)
Pieces = Mapping[str, int]
"""Line -> how many of its pieces."""


def released_lines(order: OrderState, terms: Terms) -> Pieces:
    """The pieces that an invoice asks for in vain; a withdrawal counts from the start."""
    pieces = {line: goods.quantity for line, goods in order.lines.items() if line in order.struck}
    if order.consumer:
        for told in order.all(WithdrawalNotified):
            for line in order.named(told.fact.lines):
                whole = order.lines[line].quantity
                pieces[line] = min(whole, pieces.get(line, 0) + (told.fact.quantity or whole))
    return pieces


def all_released(order: OrderState, released: Pieces) -> bool:
    """Whether nothing of the order is left."""
    return bool(order.lines) and all(
        released.get(line, 0) >= goods.quantity for line, goods in order.lines.items()
    )
