"""An order's dossier: its facts and what stands of its outcomes, as far as read models need them.

It folds facts as the domain does, by (`at`, rank, source, id) and without those that valid
retractions took back, so that rows cannot depend on the order of arrival. It is kept in the
order's row as JSON, with the few fields of each fact that some read model reads.
"""

from bisect import insort
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from domain.events import AnyEvent, FactTold, OutcomeRaised
from domain.facts import (
    AvailableForCollection, CancellationRequested, Collected, ComplaintReported, DamageReported,
    Delivered, DeliveryAttempted, DeliveryFailed, DiscrepancyReported, InTransit, InvoiceIssued,
    LineStruck, OrderChanged, OrderConfirmed, OrderPlaced, ParcelReturned, PaymentReceived,
    RefundPaid, RemedyChosen, RescissionDeclared, Reshipped, Retracted, ReturnReceived, RmaIssued,
    RmaRequested, ShipmentLost, Shipped, Unclaimed, WithdrawalNotified,
)  # fmt: skip
from domain.fields import CUSTOMER, Customer, Line, OrderData, Shipping, Value
from domain.outcomes import Block, Deadline, DecisionNeeded, Fee, Refund, Ruling, WriteOff
from domain.register import is_register
from domain.state import OrderState, Told, taken_back
from projections.books import SENT, account_and_rate, balances, sold_lines
from projections.stands import FeeStands, RefundStands, Stands

ORDER = (
    "marketplace", "customer", "placed_at", "confirmed_at", "prices", "cart", "shipping",
    "currency", "lines",
)  # fmt: skip
KEPT: dict[type[Any], tuple[str, ...]] = {
    OrderPlaced: ORDER,
    OrderConfirmed: ORDER,
    OrderChanged: ("lines",),
    CancellationRequested: ("lines",),
    LineStruck: ("line",),
    InvoiceIssued: ("invoice", "amount", "vat"),
    PaymentReceived: ("amount", "vat"),
    RefundPaid: ("amount", "refund"),
    Shipped: ("parcel", "carrier", "tracking", "lines"),
    InTransit: ("parcel",),
    DeliveryAttempted: ("parcel",),
    DeliveryFailed: ("parcel",),
    AvailableForCollection: ("parcel",),
    Collected: ("parcel", "lines"),
    Delivered: ("parcel", "lines"),
    Unclaimed: ("parcel",),
    ParcelReturned: ("parcel",),
    Reshipped: ("parcel",),
    ShipmentLost: ("parcel",),
    DamageReported: ("lines",),
    DiscrepancyReported: ("kind", "lines"),
    WithdrawalNotified: ("lines",),
    ReturnReceived: ("lines",),
    ComplaintReported: ("lines",),
    RmaRequested: ("rma", "lines"),
    RmaIssued: ("rma", "lines"),
    RemedyChosen: ("lines", "remedy"),
    RescissionDeclared: ("lines", "ground"),
    Retracted: ("fact", "fact_source"),
}
"""The facts that a dossier keeps, and of each what some read model reads."""
PARTS: dict[type[Any], tuple[str, ...]] = {
    Customer: ("ref",),
    Shipping: ("price",),
    Line: ("line", "quantity", "unit_price", "vat_rate"),
}
"""The same for the parts of an order."""
ON_THE_WAY = frozenset({
    InTransit, DeliveryAttempted, DeliveryFailed, AvailableForCollection, Unclaimed,
    ParcelReturned, Reshipped, ShipmentLost,
})  # fmt: skip
"""Facts that move no account."""
REASONS = frozenset({
    CancellationRequested, DamageReported, DiscrepancyReported, WithdrawalNotified, ReturnReceived,
    ComplaintReported, RmaRequested, RmaIssued, RemedyChosen, RescissionDeclared,
})  # fmt: skip
"""Facts that move an account only by what a refund says of them."""
TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in KEPT}


