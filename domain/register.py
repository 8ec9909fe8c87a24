"""A register: the acts of people that concern no single order, a stream for each partition.

Its id is `villkor/acts:N`, with the first N that lies in the partition, so that nothing about
routing is special.
"""

from domain.events import Event, FactTold
from domain.stream import Stream

SELLER = "villkor"
ACTS = "acts:"
"""How the subject of a register begins."""


class Register(Stream):
    """What was done by whom, each act once; its events are recorded when told."""

    @classmethod
    def blank(cls, key: str) -> "Register":
        """A register of which nothing is known yet."""
        one = cls.__new__(cls)
        one.begin(key)
        return one

    def apply(self, event: Event) -> None:
        super().apply(event)
        if isinstance(event, FactTold):
            self.seen[event.told.source, event.told.id] = event.told


def is_register(key: str) -> bool:
    """Whether a stream `seller/subject` is a register."""
    return key.startswith(f"{SELLER}/{ACTS}")
