"""Subledgers: customers, sellers, VAT and the age of receivables, each with what it comes to."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.console.books import Asked, as_sheet, asked, ledger_page, sellers_of
from adapters.console.session import desk_of
from adapters.http.api.paging import cursor, place
from adapters.http.downloads import sheet
from adapters.ledger import sheets, subledgers
from adapters.ledger.subledgers import After, Ageing, CustomerBalance, SellerBalance, VatRow
from adapters.ledger.told import last_day
from adapters.ledger.trial import Balance, Span, trial_balance
from adapters.postgres.store import Store
from domain.calendar import day_of
from projections.posting_rules import RECEIVABLE

LISTED = 50
"""Customers of a seller on a page; the CSV has all."""
PAST_DUE = ("No due day", "Not due yet", "1 to 30 days", "31 to 60 days", "61 to 90 days",
            "More than 90 days")  # fmt: skip


async def _found(
    request: Request, asking: Asked, look: Callable[[Store], Any]
) -> tuple[Any, list[str]]:
    """What a subledger says, and the sellers to choose from, in one snapshot."""
    async with desk_of(request).reader.asking(asking.who) as store:
        known = await sellers_of(request, store, asking.seller)
        return await look(store), known


async def customers(request: Request) -> Response:
    """What each customer owes and is owed at the end of the months."""
    asking, whom = await asked(request), as_sheet(request)
    wanted, limit = asking.query.get("customer"), subledgers.MOST if whom else LISTED + 1
    after = place(asking.query.get("after"), After)

    async def look(store: Store) -> tuple[list[CustomerBalance], list[Balance]]:
        found = await subledgers.customers(
            store.pool, asking.seller, asking.span, wanted, limit, after
        )  # fmt: skip
        return found, await trial_balance(store.pool, asking.seller, asking.span)

    (found, balances), sellers = await _found(request, asking, look)
    if whom:
        return await sheet(
            f"customers-{asking.name}", lambda out: sheets.customers(out, found, whom)
        )
    shown, more = subledgers.cut(found, LISTED)
    groups = _groups(shown, lambda one: (one.seller, one.currency))
    accounts = {(one.seller, one.currency, one.account): one.closing for one in balances}
    return ledger_page(
        request, "ledger_customers.html", asking, groups=groups, sellers=sellers, wanted=wanted,
        more={key: cursor(one) for key, one in more.items()}, after=after, accounts=accounts,
    )  # fmt: skip


async def sellers(request: Request) -> Response:
    """What each seller's orders moved, by the marketplace that they came through."""
    asking = await asked(request)
    marketplace = asking.query.get("marketplace")

    async def look(store: Store) -> list[SellerBalance]:
        return await subledgers.sellers(store.pool, asking.seller, asking.span, marketplace)

    found, known = await _found(request, asking, look)
    if whom := as_sheet(request):
        return await sheet(f"sellers-{asking.name}", lambda out: sheets.sellers(out, found, whom))
    groups = _groups(found, lambda one: (one.marketplace, one.currency))
    return ledger_page(request, "ledger_sellers.html", asking, groups=groups, sellers=known,
                       marketplace=marketplace)  # fmt: skip


async def vat(request: Request) -> Response:
    """Output VAT by month and rate: what was earned without it, and the tax."""
    asking = await asked(request)

    async def look(store: Store) -> list[VatRow]:
        return await subledgers.vat(store.pool, asking.seller, asking.span)

    found, known = await _found(request, asking, look)
    if whom := as_sheet(request):
        return await sheet(f"vat-{asking.name}", lambda out: sheets.vat(out, found, whom))
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
    """How old receivables are as of a day: the last of the months, or today where none is said."""
    asking = await asked(request)
    day = last_day(asking.span, day_of(desk_of(request).now))

    async def look(store: Store) -> tuple[list[Ageing], list[Balance]]:
        found = await subledgers.ageing(store.pool, asking.seller, day)
        return found, await trial_balance(store.pool, asking.seller, Span(as_of=day))

    (found, balances), known = await _found(request, asking, look)
    if whom := as_sheet(request):
        name = f"ageing-{asking.seller or 'ledger'}-{day}"
        return await sheet(name, lambda out: sheets.ageing(out, found, whom))
    accounts = {
        (one.seller, one.currency): one.closing for one in balances if one.account == RECEIVABLE
    }  # fmt: skip
    return ledger_page(request, "ledger_ageing.html", asking, found=found, bands=PAST_DUE,
                       day=day, sellers=known, accounts=accounts)  # fmt: skip


def _groups(rows: Sequence[Any], key: Callable[[Any], Any]) -> list[tuple[Any, list[Any]]]:
    """Rows that stand in the order of their key, by it."""
    return [(name, list(some)) for name, some in groupby(rows, key=key)]


ROUTES = (
    Route("/ledger/customers", customers), Route("/ledger/sellers", sellers),
    Route("/ledger/vat", vat), Route("/ledger/ageing", ageing),
)  # fmt: skip
