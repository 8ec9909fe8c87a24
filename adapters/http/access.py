"""One log line a request: who asked for what, how it ended and how long it took.

Neither query strings nor headers nor bodies stand in it: they hold secrets and persons.
"""

import time
from traceback import extract_tb

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http.problems import problem

QUIET = ("/health/", "/metrics")
"""What machines ask every few seconds is logged at debug level."""
log = structlog.get_logger()


class Access:
    """Outermost of all: what nobody else caught becomes an answer here, and a line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # noqa: BLE001 - a fault of one request is not the server's end
            # Without its words, which may quote the body.
            at = extract_tb(error.__traceback__)[-1]
            log.error("fault", error=type(error).__name__, file=at.filename, line=at.lineno)
            if not status:
                answer = problem(500, "something went wrong here; the log of the server knows more")
                await answer(scope, receive, noting)
        path = scope.get("raw_path", b"").decode("latin-1") or scope["path"]
        say = log.debug if path.startswith(QUIET) else log.info
        say("answered", method=scope["method"], path=path, status=status,
            ms=round((time.monotonic() - began) * 1000))  # fmt: skip
