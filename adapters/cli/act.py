"""Commands that act: ingest, demo, worker, topics, rebuild, dead-letters."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.cli import render
from adapters.cli.demo import demo
from adapters.cli.look import AsJson, Limit, _time
from adapters.cli.session import Session, running
from adapters.dead_letters import retry as retry_letters
from adapters.ingest import ingest as ingest_messages
from adapters.ingest import messages
from adapters.inbox import hand_over
from adapters.log import configure
from adapters.rebuild import rebuild as rebuild_models
from adapters.report import Report
from adapters.settings import Settings
from domain.errors import Guarded, VillkorError

DIFFERENCES = 3


def add_to(app: typer.Typer) -> None:
    for command in (demo, ingest, worker, rebuild):
        app.command()(command)
    app.add_typer(dead_letters, name="dead-letters", help="Parked messages, with their reasons.")
    app.add_typer(topics, name="topics", help="Kafka's topics.")


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
    files: Annotated[list[str] | None, typer.Argument(help="One fact a line; - is stdin.")] = None,
    until: Annotated[str | None, typer.Option(help="Let deadlines lapse up to here; now.")] = None,
    json: AsJson = False,
) -> int:
    """Take facts: CloudEvents, one JSON object a line. A file told twice changes nothing."""
    limit = _time(until, "until")

    async def work(session: Session) -> int:
        until = limit or session.clock.now()
        told = messages(files or ["-"])
        try:
            async with session.writer() as app:
                with bar("ingest", None) as progress:
                    report = await ingest_messages(app, told, until, progress)
        except Guarded:
            report = await hand_over(session.store, session.clock, list(told))
        if json:
            render.as_json(counts(report))
        else:
            render.say(", ".join(f"{count} {name}" for name, count in counts(report).items()))
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


topics = typer.Typer(no_args_is_help=True)


@topics.command("create")
def topics_create(
    partitions: Annotated[int, typer.Option(help="How many each; they divide 256.")] = 8,
) -> int:
    """Create the topics with their settings; what is there already is checked."""
    from adapters.kafka.topics import create

    for line in asyncio.run(create(Settings.read(), partitions)):
        render.say(line)
    return 0


def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="Read models; all of them.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare only; change nothing.")] = False,
    json: AsJson = False,
) -> int:
    """The read models from the log, beside the live ones, then swapped or compared."""

    async def work(session: Session) -> int:
        async with session.writer() as app:
            partitions = len(await session.store.partitions())
            with bar("partitions", partitions) as progress:
                done = await rebuild_models(
                    session.store, app.claims, names or [], check=check, progress=progress
                )
        if json:
            render.as_json(asdict(done))
        else:
            for difference in done.differences:
                render.line(difference)
            rows = ", ".join(f"{name} {count}" for name, count in done.rows.items())
            render.say(f"{done.events} events; {rows}; {len(done.differences)} differences")
        return DIFFERENCES if done.differences else 0

    return running(work)


dead_letters = typer.Typer(no_args_is_help=True)


@dead_letters.command("list")
def dead_letters_list(limit: Limit = 50, json: AsJson = False) -> int:
    """What is parked, and why."""

    async def work(session: Session) -> int:
        rows = await session.store.dead_letters(limit)
        if json:
            render.as_json({"dead_letters": rows})
        else:
            dead_letter_table(rows)
        return 0

    return running(work)


def dead_letter_table(rows: list[dict[str, object]]) -> None:
    render.table(
        ("id", "place", "order", "reason", "sentence"),
        (
            (row["id"], row["place"], row["order_id"], row["reason"], row["sentence"])
            for row in rows
        ),
        right=("id",),
    )


@dead_letters.command("show")
def dead_letters_show(id: int, json: AsJson = False) -> int:
    """One parked message whole, with its bytes and headers."""

    async def work(session: Session) -> int:
        row = await session.store.dead_letter(id)
        if row is None:
            raise VillkorError(f"there is no dead letter {id}; `villkor dead-letters list`")
        row["value"] = bytes(row["value"]).decode("utf-8", "backslashreplace")
        row["key"] = None if row["key"] is None else bytes(row["key"]).decode("utf-8", "replace")
        if json:
            render.as_json(row)
        else:
            for name, value in row.items():
                render.line(f"{name:15} {'' if value is None else value}")
        return 0

    return running(work)


@dead_letters.command("retry")
def dead_letters_retry(
    id: Annotated[int | None, typer.Argument(help="One; or all with --reason.")] = None,
    reason: Annotated[str | None, typer.Option(help="All that were parked for it.")] = None,
) -> int:
    """Tell a parked message again, as it is."""
    if (id is None) == (reason is None):
        raise typer.BadParameter("say either an id or --reason")

    async def work(session: Session) -> int:
        async with session.writer() as app:
            report = await retry_letters(session.store, app, id, reason, session.clock.now())
        render.say(", ".join(f"{count} {name}" for name, count in counts(report).items()))
        return 0

    return running(work)


@dead_letters.command("discard")
def dead_letters_discard(
    id: int,
    reason: Annotated[str, typer.Option(help="Why nobody needs it.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
) -> int:
    """Put a parked message away for good, with a reason and a name."""

    async def work(session: Session) -> int:
        if not await session.store.settle([id], "discarded", by, reason, session.clock.now()):
            raise VillkorError(f"there is no parked message {id}; `villkor dead-letters list`")
        render.say(f"{id} was put away")
        return 0

    return running(work)
