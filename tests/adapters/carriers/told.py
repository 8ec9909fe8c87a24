"""What a carrier's body comes to, in short: for tests."""

import json
from pathlib import Path
from typing import Any

from adapters.carriers import Sighting, translator
from adapters.carriers.meanings import fact_data, meaning

BODIES = Path(__file__).parent / "bodies"
SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "carriers"
"""Real bodies, where they are at hand: they are not this project's to spread."""


def sightings(source: str, body: bytes | dict[str, Any]) -> list[Sighting]:
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(translator(source)(value).sightings)


def problems(source: str, body: bytes | dict[str, Any]) -> list[str]:
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [one.code for one in translator(source)(value).problems]


def facts(
    source: str, body: bytes | dict[str, Any], of: str | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """The facts that a body becomes, in order of time: (type, data without the parcel).

    `of` is the number of the parcel, where the body tells of several.
    """
    found = []
    for one in sightings(source, body):
        if of not in (None, one.tracking):
            continue
        means = meaning(one)
        if means is not None and means.fact is not None:
            found.append((means.fact, fact_data(one, means)))
    return found


def types(source: str, body: bytes | dict[str, Any], of: str | None = None) -> list[str]:
    return [kind for kind, _ in facts(source, body, of)]


def body_of(name: str) -> dict[str, Any]:
    """A made-up body of JSON, to change."""
    read: dict[str, Any] = json.loads((BODIES / name).read_bytes())
    return read
