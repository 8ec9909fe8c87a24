"""Every number of the terms, changed in turn: `python -m tests.mutation [FILE..]`.

A number is noticed when a scenario that passes comes out otherwise with the number one higher or,
where a law or a list caps it, one lower. Terms that can be read no more are refused, whatever the
scenarios say: that is not noticing. The digests of closed values notice every change and are left
out, as they say nothing about the rules.
"""

import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from adapters.scenarios.check import TERMS_REFUSED, Result, check_document
from adapters.terms import book
from domain.terms.book import Book, Overrides
from domain.terms.values import Entry, as_list
from tests.worked import played

LAW = "statutes"


@dataclass(slots=True, frozen=True)
class Mutant:
    """One number of one dated value; `path` leads to it inside the entry."""

    file: str
    key: str
    number: int
    path: tuple[str | int, ...]
    was: int | Decimal

    @property
    def name(self) -> str:
        inner = "/".join(str(step) for step in self.path[1:])
        start = _layer(book(), self.file)[self.key][self.number]["from"]
        return f"{self.file} {self.key}{'/' + inner if inner else ''} {start}"

    @property
    def clauses(self) -> set[str]:
        return set(as_list(_layer(book(), self.file)[self.key][self.number]["clause"]))

    def book(self, by: int) -> Book:
        """The terms with the number so much higher."""
        changed = book().otherwise(Overrides())
        layer = dict(_layer(changed, self.file))
        entries = layer[self.key] = deepcopy(layer[self.key])
        inner: Any = entries[self.number]
        for step in self.path[:-1]:
            inner = inner[step]
        inner[self.path[-1]] = self.was + by
        if self.file == LAW:
            changed.law = layer
        else:
            changed.sellers = {**changed.sellers, self.file: layer}
        return changed


def _layer(terms: Book, file: str) -> dict[str, list[Entry]]:
    return terms.law if file == LAW else terms.sellers[file]


def mutants(files: list[str]) -> Iterator[Mutant]:
    """Every number of these files; all files where none is named."""
    for file in files or [*sorted(book().sellers), LAW]:
        for key, entries in _layer(book(), file).items():
            for number, entry in enumerate(entries):
                for part in ("value", "options"):
                    for path, was in _numbers(entry.get(part), (part,)):
                        yield Mutant(file, key, number, path, was)


def _numbers(
    value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], int | Decimal]]:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        yield path, value
    elif isinstance(value, (dict, list)):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            yield from _numbers(inner, (*path, step))


@dataclass(slots=True, frozen=True, eq=False)
class Passing:
    """A scenario that passes, whose terms it is under, and what it is about."""

    document: dict[str, Any]
    sellers: frozenset[str]
    named: frozenset[str]


@cache
def passing() -> tuple[Passing, ...]:
    found = []
    for document, result in played():
        if result.passed:
            decided = {clause for clause, _ in result.decided}
            sellers = frozenset(_sellers(document))
            named = frozenset(decided | set(document.get("clauses") or ()))
            found.append(Passing(document, sellers, named))
    return tuple(found)


def _sellers(value: Any) -> Iterator[str]:
    """Every seller and marketplace that a document names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("seller", "marketplace") and isinstance(inner, str):
                yield inner
            else:
                yield from _sellers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sellers(inner)


def noticed(mutant: Mutant) -> bool:
    """Whether a scenario fails: of those that name the value's clause, else of the seller's.

    An outcome that a statute decides names it, so there the others are not asked.
    """
    named = [one for one in passing() if mutant.clauses & one.named]
    if _fails(mutant, named):
        return True
    others = [one for one in passing() if one not in named and mutant.file in one.sellers]
    return _fails(mutant, others)


def _fails(mutant: Mutant, scenarios: list[Passing]) -> bool:
    return any(
        _otherwise(check_document("", one.document, changed))
        for by in (1, -1) if mutant.was + by >= 0
        for changed in [mutant.book(by)]
        for one in scenarios
    )  # fmt: skip


def _otherwise(result: Result) -> bool:
    """Whether something else came out, rather than nothing because the terms were refused."""
    return not result.passed and not any(TERMS_REFUSED in one for one in result.differences)


def main(files: list[str]) -> None:
    count, survivors = 0, []
    for mutant in mutants(files):
        count += 1
        if not noticed(mutant):
            survivors.append(mutant)
            print(f"{mutant.name} = {mutant.was}  {', '.join(sorted(mutant.clauses))}", flush=True)
    print(f"{count - len(survivors)} of {count} numbers are noticed", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
