"""Worked examples: what each scenario tells and expects, in a line, for readers of the terms."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from adapters.scenarios.check import documents
from adapters.terms.coverage import FOLDER

EXAMPLES = "examples.json"


@dataclass(slots=True, frozen=True)
class Example:
    """A scenario: its name, what it is about, and what comes of it (amounts in kronor)."""

    id: str
    title: str
    comes_to: tuple[str, ...] = ()


@cache
def recorded() -> Mapping[str, Example]:
    """Every scenario of when this version was made (`make record`), by name."""
    kept = json.loads((FOLDER / EXAMPLES).read_text("utf-8"))
    return {id: Example(id, title, tuple(comes_to)) for id, (title, comes_to) in kept.items()}


def examples(paths: Iterable[Path]) -> dict[str, Example]:
    """The scenarios of these files, by name."""
    found = (
        Example(str(document["id"]), str(document["title"]), tuple(_comes_to(document)))
        for _, document in documents(paths)
        if isinstance(document, Mapping) and {"id", "title"} <= document.keys()
    )
    return {one.id: one for one in sorted(found, key=lambda one: one.id)}


def _comes_to(document: Mapping[str, Any]) -> Iterator[str]:
    """What is expected: fees, refunds, deadlines and rulings; of a reading, under each option."""
    if "options" in document:
        for option, expected in document["options"].items():
            said = "; ".join(_expected(expected)) or "nothing"
            yield f"{option}: {said}"
        return
    yield from _expected(document.get("expect") or {})


def _expected(expect: Any) -> Iterator[str]:
    if not isinstance(expect, Mapping):
        return
    for one in expect.get("fees") or ():
        yield f"fee {one['kind']} {one['amount']}"
    for one in expect.get("refunds") or ():
        yield f"refund {one['kind']} {one['amount']}"
    for one in expect.get("deadlines") or ():
        yield " ".join(["deadline", one["kind"], one.get("due", ""), one.get("state", "")]).strip()
    for one in expect.get("rulings") or ():
        yield f"{one['about']} {one['decision']}"
