"""Until when a parcel waits to be collected, and why a trip of it ended without the customer."""

from datetime import date, datetime
from typing import Any, Literal

from domain.calendar import add_days, day_of, lapses_at, rolled
from domain.facts import (
    AvailableForCollection, Collected, Delivered, DeliveryAttempted, DeliveryFailed,
    ParcelReturned, Reshipped, ShipmentLost, Shipped, Unclaimed,
)  # fmt: skip
from domain.outcomes import Because, Deadline, Owed, standing
from domain.policies.grounds import clauses_of
from domain.policies.whereabouts import Trip
from domain.state import OrderState, Told
from domain.terms import Terms

READS = (
    Shipped, DeliveryAttempted, DeliveryFailed, AvailableForCollection, Collected, Delivered,
    Unclaimed, ParcelReturned, Reshipped, ShipmentLost,
)  # fmt: skip

Ending = Literal["unclaimed", "wrong_address", "nobody_home", "refused", "returned"]


def ending(trip: Trip) -> Ending | None:
    """Why the customer did not have the parcel; None while it is on its way, received or lost."""
    if trip.received_at is not None or trip.last(ShipmentLost) is not None:
        return None
    if trip.last(Unclaimed) is not None:
        return "unclaimed"
    failed = trip.last(DeliveryFailed)
    if failed is not None and failed.fact.reason is not None:
        return failed.fact.reason
    return "returned" if trip.last(ParcelReturned) is not None or failed is not None else None


def in_vain(trip: Trip, reason: str) -> list[Told[Any]]:
    """The carrier's words that it came in vain for this reason, whatever became of the parcel."""
    found: list[Told[Any]] = [*trip.all(DeliveryAttempted), *trip.all(DeliveryFailed)]
    return [told for told in found if told.fact.reason == reason]


def collect_by(order: OrderState, terms: Terms, trip: Trip) -> date | None:
    """The last day to collect: as notified, else so many days on, moved for a consumer."""
    own, told = terms.collection, trip.first(AvailableForCollection)
    if own is None or told is None:
        return None
    named = [one.fact.until for one in trip.all(AvailableForCollection) if one.fact.until]
    if named:
        return named[-1]
    if own.not_for is not None and order.order.shipping.method in own.not_for.value:
        return None
    due = add_days(day_of(told.at), own.days.value)
    return rolled(due) if order.consumer else due


def cut_short(order: OrderState, terms: Terms, trip: Trip) -> bool:
    """Whether the carrier gave the parcel up before the last day to collect it had ended."""
    due, told = collect_by(order, terms, trip), trip.last(Unclaimed)
    return due is not None and told is not None and told.at < lapses_at(due)


def until_when(
    owed: Owed, order: OrderState, terms: Terms, trip: Trip, now: datetime, gone: datetime | None
) -> None:
    """The deadline for collecting; none where the parcel was let go or given up before it."""
    due, own = collect_by(order, terms, trip), terms.collection
    told = trip.first(AvailableForCollection)
    if due is None or own is None or told is None:
        return
    received_at, parcel = trip.received_at, trip.parcel
    ends: list[Told[Any]] = [
        *trip.all(Unclaimed), *trip.all(ParcelReturned), *trip.all(ShipmentLost)
    ]  # fmt: skip
    given_up = any(one.at < lapses_at(due) for one in ends)
    if received_at is None and (given_up or (gone is not None and gone < lapses_at(due))):
        return
    named = any(one.fact.until for one in trip.all(AvailableForCollection))
    because = Because(
        rule="unclaimed.collect_by",
        clauses=clauses_of(own.named if named else own.days, own.counted_from),
        inputs={"parcel": parcel.id, "from": told.at.isoformat(), "due": due.isoformat()},
        readings=() if named else own.days.readings,
    )
    owed.add(
        Deadline(
            kind="collection", due=due, party="customer", parcel=parcel.id, cause=trip.cause,
            state=standing(due, received_at, now), because=because,
        )
    )  # fmt: skip
