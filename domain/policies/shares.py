"""What of the price and of the delivery price goes with each departure from an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from domain.facts import PaymentReceived
from domain.money import half_up
from domain.policies import leaving as left
from domain.policies.grounds import value_of
from domain.policies.leaving import Departure, Way, leaving
from domain.policies.placing import order_stands
from domain.policies.question import question
from domain.state import OrderState, Told
from domain.terms import Terms

READS = (*left.READS, PaymentReceived)


@dataclass(slots=True, frozen=True)
class Share:
    """A departure's part of goods and delivery price, in öre, and what of it was never paid."""

    departure: Departure
    goods: int
    delivery: int
    extra: int
    """Delivery beyond the seller's standard one, which is not given back; zero or negative."""
    unpaid: int

    @property
    def paid(self) -> int:
        """What was paid of it: the rest of the order is paid first."""
        return self.goods + self.delivery + self.extra - self.unpaid

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What was paid, the goods before their delivery."""
        goods = min(self.goods, self.paid)
        named = (("goods", goods), ("delivery", self.paid - goods))
        return tuple((name, part) for name, part in named if part)


@question
def shares(order: OrderState, terms: Terms) -> list[Share]:
    """The share of each departure, in order of time; together they are no more than was paid."""
    if order_stands(order, terms).decision == "refused":
        return []
    pieces = {name: line.quantity for name, line in order.lines.items()}
    withdrawn = dict.fromkeys(pieces, 0)
    unpaid, given, result = max(0, order.goods + order.freight - order.paid), 0, []
    for one in leaving(order, terms).departures:
        sent = extra = 0
        if one.way == "withdrawn":
            steps = any(withdrawn.values())
            for line, count in one.pieces.items():
                withdrawn[line] += count
            sent = _delivery(order, terms, pieces, withdrawn, last=one.last, steps=steps) - given
            extra = _extra(order, terms, given + sent) - _extra(order, terms, given)
        else:
            for line, count in one.pieces.items():
                pieces[line] -= count
            if one.last and not _kept(terms, one):
                sent = order.freight - given
        goods = sum(order.value(line, count) for line, count in one.pieces.items())
        free = 0 if _invoiced(terms, one) else min(unpaid, goods + sent + extra)
        unpaid, given = unpaid - free, given + sent
        result.append(Share(one, goods, sent, extra, free))
    return result


def share_of(order: OrderState, terms: Terms, way: Way, told: Told[Any]) -> Share | None:
    """The share of what a message took, None where it took nothing."""
    for one in shares(order, terms):
        if one.departure.way == way and one.departure.told is told:
            return one
    return None


def _kept(terms: Terms, one: Departure) -> bool:
    """Whether the seller keeps the delivery price of an order of which nothing can be delivered."""
    freight = terms.undeliverable.freight if terms.undeliverable else None
    return one.way == "struck" and freight is not None and freight.value == "keep"


def _invoiced(terms: Terms, one: Departure) -> bool:
    """Whether a cancelled line stays on the invoice, to be credited as a seller return."""
    costs = terms.cancellation.costs if terms.cancellation else None
    return one.way == "cancelled" and costs is not None and costs.value == "seller_return"


def _delivery(
    order: OrderState, terms: Terms, pieces: Mapping[str, int], withdrawn: Mapping[str, int], *,
    last: bool, steps: bool,
) -> int:  # fmt: skip
    """How much of the delivery price withdrawals have given back once these pieces are gone (öre).

    With the last of the order all of it (DAL 2:14), with a part what the terms say, else nothing.
    `pieces` are those that left in no other way, `steps`: others were withdrawn before these.
    """
    own = terms.returns
    if last:
        apart = value_of(own.last_part if own else None, "whole_order") == "separate"
        return 0 if apart and steps else order.freight
    rule = value_of(own.part_delivery if own else None, "not_refunded")
    if rule == "pro_rata_value":
        worth = sum(order.value(line, count) for line, count in pieces.items())
        back = sum(order.value(line, count) for line, count in withdrawn.items())
        return half_up(Fraction(order.freight * back, worth)) if worth else 0
    if rule == "per_line":
        kept = {line: count for line, count in pieces.items() if count}
        parts = sum(Fraction(withdrawn[line], count) for line, count in kept.items())
        return half_up(Fraction(order.freight) * parts / len(kept))
    return 0


def _extra(order: OrderState, terms: Terms, sent: int) -> int:
    """The part of a delivery price that the customer's choice of a dearer way caused, negative."""
    standard, own = order.order.shipping.standard_price, terms.returns
    if value_of(own.extra_delivery if own else None, "kept") == "refunded":
        return 0
    if standard is None or standard >= order.freight or not sent:
        return 0
    return -half_up(Fraction(sent * (order.freight - standard), order.freight))
