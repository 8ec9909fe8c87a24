"""Acts: what people did, who they were, when, and why."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.acted import MOST, WORDS, Act, Kind, Place, Wanted, acts
from adapters.access import Right
from adapters.console.rendering import page, with_query
from adapters.console.session import desk_of, signed_in
from adapters.http.api.paging import cursor, place
from adapters.http.desk import needs
from adapters.http.downloads import sheet
from adapters.ledger import sheets
from adapters.orders import sellers
from domain.errors import Refused

SHOWN = 50


async def listed(request: Request) -> Response:
    """A page of acts, or all that are asked for as CSV."""
    who = await signed_in(request, Right.LOG)
    told = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    wanted = Wanted(_kind(told.get("kind")), told.get("by"), told.get("seller"))
    needs(who, Right.LOG, wanted.seller)
    csv, after = told.get("format") == "csv", place(told.get("after"), Place)
    async with desk_of(request).reader.asking(who) as store:
        found = await acts(store.pool, wanted, MOST if csv else SHOWN + 1, after)
        shops = await sellers(store.pool)
    if csv:
        return await sheet("acts", lambda out: sheets.acts(out, found))
    return page(
        request, "acts.html", rows=found[:SHOWN], wanted=wanted, words=WORDS, sellers=shops,
        more=_more(found), as_csv=with_query(request, format="csv", after=None),
    )  # fmt: skip


def _more(found: list[Act]) -> str | None:
    return cursor(found[SHOWN - 1].place) if len(found) > SHOWN else None


def _kind(told: str | None) -> Kind | None:
    try:
        return None if told is None else Kind(told)
    except ValueError:
        raise Refused(f"kind: {told!r} is none of {', '.join(Kind)}") from None


ROUTES = (Route("/acts", listed),)
