"""/v1/ledger: balances, statements, subledgers and months; JSON, or CSV where it is asked for.

CSV is answered at the same address with `.csv` behind it, or to `Accept: text/csv`.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from adapters.exports.ledger import nature_of
from adapters.http.api.caching import tagged, tagged_sheet, wants_csv
from adapters.http.api.days import Day, Month
from adapters.http.api.errors import problems
from adapters.http.api.identity import AtDesk, Ledger
from adapters.http.api.ledger_models import (
    Accounts, AgeingTable, Customers, LateEntries, Periods, Sellers, StatementPage, TrialBalance,
    Vat,
)  # fmt: skip
from adapters.http.api.orders import links
from adapters.http.api.paging import Cursor, Limit, cursor, place
from adapters.ledger import late, plain, sheets, subledgers
from adapters.ledger import periods as months
from adapters.ledger.sheets import For
from adapters.ledger.statement import Mark, statements
from adapters.ledger.subledgers import After
from adapters.ledger.told import last_day, month_of, span_of
from adapters.ledger.trial import Span, trial_balance
from domain.calendar import day_of
from domain.errors import Missing, Refused
from projections.posting_rules import CHART

Work = Callable[..., Awaitable[Response]]
Adding = Callable[[Work], Work]
router = APIRouter(prefix="/ledger", tags=["ledger"])
Seller = Annotated[str | None, Query(description="Only this seller's.")]
OneMonth = Annotated[Month | None, Query(description="An accounting month.")]
Whom = Annotated[
    For, Query(alias="for", description="Of CSV: for `excel` in Sweden, by semicolons and commas.")
]
UpTo = Annotated[Day | None, Query(description="Only what was booked up to this day.")]


class Csv(Response):
    """A CSV file."""

    media_type = "text/csv"


def sheet_like(example: str) -> dict[str, Any]:
    """The documentation of an answer in CSV."""
    return {"content": {"text/csv": {"schema": {"type": "string"}, "example": example}}}


def both(path: str, model: type[Any], name: str, example: str, *statuses: int) -> Adding:
    """Serves an operation as JSON or CSV, and again as CSV alone behind `.csv`."""
    known, csv = problems(401, 403, 422, *statuses), sheet_like(example)

    def add(work: Work) -> Work:
        router.get(f"{path}.csv", response_class=Csv, operation_id=f"{name}_csv",
                   responses={200: csv, **known})(work)  # fmt: skip
        router.get(path, response_model=model, operation_id=name,
                   responses={200: csv, **known})(work)  # fmt: skip
        return work

    return add


def asked_span(
    month: OneMonth = None,
    since: Annotated[
        Month | None, Query(alias="from", description="The first of several months.")
    ] = None,
    until: Annotated[Month | None, Query(alias="to", description="The last of them.")] = None,
    as_of: UpTo = None,
) -> Span:
    """Which months; all where none is said."""
    return span_of(month, since, until, None if as_of is None else as_of.isoformat())


Asked = Annotated[Span, Depends(asked_span)]


@both("/trial-balance", TrialBalance, "get_trial_balance",
      "seller,currency,account,name,opening,debit,credit,closing,entries\r\n"
      "allectra,SEK,1930,Företagskonto,0.00,154900.00,0.00,154900.00,31\r\n")  # fmt: skip
async def get_trial_balance(
    request: Request, store: Ledger, span: Asked, seller: Seller = None,
    whom: Whom = For.PROGRAMS,
) -> Response:  # fmt: skip
    """Every account's opening balance, what moved, and its closing balance: in all 0.00."""
    found = await trial_balance(store.pool, seller, span)
    if wants_csv(request):
        return await tagged_sheet(request, "balances", lambda out: sheets.trial(out, found, whom))
    return tagged(request, plain.trial_balance(found))


@router.get("/accounts", response_model=Accounts, operation_id="list_accounts",
            responses={200: links({"account": "$response.body#/accounts/0/account"},
                                  "get_statement"), **problems(401, 403)})  # fmt: skip
