"""Answers with an entity tag (RFC 9110, 8.8.3): the same answer is sent once."""

from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from adapters.http.downloads import CHUNK, CSV, Sheet, as_csv, sent, spooled

encoded = msgspec.json.Encoder(decimal_format="number").encode
PRIVATE = "private, no-cache"
"""Whoever keeps it asks each time whether it still holds."""


def tagged(request: Request, answer: Any, now: datetime | None = None) -> Response:
    """JSON with its tag, or 304 where whoever asks has it already.

    `now` stands in the answer and not in its tag, which is a weak one then: what is true at
    another moment too is the same answer.
    """
    body = encoded(answer)
    headers = _headers(blake2b(body, digest_size=12).hexdigest())
    if now is not None:
        headers["ETag"] = f"W/{headers['ETag']}"
    if _has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if now is not None:
        body = encoded({"now": now} | answer)
    return Response(body, headers=headers, media_type="application/json")


async def tagged_sheet(request: Request, name: str, write: Sheet) -> Response:
    """The same of a CSV file, whatever its size. Raises what `write` does."""
    file, digest = await spooled(as_csv(write)), blake2b(digest_size=12)
    file.seek(0)
    while part := file.read(CHUNK):
        digest.update(part)
    headers = _headers(digest.hexdigest())
    if _has(request, headers["ETag"]):
        file.close()
        return Response(status_code=304, headers=headers)
    return sent(file, f"{name}.csv", CSV, headers)


def wants_csv(request: Request) -> bool:
    """Whether CSV was asked for: by the address, or before JSON by the header Accept."""
    if request.url.path.endswith(".csv"):
        return True
    wanted = [one.split(";")[0].strip() for one in request.headers.get("accept", "").split(",")]
    others = [one for one in wanted if one in ("application/json", "*/*", "application/*")]
    return "text/csv" in wanted and (
        not others or wanted.index("text/csv") < wanted.index(others[0])
    )


def _headers(digest: str) -> dict[str, str]:
    return {"ETag": f'"{digest}"', "Cache-Control": PRIVATE, "Vary": "Authorization, Accept"}


def as_json(answer: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON that nobody keeps: what came of an act."""
    return Response(encoded(answer), status, headers, "application/json")


def _has(request: Request, tag: str) -> bool:
    """Weak comparison, as If-None-Match asks for (RFC 9110, 13.1.2)."""
    told = request.headers.get("if-none-match", "")
    names = [one.strip().removeprefix("W/") for one in told.split(",")]
    return tag.removeprefix("W/") in names or "*" in names
