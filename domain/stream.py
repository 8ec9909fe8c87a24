"""A stream of the log: messages that were told to one subject, each once, and what it says itself.

Orders and customers are streams. Neither reads another: what one says to another is a fact, handed
over under an id that follows from the event that caused it, so that telling it twice is harmless.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from eventsourcing.domain import BaseAggregate

from domain.errors import Conflict, Corrupt
from domain.events import AnyEvent, Event, FactTold
from domain.facts import Retracted
from domain.fields import LONGEST
from domain.state import Message, Told, taken_back, target

BEGINNING = datetime.min.replace(tzinfo=UTC)
SOURCE = "villkor:streams"
"""The source of every fact that one stream tells another."""


@dataclass(slots=True, frozen=True)
class Said:
    """A fact for the stream `to`; `body` are its data where they were told from outside."""

    to: str
    told: Told[Any]
    body: bytes = b""


class Stream(BaseAggregate[str]):
    """What is known by (source, id), and what was taken back of it."""

    seen: dict[Message, Told[Any]]
    retractions: list[Told[Retracted]]
    void: frozenset[Message]
    said: list[Said]

    def begin(self, key: str) -> None:
        """Nothing is known yet."""
        self.__base_init__(key, 0, BEGINNING)
        self.seen, self.retractions, self.void, self.said = {}, [], frozenset(), []

    @property
    def seller(self) -> str:
        return self.id.split("/", 1)[0]

    @property
    def subject(self) -> str:
        """The order, or `customer:REF`."""
        return self.id.split("/", 1)[1]

    def knows(self, told: Told[Any]) -> bool:
        """Whether this message was taken before; the same id saying something else is refused."""
        before = self.seen.get((told.source, told.id))
        if before is None:
            return False
        if (before.at, before.fact) != (told.at, told.fact):
            raise Conflict(
                f"id: the message {told.id!r} of {told.source!r} was told before with another body"
            )
        return True

    def tell(self, told: Told[Any], body: bytes) -> FactTold:
        """Record a fact that is not known yet."""
        message = (told.source, told.id)
        retracted = self.seen.get(target(told)) if isinstance(told.fact, Retracted) else None
        event = FactTold(
            self.id, self.version + 1, told.recorded_at, told, body,
            void=message in self.void, retracted=retracted,
        )  # fmt: skip
        self.record(event)
        return event

    def retract(self, told: Told[Retracted]) -> None:
        """Take back what a retraction names, or a retraction itself."""
        self.retractions.append(told)
        self.void = frozenset(taken_back(self.retractions))

    def apply(self, event: Event) -> None:
        """Fold one event, new or from the log. Raises Corrupt where one is missing."""
        if event.originator_version != self.version + 1:
            raise Corrupt(f"{self.id}: event {event.originator_version} follows {self.version}")
        self.version = event.originator_version

    def record(self, event: AnyEvent) -> None:
        """Apply a new event and keep it until it is collected."""
        event.mutate(self)
        self.pending_events.append(event)  # type: ignore[arg-type]

    def mark(self) -> dict[str, Any]:
        """What `restore` needs: a fact that is refused is refused before it changes anything."""
        return {"version": self.version}

    def restore(self, mark: dict[str, Any]) -> None:
        """Raises Corrupt where a fact failed halfway: the stream is to be loaded again."""
        if self.version != mark["version"]:
            raise Corrupt(f"{self.id}: event {self.version} was taken in part")

    def collect(self) -> list[AnyEvent]:
        """The events recorded since the last time, in order."""
        events: list[Any] = self.pending_events[:]
        self.pending_events.clear()
        return events

    def hand_over(self) -> list[Said]:
        """What it said since the last time, in order."""
        said, self.said = self.said, []
        return said


def hear(stream: Stream, told: Told[Any], body: bytes) -> bool:
    """Take one message that asks no policy. False where the same one was taken before.

    Raises Refused where the same id said something else.
    """
    if stream.knows(told):
        return False
    stream.tell(told, body)
    return True


def named(*parts: str | int) -> str:
    """An id made of parts, the same parts giving the same id and others another."""
    text = "/".join(str(one).replace("%", "%25").replace("/", "%2F") for one in parts)
    return text if len(text.encode()) <= LONGEST else sha256(text.encode()).hexdigest()


def taking_back(told: Told[Any], event: Event, *parts: str | int) -> Told[Retracted]:
    """The retraction of what was said, by the event that makes it wrong."""
    at = event.timestamp
    id = named(event.originator_version, "back", *parts)
    return Told(Retracted(fact=told.id), at, at, SOURCE, id)
