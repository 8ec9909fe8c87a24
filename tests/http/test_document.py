"""The API's document: what the program answers, each answer with an example that is one."""

from typing import Any

import pytest
import schemathesis
from jsonschema import Draft202012Validator

from adapters.http.api import api
from adapters.http.api.document import operations

DOCUMENT = api(None).openapi()
SHAPES = {"components": DOCUMENT["components"]}
ANSWERS = [
    (operation["operationId"], status, media, content)
    for _, operation in operations(DOCUMENT)
    for status, answer in operation["responses"].items()
    for media, content in answer.get("content", {}).items()
]


def test_it_is_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_answer_with_content_says_what_it_looks_like() -> None:
    """Each 2xx has content, and each content an example; each problem has but one media type."""
    for _, operation in operations(DOCUMENT):
        for status, answer in operation["responses"].items():
            name = f"{operation['operationId']} {status}"
            assert status == "304" or answer["content"], name
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], name
    assert [one[:3] for one in ANSWERS if "example" not in one[3]] == []


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: " ".join(one[:3]))
def test_an_example_is_as_its_schema_says(answer: tuple[str, str, str, Any]) -> None:
    content = answer[3]
    judge = Draft202012Validator(content["schema"] | SHAPES)
    faults = [f"{one.json_path}: {one.message}" for one in judge.iter_errors(content["example"])]
    assert faults == []


def test_every_get_has_an_entity_tag() -> None:
    for method, operation in operations(DOCUMENT):
        if method == "get":
            assert "304" in operation["responses"], operation["operationId"]
            assert any(one["name"] == "If-None-Match" for one in operation["parameters"])


def test_names_of_operations_are_those_that_answers_lead_to() -> None:
    named = [operation["operationId"] for _, operation in operations(DOCUMENT)]
    assert len(set(named)) == len(named)
    for _, operation in operations(DOCUMENT):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                assert link["operationId"] in named
