"""The SLA view: every deadline of every order, whose move it is, how it ended, and what waits.

A refund that was not paid by its last day has lapsed, and so is over as a deadline; but nothing is
more urgent. It waits until what it is about is paid (projections/repaid.py). What is late otherwise
is no more to be met: it ended, and what follows from it is owed instead.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.events import OutcomeRaised
from domain.facts import Shipped
from domain.outcomes import Deadline
from domain.state import OrderState
from projections.dossier import Dossier
from projections.projection import (
    Big, Evolving, Instant, Key, MaybeBig, MaybeInstant, MaybeText, Row, Text, Texts,
)  # fmt: skip
from projections.repaid import cause_of, left_of


class DeadlineRow(NamedTuple):
    """A deadline, and what the board says of it as long as it waits (from `carrier` on).

    `due` is a day or an instant, as the term says; from `lapses_at` on it is late.
    """

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
    carrier: MaybeText = None
    """Who has the parcel that it is about, or all parcels of the order."""
    currency: MaybeText = None
    at_risk: MaybeBig = None
    """What of the amount is still to be paid, in öre; None once it waits no more."""


TOLD = DeadlineRow._fields[: DeadlineRow._fields.index("carrier")]
"""What its events say of a deadline."""
KIND, SUBJECT, STATE, AMOUNT = map(
    DeadlineRow._fields.index, ("kind", "subject", "state", "amount")
)
OVER: tuple[str | None, str | None, int | None] = (None, None, None)


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


def waiting(dossier: Dossier) -> Callable[[Row], Row]:
    """What the board says of a deadline of this order, as it now stands."""
    state, stands = dossier.state, dossier.stands
    carriers = _carriers(state)
    named = {*carriers.values()} - {None}
    of_all = named.pop() if len(named) == 1 else None
    currency = state.data.currency if state.data else "SEK"
    left: dict[str, int] | None = None

    def unpaid(row: Row) -> int:
        nonlocal left
        left = left_of(stands.refunds.values(), state) if left is None else left
        return left.get(cause_of(row[SUBJECT]), 0)

    def completed(row: Row) -> Row:
        at_risk, board = row[AMOUNT], OVER
        late = row[STATE] == "lapsed" and row[KIND] == "refund"
        at_risk = min(at_risk, unpaid(row)) if late else at_risk
        if (late and at_risk > 0) or row[STATE] == "open":
            carrier = carriers.get(row[SUBJECT].partition("#")[0]) or of_all
            board = (carrier, currency, at_risk)
        told, said = row[: len(TOLD)], row[len(TOLD) :]
        return row if said == board else DeadlineRow._make((*told, *board))

    return completed


def _carriers(state: OrderState) -> dict[str, str | None]:
    """Parcel -> who was said to carry it."""
    return {
        name: parcel.by_type[Shipped][-1].fact.carrier if Shipped in parcel.by_type else None
        for name, parcel in state.parcels.items()
    }


SLA = Evolving(
    name="sla",
    version=2,
    table="deadlines",
    row=DeadlineRow,
    key=("seller", "order_id", "kind", "subject"),
    of=Deadline,
    name_of=name_of,
    evolve=evolve,
    completed=waiting,
)
