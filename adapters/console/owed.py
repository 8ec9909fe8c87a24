"""What is owed on an order, each with its reason, and the words that a customer is sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from adapters.narrated import called
from adapters.terms import installed
from domain.events import AnyEvent, OutcomeRaised
from domain.explain import EFFECTS, Steps, arithmetic, grounds, sentence
from domain.outcomes import AnyOutcome, Deadline, DecisionNeeded, Fee, Refund, WriteOff
from domain.state import OrderState
from domain.terms.book import Book
from domain.terms.register import Register
from domain.words import Language, money, word

LANGUAGES: tuple[tuple[Language, str], ...] = (("sv", "Svenska"), ("en", "English"))
HEADS: Mapping[type[AnyOutcome], tuple[str, str]] = {
    Fee: ("Order {order}: you owe a fee of {amount} ({kind}).",
          "Order {order}: du ska betala en avgift på {amount} ({kind})."),
    Refund: ("Order {order}: you get {amount} back ({kind}).",
             "Order {order}: du får tillbaka {amount} ({kind})."),
    WriteOff: ("Order {order}: you need not pay {amount} of invoice {invoice}.",
               "Order {order}: du behöver inte betala {amount} av faktura {invoice}."),
}  # fmt: skip
"""What is owed in money -> how the letter about it begins, in English and in Swedish."""


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
    def kind(self) -> str:
        return type(self.item).__name__

    @property
    def beaten(self) -> Sequence[tuple[str, str, str]]:
        return self.item.because.beaten


def explained(
    items: Iterable[AnyOutcome], events: Iterable[AnyEvent], state: OrderState, book: Book
) -> list[Explained]:
    """Outcomes, what is owed in money first, then in the order in which they were raised."""
    last = {
        event.item.key: event.originator_version
        for event in events if isinstance(event, OutcomeRaised)
    }  # fmt: skip
    found = [_explained(item, last.get(item.key), state, book) for item in items]
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
    item: AnyOutcome, number: int | None, state: OrderState, book: Book
) -> Explained:  # fmt: skip
    because, known = item.because, register()
    effects = {name: EFFECTS[effect][0] for name, effect in because.statutes}
    steps: Steps = because.steps or getattr(item, "breakdown", ())
    options = {name: reading.options for name, reading in book.readings.items()}
    return Explained(
        item, number, f"{type(item).__name__}: {called(item)}",
        _sentence(item, state, "en"), tuple(step for step in steps if step[1]),
        [
            Clause(name, _says(known, name), effects.get(name, ""))
            for name in dict.fromkeys((*because.clauses, *effects))
        ],
        [
            Reading(name, chosen, tuple(one for one in options.get(name, ()) if one != chosen))
            for name, chosen in because.readings
        ],
        [Letter(language, name, letter(item, state, language)) for language, name in LANGUAGES],
    )  # fmt: skip


def letter(item: AnyOutcome, state: OrderState, language: Language) -> str:
    """What a customer is told of an outcome: how much, why, how it adds up, and which clauses."""
    shown: Any = item
    currency, swedish = _currency(state), language == "sv"
    said = [_sentence(item, state, language)]
    if (head := HEADS.get(type(item))) is not None:
        amount = money(shown.amount, language, currency)
        known = {
            "order": state.id, "kind": word(getattr(shown, "kind", ""), language),
            "amount": amount if swedish else f"{amount} {currency}", "invoice": item.invoice,
        }  # fmt: skip
        said.insert(0, head[swedish].format(**known))
    if steps := arithmetic(item, language, currency):
        said.append(f"{steps}.")
    if item.because.clauses:
        clauses = grounds(item.because, language)[0]
        said.append(f"{clauses[:1].upper()}{clauses[1:]}.")
    return "\n".join(said)


def _sentence(item: AnyOutcome, state: OrderState, language: Language) -> str:
    names = {line.line: line.name for line in state.lines.values()}
    return sentence(item.because, language, names, _currency(state))


def _currency(state: OrderState) -> str:
    return state.data.currency if state.data else "SEK"


def _says(known: Register, name: str) -> str:
    clause, statute = known.clauses.get(name), known.statutes.get(name)
    return clause.rule if clause else statute.rule if statute else ""


@cache
def register() -> Register:
    """What all clauses say, read once."""
    return installed()
