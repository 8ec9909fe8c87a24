"""A window of a long list of events: so many at a time, found by the number of one in it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from adapters.console.happened import Happening
from adapters.console.rendering import EVENTS, with_query


@dataclass(slots=True, frozen=True)
class Window:
    """The rows that a page shows of all; `before` and `after` are events of the windows beside."""

    request: Request
    rows: Sequence[Happening]
    numbers: Sequence[int]
    """Of all rows."""
    before: int | None
    after: int | None

    @classmethod
    def of(cls, request: Request, rows: Sequence[Happening]) -> "Window":
        """The window that the address asks for (`event`), else the first; rows are in order."""
        told = request.query_params.get("event", "")
        wanted = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
        numbers = [one.number for one in rows]
        place = min(bisect_left(numbers, wanted), max(len(rows) - 1, 0))
        first, end = place - place % EVENTS, place - place % EVENTS + EVENTS
        return cls(
            request, rows[first:end], numbers,
            numbers[first - EVENTS] if first else None,
            numbers[end] if end < len(numbers) else None,
        )  # fmt: skip

    def at(self, number: int) -> str:
        """Where an event's row is: on this page, or in another window, with all events or these."""
        place = bisect_left(self.numbers, number)
        listed = place < len(self.numbers) and self.numbers[place] == number
        if listed and self.rows[0].number <= number <= self.rows[-1].number:
            return f"#e{number}"
        others = {} if listed else {"rows": None}
        return with_query(self.request, event=number, **others) + f"#e{number}"

    @property
    def beside(self) -> bool:
        """Whether there are others."""
        return self.before is not None or self.after is not None
