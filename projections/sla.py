"""The SLA view: every deadline of every order, whose move it is, and how it ended."""

from typing import Any, NamedTuple

from domain.events import OutcomeRaised
from domain.outcomes import Deadline
from projections.projection import (
    Big, Evolving, Instant, Key, MaybeInstant, Row, Text, Texts,
)  # fmt: skip


class DeadlineRow(NamedTuple):
    """`due` is a day or an instant, as the term says; from `lapses_at` on it is late."""

    seller: Text
    order_id: Text
    kind: Text
    subject: Text
    due: Text
    lapses_at: Instant
    party: Text
    state: Text
    """`open`, `met`, `lapsed` or `cancelled`."""
    amount: Big
    """The money at risk, in öre."""
    clauses: Texts
    settled_at: MaybeInstant


def name_of(item: Deadline) -> tuple[str, str]:
    return item.kind, item.subject


def evolve(row: Row | None, event: OutcomeRaised, key: Key) -> DeadlineRow:
    """A deadline stays when it is over: how it ended is what is measured."""
    item: Any = event.item
    state = "cancelled" if event.type == "DeadlineCancelled" else item.state
    settled_at = None if state == "open" else event.timestamp
    if row is not None and state != "open":
        before = DeadlineRow._make(row)
        settled_at = before.settled_at if before.state == state else settled_at
    seller, order_id, kind, subject = key
    return DeadlineRow(
        seller, order_id, kind, subject, item.due.isoformat(), item.lapses_at, item.party, state,
        item.amount, item.because.clauses, settled_at,
    )  # fmt: skip


SLA = Evolving(
    name="sla",
    version=1,
    table="deadlines",
    row=DeadlineRow,
    key=("seller", "order_id", "kind", "subject"),
    of=Deadline,
    name_of=name_of,
    evolve=evolve,
)
