"""/v1/what-if: what would differ under other terms, readings or days."""

from dataclasses import replace
from io import StringIO

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right
from adapters.http.api.caching import as_json, wants_csv
from adapters.http.api.errors import problems
from adapters.http.api.idempotency import IDEMPOTENT, Once
from adapters.http.api.identity import AtDesk, Somebody
from adapters.http.api.what_if_models import Supposing, WhatIfAnswer
from adapters.http.api.ledger import sheet_like
from adapters.http.desk import needs
from adapters.http.downloads import CSV as MEDIA_TYPE
from adapters.what_if.few import what_if_of
from adapters.what_if.plain import plain
from adapters.what_if.sheet import sheet
from adapters.what_if.supposed import Question, asked
from domain.errors import Guarded, Missing, Refused, VillkorError
from domain.terms.book import Book

router = APIRouter(
    prefix="/what-if", tags=["what-if"], route_class=Once, dependencies=[IDEMPOTENT]
)  # fmt: skip
CSV = sheet_like("supposed,allectra-unclaimed-freight read as round_trip\r\nseller,allectra\r\n")


@router.post("", response_model=WhatIfAnswer,
             responses={200: CSV, **problems(400, 401, 403, 404, 409, 413, 422)})  # fmt: skip
async def ask_what_if(
    request: Request, desk: AtDesk, who: Somebody, body: Supposing
) -> Response:  # fmt: skip
    """Decide one order, or a seller's orders, otherwise. Nothing is written.

    Of a seller with many orders one at a time is asked here; the command does all of them. To
    `Accept: text/csv` it is a sheet that begins with what was supposed.
    """
    needs(who, Right.LOG, body.seller)
    try:
        question = _question(desk.book, body)
        async with desk.reader.asking(who) as store:
            found = await what_if_of(store, desk.book, question, desk.now, body.order)
    except (Missing, Guarded, Refused):
        raise
    except VillkorError as error:
        raise Refused(str(error)) from error
    if not wants_csv(request):
        return as_json(plain(found))
    sheet(out := StringIO(newline=""), found)
    return Response(out.getvalue(), media_type=MEDIA_TYPE)


def _question(book: Book, body: Supposing) -> Question:
    """The question; a draft is text, and never the name of a file here."""
    if body.draft is not None and body.terms is None:
        raise Refused("draft: whose terms it is of is missing; say terms")
    readings = [f"{name}={option}" for name, option in body.readings.items()]
    day = None if body.date is None else body.date.isoformat()
    question = asked(book, body.terms, readings, day, body.seller, body.at)
    return replace(question, text=body.draft)
