"""Stored events are read for ever: a sample of each type and form is kept beside this file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.codec import SCHEMA, Stored, decode, encode
from domain.errors import Corrupt
from domain.vocabulary import FACTS
from domain.outcomes import OUTCOMES

RECORDED_AT = datetime(2024, 3, 5, 8, tzinfo=UTC)
SAMPLES = [
    json.loads(line)
    for line in Path(__file__).with_name("stored_samples.jsonl").read_text("utf-8").splitlines()
]


def stored(sample: dict[str, Any]) -> Stored:
    return Stored(
        sample["type"], sample["schema"], datetime.fromisoformat(sample["at"]),
        sample["body"].encode(), sample["meta"].encode(), sample["source"], sample["id"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=[f"{number}-{one['type']}" for number, one in enumerate(SAMPLES)]
)
def test_a_stored_event_is_read_and_written_alike(sample: dict[str, Any]) -> None:
    """What is kept can be read, and reading loses nothing: it is encoded to the same bytes."""
    event = decode("allectra/A-1", 7, RECORDED_AT, stored(sample))
    assert (event.type, event.originator_version, event.timestamp) == (
        sample["type"], 7, RECORDED_AT,
    )  # fmt: skip
    meta = json.loads(sample["meta"])
    cause = (meta["source"], meta["id"]) if "source" in meta else None
    again = encode(
        event, meta.get("rules", ""), meta.get("personal"), meta.get("extensions"), cause
    )
    assert again == stored(sample)


def test_every_type_of_event_has_a_sample_in_its_form() -> None:
    types = {fact.__name__ for fact in FACTS} | {"TermsPinned", "DeadlineMet", "DeadlineLapsed"}
    types |= {name for outcome in OUTCOMES for name in outcome.names}
    assert {(sample["type"], sample["schema"]) for sample in SAMPLES} == {
        (type, SCHEMA) for type in types
    }


def test_a_form_that_is_not_known_is_an_error_and_never_a_guess() -> None:
    one = stored(SAMPLES[0])
    one.schema = 99
    with pytest.raises(Corrupt, match="has form 99"):
        decode("allectra/A-1", 1, RECORDED_AT, one)
