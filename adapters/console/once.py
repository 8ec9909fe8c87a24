"""Acts of pages that are done once, however often their form is sent.

Each form carries an id, as a program's post carries an `Idempotency-Key`; sent again, also while
the first is still worked on, it leads to where it led (`adapters.http.api.idempotency`).
"""

import asyncio
import json
from collections.abc import Mapping
from hashlib import sha256
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right
from adapters.console.session import form_of, signed_in
from adapters.http.api.idempotency import Handler, Otherwise, Working, done_once
from domain.errors import Guarded, Refused

LONGEST = 64
"""Letters and figures of an id."""
_sent: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
"""A lock for each form (token, id), so that one sent twice at once waits for itself."""


def once(act: Handler) -> Handler:
    """An act that is done once for each form. Raises Guarded where a form says something else than
    when it was sent first, and where another process works on it.
    """

    async def sent(request: Request) -> Response:
        who, fields = await signed_in(request, Right.ORDERS), await form_of(request)
        if not fields.get("id"):
            return await act(request)
        name = who.token, f"form {id_of(fields)}"
        async with _sent.setdefault(name, asyncio.Lock()):
            try:
                return await done_once(name, _digest(request, fields), request, act)
            except Otherwise as error:
                raise Guarded(
                    "this form was sent already and said something else; open the page anew"
                ) from error
            except Working as error:
                raise Guarded(
                    "this form is being worked on; open its page again in a moment"
                ) from error

    return sent


def id_of(fields: Mapping[str, str]) -> str:
    """The id that a form carries. Raises Refused for one that is none of ours."""
    if not (id := fields.get("id", "")).isalnum() or len(id) > LONGEST:
        raise Refused("this form is not whole; open it anew")
    return id


def _digest(request: Request, fields: Mapping[str, str]) -> bytes:
    """Of what a form says, and where it was sent to."""
    return sha256(json.dumps([request.url.path, sorted(fields.items())]).encode()).digest()
