"""The worked examples of the terms, all of them, through the real aggregate and policies."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest

from adapters.scenarios.check import check_document
from adapters.scenarios.quoted import INPUTS
from adapters.terms import book
from tests.worked import documents

DOCUMENTS = {str(document["id"]): document for _, document in documents()}


@pytest.mark.parametrize("id", sorted(DOCUMENTS))
def test_a_scenario_comes_out_as_expected(id: str) -> None:
    result = check_document(id, DOCUMENTS[id], book())
    assert result.passed, "\n".join([*result.differences, *result.explanation])


def test_no_two_scenarios_have_the_same_id() -> None:
    assert len(DOCUMENTS) == len(documents())


@pytest.mark.parametrize("id", sorted(DOCUMENTS))
def test_every_expected_value_is_looked_at(id: str) -> None:
    """A scenario that passes fails when any one of its expected values is another."""
    for where, changed in _changed(DOCUMENTS[id]):
        assert not check_document(id, changed, book()).passed, f"{where} is not looked at"


def _changed(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document with one value of an `expect` changed, once for each value.

    What a quote is asked by is changed to what nobody can ask: a little more may cost the same.
    """
    if "reading" in document:
        for option in document["options"]:
            yield from _changed(_under(document, option))
        return
    for path in _leaves(document, ()):
        if "expect" not in path:
            continue
        changed = deepcopy(document)
        inner: Any = changed
        for step in path[:-1]:
            inner = inner[step]
        value = inner[path[-1]]
        asked = "quote" in path and path[-1] in INPUTS
        inner[path[-1]] = f"{value}-other" if asked else _other(value)
        yield "/".join(str(step) for step in path), changed


def _under(document: dict[str, Any], option: str) -> dict[str, Any]:
    """The scenario that a document about a reading is, once an option is chosen."""
    kept = {name: one for name, one in document.items() if name not in ("reading", "options")}
    chosen = {**kept.get("readings", {}), document["reading"]: option}
    return {**kept, "readings": chosen, "expect": document["options"][option]}


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    steps = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else None
    )
    if not steps:
        if not isinstance(value, (dict, list)):
            yield path
        return
    for step, inner in steps:
        yield from _leaves(inner, (*path, step))


def _other(value: str) -> str:
    if value in ("true", "false"):
        return "false" if value == "true" else "true"
    try:
        return str(date.fromisoformat(value) + timedelta(days=1))
    except ValueError:
        pass
    try:
        return f"{float(value) + 1:.2f}"
    except ValueError:
        return value + "-other"
