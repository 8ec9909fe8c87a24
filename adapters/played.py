"""One order of a scenario, played through the real aggregate and policies."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from adapters.edge import fact_type, read_values, without_persons
from adapters.expected import shown
from domain.calendar import moment
from domain.decide import lapse, tell
from domain.events import OutcomeRaised
from domain.order import Order
from domain.outcomes import AnyOutcome, Because, ClosedCase, Deadline
from domain.state import Told
from domain.terms.book import Book


class ScenarioRun:
    """One order of a scenario, played to its `as_of`."""

    def __init__(
        self, one: Mapping[str, Any], as_of: datetime | None, book: Book, number: int = 1
    ) -> None:
        order = dict(one["order"])
        self.order = Order.blank(f"{order.get('seller')}/scenario-{number}")
        self.customer = (order.get("seller"), (order.get("customer") or {}).get("ref"))
        self.ever: dict[str, Deadline] = {}
        self.decided: set[tuple[str, str]] = set()
        for kind, at, recorded_at, id, data in _messages(order, one.get("facts") or []):
            if as_of is not None and at > as_of:
                continue
            fact, _ = without_persons(read_values(fact_type(kind), data))
            told = Told(fact, at, recorded_at, "scenario", id)
            tell(self.order, told, b"", book)
        if as_of is not None:
            lapse(self.order, as_of, book)
        self._remember()

    def hear(self, told: Told[Any], book: Book) -> None:
        """What another order of the customer announces."""
        tell(self.order, told, b"", book)
        self._remember()

    def _remember(self) -> None:
        for event in self.order.collect():
            if not isinstance(event, OutcomeRaised):
                continue
            if isinstance(event.item, Deadline):
                self.ever[event.item.key] = event.item
            self.decided |= {(named, event.policy) for named in grounds_of(event.item.because)}

    def standing(self, kind: type[AnyOutcome] | None = None) -> list[AnyOutcome]:
        return [
            item
            for items in self.order.standing.values()
            for item in items.values()
            if kind is None or isinstance(item, kind)
        ]

    def shown(self, kind: type[AnyOutcome]) -> list[dict[str, Any]]:
        """What is compared: what stands; of deadlines also what existed, of cases all there are."""
        stands = [shown(item) for item in self.standing(kind)]
        if kind is ClosedCase:
            closed = {item.rma for item in self.standing(kind)}
            cases = [name for name in self.order.state.rmas if name not in closed]
            return stands + [{"rma": name, "state": "open", "clauses": ()} for name in cases]
        if kind is not Deadline:
            return stands
        keys = {item.key for item in self.standing(Deadline)}
        gone = [item for key, item in self.ever.items() if key not in keys]
        return stands + [{**shown(item), "state": "cancelled"} for item in gone]


def _messages(
    order: dict[str, Any], facts: list[Mapping[str, Any]]
) -> Iterator[tuple[str, datetime, datetime, str, dict[str, Any]]]:
    """(type, at, recorded_at, id, data) of the order itself and of its facts, in arrival order."""
    placed, confirmed = order.get("placed_at"), order.get("confirmed_at")
    if placed is not None:
        yield (
            "OrderPlaced",
            moment(placed),
            moment(placed),
            "placed",
            {key: value for key, value in order.items() if key != "confirmed_at"},
        )
    if confirmed is not None:
        whole = {} if placed is not None else order
        yield "OrderConfirmed", moment(confirmed), moment(confirmed), "confirmed", whole
    for number, one in enumerate(facts, 1):
        data = {key: value for key, value in one.items() if key not in _ENVELOPE}
        at = moment(one["at"])
        recorded_at = moment(one["recorded_at"]) if "recorded_at" in one else at
        yield one["type"], at, recorded_at, one.get("id", f"#{number}"), data


_ENVELOPE = {"type", "at", "id", "recorded_at", "source"}


def grounds_of(because: Because) -> set[str]:
    """The clauses and statutes that an outcome names: those that decided and those that fell."""
    return {
        *because.clauses,
        *(reference for reference, _ in because.statutes),
        *(name for name, _, _ in because.beaten),
    }
