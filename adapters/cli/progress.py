"""Progress on stderr, on a terminal only: how many events of how many, and when it will be done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from rich.progress import (
    BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn,
)  # fmt: skip
from rich.text import Text

from adapters import processes
from adapters.cli import render


class EndColumn(ProgressColumn):
    """The time of day at which it ends, going on at the speed of the last half minute."""

    def render(self, task: Task) -> Text:
        if task.time_remaining is None:
            return Text("")
        end = datetime.now().astimezone() + timedelta(seconds=task.time_remaining)
        return Text(f"ends {end:%H:%M:%S}")


@contextmanager
def towards_the_end(title: str) -> Iterator[processes.Progress]:
    """A bar over the events of the log; its function takes how many are done, and of how many."""
    columns = (
        TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), EndColumn(),
    )  # fmt: skip
    with Progress(*columns, console=render.err, disable=not render.err.is_terminal) as shown:
        task = shown.add_task(title, total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)
