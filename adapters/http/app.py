"""The HTTP application: Starlette, put together from routes.

Starlette and not FastAPI: bodies are bytes that must be kept as they came until their signature
is verified, and Villkor's own models say what they mean, so there is nothing left to generate.
"""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from adapters.http.access import Access
from adapters.http.problems import refused


def application(routes: Sequence[BaseRoute]) -> Starlette:
    """An application of these routes: every error a problem detail, every request a log line."""
    return Starlette(
        routes=routes,
        middleware=[Middleware(Access)],
        exception_handlers={HTTPException: refused},
    )
