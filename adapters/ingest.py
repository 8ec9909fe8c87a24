"""Facts and raw bodies from files and standard input: the same road as from Kafka, in batches."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from adapters.app import App
from adapters.bodies import Body, Intake, Tell
from adapters.inbox import drain, settled
from adapters.messages import Message
from adapters.report import Report
from domain.errors import VillkorError

BATCH = 2_000
BODIES = 200


def messages(paths: Sequence[str]) -> Iterator[Message]:
    """One message a line; `-` is standard input. Raises VillkorError for an unreadable file."""
    for path in paths:
        if path == "-":
            yield from _lines("stdin", sys.stdin.buffer)
            continue
        try:
            with Path(path).open("rb") as file:
                yield from _lines(Path(path).name, file)
        except OSError as error:
            raise VillkorError(f"{path} cannot be read: {error.strerror}") from error


def bodies(
    paths: Sequence[str], shop: str | None = None, topic: str | None = None,
    seller: str | None = None,
) -> Iterator[Body]:  # fmt: skip
    """The raw bodies in files; `-` is standard input. Raises VillkorError for an unreadable file.

    A file that is XML or one JSON value, over however many lines, is one body; one whose lines are
    each JSON is a body a line.
    """
    for path in paths:
        try:
            told = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        except OSError as error:
            raise VillkorError(f"{path} cannot be read: {error.strerror}") from error
        name = "stdin" if path == "-" else Path(path).name
        lines = [(number, one) for number, one in enumerate(told.splitlines(), 1) if one.strip()]
        if len(lines) > 1 and _is_json(lines[0][1]) and not _is_json(told):
            for number, line in lines:
                yield Body(line, f"{name}:{number}", None, shop, topic, seller)
        elif lines:
            yield Body(told, name, None, shop, topic, seller)


def _is_json(told: bytes) -> bool:
    try:
        json.loads(told)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(name: str, lines: Iterable[bytes]) -> Iterator[Message]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield Message(line.rstrip(b"\r\n"), f"{name}:{number}")


async def ingest(
    app: App,
    told: Iterable[Message],
    until: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Tell all to an app that owns every partition, then let deadlines lapse up to `until`.

    What customers' streams owe their orders, and the other way, has been told at the end.
    """
    report, rest = Report(), iter(told)
    while batch := list(islice(rest, BATCH)):
        done = await app.handle(batch)
        report += done
        if done.owing:
            report += replace(await drain(app), taken=0, duplicates=0)
        progress(len(batch))
    return report + await settled(app, until)


async def ingest_bodies(
    intake: Intake, source: str, told: Iterable[Body], tell: Tell,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:  # fmt: skip
    """Take raw bodies of a carrier or shop, batch by batch.

    Raises VillkorError where there is no such source.
    """
    report, rest = Report(), iter(told)
    while batch := list(islice(rest, BODIES)):
        report += await intake.take(source, batch, tell)
        progress(len(batch))
    return report
