"""Orders: the list, and the search that finds one by any number that people have."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right
from adapters.console.order import STATUS
from adapters.console.rendering import order_at, page
from adapters.console.session import desk_of, signed_in
from adapters.console.sla import left
from adapters.http.api.paging import cursor, place
from adapters.orders import Filter, Place, Row, orders, sellers

SHOWN = 50


async def listed(request: Request) -> Response:
    """A page of orders; a search that finds one goes there at once."""
    who, query = await signed_in(request, Right.ORDERS), request.query_params
    desk = desk_of(request)
    wanted = Filter(*((query.get(name) or "").strip() or None for name in Filter._fields))
    async with desk.reader.asking(who) as store:
        after = place(query.get("after") or None, Place)
        rows = await orders(store.pool, wanted, SHOWN + 1, after)
        known = await sellers(store.pool)
    if after is None and (one := _the_one(rows, wanted.text)) is not None:
        return RedirectResponse(order_at(one["seller"], one["order_id"]), 303)
    more = cursor(Place.of(rows[SHOWN - 1])) if len(rows) > SHOWN else None
    narrowed = [
        (name, value) for name, value in zip(Filter._fields, wanted, strict=True)
        if value and name != "text"
    ]  # fmt: skip
    return page(
        request, "orders.html", rows=rows[:SHOWN], more=more, wanted=wanted, sellers=known,
        statuses=tuple(STATUS), narrowed=narrowed, now=desk.now, left=left,
    )  # fmt: skip


def _the_one(rows: Sequence[Row], text: str | None) -> Row | None:
    """The order that a search means: the only one found, or the only one of that very number."""
    if text is None:
        return None
    exact = [row for row in rows if row["order_id"] == text]
    found = exact if len(exact) == 1 else rows
    return found[0] if len(found) == 1 else None


ROUTES = (Route("/orders", listed),)
