"""How large a request's body may be: what comes beyond it is not read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http.problems import problem

LARGEST = 2 * 2**20
"""Bytes of a body: 2,000 facts, or a seller's terms ten times over."""


class Limited:
    """Answers 413 as soon as a body is known to be too large, whatever length it claims."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST) -> None:
        self.app, self.largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken, answering = 0, False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            # To whom reads on, it is as if nobody were there any more.
            return {"type": "http.disconnect"} if taken > self.largest else message

        async def noted(message: Message) -> None:
            nonlocal answering
            if answering or taken <= self.largest:
                answering = True
                await send(message)

        try:
            await self.app(scope, counted, noted)
        except Exception:
            if taken <= self.largest:
                raise
        if taken > self.largest and not answering:
            answer = problem(413, f"a body has {self.largest} bytes at most")
            await answer(scope, receive, send)
