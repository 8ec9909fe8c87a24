"""An order's dossier: its facts and what stands of its outcomes, as far as read models need them.

It folds facts as the domain does, by (`at`, rank, source, id) and without those that valid
retractions took back, so that rows cannot depend on the order of arrival. It is kept in the
order's row as JSON, with the few fields of each fact that some read model reads.
"""

from bisect import insort
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
from projections.books import balances
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
TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in KEPT}


class Kept(msgspec.Struct, array_like=True):
    type: str
    at: datetime
    source: str
    id: str
    fields: dict[str, Any]


class Memory(msgspec.Struct):
    """The dossier as it is stored."""

    facts: list[Kept]
    stands: Stands


Leg = tuple[str, int, int]
"""(currency, account, öre): debits positive."""
_encode = msgspec.json.Encoder(decimal_format="string").encode
_memory = msgspec.json.Decoder(Memory)


class Dossier:
    """What the events of the order `seller/order` say so far."""

    __slots__ = (
        "ahead", "entry", "kept", "last_event_at", "order", "seller", "stands", "state", "told",
        "version", "voids",
    )  # fmt: skip

    def __init__(self, seller: str, order: str) -> None:
        self.seller = seller
        self.order = order
        self.version = 0
        self.last_event_at: datetime | None = None
        self.told: list[Told[Any]] = []
        self.kept: dict[tuple[str, str], Kept] = {}
        """The same as they are stored, by message."""
        self.ahead: datetime | None = None
        """When the first fact that was told ahead of its time comes to count."""
        self.voids = False
        """Whether a fact was ever taken back."""
        self.state = OrderState()
        self.stands = Stands()
        self.entry: list[Leg] = []
        """What the last event moved in the ledger."""

    @property
    def is_order(self) -> bool:
        """Whether it is an order's: customers and registers have events only."""
        is_customer = self.order.startswith(CUSTOMER)
        return not is_customer and not is_register(f"{self.seller}/{self.order}")

    def take(self, event: AnyEvent) -> None:
        """Fold one event."""
        self.version = event.originator_version
        self.last_event_at = max(self.last_event_at or event.timestamp, event.timestamp)
        self.entry = []
        if self.ahead is not None and self.ahead <= self.last_event_at:
            self._refold()
            self._book()
        if isinstance(event, FactTold):
            kind = type(event.told.fact)
            if kind in KEPT:
                self._fact(event.told)
                if kind not in ON_THE_WAY:
                    self._book()
        elif isinstance(event, OutcomeRaised):
            self._outcome(event)
            if isinstance(event.item, (Fee, Refund, WriteOff)):
                self._book()

    def _book(self) -> None:
        """Bring the ledger to what the books now say; the difference is the event's entry."""
        before, after = self.stands.booked, balances(self.state, self.stands)
        for currency in sorted(before.keys() | after.keys()):
            old, new = before.get(currency, {}), after.get(currency, {})
            for account in sorted(old.keys() | new.keys()):
                if moved := new.get(account, 0) - old.get(account, 0):
                    self.entry.append((currency, account, moved))
        self.stands.booked = after

    def _fact(self, told: Told[Any]) -> None:
        self.voids = self.voids or isinstance(told.fact, Retracted)
        in_order = not self.told or told.place > self.told[-1].place
        insort(self.told, told, key=lambda one: one.place)
        self.kept[told.source, told.id] = Kept(
            type(told.fact).__name__, told.at, told.source, told.id, _slim(told.fact)
        )
        in_time = self.last_event_at is not None and told.at <= self.last_event_at
        if in_order and in_time and not self.voids and self.ahead is None:
            self.state.fold(told)
        else:
            self._refold()

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
        item, stands = event.item, self.stands
        key = f"{event.policy} {item.key}"
        holds = event.type != item.names[2]
        if isinstance(item, Fee):
            _put(stands.fees, key, FeeStands(item.kind, item.amount, item.vat), holds)
        elif isinstance(item, Refund):
            refund = RefundStands(
                item.kind, item.amount, item.breakdown, item.parcel, item.line, item.rma, item.cause
            )
            _put(stands.refunds, key, refund, holds)
        elif isinstance(item, WriteOff):
            _put(stands.written_off, key, item.amount, holds)
        elif isinstance(item, Deadline):
            is_open = holds and item.state == "open"
            _put(stands.deadlines, key, (item.lapses_at, item.kind), is_open)
        elif isinstance(item, DecisionNeeded):
            _put(stands.decisions, key, item.about, holds)
        elif isinstance(item, Ruling):
            _put(stands.rulings, key, (item.about, item.decision), holds)
        elif isinstance(item, Block):
            _put(stands.blocks, key, True, holds)

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
        for kept in memory.facts:
            fact = msgspec.convert(kept.fields, TYPES[kept.type])
            dossier.told.append(Told(fact, kept.at, kept.at, kept.source, kept.id))
            dossier.kept[kept.source, kept.id] = kept
            dossier.voids = dossier.voids or isinstance(fact, Retracted)
        dossier._refold()
        return dossier


def _put(stands: dict[str, Any], key: str, item: Any, holds: bool) -> None:
    if holds:
        stands[key] = item
    else:
        stands.pop(key, None)


def _slim(fact: Value) -> dict[str, Any]:
    names = KEPT[type(fact)]
    values = {name: getattr(fact, name) for name in names}
    if isinstance(fact, (OrderData, OrderChanged)):
        values = {name: _part(value) for name, value in values.items()}
    return {name: value for name, value in values.items() if value is not None}


def _part(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_part(one) for one in value]
    names = PARTS.get(type(value))
    return value if names is None else {name: getattr(value, name) for name in names}
