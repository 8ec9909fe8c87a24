"""How large a request's body may be, and how long it may take: beyond that nothing is read."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http.problems import problem

LARGEST = 2 * 2**20
"""Bytes of a body: 2,000 facts, or a seller's terms ten times over."""
READ_SECONDS = 10.0
"""From when a body is asked for until its end. What comes more slowly holds a place of others."""


class Limited:
    """Answers 413 as soon as a body is known to be too large, whatever length it claims, and 408
    where its end does not come.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, answering = _Body(receive), False

        async def noted(message: Message) -> None:
            nonlocal answering
            if answering or body.fault is None:
                answering = True
                await send(message)

        try:
            await self.app(scope, body.receive, noted)
        except Exception:
            if body.fault is None:
                raise
        if body.fault is not None and not answering:
            await problem(*body.fault)(scope, receive, send)


class _Body:
    """A body as it is read. With a `fault` (status, sentence) it has ended for whoever reads on."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.fault: tuple[int, str] | None = None
        self._taken, self._is_whole = 0, False
        self._until: float | None = None

    async def receive(self) -> Message:
        """The next piece; behind the last one, who asks waits for as long as it likes."""
        if self._is_whole:
            return await self._receive()
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + READ_SECONDS
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            return self._ended(408, f"a body comes within {READ_SECONDS:.0f} seconds")
        self._taken += len(message.get("body", b""))
        if self._taken > LARGEST:
            return self._ended(413, f"a body has {LARGEST} bytes at most")
        self._is_whole = not message.get("more_body", False)
        return message

    def _ended(self, status: int, sentence: str) -> Message:
        """To whom reads on, it is as if nobody were there any more."""
        self.fault = self.fault or (status, sentence)
        return {"type": "http.disconnect"}
