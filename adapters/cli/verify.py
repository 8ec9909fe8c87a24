"""`villkor verify`: every difference, in words or as one JSON object."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli import render
from adapters.cli.progress import towards_the_end
from adapters.cli.render import money
from adapters.cli.session import Session, running
from adapters.heads import against, in_file
from adapters.verify import Verified
from adapters.verify import verify as verify_log

DIFFERENCES = 3
BESIDES = "what no hash chain can answer for is listed in README, under Verifying, and by --json"


def verify(
    heads: Annotated[
        Path | None, typer.Option(help="A file of chain heads that was kept elsewhere.")
    ] = None,
    heads_topic: Annotated[
        bool, typer.Option("--heads-topic", help="Also the chain heads on Kafka.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """Work everything out again from the recorded facts, and walk the hash chains.

    What follows from the log is compared row for row, while writers are at work. What other rules
    decided is held, not a difference.
    """

    async def work(session: Session) -> int:
        elsewhere = [] if heads is None else await against(session.store, in_file(heads))
        if heads_topic:
            from adapters.kafka.heads import on_topic  # aiokafka takes its time to be imported

            elsewhere += await against(session.store, await on_topic(session.settings))
        with towards_the_end("verify") as progress:
            found = await verify_log(session.store, session.book, progress=progress)
        found.differences += elsewhere
        _json(found) if json else _said(found)
        return DIFFERENCES if found.differences else 0

    return running(work)


def _json(found: Verified) -> None:
    render.as_json({
        "orders": found.orders, "customers": found.customers, "events": found.events,
        "ledger_total": found.ledger_total / 100,
        "differences": [one.for_programs() for one in found.differences],
        "held": [
            {"seller": one.seller, "order": one.order, "amount": one.amount, "failure": one.failure}
            for one in found.held
        ],
        "unprotected": [one._asdict() for one in found.unprotected], "notes": found.notes,
    })  # fmt: skip


def _said(found: Verified) -> None:
    for one in found.differences:
        render.line(one.sentence)
    render.say(
        f"{found.orders} orders, {found.customers} customers, {found.events} events, "
        f"{len(found.differences)} differences, ledger {money(found.ledger_total)}"
    )
    if found.held:
        total = money(sum(one.amount for one in found.held))
        render.say(f"{len(found.held)} orders hold to other rules, {total} in all: `villkor held`")
    for note in found.notes:
        render.hint(note)
    render.hint(BESIDES)