async def list_accounts(request: Request, store: Ledger) -> Response:
    """The chart of accounts (BAS)."""
    return tagged(request, {"accounts": [
        {"account": number, "name": name, "nature": nature_of(number)}
        for number, name in CHART.items()
    ]})  # fmt: skip


Account = Annotated[int, Path(examples=[1510], ge=1000, le=9999)]


@both("/accounts/{account}", StatementPage, "get_statement",
      "seller,account,currency,booked,occurred,month,order,what,contra,amount,balance,event,leg,"
      "row\r\n"
      "allectra,1510,SEK,2026-09-06,2026-09-06,2026-09,ALL-0004,FeeRaised,2611 3590,350.00,350.00,"
      "196/18,1,entry\r\n", 404)  # fmt: skip
async def get_statement(
    request: Request, store: Ledger, account: Account, span: Asked, seller: Seller = None,
    limit: Limit = 50,
    before: Annotated[str | None, Query(description="`earlier` of the page after.")] = None,
    whom: Whom = For.PROGRAMS,
) -> Response:  # fmt: skip
    """An account's statement, of each seller and currency: the latest entries, or those before a
    mark. As CSV all entries of the span."""
    if account not in CHART:
        accounts = ", ".join(map(str, CHART))
        raise Missing(f"{account} is no account of the chart; there are {accounts}")
    mark = None if before is None else Mark.read(before)
    pages = await statements(store.pool, account, seller, span, limit, mark)
    if mark is not None and len(pages) > 1:
        raise Refused("before: it is a place in one seller's statement; say `seller`")
    if wants_csv(request):
        return await tagged_sheet(
            request, str(account), lambda out: sheets.statement(store.pool, out, pages, span, whom)
        )
    return tagged(request, plain.statement(account, pages))


@both("/customers", Customers, "list_customers",
      "seller,currency,customer,orders,owes,owed\r\n"
      "allectra,SEK,c-3601,1,445.00,0.00\r\n")  # fmt: skip
async def list_customers(
    request: Request, store: Ledger, month: OneMonth = None, as_of: UpTo = None,
    seller: Seller = None,
    customer: Annotated[str | None, Query(description="Only this reference.")] = None,
    limit: Limit = 50, cursor_: Annotated[Cursor, Query(alias="cursor")] = None,
    whom: Whom = For.PROGRAMS,
) -> Response:  # fmt: skip
    """What each customer owes (1510) and is owed (2420): of each seller those who owe most, or the
    next of one. As CSV all customers."""
    span, csv = asked_span(month, as_of=as_of), wants_csv(request)
    found = await subledgers.customers(
        store.pool,
        seller,
        span,
        customer,
        subledgers.MOST if csv else limit + 1,
        place(cursor_, After),
    )
    if csv:
        return await tagged_sheet(
            request, "customers", lambda out: sheets.customers(out, found, whom)
        )
    shown, more = subledgers.cut(found, limit)
    return tagged(request, plain.customers(shown, {key: cursor(one) for key, one in more.items()}))


@both("/sellers", Sellers, "list_sellers",
      "marketplace,seller,currency,orders,bank,receivable,advance,income,vat,other\r\n"
      ",allectra,SEK,38,154900.00,445.00,0.00,-124276.00,-31069.00,0.00\r\n")  # fmt: skip
async def list_sellers(
    request: Request, store: Ledger, span: Asked, seller: Seller = None,
    marketplace: Annotated[str | None, Query(description="Only orders through this one.")] = None,
    whom: Whom = For.PROGRAMS,
) -> Response:  # fmt: skip
    """What each seller's orders moved, by the marketplace that they came through."""
    found = await subledgers.sellers(store.pool, seller, span, marketplace)
    if wants_csv(request):
        return await tagged_sheet(request, "sellers", lambda out: sheets.sellers(out, found, whom))
    return tagged(request, plain.sellers(found))


