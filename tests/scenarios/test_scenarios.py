"""The worked examples of the terms, all of them, through the real aggregate and policies."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.check import check_document, documents
from adapters.quoted import INPUTS
from adapters.terms import book

HERE = Path(__file__).parent
DOCUMENTS = dict(documents([HERE]))
FAILING = set((HERE / "failing.txt").read_text("utf-8").split())
RESULTS = {
    result.id: (document, result)
    for name, document in DOCUMENTS.items()
    for result in [check_document(name, document, book())]
}
PASSING = {id: document for id, (document, result) in RESULTS.items() if result.passed}


@pytest.mark.parametrize("id", sorted(RESULTS))
def test_a_scenario_comes_out_as_listed(id: str) -> None:
    """A scenario passes unless it is listed as failing, and one that is listed fails."""
    _, result = RESULTS[id]
    if id in FAILING:
        assert not result.passed, f"{id} passes now: take it from failing.txt"
    else:
        assert result.passed, "\n".join([*result.differences, *result.explanation])


def test_what_is_listed_as_failing_exists() -> None:
    assert set(RESULTS) >= FAILING


@pytest.mark.parametrize("id", sorted(PASSING))
def test_every_expected_value_is_looked_at(id: str) -> None:
    """A scenario that passes fails when any one of its expected values is another."""
    for where, changed in _changed(PASSING[id]):
        assert not check_document(id, changed, book()).passed, f"{where} is not looked at"


def _changed(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document with one value of an `expect` changed, once for each value.

    What a quote is asked by is changed to what nobody can ask: a little more may cost the same.
    """
    for path in _leaves(document, ()):
        if not {"expect", "options"} & set(path):
            continue
        changed = deepcopy(document)
        inner: Any = changed
        for step in path[:-1]:
            inner = inner[step]
        value = inner[path[-1]]
        asked = "quote" in path and path[-1] in INPUTS
        inner[path[-1]] = f"{value}-other" if asked else _other(value)
        yield "/".join(str(step) for step in path), changed


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
