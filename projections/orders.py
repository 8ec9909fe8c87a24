"""Orders: one row an order, its status in words and what is open, with its dossier."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from domain.facts import OrderPlaced, RefundPaid
from domain.outcomes import NOBODYS
from domain.state import OrderState
from projections.dossier import Dossier
from projections.parcels import FARTHER, status_of
from projections.projection import (
    Big, Computed, Instant, Integer, MaybeInstant, MaybeText, Row, Text,
)  # fmt: skip
from projections.repaid import cause_of, left_of
from projections.stands import Stands

ENDINGS = (
    (("order", "refused"), "refused"),
    (("cancellation", "accepted"), "cancelled"),
    (("withdrawal", "accepted"), "withdrawn"),
    (("order", "pending"), "pending"),
)
"""Rulings that say how an order stands, whatever its parcels do; the first that stands counts."""


class OrderRow(NamedTuple):
    """Amounts are öre, as the order's `prices` say; what is paid, owed and due is what stands."""

    seller: Text
    order_id: Text
    status: Text
    customer: MaybeText
    marketplace: MaybeText
    cart: MaybeText
    currency: Text
    placed_at: MaybeInstant
    goods: Big
    freight: Big
    paid: Big
    repaid: Big
    fees: Big
    refunds: Big
    open_decisions: Integer
    next_deadline: MaybeText
    next_deadline_at: MaybeInstant
    last_event_at: Instant
    version: Integer
    dossier: Text


def status(dossier: Dossier) -> str:
    state, stands = dossier.state, dossier.stands
    if state.data is None:
        return "waiting for the order"
    rulings = set(stands.rulings.values())
    for ruling, word in ENDINGS:
        if ruling in rulings:
            return word
    if stands.blocks:
        return "blocked"
    sent = {line for parcel in state.parcels.values() for line in parcel.lines}
    if not sent:
        return "confirmed" if state.confirmed_at else "placed"
    if any(line not in sent and line not in state.struck for line in state.lines):
        return "partly shipped"
    on_the_way = [status_of(parcel)[0] for parcel in state.parcels.values() if parcel.lines]
    return min(on_the_way, key=FARTHER.__getitem__)


def _placed_at(dossier: Dossier) -> datetime | None:
    data = dossier.state.data
    if data is None:
        return None
    placed = dossier.state.last(OrderPlaced)
    return data.placed_at or data.confirmed_at or (placed.at if placed else None)


def _next(stands: Stands, state: OrderState) -> tuple[datetime | None, str | None]:
    """What falls due next: first of all a refund that is late, as long as it is to be paid."""
    waits = [
        (lapses_at, kind, cause_of(name)) for name, (lapses_at, kind) in stands.deadlines.items()
        if kind not in NOBODYS
    ]  # fmt: skip
    if any(kind == "refund" for _, kind, _ in waits):
        left = left_of(stands.refunds.values(), state)
        waits = [one for one in waits if one[1] != "refund" or left.get(one[2], 0) > 0]
    return min(((lapses_at, kind) for lapses_at, kind, _ in waits), default=(None, None))


def rows(dossier: Dossier) -> Iterable[OrderRow]:
    if not dossier.is_order:
        return
    state, stands = dossier.state, dossier.stands
    data: Any = state.data
    repaid = sum(told.fact.amount for told in state.all(RefundPaid))
    refunds = sum(refund.amount for refund in stands.refunds.values())
    lapses_at, deadline = _next(stands, state)
    if dossier.last_event_at is None:
        return
    yield OrderRow(
        seller=dossier.seller,
        order_id=dossier.order,
        status=status(dossier),
        customer=data.customer.ref if data else None,
        marketplace=data.marketplace if data else None,
        cart=data.cart if data else None,
        currency=data.currency if data else "SEK",
        placed_at=_placed_at(dossier),
        goods=state.goods,
        freight=state.freight if data else 0,
        paid=state.paid,
        repaid=repaid,
        fees=sum(fee.amount for fee in stands.fees.values()),
        refunds=refunds,
        open_decisions=len(stands.decisions),
        next_deadline=deadline,
        next_deadline_at=lapses_at,
        last_event_at=dossier.last_event_at,
        version=dossier.version,
        dossier=dossier.encode(),
    )


def dossier_of(row: Row) -> Dossier:
    """The dossier that an order's row holds."""
    order = OrderRow._make(row)
    return Dossier.decode(
        order.seller, order.order_id, order.version, order.last_event_at, order.dossier
    )


ORDERS = Computed(
    name="orders",
    version=3,
    table="orders",
    row=OrderRow,
    key=("seller", "order_id"),
    rows=rows,
)