@both("/vat", Vat, "get_vat",
      "seller,currency,month,rate_percent,account,base,vat\r\n"
      "allectra,SEK,2026-09,25,3001,119200.00,0.00\r\n")  # fmt: skip
async def get_vat(
    request: Request, store: Ledger, span: Asked, seller: Seller = None,
    whom: Whom = For.PROGRAMS,
) -> Response:  # fmt: skip
    """Output VAT by month and rate: what was earned without it, and the tax."""
    found = await subledgers.vat(store.pool, seller, span)
    if wants_csv(request):
        return await tagged_sheet(request, "vat", lambda out: sheets.vat(out, found, whom))
    return tagged(request, plain.vat(found))


@both("/ageing", AgeingTable, "get_ageing",
      "seller,currency,undated,not_due,days_30,days_60,days_90,older,total\r\n"
      "allectra,SEK,445.00,0.00,0.00,1990.00,0.00,0.00,2435.00\r\n")  # fmt: skip
async def get_ageing(
    request: Request, desk: AtDesk, store: Ledger, seller: Seller = None,
    as_of: Annotated[Day | None, Query(description="The day; today where none is said.")] = None,
    month: Annotated[Month | None, Query(description="Or its last day, once it is over.")] = None,
    whom: Whom = For.PROGRAMS,
) -> Response:  # fmt: skip
    """How old receivables (1510) are, as of a day."""
    day = last_day(asked_span(month, as_of=as_of), day_of(desk.now))
    found = await subledgers.ageing(store.pool, seller, day)
    if wants_csv(request):
        return await tagged_sheet(request, "ageing", lambda out: sheets.ageing(out, found, whom))
    return tagged(request, plain.ageing(found, day))


@both("/late", LateEntries, "list_late",
      "seller,month,currency,order,what,occurred,booked,booked_in,accounts,amount,event\r\n"
      "allectra,2026-10,SEK,ALL-0011,PaymentReceived,2026-10-29,2026-11-20,2026-11,1510 1930,"
      "4539.00,196/18\r\n")  # fmt: skip
async def list_late(
    request: Request, store: Ledger,
    seller: Annotated[str, Query(description="Whose books.", examples=["allectra"])],
    month: Annotated[Month, Query(description="In which it happened.", examples=["2026-09"])],
    limit: Limit = 50, cursor_: Annotated[Cursor, Query(alias="cursor")] = None,
    whom: Whom = For.PROGRAMS,
) -> Response:  # fmt: skip
    """What happened in a month and was booked in a later one, open or closed: the entries, and
    what they come to by account, which the month's balances lack."""
    first, csv = month_of(month), wants_csv(request)
    assert first is not None  # a month has letters
    found = await late.entries(
        store.pool, seller, first, subledgers.MOST if csv else limit + 1,
        place(cursor_, late.Place),
    )  # fmt: skip
    if csv:
        return await tagged_sheet(
            request, "late", lambda out: sheets.late(out, seller, first, found, whom)
        )
    more = cursor(found[limit - 1].place) if len(found) > limit else None
    sums = await late.sums(store.pool, seller, first)
    return tagged(request, plain.late(seller, first, found[:limit], sums) | {"next": more})


@router.get("/periods", response_model=Periods, operation_id="list_periods",
            responses=problems(401, 403, 422))  # fmt: skip
async def list_periods(
    request: Request, store: Ledger, seller: Seller = None, limit: Limit = 50,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = None,
) -> Response:  # fmt: skip
    """The months of each seller's books: open, closing or closed, by whom and when."""
    after = place(cursor_, tuple[str, date])
    found = [
        one for one in await months.periods(store.pool, seller)
        if after is None or (one.seller, one.month) > after
    ]  # fmt: skip
    more = None
    if len(found) > limit:
        more = cursor((found[limit - 1].seller, found[limit - 1].month))
    return tagged(request, plain.periods(found[:limit]) | {"next": more})
