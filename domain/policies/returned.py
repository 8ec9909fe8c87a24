"""What came back for each withdrawal: returns, their costs, and when the wait for them ends."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from domain.facts import (
    ParcelReturned, RefundPaid, ReturnAssessed, ReturnReceived, ReturnSent, ShipmentLost,
)  # fmt: skip
from domain.policies import leaving as left
from domain.policies.leaving import leaving
from domain.policies.whereabouts import trips
from domain.policies.withdrawal_period import parcels_with
from domain.policies.withdrawal_right import Withdrawal
from domain.state import OrderState, Parcel, Told
from domain.terms import Terms

READS = (*left.READS, ReturnAssessed, RefundPaid)
AnyReturn = ReturnSent | ReturnReceived | ReturnAssessed | ParcelReturned
R = TypeVar("R", ReturnSent, ReturnReceived, ReturnAssessed)


def accepted(order: OrderState, terms: Terms) -> list[Withdrawal]:
    """The withdrawals that give something back, in order of time."""
    return [one for one in leaving(order, terms).withdrawals if one.accepted]


def returns_of(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal, kind: type[R]
) -> list[Told[R]]:
    """The facts of a return that belong to a withdrawal: each to the last notice before it."""
    return [
        told
        for told in order.all(kind)
        if _owner(found, order.named(told.fact.lines), told.at) is one
    ]


def line_returns(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal, line: str, kind: type[R]
) -> list[Told[R]]:
    """The same for one line, where goods of two notices may come back together."""
    told = [told for told in order.all(kind) if line in order.named(told.fact.lines)]
    later = [other for other in found if line in other.accepted]
    for other in later[later.index(one) :]:
        own = [fact for fact in told if _owner(found, (line,), fact.at) is other]
        if own:
            return own
    return []


def _owner(found: Sequence[Withdrawal], lines: Sequence[str], at: datetime) -> Withdrawal | None:
    about = [one for one in found if set(lines) & set(one.accepted)]
    before = [one for one in about if one.at <= at]
    return before[-1] if before else about[0] if about else None


# -- the wait for the goods -----------------------------------------------------------------------


def released_at(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal, *, proof: bool = True
) -> tuple[bool, datetime | None]:
    """Whether goods are to come back at all, and when the last came or (`proof`) was shown sent.

    What the carrier brings back counts as goods back; what was never sent, was lost or is a
    download leaves nothing to wait for.
    """
    times: list[datetime | None] = []
    for line in one.accepted:
        parcels = [parcel for parcel in parcels_with(order, line) if not _lost(parcel)]
        if "digital" in order.lines[line].traits or not parcels:
            continue
        carried = [brought_back_at(parcel) for parcel in parcels]
        times += [at for at in carried if at is not None]
        if None in carried:
            times.append(_sent_back_at(order, found, one, line, proof=proof))
    known = [at for at in times if at is not None]
    return bool(times), max(known) if known and len(known) == len(times) else None


def _sent_back_at(
    order: OrderState, found: Sequence[Withdrawal], one: Withdrawal, line: str, *, proof: bool
) -> datetime | None:
    received = [told.at for told in line_returns(order, found, one, line, ReturnReceived)]
    sent = [
        told.at
        for told in line_returns(order, found, one, line, ReturnSent)
        if proof and told.fact.proof
    ]
    return min([*received, *sent], default=None)


def brought_back_at(parcel: Parcel) -> datetime | None:
    """When the carrier brought a parcel back, unless it was sent again or received after that."""
    returned, received = trips(parcel)[-1].last(ParcelReturned), parcel.received
    if returned is None or (received is not None and received.at > returned.at):
        return None
    return returned.at


def _lost(parcel: Parcel) -> bool:
    return trips(parcel)[-1].last(ShipmentLost) is not None and parcel.received is None


# -- what was paid back ---------------------------------------------------------------------------


def paid_at(order: OrderState, found: Sequence[Withdrawal], one: Withdrawal) -> datetime | None:
    """When the refund of a withdrawal was paid: payments go to the notices in order of time."""
    paid: dict[str, datetime] = {}
    for told in order.all(RefundPaid):
        cause = named_notice(told.fact)
        open_ = [
            other.id
            for other in found
            if other.at <= told.at and other.id not in paid and cause in ("", other.id)
        ]
        if open_:
            paid[open_[0]] = told.at
    return paid.get(one.id)


def named_notice(paid: RefundPaid) -> str | None:
    """The notice whose refund was paid; '' where a payment names none, None if another kind's."""
    kind, _, subject = (paid.refund or "withdrawal").partition(":")
    return subject.rpartition("#")[2] if kind == "withdrawal" else None


def known_in_time(told: Told[AnyReturn], paid: datetime | None) -> bool:
    """Whether a cost was recorded before the refund was paid; later it is not set off."""
    return paid is None or told.recorded_at <= paid


def informed(order: OrderState) -> bool:
    """Whether the customer can owe costs of the return: a consumer only if told of them."""
    return not order.consumer or order.order.terms_informed
