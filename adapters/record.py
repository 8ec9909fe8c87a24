"""The auditor's record of one outcome: what decided, what fell, and where each figure is from.

Nothing in it is remembered from when the outcome was raised: which messages it rests on is found by
deciding again without each of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from adapters.story import Story
from domain.calendar import day_of
from domain.decide import causes
from domain.events import OutcomeRaised
from domain.explain import MONEY
from domain.facts import OrderConfirmed, OrderPlaced
from domain.order import Order
from domain.outcomes import AnyOutcome, Because
from domain.state import Told
from domain.terms.book import Book, Edition
from domain.terms.register import Register

COUNTS = ("quantity", "technician_minutes", "percent", "value_loss_percent", "vat_rate", "age")
"""Fields of facts whose numbers are no amounts."""
LAW_FIRST = ("bounded", "capped", "struck")
"""What mandatory law does to a term; otherwise it fills a gap."""


@dataclass(slots=True, frozen=True)
class Ground:
    """One clause or statute: whose it is, what it says, whether it decided or fell, and to what."""

    rank: str
    id: str
    role: str
    says: str | None = None
    fell_to: str | None = None
    value: str | None = None


@dataclass(slots=True, frozen=True)
class Source:
    """A message, or a value of the terms, that an input is taken from."""

    type: str
    id: str
    source: str | None = None
    at: datetime | None = None


@dataclass(slots=True, frozen=True)
class Input:
    """A value that went into the decision; without sources it was computed from others."""

    name: str
    value: str | int | bool | None
    sources: tuple[Source, ...]


@dataclass(slots=True, frozen=True)
class Step:
    """A term of the sum that makes the amount, in öre."""

    label: str
    amount: int
    sources: tuple[Source, ...]


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
    options = {name: reading.options for name, reading in book.readings.items()}
    return Record(
        tuple(_grounds(because, edition, register)),
        tuple((name, chosen, options.get(name, ())) for name, chosen in because.readings),
        tuple(
            Input(name, value, tuple(_sources(name, value, told, edition, because)))
            for name, value in because.inputs.items()
        ),
        tuple(
            Step(label, amount, tuple(_sources("amount", abs(amount), told, edition, because)))
            for label, amount in because.steps or getattr(item, "breakdown", ())
        ),
        tuple(map(_message, told)),
        order.pinned.edition if order.pinned else "",
        tuple((event.timestamp, event.type) for event in raised),
    )


def _edition(order: Order, book: Book) -> Edition:
    assert order.pinned is not None, "an outcome is decided under pinned terms"
    pin = order.pinned
    return book.pinned(pin.edition, pin.seller, pin.marketplace, pin.day)


def _grounds(because: Because, edition: Edition, register: Register) -> Iterator[Ground]:
    """In order of precedence: mandatory law, the seller, the marketplace, law that fills a gap."""
    fell = {name: (value, why) for name, value, why in because.beaten}
    effects = dict(because.statutes)
    names = [*effects, *because.clauses, *fell]
    found = []
    for name in dict.fromkeys(names):
        rank = _rank(name, effects.get(name), edition, register)
        value, why = fell.get(name, (None, None))
        role = "fell" if name in fell else effects.get(name, "decided")
        clause, statute = register.clauses.get(name), register.statutes.get(name)
        says = clause.rule if clause else statute.rule if statute else None
        found.append(Ground(rank, name, role, says, why, value))
    ranks = ("mandatory law", edition.seller, edition.marketplace or "", "law", "reading")
    yield from sorted(found, key=lambda ground: ranks.index(ground.rank))


def _rank(name: str, effect: str | None, edition: Edition, register: Register) -> str:
    if effect in LAW_FIRST:
        return "mandatory law"
    if (clause := register.clauses.get(name)) is not None:
        return clause.document if clause.document == edition.marketplace else edition.seller
    return "law" if effect or name in register.statutes else "reading"


def _sources(
    name: str, value: Any, told: Iterable[Told[Any]], edition: Edition, because: Because
) -> Iterator[Source]:
    """Where an input's value stands: in the messages that the outcome rests on, else the terms.

    An amount is looked for among amounts, a number among numbers.
    """
    if value is None or isinstance(value, bool):
        return
    money = isinstance(value, int) and name.endswith(MONEY)
    found = [_message(one) for one in told if _says(one, value, money)]
    yield from found or _terms(value, money, edition, because)


def _says(told: Told[Any], value: Any, money: bool) -> bool:
    if isinstance(value, str) and value in (told.at.isoformat(), day_of(told.at).isoformat()):
        return not isinstance(told.fact, (OrderPlaced, OrderConfirmed))
    return any(
        one == value and (isinstance(one, str) or money != (field in COUNTS))
        for field, one in _values(told.fact)
    )


def _values(fact: Any, field: str = "") -> Iterator[tuple[str, Any]]:
    """(field, value) of everything in a fact, as inputs have them."""
    if is_dataclass(fact):
        for one in fields(fact):
            yield from _values(getattr(fact, one.name), one.name)
    elif isinstance(fact, tuple):
        for inner in fact:
            yield from _values(inner, field)
    elif isinstance(fact, (date, datetime)):
        yield field, fact.isoformat()
    elif fact is not None and not isinstance(fact, bool):
        yield field, fact


def _terms(value: Any, money: bool, edition: Edition, because: Because) -> Iterator[Source]:
    """The values of the edition, under the clauses that decided, that say the same."""
    named = {*because.clauses, *(name for name, _ in because.statutes)}
    for key, entry in sorted(edition.entries.items()):
        if entry and named & set(entry["clause"]):
            same = _ore(entry["value"]) == value if money else str(entry["value"]) == str(value)
            if same:
                yield Source("terms", key)


def _ore(value: Any) -> int | None:
    """What a value of the terms would be in öre."""
    try:
        return int(Decimal(str(value)) * 100)
    except (ArithmeticError, ValueError):
        return None


def _message(told: Told[Any]) -> Source:
    return Source(type(told.fact).__name__, told.id, told.source, told.at)
