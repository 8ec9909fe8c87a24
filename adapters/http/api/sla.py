"""/v1/sla: what falls due, by how urgent it is, and the money at risk."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from adapters.deadlines import Nature
from adapters.http.api.caching import tagged
from adapters.http.api.errors import problems
from adapters.http.api.identity import AtDesk, Orders
from adapters.http.api.models import NATURE, Shape, like
from adapters.http.api.orders import links
from adapters.http.api.paging import Cursor, Limit, cursor, place
from adapters.sla import Band, Bands, Board, Filter, Place, bands, due

router = APIRouter(prefix="/sla", tags=["sla"])
AtRisk = dict[str, float]
"""Currency -> amount."""


class BandSum(Shape):
    """How many deadlines are in a band, and the money at risk by currency."""

    band: Band = like("past_due")
    count: int = like(26)
    at_risk: AtRisk = like({"SEK": 91503.21})


class Group(Shape):
    """The bands of a seller, a kind, a carrier (null: of none, or of several) or a clause."""

    name: str | None = like("postnord")
    bands: list[BandSum]


class Sla(Shape):
    """What falls due; a deadline counts with each clause that it rests on."""

    now: datetime = like("2026-11-20T11:00:00Z")
    bands: list[BandSum]
    sellers: list[Group]
    kinds: list[Group]
    carriers: list[Group]
    clauses: list[Group]


class Due(Shape):
    """A deadline that is to be met, or a refund that was not paid by its last day (lapsed)."""

    band: Band = like("past_due")
    seller: str = like("allectra")
    order: str = like("ALL-0019")
    kind: str = like("refund")
    subject: str = like("#ALL-0019-8")
    due: str = like("2026-10-05", "A day, or an instant, as the term says.")
    lapses_at: datetime = like("2026-10-05T22:00:00Z")
    party: str = like("seller")
    state: str = like("lapsed")
    amount: float = like(8990.00, "The money at risk.")
    currency: str = like("SEK")
    clauses: list[str] = like(["ALL-11.2-1", "DAL-2:14"])
    carrier: str | None = like("schenker")
    event: int | None = like(34, "The version of the order's event that set it last.")
    nature: Nature = like("duty", NATURE)


class DuePage(Shape):
    """Deadlines, the most urgent first; `next` asks for the page behind it."""

    now: datetime = like("2026-11-20T11:00:00Z")
    deadlines: list[Due]
    next: str | None = Field(examples=[None])


Seller = Annotated[str | None, Query(description="Only this seller's.")]
Carrier = Annotated[str | None, Query(description="Only of parcels of this carrier.")]
Clause = Annotated[str | None, Query(description="Only those that rest on this clause.")]
Kind = Annotated[str | None, Query(description="Only those of this kind.")]
Party = Annotated[
    Literal["seller", "customer", "carrier"] | None, Query(description="Whose move it is.")
]


@router.get("", response_model=Sla, operation_id="get_sla", responses=problems(401, 422))
async def get_sla(
    request: Request, desk: AtDesk, store: Orders, seller: Seller = None,
    carrier: Carrier = None, clause: Clause = None, kind: Kind = None, party: Party = None,
) -> Response:  # fmt: skip
    """Past due, today, this week, later: counts and money at risk, also by group."""
    now = desk.now
    board = await bands(store.pool, Filter(seller, carrier, clause, kind, party), now)
    return tagged(request, {"bands": _sums(board.bands)} | _groups(board), now)


@router.get(
    "/deadlines", response_model=DuePage, operation_id="list_deadlines",
    responses={200: links(
        {"seller": "$response.body#/deadlines/0/seller",
         "order": "$response.body#/deadlines/0/order"}, "get_order"),
        **problems(401, 422)},
)  # fmt: skip
async def list_deadlines(
    request: Request, desk: AtDesk, store: Orders, seller: Seller = None,
    carrier: Carrier = None, clause: Clause = None, kind: Kind = None, party: Party = None,
    band: Annotated[Band | None, Query(description="Only those in this band.")] = None,
    limit: Limit = 50, after: Cursor = None,
) -> Response:  # fmt: skip
    """What is to be met, the most urgent first."""
    now, wanted = desk.now, Filter(seller, carrier, clause, kind, party)
    rows = await due(store.pool, wanted, band, limit + 1, place(after, Place), now=now)
    more = cursor(rows[limit - 1].place) if len(rows) > limit else None
    shown = [one._asdict() | {"amount": one.amount / 100} for one in rows[:limit]]
    return tagged(request, {"deadlines": shown, "next": more}, now)


def _groups(board: Board) -> dict[str, Any]:
    return {
        f"{name}s": [
            {"name": one, "bands": _sums(found)}
            for one, found in sorted(groups.items(), key=lambda group: group[0] or "")
        ]
        for name, groups in board.groups.items()
    }


def _sums(found: Bands) -> list[dict[str, Any]]:
    return [
        {"band": band, "count": one.count,
         "at_risk": {currency: amount / 100 for currency, amount in one.at_risk.items()}}
        for band, one in found.items()
    ]  # fmt: skip
