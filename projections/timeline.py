"""The timeline: one row an event, what happened and what followed, in the order of recording."""

from typing import Any, NamedTuple

from domain.events import FactTold, OutcomeRaised, TermsPinned
from domain.vocabulary import BY_NAME
from domain.outcomes import OUTCOMES, Deadline
from projections.dossier import Dossier
from projections.projection import (
    Appended, Big, Instant, Integer, MaybeBig, MaybeInteger, MaybeText, Recorded, Small, Text,
    Texts,
)  # fmt: skip

SUBJECTS = ("parcel", "line", "rma", "invoice", "about", "fact")
KINDS = ("kind", "decision", "what", "ground", "result", "remedy", "reason")
AMOUNTS = ("amount", "cost", "return_cost")


class TimelineRow(NamedTuple):
    """`position` is the event's place in its partition of the log, `version` in its order."""

    seller: Text
    order_id: Text
    version: Integer
    partition: Small
    position: Big
    at: Instant
    recorded_at: Instant
    type: Text
    source: Text
    """Who told it; of an outcome, the policy that decided."""
    message: MaybeText
    """The message's id; of an outcome, its key."""
    kind: MaybeText
    subject: MaybeText
    state: MaybeText
    """Of a ruling the decision, of a deadline its state, of a fact `void` or `waiting`."""
    amount: MaybeBig
    due: MaybeText
    whose: MaybeText
    clauses: Texts
    cause: MaybeInteger
    """The version of the event that made the policy run; 0 is the clock."""


def _first(names: tuple[str, ...], kind: type[Any]) -> str | None:
    fields = kind.__dataclass_fields__
    return next((name for name in names if name in fields), None)


_NAMED = {
    kind: (_first(KINDS, kind), _first(SUBJECTS, kind), _first(AMOUNTS, kind))
    for kind in BY_NAME.values()
}
"""Where a fact says of what kind it is, what it is about, and how much."""
_WHAT = {
    kind: (_first(("kind", "about"), kind), _first(("decision", "state"), kind))
    for kind in OUTCOMES
}
"""Where an outcome says of what kind it is, and how it stands."""


def rows(recorded: Recorded, dossier: Dossier) -> tuple[TimelineRow]:
    event = recorded.event
    if isinstance(event, OutcomeRaised):
        return (_outcome(recorded, event),)
    if isinstance(event, FactTold):
        return (_fact(recorded, event, waits=_waits(event.told.fact, dossier)),)
    return (_pinned(recorded, event),)


def _fact(recorded: Recorded, event: FactTold, *, waits: bool) -> TimelineRow:
    told = event.told
    fact = told.fact
    kind, subject, amount = _NAMED[type(fact)]
    return TimelineRow(
        recorded.seller, recorded.order, event.originator_version, recorded.partition,
        recorded.position, told.at, told.recorded_at, event.type, told.source, told.id,
        None if kind is None else getattr(fact, kind),
        None if subject is None else getattr(fact, subject),
        "void" if event.void else "waiting" if waits else None,
        None if amount is None else getattr(fact, amount), None, None, (), None,
    )  # fmt: skip


def _waits(fact: Any, dossier: Dossier) -> bool:
    """Whether it has no effect yet: the order, or a line that it names, is not known."""
    if dossier.state.data is None:
        return dossier.is_order
    known = dossier.state.lines
    lines = getattr(fact, "lines", None) or ()
    return any(line not in known for line in lines if isinstance(line, str))


def _outcome(recorded: Recorded, event: OutcomeRaised) -> TimelineRow:
    item: Any = event.item
    kind, state = _WHAT[type(item)]
    due = getattr(item, "due", None)
    at = event.timestamp
    return TimelineRow(
        recorded.seller, recorded.order, event.originator_version, recorded.partition,
        recorded.position, at, at, event.type, event.policy, item.key,
        None if kind is None else getattr(item, kind), item.subject or None,
        None if state is None else getattr(item, state), getattr(item, "amount", None),
        None if due is None else due.isoformat(),
        item.party if isinstance(item, Deadline) else None, item.because.clauses, event.cause,
    )  # fmt: skip


def _pinned(recorded: Recorded, event: TermsPinned) -> TimelineRow:
    at = event.timestamp
    return TimelineRow(
        recorded.seller, recorded.order, event.originator_version, recorded.partition,
        recorded.position, at, at, "TermsPinned", "terms", event.edition, None, None, None, None,
        None, None, (), None,
    )  # fmt: skip


TIMELINE = Appended(
    name="timeline",
    version=1,
    table="timeline",
    row=TimelineRow,
    key=("seller", "order_id", "version"),
    rows=rows,
)
