"""Errors over HTTP as problem details (RFC 9457): the same sentences as on the command line."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """What went wrong. Its type is `about:blank`: the status says what kind it is."""
    told = {
        "type": "about:blank", "title": HTTPStatus(status).phrase, "status": status,
        "detail": detail,
    }  # fmt: skip
    return JSONResponse(told, status, headers, MEDIA_TYPE)


async def refused(request: Request, error: Exception) -> Response:
    """What a handler refused, or what is not there to be asked."""
    assert isinstance(error, HTTPException)
    headers = None if error.headers is None else dict(error.headers)
    detail = error.detail
    if detail == HTTPStatus(error.status_code).phrase:
        detail = f"{request.method} {request.url.path} is nothing that can be asked here"
    return problem(error.status_code, detail, headers)
