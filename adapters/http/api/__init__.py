"""The HTTP API under /v1, for programs: read models, and the few acts that people have.

FastAPI and not Starlette alone: its typed parameters and answers are what the OpenAPI document is
generated from (`openapi`), so that the document cannot say anything else than the program does.
"""

from functools import cache

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from adapters.http.api import (
    acts, closing, decisions, events, facts, ledger, letter_acts, letters, orders, sla, terms,
    what_if,
)  # fmt: skip
from adapters.http.api.document import document
from adapters.http.api.errors import UNAVAILABLE, failed, misunderstood, refusal, unavailable
from adapters.http.api.identity import known_only
from adapters.http.desk import Desk
from domain.errors import VillkorError

VERSION = "1.0.0"
"""Of the API: the second number rises with what is added, the first with what would break."""
ROUTERS = (
    orders.router, sla.router, ledger.router, terms.router, letters.router, events.router,
    facts.router, decisions.router, what_if.router, closing.router, letter_acts.router,
    acts.router,
)  # fmt: skip


def api(desk: Desk | None) -> FastAPI:
    """The API; without a desk only its document can be asked for."""
    app = FastAPI(
        title="Villkor", version=VERSION, openapi_url="/openapi.json", docs_url=None,
        redoc_url=None, generate_unique_id_function=lambda route: route.name,
        servers=[{"url": "/v1"}], root_path_in_servers=False, redirect_slashes=False,
        summary="What is owed under the terms of sale, and why.",
        exception_handlers={
            HTTPException: refusal,
            RequestValidationError: misunderstood,
            VillkorError: failed,
            **dict.fromkeys(UNAVAILABLE, unavailable),
        },
    )  # fmt: skip
    app.state.desk = desk
    app.state.routes = [route for router in ROUTERS for route in router.routes]
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(known_only)])
    app.openapi = cache(lambda: document(app))  # type: ignore[method-assign]
    return app
