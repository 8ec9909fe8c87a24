"""What is owed on an order, each with its reason, and the words that a customer is sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from adapters.narrated import RMA, called
from adapters.terms import installed
from domain.events import AnyEvent, OutcomeRaised
from domain.explain import EFFECTS, Steps, arithmetic, contradicted, sentence
from domain.facts import Shipped
from domain.outcomes import (
    AnyOutcome, Because, Deadline, DecisionNeeded, Fee, Refund, Ruling, WriteOff,
)  # fmt: skip
from domain.state import OrderState
from domain.terms.book import Book
from domain.terms.register import Register
from domain.words import Language, money, word

LANGUAGES: tuple[tuple[Language, str], ...] = (("sv", "Svenska"), ("en", "English"))
HEADS: Mapping[type[AnyOutcome], tuple[str, str]] = {
    Fee: ("Order {order}: you owe a fee of {amount} ({kind}).",
          "Order {order}: du ska betala en avgift på {amount} ({kind})."),
    Refund: ("Order {order}: you get {amount} back ({kind}){by}.",
             "Order {order}: du får tillbaka {amount} ({kind}){by}."),
    WriteOff: ("Order {order}: you need not pay {amount} of invoice {invoice}.",
               "Order {order}: du behöver inte betala {amount} av faktura {invoice}."),
}  # fmt: skip
"""What is owed in money -> how the letter about it begins, in English and in Swedish."""
SET_OFF = (
    "Order {order}: {amount} is set off against what you owe ({kind}); {left}.",
    "Order {order}: {amount} räknas av från det du är skyldig ({kind}); {left}.",
)
"""The same of a refund that is not paid, as the customer owes as much or more."""
LEFT = (
    ("you owe nothing after it", "you owe {owes} in all after it"),
    ("därefter är du inte skyldig något", "därefter är du skyldig {owes} i allt"),
)
ANSWERED = {"accepted": ("accepted", "godtas"), "refused": ("refused", "avslås"),
            "pending": ("not answered yet", "är inte besvarat än")}  # fmt: skip
"""A ruling's decision as its letter says it."""


class Letter(NamedTuple):
    """Why, to the customer, in one language."""

    language: Language
    name: str
    text: str


class Clause(NamedTuple):
    """A clause or statute that decided: what it says, and what law did."""

    id: str
    says: str
    effect: str


class Reading(NamedTuple):
    """An open question of the terms, how it was answered, and how not."""

    name: str
    chosen: str
    others: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Explained:
    """An outcome with everything that stands behind it; `number` is its last event."""

    item: AnyOutcome
    number: int | None
    name: str
    sentence: str
    steps: Steps
    clauses: Sequence[Clause]
    readings: Sequence[Reading]
    letters: Sequence[Letter]

    @property
    def amount(self) -> int:
        amount: int = getattr(self.item, "amount", None) or 0
        return amount

    @property
    def contradicted(self) -> int | None:
        """What its steps come to, where that is not its amount: no customer is told of it."""
        return contradicted(self.item)

    @property
    def called(self) -> str:
        """What people call it, without its class: `parcel not collected`."""
        return called(self.item)

    @property
    def kind(self) -> str:
        return type(self.item).__name__

    @property
    def beaten(self) -> Sequence[tuple[str, str, str]]:
        return self.item.because.beaten


def explained(
    items: Iterable[AnyOutcome], events: Iterable[AnyEvent], state: OrderState, book: Book,
    set_off: int | None = None,
) -> list[Explained]:  # fmt: skip
    """Outcomes, what is owed in money first, then in the order in which they were raised.

    `set_off` is what the customer owes, in öre, where refunds are set off against it.
    """
    last = {
        event.item.key: event.originator_version
        for event in events if isinstance(event, OutcomeRaised)
    }  # fmt: skip
    found = [_explained(item, last.get(item.key), state, book, set_off) for item in items]
    found.sort(key=lambda one: not isinstance(one.item, tuple(HEADS)))
    return found


def in_money(items: Iterable[Explained]) -> list[Explained]:
    """Fees, refunds and what need not be paid."""
    return [one for one in items if isinstance(one.item, tuple(HEADS))]


