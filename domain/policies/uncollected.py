"""Goods that came back uncollected: their price, sending them again, cancelling them then."""

from datetime import datetime
from itertools import pairwise
from typing import Any

from domain.facts import (
    CancellationRequested, DeliveryAttempted, DeliveryFailed, DiscretionExercised, ParcelReturned,
    PaymentReceived, Reshipped, Shipped, Unclaimed,
)  # fmt: skip
from domain.outcomes import Because, Fee, Owed, Refund, Vat
from domain.policies import collection, kept, placing, seller_return
from domain.policies.collection import ending, in_vain
from domain.policies.discretion import Question, ask, decided, refuse
from domain.policies.grounds import clauses_of, distinct, readings_of
from domain.policies.kept import let_go_at, let_go_since
from domain.policies.leaving import cancelled_at
from domain.policies.placing import order_stands
from domain.policies.policy import Policy
from domain.policies.report import lines_in
from domain.policies.seller_return import day_price_of, valued, vat_of
from domain.policies.unclaimed import counts_as_unclaimed, is_tracked
from domain.policies.whereabouts import Trip, came_back, trips
from domain.state import OrderState, Parcel, Told
from domain.terms import Terms
from domain.terms.cancellation import CancelledUncollectedTerms
from domain.terms.unclaimed import ReshippingTerms, UncollectedTerms
from domain.terms.values import Term

FREIGHT_TARIFF = "transport"


