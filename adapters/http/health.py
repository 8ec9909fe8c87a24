"""Health, readiness and metrics, asked over HTTP of `serve` and of every worker.

Live is a process that goes round, whether or not it can do anything; ready is one that does its
work now. A supervisor starts anew what is not live, and only waits for what is not ready.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.http.problems import problem
from adapters.metrics import CONTENT_TYPE, Metrics

Ready = Callable[[], Awaitable[str | None]]
"""What keeps a process from its work, in a sentence; none where it is ready."""


def health(
    ready: Ready, metrics: Metrics, alive: Callable[[], bool] = lambda: True
) -> list[BaseRoute]:
    """The routes that a supervisor and Prometheus ask."""

    async def live(_: Request) -> Response:
        if not alive():
            return problem(503, "this process goes round no more; the log says what it did last")
        return JSONResponse({"live": True})

    async def is_ready(_: Request) -> Response:
        if (missing := await ready()) is not None:
            return problem(503, missing)
        return JSONResponse({"ready": True})

    async def told(_: Request) -> Response:
        return Response(await metrics.told(), headers={"content-type": CONTENT_TYPE})

    return [
        Route("/health/live", live), Route("/health/ready", is_ready), Route("/metrics", told),
    ]  # fmt: skip
