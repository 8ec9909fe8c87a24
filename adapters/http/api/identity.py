"""Who asks the API: a bearer token (RFC 6750), and what it may."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request

from adapters.access import Right, Who
from adapters.http.desk import Desk, needs
from adapters.postgres.store import Store

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


def asking(right: Right) -> Any:
    """A dependency: a store of what is there for who asks, who has this right.

    It is given back before the answer is sent, which is whole by then: who reads slowly holds no
    connection.
    """

    async def ask(desk: AtDesk, who: Somebody) -> AsyncIterator[Store]:
        needs(who, right)
        async with desk.reader.asking(who) as store:
            yield store

    return Depends(ask, scope="function")


Orders = Annotated[Store, asking(Right.ORDERS)]
Ledger = Annotated[Store, asking(Right.LEDGER)]
Log = Annotated[Store, asking(Right.LOG)]
Letters = Annotated[Store, asking(Right.LETTERS)]