def uncollected(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """What a parcel that was not received leads to, beside its fee."""
    owed = Owed()
    if order_stands(order, terms).decision == "refused":
        return owed
    gone = let_go_at(order, terms) if order.parcels else {}
    for parcel in order.parcels.values():
        ways = trips(parcel)
        if let_go_since(order, parcel, gone) is None:
            for earlier, later in pairwise(ways):
                _sent_again(owed, order, terms, earlier, later)
            if terms.uncollected is not None and came_back(ways[-1]):
                _price(owed, order, terms, terms.uncollected, ways[-1], set(gone))
        if terms.cancelled_uncollected is not None:
            _cancelled(owed, order, terms, terms.cancelled_uncollected, ways[-1])
    return owed


# -- the price ------------------------------------------------------------------------------------


def _price(
    owed: Owed, order: OrderState, terms: Terms, own: UncollectedTerms, trip: Trip, gone: set[str]
) -> None:
    """Credited when the parcel is back, where the terms say so; sending it again ends that."""
    gone = gone | order.struck
    lines = tuple(
        line
        for line in lines_in(order, trip.parcel)
        if line not in gone and _last_back(order, line) in (None, trip.parcel)
    )
    if own.price.value == "seller_return":
        _seller_return(owed, order, terms, own, trip, lines)
    elif own.price.value == "credited" and _is_unclaimed(order, terms, trip):
        amount = min(sum(order.value(line) for line in lines), order.paid)
        because = Because(
            rule="uncollected.credited",
            clauses=own.price.clauses,
            inputs={"parcel": trip.parcel.id, "paid": order.paid},
            readings=own.price.readings,
        )
        if amount:
            owed.add(
                Refund(
                    kind="credit", amount=amount, breakdown=(("goods", amount),),
                    parcel=trip.parcel.id, because=because,
                )
            )  # fmt: skip


def _last_back(order: OrderState, line: str) -> Parcel | None:
    """The last parcel that came back with the line: its price goes back once."""
    back = [one for one in order.parcels_of(line) if came_back(trips(one)[-1])]
    return back[-1] if back else None


def _is_unclaimed(order: OrderState, terms: Terms, trip: Trip) -> bool:
    own = terms.unclaimed
    return own is not None and counts_as_unclaimed(order, own, ending(trip))


def _seller_return(
    owed: Owed, order: OrderState, terms: Terms, own: UncollectedTerms, trip: Trip,
    lines: tuple[str, ...],
) -> None:  # fmt: skip
    """The value of a seller return, less handling and freight; a shortfall ends at nought."""
    pieces = {line: order.lines[line].quantity for line in lines}
    day_price, approved = day_price_of(order, pieces, trip.began)
    if terms.seller_return is None or not lines or not approved:
        return
    value = valued(order, terms, terms.seller_return, pieces, day_price)
    deducted, words = _deducted(own, trip)
    fee = value.fee + sum(deducted.values())
    parts_of_fee = {"seller_return_fee": value.fee, **deducted} if deducted else {}
    because = Because(
        rule="uncollected.seller_return",
        clauses=distinct(own.price.clauses, value.clauses, clauses_of(*words)),
        inputs={
            "parcel": trip.parcel.id,
            "goods": value.goods,
            "fee": fee,
            **parts_of_fee,
            **value.figures,
        },
        readings=distinct(value.readings, readings_of(*words, own.shortfall)),
    )
    amount = value.goods - fee
    if amount > 0:
        parts = (("goods", value.goods), *((("fee", -fee),) if fee else ()))
        owed.add(
            Refund(
                kind="credit", amount=amount, breakdown=parts, parcel=trip.parcel.id,
                because=because,
            )
        )  # fmt: skip
    elif amount < 0 and own.shortfall is not None and own.shortfall.value == "claimed":
        owed.add(
            Fee(
                kind="unclaimed", amount=-amount, vat=vat_of(order), parcel=trip.parcel.id,
                because=because,
            )
        )  # fmt: skip


def _deducted(own: UncollectedTerms, trip: Trip) -> tuple[dict[str, int], tuple[Any, ...]]:
    """Handling and return freight; not where a wrong address has a fee that covers them."""
    again = own.wrong_address if in_vain(trip, "wrong_address") else None
    if again is not None and again.value == "covered":
        return {}, (again,)
    words = {"handling_fee": own.handling, "return_freight": own.return_freight}
    parts = {name: word.value for name, word in words.items() if word is not None}
    return parts, (*words.values(), again)


# -- sent again -----------------------------------------------------------------------------------


def _sent_again(owed: Owed, order: OrderState, terms: Terms, earlier: Trip, later: Trip) -> None:
    """New freight, where the customer did not have the parcel the time before."""
    own, told, parcel = terms.reshipping, later.began, earlier.parcel
    if own is None or told is None or ending(earlier) is None:
        return
    price, words = _new_freight(order, terms, own, told)
    question = Question(
        about="reship_freight", choices=("charge", "waive"), subject=later.subject, usual=price
    )
    answer, is_open = decided(order, question), price is None
    if answer is not None and (is_open or answer.fact.decision == "waive"):
        price = question.amount(answer)
    because = Because(
        rule="uncollected.sent_again" if price is not None else "uncollected.freight_open",
        clauses=clauses_of(*words, own.vat),
        inputs={"parcel": parcel.id},
        steps=(("freight", price),) if price else (),
        readings=readings_of(*words, own.vat),
    )
    if is_open:
        refuse(owed, order, question, because, parcel=parcel.id)
    if price:
        owed.add(
            Fee(
                kind="reship_freight", amount=price, vat=own.vat.value, parcel=parcel.id,
                cause=told.id, because=because,
            )
        )  # fmt: skip
    elif price is None:
        ask(owed, question, because, parcel=parcel.id, cause=told.id)


def _new_freight(
    order: OrderState, terms: Terms, own: ReshippingTerms, told: Told[Reshipped]
) -> tuple[int | None, tuple[Term[Any] | None, ...]]:
    """The freight and the words that set it; None where neither warehouse nor tariff has it."""
    if own.freight.value == "flat":
        return own.flat.value if own.flat else None, (own.freight, own.flat)
    if own.freight.value == "price_list":
        listed = terms.tariff.get(FREIGHT_TARIFF)
        return listed.value if listed else None, (own.freight,)
    listed = terms.tariff.get(order.order.shipping.method)
    price = listed.value if told.fact.freight is None and listed else told.fact.freight
    untracked = not is_tracked(order, order.parcels[told.fact.parcel])
    return price, (
        own.freight,
        own.was_free if not order.freight else None,
        terms.unclaimed.untracked if terms.unclaimed and untracked else None,
    )


# -- cancelled after dispatch, and left -----------------------------------------------------------


def _cancelled(
    owed: Owed, order: OrderState, terms: Terms, own: CancelledUncollectedTerms, trip: Trip
) -> None:
    """What may be charged for a parcel that was cancelled on its way and never collected.

    A consumer's cancellation is a withdrawal by law, for which nothing but the way back can be
    charged (DAL 1:4, 2:14, 2:15).
    """
    parcel = trip.parcel
    if ending(trip) is None or not _cancelled_on_its_way(order, terms, parcel):
        return
    if order.consumer:
        _way_back(owed, order, terms, trip)
        return
    if own.owed.value == "nothing":
        return
    if own.owed.value == "by_decision":
        printed = terms.tariff.get("unclaimed", own.fee)
        _may(owed, order, "unclaimed", own, parcel, printed.value)
    _may(owed, order, "cancellation", own, parcel, _shown_costs(own, trip))


def _shown_costs(own: CancelledUncollectedTerms, trip: Trip) -> int | None:
    """What the return cost the seller beside the fee; None while nobody has said.

    The general fee has the freight of the way back in it.
    """
    told = trip.last(ParcelReturned)
    if told is None:
        return None
    shown = [told.fact.other_cost, told.fact.toll]
    if own.owed.value != "general_fee":
        shown.append(told.fact.return_cost)
    known = [cost for cost in shown if cost is not None]
    return sum(known) if known else None


def _cancelled_on_its_way(order: OrderState, terms: Terms, parcel: Parcel) -> bool:
    lines, gone, shipped = lines_in(order, parcel), cancelled_at(order, terms), parcel.last(Shipped)
    if not lines or shipped is None or not all(line in gone for line in lines):
        return False
    return any(gone[line] > shipped.at for line in lines)


def _way_back(owed: Owed, order: OrderState, terms: Terms, trip: Trip) -> None:
    """The carrier's price for the way back, of one who was told of the cost of returns."""
    own, returned = terms.returns.uncollected if terms.returns else None, trip.last(ParcelReturned)
    cost = returned.fact.return_cost if returned is not None else None
    if own is None or own.value != "return_freight" or not order.order.terms_informed or not cost:
        return
    law = terms.law.withdrawal.return_days.clauses
    because = Because(
        rule="uncollected.way_back",
        clauses=(*own.clauses, *law),
        inputs={"parcel": trip.parcel.id},
        steps=(("return_freight", cost),),
        readings=own.readings,
        statutes=tuple((one, "applies") for one in law),
    )
    owed.add(
        Fee(
            kind="return_freight", amount=cost, vat="included", parcel=trip.parcel.id,
            because=because,
        )
    )  # fmt: skip


def _may(
    owed: Owed, order: OrderState, kind: str, own: CancelledUncollectedTerms, parcel: Parcel,
    most: int | None,
) -> None:  # fmt: skip
    """A cost that may be charged: nothing until a person says so, and then no more than it is."""
    word = own.fee if kind == "unclaimed" else own.other_costs
    vat: Vat = "included" if kind == "unclaimed" else "none"
    question = Question(
        about=kind, choices=("charge", "waive"), subject=parcel.id, usual=most,
        bounds=None if most is None else (0, most), elsewhere=("accepted", "refused"),
    )  # fmt: skip
    told = decided(order, question)
    because = Because(
        rule=f"uncollected.cancelled_{kind}",
        clauses=word.clauses,
        inputs={"parcel": parcel.id},
        readings=own.owed.readings,
    )
    refuse(owed, order, question, because, parcel=parcel.id)
    if told is None and most != 0:
        ask(owed, question, because, parcel=parcel.id)
    amount = question.amount(told) if told is not None else 0
    if amount:
        owed.add(Fee(kind=kind, amount=amount, vat=vat, parcel=parcel.id, because=because))


UNCOLLECTED = Policy(
    "uncollected",
    uncollected,
    reads=(
        *collection.READS,
        *kept.READS,
        *placing.STANDING_READS,
        *seller_return.READS,
        PaymentReceived,
        Reshipped,
        DiscretionExercised,
    ),
    starts=(
        Reshipped,
        Unclaimed,
        DeliveryAttempted,
        DeliveryFailed,
        ParcelReturned,
        CancellationRequested,
    ),
    sentences={
        "uncollected.credited": (
            "The goods of the parcel {parcel} are back and their price is credited.",
            "Varorna i paketet {parcel} är tillbaka och priset krediteras.",
        ),
        "uncollected.seller_return": (
            "The parcel {parcel} came back and is credited as a seller return, less {fee}.",
            "Paketet {parcel} kom tillbaka och krediteras som säljretur, minus {fee}.",
        ),
        "uncollected.sent_again": (
            "The parcel {parcel} was sent again for a new freight.",
            "Paketet {parcel} skickades igen mot ny frakt.",
        ),
        "uncollected.freight_open": (
            "The terms print no freight for sending the parcel {parcel} again.",
            "Villkoren anger ingen frakt för att skicka paketet {parcel} igen.",
        ),
        "uncollected.way_back": (
            "The parcel {parcel} was never collected; its way back is paid by the customer.",
            "Paketet {parcel} hämtades aldrig; kunden betalar vägen tillbaka.",
        ),
        "uncollected.cancelled_unclaimed": (
            "The parcel {parcel} was cancelled after dispatch and not collected.",
            "Paketet {parcel} avbeställdes efter avsändandet och hämtades inte.",
        ),
        "uncollected.cancelled_cancellation": (
            "The cancellation after dispatch of the parcel {parcel} caused other costs.",
            "Avbeställningen efter avsändandet av paketet {parcel} gav andra kostnader.",
        ),
    },
)
