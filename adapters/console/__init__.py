"""The console: pages for people, rendered here, that work without scripts.

Starlette, Jinja2 and htmx; nothing comes from another host, and no page holds a script or a style
of its own, which the policy in its headers would not run.
"""

from collections.abc import Sequence
from importlib.resources import files

import asyncpg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from adapters.console import (
    acts, customer, decisions, ledger, letters, months, order, orders, replay, signing, sla,
    stepper, subledgers, terms,
)  # fmt: skip
from adapters.console.headers import Headers
from adapters.console.rendering import for_pages, page
from adapters.console.session import SignedOut
from adapters.http.api.errors import status_of
from adapters.http.desk import Desk
from adapters.http.limits import Limited
from adapters.postgres.connect import GONE
from domain.errors import VillkorError

PAGES: Sequence[BaseRoute] = (
    *signing.ROUTES, *orders.ROUTES, *stepper.ROUTES, *order.ROUTES, *customer.ROUTES, *sla.ROUTES,
    *letters.ROUTES, *decisions.ROUTES, *months.ROUTES, *subledgers.ROUTES, *ledger.ROUTES,
    *terms.ROUTES, *replay.ROUTES, *acts.ROUTES,
)  # fmt: skip


def console(desk: Desk) -> ASGIApp:
    """The pages of an installation."""
    static = Mount("/static", StaticFiles(directory=str(files("adapters.console") / "static")))
    app = Starlette(
        routes=[Route("/", _first), *PAGES, static],
        exception_handlers={
            SignedOut: signing.asked_to,
            HTTPException: _refused,
            VillkorError: _failed,
            asyncpg.PostgresError: _broken,
            asyncpg.QueryCanceledError: _long,
            **dict.fromkeys(GONE, _broken),
            Exception: _fault,
        },
    )
    app.state.desk = desk
    return Headers(Limited(app))


async def _first(_: Request) -> Response:
    return RedirectResponse("/orders", 303)


async def _failed(request: Request, error: Exception) -> Response:
    """An error of Villkor's own, in its sentence."""
    return page(request, "error.html", status_of(error), sentence=for_pages(str(error)))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = f"{request.url.path} is no page here" if error.status_code == 404 else error.detail
    return page(request, "error.html", error.status_code, sentence=sentence)


async def _fault(request: Request, _: Exception) -> Response:
    """What nobody expected, which the log knows; a page of the same headers says so."""
    sentence = "something went wrong here; the log of the server knows more"
    return page(request, "error.html", 500, sentence=sentence)


async def _long(request: Request, _: Exception) -> Response:
    """A question that was given up (`adapters.reading.PATIENCE`)."""
    sentence = "this took too long over so much; ask of one seller, or of fewer months"
    return page(request, "error.html", 503, sentence=sentence)


async def _broken(request: Request, error: Exception) -> Response:
    """The database is away: a plain page that says so, and needs none.

    Or it was asked for what none holds, such as a name with a zero byte in it.
    """
    if isinstance(error, (asyncpg.DataError, ValueError)):
        sentence = "what was asked for cannot be found: it is too large, or is no text"
        return page(request, "error.html", 422, sentence=sentence)
    return page(
        request, "error.html", 503,
        sentence="the database does not answer; nothing that was acknowledged is lost. "
        "Try again in a minute",
    )  # fmt: skip
