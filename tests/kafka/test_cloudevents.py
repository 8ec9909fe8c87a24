"""Records as messages, in both modes of CloudEvents; the CloudEvents SDK is the oracle."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent

from adapters.kafka.cloudevents import message, structured
from adapters.messages import understand
from domain.errors import Unreadable

SHIPPED = {"parcel": "p1", "carrier": "postnord", "tracking": "Å 1", "cost": 79.0}
ATTRIBUTES: dict[str, Any] = {
    "specversion": "1.0", "id": "m-1", "source": "/warehouse/å", "type": "Shipped",
    "subject": "A-1001", "seller": "allectra", "datacontenttype": "application/json",
    "time": datetime(2024, 3, 5, 9, tzinfo=UTC), "traceparent": "00-ab",
}  # fmt: skip
HEADERS = {
    "ce_specversion": b"1.0", "ce_id": b"m-1", "ce_source": b"/warehouse", "ce_type": b"Shipped",
    "ce_subject": b"A-1001", "ce_seller": b"allectra", "ce_time": b"2024-03-05T09:00:00Z",
    "content-type": b"application/json",
}  # fmt: skip


def record(
    value: bytes | None, headers: dict[str, bytes | None] | dict[str, bytes]
) -> ConsumerRecord[Any, Any]:
    pairs = tuple(headers.items())
    return ConsumerRecord("villkor.facts", 3, 17, 1709629200123, 1, b"k", value, None, 1, 1, pairs)


@pytest.mark.parametrize("mode", [to_binary_event, to_structured_event])
def test_what_the_sdk_writes_is_understood(mode: Any) -> None:
    """The same event in either mode is the same fact, with the same data byte for byte."""
    written = mode(CloudEvent(ATTRIBUTES, SHIPPED))
    told = understand(message(record(written.value, written.headers)))
    assert (told.key, told.told.id, told.told.source) == ("allectra/A-1001", "m-1", "/warehouse/å")
    assert json.loads(told.body) == SHIPPED
    assert told.extensions == {"traceparent": "00-ab"}
    assert told.told.at == ATTRIBUTES["time"]


def test_binary_mode_reads_as_the_sdk_reads_it() -> None:
    value = json.dumps(SHIPPED).encode()
    theirs = from_binary_event(KafkaMessage(headers=HEADERS, key=None, value=value))
    ours = json.loads(structured(value, tuple(HEADERS.items())))
    assert ours.pop("data") == theirs.get_data()
    assert ours.pop("time") == "2024-03-05T09:00:00Z"
    assert ours == {n: v for n, v in theirs.get_attributes().items() if n != "time"}


def test_data_in_binary_mode_stay_byte_for_byte() -> None:
    value = b'{"parcel":"p1",   "cost":79.00}'
    assert understand(message(record(value, HEADERS))).body == value


def test_a_record_is_a_message_recorded_when_it_was_appended() -> None:
    one = message(record(b"x", {"trace": b"1", "none": None}))
    assert (one.value, one.key, one.place) == (b"x", b"k", "villkor.facts[3]@17")
    assert one.home == 3
    assert one.recorded_at == datetime(2024, 3, 5, 9, 0, 0, tzinfo=UTC) + timedelta(
        milliseconds=123
    )
    assert one.headers == (("trace", b"1"), ("none", b""))


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (b'{"parcel": "p1"}, "seller": "sweeto"', {}),
        (b"\xff\xfe", {}),
        (b"not json", {"content-type": b"text/plain"}),
        (b'{"parcel": "p1"}', {"ce_id": b"\xff"}),
        (b'{"parcel": "p1"}', {"content-type": b"application/cloudevents+json; charset=UTF-8"}),
        (None, {"content-type": b"application/cloudevents+json"}),
    ],
)
def test_what_is_no_event_is_refused_with_its_own_bytes(
    value: bytes | None, change: dict[str, bytes]
) -> None:
    """Data that try to say more than data, text that is no text, a mode that is another one."""
    told = message(record(value, HEADERS | change))
    assert told.value == (value or b"")
    with pytest.raises(Unreadable):
        understand(told)


def test_an_event_without_data_or_with_a_null_header_is_an_event() -> None:
    headers = HEADERS | {"ce_type": b"OrderConfirmed", "ce_trace": None}
    assert understand(message(record(None, headers))).told.fact.__class__.__name__ == (
        "OrderConfirmed"
    )
