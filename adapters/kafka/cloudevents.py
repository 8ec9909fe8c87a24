"""Kafka records as messages: CloudEvents 1.0 in structured and in binary mode."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from aiokafka.structs import ConsumerRecord

from adapters.messages import Message
from domain.calendar import EPOCH

STRUCTURED = "application/cloudevents"
LOG_APPEND_TIME = 1

Headers = Sequence[tuple[str, bytes | None]]


def message(record: ConsumerRecord) -> Message:
    """A record as a message, recorded when the broker appended it."""
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Message(
        value=structured(record.value, headers),
        place=f"{record.topic}[{record.partition}]@{record.offset}",
        recorded_at=EPOCH + timedelta(milliseconds=record.timestamp),
        key=record.key,
        headers=headers,
        home=record.partition,
    )


def structured(value: bytes | None, headers: Headers) -> bytes:
    """The bytes of an event in structured mode, whichever mode it came in.

    In binary mode attributes are headers `ce_*` and the value is the data, which stay as they are,
    byte for byte. What is no event in binary mode comes back unchanged, to be refused as it is.
    """
    told = {name: text for name, text in headers if text is not None}
    content_type = told.get("content-type", b"").lower()
    if "ce_specversion" not in told or content_type.startswith(STRUCTURED.encode()):
        return value or b""
    try:
        event = {
            name.removeprefix("ce_"): text.decode()
            for name, text in told.items()
            if name.startswith("ce_")
        }
        if content_type:
            event["datacontenttype"] = told["content-type"].decode()
        data = msgspec.json.decode(value, type=msgspec.Raw) if value else None
    except (UnicodeDecodeError, msgspec.DecodeError):
        return value or b""
    return msgspec.json.encode(event if data is None else event | {"data": data})