class Kept(msgspec.Struct, array_like=True):
    type: str
    at: datetime
    source: str
    id: str
    fields: dict[str, Any]


class Memory(msgspec.Struct):
    """The dossier as it is stored."""

    facts: list[msgspec.Raw]
    """Each a `Kept`."""
    stands: Stands


Leg = tuple[str, int, int, int]
"""(currency, account, VAT rate, öre): debits positive."""
_encode = msgspec.json.Encoder(decimal_format="string").encode
_memory = msgspec.json.Decoder(Memory)
_kept = msgspec.json.Decoder(Kept)


class Dossier:
    """What the events of the order `seller/order` say so far."""

    __slots__ = (
        "ahead", "entry", "kept", "last_event_at", "order", "seller", "sold", "stands", "state",
        "told", "version", "voids",
    )  # fmt: skip

    def __init__(self, seller: str, order: str) -> None:
        self.seller = seller
        self.order = order
        self.version = 0
        self.last_event_at: datetime | None = None
        self.told: list[Told[Any]] = []
        self.kept: dict[tuple[str, str], msgspec.Raw] = {}
        """The same as they are stored, by message: each is encoded once."""
        self.ahead: datetime | None = None
        """When the first fact that was told ahead of its time comes to count."""
        self.voids = False
        """Whether a fact was ever taken back."""
        self.state = OrderState()
        self.stands = Stands()
        self.entry: list[Leg] = []
        """What the last event moved in the ledger."""
        self.sold: tuple[str, ...] | None = None
        """What was sold when goods that left or arrived were last booked, if nothing was since."""

    @property
    def is_order(self) -> bool:
        """Whether it is an order's: customers and registers have events only."""
        is_customer = self.order.startswith(CUSTOMER)
        return not is_customer and not is_register(f"{self.seller}/{self.order}")

    def take(self, event: AnyEvent) -> None:
        """Fold one event."""
        self.version = event.originator_version
        if self.last_event_at is None or event.timestamp > self.last_event_at:
            self.last_event_at = event.timestamp
        self.entry = []
        if self.ahead is not None and self.ahead <= self.last_event_at:
            self._refold()
            self._book()
        if isinstance(event, FactTold):
            kind = type(event.told.fact)
            if kind in KEPT:
                behind = self._fact(event.told)
                if kind not in ON_THE_WAY:
                    self._book_fact(kind, behind=behind)
        elif isinstance(event, OutcomeRaised):
            self._outcome(event)
            if isinstance(event.item, (Fee, Refund, WriteOff)):
                self._book()

    def _book_fact(self, kind: type[Any], *, behind: bool) -> None:
        """Book a fact that may move an account; `behind` all others, as most are told.

        Where no refund asks which lines it is about, complaints and the like move none, and goods
        that arrive are those that were sold when they left.
        """
        if not behind or self.stands.refunds or RefundPaid in self.state.by_type:
            self._book()
        elif self.state.data is None:
            return
        elif kind in SENT:
            sold = sold_lines(self.state)
            if sold != self.sold:
                self._book()
                self.sold = sold
        elif kind not in REASONS:
            self._book()

    def _book(self) -> None:
        """Bring the ledger to what the books now say; the difference is the event's entry."""
        self.sold = None
        before, after = self.stands.booked, balances(self.state, self.stands)
        for currency in sorted(before.keys() | after.keys()):
            old, new = before.get(currency, {}), after.get(currency, {})
            for account in sorted(old.keys() | new.keys()):
                if moved := new.get(account, 0) - old.get(account, 0):
                    self.entry.append((currency, *account_and_rate(account), moved))
        self.stands.booked = after

    def _fact(self, told: Told[Any]) -> bool:
        """Fold a fact; whether behind all others, or else all anew."""
        self.voids = self.voids or isinstance(told.fact, Retracted)
        in_order = not self.told or told.place > self.told[-1].place
        if in_order:
            self.told.append(told)
        else:
            insort(self.told, told, key=lambda one: one.place)
        kept = Kept(type(told.fact).__name__, told.at, told.source, told.id, _slim(told.fact))
        self.kept[told.source, told.id] = msgspec.Raw(_encode(kept))
        in_time = self.last_event_at is not None and told.at <= self.last_event_at
        if in_order and in_time and not self.voids and self.ahead is None:
            self.state.fold(told)
            return True
        self._refold()
        return False

    def _refold(self) -> None:
        """Fold the facts that hold and whose time has come, as the domain does.

        A retraction, itself not taken back, voids what it names.
        """
        void = taken_back(told for told in self.told if isinstance(told.fact, Retracted))
        holds = [told for told in self.told if (told.source, told.id) not in void]
        now = self.last_event_at
        self.state = OrderState(told for told in holds if now is not None and told.at <= now)
        self.ahead = min((told.at for told in holds if now is None or told.at > now), default=None)

    def _outcome(self, event: OutcomeRaised) -> None:
        item = event.item
        if (found := STANDING.get(type(item))) is None:
            return
        name, of = found
        stands: dict[str, Any] = getattr(self.stands, name)
        value = of(item) if event.type != item.names[2] else None
        if value is None:
            stands.pop(f"{event.policy} {item.key}", None)
        else:
            stands[f"{event.policy} {item.key}"] = value

    # -- stored and read back -------------------------------------------------------------------

    def encode(self) -> str:
        """The dossier as JSON."""
        facts = [self.kept[one.source, one.id] for one in self.told]
        return _encode(Memory(facts, self.stands)).decode()

    @classmethod
    def decode(
        cls, seller: str, order: str, version: int, last_event_at: datetime, stored: str
    ) -> "Dossier":
        memory = _memory.decode(stored)
        dossier = cls(seller, order)
        dossier.version, dossier.last_event_at = version, last_event_at
        dossier.stands = memory.stands
        for raw in memory.facts:
            kept = _kept.decode(raw)
            fact = msgspec.convert(kept.fields, TYPES[kept.type])
            dossier.told.append(Told(fact, kept.at, kept.at, kept.source, kept.id))
            dossier.kept[kept.source, kept.id] = raw.copy()
            dossier.voids = dossier.voids or isinstance(fact, Retracted)
        dossier._refold()
        return dossier


