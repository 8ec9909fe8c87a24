"""The moment that a page is asked about: when it was true, and by what was known when."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from domain.calendar import moment


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
                setattr(asked, name, None if told is None else moment(told))
            except (ValueError, OverflowError):
                asked.hindrance = f"{told!r} is no time; write it like 2026-09-07 18:00"
        return asked

    @property
    def is_past(self) -> bool:
        return self.as_of is not None or self.known_at is not None
