"""/v1/acts: what people did, who they were, when, and why."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from adapters.acted import MOST, Act, Kind, Place, Wanted, acts
from adapters.http.api.caching import tagged, tagged_sheet, wants_csv
from adapters.http.api.errors import problems
from adapters.http.api.identity import Log
from adapters.http.api.ledger import Csv, sheet_like
from adapters.http.api.models import Shape, like
from adapters.http.api.paging import Cursor, Limit, cursor, place
from adapters.ledger import sheets

router = APIRouter(prefix="/acts", tags=["acts"])
SHOWN = [name for name in Act._fields if name != "place"]
CSV = sheet_like(
    "at,kind,seller,order,what,by,reason,partition,position\r\n2026-11-20T11:00:00+00:00,"
    "PeriodClosed,allectra,,closed 2026-07 of allectra,anna,VAT is filed,255,3\r\n"
)


class ActRow(Shape):
    """What somebody did, and where in the log it stands."""

    at: datetime = like("2026-11-20T11:00:00Z")
    kind: Kind = like("PeriodClosed")
    what: str = like("closed 2026-07 of allectra")
    seller: str | None = like("allectra")
    order: str | None = like(None, "Or `customer:REF`; null where it concerns no single one.")
    version: int | None = like(None, "The event of its stream.")
    by: str | None = like(
        "anna", "The token that asked, or the name told; null where none was, or it is erased."
    )
    reason: str | None = like("VAT is filed")
    partition: int | None = like(255)
    position: int | None = like(3)
    letter: int | None = like(None, "The first of the letters that were told again.")


class ActPage(Shape):
    """Acts, the newest first; `next` asks for those before them."""

    acts: list[ActRow]
    next: str | None = like(None)


@router.get(".csv", response_class=Csv, operation_id="list_acts_csv",
            responses={200: CSV, **problems(401, 403, 422)})  # fmt: skip
@router.get("", response_model=ActPage, operation_id="list_acts",
            responses={200: CSV, **problems(401, 403, 422)})  # fmt: skip
async def list_acts(
    request: Request, store: Log,
    kind: Annotated[Kind | None, Query(description="Only acts of this kind.")] = None,
    by: Annotated[
        str | None, Query(min_length=1, description="Only of whom this is part of the name.")
    ] = None,
    seller: Annotated[str | None, Query(description="Only what concerns this seller.")] = None,
    limit: Limit = 50, after: Cursor = None,
) -> Response:  # fmt: skip
    """What people did: decisions, rules adopted, personal data erased; months closed, letters told
    again or put away, tokens.

    As CSV those behind the cursor, all of them.
    """
    wanted, csv = Wanted(kind, by, seller), wants_csv(request)
    found = await acts(store.pool, wanted, MOST if csv else limit + 1, place(after, Place))
    if csv:
        return await tagged_sheet(request, "acts", lambda out: sheets.acts(out, found))
    shown = [{name: getattr(one, name) for name in SHOWN} for one in found[:limit]]
    more = cursor(found[limit - 1].place) if len(found) > limit else None
    return tagged(request, {"acts": shown, "next": more})
