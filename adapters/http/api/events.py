"""/v1/events: the log as a feed, page by page or as Server-Sent Events."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query
from fastapi.security import HTTPAuthorizationCredentials
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters import feed
from adapters.access import Right, Who
from adapters.feed import Page, Vector, Wanted
from adapters.http.api.caching import encoded, tagged
from adapters.http.api.errors import problems
from adapters.http.api.events_models import EventPage
from adapters.http.api.identity import BEARER, AtDesk, Somebody
from adapters.http.desk import Desk, needs

router = APIRouter(prefix="/events", tags=["events"])
STREAM = "text/event-stream"
CHECK_SECONDS = 5.0
"""Between two looks at whether a token still holds, while nothing comes."""
RETRY_MILLISECONDS = 2_000
STREAMS = 5
"""Of a token at a time: they stay, and the connections that a server has are for all who ask."""
FED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page; as Server-Sent Events one message for each, whose id is its cursor",
        "content": {
            STREAM: {
                "schema": {"type": "string"},
                "example": "id: 3AEAAAAMAAAA\nevent: events\ndata: {}\n\n",
            }
        },
    }
}


@router.get("", response_model=EventPage, responses=FED | problems(401, 403, 422, 429))
async def feed_events(
    request: Request, desk: AtDesk, who: Somebody,
    bearer: Annotated[HTTPAuthorizationCredentials, Depends(BEARER)],
    seller: Annotated[str | None, Query(description="Only this seller's.")] = None,
    type: Annotated[list[str] | None, Query(description="Only events of these types.")] = None,
    after: Annotated[
        str | None, Query(max_length=6_000, description="`next` of the page before.")
    ] = None,
    since: Annotated[
        Literal["beginning", "now"], Query(description="Where to begin without a cursor.")
    ] = "beginning",
    limit: Annotated[int, Query(ge=1, le=1_000, description="Events of a page at most.")] = 200,
    last_event_id: Annotated[
        str | None,
        Header(max_length=6_000, description="Where a stream goes on: the id it last had."),
    ] = None,
) -> Response:  # fmt: skip
    """The log: every event once, and those of an order in their order.

    With `Accept: text/event-stream` it goes on as the log does. Each message is a page, whole or
    not at all, so that nothing is lost or doubled when one begins anew where it was.
    """
    needs(who, Right.LOG, seller)
    wanted, told = Wanted(seller, type or None), last_event_id or after
    begin = Vector.read(told) if told else await _begin(desk, who, since)
    page = await _page(desk, who, begin, wanted, limit)
    if STREAM not in request.headers.get("accept", ""):
        return tagged(request, _shown(page))
    stream = _stream(desk, bearer.credentials, page, wanted, limit)
    return Listening(stream, desk, who.token)


class Listening(EventSourceResponse):
    """A stream; one more than its token may have is answered 429."""

    def __init__(self, stream: AsyncIterator[ServerSentEvent], desk: Desk, token: str) -> None:
        super().__init__(stream, sep="\n", headers={"Vary": "Accept, Authorization"})
        self.open, self.token = desk.streams, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.open[self.token] >= STREAMS:
            raise HTTPException(
                429, f"this token listens {STREAMS} times already; end a stream, or ask for pages"
            )
        self.open[self.token] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.open[self.token] -= 1


async def _begin(desk: Desk, who: Who, since: str) -> Vector:
    if since == "beginning":
        return Vector.beginning()
    async with desk.reader.asking(who) as store:
        return await feed.end(store.pool)


async def _page(desk: Desk, who: Who, after: Vector, wanted: Wanted, limit: int) -> Page:
    async with desk.reader.asking(who) as store:
        return await feed.page(store.pool, after, wanted, limit)


def _shown(page: Page) -> dict[str, Any]:
    events = [feed.shown(row) for row in page.events]
    return {"events": events, "next": str(page.next), "more": page.more}


async def _stream(
    desk: Desk, secret: str, page: Page, wanted: Wanted, limit: int
) -> AsyncIterator[ServerSentEvent]:
    """Page by page, until the token is revoked, or the server ends.

    A page without events moves the id alone: what was looked through is not looked through again.
    """
    yield ServerSentEvent(retry=RETRY_MILLISECONDS)
    before = None
    while True:
        if page.events:
            yield ServerSentEvent(encoded(_shown(page)).decode(), id=str(page.next), event="events")
        elif page.next != before:
            yield ServerSentEvent(id=str(page.next))
        before = page.next
        if not page.more:
            await desk.watch.grown(page.length, CHECK_SECONDS)
        who = await desk.reader.whose_token(secret)
        if desk.ending.is_set() or who is None:
            return
        page = await _page(desk, who, page.next, wanted, limit)
