"""A parcel that nobody collects costs its fee, unless it was collected after all."""

from datetime import datetime

from domain.facts import Collected, Delivered, ParcelReturned, Shipped, Unclaimed
from domain.outcomes import Because, Fee, Owed
from domain.policies.policy import Policy
from domain.state import OrderState, Parcel
from domain.terms import Terms
from domain.terms.unclaimed import UnclaimedTerms


def unclaimed(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """One fee a parcel: the floor, plus the freight of the legs that the terms name."""
    owed = Owed()
    if terms.unclaimed is not None:
        for parcel in order.parcels.values():
            if parcel.last(Unclaimed) is not None and parcel.received is None:
                _fee(owed, terms.unclaimed, parcel)
    return owed


def _fee(owed: Owed, terms: UnclaimedTerms, parcel: Parcel) -> None:
    shipped, returned = parcel.last(Shipped), parcel.last(ParcelReturned)
    if terms.arises.value == "at_return" and returned is None:
        return
    steps = [("floor", terms.floor.value)]
    if returned is not None and terms.freight_legs.value in ("return_leg", "round_trip"):
        steps.append(("return_freight", returned.fact.return_cost or 0))
    if shipped is not None and terms.freight_legs.value in ("outbound_leg", "round_trip"):
        steps.append(("outbound_freight", shipped.fact.cost or 0))
    because = Because(
        rule="unclaimed.fee",
        clauses=terms.floor.clauses,
        inputs={"parcel": parcel.id},
        steps=tuple(steps),
        readings=terms.freight_legs.readings + terms.arises.readings,
    )
    amount = sum(step for _, step in steps)
    owed.add(Fee(kind="unclaimed", amount=amount, vat="included", parcel=parcel.id, because=because))


UNCLAIMED = Policy(
    "unclaimed",
    unclaimed,
    reads=(Shipped, Collected, Delivered, Unclaimed, ParcelReturned),
    sentences={
        "unclaimed.fee": (
            "The parcel {parcel} was not collected.",
            "Paketet {parcel} hämtades inte ut.",
        ),
    },
)
