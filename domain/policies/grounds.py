"""What stands behind an outcome: the clauses and readings of the terms that were used."""

from itertools import chain
from typing import Any, TypeVar

from domain.terms.values import Term

T = TypeVar("T")
Readings = tuple[tuple[str, str], ...]


def value_of(term: Term[T] | None, otherwise: T) -> T:
    """What the terms say, or `otherwise` where they are silent."""
    return otherwise if term is None else term.value


def clauses_of(*terms: Term[Any] | None) -> tuple[str, ...]:
    said = [term.clauses for term in terms if term is not None]
    return said[0] if len(said) == 1 else distinct(*said)


def readings_of(*terms: Term[Any] | None) -> Readings:
    said = [term.readings for term in terms if term is not None]
    return said[0] if len(said) == 1 else distinct(*said)


def distinct(*groups: tuple[T, ...]) -> tuple[T, ...]:
    """All of them once, in the order in which they were first named."""
    if len(groups) == 1:
        return groups[0]
    return tuple(dict.fromkeys(chain.from_iterable(groups)))
