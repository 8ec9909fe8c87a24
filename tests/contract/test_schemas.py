"""The published schemas are those of this version, take every real message, and no wrong one."""

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.contract import published, summaries
from adapters.contract.payloads import TAKEN
from adapters.edge import fact_type, read_json
from adapters.kafka.outcomes import TYPES, encoded
from adapters.messages import Message, understand
from adapters.postgres.batch import EventRow
from domain.errors import Refused
from tests.contract.messages import (
    Event, facts, lacking, one_of_a_shape, unknown_fields, wrong_types,
)  # fmt: skip

DOCUMENTS = {name.split(".")[0]: schema for name, schema in published.schemas().items()}


@cache
def validator(document: str, type: str) -> Draft202012Validator:
    """Of the messages of one type."""
    whole = DOCUMENTS[document]
    one = {"$ref": f"#/$defs/{type}", "$defs": whole["$defs"], "$schema": whole["$schema"]}
    return Draft202012Validator(one)


def faults(document: str, event: Event, type: str | None = None) -> list[str]:
    """What is wrong with an event; its type stands in it, where it is not the one left out."""
    judge = validator(document, type or event["type"])
    return [f"{event.get('id')} {one.json_path}: {one.message}" for one in judge.iter_errors(event)]


@pytest.fixture(scope="module")
def told() -> list[Event]:
    return facts()


@pytest.fixture(scope="module")
def sent(outcomes: list[EventRow]) -> list[Event]:
    return [json.loads(encoded(row).value) for row in outcomes]


@pytest.mark.parametrize("file", sorted(published.documents()), ids=lambda file: file.name)
def test_a_document_is_the_one_that_is_generated(file: Any) -> None:
    """`make record` writes it anew."""
    assert file.read_text("utf-8") == published.documents()[file]


@pytest.mark.parametrize("document", ["facts", "outcomes"])
def test_a_schema_is_one_itself(document: str) -> None:
    Draft202012Validator.check_schema(DOCUMENTS[document])


def test_every_type_has_a_schema_and_a_sentence() -> None:
    types = {kind.__name__ for kind in TAKEN}
    assert types == set(summaries.FACTS)
    assert types <= DOCUMENTS["facts"]["$defs"].keys()
    assert set(summaries.OUTCOMES) == TYPES
    assert DOCUMENTS["outcomes"]["$defs"].keys() >= TYPES


def test_every_real_fact_is_valid(told: list[Event]) -> None:
    """Of the demo and of all worked examples; together they have nearly every type."""
    assert [fault for event in told for fault in faults("facts", event)] == []
    assert len({event["type"] for event in told}) > 45


def test_every_real_outcome_is_valid(sent: list[Event]) -> None:
    assert [fault for event in sent for fault in faults("outcomes", event)] == []
    assert len({event["type"] for event in sent}) == 15


def test_the_whole_document_judges_by_type(told: list[Event], sent: list[Event]) -> None:
    """A reader need not know which schema is meant; an unknown type is none."""
    for document, events in (("facts", told), ("outcomes", sent)):
        judge = Draft202012Validator(DOCUMENTS[document])
        [one] = [event for event in events if event["type"] in ("Shipped", "RefundDue")][:1]
        assert judge.is_valid(one)
        assert not judge.is_valid(one | {"type": "Teleported"})
        assert not judge.is_valid(one | {"data": {}})


@pytest.mark.parametrize("document", ["facts", "outcomes"])
def test_one_wrong_field_in_a_real_message_is_found(
    document: str, told: list[Event], sent: list[Event]
) -> None:
    """Each field in turn is of another type, each object in turn has one field more."""
    events = one_of_a_shape(told if document == "facts" else sent)
    found = [
        (event["type"], what)
        for event in events
        for what, wrong in [*wrong_types(event), *unknown_fields(event)]
        if validator(document, event["type"]).is_valid(wrong)
    ]
    assert found == []


def test_the_schema_asks_for_the_fields_that_are_asked_for(told: list[Event]) -> None:
    """A fact without one of its fields is valid exactly where it is taken."""
    for event in one_of_a_shape(told):
        for name in event["data"]:
            less = lacking(event, ["data", name])
            assert (faults("facts", less) == []) == _is_taken(less), (event["type"], name)
        for name in event:
            less = lacking(event, [name])
            valid = faults("facts", less, event["type"]) == []
            assert valid == _is_understood(less), (event["type"], name)


def _is_taken(event: Event) -> bool:
    try:
        read_json(fact_type(event["type"]), json.dumps(event["data"]).encode())
    except Refused:
        return False
    return True


def _is_understood(event: Event) -> bool:
    try:
        understand(Message(json.dumps(event).encode(), "test"))
    except Refused:
        return False
    return True


def test_an_outcome_always_says_what_its_schema_asks_for(sent: list[Event]) -> None:
    for event in one_of_a_shape(sent):
        schema = DOCUMENTS["outcomes"]["$defs"][event["type"]]
        data = DOCUMENTS["outcomes"]["$defs"][schema["properties"]["data"]["$ref"][8:]]
        for name in schema["required"]:
            assert faults("outcomes", lacking(event, [name]), event["type"]), name
        for name in data["required"]:
            assert faults("outcomes", lacking(event, ["data", name])), name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost", -1), ("cost", 1e9), ("cost", "7,50"), ("cost", "-2"), ("cost", "1.005"),
        ("parcel", ""), ("parcel", "p" * 201), ("tracking", True), ("lines", ["1", ""]),
    ],
)  # fmt: skip
def test_a_value_that_is_refused_is_not_valid(field: str, value: Any) -> None:
    event = {
        "specversion": "1.0", "id": "m1", "source": "/w", "type": "Shipped", "seller": "allectra",
        "subject": "A-1", "time": "2024-03-05T09:00", "data": {"parcel": "p1", field: value},
    }  # fmt: skip
    assert faults("facts", event)
    assert not _is_taken(event)


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"}, {"seller": "a/b"}, {"subject": "customer:c1"}, {"time": "soon"},
        {"source": "villkor:streams"}, {"id": ""},
    ],
)  # fmt: skip
def test_an_attribute_that_is_refused_is_not_valid(change: dict[str, Any]) -> None:
    event = {
        "specversion": "1.0", "id": "m1", "source": "/w", "type": "Shipped", "seller": "allectra",
        "subject": "A-1", "time": "2024-03-05T09:00", "data": {"parcel": "p1"},
    }  # fmt: skip
    assert (faults("facts", event), _is_understood(event)) == ([], True)
    assert faults("facts", event | change)
    assert not _is_understood(event | change)
