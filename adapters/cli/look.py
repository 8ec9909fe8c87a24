"""Commands that look: orders, sla."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.cli import render
from adapters.cli.render import instant, money
from adapters.cli.session import Session, running
from adapters.sla import Filter, due
from domain.calendar import end
from domain.errors import VillkorError

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Seller = Annotated[str | None, typer.Option(help="Only this seller's.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]


def _time(told: str | None, name: str) -> datetime | None:
    if told is None:
        return None
    try:
        return end(told)
    except ValueError as error:
        raise typer.BadParameter(f"--{name}: {told!r} is not a time in ISO 8601") from error


async def heard_of(session: Session, seller: str | None) -> None:
    """Raises VillkorError for a seller that has neither orders nor terms: a slip, most likely."""
    if seller is None or seller in session.book.sellers:
        return
    having = {row["seller"] for row in await session.queries.sellers()} | {*session.book.sellers}
    if seller not in having:
        raise VillkorError(f"nobody is called {seller!r}; there are {', '.join(sorted(having))}")


def orders(
    seller: Seller = None,
    status: Annotated[str | None, typer.Option(help="Only those in this status.")] = None,
    limit: Limit = 40,
    json: AsJson = False,
) -> int:
    """The orders, newest first."""

    async def work(session: Session) -> int:
        await heard_of(session, seller)
        rows = await session.queries.orders(seller, status, limit)
        if status is not None and not rows:
            having = ", ".join(await session.queries.statuses())
            render.hint(f"no order is {status!r}; there are {having or 'no orders at all'}")
        if json:
            render.as_json({"orders": rows})
            return 0
        render.table(
            ("order", "seller", "status", "placed", "paid", "fees", "refunds"),
            (
                (row["order_id"], row["seller"], row["status"], instant(row["placed_at"])[:10],
                 money(row["paid"]), money(row["fees"]), money(row["refunds"]))
                for row in rows
            ),
            right=("paid", "fees", "refunds"),
        )  # fmt: skip
        return 0

    return running(work)


def sla(seller: Seller = None, limit: Limit = 20, json: AsJson = False) -> int:
    """Deadlines: the most urgent first, whose move it is, and how they ended.

    A refund that was not paid by its last day stays past due until it is.
    """

    async def work(session: Session) -> int:
        await heard_of(session, seller)
        now = session.clock.now()
        found = await due(session.store.pool, Filter(seller), None, limit, now=now)
        urgent = [render.due_row(one) for one in found]
        summary = await session.queries.sla(seller, now)
        if json:
            for row in summary:
                row["at_risk"] = {name: amount / 100 for name, amount in row["at_risk"].items()}
            render.as_json({"now": now, "open": urgent, "summary": summary})
            return 0
        render.urgent_table(urgent, now)
        render.heading("How they end")
        render.table(
            ("seller", "whose", "deadline", "open", "past due", "met", "lapsed", "at risk"),
            (
                (row["seller"], row["party"], row["kind"], row["open"], row["past_due"],
                 row["met"], row["lapsed"], ", ".join(
                     f"{money(amount)} {currency}" for currency, amount in row["at_risk"].items()
                 ))
                for row in summary
            ),
            right=("open", "past due", "met", "lapsed", "at risk"),
        )  # fmt: skip
        return 0

    return running(work)