def answers(items: Iterable[Explained]) -> list[Explained]:
    """Rulings, duties to tell and the like: neither money, nor time, nor a person's to decide."""
    others = (*HEADS, Deadline, DecisionNeeded)
    return [one for one in items if not isinstance(one.item, others)]


def _explained(
    item: AnyOutcome, number: int | None, state: OrderState, book: Book, set_off: int | None
) -> Explained:
    because, known = item.because, installed()
    effects = {name: EFFECTS[effect][0] for name, effect in because.statutes}
    steps: Steps = because.steps or getattr(item, "breakdown", ())
    options = {name: reading.options for name, reading in book.readings.items()}
    return Explained(
        item, number, f"{type(item).__name__}: {called(item)}",
        _sentence(because, state, "en"), tuple(step for step in steps if step[1]),
        [
            Clause(name, _says(known, name), effects.get(name, ""))
            for name in dict.fromkeys((*because.clauses, *effects))
        ],
        [
            Reading(name, chosen, tuple(one for one in options.get(name, ()) if one != chosen))
            for name, chosen in because.readings
        ],
        [] if contradicted(item) is not None else
        [Letter(language, name, letter(item, state, language, set_off))
         for language, name in LANGUAGES],
    )  # fmt: skip


def letter(
    item: AnyOutcome, state: OrderState, language: Language, set_off: int | None = None
) -> str:  # fmt: skip
    """What a customer is told of an outcome: how much, why, how it adds up, and which clauses.

    An amount of one part needs no adding up. A parcel is called as the customer knows it.
    """
    currency, swedish = state.currency, language == "sv"
    because = _tracked(item.because, state)
    said = [*_head(item, state, language, set_off), _sentence(because, state, language)]
    if " + " in (steps := arithmetic(item, language, currency)) or " - " in steps:
        said.append(f"{steps}.")
    if clauses := ", ".join(item.because.clauses):
        said.append(f"{'Se villkoren' if swedish else 'See the terms'}: {clauses}.")
    return "\n".join(said)


def _head(
    item: AnyOutcome, state: OrderState, language: Language, set_off: int | None
) -> list[str]:  # fmt: skip
    """How a letter begins: of which order it is, and what was decided or is owed."""
    shown: Any = item
    swedish = language == "sv"

    def sum_of(amount: int) -> str:
        said = money(amount, language, state.currency)
        return said if swedish else f"{said} {state.currency}"

    if isinstance(item, Ruling):
        about = "" if item.about == "order" else f", {RMA.sub('RMA', word(item.about, language))}"
        return [f"Order {state.id}{about}: {ANSWERED[item.decision][swedish]}."]
    head = HEADS.get(type(item))
    if head is None:
        return []
    is_off = isinstance(item, Refund) and set_off is not None
    owes = set_off or 0
    known = {
        "order": state.id, "kind": word(getattr(shown, "kind", ""), language),
        "amount": sum_of(shown.amount), "invoice": item.invoice, "by": _by(item, language),
        "left": LEFT[swedish][owes > 0].format(owes=sum_of(owes)),
    }  # fmt: skip
    return [(SET_OFF if is_off else head)[swedish].format(**known)]


def _tracked(because: Because, state: OrderState) -> Because:
    """The same reason with the parcel's tracking number in its place, where it has one."""
    name = because.inputs.get("parcel")
    parcel = state.parcels.get(name) if isinstance(name, str) else None
    told = parcel.last(Shipped) if parcel else None
    if told is None or told.fact.tracking is None:
        return because
    return replace(because, inputs=because.inputs | {"parcel": told.fact.tracking})


def _by(item: AnyOutcome, language: Language) -> str:
    """Until when money is to be paid back, where a day is set for it."""
    if not isinstance(item, Refund) or item.due is None or item.withheld:
        return ""
    return f", senast {item.due}" if language == "sv" else f", by {item.due} at the latest"


def _sentence(because: Because, state: OrderState, language: Language) -> str:
    names = {line.line: line.name for line in state.lines.values()}
    return sentence(because, language, names, state.currency)


def _says(known: Register, name: str) -> str:
    clause, statute = known.clauses.get(name), known.statutes.get(name)
    return clause.rule if clause else statute.rule if statute else ""
