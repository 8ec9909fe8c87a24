"""Facts from files and standard input: the same road as from Kafka, in batches."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from adapters.app import App
from adapters.inbox import drain, settled
from adapters.messages import Message
from adapters.report import Report
from domain.errors import VillkorError

BATCH = 2_000


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
