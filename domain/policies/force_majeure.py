"""Events beyond control: when they have lasted too long, and what the customer is told."""

from datetime import datetime

from domain.calendar import lapses_at
from domain.facts import ForceMajeureStarted
from domain.outcomes import Because, Deadline, Information, Owed, standing
from domain.policies import hindrance, promise
from domain.policies.hindrance import Event, events
from domain.policies.policy import Policy
from domain.policies.promise import awaited_lines, received_at
from domain.state import OrderState
from domain.terms import Terms
from domain.terms.delivery import ForceMajeureTerms


def force_majeure(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """For every event that began before the goods had come."""
    owed, own = Owed(), terms.force_majeure
    if own is not None:
        finished = finished_at(order, terms)
        for event in events(order):
            if finished is None or event.started.at < finished:
                _deadline(owed, own, event, finished, now)
                _told(owed, own, event, finished)
    return owed


def finished_at(order: OrderState, terms: Terms) -> datetime | None:
    """When the last of the goods had come, if they have; a rescission ends no event."""
    awaited = [line for line in awaited_lines(order) if line not in order.struck]
    got = [received_at(order, terms, line) for line in awaited]
    there = [at for at in got if at is not None]
    return max(there) if there and len(there) == len(got) else None


def _deadline(
    owed: Owed, own: ForceMajeureTerms, event: Event, finished: datetime | None, now: datetime
) -> None:
    """The last day before both parties may cancel; gone when the event ends or the goods come."""
    if own.months is None:
        return
    due = event.due(own.months)
    if not event.outlasts(due) or (finished is not None and finished < lapses_at(due)):
        return
    because = Because(
        rule="force_majeure.lasts",
        clauses=own.months.clauses,
        inputs={"from": event.started.at.isoformat(), "due": due.isoformat()},
    )
    owed.add(
        Deadline(
            kind="force_majeure", due=due, party="seller", cause=event.started.id,
            state=standing(due, None, now), because=because,
        )
    )  # fmt: skip


def _told(owed: Owed, own: ForceMajeureTerms, event: Event, finished: datetime | None) -> None:
    """The customer is told when it begins and when it ends."""
    if own.informed is None:
        return
    ended = event.ended
    turns = [("force_majeure_started", event.started.at)]
    if ended is not None and (finished is None or ended.at <= finished):
        turns.append(("force_majeure_ended", ended.at))
    for about, at in turns:
        because = Because(
            rule=f"force_majeure.{about.removeprefix('force_majeure_')}",
            clauses=own.informed.clauses,
            inputs={"at": at.isoformat()},
        )
        owed.add(Information(about=about, cause=event.started.id, because=because))


FORCE_MAJEURE = Policy(
    "force_majeure",
    force_majeure,
    reads=(*promise.READS, *hindrance.READS),
    starts=(ForceMajeureStarted,),
    sections=("force_majeure",),
    sentences={
        "force_majeure.lasts": (
            "If the event that began {from} lasts beyond {due}, both parties may cancel.",
            "Varar händelsen som började {from} längre än till {due} får båda parter häva.",
        ),
        "force_majeure.started": (
            "The customer is told of the event beyond control that began {at}.",
            "Kunden underrättas om händelsen utanför kontroll som började {at}.",
        ),
        "force_majeure.ended": (
            "The customer is told that the event beyond control ended {at}.",
            "Kunden underrättas om att händelsen utanför kontroll upphörde {at}.",
        ),
    },
)
