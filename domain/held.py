"""What a change of the rules would decide otherwise about running orders: held until it is adopted.

An order whose outcomes were decided by other rules than today's keeps what stands. Of what today's
rules say of it only that counts which a fact, or an instant that has come, changes: their answer
after it against their answer before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.outcomes import AnyOutcome, Fee, Owed, Refund, WriteOff

Answers = Mapping[str, Owed]
"""What each policy says is owed, by its name."""
Standing = Mapping[str, Mapping[str, AnyOutcome]]
"""What stands, by policy and key."""


@dataclass(slots=True, frozen=True)
class Held:
    """One outcome that today's rules would decide otherwise: as it stands, and as it would be."""

    policy: str
    key: str
    stands: AnyOutcome | None
    would_be: AnyOutcome | None

    @property
    def amount(self) -> int:
        """What would be raised more than stands, in öre; of what is not owed in money 0."""
        return _amount(self.would_be) - _amount(self.stands)


def _amount(item: AnyOutcome | None) -> int:
    return item.amount if isinstance(item, (Fee, Refund, WriteOff)) else 0


def held(standing: Standing, answers: Answers) -> list[Held]:
    """Where what stands differs from what today's rules say."""
    found = []
    for policy in sorted({*standing, *answers}):
        stands, items = standing.get(policy, {}), answers[policy].items if policy in answers else {}
        found += [
            Held(policy, key, stands.get(key), items.get(key))
            for key in sorted({*stands, *items})
            if stands.get(key) != items.get(key)
        ]
    return found


def kept(stands: Mapping[str, AnyOutcome], before: Owed, after: Owed) -> Owed:
    """What is owed where only changes from `before` to `after` count, and all else stands."""
    owed = Owed()
    for key in {**stands, **before.items, **after.items}:
        was, now = before.items.get(key), after.items.get(key)
        if (item := stands.get(key) if was == now else now) is not None:
            owed.items[key] = item
    owed.wakes_at = after.wakes_at
    return owed
