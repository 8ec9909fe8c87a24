"""Subledgers: customers, sellers, VAT and the age of receivables, each with what it comes to."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.console.books import Asked, asked, ledger_page, sellers_of
from adapters.http.downloads import sheet
from adapters.console.session import desk_of
from adapters.ledger import sheets, subledgers
from adapters.ledger.subledgers import Ageing, CustomerBalance, SellerBalance, VatRow
from adapters.ledger.trial import Span
from adapters.postgres.store import Store
from domain.calendar import day_of

LISTED = 200
"""Customers of a seller on the page; the CSV has all."""
PAST_DUE = ("No due day", "Not due yet", "1 to 30 days", "31 to 60 days", "61 to 90 days",
            "More than 90 days")  # fmt: skip


def _as_csv(request: Request) -> bool:
    return request.query_params.get("format") == "csv"


async def _found(
    request: Request, asking: Asked, look: Callable[[Store], Any]
) -> tuple[Any, list[str]]:
    """What a subledger says, and the sellers to choose from, in one snapshot."""
    async with desk_of(request).reader.asking(asking.who) as store:
        return await look(store), await sellers_of(store, asking.who)


async def customers(request: Request) -> Response:
    """What each customer owes and is owed at the end of the months."""
    asking, csv = await asked(request), _as_csv(request)
    wanted, limit = asking.query.get("customer"), subledgers.MOST if csv else LISTED

    async def look(store: Store) -> list[CustomerBalance]:
        return await subledgers.customers(store.pool, asking.seller, asking.span, wanted, limit)

    found, sellers = await _found(request, asking, look)
    if csv:
        return await sheet(f"customers-{asking.name}", lambda out: sheets.customers(out, found))
    groups = _groups(found, lambda one: (one.seller, one.currency))
    return ledger_page(
        request, "ledger_customers.html", asking, groups=groups, sellers=sellers, wanted=wanted
    )


async def sellers(request: Request) -> Response:
    """What each seller's orders moved, by the marketplace that they came through: this month.

    Other months where they are asked for; it is summed over orders, of which there may be many.
    """
    asking = await asked(request)
    if asking.span == Span():
        month = f"{day_of(desk_of(request).now):%Y-%m}"
        return RedirectResponse(asking.at(request.url.path, month=month), 303)
    marketplace = asking.query.get("marketplace")

    async def look(store: Store) -> list[SellerBalance]:
        return await subledgers.sellers(store.pool, asking.seller, asking.span, marketplace)

    found, known = await _found(request, asking, look)
    if _as_csv(request):
        return await sheet(f"sellers-{asking.name}", lambda out: sheets.sellers(out, found))
    groups = _groups(found, lambda one: (one.marketplace, one.currency))
    return ledger_page(request, "ledger_sellers.html", asking, groups=groups, sellers=known)


async def vat(request: Request) -> Response:
    """Output VAT by month and rate: what was earned without it, and the tax."""
    asking = await asked(request)

    async def look(store: Store) -> list[VatRow]:
        return await subledgers.vat(store.pool, asking.seller, asking.span)

    found, known = await _found(request, asking, look)
    if _as_csv(request):
        return await sheet(f"vat-{asking.name}", lambda out: sheets.vat(out, found))
    groups = [
        (key, [_rate(month, rate, parts) for (month, rate), parts in _by_rate(rows)])
        for key, rows in _groups(found, lambda one: (one.seller, one.currency))
    ]
    return ledger_page(request, "ledger_vat.html", asking, groups=groups, sellers=known)


def _by_rate(rows: Iterable[VatRow]) -> Iterable[tuple[tuple[date, int], Iterable[VatRow]]]:
    return groupby(rows, key=lambda one: (one.month, one.rate))


def _rate(month: date, rate: int, parts: Iterable[VatRow]) -> dict[str, object]:
    """A month's base and tax at one rate, and the accounts that they stand on."""
    rows = list(parts)
    return {
        "month": month, "rate": rate, "accounts": [one.account for one in rows],
        "base": sum(one.base for one in rows), "vat": sum(one.vat for one in rows),
    }  # fmt: skip


async def ageing(request: Request) -> Response:
    """How old receivables are as of a day: today, where none is said."""
    asking = await asked(request)
    today = day_of(desk_of(request).now)
    day = today if asking.span.as_of == Span().as_of else asking.span.as_of

    async def look(store: Store) -> list[Ageing]:
        return await subledgers.ageing(store.pool, asking.seller, day)

    found, known = await _found(request, asking, look)
    if _as_csv(request):
        name = f"ageing-{asking.seller or 'ledger'}-{day}"
        return await sheet(name, lambda out: sheets.ageing(out, found))
    return ledger_page(request, "ledger_ageing.html", asking, found=found, bands=PAST_DUE,
                       day=day, sellers=known)  # fmt: skip


def _groups(rows: Sequence[Any], key: Callable[[Any], Any]) -> list[tuple[Any, list[Any]]]:
    """Rows that stand in the order of their key, by it."""
    return [(name, list(some)) for name, some in groupby(rows, key=key)]


ROUTES = (
    Route("/ledger/customers", customers), Route("/ledger/sellers", sellers),
    Route("/ledger/vat", vat), Route("/ledger/ageing", ageing),
)  # fmt: skip
