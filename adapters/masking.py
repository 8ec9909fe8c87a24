"""What stands in a message that was parked, with all masked that may be about persons."""

from typing import Any

import msgspec

MASK = "•••"
ENVELOPE = frozenset({
    "specversion", "id", "source", "type", "subject", "time", "seller", "recordedtime",
    "datacontenttype",
})  # fmt: skip
"""What of a message is about no person."""


def payload(value: bytes, *, bare: bool) -> str:
    """A message as it can be read; what may be about persons only where it is asked for."""
    try:
        told = msgspec.json.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return text(value) if bare else f"{len(value)} bytes that are no JSON"
    return msgspec.json.format(value if bare else msgspec.json.encode(masked(told))).decode()


def masked(told: Any) -> Any:
    """The shape of what was told: only the envelope's own attributes are read."""
    if not isinstance(told, dict) or "specversion" not in told:
        return _masked(told)
    return {
        name: value if name in ENVELOPE and isinstance(value, str) else _masked(value)
        for name, value in told.items()
    }


def _masked(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _masked(value) for name, value in told.items()}
    return [_masked(value) for value in told] if isinstance(told, list) else MASK


def text(value: bytes) -> str:
    """Bytes as text; what is none is escaped."""
    return value.decode("utf-8", "backslashreplace")
