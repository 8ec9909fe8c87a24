"""What differs between two values, in words: of long ones the paths, amounts in kronor."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from adapters.codec import KINDS, Stored
from domain.explain import MONEY as AMOUNTS
from domain.money import kronor

SHOWN = 100
STEPS = ("steps", "breakdown")
MONEY = frozenset({"amount", "goods", "freight", "paid", "repaid", "fees", "refunds"})
"""Columns that are öre; sentences have kronor."""
JSON = frozenset({"body", "meta", "dossier", "lines"})
"""Columns of which the paths that differ are said, and not all that they hold."""
STANDS = ("stands",)
"""Of a dossier: what is owed and booked, in öre."""
UNSAID = frozenset({"hash", "rules"})
"""Nobody compares hashes by eye; which rules decided is no difference."""


class Line(NamedTuple):
    """A column, or a path within one, and both sides in words; '' where there is nothing."""

    path: str
    expected: str
    found: str


def compared(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Line]:
    """All that differs between two rows, or of the one that there is, each on a line."""
    return [
        line
        for name in dict.fromkeys((*expected, *found)) if name not in UNSAID
        for line in _column(name, expected.get(name), found.get(name))
    ]  # fmt: skip


def _column(name: str, expected: Any, found: Any) -> Iterator[Line]:
    if expected == found:
        return
    if is_text(name, expected, found):
        with suppress(msgspec.DecodeError):  # of a row that was changed
            sides = [in_kronor(msgspec.json.decode(text)) for text in (expected, found)]
            for path, one, other in _paths(*sides):
                money = "amount" if path[:1] == STANDS else ""
                yield Line(".".join(path) or name, _side(money, one), _side(money, other))
            return
    yield Line(name, _side(name, expected), _side(name, found))


def is_text(name: str, expected: Any, found: Any) -> bool:
    """Whether both are texts of JSON."""
    return name in JSON and isinstance(expected, str) and isinstance(found, str)


def _paths(one: Any, other: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any, Any]]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys((*one, *other)):
            if name not in UNSAID:
                yield from _paths(one.get(name), other.get(name), (*at, name))
    elif isinstance(one, list | tuple) and type(one) is type(other) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True), 1):
            yield from _paths(left, right, (*at, str(number)))
    elif one != other:
        yield at, one, other


def _side(name: str, value: Any) -> str:
    """A value in a sentence, an amount in kronor; programs are told all of it."""
    if isinstance(value, str) and name in ("", "amount"):
        text = value
    else:
        is_money = name in MONEY and isinstance(value, int) and not isinstance(value, bool)
        text = kronor(value) if is_money else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}.."


def event_said(stored: Stored | None) -> str:
    """An event in a sentence, the amounts of an outcome in kronor."""
    return "nothing" if stored is None else f"{stored.type} {_body(stored).decode()}"


def _body(stored: Stored) -> bytes:
    if stored.type in KINDS:
        with suppress(msgspec.DecodeError):  # of a row that was changed
            return msgspec.json.encode(in_kronor(msgspec.json.decode(stored.body)))
    return stored.body


def in_kronor(value: Any, name: str = "") -> Any:
    """A stored outcome with its amounts written out; steps are pairs of a label and an amount."""
    if isinstance(value, dict):
        return {key: in_kronor(inner, key) for key, inner in value.items()}
    if name in STEPS:
        return [(label, kronor(amount)) for label, amount in value]
    if isinstance(value, list):
        return [in_kronor(one) for one in value]
    is_amount = isinstance(value, int) and not isinstance(value, bool) and name.endswith(AMOUNTS)
    return kronor(value) if is_amount else value
