"""/v1/facts: facts are told, as over Kafka, and asked after."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right
from adapters.http.api.caching import tagged
from adapters.http.api.errors import problems
from adapters.http.api.facts_models import FACT, Fact, FactStatus, FactStatuses
from adapters.http.api.idempotency import IDEMPOTENT, Once
from adapters.http.api.identity import AtDesk, Orders, Somebody
from adapters.http.api.waiting import Patience, answered, location, status_of
from adapters.http.desk import may_tell, needs
from adapters.kafka.cloudevents import structured
from adapters.messages import Message, understand
from adapters.status import Name, statuses, together
from domain.errors import Refused

router = APIRouter(
    prefix="/facts", tags=["facts"], route_class=Once, dependencies=[IDEMPOTENT]
)  # fmt: skip
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
JSON = "application/json"
MOST = 1_000
"""Facts in a batch."""
BINARY = "ce-"
_batch = msgspec.json.Decoder(list[msgspec.Raw])
_FACT = Fact.model_json_schema()
BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One fact, a batch, or in binary mode the data of one whose attributes are "
        "headers (`ce-id`, `ce-type`, ..).",
        "content": {
            SINGLE: {"schema": _FACT, "example": FACT},
            BATCH: {
                "schema": {"type": "array", "minItems": 1, "maxItems": MOST, "items": _FACT},
                "example": [FACT],
            },
            JSON: {"schema": {"type": "object"}, "example": FACT["data"]},
        },
    }
}
Named = Annotated[str, Query(min_length=1, max_length=200)]


@router.post(
    "", status_code=202, openapi_extra=BODIES,
    responses={
        200: {"model": FactStatus | FactStatuses, "description": "Decided, or parked, in time."},
        202: {
            "model": FactStatus | FactStatuses, "description": "Taken; ask at its Location.",
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **problems(401, 403, 409, 413, 415, 422),
    },
)  # fmt: skip
async def tell_facts(request: Request, desk: AtDesk, who: Somebody, patience: Patience) -> Response:
    """Tell one fact, or a batch of which all are taken or, where one is at fault, none.

    What Kafka would park is refused here, with the same sentence. Told twice, a fact is one.
    """
    needs(who, Right.TELL)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    values = list(_values(media, await request.body(), request.headers))
    messages = [Message(value, f"http:{who.token}") for value in values]
    names = []
    for at, message in enumerate(messages):
        try:
            one = understand(message)
        except Refused as error:
            raise Refused(f"{f'[{at}] ' if media == BATCH else ''}{error}") from error
        await may_tell(desk, who, Right.TELL, one)
        names.append(Name.of(one))
    await desk.tell(messages)
    return await answered(request, desk, who, names, patience, batch=media == BATCH)


def _values(media: str, body: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
    """The events in a body, in structured mode. Raises Refused, and 415 for what is none."""
    if media == SINGLE:
        yield body
    elif media == BATCH:
        yield from _many(body)
    elif "ce-specversion" in headers:
        attributes = [
            (name.replace(BINARY, "ce_", 1), unquote(text).encode())
            for name, text in headers.items() if name.startswith(BINARY)
        ]  # fmt: skip
        yield structured(body, [*attributes, ("content-type", media.encode())])
    else:
        raise HTTPException(
            415, f"Content-Type: {media or 'none'} is no CloudEvent; send {SINGLE}, {BATCH}, or "
            "the headers ce-specversion, ce-id, .. with the data"
        )  # fmt: skip


def _many(body: bytes) -> Iterator[bytes]:
    try:
        found = _batch.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Refused(f"not an array of CloudEvents in JSON: {error}") from error
    if not 0 < len(found) <= MOST:
        raise Refused(f"a batch has 1 to {MOST} facts, this has {len(found)}")
    yield from map(bytes, found)


@router.get("", response_model=FactStatus, responses=problems(401, 422))
async def fact_status(
    request: Request, store: Orders, seller: Named, order: Named, source: Named, id: Named
) -> Response:
    """What became of a fact: on its way, in the log with its outcomes, or parked and why."""
    name = Name(seller, order, source, id)
    found = together(await statuses(store.pool, name.all))
    return tagged(request, status_of(found, location(request, name)))
