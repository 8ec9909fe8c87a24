"""`villkor ingest --source shopify --reconcile EXPORT`: what it has that no webhook told."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from adapters.bodies import Body, Intake, by_app, by_inbox
from adapters.cli import render
from adapters.cli.session import Session, running
from adapters.inbox import settled
from adapters.reconcile import Reconciled
from adapters.reconcile import reconcile as compare
from adapters.senders import senders
from adapters.shops import SHOPS
from domain.errors import Guarded


def reconcile(
    system: str, exports: Sequence[Body], until: datetime | None, *, as_json: bool
) -> int:
    """Take what is new in exports of a shop's API and say what it was, by order."""

    async def work(session: Session) -> int:
        known = senders(session.settings.senders)
        for one in exports[:1]:
            if system in SHOPS and one.seller is None:
                known.shop(system, one.shop)  # before anything is taken
        intake = Intake(session.store, known, session.clock)
        try:
            async with session.writer() as app:
                done = await compare(intake, system, exports, by_app(app))
                await settled(app, until or session.clock.now())
        except Guarded:
            done = await compare(intake, system, exports, by_inbox(session.store, session.clock))
        _show(done, as_json=as_json)
        return 0

    return running(work)


def _show(done: Reconciled, *, as_json: bool) -> None:
    report = done.report
    counts = {"taken": report.taken, "duplicates": report.duplicates, "waiting": report.waiting,
              "parked": report.parked}  # fmt: skip
    if as_json:
        render.as_json(counts | {"missed": [asdict(one) for one in done.missed]})
        return
    if done.missed:
        render.table(
            ("order", "seller", "fact", "when", ""),
            (
                (one.order, one.seller, one.type, render.instant(one.at),
                 "" if one.taken else "parked")
                for one in done.missed
            ),
        )  # fmt: skip
    else:
        render.say("nothing was missed")
    render.say(", ".join(f"{count} {name}" for name, count in counts.items()))
    if report.parked:
        render.err.print("`villkor dead-letters list` says why messages were parked")
