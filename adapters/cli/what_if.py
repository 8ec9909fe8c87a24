"""The command that supposes: what would differ under other terms, readings or days."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli import render
from adapters.cli.look import AsJson, Seller, _time
from adapters.cli.progress import towards_the_end
from adapters.cli.render import instant, money
from adapters.cli.session import Session, running
from adapters.what_if import KindTotal, WhatIf
from adapters.what_if.log import kept_in
from adapters.what_if.log import what_if as answer
from adapters.what_if.plain import plain
from adapters.what_if.supposed import asked
from projections.posting_rules import CHART

DIFFERENCES = 3
MARKS = {"raised": "+", "gone": "-", "otherwise": "~"}


def what_if(
    terms: Annotated[
        str | None,
        typer.Option(help="SELLER=FILE.toml, or SELLER.toml; SELLER for its terms as installed. "
                     "With @DAY, as if they had always been those of that day."),
    ] = None,
    reading: Annotated[
        list[str] | None, typer.Option(help="READING=OPTION, of an open question in the terms.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="The day on which all contracts were concluded.")
    ] = None,
    seller: Seller = None,
    at: Annotated[str | None, typer.Option(help="The moment of the decision; now.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Keep what is done in this file, and go on with it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many orders are listed.")] = 20,
    json: AsJson = False,
) -> int:  # fmt: skip
    """Decide the whole log again otherwise: which orders, krona and accounts would differ.

    Nothing is written to the log. Killed and asked again, it goes on where it was. Exit code 3
    where something would differ.
    """

    if terms is None and date is None and not reading:
        raise typer.BadParameter("nothing is supposed; say --terms, --reading or --date")
    moment = _time(at, "at")

    async def work(session: Session) -> int:
        question = asked(session.book, terms, reading or (), date, seller, moment)
        kept = resume or kept_in(session.settings.home / "what-if", question, session.book)
        with towards_the_end("what if") as progress:
            found = await answer(
                session.store, session.book, question, session.clock.now(), kept, progress
            )
        if resume is None:
            kept.unlink(missing_ok=True)
        if found.resumed:
            render.hint(f"went on from {found.resumed} partitions that were done already")
        render.as_json(plain(found)) if json else _show(found, limit)
        return DIFFERENCES if found.differs else 0

    return running(work)


def _show(found: WhatIf, limit: int) -> None:
    whole, differing = found.found, found.found.differing
    render.say(
        f"{whole.orders} orders, {whole.concerned} under other terms, {len(differing)} of them "
        f"otherwise on {instant(found.at)}"
    )
    if kinds := found.kinds():
        render.heading("What would be owed")
        render.table(
            ("seller", "what", "orders", "how", "is", "would be", "more", ""),
            ((one.seller, one.kind, one.orders, _how(one),
              *map(_krona, (one.before, one.after, one.difference)), one.currency)
             for one in kinds),
            right=("orders", "is", "would be", "more"),
        )  # fmt: skip
    for total in found.totals():
        amounts = f"{money(total.before)} would be {money(total.after)} {total.currency}"
        render.say(f"in all {total.group.replace('_', '-')}s of {amounts}")
    if accounts := found.accounts():
        render.heading("What would stand on the accounts")
        render.table(
            ("seller", "account", "", "more", ""),
            ((one.seller, one.account, CHART.get(one.account, ""), money(one.difference),
              one.currency) for one in accounts),
            right=("more",),
        )  # fmt: skip
    if differing:
        render.heading("Which orders")
        rows = [
            (one.order, MARKS[change.what], change.outcome, change.before, change.after)
            for one in differing[:limit] for change in one.changes
        ]  # fmt: skip
        render.table(("order", "", "outcome", "is", "would be"), rows)
        if len(differing) > limit:
            render.say(f"the first {limit} of {len(differing)} orders; --limit shows more")
    for one in whole.undecided:
        render.line(f"{one.seller} {one.order} cannot be decided: {one.why}")


def _how(one: KindTotal) -> str:
    """How many are new, otherwise and gone: `+1 ~2 -3`."""
    counts = (("raised", one.raised), ("otherwise", one.otherwise), ("gone", one.gone))
    return " ".join(f"{MARKS[what]}{count}" for what, count in counts if count)


def _krona(amount: int) -> str:
    """An amount, or nothing where there is none."""
    return money(amount) if amount else ""
