"""The events of an order: facts as they were told, the terms that it pinned, outcomes as raised.

A customer's stream has facts only.

They satisfy the eventsourcing package's protocol (`originator_id`, `originator_version`,
`timestamp`, `mutate`). The timestamp is the order's own clock when the event was recorded and is
always passed in.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from domain.outcomes import AnyOutcome
from domain.state import Told

if TYPE_CHECKING:
    from domain.stream import Stream


@dataclass(slots=True, eq=False)
class Event:
    """What every event has: its stream, its place in it, and the order's clock."""

    originator_id: str
    originator_version: int
    timestamp: datetime

    def mutate(self, stream: "Stream") -> "Stream":
        """Apply to the stream and return it, as the eventsourcing package asks."""
        stream.apply(self)
        return stream


@dataclass(slots=True, eq=False)
class FactTold(Event):
    """A fact was recorded.

    `body` are its `data` as told, byte for byte. `void` means that its retraction came first;
    `retracted` is the fact that a `Retracted` took back, where it was known, so that read models
    reverse it without looking anything up.
    """

    told: Told[Any]
    body: bytes
    void: bool = False
    retracted: Told[Any] | None = None

    @property
    def type(self) -> str:
        return type(self.told.fact).__name__


@dataclass(slots=True, eq=False)
class TermsPinned(Event):
    """From here on the order lives under the edition with this content hash, chosen by `day`."""

    edition: str
    seller: str
    marketplace: str | None
    day: date

    @property
    def type(self) -> str:
        return "TermsPinned"


@dataclass(slots=True, eq=False)
class OutcomeRaised(Event):
    """What is owed changed: `item` is what stands now (or fell away), `before` what stood.

    `policy` decided it; `cause` is the version of the event that made it run, or 0 for the clock.
    Amounts are in `currency`; `goods` has what the lines that the reason names are called.
    """

    type: str
    policy: str
    item: AnyOutcome
    before: AnyOutcome | None
    cause: int
    currency: str = "SEK"
    goods: dict[str, str] = field(default_factory=dict)
    rules: str = ""
    """The version of the rules that decided it, where it comes from the log."""


AnyEvent = FactTold | TermsPinned | OutcomeRaised
