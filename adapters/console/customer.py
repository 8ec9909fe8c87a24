"""A customer: its orders, and what was told of it across them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.access import Right
from adapters.asking.customer import CustomerAnswer, answer_customer
from adapters.console.asked import Asked
from adapters.console.happened import happened
from adapters.console.rendering import page
from adapters.console.session import desk_of, signed_in
from adapters.console.windows import Window
from domain.errors import Unanswerable
from domain.fields import CUSTOMER

SHOWN = 50
"""Orders on a page."""


async def shown(request: Request) -> Response:
    """The page."""
    who, desk = await signed_in(request, Right.ORDERS), desk_of(request)
    seller, ref = request.path_params["seller"], request.path_params["ref"]
    asked, found = Asked.of(request), None
    told = request.query_params.get("orders", "")
    after = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else 0
    async with desk.reader.asking(who) as store:

        async def ask(asked: Asked) -> CustomerAnswer:
            return await answer_customer(
                store, desk.book, seller, CUSTOMER + ref, asked.as_of, asked.known_at,
                now=desk.now, limit=SHOWN, after=after,
            )  # fmt: skip

        if asked.hindrance is None:
            try:
                found = await ask(asked)
            except Unanswerable as error:
                asked.hindrance = str(error)
        if found is None:
            asked.as_of = asked.known_at = None
            found = await ask(asked)
    currencies = {one["currency"] for one in found.orders}
    rows = happened(found.facts, (), {}, {}, currencies.pop() if len(currencies) == 1 else "")
    return page(
        request, "customer.html", 422 if asked.hindrance else 200, seller=seller, ref=ref,
        found=found, asked=asked, window=Window.of(request, rows), after=after, shown=SHOWN,
    )  # fmt: skip


ROUTES = (Route("/customers/{seller}/{ref:path}", shown),)
