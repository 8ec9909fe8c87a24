"""Random lives of orders, for property tests: facts of every type that mean something together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from adapters.terms import book
from domain.decide import lapse, tell
from domain.facts import (
    AvailableForCollection, CancellationConfirmed, CancellationRequested, Collected,
    CollectionStarted, ComplaintAssessed, ComplaintReported, Delivered, DeliveryFailed,
    DiscretionExercised, Effectuated, InspectionCompleted, InvoiceIssued, OrderConfirmed,
    OrderPlaced, ParcelReturned, PaymentReceived, RefundPaid, ReminderSent, RemedyChosen, Reshipped,
    Retracted, ReturnAssessed, ReturnReceived, ReturnSent, RmaIssued, RmaReceived, RmaRequested,
    Shipped, Unclaimed, WithdrawalAssessed, WithdrawalNotified,
)  # fmt: skip
from domain.fields import Campaign, Customer, Line, Payment, Shipping, Value
from domain.order import Order
from domain.outcomes import AnyOutcome
from domain.state import Told
from domain.terms.book import Book, Overrides
from tests.domain.drawn import KINDS, facts_of

SELLERS = ("allectra", "netzilla", "compumail", "sweeto", "gandalf", "merchant")
MARKETPLACE = {"merchant": "allectra"}
METHODS = ("card", "swish", "cash", "advance", "invoice", "klarna_invoice", "klarna_account",
           "payson_invoice", "part_payment")  # fmt: skip
PLANS = (None, "3_months", "6_months", "12_months", "24_months")
FIRST_HOUR, LAST_HOUR = 2, 24 * 190
"""The last is before the last day of known law, whichever day the contract is of."""
GAPS = (1, 24, 24, 48, 120, 240, 24 * 20)
"""Hours between two facts of a chapter."""


def _at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=UTC)


STARTS = tuple(_at(day) for day in (
    "2022-04-30", "2022-05-01", "2024-03-04", "2025-02-28", "2025-03-01", "2026-06-18",
    "2026-06-19",
))  # fmt: skip
"""Contract days on both sides of each day on which law that is at work changed."""
EARLY_STARTS = (_at("2013-03-15"), _at("2013-03-16"))
"""The same for the terms that are so old and print the rate of late interest: by the statute it is
not known for the days before 2014."""
OLD = ("gandalf", "sweeto")

CHAPTERS: tuple[tuple[type[Value], ...], ...] = (
    (Effectuated, Shipped, AvailableForCollection, Collected),
    (Shipped, AvailableForCollection, Unclaimed, ParcelReturned, Reshipped, Delivered),
    (Shipped, DeliveryFailed, ParcelReturned),
    (Shipped, Delivered, WithdrawalNotified, ReturnSent, ReturnReceived, ReturnAssessed),
    (WithdrawalNotified, WithdrawalAssessed, ReturnReceived),
    (InvoiceIssued, ReminderSent, CollectionStarted, PaymentReceived),
    (InvoiceIssued, PaymentReceived, ReminderSent, PaymentReceived),
    (CancellationRequested, CancellationConfirmed),
    (Delivered, ComplaintReported, ComplaintAssessed, RemedyChosen),
    (RmaRequested, RmaIssued, RmaReceived, InspectionCompleted, DiscretionExercised),
)
"""Facts that follow on one another, about one subject."""
INVOICED = CHAPTERS[5:7]
GIVEN_BACK = CHAPTERS[1:5]


@dataclass(slots=True, frozen=True)
class Life:
    """What was told of one order, in order of arrival, under a book of terms, up to a moment."""

    told: tuple[Told[Any], ...]
    book: Book
    until: datetime

    @property
    def placed(self) -> OrderPlaced:
        return next(one.fact for one in self.told if isinstance(one.fact, OrderPlaced))

    @property
    def last(self) -> datetime:
        """When the last fact happened."""
        return max(one.at for one in self.told)

    def arriving(self, *told: Told[Any]) -> "Life":
        """The same order, told this instead."""
        return replace(self, told=told)


@st.composite
def orders(draw: st.DrawFn) -> OrderPlaced:
    """An order of two or three lines, of any seller, a consumer's or a company's."""
    seller = draw(st.sampled_from(SELLERS))
    start = draw(st.sampled_from((*STARTS, *EARLY_STARTS) if seller in OLD else STARTS))
    methods = st.just("invoice") if start in EARLY_STARTS else st.sampled_from(METHODS)
    traits = st.sampled_from(
        [(), (), (), ("sealed",), ("made_to_order",), ("digital",), ("battery",)]
    )
    lines = (
        Line(line="1", sku="A", category="electronics", unit_price=100000, traits=draw(traits)),
        Line(line="2", sku="B", category="home", unit_price=29900, quantity=2),
        Line(line="3", sku="C", category="sportswear", unit_price=4900, quantity=1),
    )
    price = draw(st.sampled_from([0, 7900]))
    return OrderPlaced(
        seller=seller,
        marketplace=MARKETPLACE.get(seller),
        customer=Customer(
            kind=draw(st.sampled_from(["consumer", "business"])),
            of_age=draw(st.sampled_from([None, True, False])),
        ),
        placed_at=start,
        lines=lines[: draw(st.integers(2, 3))],
        channel=draw(st.sampled_from(["web", "web", "phone", "in_person"])),
        prices=draw(st.sampled_from(["including_vat", "including_vat", "excluding_vat"])),
        shipping=Shipping(price=price, standard_price=draw(st.sampled_from([None, 4900]))),
        payment=Payment(method=draw(methods), plan=draw(st.sampled_from(PLANS))),
        stock=draw(st.sampled_from(["own", "own", "supplier", "back_order"])),
        terms_informed=draw(st.sampled_from([True, True, False])),
        campaign=draw(st.sampled_from([None, None, Campaign(name="spring", withdrawal_days=60)])),
    )


@st.composite
def chapters(
    draw: st.DrawFn, start: datetime, about: Sequence[tuple[type[Value], ...]]
) -> list[tuple[int, Value]]:
    """Facts of one chapter, at their hours, all about one parcel, invoice or return case."""
    subject = {"parcel": draw(st.sampled_from(["p1", "p2"])), "invoice": "f1", "rma": "r1"}
    kinds = draw(st.sampled_from(about))
    whole = draw(st.sampled_from([True, True, False]))
    told = kinds if whole else kinds[: draw(st.integers(1, len(kinds)))]
    hour, facts = draw(st.integers(FIRST_HOUR, 24 * 60)), []
    for kind in told:
        facts.append((hour, _about(draw(facts_of(kind, start)), subject)))
        hour += draw(st.sampled_from(GAPS))
    return facts


def _about(fact: Value, subject: dict[str, str]) -> Value:
    names = fact.__dataclass_fields__  # type: ignore[attr-defined]
    return replace(fact, **{key: id for key, id in subject.items() if key in names})  # type: ignore


def price_of(placed: OrderPlaced) -> int:
    """What an order comes to, in öre as its prices are."""
    goods = sum(line.unit_price * line.quantity for line in placed.lines)
    return goods + (placed.shipping.price or 0)


def loose(start: datetime, *, repaid: bool = False) -> st.SearchStrategy[Value]:
    """Any fact at all; `repaid` lets money that was paid back be among them."""
    kinds = [kind for kind in KINDS if repaid or kind is not RefundPaid]
    return st.sampled_from(kinds).flatmap(lambda kind: facts_of(kind, start))


@st.composite
def books(draw: st.DrawFn) -> Book:
    """The terms, a few open questions answered at random."""
    known = book()
    asked = draw(st.lists(st.sampled_from(sorted(known.readings)), max_size=12, unique=True))
    chosen = {one: draw(st.sampled_from(known.readings[one].options)) for one in asked}
    return known.otherwise(Overrides(readings=chosen)) if chosen else known


@st.composite
def lives(
    draw: st.DrawFn,
    *,
    repaid: bool = False,
    terms: st.SearchStrategy[Book] | None = None,
    about: Sequence[tuple[type[Value], ...]] = CHAPTERS,
) -> Life:
    """An order's facts, each at an hour of its own, in the order in which they happened."""
    placed = draw(orders())
    start = placed.placed_at or STARTS[0]
    facts: list[tuple[int, Value]] = []
    if draw(st.sampled_from([True, True, False])):
        facts.append((draw(st.integers(FIRST_HOUR, 48)), PaymentReceived(amount=price_of(placed))))
    for _ in range(draw(st.integers(1, 3))):
        facts += draw(chapters(start, about))
    extra = draw(st.lists(loose(start, repaid=repaid), max_size=5))
    facts += [(draw(st.integers(FIRST_HOUR, LAST_HOUR)), one) for one in extra]
    told = [_told(placed, start, 0, "placed"), _told(OrderConfirmed(), start, 1, "confirmed")]
    for number, (hour, fact) in enumerate(sorted(facts, key=lambda one: one[0])):
        told.append(_told(fact, start, hour, f"m{number}"))
    days = draw(st.sampled_from([191, 400, 1300]))
    return Life(
        tuple(told), draw(books() if terms is None else terms), start + timedelta(days=days)
    )


def _told(fact: Value, start: datetime, hour: int, id: str) -> Told[Any]:
    at = start + timedelta(hours=hour)
    return Told(fact, at, at, "/test", id)


def retracted(told: Told[Any], days: int) -> Told[Any]:
    """The message that takes another one back, days later."""
    at = told.at + timedelta(days=days)
    return Told(Retracted(fact=told.id), at, at, told.source, f"no-{told.id}")


def known(told: Told[Any], at: datetime) -> Told[Any]:
    """The same fact, become known at another time."""
    return Told(told.fact, told.at, at, told.source, told.id)


def lived(life: Life) -> Order:
    """An order to which all that was told, in this order of arrival."""
    order = Order.blank(f"{life.placed.seller}/A-1")
    for one in life.told:
        tell(order, known(one, one.recorded_at), b"{}", life.book)
    lapse(order, life.until, life.book)
    return order


def standing(order: Order) -> dict[str, AnyOutcome]:
    """What stands, by policy and key."""
    return {
        f"{policy} {key}": item
        for policy, items in order.standing.items()
        for key, item in items.items()
    }
