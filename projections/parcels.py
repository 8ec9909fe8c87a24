"""Parcels: where each of them is, and when it got there."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from domain.facts import (
    AvailableForCollection, Collected, Delivered, DeliveryAttempted, DeliveryFailed, InTransit,
    ParcelReturned, Reshipped, ShipmentLost, Shipped, Unclaimed,
)  # fmt: skip
from domain.state import Parcel
from projections.dossier import Dossier
from projections.projection import Computed, Instant, MaybeInstant, MaybeText, Text, Texts

STATUS: dict[type[Any], str] = {
    Shipped: "shipped",
    Reshipped: "shipped again",
    InTransit: "in transit",
    DeliveryAttempted: "delivery attempted",
    DeliveryFailed: "delivery failed",
    AvailableForCollection: "ready for collection",
    Unclaimed: "unclaimed",
    ShipmentLost: "lost",
    ParcelReturned: "returned",
    Collected: "collected",
    Delivered: "delivered",
}
"""What the last fact about a parcel means, from the start of its way to its end."""
FARTHER = {status: place for place, status in enumerate(STATUS.values())}


class ParcelRow(NamedTuple):
    seller: Text
    order_id: Text
    parcel: Text
    carrier: MaybeText
    tracking: MaybeText
    status: Text
    lines: Texts
    shipped_at: MaybeInstant
    available_at: MaybeInstant
    received_at: MaybeInstant
    """When the customer got it."""
    returned_at: MaybeInstant
    status_at: Instant


def status_of(parcel: Parcel) -> tuple[str, datetime]:
    """What the latest fact about it says, and when that happened."""
    last = max((told[-1] for told in parcel.by_type.values()), key=lambda told: told.place)
    return STATUS[type(last.fact)], last.at


def rows(dossier: Dossier) -> Iterable[ParcelRow]:
    for parcel in dossier.state.parcels.values():
        shipped, received = parcel.last(Shipped), parcel.received
        available, returned = parcel.first(AvailableForCollection), parcel.last(ParcelReturned)
        status, status_at = status_of(parcel)
        yield ParcelRow(
            dossier.seller, dossier.order, parcel.id,
            shipped.fact.carrier if shipped else None,
            shipped.fact.tracking if shipped else None,
            status, parcel.lines,
            shipped.at if shipped else None,
            available.at if available else None,
            received.at if received else None,
            returned.at if returned else None,
            status_at,
        )  # fmt: skip


PARCELS = Computed(
    name="parcels",
    version=1,
    table="parcels",
    row=ParcelRow,
    key=("seller", "order_id", "parcel"),
    rows=rows,
)
