"""What was looked at of an order: how an answer knows what it rests on.

Whoever asks an order's state for something marks the part that it looks at. An answer keeps the
marks that were made while it was found, and holds until one of those parts changes.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, reduce
from operator import or_
from typing import TypeVar

from domain.fields import Value
from domain.vocabulary import RANK

Answer = TypeVar("Answer")
Parts = int
"""A set of parts of an order, a bit each: the facts of each type, and what several types build."""

FACTS_OF: dict[type[Value], Parts] = {kind: 1 << place for kind, place in RANK.items()}


def facts_of(kinds: Iterable[type[Value]]) -> Parts:
    """The facts of several types."""
    return reduce(or_, (FACTS_OF[kind] for kind in kinds), NOTHING)


ORDER, CONFIRMED, PARCELS, INVOICES, CASES = (1 << len(RANK) + place for place in range(5))
"""The order's own data, on which every answer rests; when it was confirmed; which parcels there
are and what is in them; which invoices; which RMAs."""
NOTHING: Parts = 0
EVERYTHING: Parts = -1


@lru_cache(4_096)
def _shared(parts: Parts) -> Parts:
    """The same set: orders that look alike hold it once."""
    return parts


class Looked:
    """The marks of one order; its parcels, invoices and RMAs share them."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at: Parts = NOTHING

    def while_asking(self, ask: Callable[..., Answer], *about: object) -> tuple[Answer, Parts]:
        """The answer, and what was looked at for it; whoever asked has looked at that too."""
        before, self.at = self.at, ORDER
        answer = ask(*about)
        found = _shared(self.at)
        self.at = before | found
        return answer, found
