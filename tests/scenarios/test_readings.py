"""Every open reading can be switched, and its options differ where they should."""

import json
from collections import defaultdict
from typing import Any

import pytest

from adapters.terms import book
from tests.worked import documents

STORIES: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _, document in documents():
    if "reading" in document:
        STORIES[document["reading"]].append(document)


@pytest.mark.parametrize("reading", sorted(book().readings))
def test_a_reading_has_a_story_that_ends_otherwise_under_each_option(reading: str) -> None:
    """Its expectations are checked with all scenarios; here, that no two options are the same."""
    told_apart = {
        (one, other)
        for story in STORIES[reading]
        for one in story["options"]
        for other in story["options"]
        if json.dumps(story["options"][one], sort_keys=True)
        != json.dumps(story["options"][other], sort_keys=True)
    }
    options = book().readings[reading].options
    pairs = {(one, other) for one in options for other in options if one != other}
    assert told_apart >= pairs


def test_stories_are_about_readings_that_exist() -> None:
    assert set(STORIES) <= set(book().readings)
