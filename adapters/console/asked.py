"""The moment that a page is asked about: when it was true, and by what was known when."""

from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request

from domain.calendar import STOCKHOLM, day_of, end, last_of


@dataclass(slots=True)
class Asked:
    """Of which moment and by what was known when; `hindrance` says why that has no answer."""

    as_of: datetime | None = None
    known_at: datetime | None = None
    hindrance: str | None = None

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """What the address asks for."""
        asked = cls()
        for name in ("as_of", "known_at"):
            told = request.query_params.get(name) or None
            try:
                setattr(asked, name, None if told is None else end(told))
            except (ValueError, OverflowError):
                asked.hindrance = f"{told!r} is no time; write it like 2026-09-07 18:00"
        return asked

    @property
    def end_of(self) -> date | None:
        """The day at whose end it is asked about, where it is one."""
        if self.as_of is None or self.as_of != last_of(day_of(self.as_of)):
            return None
        return day_of(self.as_of)

    @property
    def suffix(self) -> str:
        """For a file's name: `-as-of-2026-09-07-2359`, `-known-at-..`, nothing for the present."""
        moments = (("as-of", self.as_of), ("known-at", self.known_at))
        return "".join(
            f"-{words}-{at.astimezone(STOCKHOLM):%Y-%m-%d-%H%M}" for words, at in moments if at
        )

    @property
    def is_past(self) -> bool:
        return self.as_of is not None or self.known_at is not None


def day_on(told: str) -> date | None:
    """A day of the calendar, where it is one."""
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None
