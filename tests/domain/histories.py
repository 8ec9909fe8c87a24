"""Random lives of orders, for property tests: facts of every kind that means something together."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from adapters.terms import book
from domain.decide import lapse, tell
from domain.facts import (
    AccountSettled, AvailableForCollection, CancellationConfirmed, CancellationRequested, Collected,
    CollectionStarted, ComplaintAssessed, ComplaintReported, ConsentReminderSent,
    ConsentRequested, CreditLimitExceeded, DamageReported, Delivered,
    DeliveryAttempted, DeliveryFailed, DiscrepancyReported, DiscretionExercised, Effectuated,
    ForceMajeureEnded, ForceMajeureStarted, InspectionCompleted, InvoiceIssued,
    InvoiceOverdue, LineStruck,
    OrderChanged, OrderChangeRequested, OrderConfirmed, OrderPlaced, ParcelReturned,
    PaymentReceived, PersonalDataRequest, PriceChanged, PriceErrorFound, PurchaseGuaranteeClaimed,
    PurchaseGuaranteeRegistered, RefundPaid, ReminderSent, RemedyChosen,
    RescissionDeclared, Reshipped, Retracted, ReturnAssessed, ReturnReceived, ReturnSent,
    RmaIssued, RmaReceived, RmaRequested, ShipmentLost, Shipped, Unclaimed, WithdrawalAssessed,
    WithdrawalNotified,
)  # fmt: skip
from domain.fields import Customer, Line, Payment, Shipping, Value
from domain.order import Order
from domain.outcomes import AnyOutcome
from domain.state import Told

START = datetime(2024, 3, 4, 9, tzinfo=UTC)
END = START + timedelta(days=400)
SELLERS = ("allectra", "netzilla", "compumail", "sweeto", "gandalf")
PAYMENTS = ("card", "advance", "invoice", "klarna_invoice", "klarna_account", "payson_invoice",
            "part_payment")  # fmt: skip
LINES = st.sampled_from([None, ("1",), ("2",), ("1", "2"), ("9",)])
AMOUNTS = st.sampled_from([0, 100, 9500, 30000, 129900])
PARCELS = st.sampled_from(["p1", "p2"])
RMA_KINDS = st.sampled_from(["complaint", "doa", "warranty", "sales_return"])


KEPT = Line(line="1", sku="A", category="electronics", unit_price=90000)
MORE = Line(line="2", sku="B", category="home", unit_price=29900, quantity=3)
ABOUT = ("order", "unclaimed", "cancellation", "return", "damage", "complaint", "rescission",
         "late_payment", "partner_cost", "reship_freight", "warranty", "payment_method",
         "personal_data", "credit", "purchase_guarantee")  # fmt: skip


def _about(kind: type[Value], /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Value]:
    return st.builds(kind, **fields)


FACTS: st.SearchStrategy[Value] = st.one_of(
    _about(CancellationRequested, lines=LINES, channel=st.sampled_from(["email", "phone"])),
    st.builds(Effectuated),
    _about(LineStruck, line=st.sampled_from(["1", "2"])),
    _about(InvoiceIssued, invoice=st.just("f1"), amount=AMOUNTS),
    _about(PaymentReceived, amount=AMOUNTS, invoice=st.sampled_from([None, "f1"])),
    _about(ReminderSent, invoice=st.just("f1")),
    _about(Shipped, parcel=PARCELS, lines=LINES, cost=AMOUNTS,
           tracking=st.sampled_from([None, "t1"])),
    _about(AvailableForCollection, parcel=PARCELS),
    _about(DeliveryFailed, parcel=PARCELS,
           reason=st.sampled_from(["wrong_address", "nobody_home", "refused"])),
    _about(Collected, parcel=PARCELS),
    _about(Delivered, parcel=PARCELS),
    _about(Unclaimed, parcel=PARCELS),
    _about(ParcelReturned, parcel=PARCELS, return_cost=AMOUNTS),
    _about(Reshipped, parcel=PARCELS, freight=AMOUNTS),
    _about(ShipmentLost, parcel=PARCELS),
    _about(DamageReported, lines=LINES, visibility=st.sampled_from(["visible", "hidden"]),
           to=st.sampled_from(["carrier", "seller"])),
    _about(DiscrepancyReported, kind=st.just("missing"), lines=LINES),
    _about(WithdrawalNotified, lines=LINES, channel=st.sampled_from(["web", "letter"])),
    _about(ReturnSent, lines=LINES, proof=st.booleans(), label_cost=AMOUNTS),
    _about(ReturnReceived, lines=LINES, packaging=st.sampled_from(["ok", "damaged"]),
           complete=st.booleans()),
    _about(ReturnAssessed, lines=LINES, approved=st.booleans(),
           cause=st.sampled_from(["excess_handling", "inspection"]), day_price=AMOUNTS),
    _about(ComplaintReported, lines=LINES, found_at=st.just(START + timedelta(days=30))),
    _about(ComplaintAssessed, lines=LINES, approved=st.booleans()),
    _about(RmaRequested, rma=st.just("r1"), kind=RMA_KINDS, quantity=st.sampled_from([None, 1])),
    _about(RmaIssued, rma=st.just("r1"), kind=RMA_KINDS, lines=LINES),
    _about(RmaReceived, rma=st.sampled_from([None, "r1"]), freight_paid_by_customer=AMOUNTS,
           packaging=st.sampled_from(["ok", "damaged"]), complete=st.booleans()),
    _about(InspectionCompleted, rma=st.just("r1"), lines=LINES,
           result=st.sampled_from(["defect", "faultless", "physical_damage", "wrong_product"])),
    _about(RemedyChosen, lines=LINES, remedy=st.sampled_from(["repair", "replacement", "refund"])),
    _about(RescissionDeclared, ground=st.sampled_from(["delay", "force_majeure", "defect"]),
           lines=LINES, by=st.sampled_from(["customer", "seller"])),
    st.builds(CancellationConfirmed),
    _about(WithdrawalAssessed, accepted=st.booleans()),
    _about(CollectionStarted, invoice=st.just("f1")),
    _about(OrderChanged, lines=st.sampled_from([(KEPT,), (KEPT, MORE)])),
    _about(OrderChangeRequested, lines=st.just((KEPT,))),
    _about(PriceChanged, line=st.sampled_from(["1", "9"]), unit_price=AMOUNTS),
    st.builds(CreditLimitExceeded),
    st.builds(InvoiceOverdue),
    st.builds(AccountSettled),
    _about(PriceErrorFound, line=st.sampled_from(["1", "9"]), unit_price=AMOUNTS),
    _about(DeliveryAttempted, parcel=PARCELS, reason=st.just("nobody_home"), cost=AMOUNTS),
    _about(DiscretionExercised, about=st.sampled_from(ABOUT), amount=AMOUNTS,
           decision=st.sampled_from(["charge", "waive", "accepted", "refused", "stop", "deduct",
                                     "scrapped", "handling", "not_approved_return"])),
    _about(PersonalDataRequest, kind=st.sampled_from(["access", "erasure"])),
    st.builds(PurchaseGuaranteeRegistered),
    _about(PurchaseGuaranteeClaimed, amount=AMOUNTS, shipping=AMOUNTS, direct_loss=AMOUNTS),
    _about(ConsentRequested, balance=AMOUNTS),
    _about(ConsentReminderSent, balance=AMOUNTS),
    st.builds(ForceMajeureStarted),
    st.builds(ForceMajeureEnded),
)  # fmt: skip
REPAID = _about(RefundPaid, amount=AMOUNTS)


@st.composite
def orders(draw: st.DrawFn) -> OrderPlaced:
    """An order of two lines, of any seller, a consumer's or a company's."""
    return OrderPlaced(
        seller=draw(st.sampled_from(SELLERS)),
        customer=Customer(kind=draw(st.sampled_from(["consumer", "business"]))),
        placed_at=START,
        lines=(
            Line(line="1", sku="A", category="electronics", unit_price=100000),
            Line(line="2", sku="B", category="home", unit_price=29900, quantity=2),
        ),
        shipping=Shipping(price=draw(st.sampled_from([0, 7900]))),
        payment=Payment(method=draw(st.sampled_from(PAYMENTS))),
        terms_informed=draw(st.booleans()),
    )


@st.composite
def lives(draw: st.DrawFn, facts: st.SearchStrategy[Value] = FACTS) -> list[Told[Any]]:
    """An order's facts, each at an hour of its own, in the order in which they happened."""
    placed = draw(orders())
    told: list[Told[Any]] = [_told(placed, 0, "placed"), _told(OrderConfirmed(), 1, "confirmed")]
    hours = draw(st.lists(st.integers(2, 24 * 200), min_size=1, max_size=14, unique=True))
    for number, hour in enumerate(sorted(hours)):
        told.append(_told(draw(facts), hour, f"m{number}"))
    return told


def _told(fact: Value, hour: int, id: str) -> Told[Any]:
    at = START + timedelta(hours=hour)
    return Told(fact, at, at, "/test", id)


def retracted(told: Told[Any], days: int) -> Told[Any]:
    """The message that takes another one back, days later."""
    at = told.at + timedelta(days=days)
    return Told(Retracted(fact=told.id), at, at, told.source, f"no-{told.id}")


def known(told: Told[Any], at: datetime) -> Told[Any]:
    """The same fact, become known at another time."""
    return Told(told.fact, told.at, at, told.source, told.id)


def lived(told: list[Told[Any]], until: datetime = END) -> Order:
    """An order to which all that was told, in this order of arrival."""
    placed = next(one.fact for one in told if isinstance(one.fact, OrderPlaced))
    order = Order.blank(f"{placed.seller}/A-1")
    for one in told:
        tell(order, known(one, one.recorded_at), b"{}", book())
    lapse(order, until, book())
    return order


def standing(order: Order) -> dict[str, AnyOutcome]:
    """What stands, by policy and key."""
    return {
        f"{policy} {key}": item
        for policy, items in order.standing.items()
        for key, item in items.items()
    }
