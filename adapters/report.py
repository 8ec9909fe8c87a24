"""What became of a batch."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Counts of messages. `waits` has the facts of orders that the order system has not told yet.

    `lapsed` counts events that the passing of time raised, `outcomes` those of facts. Of what
    streams tell each other, `passed` counts what was taken and `owing` what was handed over. `kept`
    counts what carriers said that tells no order anything.
    """

    taken: int = 0
    duplicates: int = 0
    parked: int = 0
    outcomes: int = 0
    lapsed: int = 0
    passed: int = 0
    owing: int = 0
    waits: dict[str, int] = field(default_factory=dict)
    kept: int = 0

    @property
    def waiting(self) -> int:
        return sum(self.waits.values())

    @property
    def messages(self) -> int:
        """How many messages there were, whatever became of them."""
        return self.taken + self.duplicates + self.parked + self.passed

    def __add__(self, other: "Report") -> "Report":
        """Both batches, `other` later: an order that waits no longer has 0 there."""
        return Report(
            self.taken + other.taken,
            self.duplicates + other.duplicates,
            self.parked + other.parked,
            self.outcomes + other.outcomes,
            self.lapsed + other.lapsed,
            self.passed + other.passed,
            self.owing + other.owing,
            self.waits | other.waits,
            self.kept + other.kept,
        )
