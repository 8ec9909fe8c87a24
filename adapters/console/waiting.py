"""Whose move it is, for the order's page: what is shown at once, and what is folded away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.asking import Answer
from adapters.console.owed import Explained
from adapters.deadlines import Nature
from adapters.moves import Move, moves
from domain.outcomes import Deadline, Refund

AT_ONCE = 3
"""So many are shown at once, or all that is to be done by a day, or paid."""


@dataclass(slots=True, frozen=True)
class Waiting:
    """Late, to be done next, later or allowed, and what only runs."""

    late: Sequence[Move]
    first: Sequence[Move]
    more: Sequence[Move]
    runs: Sequence[Move]


def waiting(found: Answer, items: Sequence[Explained]) -> dict[str, Any]:
    """The moves of an order, and the reason behind each that has one."""
    every = moves(found)
    runs = [one for one in every if one.nature == Nature.RUNS]
    late = [one for one in every if one.is_late]
    rest = [one for one in every if one not in late and one not in runs]
    shown = max(AT_ONCE - len(late), sum(_is_urgent(one) for one in rest))
    reasons = {one.item.key: one for one in items}
    return {
        "moves": Waiting(late, rest[:shown], rest[shown:], runs), "reasons": reasons,
        "stands": {one.item.key: _stands(one.item, found, every)
                   for one in items if isinstance(one.item, Refund)},
    }  # fmt: skip


def _stands(refund: Refund, found: Answer, every: Sequence[Move]) -> Move | str:
    """How far a refund is: what waits of it, or how it ended."""
    waits = [one for one in every if one.kind == "refund" and not _is_other(one, refund)]
    if waits:
        return waits[0]
    ends = [one for one in found.outcomes if isinstance(one, Deadline)
            and one.kind == "refund" and one.cause == refund.cause]  # fmt: skip
    if any(one.state == "met" for one in ends):
        return "paid by its day"
    if not found.row["repaid"]:
        return "set off against what is owed"
    return "paid, too late" if ends else "paid, or set off against what is owed"


def _is_other(one: Move, refund: Refund) -> bool:
    """Whether a move is about another refund; what has no day may be about any without one."""
    if one.item is None:
        return refund.due is not None and not refund.withheld
    return one.item.cause != refund.cause


def _is_urgent(one: Move) -> bool:
    """What is to be done by a day, or paid: it is never folded away."""
    return one.nature == Nature.DUTY and (one.lapses_at is not None or one.is_money)
