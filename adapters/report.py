"""What became of a batch."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Counts of messages. `waits` has the facts of orders that the order system has not told yet.

    `lapsed` counts events that the passing of time raised, `outcomes` those of facts.
    """

    taken: int = 0
    duplicates: int = 0
    parked: int = 0
    outcomes: int = 0
    lapsed: int = 0
    waits: dict[str, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        return sum(self.waits.values())

    def __add__(self, other: "Report") -> "Report":
        """Both batches, `other` later: an order that waits no longer has 0 there."""
        return Report(
            self.taken + other.taken,
            self.duplicates + other.duplicates,
            self.parked + other.parked,
            self.outcomes + other.outcomes,
            self.lapsed + other.lapsed,
            self.waits | other.waits,
        )
