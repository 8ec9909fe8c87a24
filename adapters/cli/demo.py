"""The demo: the main job on the embedded default, and then what it tells."""

from pathlib import Path
from typing import Any

import adapters
from adapters.asking.plain import outcome_of
from adapters.cli import act, ledger_shown, render
from adapters.cli.look import AsJson
from adapters.cli.session import Session, running
from adapters.ledger.trial import Span, trial_balance
from adapters.ingest import ingest, messages
from adapters.messages import Message, envelope
from adapters.queries import Queries
from adapters.report import Report
from adapters.sla import Filter, due
from adapters.story import Story, explained, named
from domain.calendar import moment
from domain.errors import Guarded

FACTS = Path(adapters.__file__).parents[1] / "deploy" / "demo" / "facts.jsonl"
NOW = moment("2026-11-20T12:00")
"""The demo's present, so that it tells the same on every day."""
SHOWN = ("allectra", "ALL-0004")
"""The order whose life is shown: a parcel that nobody collected."""
URGENT, PARKED = 5, 10
LETTER = ("id", "place", "order_id", "reason", "sentence")


def demo(json: AsJson = False) -> int:
    """Six shops' demo data: one order's life, the trial balance, the deadlines, what is parked."""

    async def work(session: Session) -> int:
        report = await told(session)
        await (_json(session, report) if json else _shown(session, report))
        return 0

    return running(work)


async def told(session: Session) -> Report:
    """Tell the demo; what is known already changes nothing. Raises Guarded among real orders."""
    facts = list(messages([str(FACTS)]))
    await _only_demo_orders(session.queries, facts)
    async with session.writer() as app:
        with act.bar("facts", len(facts)) as progress:
            return await ingest(app, facts, NOW, progress)


async def _json(session: Session, report: Report) -> None:
    """What was taken, what there is in all, and what comes to how much."""
    asked, (seller, order) = session.queries, SHOWN
    story = await Story.read(session.store, seller, order)
    balances = await trial_balance(session.store.pool, None, Span())
    render.as_json({
        **act.counts(report), "in_all": await asked.counts(),
        "order": {"seller": seller, "order": order,
                  "outcomes": [outcome_of(item) for item in story.outcomes]},
        "ledger_total": sum(one.closing for one in balances) / 100,
        "deadlines": await _urgent(session),
        "dead_letters": [
            {name: one[name] for name in LETTER} for one in await session.store.dead_letters(PARKED)
        ],
    })  # fmt: skip


async def _shown(session: Session, report: Report) -> None:
    asked = session.queries
    numbers = await asked.counts()
    render.say(f"{report.taken} facts taken now, {report.duplicates} known already")
    render.say(
        f"in all {numbers['orders']} orders, {numbers['facts']} facts, "
        f"{numbers['events']} events, {numbers['parked']} parked"
    )
    await _one_life(session)
    render.heading("The trial balance")
    balances = await trial_balance(session.store.pool, None, Span())
    ledger_shown.trial_balance(balances, Span(), each=False, json=False)
    render.heading("The five most urgent deadlines")
    render.urgent_table(await _urgent(session), NOW)
    render.heading("What is parked")
    letters = await session.store.dead_letters(PARKED)
    render.table(
        ("id", "place", "order", "reason", "sentence"),
        ([one[name] for name in LETTER] for one in letters),
        right=("id",),
    )
    seller, order = SHOWN
    render.heading("Try next")
    for command in (
        f"villkor explain {order} unclaimed",
        f"villkor show {order} --as-of 2026-09-07",
        f"villkor ledger 2420 --seller {seller}",
    ):
        render.say(f"  .venv/bin/{command}")


async def _urgent(session: Session) -> list[dict[str, Any]]:
    found = await due(session.store.pool, Filter(), None, URGENT, now=NOW)
    return [render.due_row(one) for one in found]


async def _one_life(session: Session) -> None:
    seller, order = SHOWN
    story = await Story.read(session.store, seller, order)
    render.heading(f"One order's life: {seller} {order}")
    render.table(("when", "what", ""), story.lines())
    render.heading("What is owed, and why")
    for item in story.outcomes:
        if getattr(item, "amount", None) and not hasattr(item, "due"):
            render.say(named(item))
            for line in explained(item, "en", story.order.state):
                render.say(f"    {line}")


async def _only_demo_orders(asked: Queries, told: list[Message]) -> None:
    """Real orders are not to be mixed with the demo's."""
    known = {(event.seller, event.subject) for event, _ in (envelope(one.value) for one in told)}
    if await asked.strangers(known):
        raise Guarded(
            "this installation holds orders of its own; try the demo elsewhere: "
            "VILLKOR_HOME=/tmp/villkor-demo villkor demo"
        )
