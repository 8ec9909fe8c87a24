"""What one transaction writes and what loading gives back: rows between lanes and the store."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from adapters.codec import Stored
from adapters.parcels import Shipment
from domain.terms.book import Edition
from projections.fold import Changes
from projections.periods import Months


@dataclass(slots=True)
class Claim:
    """A partition that this writer owns: its epoch, and where the log and its hash chain stand."""

    partition: int
    epoch: int
    position: int
    head: bytes
    models: int = 0
    """The generation of the read models that it writes on: each swap begins a new one."""
    closed: Months = field(default_factory=dict)
    """The months that sellers' books are closed for, as far as the log goes."""


class EventRow(NamedTuple):
    """A row of `events`, in column order."""

    partition: int
    position: int
    seller: str
    order_id: str
    version: int
    type: str
    schema: int
    at: datetime
    recorded_at: datetime
    source: str | None
    id: str | None
    body: bytes
    meta: bytes
    hash: bytes

    @property
    def key(self) -> str:
        """The order's stream."""
        return f"{self.seller}/{self.order_id}"

    @property
    def stored(self) -> Stored:
        """What the codec reads."""
        return Stored(self.type, self.schema, self.at, self.body, self.meta, self.source, self.id)


class PersonalRow(NamedTuple):
    """A value about a person, beside the event; `value` is JSON."""

    seller: str
    order_id: str
    version: int
    field: str
    value: bytes
    salt: bytes


class TimerRow(NamedTuple):
    """When an order's deadlines next lapse (`due`), and each policy's own instant (JSON)."""

    seller: str
    order_id: str
    partition: int
    due: datetime | None
    wakes: bytes


@dataclass(slots=True)
class DeadLetter:
    """A message or timer that was parked: its bytes, where it came from, and why."""

    place: str
    value: bytes
    reason: str
    sentence: str
    parked_at: datetime
    seller: str | None = None
    order_id: str | None = None
    partition: int | None = None
    message_source: str | None = None
    message_id: str | None = None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Position:
    """How far an inbound Kafka partition was read; compare-and-set on epoch and expected offset."""

    topic: str
    kafka_partition: int
    epoch: int
    expected_offset: int
    next_offset: int


@dataclass(slots=True)
class Batch:
    """All that one transaction writes. `heads` has the new position and head of each partition."""

    claims: dict[int, Claim]
    heads: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    closed: dict[int, Months] = field(default_factory=dict)
    """What is closed now in partitions in which something was."""
    events: list[EventRow] = field(default_factory=list)
    personal: list[PersonalRow] = field(default_factory=list)
    erased: list[tuple[str, str, int]] = field(default_factory=list)
    """(seller, order, version): personal rows of earlier versions go."""
    timers: list[TimerRow] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    inbox: list[tuple[int, bytes, str]] = field(default_factory=list)
    """(partition, value, place) of what streams tell others."""
    inbox_taken: list[int] = field(default_factory=list)
    shipments: list[tuple[Shipment, datetime]] = field(default_factory=list)
    """Parcels as their orders know them, since when."""
    handed_over: int = 0
    """What carriers had said of them, and now lies in the inbox."""
    changes: Changes = field(default_factory=Changes)

    def months(self, partition: int) -> Months:
        """What is closed in a partition behind the events that the batch has so far."""
        if (closed := self.closed.get(partition)) is not None:
            return closed
        claim = self.claims.get(partition)
        return {} if claim is None else claim.closed


@dataclass(slots=True)
class Loaded:
    """What the store knows of one order: its events in order, its timers, its keyed rows."""

    events: list[Any]
    wakes: dict[str, datetime]
    rows: dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]
