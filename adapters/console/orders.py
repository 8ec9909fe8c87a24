"""Orders: the list, and the search that finds one by any number that people have."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right
from adapters.console.order import STATUS
from adapters.console.rendering import address, order_at, page
from adapters.console.session import desk_of, signed_in
from adapters.console.sla import left
from adapters.deadlines import nature_of
from adapters.http.api.paging import cursor, place
from adapters.orders import Filter, Place, Row, named, orders, sellers
from adapters.postgres.store import Store

SHOWN = 50


async def listed(request: Request) -> Response:
    """A page of orders; a search that finds one goes there at once."""
    who, query = await signed_in(request, Right.ORDERS), request.query_params
    desk = desk_of(request)
    wanted = Filter(*((query.get(name) or "").strip() or None for name in Filter._fields))
    async with desk.reader.asking(who) as store:
        after = place(query.get("after") or None, Place)
        one = None if after is not None else await named(store.pool, wanted)
        rows = [] if one else await orders(store.pool, wanted, SHOWN + 1, after)
        if one is None and not rows and after is None:
            one, wanted, rows = await _otherwise(store, wanted)
        known = await sellers(store.pool)
    if one is not None:
        return RedirectResponse(order_at(one["seller"], one["order_id"]), 303)
    more = cursor(Place.of(rows[SHOWN - 1])) if len(rows) > SHOWN else None
    narrowed = [
        (name, value) for name, value in zip(Filter._fields, wanted, strict=True)
        if value and name != "text"
    ]  # fmt: skip
    return page(
        request, "orders.html", rows=rows[:SHOWN], more=more, wanted=wanted, sellers=known,
        statuses=tuple(STATUS), narrowed=narrowed, now=desk.now, left=left,
        nature_of=nature_of,
    )  # fmt: skip


async def _otherwise(store: Store, wanted: Filter) -> tuple[Row | None, Filter, list[Row]]:
    """The same number in other letters, or without the blanks and signs that people read it with.

    The one order that it means, or those of which a number begins so; else nothing.
    """
    for text in _variants(wanted.text or ""):
        other = wanted._replace(text=text)
        if (one := await named(store.pool, other)) is not None:
            return one, other, []
        if rows := await orders(store.pool, other, SHOWN + 1):
            return None, other, rows
    return None, wanted, []


def _variants(text: str) -> list[str]:
    bare = "".join(text.split()).lstrip("#")
    found = dict.fromkeys((bare, bare.upper(), bare.lower()))
    return [one for one in found if one and one != text]


async def alone(request: Request) -> Response:
    """A number without its seller, as people type it: what the search finds."""
    await signed_in(request, Right.ORDERS)
    return RedirectResponse(address("/orders", {"text": request.path_params["text"]}), 303)


ROUTES = (Route("/orders", listed), Route("/orders/{text}", alone), Route("/orders/{text}/", alone))
