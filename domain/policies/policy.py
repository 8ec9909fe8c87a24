"""What a policy is: a named pure function, with the fact types that it reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.facts import OrderChanged, OrderConfirmed, OrderPlaced
from domain.fields import Value
from domain.looking import Parts, facts_of
from domain.outcomes import Owed
from domain.state import OrderState
from domain.terms import Terms

Decide = Callable[[OrderState, Terms, datetime], Owed]
Sentences = Mapping[str, tuple[str, str]]
"""Rule of a `Because` -> the sentence in English and in Swedish, `{names}` are its inputs."""

ALWAYS = frozenset({OrderPlaced, OrderConfirmed, OrderChanged})
"""Every policy reads the order itself."""


@dataclass(slots=True, frozen=True, init=False, eq=False)
class Policy:
    """`decide(order, terms, now)` says what is owed; it runs when a fact that it reads comes.

    Where it has `starts`, it owes nothing before one of them, and is not asked; nor under terms
    that have none of its `sections`, where it has some.
    """

    name: str
    reads: frozenset[type[Value]]
    starts: Parts
    sections: tuple[str, ...]
    decide: Decide
    sentences: Sentences

    def __init__(
        self, name: str, decide: Decide, reads: tuple[type[Value], ...], sentences: Sentences,
        starts: tuple[type[Value], ...] = (), sections: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "decide", decide)
        object.__setattr__(self, "reads", ALWAYS | frozenset(reads))
        object.__setattr__(self, "starts", facts_of(starts))
        object.__setattr__(self, "sections", sections)
        object.__setattr__(self, "sentences", sentences)

    def concerns(self, order: OrderState, terms: Terms) -> bool:
        """Whether it may owe anything yet, under these terms."""
        if self.starts and not self.starts & order.told:
            return False
        return not self.sections or any(getattr(terms, one) is not None for one in self.sections)

    def __call__(self, order: OrderState, terms: Terms, now: datetime) -> Owed:
        return self.decide(order, terms, now)
