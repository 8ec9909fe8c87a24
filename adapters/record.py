"""The auditor's record of one outcome: what decided, what fell, and where each figure is from.

Nothing in it is remembered from when the outcome was raised: which messages it rests on is found by
deciding again without each of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.origins import Origin, Source, Sources, message
from adapters.story import Story
from domain.decide import causes
from domain.events import OutcomeRaised
from domain.explain import Steps
from domain.order import Order
from domain.outcomes import AnyOutcome, Because, Fee
from domain.terms.book import Book, Edition
from domain.terms.register import Register

LAW_FIRST = ("bounded", "capped", "struck")
"""What law does to a term that it goes before, whoever the customer is."""


@dataclass(slots=True, frozen=True)
class Ground:
    """One clause or statute: whose it is, what it says, whether it decided or fell, and to what.

    `readings` has (reading, option) of the open questions through which it was read.
    """

    rank: str
    id: str
    role: str
    says: str | None = None
    fell_to: str | None = None
    value: str | None = None
    readings: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class Input:
    """A value that went into the decision."""

    name: str
    value: str | int | bool
    origin: Origin


@dataclass(slots=True, frozen=True)
class Step:
    """A term of the sum that makes the amount, in öre."""

    label: str
    amount: int
    origin: Origin


@dataclass(slots=True, frozen=True)
class Record:
    """Everything that stands behind an outcome; amounts are in öre."""

    grounds: tuple[Ground, ...]
    readings: tuple[tuple[str, str, tuple[str, ...]], ...]
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    messages: tuple[Source, ...]
    edition: str
    raised: tuple[tuple[datetime, str], ...]


def record(item: AnyOutcome, story: Story, book: Book, register: Register) -> Record:
    """The record of an outcome that stands."""
    order = story.order
    raised = [
        event for event in story.events
        if isinstance(event, OutcomeRaised) and event.item.key == item.key
    ]  # fmt: skip
    told = causes(order, book, raised[-1].policy, item)
    because, edition = item.because, _edition(order, book)
    sources = Sources.of(told, edition, book, because)
    options = {name: reading.options for name, reading in book.readings.items()}
    return Record(
        tuple(_grounds(because, edition, book, register, order.state.consumer)),
        tuple((name, chosen, options.get(name, ())) for name, chosen in because.readings),
        tuple(
            Input(name, value, sources.origin(name, value))
            for name, value in because.inputs.items()
            if value is not None and value != ""
        ),
        tuple(
            Step(label, amount, sources.step(label, amount))
            for label, amount in _steps(item)
            if amount
        ),
        tuple(map(message, told)),
        order.pinned.edition if order.pinned else "",
        tuple((event.timestamp, event.type) for event in raised),
    )


def _steps(item: AnyOutcome) -> Steps:
    """What makes the amount; a fee that is no sum is its own."""
    steps: Steps = item.because.steps or getattr(item, "breakdown", ())
    return steps or (((item.kind, item.amount),) if isinstance(item, Fee) else ())


def _edition(order: Order, book: Book) -> Edition:
    assert order.pinned is not None, "an outcome is decided under pinned terms"
    pin = order.pinned
    return book.pinned(pin.edition, pin.seller, pin.marketplace, pin.day)


def _grounds(
    because: Because, edition: Edition, book: Book, register: Register, consumer: bool
) -> Iterator[Ground]:
    """In order of precedence: mandatory law, the seller, the marketplace, law that fills a gap."""
    fell = _fell(because, edition)
    effects = dict(because.statutes)
    names = [*effects, *because.clauses, *fell]
    found = []
    for name in dict.fromkeys(names):
        rank = _rank(name, effects.get(name), edition, register, consumer)
        value, why = fell.get(name, (None, None))
        read = tuple(
            (reading, option) for reading, option in because.readings
            if reading in book.readings and name in book.readings[reading].clauses
        )  # fmt: skip
        role = "fell" if name in fell else effects.get(name, "read" if read else "decided")
        clause, statute = register.clauses.get(name), register.statutes.get(name)
        says = clause.rule if clause else statute.rule if statute else None
        found.append(Ground(rank, name, role, says, why, value, read if role == "read" else ()))
    ranks = ("mandatory law", edition.seller, edition.marketplace or "", "law", "reading")
    yield from sorted(found, key=lambda ground: ranks.index(ground.rank))


def _fell(because: Because, edition: Edition) -> dict[str, tuple[str, str]]:
    """What fell, and to what: a candidate, and the other clauses that say the same value."""
    fell = {name: (value, why) for name, value, why in because.beaten}
    for name, to in list(fell.items()):
        for entry in edition.entries.values():
            if entry and name in entry["clause"]:
                fell |= {
                    other: to for other in entry["clause"]
                    if other in because.clauses and other not in fell
                }  # fmt: skip
    return fell


def _rank(
    name: str, effect: str | None, edition: Edition, register: Register, consumer: bool
) -> str:
    statute = register.statutes.get(name)
    if effect in LAW_FIRST or (consumer and statute is not None and statute.mandatory):
        return "mandatory law"
    if (clause := register.clauses.get(name)) is not None:
        return clause.document if clause.document == edition.marketplace else edition.seller
    return "law" if effect or statute is not None else "reading"
