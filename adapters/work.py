"""What a batch asks of a lane, and what becomes of messages that cannot be taken."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from adapters.messages import Message, Understood, envelope
from adapters.partitions import partition_of
from adapters.postgres.batch import DeadLetter, Position
from domain.errors import Refused, VillkorError


@dataclass(slots=True)
class Work:
    """What a batch asks of a lane: facts by order, what was refused, inbound positions."""

    by_order: dict[str, list[tuple[Message, Understood]]] = field(default_factory=dict)
    refused: list[DeadLetter] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    inbox: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.by_order or self.refused or self.positions or self.inbox)

    @property
    def messages(self) -> int:
        return sum(map(len, self.by_order.values()))

    def parts(self) -> "list[Work]":
        """The halves of its facts; what else it asks goes with the last."""
        told = [(key, one) for key, ones in self.by_order.items() for one in ones]
        middle = len(told) // 2
        last = Work(refused=self.refused, positions=self.positions, inbox=self.inbox)
        halves = [(Work(), told[:middle]), (last, told[middle:])]
        for work, half in halves:
            for key, one in half:
                work.by_order.setdefault(key, []).append(one)
        return [work for work, _ in halves if work]

    def refusing(self, error: Exception) -> "Work":
        """The same with its facts parked."""
        letters = [
            parked(message, error, one.told.recorded_at, one)
            for ones in self.by_order.values()
            for message, one in ones
        ]
        return Work(refused=self.refused + letters, positions=self.positions, inbox=self.inbox)


def sentence(error: Exception) -> str:
    """What went wrong, for people: an error of ours is one already."""
    if isinstance(error, VillkorError):
        return str(error)
    return f"a rule failed: {type(error).__name__}: {error}"


def parked(
    message: Message, error: Exception, parked_at: datetime, told: Understood | None = None
) -> DeadLetter:
    """A dead letter from a message and what went wrong with it; who it is about, where known."""
    letter = DeadLetter(
        place=message.place, value=message.value, key=message.key, headers=message.headers,
        reason=error.reason if isinstance(error, Refused) else "policy_error",
        sentence=sentence(error), parked_at=parked_at,
    )  # fmt: skip
    if told is not None:
        letter.seller, letter.order_id = told.seller, told.order
        letter.message_source, letter.message_id = told.told.source, told.told.id
    else:
        with suppress(Refused):
            event, _ = envelope(message.value)
            letter.seller, letter.order_id = event.seller, event.subject
            letter.message_source, letter.message_id = event.source, event.id
    if letter.order_id is not None:
        letter.partition = partition_of(f"{letter.seller}/{letter.order_id}")
    return letter
