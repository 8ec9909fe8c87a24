"""Events beyond control, each from its beginning to its end (`ForceMajeureStarted`, `Ended`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import add_months, day_of, lapses_at
from domain.facts import ForceMajeureEnded, ForceMajeureStarted
from domain.state import OrderState, Told
from domain.terms.values import Term

READS = (ForceMajeureStarted, ForceMajeureEnded)


@dataclass(slots=True, frozen=True)
class Event:
    """`ended` is None while it lasts. What began while it lasted is the same event."""

    started: Told[ForceMajeureStarted]
    ended: Told[ForceMajeureEnded] | None

    def lasts_at(self, at: datetime) -> bool:
        return self.started.at <= at and (self.ended is None or self.ended.at > at)

    def due(self, months: Term[int]) -> date:
        """The last day on which it has not lasted too long yet."""
        return add_months(day_of(self.started.at), months.value)

    def outlasts(self, due: date) -> bool:
        return self.ended is None or self.ended.at >= lapses_at(due)


def events(order: OrderState) -> Iterator[Event]:
    """The events that touch the order, in order of time; those that were over before it do not."""
    ends = order.all(ForceMajeureEnded)
    over_at: tuple[object, ...] | None = None
    for started in order.all(ForceMajeureStarted):
        if over_at is not None and started.place < over_at:
            continue
        ended = next((one for one in ends if one.place > started.place), None)
        over_at = ended.place if ended else (datetime.max.replace(tzinfo=started.at.tzinfo),)
        if ended is None or ended.at >= order.placed_at:
            yield Event(started, ended)
