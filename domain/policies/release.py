"""Whose price is not owed: what was withdrawn from or struck, and what a complaint suspends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.facts import LineStruck, RemedyChosen, ReplacementShipped
from domain.policies import claims, rma_case
from domain.policies import leaving as left
from domain.policies.claims import Claim, arrivals, pieces_of
from domain.policies.leaving import leaving
from domain.policies.placing import STANDING_READS, order_stands
from domain.policies.verdict import verdict
from domain.state import OrderState
from domain.terms import Terms

READS = (*left.READS, *STANDING_READS, LineStruck)
COMPLAINT_READS = (*claims.READS, *rma_case.READS, ReplacementShipped)
KEPT = ("repair", "replacement", "price_reduction")
"""Remedies that leave the customer with goods."""
AT_ONCE = ("late", "packaging", "closed")
"""Why a complaint is refused whatever its goods are found to be."""
Pieces = Mapping[str, int]
"""Line -> how many of its pieces."""


@dataclass(slots=True, frozen=True)
class Suspension:
    """Pieces of a line that came back for a complaint: from then on their price is written off.

    `until` is when the complaint was denied, or when the customer had goods again or chose to;
    None while the price stays written off.
    """

    line: str
    pieces: int
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
    costs = terms.cancellation.costs if terms.cancellation else None
    invoiced = costs is not None and costs.value == "seller_return"
    pieces = {line: whole[line] for line in order.struck if line in whole}
    for one in leaving(order, terms).departures:
        if one.way != "struck" and not (invoiced and one.way == "cancelled"):
            for line, count in one.pieces.items():
                pieces[line] = min(pieces.get(line, 0) + count, whole[line])
    return pieces


def all_released(order: OrderState, released: Pieces) -> bool:
    """Whether nothing of the order is left."""
    return bool(order.lines) and all(
        released.get(line, 0) >= goods.quantity for line, goods in order.lines.items()
    )


def suspensions(order: OrderState, terms: Terms) -> list[Suspension]:
    """What came back for complaints, in order of time; a warranty's case writes nothing off."""
    found = []
    for claim in claims.claims(order, terms):
        came = arrivals(order, claim)
        if claim.kind == "complaint" and came:
            since = came[0].at
            until = _ended_at(order, terms, claim, since)
            if until is None or until > since:
                found.append(Suspension(claim.line, pieces_of(order, claim), since, until))
    return sorted(found, key=lambda one: (one.since, one.line))


def _ended_at(order: OrderState, terms: Terms, claim: Claim, since: datetime) -> datetime | None:
    """The last word on a claim: denied, or repaired or replaced."""
    answer = verdict(order, terms, claim, since)
    if answer.decision == "refused":
        words = [told.at for told in (*claim.findings[-1:], claim.judged) if told is not None]
        return since if answer.reason in AT_ONCE else max([since, *words])
    kept = [
        told.at
        for told in order.all(ReplacementShipped)
        if told.at >= since and claim.line in order.named(told.fact.lines)
    ]
    told = claim.remedy
    if told and isinstance(told.fact, RemedyChosen) and told.fact.remedy in KEPT:
        kept.append(max(since, told.at))
    return min(kept, default=None)
