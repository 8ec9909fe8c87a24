"""By when goods are sent and delivered, and what the customer is told when they are late."""

from dataclasses import dataclass
from datetime import datetime

from domain.calendar import add_hours, lapses_at
from domain.facts import ShipmentLost, Shipped
from domain.outcomes import Because, Deadline, Information, Owed, standing
from domain.policies import leaving
from domain.policies.grounds import clauses_of, distinct
from domain.policies.leaving import gone_at
from domain.policies.placing import STANDING_READS, order_stands
from domain.policies.policy import Policy
from domain.policies.promise import Limit, awaited_lines, by_handover, delivery_state, limit
from domain.policies.question import question
from domain.policies.report import lines_in
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.delivery import DeliveryTerms, ShipmentTerms
from domain.terms.values import Term


@dataclass(slots=True, frozen=True)
class Dispatch:
    """By when the goods are to be sent, and when the last of them were."""

    due: datetime
    met_at: datetime | None
    because: Because


def delivery(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The seller's deadlines under an order that stands; those met or lapsed stay so."""
    owed = Owed()
    if order_stands(order, terms).decision == "refused":
        return owed
    due = limit(order, terms)
    if due is not None:
        _deliver(owed, order, terms, due, now)
    sent = _dispatch(order, terms)
    if sent is not None:
        state = standing(sent.due, sent.met_at, now)
        owed.add(
            Deadline(
                kind="dispatch", due=sent.due, party="seller", state=state, because=sent.because
            )
        )  # fmt: skip
    return owed


def _deliver(owed: Owed, order: OrderState, terms: Terms, due: Limit, now: datetime) -> None:
    own, shipment = terms.delivery, terms.shipment
    state = delivery_state(order, terms, due.due, now, gone_at(order, terms))
    if state is None:
        return
    party = shipment.responsible.value if shipment else "seller"
    owed.add(
        Deadline(
            kind="delivery", due=due.due, party=party, state=state,
            amount=order.goods + order.freight, because=_because(order, terms),
        )
    )  # fmt: skip
    if state == "lapsed" and own is not None and own.informed is not None:
        told = Because(
            rule="delivery.late",
            clauses=own.informed.clauses,
            inputs={"due": due.due.isoformat()},
        )
        owed.add(Information(about="delay", because=told))


@question
def _because(order: OrderState, terms: Terms) -> Because:
    """Why the goods are to be delivered by then, where there is a last day."""
    own, due = terms.delivery, limit(order, terms)
    assert due is not None
    lost = any(one.last(ShipmentLost) for one in order.parcels.values())
    done_by = own.done_by if own else None
    possession = terms.law.delay.possession if order.consumer else None
    missing = own.lost if own and lost else None
    clauses = clauses_of(done_by if by_handover(terms) else possession, missing)
    shipment, amount, hour = terms.shipment, order.goods + order.freight, _hour(order, own, due)
    chosen = order.order.shipping.method in ("economy", "express")
    sent = (shipment.responsible, shipment.option if chosen else None) if shipment else ()
    return Because(
        rule=f"delivery.{due.basis}" if hour is None else "delivery.printed_hour",
        clauses=distinct(due.clauses, clauses, clauses_of(*sent, hour)),
        inputs={
            "due": due.due.isoformat(),
            "printed": str(due.printed or ""),
            "price": amount,
            **({"hour": hour.value} if hour else {}),
        },
        readings=due.readings,
        statutes=due.statutes,
        beaten=distinct(due.beaten, _expected(order, shipment)),
    )


def _hour(order: OrderState, own: DeliveryTerms | None, due: Limit) -> Term[str] | None:
    """The hour by which a company normally has what is sent to it; it moves no deadline."""
    sent = order.order.shipping.method != "pickup" and due.basis == "printed"
    return own.companies_before if own and sent and not order.consumer else None


def _expected(
    order: OrderState, shipment: ShipmentTerms | None
) -> tuple[tuple[str, str, str], ...]:
    """A time that is only expected of the chosen delivery: it sets no last day."""
    if shipment is None or shipment.express is None or shipment.estimates is None:
        return ()
    if order.order.shipping.method != "express":
        return ()
    (why,) = shipment.estimates.clauses
    return tuple((one, shipment.express.value, why) for one in shipment.express.clauses)


@question
def _dispatch(order: OrderState, terms: Terms) -> Dispatch | None:
    """Sent within some hours of the confirmation; goods on back order have no such time."""
    hours = terms.delivery.dispatch_hours if terms.delivery else None
    if hours is None or order.confirmed_at is None or order.order.stock == "back_order":
        return None
    due = add_hours(order.confirmed_at, hours.value)
    gone, late = gone_at(order, terms), lapses_at(due)
    lines = {one for one in awaited_lines(order) if one not in gone or gone[one] >= late}
    sent: dict[str, datetime] = {}
    for parcel in order.parcels.values():
        shipped = parcel.first(Shipped)
        if shipped is not None:
            for line in lines_in(order, parcel):
                sent[line] = min(shipped.at, sent.get(line, shipped.at))
    if not lines:
        return None
    met_at = max(sent[line] for line in lines) if lines <= set(sent) else None
    because = Because(
        rule="delivery.dispatch", clauses=hours.clauses, inputs={"due": due.isoformat()}
    )
    return Dispatch(due, met_at, because)


DELIVERY = Policy(
    "delivery",
    delivery,
    reads=(*leaving.READS, *STANDING_READS),
    sentences={
        "delivery.promised": (
            "Delivery was promised for this order by {due}.",
            "Leverans utlovades för denna beställning senast {due}.",
        ),
        "delivery.printed": (
            "The terms promise delivery by {due}.",
            "Villkoren utlovar leverans senast {due}.",
        ),
        "delivery.printed_hour": (
            "The terms promise delivery by {due}, to companies normally before {hour}.",
            "Villkoren utlovar leverans senast {due}, till företag normalt före klockan {hour}.",
        ),
        "delivery.bounded": (
            "The terms say {printed}, but a consumer has the goods by {due}.",
            "Villkoren säger {printed}, men en konsument ska ha varorna senast {due}.",
        ),
        "delivery.statute": (
            "No time was agreed, so a consumer has the goods by {due}.",
            "Ingen tid avtalades, så en konsument ska ha varorna senast {due}.",
        ),
        "delivery.late": (
            "Delivery by {due} failed; the customer is told, with reason and new day if possible.",
            "Leverans senast {due} uteblev; kunden underrättas, om möjligt med skäl och ny dag.",
        ),
        "delivery.dispatch": (
            "Orders are normally sent by {due}.",
            "Beställningar sänds normalt senast {due}.",
        ),
    },
)
