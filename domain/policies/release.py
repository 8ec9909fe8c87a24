"""Whose price is not owed: what was withdrawn from or struck, and what a complaint suspends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.facts import (
    ComplaintAssessed, LineStruck, RemedyChosen, RmaIssued, RmaReceived, RmaRequested,
    WithdrawalNotified,
)  # fmt: skip
from domain.state import OrderState, Rma
from domain.terms import Terms

READS = (LineStruck, WithdrawalNotified)
COMPLAINT_READS = (RmaRequested, RmaIssued, RmaReceived, ComplaintAssessed, RemedyChosen)
Pieces = Mapping[str, int]
"""Line -> how many of its pieces."""


@dataclass(slots=True, frozen=True)
class Suspension:
    """Lines whose item came back for a complaint: from then on their price is written off.

    `until` is when the complaint was denied, or when a remedy was chosen that leaves the customer
    with goods; None while the price stays written off.
    """

    lines: tuple[str, ...]
    since: datetime
    until: datetime | None


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


def suspensions(order: OrderState) -> list[Suspension]:
    """What came back for a complaint, each case from its arrival at the warehouse."""
    found = []
    for rma in order.rmas.values():
        received = rma.first(RmaReceived)
        lines = _complained(order, rma)
        if received is not None and lines:
            found.append(Suspension(lines, received.at, _ended_at(order, lines, received.at)))
    return found


def _complained(order: OrderState, rma: Rma) -> tuple[str, ...]:
    """The lines of a complaint's return case; a warranty's or sales return's writes nothing off."""
    issued, requested = rma.last(RmaIssued), rma.last(RmaRequested)
    case = issued.fact if issued else requested.fact if requested else None
    if case is None or case.kind not in (None, "complaint"):
        return ()
    return order.named(case.lines)


def _ended_at(order: OrderState, lines: tuple[str, ...], since: datetime) -> datetime | None:
    """The last word on the lines: denied, or repaired or replaced."""
    words = [
        (told.at, not told.fact.approved)
        for told in order.all(ComplaintAssessed)
        if told.at >= since and set(order.named(told.fact.lines)) & set(lines)
    ]
    words += [
        (told.at, told.fact.remedy in ("repair", "replacement"))
        for told in order.all(RemedyChosen)
        if told.at >= since and set(order.named(told.fact.lines)) & set(lines)
    ]
    if not words:
        return None
    at, owed_again = max(words)
    return at if owed_again else None
