"""The aggregate: an order, its facts, and what stands of what was owed.

It knows nothing of policies. `tell` takes a fact, `settle` compares what a policy says is owed with
what stands and records the difference; `domain.decide` calls both.
"""

from bisect import insort
from collections.abc import Iterable
from copy import copy
from datetime import date, datetime
from typing import Any

from domain.acts import ACTS, RulesAdopted
from domain.announce import NOTHING, Announced, announce, counts_across
from domain.errors import Corrupt
from domain.events import Event, FactTold, OutcomeRaised, TermsPinned
from domain.facts import Retracted
from domain.fields import OrderData, Value
from domain.outcomes import AnyOutcome, Deadline, Owed, Refund
from domain.state import OrderState, Told
from domain.stream import BEGINNING, Stream


CHANGED_IN_PLACE = (
    "seen", "facts", "retractions", "said", "wakes", "editions", "_pending_events",
)  # fmt: skip
"""What `mark` keeps copies of; all else is replaced where it changes, or folded again."""


class Order(Stream):
    """One order of one seller; its id is `seller/order`."""

    @classmethod
    def blank(cls, key: str) -> "Order":
        """An order of which nothing is known yet."""
        order = cls.__new__(cls)
        order.begin(key)
        order.clock = BEGINNING
        order.announced = NOTHING
        order.currency = "SEK"
        order.facts = []
        order.state = OrderState(id=order.subject)
        order.folded = 0
        order.standing = {}
        order.wakes = {}
        order.pinned = None
        order.editions = {}
        order.rules = frozenset()
        order.holds = False
        return order

    def _declare(self) -> None:
        """The attributes, for readers and the type checker."""
        self.clock: datetime
        self.announced: Announced
        self.currency: str
        """Of what was last raised, for what falls away when the order itself is taken back."""
        self.facts: list[Told[Any]]
        self.state: OrderState
        self.folded: int
        self.standing: dict[str, dict[str, AnyOutcome]]
        self.wakes: dict[str, datetime]
        self.pinned: TermsPinned | None
        self.editions: dict[tuple[str, str | None, date], str]
        self.rules: frozenset[str]
        """The versions of the rules that decided what is in the log, since one was adopted."""
        self.holds: bool
        """Whether these are not today's, and what today's would decide otherwise is held."""

    # -- recording what is owed -----------------------------------------------------------------

    def pin(self, edition: str, seller: str, marketplace: str | None, day: date) -> None:
        """Record the edition of the terms that the order lives under from here on."""
        self.record(
            TermsPinned(self.id, self.version + 1, self.clock, edition, seller, marketplace, day)
        )

    def settle(self, policy: str, owed: Owed, cause: int) -> None:
        """Record the difference between what `policy` says is owed and what stands of it."""
        stands = self.standing.get(policy, {})
        if not (stands or owed.items or owed.wakes_at):
            self.wakes.pop(policy, None)
            return
        for key, item in owed.items.items():
            old = stands.get(key)
            if old != item:
                for name in _changes(old, item):
                    self._raise(name, policy, item, old, cause)
        for key in [key for key in stands if key not in owed.items]:
            old = stands[key]
            self._raise(old.names[2], policy, old, old, cause)
        if owed.wakes_at is None:
            self.wakes.pop(policy, None)
        elif owed.wakes_at <= self.clock:
            raise Corrupt(f"{policy} asks to be woken at {owed.wakes_at}, which has passed")
        else:
            self.wakes[policy] = owed.wakes_at

    def _raise(
        self, name: str, policy: str, item: AnyOutcome, old: AnyOutcome | None, cause: int
    ) -> None:
        lines = self.state.lines
        goods = {
            one: called
            for one in item.because.lines
            if one in lines and (called := lines[one].name)
        }
        self.record(
            OutcomeRaised(
                self.id, self.version + 1, self.clock, name, policy, item, old, cause,
                self.state.data.currency if self.state.data else self.currency,
                goods,
            )
        )  # fmt: skip

    # -- folding events ------------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Fold one event, new or from the log."""
        super().apply(event)
        if event.timestamp > self.clock:
            self.clock = event.timestamp
        if isinstance(event, FactTold):
            self._take(event)
            if isinstance(event.told.fact, (OrderData, Retracted)):
                self._announce(event)
        elif isinstance(event, OutcomeRaised):
            self.currency = event.currency
            if event.rules and event.rules not in self.rules:
                self.rules |= {event.rules}
            stands = self.standing.setdefault(event.policy, {})
            if event.type == event.item.names[2]:
                del stands[event.item.key]
            else:
                stands[event.item.key] = event.item
            if counts_across(event.item) or (event.before and counts_across(event.before)):
                self._announce(event)
        elif isinstance(event, TermsPinned):
            self.pinned = event
            self.editions[(event.seller, event.marketplace, event.day)] = event.edition

    def _take(self, event: FactTold) -> None:
        told = event.told
        self.seen[(told.source, told.id)] = told
        if isinstance(told.fact, ACTS):
            if isinstance(told.fact, RulesAdopted):
                self.rules, self.holds = frozenset(), False
            return  # nothing that happened to the order
        if isinstance(told.fact, Retracted):
            self.retract(told)
            self._refold()
            return
        in_order = not self.facts or told.place > self.facts[-1].place
        if in_order:
            self.facts.append(told)
        else:
            insort(self.facts, told, key=lambda one: one.place)
        if in_order and self.folded == len(self.facts) - 1 and not self.retractions:
            self.catch_up()
        else:
            self._refold()

    def _refold(self) -> None:
        self.state, self.folded = OrderState(id=self.subject), 0
        self.catch_up()

    def catch_up(self) -> set[type[Value]]:
        """Fold the facts whose time has come by the order's clock; the types of those folded."""
        types: set[type[Value]] = set()
        while self.folded < len(self.facts) and self.facts[self.folded].at <= self.clock:
            told = self.facts[self.folded]
            if (told.source, told.id) not in self.void:
                self.state.fold(told)
                types.add(type(told.fact))
            self.folded += 1
        if self.folded < len(self.facts):
            self.wakes[""] = self.facts[self.folded].at
        else:
            self.wakes.pop("", None)
        return types

    def _announce(self, event: Event) -> None:
        """Say to the customer's stream what changed of what counts across its orders."""
        fees = self.standing.get("credit", {}).values()
        self.announced, said = announce(self.id, self.announced, self.customer, fees, event)
        self.said += said

    @property
    def customer(self) -> str | None:
        """Whose order it is by all that was told of it, also by what is told ahead of its time."""
        data = self.state.data
        if self.folded < len(self.facts):
            holds = (told for told in self.facts if (told.source, told.id) not in self.void)
            data = OrderState(holds).data
        return None if data is None else data.customer.ref

    def advance(self, now: datetime) -> set[type[Value]]:
        """Move the clock; the types of facts told ahead of their time that it now reaches."""
        self.clock = max(self.clock, now)
        return self.catch_up() if self.folded < len(self.facts) else set()

    def woken(self) -> None:
        """Forget instants that have passed: of policies that there are no more."""
        for name in [name for name, at in self.wakes.items() if at <= self.clock]:
            del self.wakes[name]

    def standing_refunds(self) -> list[Refund]:
        return [
            item
            for items in self.standing.values()
            for item in items.values()
            if isinstance(item, Refund)
        ]

    @property
    def wakes_at(self) -> datetime | None:
        """The next instant at which something may change without a fact."""
        return min(self.wakes.values(), default=None)

    # -- undoing what was not committed ---------------------------------------------------------

    def mark(self) -> dict[str, Any]:
        """What `restore` needs to forget everything that happens from here on."""
        kept = dict(self.__dict__)
        for name in CHANGED_IN_PLACE:
            kept[name] = copy(kept[name])
        kept["standing"] = {policy: dict(items) for policy, items in self.standing.items()}
        return kept

    def restore(self, mark: dict[str, Any]) -> None:
        self.__dict__.update(mark)
        self._refold()


def _told_apart(deadline: Deadline) -> tuple[object, ...]:
    """What of a deadline a person would want to know the change of, beside its state."""
    return (deadline.due, deadline.party, deadline.amount, deadline.because)


def _changes(old: AnyOutcome | None, new: AnyOutcome) -> Iterable[str]:
    """The names of the events that lead from what stood to what is owed."""
    raised, adjusted, _ = new.names
    if not isinstance(new, Deadline):
        yield raised if old is None else adjusted
        return
    before = old if isinstance(old, Deadline) else None
    if before is None or (before.state != "open" and new.state == "open"):
        yield raised
    elif _told_apart(before) != _told_apart(new):
        yield adjusted
    if new.state == "met" and (before is None or before.state != "met"):
        yield "DeadlineMet"
    elif new.state == "lapsed" and (before is None or before.state != "lapsed"):
        yield "DeadlineLapsed"
