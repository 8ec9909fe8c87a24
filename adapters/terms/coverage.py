"""Coverage: the place of every clause, what enforces it, and the scenarios that prove it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from adapters.scenarios.check import Result
from adapters.terms import TERMS
from domain.errors import Missing
from domain.policies import POLICIES
from domain.terms.book import RATES, TARIFF, Book
from domain.terms.register import Clause, Register
from domain.terms.values import Entry, as_list

FOLDER = TERMS / "clauses"
DECIDED = "decided.json"
EXAMPLES = 4
"""Scenarios kept of each clause; one would do as proof."""


@dataclass(slots=True)
class Decided:
    """The policies whose outcomes named a clause, and some of the scenarios in which they did.

    Without policies: the scenarios say that nothing arises, because of this clause.
    """

    policies: list[str] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Value:
    """A dated value of the terms that names the clause."""

    by: str
    key: str
    since: str
    value: str


@dataclass(slots=True, frozen=True)
class Covered:
    """One clause with everything that is known of its place."""

    clause: Clause
    values: tuple[Value, ...]
    decided: Decided


def recorded() -> dict[str, Decided]:
    """What scenarios decided when this version was made (`make record`)."""
    kept = json.loads((FOLDER / DECIDED).read_text("utf-8"))
    return {id: Decided(**entry) for id, entry in kept.items()}


def decided(played: Iterable[tuple[Any, Result]], book: Book) -> dict[str, Decided]:
    """Clause or statute -> what decided it in those of these scenarios that pass."""
    policies: dict[str, set[str]] = defaultdict(set)
    scenarios: dict[str, list[str]] = defaultdict(list)
    claimed: dict[str, list[str]] = defaultdict(list)
    named = {clause for value in values_of(book) for clause in value[0]}
    for document, result in played:
        if not result.passed:
            continue
        for clause, policy in result.decided:
            policies[clause].add(policy)
            if result.id not in scenarios[clause]:
                scenarios[clause].append(result.id)
        for clause in named & set(document.get("clauses") or ()):
            claimed[clause].append(result.id)
    order = {policy.name: number for number, policy in enumerate(POLICIES)}
    return {
        id: Decided(
            sorted(policies[id], key=lambda name: (order.get(name, len(order)), name)),
            (scenarios[id] or claimed[id])[:EXAMPLES],
        )
        for id in sorted(scenarios.keys() | claimed.keys())
    }


def together(one: Mapping[str, Decided], other: Mapping[str, Decided]) -> dict[str, Decided]:
    """What either decided."""
    none = Decided()
    return {
        id: Decided(
            _distinct(one.get(id, none).policies, other.get(id, none).policies),
            _distinct(one.get(id, none).scenarios, other.get(id, none).scenarios),
        )
        for id in sorted(one.keys() | other.keys())
    }


def _distinct(*groups: list[str]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group))


def looked_up(name: str, book: Book, register: Register) -> dict[str, Any]:
    """A clause, statute or reading: what it says, its values, and what decided it.

    Raises Missing where nothing is called so.
    """
    values = [
        {"by": by, "key": key, "from": str(entry["from"]), "value": said(entry),
         "clauses": list(clauses)}
        for clauses, by, key, entry in values_of(book)
        if name in clauses or entry.get("reading") == name
    ]  # fmt: skip
    reading = book.readings.get(name)
    says = register.clauses.get(name) or register.statutes.get(name)
    if not (values or reading or says):
        raise Missing(f"nothing is called {name!r}; `villkor terms coverage` lists clauses")
    return {
        "clause": name, "says": None if says is None else asdict(says),
        "reading": None if reading is None else asdict(reading), "values": values,
        "decided": asdict(recorded().get(name, Decided())),
    }  # fmt: skip


def values_of(book: Book) -> Iterator[tuple[tuple[str, ...], str, str, Entry]]:
    """(clauses, terms file, key, entry) of every dated value."""
    for by, layer in [*sorted(book.sellers.items()), ("statutes", book.law)]:
        for key, entries in layer.items():
            for entry in entries:
                yield tuple(as_list(entry["clause"])), by, key, entry


def covered(book: Book, register: Register, decided: Mapping[str, Decided]) -> list[Covered]:
    """Every clause, in the order of the register."""
    values: dict[str, list[Value]] = defaultdict(list)
    for clauses, by, key, entry in values_of(book):
        for clause in clauses:
            values[clause].append(Value(by, key, str(entry["from"]), said(entry)))
    return [
        Covered(clause, tuple(values[clause.id]), decided.get(clause.id, Decided()))
        for clause in register.clauses.values()
    ]


def said(entry: Entry) -> str:
    """What a dated value says, as text: the value itself, or the reading that chooses it."""
    return f"as {entry['reading']} is read" if "reading" in entry else worded(entry["value"])


def worded(value: Any) -> str:
    """A value as people read it: `200.00`, `yes`, `months 6`, `model, serial`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {worded(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(worded, value)) or "none"
    return str(value)


def faults(
    book: Book, register: Register, decided: Mapping[str, Decided], document: str | None = None
) -> list[str]:
    """What is wrong: values that name what nobody knows, clauses enforced by nothing.

    Of one document where it is said, else of all and of the proofs beside them.
    """
    found = [
        f"{by}: {key} from {entry['from']} names {clause}, which is in no register"
        for clauses, by, key, entry in values_of(book)
        for clause in clauses
        if clause not in register and document in (None, by)
    ]
    found += [
        f"{clause.id} is marked enforced and decided in no scenario"
        for clause in register.clauses.values()
        if clause.place == "enforced"
        and clause.id not in decided
        and document in (None, clause.document)
    ]
    found += [
        f"{id} decided in {', '.join(one.scenarios)} and is in no register"
        for id, one in decided.items()
        if id not in register and id not in (TARIFF, RATES) and document is None
    ]
    return found


def as_rows(covered: Iterable[Covered]) -> list[dict[str, Any]]:
    """For programs: one mapping a clause."""
    return [
        {
            "clause": one.clause.id, "terms": one.clause.document, "rule": one.clause.rule,
            "place": one.clause.place, "to": one.clause.to, "where": one.clause.where,
            "why": one.clause.why, "policies": one.decided.policies,
            "values": [f"{value.by} {value.key}" for value in one.values],
            "scenarios": one.decided.scenarios,
        }
        for one in covered
    ]  # fmt: skip
