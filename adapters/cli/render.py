"""How answers look: tables for people at 80 columns, one JSON object for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adapters.plain import plain
from adapters.deadlines import nature_of, whose
from adapters.sla import Due
from domain.calendar import STOCKHOLM
from domain.money import kronor

out = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 80)
err = Console(stderr=True, highlight=False)


def as_json(value: Any) -> None:
    """One JSON object: amounts as decimal numbers, times in ISO 8601."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, default=str) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """A table; the columns named in `right` are figures."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for name in columns:
        shown.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(_text(cell)) for cell in row))
    out.print(shown)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def heading(text: str) -> None:
    out.print()
    out.print(Text(text, style="bold"))


def say(text: str) -> None:
    """A sentence of the answer, folded at the width of the screen."""
    out.print(text, markup=False)


def hint(text: str) -> None:
    """A word about the question itself, beside the answer: to stderr."""
    err.print(f"villkor: {text}", markup=False, soft_wrap=True)


def indented(text: str) -> None:
    """What belongs to the heading above it; what is folded stays under it."""
    out.print(Padding(Text(text), (0, 0, 0, 4)))


def line(text: str) -> None:
    """A line of the answer that a program may look for: never folded."""
    out.print(text, markup=False, soft_wrap=True)


def instant(at: datetime | None) -> str:
    """An instant on the clocks of Stockholm, to the minute."""
    return "" if at is None else f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"


def money(amount: int | None) -> str:
    return "" if amount is None else kronor(amount)


def left(until: datetime, now: datetime) -> str:
    """The time left, in words: '3 d 4 h', 'past due'."""
    rest = until - now
    if rest <= timedelta():
        return "past due"
    hours = int(rest.total_seconds() // 3600)
    return f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h"


def due_row(one: Due) -> dict[str, Any]:
    """A deadline for programs; amounts are öre, as those of rows are."""
    fields = one._asdict()
    return {"seller": fields.pop("seller"), "order_id": fields.pop("order"), **fields}


def urgent_table(rows: Iterable[dict[str, Any]], now: datetime) -> None:
    """What waits, with the time left."""
    table(
        ("order", "seller", "deadline", "whose", "due", "left"),
        (
            (row["order_id"], row["seller"], f"{row['kind']} {row['subject']}".strip(),
             whose(row["party"], row.get("nature") or nature_of(row["kind"])), row["due"][:16],
             left(row["lapses_at"], now))
            for row in rows
        ),
    )  # fmt: skip
