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
from adapters.verify.plain import plain

DIFFERENCES = 3
BESIDES = "what no hash chain can answer for is listed in README, under Verifying, and by --json"
NO_HEADS = "chain heads kept elsewhere were not compared: --heads FILE, or --heads-topic"


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
        found.differences[:0] = elsewhere
        found.heads_compared = heads is not None or heads_topic
        render.as_json(plain(found)) if json else _said(found)
        return DIFFERENCES if found.differences else 0

    return running(work)


def _said(found: Verified) -> None:
    for one in found.differences:
        follows = "" if one.follows is None else f" (may follow from event {one.follows})"
        render.line(one.sentence + follows)
    render.say(
        f"{found.orders} orders, {found.customers} customers, {found.events} events, "
        f"{len(found.differences)} differences, ledger {money(found.ledger_total)}"
    )
    if found.held:
        total = money(sum(one.amount for one in found.held))
        render.say(f"{len(found.held)} orders hold to other rules, {total} in all: `villkor held`")
    for note in found.notes:
        render.hint(note)
    if not found.heads_compared:
        render.hint(NO_HEADS)
    render.hint(BESIDES)