def refund_stands(item: Refund) -> RefundStands:
    """What of a refund read models and the ledger need."""
    return RefundStands(
        item.kind, item.amount, item.breakdown, item.parcel, item.line, item.rma, item.cause
    )


def _may_wait(item: Deadline) -> bool:
    """A refund that was not paid by its last day is still to be paid."""
    return item.state == "open" or (item.state == "lapsed" and item.kind == "refund")


STANDING: dict[type[Any], tuple[str, Callable[[Any], Any]]] = {
    Fee: ("fees", lambda item: FeeStands(item.kind, item.amount, item.vat)),
    Refund: ("refunds", refund_stands),
    WriteOff: ("written_off", lambda item: item.amount),
    Deadline: (
        "deadlines",
        lambda item: (item.lapses_at, item.kind) if _may_wait(item) else None,
    ),
    DecisionNeeded: ("decisions", lambda item: item.about),
    Ruling: ("rulings", lambda item: (item.about, item.decision)),
    Block: ("blocks", lambda item: True),
}
"""Where an outcome stands, and what is kept of it; nothing of a deadline that is over."""


def _slim(fact: Value) -> dict[str, Any]:
    names = KEPT[type(fact)]
    values = {name: value for name in names if (value := getattr(fact, name)) is not None}
    if isinstance(fact, (OrderData, OrderChanged)):
        return {name: _part(value) for name, value in values.items()}
    return values


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_part(one) for one in value]
    names = PARTS.get(type(value))
    return value if names is None else {name: getattr(value, name) for name in names}
