"""Commands that act: ingest, worker, serve, topics, rebuild."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.bodies import Intake, by_app, by_inbox, known_source
from adapters.carriers import FAMILY
from adapters.cli import render
from adapters.cli.look import AsJson, _time
from adapters.cli.progress import towards_the_end
from adapters.cli.reconcile import reconcile as compare_export
from adapters.cli.session import Session, running
from adapters.inbox import hand_over, settled
from adapters.ingest import bodies, ingest_bodies, messages
from adapters.ingest import ingest as ingest_messages
from adapters.log import configure
from adapters.rebuild import Checked, Override, Rebuilt
from adapters.rebuild import check as check_models
from adapters.rebuild import rebuild as rebuild_models
from adapters.report import Report
from adapters.senders import senders
from adapters.settings import Settings
from adapters.shops import SHOPS
from domain.errors import Guarded

DIFFERENCES = 3


@contextmanager
def bar(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, on a terminal only; its function takes the steps done."""
    columns = (
        TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=render.err, disable=not render.err.is_terminal) as shown:
        task = shown.add_task(title, total=total)
        yield lambda steps: shown.advance(task, steps)


def counts(report: Report) -> dict[str, int]:
    return {"taken": report.taken, "duplicates": report.duplicates, "waiting": report.waiting,
            "parked": report.parked}  # fmt: skip


def ingest(
    files: Annotated[
        list[str] | None, typer.Argument(help="One fact a line, or raw bodies; - is stdin.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Let deadlines lapse up to here; now.")] = None,
    source: Annotated[
        str | None,
        typer.Option(help="Raw bodies of this carrier or shop system: postnord, shopify."),
    ] = None,
    shop: Annotated[str | None, typer.Option(help="Which shop, as VILLKOR_SENDERS has it.")] = None,
    seller: Annotated[str | None, typer.Option(help="Whose shop, where that has none.")] = None,
    topic: Annotated[str | None, typer.Option(help="A shop's topic, as orders/create.")] = None,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Also say what an export has and no webhook told.")
    ] = False,
    json: AsJson = False,
) -> int:
    """Take facts: CloudEvents, one JSON object a line; or raw bodies, a file or a line each.

    A file told twice changes nothing. Waiting is what no order is there for yet, kept is what
    tells no order anything.
    """
    limit, paths = _time(until, "until"), files or ["-"]
    if source is None and (shop or seller or topic):
        raise typer.BadParameter("--shop, --seller and --topic say more of a --source")
    if reconcile:
        if source is None:
            raise typer.BadParameter("--reconcile needs a --source: shopify")
        return compare_export(source, list(bodies(paths, shop, topic, seller)), limit, as_json=json)

    async def facts(session: Session) -> Report:
        told = messages(paths)
        try:
            async with session.writer() as app:
                with bar("ingest", None) as progress:
                    until = limit or session.clock.now()
                    return await ingest_messages(app, told, until, progress)
        except Guarded:
            return await hand_over(session.store, session.clock, list(told))

    async def raw(session: Session, source: str) -> Report:
        known = senders(session.settings.senders)
        known_source(source)
        if source in SHOPS and seller is None:
            known.shop(source, shop)  # before anything is taken
        intake = Intake(session.store, known, session.clock)
        told = bodies(paths, shop, topic, seller)
        try:
            async with session.writer() as app:
                with bar("ingest", None) as progress:
                    report = await ingest_bodies(intake, source, told, by_app(app), progress)
                return report + await settled(app, limit or session.clock.now())
        except Guarded:
            tell = by_inbox(session.store, session.clock)
            return await ingest_bodies(intake, source, told, tell)

    async def work(session: Session) -> int:
        report = await (facts(session) if source is None else raw(session, source))
        shown = counts(report) | ({"kept": report.kept} if source in FAMILY else {})
        if json:
            render.as_json(shown)
        else:
            render.say(", ".join(f"{count} {name}" for name, count in shown.items()))
            if report.parked:
                render.err.print("`villkor dead-letters list` says why messages were parked")
        return 0

    return running(work)


def worker() -> int:
    """Consume Kafka and lapse deadlines, until SIGTERM, which finishes the batch."""
    from adapters.kafka.worker import work  # aiokafka takes its time to be imported

    settings = Settings.read()
    configure(settings.log or "console:info")
    return asyncio.run(work(settings))


def serve() -> int:
    """Take webhooks of carriers and shops over HTTP, until SIGTERM."""
    from adapters.http.serve import serve  # so do Starlette and uvicorn

    settings = Settings.read()
    configure(settings.log or "console:info")
    return asyncio.run(serve(settings))


topics = typer.Typer(no_args_is_help=True)


@topics.command("create")
def topics_create(
    partitions: Annotated[int, typer.Option(help="How many each; they divide 256.")] = 8,
    json: AsJson = False,
) -> int:
    """Create the topics with their settings; what is there already is checked."""
    from adapters.kafka.topics import create

    found = asyncio.run(create(Settings.read(), partitions))
    if json:
        topics = [{"topic": line.split(" ")[0], "sentence": line} for line in found]
        render.as_json({"topics": topics})
        return 0
    for line in found:
        render.say(line)
    return 0


def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="Read models; all of them.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare only; change nothing.")] = False,
    despite: Annotated[
        bool,
        typer.Option(
            "--despite-broken-chain",
            help="Of events that do not fit their hash chain, "
            "too: an act in the log, with --by and --reason.",
        ),
    ] = False,
    by: Annotated[str | None, typer.Option(help="Who does so.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    json: AsJson = False,
) -> int:
    """The read models from the log, beside the live ones, then swapped or compared.

    Writers go on meanwhile. Where a hash chain is broken, the live ones stay (exit code 4).
    """
    if despite and (check or not by or not reason):
        raise typer.BadParameter("--despite-broken-chain wants --by and --reason, and no --check")
    if (by or reason) and not despite:
        raise typer.BadParameter("--by and --reason go with --despite-broken-chain")

    async def work(session: Session) -> int:
        override = Override(by, reason, session.clock.now()) if despite and by and reason else None
        done: Checked | Rebuilt
        with towards_the_end("events") as progress:
            if check:
                done = await check_models(session.store, names or [], progress=progress)
            else:
                done = await rebuild_models(
                    session.store, names or [], despite=override, progress=progress
                )
        told = {name: value for name, value in asdict(done).items() if name != "inbox"}
        render.as_json(told) if json else _folded(done)
        if isinstance(done, Rebuilt) and done.inbox:
            await session.taken(done.inbox)
        return DIFFERENCES if isinstance(done, Checked) and done.differing else 0

    return running(work)


def _folded(done: Checked | Rebuilt) -> None:
    rows = ", ".join(f"{name} {count}" for name, count in done.rows.items())
    if isinstance(done, Rebuilt):
        render.say(f"{done.events} events; {rows}")
        render.err.print(f"writers were held for {done.held_seconds:.2f} s")
        for sentence in done.broken:
            render.line(sentence)
        return
    for difference in done.differences:
        render.line(difference)
    render.say(f"{done.events} events; {rows}; {done.differing} differences")
