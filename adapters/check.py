"""The scenario checker: worked examples of the terms against the real aggregate and policies.

It needs no database. Everything under `expect` is exact (FACTS.md section 7): lists are complete
where the format says so, items are compared by their named keys, scalars are read as text.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from adapters.edge import fact_type, read_values, without_persons
from adapters.story import named
from domain.announce import announced
from domain.calendar import moment
from domain.decide import lapse, tell
from domain.errors import VillkorError
from domain.explain import sentence
from domain.money import kronor, ore
from domain.order import Order
from domain.outcomes import (
    Acknowledgement,
    AnyOutcome,
    Block,
    ClosedCase,
    Deadline,
    DecisionNeeded,
    Fee,
    Information,
    Refund,
    Replacement,
    Ruling,
    WriteOff,
)  # fmt: skip
from domain.state import Told
from domain.terms.book import Book, Overrides

KEYS = {
    "id", "title", "clauses", "readings", "order", "facts", "as_of", "note", "expect", "tariff",
    "rates", "cart",
}  # fmt: skip
"""What a scenario may say."""
LISTS: dict[str, tuple[type[AnyOutcome], bool]] = {
    "fees": (Fee, True),
    "refunds": (Refund, True),
    "written_off": (WriteOff, True),
    "deadlines": (Deadline, False),
    "rulings": (Ruling, False),
    "decisions_needed": (DecisionNeeded, False),
    "replacements": (Replacement, False),
    "information": (Information, False),
    "acknowledgements": (Acknowledgement, False),
    "cases": (ClosedCase, False),
}
"""Key of `expect` -> the outcomes that it lists, and whether the list is complete."""

MAY_BE_EMPTY = {"rulings", "deadlines"}
"""Lists that are not complete even when they are empty: every order has a ruling about itself."""

AMOUNTS = {"amount", "unit_price", "price", "total", "goods", "shipping"}


@dataclass(slots=True)
class Result:
    """One scenario: `differences` are sentences, empty where it came out right."""

    id: str
    differences: list[str] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.differences


def documents(paths: Iterable[Path]) -> Iterator[tuple[str, Any]]:
    """(name, document) of every YAML document; one that cannot be read is its error."""
    for path in sorted(_files(paths)):
        for number, text in enumerate(_split(path.read_text("utf-8", "surrogateescape")), 1):
            name = f"{path.name}:{number}"
            try:
                document = yaml.load(text, Loader=yaml.BaseLoader)
            except (yaml.YAMLError, ValueError) as error:
                yield name, VillkorError(f"cannot be read: {error}")
                continue
            if document is not None:
                yield name, document


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (one for one in path.rglob("*") if one.suffix in (".yaml", ".yml"))
        else:
            yield path


def _split(text: str) -> list[str]:
    """The documents of a file, apart, so that one that cannot be read spoils no other."""
    return ("\n" + text).split("\n---")


def check(paths: Iterable[Path], book: Book) -> list[Result]:
    """Every scenario of the files. A document that raises is one failed result."""
    return [check_document(name, document, book) for name, document in documents(paths)]


def check_document(name: str, document: Any, book: Book) -> Result:
    if isinstance(document, VillkorError):
        return Result(name, [str(document)])
    if not isinstance(document, Mapping):
        return Result(name, ["is not a mapping"])
    result = Result(str(document.get("id", name)))
    if unknown := sorted(set(document) - KEYS):
        result.differences.append(f"{', '.join(unknown)}: not understood")
    try:
        _check(document, book, result)
    except Exception as error:  # noqa: BLE001 - a scenario that raises is one failure
        result.differences.append(f"raised {type(error).__name__}: {error}")
    return result


def _check(document: Mapping[str, Any], book: Book, result: Result) -> None:
    book = book.otherwise(
        Overrides(
            readings=document.get("readings") or {},
            tariff=document.get("tariff") or {},
            rates={name: Decimal(rate) for name, rate in (document.get("rates") or {}).items()},
        )
    )
    as_of = moment(document["as_of"]) if "as_of" in document else None
    if not isinstance(document.get("cart"), list):
        _check_order(document, as_of, book, result, "")
        return
    runs = [ScenarioRun(one, as_of, book, number) for number, one in enumerate(document["cart"], 1)]
    _announce(runs, book)
    for number, (one, run) in enumerate(zip(document["cart"], runs, strict=True), 1):
        _check_run(one, run, result, f"order {number}: ")
    if document.get("expect"):
        result.differences.append("expect beside a cart of several orders is not understood")


def _check_order(
    one: Mapping[str, Any], as_of: datetime | None, book: Book, result: Result, where: str
) -> None:
    if "order" not in one:
        result.differences.append(f"{where}without an order nothing is checked yet")
        return
    _check_run(one, ScenarioRun(one, as_of, book), result, where)


def _check_run(one: Mapping[str, Any], run: "ScenarioRun", result: Result, where: str) -> None:
    expect = one.get("expect")
    if not isinstance(expect, Mapping) or not expect:
        result.differences.append(f"{where}nothing is expected")
        return
    for key, expected in expect.items():
        if key in LISTS and not isinstance(expected, list):
            differences = [f"{key} is not a list"]
        elif key in LISTS:
            kind, complete = LISTS[key]
            differences = _compare(expected, run.shown(kind), key, complete)
        elif key == "blocked":
            standing = bool(run.standing(Block))
            differences = [] if str(standing).lower() == expected else [f"blocked: {standing}"]
        else:
            differences = [f"{key} is not understood"]
        result.differences += [where + difference for difference in differences]
    result.explanation += [
        f"{where}{named(item)}: {sentence(item.because)}" for item in run.standing()
    ]


def _announce(runs: "list[ScenarioRun]", book: Book) -> None:
    """What orders of one customer announce is told to its others, in order of time."""
    said = [(told, run) for run in runs if run.customer[1] for told in announced(run.order)]
    for told, run in sorted(said, key=lambda one: (one[0].at, one[0].id)):
        if any(told.id == standing.id for standing in announced(run.order)):
            for other in runs:
                if other is not run and other.customer == run.customer:
                    fresh = Told(told.fact, told.at, other.order.clock, told.source, told.id)
                    other.hear(fresh, book)


class ScenarioRun:
    """One order of a scenario, played to its `as_of`."""

    def __init__(
        self, one: Mapping[str, Any], as_of: datetime | None, book: Book, number: int = 1
    ) -> None:
        order = dict(one["order"])
        self.order = Order.blank(f"{order.get('seller')}/scenario-{number}")
        self.customer = (order.get("seller"), (order.get("customer") or {}).get("ref"))
        self.ever: dict[str, Deadline] = {}
        for kind, at, recorded_at, id, data in _messages(order, one.get("facts") or []):
            if as_of is not None and at > as_of:
                continue
            fact, _ = without_persons(read_values(fact_type(kind), data))
            told = Told(fact, at, recorded_at, "scenario", id)
            tell(self.order, told, b"", book)
        if as_of is not None:
            lapse(self.order, as_of, book)
        self._remember()

    def hear(self, told: Told[Any], book: Book) -> None:
        """What another order of the customer announces."""
        tell(self.order, told, b"", book)
        self._remember()

    def _remember(self) -> None:
        for event in self.order.collect():
            item = getattr(event, "item", None)
            if isinstance(item, Deadline):
                self.ever[item.key] = item

    def standing(self, kind: type[AnyOutcome] | None = None) -> list[AnyOutcome]:
        return [
            item
            for items in self.order.standing.values()
            for item in items.values()
            if kind is None or isinstance(item, kind)
        ]

    def shown(self, kind: type[AnyOutcome]) -> list[dict[str, Any]]:
        """What is compared: what stands; of deadlines also what existed, of cases all there are."""
        stands = [_shown(item) for item in self.standing(kind)]
        if kind is ClosedCase:
            closed = {item.rma for item in self.standing(kind)}
            cases = [name for name in self.order.state.rmas if name not in closed]
            return stands + [{"rma": name, "state": "open", "clauses": ()} for name in cases]
        if kind is not Deadline:
            return stands
        keys = {item.key for item in self.standing(Deadline)}
        gone = [item for key, item in self.ever.items() if key not in keys]
        return stands + [{**_shown(item), "state": "cancelled"} for item in gone]


def _messages(
    order: dict[str, Any], facts: list[Mapping[str, Any]]
) -> Iterator[tuple[str, datetime, datetime, str, dict[str, Any]]]:
    """(type, at, recorded_at, id, data) of the order itself and of its facts, in arrival order."""
    placed, confirmed = order.get("placed_at"), order.get("confirmed_at")
    if placed is not None:
        yield (
            "OrderPlaced",
            moment(placed),
            moment(placed),
            "placed",
            {key: value for key, value in order.items() if key != "confirmed_at"},
        )
    if confirmed is not None:
        whole = {} if placed is not None else order
        yield "OrderConfirmed", moment(confirmed), moment(confirmed), "confirmed", whole
    for number, one in enumerate(facts, 1):
        data = {key: value for key, value in one.items() if key not in _ENVELOPE}
        at = moment(one["at"])
        recorded_at = moment(one["recorded_at"]) if "recorded_at" in one else at
        yield one["type"], at, recorded_at, one.get("id", f"#{number}"), data


_ENVELOPE = {"type", "at", "id", "recorded_at", "source"}


def _shown(item: AnyOutcome) -> dict[str, Any]:
    """An outcome as a scenario writes it: amounts with two decimals, everything else as text."""
    shown: dict[str, Any] = {"clauses": item.because.clauses}
    for name in item.__dataclass_fields__:
        value = getattr(item, name)
        if name == "amount" and value is not None:
            value = kronor(value)
        elif name == "breakdown":
            value = {entry: kronor(amount) for entry, amount in value}
        elif isinstance(value, bool):
            value = str(value).lower()
        shown[name] = value
    if isinstance(item, ClosedCase):
        shown["state"] = "closed"
    return shown


def _compare(
    expected: list[Mapping[str, Any]], got: list[dict[str, Any]], key: str, complete: bool
) -> list[str]:
    rest, differences = list(got), []
    for item in expected:
        match = next((one for one in rest if _fits(item, one)), None)
        if match is None:
            differences.append(f"{key}: expected {dict(item)}, got {_brief(got, item)}")
        else:
            rest.remove(match)
    none = not expected and key not in MAY_BE_EMPTY
    if (complete or none) and rest and not differences:
        differences += [f"{key}: not expected {_brief([one], one)}" for one in rest]
    return differences


def _fits(item: Mapping[str, Any], one: dict[str, Any]) -> bool:
    return all(_equal(name, value, one.get(name)) for name, value in item.items())


def _equal(name: str, expected: Any, got: Any) -> bool:
    if name == "clauses":
        return set(expected) <= set(got or ())
    if got is None:
        return expected in ("null", "~", "")
    if name in AMOUNTS:
        return bool(kronor(ore(expected)) == got)
    if name == "breakdown":
        return {key: Decimal(value) for key, value in expected.items()} == {
            key: Decimal(value) for key, value in got.items()
        }
    if isinstance(expected, list):
        return sorted(expected) == sorted(str(one) for one in got)
    if isinstance(got, datetime):
        return bool(moment(expected) == got)
    if isinstance(got, date):
        return bool(expected == got.isoformat())
    return str(expected) == str(got)


def _brief(got: list[dict[str, Any]], item: Mapping[str, Any]) -> str:
    names = ["kind", "about", *item]
    return str([{name: _text(one[name]) for name in names if name in one} for one in got])


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
