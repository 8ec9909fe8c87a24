"""Where goods are: the trips of a parcel, and when a line was sent, could be had, and came back."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from domain.facts import (
    AvailableForCollection, Collected, Delivered, ParcelReturned, Reshipped, ReturnReceived,
    ReturnSent, ShipmentLost, Shipped,
)  # fmt: skip
from domain.fields import Value
from domain.state import OrderState, Parcel, Told

F = TypeVar("F", bound=Value)

READS = (
    Shipped, AvailableForCollection, Collected, Delivered, ParcelReturned, Reshipped, ShipmentLost,
    ReturnSent, ReturnReceived,
)  # fmt: skip


@dataclass(slots=True, frozen=True)
class Trip:
    """One way of a parcel to the customer: from its dispatch, or from being sent again."""

    parcel: Parcel
    began: Told[Reshipped] | None
    ended: Told[Reshipped] | None

    @property
    def cause(self) -> str | None:
        """What tells this trip's outcomes from those of the first one."""
        return self.began.id if self.began else None

    @property
    def subject(self) -> str:
        """How a person's decision names what happened on this trip (`Outcome.subject`)."""
        return f"{self.parcel.id}#{self.cause}" if self.cause else self.parcel.id

    def all(self, kind: type[F]) -> list[Told[F]]:
        found = self.parcel.all(kind)
        if not found or (self.began is None and self.ended is None):
            return found
        return [
            told
            for told in found
            if (self.began is None or told.place > self.began.place)
            and (self.ended is None or told.place < self.ended.place)
        ]

    def first(self, kind: type[F]) -> Told[F] | None:
        found = self.all(kind)
        return found[0] if found else None

    def last(self, kind: type[F]) -> Told[F] | None:
        found = self.all(kind)
        return found[-1] if found else None

    @property
    def received_at(self) -> datetime | None:
        """When the customer had it, the latest where that was told several times."""
        told = [*self.all(Collected), *self.all(Delivered)]
        return max((one.at for one in told), default=None)


def trips(parcel: Parcel) -> list[Trip]:
    """The parcel's ways to the customer, in order of time."""
    again: list[Told[Reshipped] | None] = list(parcel.all(Reshipped))
    return [
        Trip(parcel, began, ended)
        for began, ended in zip([None, *again], [*again, None], strict=True)
    ]


def sent_at(order: OrderState, line: str) -> datetime | None:
    """When the first parcel with the line left."""
    return _first(order, line, Shipped)


def to_be_had_at(order: OrderState, line: str) -> datetime | None:
    """When the customer could first collect the line, or had it."""
    kinds: tuple[type[Value], ...] = (AvailableForCollection, Collected, Delivered)
    found = [at for kind in kinds if (at := _first(order, line, kind)) is not None]
    return min(found, default=None)


def _first(order: OrderState, line: str, kind: type[Value]) -> datetime | None:
    told = [parcel.first(kind) for parcel in order.parcels_of(line)]
    return min((one.at for one in told if one is not None), default=None)


def nothing_to_wait_for_at(order: OrderState, line: str) -> datetime | None:
    """When a line that was sent came back, was shown to be on its way back, or was lost.

    A parcel that the carrier brings back counts as goods back.
    """
    shown = [
        told.at
        for told in order.all(ReturnSent)
        if told.fact.proof and line in order.named(told.fact.lines)
    ]
    shown += [told.at for told in order.all(ReturnReceived) if line in order.named(told.fact.lines)]
    ends = [_gone_at(parcel) for parcel in order.parcels_of(line) if parcel.last(Shipped)]
    known = [one for one in ends if one is not None]
    if known and len(known) == len(ends):
        shown.append(max(known))
    return min(shown, default=None)


def _gone_at(parcel: Parcel) -> datetime | None:
    """When a parcel on its last trip came back to the seller unopened, or was lost."""
    last = trips(parcel)[-1]
    ends = [told.at for told in (*last.all(ParcelReturned), *last.all(ShipmentLost))]
    return min(ends, default=None) if last.received_at is None else None


def came_back(trip: Trip) -> bool:
    """Whether the carrier brought the parcel back, and the customer did not have it."""
    return trip.received_at is None and trip.last(ParcelReturned) is not None
