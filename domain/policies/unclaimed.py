"""A parcel that nobody collects or receives: until when it waits, and what it costs."""

from datetime import datetime
from typing import Any

from domain.facts import (
    AvailableForCollection, DamageReported, DeliveryAttempted, DeliveryFailed, DiscretionExercised,
    ParcelReturned, Shipped, Unclaimed,
)  # fmt: skip
from domain.outcomes import Because, Effect, Fee, Owed
from domain.policies import collection, kept, placing
from domain.policies.collection import Ending, cut_short, ending, in_vain, until_when
from domain.policies.discretion import Question, ask, decided, refuse, waived
from domain.policies.grounds import clauses_of, readings_of
from domain.policies.kept import let_go_at, let_go_since
from domain.policies.leaving import cancelled_at
from domain.policies.placing import order_stands
from domain.policies.policy import Policy
from domain.policies.report import lines_in, reported_lines
from domain.policies.whereabouts import Trip, trips
from domain.state import OrderState, Parcel
from domain.terms import Terms
from domain.terms.unclaimed import UnclaimedTerms
from domain.terms.values import Term

Steps = list[tuple[str, int]]


def unclaimed(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The fees of each trip of a parcel; none for parcels of what was let go or stopped."""
    owed = Owed()
    stopped = order_stands(order, terms).decision == "refused"
    gone = let_go_at(order, terms) if order.parcels else {}
    kept = []
    for parcel in order.parcels.values():
        since = let_go_since(order, parcel, gone)
        kept += [] if stopped or since else trips(parcel)
        for trip in trips(parcel):
            until_when(owed, order, terms, trip, now, since)
    for trip in kept:
        if terms.unclaimed is not None:
            _fee(owed, order, terms, terms.unclaimed, trip)
    _wrong_address(owed, order, terms, kept)
    return owed


# -- the fee --------------------------------------------------------------------------------------


def _fee(owed: Owed, order: OrderState, terms: Terms, own: UnclaimedTerms, trip: Trip) -> None:
    """The floor and the freight where the parcel was left, the wasted trip where nobody was in."""
    parcel, end = trip.parcel, ending(trip)
    if _was_damaged(order, terms, trip):
        return
    other = _other_costs(order, terms, own, trip, end)
    question = Question(
        about="unclaimed", choices=("charge", "waive"), subject=trip.subject, usual=other,
        bounds=(0, other) if other else None,
    )  # fmt: skip
    told = decided(order, question)
    if other and own.other_costs is not None:
        _may_be_charged(owed, order, own.other_costs, trip, other, question)
    if told is not None and told.fact.decision == "waive":
        return
    words: list[Term[Any] | None] = []
    steps: Steps = []
    if _left(order, terms, own, trip, end):
        steps += _floor(terms, own) + _freight(own, trip)
        words += [own.floor, own.freight_legs, own.arises, own.early_return]
        words += [own.refused] if end == "refused" else []
        words += [own.express] if order.order.shipping.method == "express" else []
        steps = _larger(own, steps)
    steps += _wasted_trip(own, trip, words)
    if other and told is not None:
        steps.append(("other_costs", question.amount(told)))
        words.append(own.other_costs)
    amount = sum(step for _, step in steps)
    if amount:
        because = Because(
            rule="unclaimed.fee" if end else "unclaimed.trip",
            clauses=clauses_of(*words),
            inputs={"parcel": parcel.id},
            steps=tuple(steps),
            readings=readings_of(*words),
            statutes=_agreed_sum(order, terms),
        )
        owed.add(
            Fee(
                kind="unclaimed", amount=amount, vat=own.vat.value, parcel=parcel.id,
                cause=trip.cause, because=because,
            )
        )  # fmt: skip


def _left(
    order: OrderState, terms: Terms, own: UnclaimedTerms, trip: Trip, end: Ending | None
) -> bool:
    """Whether the fee is owed for this trip."""
    if own.arises.value == "at_return" and trip.last(ParcelReturned) is None:
        return False
    return counts_as_unclaimed(order, own, end) and not _excepted(order, terms, own, trip)


def counts_as_unclaimed(order: OrderState, own: UnclaimedTerms, end: Ending | None) -> bool:
    """Whether the terms call a parcel uncollected that ended its trip so."""
    if end == "refused":
        whom = own.refused.value if own.refused else "nobody"
        return whom == "everybody" or (whom == "business" and not order.consumer)
    if end == "nobody_home":
        return own.nobody_home is not None and own.nobody_home.value == "fee_and_trip"
    return end == "unclaimed"


def _excepted(order: OrderState, terms: Terms, own: UnclaimedTerms, trip: Trip) -> bool:
    """Parcels that cost nothing: without tracking, express, or given up by the carrier too soon."""
    if own.untracked is not None and not is_tracked(order, trip.parcel):
        return True
    if own.express is not None and order.order.shipping.method == "express":
        return own.express.value == "no_fee"
    return (
        own.early_return is not None
        and own.early_return.value == "no_fee"
        and cut_short(order, terms, trip)
    )


def _was_damaged(order: OrderState, terms: Terms, trip: Trip) -> bool:
    """Whether visible damage was reported while the parcel waited: it is not to be taken over."""
    if trip.received_at is not None:
        return False
    own = terms.damage
    if not order.consumer and (own is None or own.collecting is None):
        return False
    lines = set(lines_in(order, trip.parcel))
    ends = [told.place for kind in (Unclaimed, DeliveryFailed, ParcelReturned)
            for told in trip.all(kind)]  # fmt: skip
    return any(
        told.fact.visibility == "visible" and set(reported_lines(order, told)) & lines
        and (trip.began is None or told.place > trip.began.place)
        and told.at <= min(ends, default=told.place)[0]
        for told in order.all(DamageReported)
    )  # fmt: skip


def is_tracked(order: OrderState, parcel: Parcel) -> bool:
    """Whether the parcel has a tracking number; as ordered, while its dispatch is not known."""
    shipped = parcel.last(Shipped)
    return order.order.shipping.tracked if shipped is None else shipped.fact.tracking is not None


def _floor(terms: Terms, own: UnclaimedTerms) -> Steps:
    tariff = terms.tariff.get("unclaimed") if own.tariff is not None else None
    more = tariff is not None and tariff.value > own.floor.value
    return [("tariff", tariff.value) if tariff is not None and more else ("floor", own.floor.value)]


def _freight(own: UnclaimedTerms, trip: Trip) -> Steps:
    """The carrier's price of the legs that the terms name, as far as it is known."""
    legs, steps = own.freight_legs.value, []
    returned, shipped = trip.last(ParcelReturned), trip.last(Shipped)
    if legs in ("outbound_leg", "round_trip") and shipped is not None:
        steps.append(("outbound_freight", shipped.fact.cost or 0))
    if legs in ("return_leg", "round_trip") and returned is not None:
        steps.append(("return_freight", returned.fact.return_cost or 0))
    return steps


def _larger(own: UnclaimedTerms, steps: Steps) -> Steps:
    """Where the fee covers the freight: the freight in its place, if that comes to more."""
    if own.freight is None or own.freight.value == "added":
        return steps
    floor, freight = steps[0][1], sum(amount for _, amount in steps[1:])
    return steps[1:] if freight > floor else steps[:1]


def _wasted_trip(own: UnclaimedTerms, trip: Trip, words: list[Term[Any] | None]) -> Steps:
    """What the carrier charged for coming in vain."""
    tried = in_vain(trip, "nobody_home")
    if own.nobody_home is None or not tried:
        return []
    returned = trip.last(ParcelReturned)
    toll = returned.fact.toll if returned is not None else None
    cost = sum(told.fact.cost or 0 for told in tried) if toll is None else toll
    words.append(own.nobody_home)
    return [("wasted_trip", cost)] if cost else []


def _other_costs(
    order: OrderState, terms: Terms, own: UnclaimedTerms, trip: Trip, end: Ending | None
) -> int:
    """Other costs of the return: they may be charged, so they wait for a person.

    Of goods that were not received for another reason than not being collected, the freight back
    is such a cost; a vain unloading and a cancellation have consequences of their own.
    """
    returned, cancelled = trip.last(ParcelReturned), cancelled_at(order, terms)
    if own.other_costs is None or returned is None or end is None:
        return 0
    if any(line in cancelled for line in lines_in(order, trip.parcel)):
        return 0
    cost = returned.fact.other_cost or 0
    if end not in ("unclaimed", "nobody_home"):
        cost += returned.fact.return_cost or 0
    return cost


def _may_be_charged(
    owed: Owed, order: OrderState, word: Term[Any], trip: Trip, cost: int, question: Question
) -> None:
    """The question whether, and how much of, the other costs are charged."""
    because = Because(
        rule="unclaimed.other_costs",
        clauses=word.clauses,
        inputs={"parcel": trip.parcel.id, "cost": cost},
    )
    refuse(owed, order, question, because, parcel=trip.parcel.id)
    if decided(order, question) is None:
        ask(owed, question, because, parcel=trip.parcel.id, cause=trip.cause)


def _agreed_sum(order: OrderState, terms: Terms) -> tuple[tuple[str, Effect], ...]:
    """The statute that lets a reasonable agreed sum stand against a consumer."""
    law = terms.law.unclaimed.agreed_sum
    return tuple((one, "applies") for one in law.clauses) if law and order.consumer else ()


# -- a wrong address ------------------------------------------------------------------------------


def _wrong_address(owed: Owed, order: OrderState, terms: Terms, kept: list[Trip]) -> None:
    """Its fee: for each parcel, or once an order, at the carrier's first word of it."""
    own = terms.wrong_address
    if own is None or own.charged.value == "never":
        return
    found = [trip for trip in kept if in_vain(trip, "wrong_address")]
    if own.charged.value == "per_order":
        found = sorted(
            found, key=lambda trip: min(told.place for told in in_vain(trip, "wrong_address"))
        )[:1]
    for trip in found:
        parcel = trip.parcel
        if waived(order, "wrong_address", trip.subject):
            continue
        because = Because(
            rule="unclaimed.wrong_address",
            clauses=clauses_of(own.fee, own.charged, own.vat),
            inputs={"parcel": parcel.id},
            steps=(("fee", own.fee.value),),
            readings=readings_of(own.fee, own.charged, own.vat),
        )
        owed.add(
            Fee(
                kind="wrong_address", amount=own.fee.value, vat=own.vat.value, parcel=parcel.id,
                cause=trip.cause, because=because,
            )
        )  # fmt: skip


UNCLAIMED = Policy(
    "unclaimed",
    unclaimed,
    reads=(
        *collection.READS,
        *kept.READS,
        *placing.STANDING_READS,
        DiscretionExercised,
    ),
    starts=(AvailableForCollection, Unclaimed, DeliveryAttempted, DeliveryFailed, ParcelReturned),
    sentences={
        "unclaimed.fee": (
            "The parcel {parcel} was not collected.",
            "Paketet {parcel} hämtades inte ut.",
        ),
        "unclaimed.trip": (
            "The carrier came in vain with the parcel {parcel}.",
            "Transportören kom förgäves med paketet {parcel}.",
        ),
        "unclaimed.other_costs": (
            "The return of the parcel {parcel} cost {cost} besides; a person decides on it.",
            "Returen av paketet {parcel} kostade {cost} därutöver; en människa avgör.",
        ),
        "unclaimed.wrong_address": (
            "The address of the parcel {parcel} was wrong in the order.",
            "Adressen för paketet {parcel} var fel i ordern.",
        ),
        "unclaimed.collect_by": (
            "The parcel {parcel}, notified {from}, is to be collected by {due}.",
            "Paketet {parcel}, aviserat {from}, ska hämtas senast {due}.",
        ),
    },
)
