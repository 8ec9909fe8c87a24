"""What an order's facts say so far, folded in an order of their own: policies read this.

Facts fold by (`at`, rank of the type, source, id), so arrival cannot matter. The state says what
happened and to what; what follows from it under the terms is the policies' business.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import chain
from typing import Any, Generic, TypeVar

from domain.facts import (
    AvailableForCollection, Collected, CollectionStarted, Delivered, DeliveryAttempted,
    DeliveryFailed, InspectionCompleted, InTransit, InvoiceIssued, LineStruck, OrderChanged,
    OrderConfirmed, OrderPlaced, ParcelReturned, PaymentReceived, ReminderSent, Reshipped,
    Retracted, RmaIssued, RmaReceived, RmaRequested, ShipmentLost, Shipped, Unclaimed,
)  # fmt: skip
from domain.fields import Line, OrderData, Value
from domain.looking import (
    CASES, CONFIRMED, EVERYTHING, FACTS_OF, INVOICES, NOTHING, PARCELS, Looked, Parts,
)  # fmt: skip
from domain.money import half_up
from domain.vocabulary import RANK

F = TypeVar("F", bound=Value)
F_co = TypeVar("F_co", bound=Value, covariant=True)

PARCEL_FACTS = (
    Shipped, InTransit, DeliveryAttempted, DeliveryFailed, AvailableForCollection, Collected,
    Delivered, Unclaimed, ParcelReturned, Reshipped, ShipmentLost,
)  # fmt: skip
INVOICE_FACTS = (InvoiceIssued, PaymentReceived, ReminderSent, CollectionStarted)
RMA_FACTS = (RmaRequested, RmaIssued, RmaReceived, InspectionCompleted)
STANDARD_RATE = Fraction(125, 100)
"""With VAT to without, where an order has no goods whose rates could say."""


Message = tuple[str, str]
"""(source, id): what identifies a message within its order."""


@dataclass(slots=True, eq=False)
class Told(Generic[F_co]):
    """A fact, when it happened, when it became known, and the message that told it."""

    fact: F_co
    at: datetime
    recorded_at: datetime
    source: str
    id: str

    @property
    def place(self) -> tuple[datetime, int, str, str]:
        """Where it folds."""
        return (self.at, RANK[type(self.fact)], self.source, self.id)


class Facts:
    """Told facts of one subject, in the order in which they fold; who asks for them has looked."""

    __slots__ = ("by_type", "looked")

    def __init__(self, looked: Looked) -> None:
        self.looked = looked
        self.by_type: dict[type[Value], list[Told[Any]]] = {}

    def add(self, told: Told[Any]) -> None:
        self.by_type.setdefault(type(told.fact), []).append(told)

    def all(self, kind: type[F]) -> list[Told[F]]:
        self.looked.at |= FACTS_OF[kind]
        return self.by_type.get(kind, [])

    def first(self, kind: type[F]) -> Told[F] | None:
        self.looked.at |= FACTS_OF[kind]
        told = self.by_type.get(kind)
        return told[0] if told else None

    def last(self, kind: type[F]) -> Told[F] | None:
        self.looked.at |= FACTS_OF[kind]
        told = self.by_type.get(kind)
        return told[-1] if told else None

    def every(self) -> Iterator[Told[Any]]:
        """All of them, type by type."""
        self.looked.at |= EVERYTHING
        return chain.from_iterable(self.by_type.values())


class Parcel(Facts):
    """A parcel; `lines` are those said to be in it. What came in none is the parcel ''."""

    __slots__ = ("_lines", "id")

    def __init__(self, id: str, looked: Looked) -> None:
        super().__init__(looked)
        self.id = id
        self._lines: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        self.looked.at |= PARCELS
        return self._lines

    @property
    def received(self) -> Told[Collected] | Told[Delivered] | None:
        """The fact by which the customer got it, the latest where it was told in two ways."""
        collected, delivered = self.last(Collected), self.last(Delivered)
        if collected and delivered:
            return collected if collected.place > delivered.place else delivered
        return collected or delivered


class Invoice(Facts):
    __slots__ = ("id",)

    def __init__(self, id: str, looked: Looked) -> None:
        super().__init__(looked)
        self.id = id


class Rma(Facts):
    """A return case; goods that came without a number are the case ''."""

    __slots__ = ("id",)

    def __init__(self, id: str, looked: Looked) -> None:
        super().__init__(looked)
        self.id = id


class OrderState(Facts):
    """The order as its facts say it stands; `data` is None until the order system has spoken."""

    __slots__ = (
        "_confirmed_at", "_invoices", "_parcels", "_rmas", "_struck", "answers", "book", "changed",
        "data", "goods", "id", "kind", "lines", "names", "rests", "terms", "told",
    )  # fmt: skip

    def __init__(self, told: Iterable[Told[Any]] = (), *, id: str = "") -> None:
        super().__init__(Looked())
        self.id = id
        self.data: OrderData | None = None
        self.names: set[tuple[type[Value], str]] = set()
        self.answers: dict[Any, Any] = {}
        """What policies have asked of it, until a part changes that was looked at for it."""
        self.told = NOTHING
        """Of which types there are facts."""
        self.changed = NOTHING
        """What has changed since the policies were last run."""
        self.rests: dict[Any, Parts] = {}
        """Policy -> what its last answer rests on."""
        self.terms: Any = None
        """Under which it was last decided, and `book`, from which they are if that still holds."""
        self.book: Any = None
        self.kind: str | None = None
        """Consumer or business by the order's terms (`domain.customer.kind_of`)."""
        self.lines: dict[str, Line] = {}
        self.goods = 0
        """What all lines cost, in öre."""
        self._confirmed_at: datetime | None = None
        self._struck: set[str] = set()
        self._parcels: dict[str, Parcel] = {}
        self._invoices: dict[str, Invoice] = {}
        self._rmas: dict[str, Rma] = {}
        for one in told:
            self.fold(one)

    @property
    def order(self) -> OrderData:
        """The order's own data; policies run only once it is known."""
        if self.data is None:
            raise ValueError("the order has not been placed")
        return self.data

    @property
    def confirmed_at(self) -> datetime | None:
        self.looked.at |= CONFIRMED
        return self._confirmed_at

    @property
    def struck(self) -> set[str]:
        self.looked.at |= FACTS_OF[LineStruck]
        return self._struck

    @property
    def parcels(self) -> dict[str, Parcel]:
        self.looked.at |= PARCELS
        return self._parcels

    @property
    def invoices(self) -> dict[str, Invoice]:
        self.looked.at |= INVOICES
        return self._invoices

    @property
    def rmas(self) -> dict[str, Rma]:
        self.looked.at |= CASES
        return self._rmas

    @property
    def placed_at(self) -> datetime:
        """When the contract's terms and statutes are chosen: placed, else confirmed."""
        placed = self.order.placed_at or self.order.confirmed_at
        if placed is not None:
            return placed
        told = [*self.all(OrderPlaced), *self.all(OrderConfirmed)]
        return told[0].at

    @property
    def consumer(self) -> bool:
        return (self.kind or self.order.customer.kind) != "business"

    @property
    def currency(self) -> str:
        """That of its amounts; kronor until the order system has spoken."""
        return self.data.currency if self.data else "SEK"

    @property
    def freight(self) -> int:
        """What the customer pays for delivery, in öre."""
        return self.order.shipping.price or 0

    def value(self, line: str, quantity: int | None = None) -> int:
        """The price of a line, or of some of its pieces, in öre."""
        goods = self.lines[line]
        return goods.unit_price * (goods.quantity if quantity is None else quantity)

    @property
    def paid(self) -> int:
        """What was paid, with or without VAT as the order's prices are."""
        return sum(
            self.as_priced(told.fact.amount, told.fact.vat) for told in self.all(PaymentReceived)
        )

    @property
    def gross(self) -> Fraction:
        """What one krona without VAT of the order's goods comes to with VAT."""
        net = {line: Fraction(self.value(line)) for line in self.lines}
        if self.order.prices == "including_vat":
            net = {line: value / self._rate(line) for line, value in net.items()}
        whole = sum(net.values(), Fraction(0))
        if not whole:
            return STANDARD_RATE
        return sum((value * self._rate(line) for line, value in net.items()), Fraction(0)) / whole

    def _rate(self, line: str) -> Fraction:
        return 1 + Fraction(self.lines[line].vat_rate) / 100

    def as_priced(self, amount: int, vat: str | None) -> int:
        """An amount as the order's prices are; `vat` is how it was told (None: so already)."""
        if vat is None or self.data is None:
            return amount
        included = self.order.prices == "including_vat"
        if (vat == "included") == included:
            return amount
        return half_up(amount * self.gross if included else amount / self.gross)

    def named(self, lines: tuple[str, ...] | None) -> tuple[str, ...]:
        """The lines that a fact names and the order knows; all where it names none."""
        known = self.lines
        return tuple(known if lines is None else [one for one in lines if one in known])

    def parcels_of(self, line: str) -> list[Parcel]:
        """The parcels in which a line was sent or received, in order of dispatch."""
        return [parcel for parcel in self.parcels.values() if line in parcel.lines]

    def fold(self, told: Told[Any]) -> None:
        """One more fact, at the end. Outcomes name what caused them by its id alone: of two facts
        of a type that two sources told under one id, the later is known by its source as well.
        """
        name = (type(told.fact), told.id)
        while name in self.names:
            name = (name[0], f"{name[1]}@{told.source}")
        if name[1] != told.id:
            told = Told(told.fact, told.at, told.recorded_at, told.source, name[1])
        self.names.add(name)
        self.add(told)
        kind = FACTS_OF[name[0]]
        changed = kind | self._built(told)
        self.told |= kind
        self.changed |= changed
        if self.answers:
            self.answers = {
                about: kept for about, kept in self.answers.items() if not kept[2] & changed
            }

    def _built(self, told: Told[Any]) -> Parts:
        """Take what a fact says of the order, its parcels, invoices or RMAs; what that changed."""
        fact = told.fact
        if isinstance(fact, OrderData):
            self.book = None
            return self._placed(fact, told.at)
        if isinstance(fact, OrderChanged):
            self._bought(fact.lines)
            return EVERYTHING
        if isinstance(fact, LineStruck):
            self._struck.add(fact.line)
        elif isinstance(fact, PARCEL_FACTS):
            return self._parcel(told)
        elif isinstance(fact, INVOICE_FACTS):
            return self._invoice(told)
        elif isinstance(fact, RMA_FACTS):
            return self._rma(told)
        return NOTHING

    def _placed(self, order: OrderPlaced | OrderConfirmed | OrderData, at: datetime) -> Parts:
        if isinstance(order, OrderConfirmed):
            self._confirmed_at = order.confirmed_at or at
            if not order.lines or self.data is not None:
                return CONFIRMED
        elif order.confirmed_at is not None:
            self._confirmed_at = order.confirmed_at
        self.data = order
        if isinstance(order, (OrderPlaced, OrderConfirmed)):
            self._bought(order.lines)
        return EVERYTHING

    def _bought(self, lines: Iterable[Line]) -> None:
        self.lines = {line.line: line for line in lines}
        self.goods = sum(line.unit_price * line.quantity for line in self.lines.values())

    def _parcel(self, told: Told[Any]) -> Parts:
        fact = told.fact
        name = fact.parcel or ""
        parcel, is_new = self._parcels.get(name), False
        if parcel is None:
            parcel, is_new = self._parcels.setdefault(name, Parcel(name, self.looked)), True
        parcel.add(told)
        before = parcel._lines
        if isinstance(fact, Shipped):
            sent = {line for other in self._parcels.values() for line in other._lines}
            rest = tuple(one for one in self.lines if one not in sent and one not in self._struck)
            parcel._lines = rest if fact.lines is None else fact.lines
        elif isinstance(fact, (Collected, Delivered)):
            came = fact.lines
            if came is None and fact.parcel is None:
                came = tuple(one for one, goods in self.lines.items() if "digital" in goods.traits)
            parcel._lines = tuple(dict.fromkeys((*before, *(came or ()))))
        return PARCELS if is_new or parcel._lines != before else NOTHING

    def _invoice(self, told: Told[Any]) -> Parts:
        name = told.fact.invoice
        if name is None:
            return NOTHING
        is_new = name not in self._invoices
        if is_new:
            self._invoices[name] = Invoice(name, self.looked)
        self._invoices[name].add(told)
        return INVOICES if is_new else NOTHING

    def _rma(self, told: Told[Any]) -> Parts:
        name = told.fact.rma or ""
        is_new = name not in self._rmas
        if is_new:
            self._rmas[name] = Rma(name, self.looked)
        self._rmas[name].add(told)
        return CASES if is_new else NOTHING


def taken_back(retractions: Iterable[Told[Retracted]]) -> set[Message]:
    """The messages that these retractions took back; a retraction can be retracted itself.

    Two retractions of each other, which nobody can mean, both stand.
    """
    targets = {(told.source, told.id): target(told) for told in retractions}
    against: dict[Message, int] = {}
    for about in targets.values():
        against[about] = against.get(about, 0) + 1
    stands = dict.fromkeys(targets, True)
    ready = [message for message in targets if message not in against]
    while ready:
        message = ready.pop()
        about = targets[message]
        if about not in targets:
            continue
        if stands[message]:
            stands[about] = False
        against[about] -= 1
        if against[about] == 0:
            ready.append(about)
    return {about for message, about in targets.items() if stands[message]}


def target(told: Told[Retracted]) -> Message:
    """The message that a retraction is about; the source is its own unless it says another."""
    return (told.fact.fact_source or told.source, told.fact.fact)
