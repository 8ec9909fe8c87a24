"""The AsyncAPI document says what there is. (AsyncAPI's own parser reads it in `make contract`.)"""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft7Validator

from adapters.carriers import FAMILY
from adapters.contract.asyncapi import asyncapi
from adapters.contract.payloads import TAKEN
from adapters.kafka.outcomes import TYPES
from adapters.kafka.relay_letters import record
from adapters.kafka.topics import DEAD_LETTERS, FACTS, OUTCOMES
from adapters.postgres.batch import EventRow
from adapters.postgres.relay import Letter
from adapters.shops import SHOPS
from tests.contract.messages import of_a_row

DOCUMENT = asyncapi()


@cache
def judged(message: str, part: str) -> Draft7Validator:
    """Of the headers or the payload of a message, with what they refer to."""
    told = DOCUMENT["components"]["messages"][message]
    traits = [resolved(one) for one in told.get("traits", ())]
    schema = next(one[part] for one in (told, *traits) if part in one)
    return Draft7Validator({**resolved(schema), "components": DOCUMENT["components"]})


def resolved(schema: dict[str, Any]) -> Any:
    if "$ref" not in schema:
        return schema
    found: Any = DOCUMENT
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(one: Any) -> list[str]:
    if isinstance(one, list):
        return [found for inner in one for found in references(inner)]
    if isinstance(one, dict):
        inner = [found for value in one.values() for found in references(value)]
        return [*inner, one["$ref"]] if isinstance(one.get("$ref"), str) else inner
    return []


def test_everything_that_is_referred_to_is_there() -> None:
    for reference in set(references(DOCUMENT)):
        assert resolved({"$ref": reference}) is not None


def test_every_topic_has_a_channel_and_every_channel_an_operation() -> None:
    channels = DOCUMENT["channels"]
    assert {one["address"] for one in channels.values()} == {
        FACTS, OUTCOMES, DEAD_LETTERS, "villkor.carrier.{carrier}", "villkor.shop.{shop}",
    }  # fmt: skip
    assert channels["carrierBodies"]["parameters"]["carrier"]["enum"] == sorted(FAMILY)
    assert channels["shopBodies"]["parameters"]["shop"]["enum"] == sorted(SHOPS)
    used = {one["channel"]["$ref"] for one in DOCUMENT["operations"].values()}
    assert used == {f"#/channels/{name}" for name in channels}


def test_every_fact_and_outcome_is_a_message_in_both_modes() -> None:
    facts = {kind.__name__ for kind in TAKEN}
    for channel, names in (("facts", facts), ("outcomes", set(TYPES))):
        told = set(DOCUMENT["channels"][channel]["messages"])
        assert told == names | {f"{name}Binary" for name in names}


def test_it_names_no_host_but_this_one() -> None:
    """Where the broker is, is a variable."""
    for server in DOCUMENT["servers"].values():
        assert server["host"] == "{bootstrap}"
        assert server["variables"]["bootstrap"]["default"] == "localhost:9092"
    assert not re.search(r"https?://", str(DOCUMENT))


@pytest.mark.parametrize("mode", ["structured", "binary"])
def test_what_goes_out_is_what_the_document_says(outcomes: list[EventRow], mode: Any) -> None:
    """Headers and payload; and one wrong header is found."""
    for row in outcomes[::10]:
        line = of_a_row(row, mode)
        for part in ("headers", "payload"):
            assert [*judged(line["message"], part).iter_errors(line[part])] == []
    headers, judge = line["headers"], judged(line["message"], "headers")
    for name in headers:
        wrong = headers | {name: "" if name in ("ce_subject", "ce_seller") else "?"}
        assert not judge.is_valid(wrong), name
        less = {one: value for one, value in headers.items() if one != name}
        assert not judge.is_valid(less), name


def test_a_dead_letter_has_the_headers_that_the_document_says() -> None:
    letter = Letter(
        id=7, number=3, partition=12, key=b"k", value=b"{", headers=(("x", b"1"),),
        reason="unreadable", sentence="not JSON", place="villkor.facts[3]@17",
        parked_at=datetime(2024, 3, 5, 8, tzinfo=UTC), seller=None, order_id=None,
        message_source=None, message_id=None,
    )  # fmt: skip
    _, _, headers = record(letter, "main")
    told = {name: value.decode() for name, value in headers}
    judge = judged("DeadLetter", "headers")
    assert [*judge.iter_errors(told)] == []
    known = DOCUMENT["components"]["messages"]["DeadLetter"]["headers"]["properties"]
    assert told.keys() - known.keys() == {"x"}
