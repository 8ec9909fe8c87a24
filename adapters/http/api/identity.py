"""Who asks the API: a bearer token (RFC 6750), and what it may."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.access import Right, Who
from adapters.http.api.said import unknown
from adapters.http.desk import Desk, needs
from adapters.postgres.store import Store
from domain.errors import Refused

BEARER = HTTPBearer(
    auto_error=False, scheme_name="token", description="`villkor tokens create` makes one."
)
CHALLENGE = {"WWW-Authenticate": "Bearer"}


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]


async def somebody(
    desk: AtDesk, told: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> Who:
    """Who asks. Raises 401 where nobody known does."""
    if told is None:
        raise HTTPException(401, "say who asks: `Authorization: Bearer TOKEN`", CHALLENGE)
    if (who := await desk.reader.whose_token(told.credentials)) is None:
        raise HTTPException(401, "this token is unknown, or was revoked", CHALLENGE)
    return who


Somebody = Annotated[Who, Depends(somebody)]


async def known_only(request: Request, _: Somebody) -> None:
    """Raises Refused where a parameter is told that an operation has not: a slip would otherwise
    be answered as if it had not been asked."""
    route = request.scope["route"]
    known = [one.alias for one in _parameters(route.dependant)]
    for name in request.query_params:
        if name not in known:
            raise Refused(unknown(name, known))


def _parameters(of: Dependant) -> Iterator[Any]:
    """Those of an address's query, also what its dependencies ask."""
    yield from of.query_params
    for one in of.dependencies:
        yield from _parameters(one)


def asking(right: Right) -> Any:
    """A dependency: a store of what is there for who asks, who has this right.

    Where a seller is asked for that is not there for it, it is refused, and not told of nothing.
    It is given back before the answer is sent, which is whole by then: who reads slowly holds no
    connection.
    """

    async def ask(request: Request, desk: AtDesk, who: Somebody) -> AsyncIterator[Store]:
        needs(who, right, request.query_params.get("seller"))
        async with desk.reader.asking(who) as store:
            yield store

    return Depends(ask, scope="function")


Orders = Annotated[Store, asking(Right.ORDERS)]
Ledger = Annotated[Store, asking(Right.LEDGER)]
Log = Annotated[Store, asking(Right.LOG)]
Letters = Annotated[Store, asking(Right.LETTERS)]
