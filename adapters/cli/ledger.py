"""`villkor ledger`: trial balance, statements, subledgers, one order's money, months and close."""

import re
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from adapters.cli import ledger_shown as shown
from adapters.cli.look import AsJson, Limit, Seller, heard_of
from adapters.cli.session import Session, running
from adapters.ledger import late as afterwards
from adapters.ledger import periods as months
from adapters.ledger import subledgers
from adapters.ledger.closing import close_month
from adapters.ledger.order import order_money
from adapters.ledger.statement import Mark, statements
from adapters.ledger.sums import add_up
from adapters.ledger.told import last_day
from adapters.ledger.trial import EVER, Span, trial_balance
from domain.calendar import day_of
from domain.errors import VillkorError
from projections.posting_rules import CHART


class _Ledger(TyperGroup):
    """`villkor ledger [ACCOUNT]` is `villkor ledger account [ACCOUNT]`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, "--help"):
            args = ["account", *args]
        return super().parse_args(ctx, args)


ledger = typer.Typer(cls=_Ledger, add_completion=False, rich_markup_mode=None)

Month = Annotated[str | None, typer.Option(help="An accounting month, YYYY-MM.")]
From = Annotated[str | None, typer.Option("--from", help="The first of several months.")]
To = Annotated[str | None, typer.Option("--to", help="The last of them.")]
AsOf = Annotated[str | None, typer.Option(help="Only what was booked up to this day.")]


def _asking(seller: str | None, work: Callable[[Session], Awaitable[None]]) -> int:
    """A question to the ledger, its sums added up first."""

    async def asked(session: Session) -> int:
        await heard_of(session, seller)
        await add_up(session.store.pool)
        await work(session)
        return 0

    return running(asked)


@ledger.command()
def account(
    account: Annotated[int | None, typer.Argument(help="One account's statement.")] = None,
    seller: Seller = None,
    month: Month = None,
    since: From = None,
    until: To = None,
    as_of: AsOf = None,
    each: Annotated[bool, typer.Option("--each", help="Every seller's own balances.")] = False,
    order: Annotated[str | None, typer.Option(help="One order's money instead.")] = None,
    limit: Limit = 50,
    before: Annotated[str | None, typer.Option(help="The page before, as a page names it.")] = None,
    json: AsJson = False,
) -> int:
    """The trial balance, which sums to 0.00, or an account's statement; so does `ledger` alone."""
    span = _span(month, since, until, as_of)
    if order is not None:
        if account is not None or not span.whole:
            raise typer.BadParameter("--order shows all of an order's money; it goes with --seller")
        return _order(order, seller, json=json)
    if account is not None:
        return _statement(account, seller, span, limit, before, json=json)

    async def work(session: Session) -> None:
        balances = await trial_balance(session.store.pool, seller, span)
        shown.trial_balance(balances, span, each=each, json=json)

    return _asking(seller, work)


def _statement(
    account: int, seller: str | None, span: Span, limit: int, before: str | None, *, json: bool
) -> int:
    mark = None if before is None else Mark.read(before)
    if account not in CHART:
        accounts = ", ".join(map(str, CHART))
        raise VillkorError(f"{account} is no account of the chart; there are {accounts}")

    async def work(session: Session) -> None:
        pages = await statements(session.store.pool, account, seller, span, limit, mark)
        if mark is not None and len(pages) > 1:
            raise VillkorError("--before is a place in one seller's statement; say --seller")
        shown.statement(account, pages, span, limit, json=json)

    return _asking(seller, work)


def _order(order: str, seller: str | None, *, json: bool) -> int:
    async def work(session: Session) -> None:
        row = await session.queries.order(order, seller)
        shown.order(row, await order_money(session.store.pool, row["seller"], order), json=json)

    return _asking(seller, work)


@ledger.command()
def customers(
    seller: Seller = None,
    month: Annotated[str | None, typer.Option(help="At the end of this month.")] = None,
    as_of: AsOf = None,
    customer: Annotated[str | None, typer.Option(help="Only this reference.")] = None,
    limit: Limit = 50,
    json: AsJson = False,
) -> int:
    """What each customer owes (1510) and is owed (2420)."""
    span = _span(month, None, None, as_of)

    async def work(session: Session) -> None:
        found = await subledgers.customers(session.store.pool, seller, span, customer, limit)
        shown.customers(found, json=json)

    return _asking(seller, work)


