"""The timeline: one row an event, what happened and what followed, in the order of recording."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from domain.events import AnyEvent, FactTold, OutcomeRaised
from domain.facts import BY_NAME
from domain.outcomes import Deadline
from projections.dossier import Dossier
from projections.projection import (
    Appended, Big, Instant, Integer, MaybeBig, MaybeInteger, MaybeText, Recorded, Small, Text,
    Texts,
)  # fmt: skip

SUBJECTS = ("parcel", "line", "rma", "invoice", "about", "fact")
KINDS = ("kind", "decision", "what", "ground", "result", "remedy", "reason")


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


_SUBJECT = {kind: _first(SUBJECTS, kind) for kind in BY_NAME.values()}
_KIND = {kind: _first(KINDS, kind) for kind in BY_NAME.values()}
_AMOUNT = {kind: _first(("amount", "cost", "return_cost"), kind) for kind in BY_NAME.values()}


def rows(recorded: Recorded, dossier: Dossier) -> Iterable[TimelineRow]:
    event = recorded.event
    place = (
        recorded.seller, recorded.order, event.originator_version, recorded.partition,
        recorded.position,
    )  # fmt: skip
    if isinstance(event, FactTold):
        yield TimelineRow(*place, *_fact(event, waits=_waits(event, dossier)))
    elif isinstance(event, OutcomeRaised):
        yield TimelineRow(*place, *_outcome(event))
    else:
        yield TimelineRow(*place, *_pinned(event))


def _fact(event: FactTold, *, waits: bool) -> tuple[Any, ...]:
    told = event.told
    fact, kind = told.fact, type(told.fact)
    state = "void" if event.void else "waiting" if waits else None
    return (
        told.at, told.recorded_at, event.type, told.source, told.id, _value(fact, _KIND[kind]),
        _value(fact, _SUBJECT[kind]), state, _value(fact, _AMOUNT[kind]), None, None, (), None,
    )  # fmt: skip


def _waits(event: FactTold, dossier: Dossier) -> bool:
    """Whether it has no effect yet: the order, or a line that it names, is not known."""
    if not dossier.is_order:
        return False
    lines = getattr(event.told.fact, "lines", None) or ()
    named = [line for line in lines if isinstance(line, str)]
    return dossier.state.data is None or any(line not in dossier.state.lines for line in named)


def _value(fact: Any, name: str | None) -> Any:
    return None if name is None else getattr(fact, name)


def _outcome(event: OutcomeRaised) -> tuple[Any, ...]:
    item: Any = event.item
    kind = getattr(item, "kind", None) or getattr(item, "about", None)
    state = getattr(item, "decision", None) or getattr(item, "state", None)
    due = getattr(item, "due", None)
    whose = item.party if isinstance(item, Deadline) else None
    return (
        event.timestamp, event.timestamp, event.type, event.policy, item.key, kind,
        item.subject or None, state, getattr(item, "amount", None),
        None if due is None else due.isoformat(), whose, item.because.clauses, event.cause,
    )  # fmt: skip


def _pinned(event: AnyEvent) -> tuple[Any, ...]:
    at = event.timestamp
    edition = getattr(event, "edition", None)
    return (
        at, at, "TermsPinned", "terms", edition, None, None, None, None, None, None, (), None,
    )  # fmt: skip


TIMELINE = Appended(
    name="timeline",
    version=1,
    table="timeline",
    row=TimelineRow,
    key=("seller", "order_id", "version"),
    rows=rows,
)
