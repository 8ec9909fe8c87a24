"""What stands in a message that was parked, with all masked that may be about persons: all but the
envelope and amounts."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec

from domain.money import KRONOR
from domain.vocabulary import FACTS

MASK = "•••"
ENVELOPE = frozenset({
    "specversion", "id", "source", "type", "subject", "time", "seller", "recordedtime",
    "datacontenttype",
})  # fmt: skip
"""What of a message is about no person."""


LARGEST = 10_000_000
"""Kronor: a larger number may be a person's that was told in the wrong place."""


@cache
def amounts() -> frozenset[str]:
    """The names of what facts have in kronor: money is about no person."""
    found: set[str] = set()
    for fact in FACTS:
        _look(fact, found, set())
    return frozenset(found)


def _look(kind: Any, found: set[str], seen: set[Any]) -> None:
    """Put the names of the amounts of a type, and of what it is made of, into `found`."""
    if kind in seen or not is_dataclass(kind):
        return
    seen.add(kind)
    for name, hint in get_type_hints(kind, include_extras=True).items():
        for part in _parts(hint):
            if part is KRONOR:
                found.add(name)
            elif isinstance(part, type):
                _look(part, found, seen)


def _parts(hint: Any) -> Iterator[Any]:
    """What a type is made of, and what is noted beside it."""
    yield hint
    for part in (*get_args(hint), *getattr(hint, "__metadata__", ())):
        yield from _parts(part)


def payload(value: bytes, *, bare: bool) -> str:
    """A message as it can be read; what may be about persons only where it is asked for."""
    try:
        told = msgspec.json.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return text(value) if bare else f"{len(value)} bytes that are no JSON"
    return msgspec.json.format(value if bare else msgspec.json.encode(masked(told))).decode()


def masked(told: Any) -> Any:
    """The shape of what was told: only the envelope's own attributes are read."""
    if not isinstance(told, dict) or "specversion" not in told:
        return _masked(told)
    return {
        name: value if name in ENVELOPE and isinstance(value, str) else _masked(value)
        for name, value in told.items()
    }


def _masked(told: Any) -> Any:
    if isinstance(told, dict):
        return {
            name: value if name in amounts() and _is_money(value) else _masked(value)
            for name, value in told.items()
        }
    return [_masked(value) for value in told] if isinstance(told, list) else MASK


def _is_money(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < LARGEST


def text(value: bytes) -> str:
    """Bytes as text; what is none is escaped."""
    return value.decode("utf-8", "backslashreplace")
