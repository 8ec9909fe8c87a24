"""The wall clock: the only place that reads it. `VILLKOR_NOW` fixes it for demo and tests."""

from datetime import UTC, datetime


class Clock:
    """Tells the time; a fixed one always tells the same."""

    def __init__(self, fixed: datetime | None = None) -> None:
        self.fixed = fixed

    def now(self) -> datetime:
        return self.fixed or datetime.now(UTC)
