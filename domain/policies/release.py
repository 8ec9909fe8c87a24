"""Whose price is not owed: what was withdrawn from or struck, and what a complaint suspends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.facts import (
    ComplaintAssessed, InspectionCompleted, LineStruck, RemedyChosen, RmaIssued, RmaReceived,
    RmaRequested,
)  # fmt: skip
from domain.policies import cancelled, rescission, withdrawal_right
from domain.policies.cancelled import cancelled_at
from domain.policies.placing import STANDING_READS, order_stands
from domain.policies.rescission import rescinded_at
from domain.policies.withdrawal_right import withdrawn_lines
from domain.state import OrderState, Rma
from domain.terms import Terms

READS = (
    *withdrawal_right.READS, *cancelled.READS, *rescission.READS, *STANDING_READS, LineStruck,
)  # fmt: skip
COMPLAINT_READS = (
    RmaRequested, RmaIssued, RmaReceived, InspectionCompleted, ComplaintAssessed, RemedyChosen,
)  # fmt: skip
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
    """The pieces that an invoice asks for in vain, as if they had never been bought.

    Withdrawn from, cancelled, rescinded or struck, or all of an order that was refused. What is
    cancelled as a seller return is invoiced and credited instead.
    """
    whole = {line: goods.quantity for line, goods in order.lines.items()}
    if order_stands(order, terms).decision == "refused":
        return whole
    gone = set(order.struck) | set(rescinded_at(order, terms))
    costs = terms.cancellation.costs if terms.cancellation else None
    if costs is None or costs.value != "seller_return":
        gone |= set(cancelled_at(order, terms))
    withdrawn = withdrawn_lines(order, terms)
    pieces = {line: whole[line] if line in gone else withdrawn.get(line, 0) for line in whole}
    return {line: count for line, count in pieces.items() if count}


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
        (told.at, told.fact.result != "defect")
        for told in order.all(InspectionCompleted)
        if told.at >= since and set(order.named(told.fact.lines or ())) & set(lines)
    ]
    words += [
        (told.at, told.fact.remedy in ("repair", "replacement", "price_reduction"))
        for told in order.all(RemedyChosen)
        if told.at >= since and set(order.named(told.fact.lines)) & set(lines)
    ]
    if not words:
        return None
    at, owed_again = max(words)
    return at if owed_again else None
