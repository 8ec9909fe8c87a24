"""Pages by cursors: opaque to who asks, the last row's place in the order to who answers."""

import base64
from typing import Annotated, Any

import msgspec
from fastapi import Query

from domain.errors import Refused

LARGEST = 200
Limit = Annotated[int, Query(ge=1, le=LARGEST, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(max_length=4_000, description="`next` of the page before; none for the first."),
]


def cursor(place: tuple[Any, ...]) -> str:
    """What the next page is asked for with."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place(told: str | None, shape: Any) -> Any:
    """The place that a cursor names, or None. Raises Refused where it is none of ours."""
    if told is None:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)),
                                   type=shape)  # fmt: skip
    except (ValueError, msgspec.MsgspecError) as error:
        raise Refused("cursor: that is no cursor of these pages; begin without one") from error
