"""/v1/ledger/close: a month is closed."""

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from adapters.access import Right
from adapters.http.api.acts_models import ClosedMonth, Closing
from adapters.http.api.caching import as_json
from adapters.http.api.errors import problems
from adapters.http.api.idempotency import IDEMPOTENT, Once
from adapters.http.api.identity import AtDesk, Somebody
from adapters.http.desk import needs
from adapters.ledger.closing import close_month

router = APIRouter(
    prefix="/ledger", tags=["ledger"], route_class=Once, dependencies=[IDEMPOTENT]
)  # fmt: skip


@router.post("/close", response_model=ClosedMonth, responses=problems(400, 401, 403, 409, 413, 422))
async def close_books(desk: AtDesk, who: Somebody, body: Closing) -> Response:
    """Close a month, and those before it without postings; what comes later goes to the next.

    Closed already it stays as it was closed, and the answer says so.
    """
    needs(who, Right.CLOSE, body.seller)
    done = await close_month(desk.session, body.seller, body.month, who.token, body.reason, who)
    shown = {name: value for name, value in asdict(done).items() if name != "partitions"}
    return as_json({**shown, "state": done.state})
