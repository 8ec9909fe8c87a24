"""The last day of delivery, and when each line was delivered: what delay is measured by."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from domain.calendar import add_days, add_working_days, day_of, lapses_at
from domain.facts import (
    AvailableForCollection, DeliveryAttempted, DeliveryFailed, LineStruck,
    ParcelReturned, ShipmentLost, Shipped,
)  # fmt: skip
from domain.outcomes import Effect, State, standing
from domain.policies.grounds import clauses_of
from domain.policies.question import question
from domain.state import PARCEL_FACTS, OrderState, Parcel
from domain.terms import Terms
from domain.terms.delivery import DeliveryTerms, Period
from domain.terms.values import Term

READS = (*PARCEL_FACTS, LineStruck)
"""Whatever is heard of a parcel, even that it moves, says how many parcels there are."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Limit:
    """The last day of delivery, what sets it, and the printed day that fell to the statute."""

    due: date
    basis: Literal["promised", "printed", "bounded", "statute"]
    clauses: tuple[str, ...]
    readings: tuple[tuple[str, str], ...] = ()
    printed: date | None = None
    statutes: tuple[tuple[str, Effect], ...] = ()
    beaten: tuple[tuple[str, str, str], ...] = ()


@question
def limit(order: OrderState, terms: Terms) -> Limit | None:
    """By when the seller must deliver: as promised for the order, as printed, or by statute.

    A consumer has the goods within the statutory days of the contract unless a day was agreed; a
    shorter printed time stands. None where nobody set a time (a company's back order), or where
    there is no contract yet.
    """
    own, promised = terms.delivery, order.order.shipping.promised_by
    printed, statutory = _printed(order, own), _statutory(order, terms)
    if promised is not None:
        agreed = clauses_of(own.promise if own else None)
        clauses = agreed or (statutory.clauses if statutory else ())
        return Limit(due=promised, basis="promised", clauses=clauses)
    if statutory is None or (printed is not None and printed.due <= statutory.due):
        return printed
    if printed is None:
        return statutory
    return replace(
        printed,
        due=statutory.due,
        basis="bounded",
        clauses=(*printed.clauses, *statutory.clauses),
        printed=printed.due,
        statutes=tuple((clause, "bounded") for clause in statutory.clauses),
        beaten=((printed.clauses[0], printed.due.isoformat(), statutory.clauses[0]),),
    )


def _printed(order: OrderState, own: DeliveryTerms | None) -> Limit | None:
    """The time of the terms; none is given for goods on back order (FACTS.md section 2)."""
    if own is None or own.counted_from is None or order.order.stock == "back_order":
        return None
    period: Term[Period] | None = own.normal
    if order.order.shipping.method == "economy" and own.economy is not None:
        period = own.economy
    elif order.order.stock == "supplier" and own.supplier is not None:
        period = own.supplier
    start = order.placed_at if own.counted_from.value == "order" else order.confirmed_at
    if period is None or start is None:
        return None
    count = add_days if period.value.unit == "days" else add_working_days
    return Limit(
        due=count(day_of(start), period.value.count),
        basis="printed",
        clauses=clauses_of(period, own.counted_from, own.advertised),
        readings=period.readings,
    )


def _statutory(order: OrderState, terms: Terms) -> Limit | None:
    days = terms.law.delay.days
    if days is None or not order.consumer or order.confirmed_at is None:
        return None
    return Limit(
        due=add_days(day_of(order.confirmed_at), days.value),
        basis="statute",
        clauses=days.clauses,
        statutes=tuple((clause, "applies") for clause in days.clauses),
    )


def by_handover(terms: Terms) -> bool:
    """Whether the seller has delivered when the carrier has the goods."""
    own = terms.delivery
    return own is not None and own.done_by is not None and own.done_by.value == "handover"


def awaited_lines(order: OrderState) -> tuple[str, ...]:
    """The lines that somebody carries; what is downloaded is delivered otherwise."""
    return tuple(one for one, goods in order.lines.items() if "digital" not in goods.traits)


def received_at(order: OrderState, terms: Terms, line: str) -> datetime | None:
    """When the customer had all of a line; None while a part is on its way, was lost or went back.

    With delivery by handover it is when the carrier had it.
    """
    handover = by_handover(terms)
    carrying = [
        parcel for parcel in _parcels(order, line)
        if handover or parcel.received or not (_lost(parcel) or parcel.last(ParcelReturned))
    ]  # fmt: skip
    return _last([_received(parcel, handover) for parcel in carrying])


def done_at(order: OrderState, terms: Terms, line: str) -> datetime | None:
    """When the seller had done its part: the line was received, or offered and not taken."""
    handover = by_handover(terms)
    carrying = [one for one in _parcels(order, line) if handover or not _lost(one)]
    return _last([_received(one, handover) if handover else _offered(one) for one in carrying])


def delivery_state(
    order: OrderState, terms: Terms, due: date, now: datetime, gone: Mapping[str, datetime]
) -> State | None:
    """Where the seller stands with delivery; None where nothing was left to wait for by then.

    `gone`: line -> when it had left the order.
    """
    done = done_at_all(order, terms)
    if gone:
        late = lapses_at(due)
        done = {
            line: at for line, at in done.items()
            if line not in gone or gone[line] >= late or (at is not None and at <= gone[line])
        }  # fmt: skip
    if not done:
        return None
    return standing(due, _last(list(done.values())), now)


@question
def done_at_all(order: OrderState, terms: Terms) -> dict[str, datetime | None]:
    """Line that somebody carries -> when the seller had done its part."""
    return {line: done_at(order, terms, line) for line in awaited_lines(order)}


def _parcels(order: OrderState, line: str) -> list[Parcel]:
    """Those that carry the line; the order's only one, where nobody said what is in it."""
    alone = [one for one in order.parcels.values() if not one.lines]
    return order.parcels_of(line) or (alone if len(order.parcels) == 1 else [])


def _last(times: list[datetime | None]) -> datetime | None:
    """The last of the times, if there is none that is still to come."""
    found = [at for at in times if at is not None]
    return max(found) if found and len(found) == len(times) else None


def _received(parcel: Parcel, handover: bool) -> datetime | None:
    told = (parcel.first(Shipped) if handover else None) or parcel.received
    return told.at if told else None


def _offered(parcel: Parcel) -> datetime | None:
    """When a parcel could be had: what then keeps the customer from it is no delay of the seller.

    A failed delivery counts where its reason lies with the customer.
    """
    failed = [told for told in parcel.all(DeliveryFailed) if told.fact.reason is not None]
    offers: list[Any] = [
        parcel.first(AvailableForCollection), parcel.first(DeliveryAttempted),
        failed[0] if failed else None, parcel.received,
    ]  # fmt: skip
    return min((told.at for told in offers if told is not None), default=None)


def _lost(parcel: Parcel) -> bool:
    return parcel.last(ShipmentLost) is not None and parcel.received is None
