"""Posts that are done once, however often they are sent (the draft of the Idempotency-Key header).

What was answered to a key is answered again for a day. What was refused did nothing: its key is
free again, and so it is where nobody can tell how far it came. Then the same has the time at which
it was first sent, so that it tells the same. Keys are each token's own.
"""

import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Header
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.api.identity import BEARER, desk_of, somebody
from domain.errors import Refused

LONGEST = 200
"""Characters of a key."""
WORKING, FREE = 0, -1
"""The status of what is not answered yet, and of what is not worked on either."""
# A server that died while it worked answers nobody: after two minutes another may.
BEGIN = """
    insert into answered as a (token, key, digest, status, headers, body, answered_at, told_at)
    values ($1, $2, $3, 0, '{}', '', clock_timestamp(), $4)
    on conflict (token, key) do update
    set digest = excluded.digest, status = 0, headers = '{}', body = '',
        answered_at = excluded.answered_at,
        told_at = case when a.digest = excluded.digest then a.told_at else excluded.told_at end
    where a.answered_at < clock_timestamp() - interval '1 day' or a.status = -1
       or a.status = 0 and a.answered_at < clock_timestamp() - interval '2 minutes'
    returning answered_at, told_at
"""
KNOWN = "select digest, status, headers, body from answered where token = $1 and key = $2"
ANSWERED = """
    update answered set status = $4, headers = $5, body = $6, answered_at = clock_timestamp()
    where token = $1 and key = $2 and answered_at = $3
"""
RELEASE = "update answered set status = -1 where token = $1 and key = $2 and answered_at = $3"
FORGET = "delete from answered where answered_at < clock_timestamp() - interval '1 day'"
KEPT = ("content-type", "location", "preference-applied")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Otherwise(HTTPException):
    """The same key was used for another request."""


class Working(HTTPException):
    """What was sent under the key is being worked on."""


def documented(
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=LONGEST + 2,
            json_schema_extra={"maxLength": LONGEST},  # two more where it stands in quotes
            description="The same key and body is done once, and answered the same for a day.",
            examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
        ),
    ] = None,
) -> None:
    """What routes say of the header in the document of the API. A key is not cut: Refused."""
    if len(key := _bare(idempotency_key or "")) > LONGEST:
        raise Refused(f"Idempotency-Key: it has {len(key)} characters; take {LONGEST} at most")


IDEMPOTENT = Depends(documented)


def key_of(request: Request) -> str | None:
    """The key under which something is sent, if it is; a string of structured fields or bare."""
    key = _bare(request.headers.get("idempotency-key", ""))
    return key if 0 < len(key) <= LONGEST else None


def told_at(request: Request) -> datetime:
    """The time of what a request tells: when it was first sent under its key, now without one."""
    time: datetime = getattr(request.state, "told_at", None) or desk_of(request).now
    return time


def _bare(key: str) -> str:
    return key.strip().strip('"')


class Once(APIRoute):
    """A route that does what is sent under an `Idempotency-Key` once."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            if (key := key_of(request)) is None:
                return await handle(request)
            who = await somebody(desk_of(request), await BEARER(request))
            return await done_once((who.token, key), await _digest(request), request, handle)

        return once


async def done_once(
    name: tuple[str, str], digest: bytes, request: Request, handle: Handler
) -> Response:
    """Do once what was sent under a name (token, key): `digest` is of what it says.

    What was refused, by an error or by the status of its answer, is not done. Raises Otherwise
    where the same name said something else, Working while another works on it.
    """
    desk = desk_of(request)
    pool = desk.session.store.pool
    row = await pool.fetchrow(BEGIN, *name, digest, desk.now)
    if row is None:
        return _again(await pool.fetchrow(KNOWN, *name), digest)
    begun, request.state.told_at = row
    try:
        answer = await handle(request)
    except BaseException:
        await pool.execute(RELEASE, *name, begun)
        raise
    if answer.status_code >= 400:
        await pool.execute(RELEASE, *name, begun)
        return answer
    headers = {one: answer.headers[one] for one in KEPT if one in answer.headers}
    values = (answer.status_code, json.dumps(headers), bytes(answer.body))
    await pool.execute(ANSWERED, *name, begun, *values)
    await pool.execute(FORGET)
    return answer


async def _digest(request: Request) -> bytes:
    """Of all that is asked: two requests with the same are the same."""
    asked = (request.method, request.url.path, request.url.query,
             request.headers.get("content-type", ""),
             *sorted(f"{name}: {text}" for name, text in request.headers.items()
                     if name.startswith("ce-")))  # fmt: skip
    return sha256("\n".join(asked).encode() + b"\n\n" + await request.body()).digest()


def _again(known: asyncpg.Record | None, digest: bytes) -> Response:
    """What was answered. Raises Otherwise for another request, Working for one worked on."""
    if known is not None and known["status"] != FREE and known["digest"] != digest:
        raise Otherwise(
            422, "Idempotency-Key: it was used for another request; take a new one for this"
        )
    if known is None or known["status"] in (WORKING, FREE):
        raise Working(
            409, "Idempotency-Key: this request is being worked on; ask again in a moment",
            {"Retry-After": "1"},
        )  # fmt: skip
    headers = json.loads(known["headers"])
    return Response(known["body"], known["status"], {**headers, "Idempotency-Replayed": "true"})
