"""The commands about what is parked: why, what it is, telling it again, putting it away."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli import render
from adapters.cli.act import counts
from adapters.cli.look import AsJson, Limit
from adapters.cli.render import instant
from adapters.cli.session import Session, running
from adapters.dead_letters import Retry, discarded, told_again
from adapters.postgres import letters
from adapters.postgres.letters import DISCARDED, OPEN, STATES, Settling
from adapters.report import Report
from domain.errors import VillkorError

dead_letters = typer.Typer(no_args_is_help=True)
Reason = Annotated[str | None, typer.Option(help="Only what was parked for this reason.")]
By = Annotated[str | None, typer.Option(help="Who says so.")]


@dead_letters.command("list")
def dead_letters_list(
    reason: Reason = None,
    state: Annotated[
        str | None, typer.Option(help="parked, resolved, retried, discarded, or all of them.")
    ] = None,
    limit: Limit = 50,
    json: AsJson = False,
) -> int:
    """What is parked, and why: the reasons with their counts, then one by one.

    Resolved is what was told again in another form since: nothing is left to do about it.
    """
    if state not in (None, "all", *STATES):
        raise typer.BadParameter(f"--state: {state!r} is none of {', '.join(STATES)}, all")
    states = {None: OPEN, "all": STATES}.get(state) or (str(state),)

    async def work(session: Session) -> int:
        groups = await letters.reasons(session.store.pool)
        rows = await letters.listed(session.store.pool, reason, states, limit)
        if json:
            render.as_json({"reasons": groups, "dead_letters": rows})
            return 0
        if groups:
            _groups(groups)
        if rows:
            _table(rows)
        return 0

    return running(work)


def _groups(groups: list[dict[str, Any]]) -> None:
    columns = ("reason", "parked", "resolved", "oldest", "newest")
    render.table(
        columns,
        ((one["reason"], one["parked"], one["resolved"], instant(one["oldest"]),
          instant(one["newest"])) for one in groups),
        right=("parked", "resolved"),
    )  # fmt: skip


def _table(rows: list[dict[str, Any]]) -> None:
    render.table(
        ("id", "place", "order", "state", "reason", "sentence"),
        ((one["id"], one["place"], one["order_id"], one["state"], one["reason"], one["sentence"])
         for one in rows),
        right=("id",),
    )  # fmt: skip


@dead_letters.command("show")
def dead_letters_show(id: int, json: AsJson = False) -> int:
    """One parked message whole, with its bytes and headers, and what was changed in it."""

    async def work(session: Session) -> int:
        letter = await letters.shown(session.store.pool, id)
        if letter is None:
            raise VillkorError(f"there is no dead letter {id}; `villkor dead-letters list`")
        told = _readable(letter)
        if json:
            render.as_json(told)
            return 0
        for name, value in told.items():
            if name not in ("edits", "headers") and value is not None:
                at = isinstance(value, datetime)
                render.line(f"{name:15} {instant(value) if at else value}")
        for name, value in told["headers"]:
            render.line(f"{'header':15} {name}: {value}")
        for edit in told["edits"]:
            again = f", parked as {edit['parked_as']}" if edit["parked_as"] else ""
            when = instant(edit["edited_at"])
            render.line(f"edited {when} by {edit['edited_by']}: {edit['note']}{again}")
            render.line(f"{'':15} {edit['value']}")
        return 0

    return running(work)


def _readable(letter: dict[str, Any]) -> dict[str, Any]:
    """Bytes as text; what is none is escaped."""
    headers = [[name, _text(value)] for name, value in letter["headers"]]
    edits = [one | {"value": _text(one["value"])} for one in letter["edits"]]
    value, key = _text(letter["value"]), None if letter["key"] is None else _text(letter["key"])
    return letter | {"value": value, "key": key, "headers": headers, "edits": edits}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


@dead_letters.command("retry")
def dead_letters_retry(
    id: Annotated[int | None, typer.Argument(help="One; or many with --reason or --all.")] = None,
    reason: Annotated[str | None, typer.Option(help="All that were parked for it.")] = None,
    all: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
    edit: Annotated[
        str | None, typer.Option(help="A file with the message as it should be; - is stdin.")
    ] = None,
    by: By = None,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
    json: AsJson = False,
) -> int:
    """Tell parked messages again: as they are, or one in other words (--edit, --by, --note).

    The bytes that came are kept, and so are those that were told instead.
    """
    if sum((id is not None, reason is not None, all)) != 1:
        raise typer.BadParameter("say either an id, --reason or --all")
    if edit is not None and (id is None or not by or not note):
        raise typer.BadParameter("--edit is of one id, and wants --by and --note")
    value = None if edit is None else _read(edit)

    async def work(session: Session) -> int:
        why = Settling(session.clock.now(), by, note)
        report = await told_again(session, why, told)
        if json:
            render.as_json(counts(report))
        else:
            render.say(", ".join(f"{count} {name}" for name, count in counts(report).items()))
        return 0

    async def told(retry: Retry) -> Report:
        if value is not None and id is not None:
            return await retry.edited(id, value)
        return await retry.all_of(None if id is None else [id], reason)

    return running(work)


def _read(file: str) -> bytes:
    try:
        return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).strip()
    except OSError as error:
        raise VillkorError(f"{file} cannot be read: {error.strerror}") from error


@dead_letters.command("discard")
def dead_letters_discard(
    reason: Annotated[str, typer.Option(help="Why nobody needs it.")],
    by: Annotated[str, typer.Option(help="Who says so.")],
    ids: Annotated[list[int] | None, typer.Argument(help="Which; or many with --all-of.")] = None,
    all_of: Annotated[str | None, typer.Option(help="All that were parked for it.")] = None,
    json: AsJson = False,
) -> int:
    """Put parked messages away for good, with a reason and a name."""
    if bool(ids) == bool(all_of):
        raise typer.BadParameter("say either ids or --all-of")

    async def work(session: Session) -> int:
        those = ids or await letters.of_reason(session.store.pool, str(all_of))
        done = await discarded(session, those, Settling(session.clock.now(), by, reason))
        if json:
            render.as_json({DISCARDED: done})
        else:
            render.say(f"{done} {DISCARDED}")
        return 0

    return running(work)
