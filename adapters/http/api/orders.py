"""/v1/orders: orders, and all that is asked of one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from adapters.asking import Answer, answer
from adapters.http.api.caching import tagged
from adapters.http.api.errors import problems
from adapters.http.api.identity import AtDesk, Orders
from adapters.http.api.models import Explanations, Order, OrderLedger, OrderPage, Timeline
from adapters.http.api.order_rows import (
    asked, balances, explained, happened, money, move, order_row, outcome, owed, parcel, pin,
)  # fmt: skip
from adapters.http.api.paging import Cursor, Limit, cursor, place
from adapters.ledger.order import LEGS
from adapters.moves import moves
from adapters.orders import MOST, Filter, Place, orders
from adapters.postgres.store import Store
from adapters.record import record
from adapters.story import Story, called, find
from adapters.terms import installed
from domain.errors import Missing
from domain.fields import CUSTOMER, End

router = APIRouter(prefix="/orders", tags=["orders"])
Seller = Annotated[str, Path(examples=["allectra"])]
OrderId = Annotated[str, Path(examples=["ALL-0004"])]
AsOf = Annotated[
    End | None,
    Query(
        description="What was true then, and owed by it; a day alone is its end.",
        examples=["2026-09-08T12:00:00Z"],
    ),
]
KnownAt = Annotated[
    End | None,
    Query(
        description="What had become known by then; a day alone is its end.",
        examples=["2026-09-09T18:00:00Z"],
    ),
]
SEARCH = f"""A number, or its beginning: order, tracking, customer, invoice, RMA. Of each of them \
the first {MOST} that begin so are looked at."""
ONE = "/{seller}/{order:path}"
"""Names of orders may hold slashes; what is asked of one stands behind the last."""
LED_TO = {"seller": "$response.body#/orders/0/seller", "order": "$response.body#/orders/0/order"}
SAME = {"seller": "$response.body#/seller", "order": "$response.body#/order"}


def links(parameters: dict[str, str], *operations: str) -> dict[str, Any]:
    """What an answer leads to, by the names of operations."""
    found = {one: {"operationId": one, "parameters": parameters} for one in operations}
    return {"links": found}


@router.get(
    "", response_model=OrderPage, operation_id="list_orders",
    responses={200: links(LED_TO, "get_order", "get_timeline", "get_order_ledger"),
               **problems(401, 422)},
)  # fmt: skip
async def list_orders(
    request: Request, store: Orders,
    seller: Annotated[str | None, Query(description="Only this seller's.")] = None,
    customer: Annotated[str | None, Query(description="Only this customer reference's.")] = None,
    status: Annotated[str | None, Query(description="Only those in this status.")] = None,
    deadline: Annotated[
        str | None, Query(description="Only those with an open deadline of this kind.")
    ] = None,
    text: Annotated[str | None, Query(description=SEARCH)] = None,
    limit: Limit = 50, after: Cursor = None,
) -> Response:  # fmt: skip
    """The orders, the newest first."""
    wanted = Filter(seller, customer, status, deadline, text)
    rows = await orders(store.pool, wanted, limit + 1, place(after, Place))
    more = cursor(Place.of(rows[limit - 1])) if len(rows) > limit else None
    return tagged(request, {"orders": [order_row(row) for row in rows[:limit]], "next": more})


@router.get(
    ONE + "/timeline", response_model=Timeline, operation_id="get_timeline",
    responses=problems(401, 404, 422),
)  # fmt: skip
async def timeline(
    request: Request, desk: AtDesk, store: Orders, seller: Seller, order: OrderId,
    as_of: AsOf = None, known_at: KnownAt = None,
) -> Response:  # fmt: skip
    """What happened, when, who said so, and what followed."""
    found = await _answer(desk, store, seller, order, as_of, known_at)
    return tagged(request, asked(found) | {"events": happened(found)})


@router.get(
    ONE + "/explanations/{outcome:path}", response_model=Explanations, operation_id="explain",
    responses=problems(401, 404, 422),
)  # fmt: skip
async def explain(
    request: Request, desk: AtDesk, store: Orders, seller: Seller, order: OrderId,
    outcome: Annotated[
        str,
        Path(description="`name` of an outcome, its kind, or a class such as refund.",
             examples=["unclaimed"]),
    ],
    as_of: AsOf = None, known_at: KnownAt = None,
) -> Response:  # fmt: skip
    """Why: the sentence for the customer, the arithmetic, and the grounds."""
    found = await _answer(desk, store, seller, order, as_of, known_at)
    if not (items := find(found.outcomes, outcome)):
        known = ", ".join(sorted(map(called, found.outcomes))) or "nothing"
        raise Missing(f"nothing that stands is called {outcome!r}; there is: {known}")
    register, behind = installed(), dict[str, Any]()
    if as_of is None and known_at is None:
        story = await Story.read(store, seller, order)
        behind = {item.key: record(item, story, desk.book, register) for item in items}
    told = [explained(item, found.state, register, behind.get(item.key)) for item in items]
    return tagged(request, asked(found) | {"explanations": told})


@router.get(
    ONE + "/ledger", response_model=OrderLedger, operation_id="get_order_ledger",
    responses=problems(401, 404, 422),
)  # fmt: skip
async def ledger(
    request: Request, desk: AtDesk, store: Orders, seller: Seller, order: OrderId,
    as_of: AsOf = None, known_at: KnownAt = None,
) -> Response:  # fmt: skip
    """The order's books: what came in is what went out, what was earned, and what is owed."""
    found = await _answer(desk, store, seller, order, as_of, known_at)
    legs = await store.pool.fetch(LEGS, seller, order)
    return tagged(request, asked(found) | {"currencies": money(found, legs)})


@router.get(
    ONE, response_model=Order, operation_id="get_order",
    responses={200: links(SAME, "get_timeline", "get_order_ledger") | links(
        SAME | {"outcome": "$response.body#/outcomes/0/name"}, "explain"),
        **problems(401, 404, 422)},
)  # fmt: skip
async def get_order(
    request: Request, desk: AtDesk, store: Orders, seller: Seller, order: OrderId,
    as_of: AsOf = None, known_at: KnownAt = None,
) -> Response:  # fmt: skip
    """One order: as it stands, or as it was and was known to be."""
    found = await _answer(desk, store, seller, order, as_of, known_at)
    return tagged(request, asked(found) | {
        "state": order_row(found.row),
        "lines": [line | {"amount": line["amount"] / 100} for line in found.lines],
        "parcels": [parcel(one) for one in found.parcels],
        "deadlines": [owed(one) for one in found.deadlines],
        "moves": [move(one) for one in moves(found)],
        "terms": pin(found.terms),
        "outcomes": [outcome(item, found.state) for item in found.outcomes],
        "raised": [outcome(item, found.state) for item in found.raised],
        "ledger": balances(found),
    })  # fmt: skip


async def _answer(
    desk: AtDesk, store: Store, seller: str, order: str, as_of: End | None,
    known_at: End | None,
) -> Answer:  # fmt: skip
    """The order as of a moment, as known at another. Raises Missing, Unanswerable."""
    if order.startswith(CUSTOMER):
        raise Missing(f"{order!r} is a customer; /v1/orders?customer=REF lists its orders")
    return await answer(store, desk.book, seller, order, as_of, known_at, now=desk.now)
