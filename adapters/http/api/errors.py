"""What is wrong with a request, as problem details (RFC 9457), in the command line's sentences."""

from typing import Any

import asyncpg
import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from adapters.http.desk import Forbidden
from adapters.http.problems import MEDIA_TYPE, problem, refused
from domain.errors import Conflict, Guarded, Missing, Refused, Unanswerable, VillkorError

STATUS: tuple[tuple[type[VillkorError], int], ...] = (
    (Forbidden, 403),
    (Missing, 404),
    (Unanswerable, 422),
    (Conflict, 409),
    (Guarded, 409),
    (Refused, 422),
)
"""The first that an error is; any other is a fault of the server's side."""
UNAVAILABLE: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)
"""What goes wrong when the database is not there, or is too slow."""
log = structlog.get_logger()


class Problem(BaseModel):
    """What went wrong (RFC 9457); `detail` is a sentence, and the next thing to try."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no order 'ALL-9999'; `villkor orders` lists them"])


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Which problems an operation can answer with, for its document."""
    return {status: {"model": Problem, "content": {MEDIA_TYPE: {}}} for status in sorted(statuses)}


async def refusal(request: Request, error: Exception) -> Response:
    """What a handler refused; where it is the method, with all that this address has."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        routes: list[Route] = request.app.state.routes
        allowed = {
            method for route in routes if route.matches(request.scope)[0] != Match.NONE
            for method in route.methods or ()
        }  # fmt: skip
        error = HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
    return await refused(request, error)


def status_of(error: Exception) -> int:
    """The status of an error of Villkor's own."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 503)


async def failed(_: Request, error: Exception) -> Response:
    """An error of Villkor's own, whose sentence is for whoever asked."""
    return problem(status_of(error), str(error))


async def misunderstood(_: Request, error: Exception) -> Response:
    """Parameters or a body that are not as documented: the first of them, by name."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "model_attributes_type":
        return problem(422, "body: is no JSON object, or not sent as Content-Type application/json")
    where = ".".join(str(part) for part in first["loc"][1:] or first["loc"])
    return problem(422, f"{where}: {first['msg'].removeprefix('Value error, ')}")


async def unavailable(_: Request, error: Exception) -> Response:
    """The database is not there, or did not answer in time; or it was asked for what none holds."""
    if isinstance(error, (asyncpg.DataError, ValueError)):
        return problem(422, "a value is none that could be found: it is too large, or is no text")
    log.warning("unavailable", error=f"{type(error).__name__}: {error}")
    return problem(503, "the database did not answer, or not in time; ask again")