@ledger.command()
def sellers(
    seller: Seller = None,
    marketplace: Annotated[str | None, typer.Option(help="Only orders through this one.")] = None,
    month: Month = None,
    since: From = None,
    until: To = None,
    as_of: AsOf = None,
    json: AsJson = False,
) -> int:
    """What each seller's orders moved, by the marketplace that they came through."""
    span = _span(month, since, until, as_of)

    async def work(session: Session) -> None:
        found = await subledgers.sellers(session.store.pool, seller, span, marketplace)
        shown.sellers(found, json=json)

    return _asking(seller, work)


@ledger.command()
def vat(
    seller: Seller = None,
    month: Month = None,
    since: From = None,
    until: To = None,
    json: AsJson = False,
) -> int:
    """Output VAT by month and rate: what was earned without it, and the tax."""
    span = _span(month, since, until, None)

    async def work(session: Session) -> None:
        shown.vat(await subledgers.vat(session.store.pool, seller, span), json=json)

    return _asking(seller, work)


@ledger.command()
def ageing(
    seller: Seller = None,
    as_of: AsOf = None,
    month: Annotated[str | None, typer.Option(help="As of its last day, once it is over.")] = None,
    json: AsJson = False,
) -> int:
    """How old receivables (1510) are, as of a day: today, where none is said."""
    span = _span(month, None, None, as_of)

    async def work(session: Session) -> None:
        day = last_day(span, day_of(session.clock.now()))
        shown.ageing(await subledgers.ageing(session.store.pool, seller, day), day, json=json)

    return _asking(seller, work)


@ledger.command()
def periods(seller: Seller = None, json: AsJson = False) -> int:
    """The months of each seller's books: open, closing or closed, by whom and when."""

    async def work(session: Session) -> None:
        shown.periods(await months.periods(session.store.pool, seller), json=json)

    return _asking(seller, work)


@ledger.command()
def late(
    seller: Annotated[str, typer.Option(help="Whose books.")],
    month: Annotated[str, typer.Option(help="In which it happened, YYYY-MM.")],
    limit: Limit = 50,
    json: AsJson = False,
) -> int:
    """What happened in a month and was booked in a later one; its own balances lack it."""
    first = _month(month, "month")
    assert first is not None  # it is required

    async def work(session: Session) -> None:
        pool = session.store.pool
        found = await afterwards.entries(pool, seller, first, limit)
        shown.late(seller, first, found, await afterwards.sums(pool, seller, first), json=json)

    return _asking(seller, work)


@ledger.command()
def close(
    seller: Annotated[str, typer.Option(help="Whose books.")],
    month: Annotated[str, typer.Option(help="The month, YYYY-MM.")],
    by: Annotated[str, typer.Option(help="Who closes it.")],
    reason: Annotated[str, typer.Option(help="Why now.")],
    json: AsJson = False,
) -> int:
    """Close a month, and those before it without postings; what comes later goes to the next."""
    _month(month, "month")
    if not reason.strip():
        raise typer.BadParameter("--reason: say why now, such as what was reconciled")

    async def work(session: Session) -> None:
        done = await close_month(session, seller, month, by, reason)
        shown.closed(done, json=json)

    return _asking(None, work)


# -- what was asked --------------------------------------------------------------------------------


def _span(
    month: str | None, since: str | None, until: str | None, as_of: str | None
) -> Span:  # fmt: skip
    if month is not None and (since or until):
        raise typer.BadParameter("--month is one month; --from and --to are several")
    first = _month(month or since, "from" if month is None else "month") or EVER[0]
    last = _month(month or until, "to" if month is None else "month") or EVER[1]
    if last < first:
        raise typer.BadParameter(f"--to: {until} is before --from {since}")
    return Span(first, last, EVER[1] if as_of is None else _day(as_of))


def _month(told: str | None, name: str) -> date | None:
    if told is None:
        return None
    if not re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", told):
        raise typer.BadParameter(f"--{name}: {told!r} is not a month, like 2026-09")
    return date.fromisoformat(f"{told}-01")


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise typer.BadParameter(f"--as-of: {told!r} is not a day, like 2026-09-30") from error
