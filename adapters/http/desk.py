"""The desk behind the API and the console: whom to ask, who asks, and by which clock.

What is asked goes to the reader, as somebody (`adapters.reading`). What people do goes to the
session, after their right and the seller have been looked at here.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.access import Right, Who
from adapters.background import Background
from adapters.cli.session import Session
from adapters.deciding import SOURCE, is_of_a_decision
from adapters.http.watch import Watch
from adapters.messages import Message, Understood
from adapters.reading import Reader
from domain.errors import Refused, VillkorError
from domain.facts import DiscretionExercised, Retracted
from domain.terms.book import Book


class Forbidden(VillkorError):
    """Who asks may not do that."""


@dataclass(slots=True)
class Desk:
    """One installation as it is asked over HTTP."""

    reader: Reader
    session: Session
    telling: Callable[[Sequence[Message]], Awaitable[None]] | None = None
    """How facts go to Kafka; where there is none they lie in the inbox of their writers."""
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when those who still listen are to be let go."""
    streams: Counter[str] = field(default_factory=Counter)
    """How many listen to the feed, by token."""
    background: Background = field(init=False)
    """What is verified or rebuilt beside those who ask."""
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.background = Background()
        self.watch = Watch(self.reader.pool, self.ending)

    @property
    def book(self) -> Book:
        return self.session.book

    @property
    def now(self) -> datetime:
        return self.session.clock.now()

    async def tell(self, facts: Sequence[Message]) -> None:
        """Hand over facts that are understood; they are safe once this returns."""
        if self.telling is not None:
            await self.telling(facts)
        else:
            await self.session.left(facts)


def needs(who: Who, right: Right, seller: str | None = None) -> None:
    """Raises Forbidden where somebody may not do that, or not for that seller."""
    if not who.may(right):
        raise Forbidden(f"the role {who.role} may not do that (it lacks {str(right)!r})")
    if seller is not None and not who.sees(seller):
        raise Forbidden(f"this token is not for {seller}")


async def may_tell(desk: Desk, who: Who, right: Right, one: Understood) -> None:
    """Raises Forbidden where somebody may not tell a fact, Refused where only Villkor tells it.

    To tell a decision is to decide, and so it is to take one back.
    """
    needs(who, right, one.seller)
    fact = one.told.fact
    if isinstance(fact, DiscretionExercised) or (
        isinstance(fact, Retracted) and await _takes_back_a_decision(desk, who, one)
    ):
        needs(who, Right.DECIDE, one.seller)
    if one.told.source == SOURCE:
        raise Refused(f"source: {SOURCE} is where decisions come from; /v1/decisions takes them")


async def _takes_back_a_decision(desk: Desk, who: Who, one: Understood) -> bool:
    async with desk.reader.asking(who) as store:
        return await is_of_a_decision(store.pool, one)
