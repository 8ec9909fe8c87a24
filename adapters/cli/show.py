"""The command that shows one order: as it stands, or as it was and was known to be."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.asking import Answer, answer
from adapters.cli import render
from adapters.cli.across import show_customer
from adapters.cli.look import AsJson, Seller, _time
from adapters.cli.render import instant, left, money
from adapters.cli.session import Session, running
from adapters.asking.plain import live_of, past_of
from adapters.deadlines import Nature
from adapters.moves import moves
from adapters.story import explained, lines, named
from domain.fields import CUSTOMER
from domain.outcomes import AnyOutcome
from domain.state import OrderState
from projections.posting_rules import CHART


def show(
    order: str,
    seller: Seller = None,
    as_of: Annotated[str | None, typer.Option(help="When it was true in the world.")] = None,
    known_at: Annotated[str | None, typer.Option(help="What was known then.")] = None,
    json: AsJson = False,
) -> int:
    """One order: what happened, what is owed, what is due. `customer:REF` shows a customer.

    A day alone is its end. What was not known or not placed then, or is yet to come, is an
    error.
    """
    at, known = _time(as_of, "as-of"), _time(known_at, "known-at")
    if order.startswith(CUSTOMER):
        return show_customer(order, seller, at, known, json=json)

    async def work(session: Session) -> int:
        row = await session.queries.order(order, seller)
        found = await answer(
            session.store, session.book, row["seller"], order, at, known, now=session.clock.now()
        )
        if then := at or known:
            render.as_json(past_of(found)) if json else _past(found, then)
        elif json:
            render.as_json(await live_of(found, session.queries))
        else:
            _live(found, session.clock.now())
        return 0

    return running(work)


def _live(found: Answer, now: datetime) -> None:
    render.say(f"{found.seller} {found.order}: {found.row['status']}")
    _sums(found)
    render.heading("What happened")
    render.table(("when", "what", ""), lines(found.events, found.state))
    _moves(found, now)
    render.heading("What stands")
    _explained(found.outcomes, found.state)


def _sums(found: Answer) -> None:
    row = found.row
    render.say(
        f"goods {money(row['goods'])}, delivery {money(row['freight'])}, "
        f"paid {money(row['paid'])}, placed {instant(row['placed_at'])}"
    )


def _past(found: Answer, then: datetime) -> None:
    render.say(f"{found.seller} {found.order}{_moments(found.as_of, found.known_at)}")
    if found.ahead:
        render.say("looks ahead: had nothing more become known until then")
    render.say(found.row["status"])
    _sums(found)
    if found.terms:
        since = f", pinned {instant(found.terms.pinned_at)}" if found.terms.pinned_at else ""
        render.say(f"edition {found.terms.edition[:12]}, chosen by {found.terms.day}{since}")
    render.heading("What had happened" if found.as_of else "What was recorded")
    render.table(("when", "what", ""), lines(found.events, found.state))
    _parcels(found)
    _moves(found, then)
    render.heading("What was owed then" if found.as_of else "What stood raised")
    _explained(found.outcomes, found.state)
    if found.as_of:
        render.heading("What stood raised by what was recorded")
        for item in found.raised:
            render.say(f"{type(item).__name__.lower()} {named(item)}")
    _balances(found)


def _moments(as_of: datetime | None, known_at: datetime | None) -> str:
    told = (("as of", as_of), ("known at", known_at))
    return "".join(f" {words} {instant(at)}" for words, at in told if at)


def _moves(found: Answer, at: datetime) -> None:
    """What waits for somebody, with the time left at a moment."""
    waits = [one for one in moves(found) if one.nature != Nature.RUNS]
    if waits:
        render.heading("Whose move it is")
        render.table(
            ("what", "left"),
            ((one.words, left(one.lapses_at, at) if one.lapses_at else "") for one in waits),
        )


def _explained(items: list[AnyOutcome], state: OrderState) -> None:
    for item in items:
        render.say(f"{type(item).__name__.lower()} {named(item)}")
        for line in explained(item, "en", state):
            render.say(f"    {line}")


def _parcels(found: Answer) -> None:
    if found.parcels:
        render.heading("Parcels")
        render.table(
            ("parcel", "carrier", "number", "state", "since"),
            ((one["parcel"], one["carrier"], one["tracking"], one["status"],
              instant(one["status_at"])) for one in found.parcels),
        )  # fmt: skip


def _balances(found: Answer) -> None:
    if found.balances:
        render.heading("Its books")
        render.table(
            ("account", "", "balance", ""),
            ((account, CHART.get(account, ""), money(balance), currency)
             for currency, balances in found.balances.items()
             for account, balance in balances.items()),
            right=("balance",),
        )  # fmt: skip
