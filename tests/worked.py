"""The worked examples, read and played once a process: many tests ask them."""

from functools import cache
from pathlib import Path
from typing import Any

from adapters.scenarios import check
from adapters.scenarios.check import Result, check_document
from adapters.terms import book

SCENARIOS = Path(__file__).parent / "scenarios"


@cache
def documents() -> list[tuple[str, Any]]:
    """Name of each document, and what it says, which nobody may change."""
    return list(check.documents([SCENARIOS]))


@cache
def played() -> list[tuple[Any, Result]]:
    """Each document and what came out, under the terms as they are."""
    return [(document, check_document(name, document, book()))
            for name, document in documents()]  # fmt: skip
