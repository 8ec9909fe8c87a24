"""The ledger: the trial balance, which sums to 0.00, and the statement of an account."""

from typing import TextIO

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.console.books import Asked, as_sheet, asked, grouped, ledger_page, sellers_of
from adapters.http.downloads import sheet
from adapters.console.session import desk_of
from adapters.ledger import sheets
from adapters.ledger.places import newer, versions
from adapters.ledger.sheets import For
from adapters.ledger.statement import Mark, Statement, statements
from adapters.ledger.trial import trial_balance
from adapters.postgres.store import Store
from domain.errors import Missing, Refused
from projections.posting_rules import CHART

SHOWN = 50
"""Entries on a page of a statement."""


async def balances(request: Request) -> Response:
    """The trial balance by seller and currency."""
    asking = await asked(request)
    async with desk_of(request).reader.asking(asking.who) as store:
        sellers = await sellers_of(request, store, asking.seller)
        found = await trial_balance(store.pool, asking.seller, asking.span)
    if whom := as_sheet(request):
        return await sheet(f"balances-{asking.name}", lambda out: sheets.trial(out, found, whom))
    return ledger_page(request, "ledger.html", asking, groups=grouped(found), sellers=sellers)


async def account(request: Request) -> Response:
    """The statement of an account: the newest entries, or those before a mark."""
    asking, number = await asked(request), request.path_params["account"]
    if number not in CHART:
        accounts = ", ".join(map(str, CHART))
        raise Missing(f"{number} is no account of the chart; there are {accounts}")
    told = asking.query.get("before")
    mark = None if told is None else Mark.read(told)
    async with desk_of(request).reader.asking(asking.who) as store:
        sellers = await sellers_of(request, store, asking.seller)
        pages = await statements(
            store.pool, number, asking.seller, asking.span, SHOWN, mark
        )  # fmt: skip
        if mark is not None and len(pages) > 1:
            raise Refused("before: it is a place in one seller's statement; choose a seller")
        if whom := as_sheet(request):
            return await _sheet(store, asking, number, pages, whom)
        shown = [await _shown(store, asking, one, paged=mark is not None) for one in pages]
    return ledger_page(
        request, "ledger_account.html", asking, account=number, pages=shown, sellers=sellers
    )


async def _shown(
    store: Store, asking: Asked, one: Statement, *, paged: bool
) -> dict[str, object]:  # fmt: skip
    """A page of a statement, the versions that its entries lead to, and its neighbour."""
    after = await newer(store.pool, one, asking.span, SHOWN) if paged and one.entries else None
    places = await versions(store.pool, one.seller, one.entries)
    return {"statement": one, "paged": paged, "newer": after, "versions": places}


async def _sheet(
    store: Store, asking: Asked, number: int, pages: list[Statement], whom: For
) -> Response:  # fmt: skip
    async def written(out: TextIO) -> None:
        await sheets.statement(store.pool, out, pages, asking.span, whom)

    return await sheet(f"{number}-{asking.name}", written)


ROUTES = (Route("/ledger", balances), Route("/ledger/{account:number}", account))
