"""A customer of one seller: what was told about it, its orders, and what it told each of them.

Facts about the customer concern every order that it has or gets. Of the notification fees that its
orders announce, the month's earliest concerns the others that announced one in that month. What an
order should have been told follows from what stands; the difference is said.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.acts import ACTS
from domain.announce import fee_place
from domain.between import NotificationFeeCharged, OrderJoined
from domain.calendar import month_of
from domain.events import Event, FactTold
from domain.facts import Retracted
from domain.fields import CUSTOMER
from domain.state import Message, Told
from domain.stream import SOURCE, Said, Stream, named, taking_back

Month = tuple[int, int]


class Fees:
    """The notification fees of one month: which stand, and whose orders ever had one."""

    __slots__ = ("first", "orders", "standing")

    def __init__(self) -> None:
        self.standing: dict[Message, Told[NotificationFeeCharged]] = {}
        self.orders: dict[str, None] = {}
        self.first: Told[NotificationFeeCharged] | None = None

    def stand(self, told: Told[NotificationFeeCharged], *, holds: bool) -> Iterable[str]:
        """Take or drop a fee; the orders that it concerns."""
        before, message = self.first, (told.source, told.id)
        if holds:
            self.standing[message] = told
            self.orders[told.fact.order] = None
            if before is None or _place(told) < _place(before):
                self.first = told
        else:
            self.standing.pop(message, None)
            if before is told:
                self.first = min(self.standing.values(), key=_place, default=None)
        return (told.fact.order,) if self.first is before else tuple(self.orders)


def _place(told: Told[NotificationFeeCharged]) -> tuple[datetime, str, str]:
    return fee_place(told.at, told.fact.order, told.fact.invoice)


class Customer(Stream):
    """One customer of one seller; its id is `seller/customer:REF`.

    It has no clock: nothing of it lapses, and what becomes known late of one order must not make
    it late for another. So its events are recorded when their messages were.
    """

    bodies: dict[Message, bytes]
    facts: dict[Message, Told[Any]]
    joined: dict[str, set[Message]]
    fees: dict[Month, Fees]
    months: dict[str, dict[Month, None]]
    told: dict[str, dict[Message, Told[Any]]]

    @classmethod
    def blank(cls, key: str) -> "Customer":
        """A customer of whom nothing is known yet."""
        one = cls.__new__(cls)
        one.begin(key)
        one.bodies, one.facts, one.joined = {}, {}, {}
        one.fees, one.months, one.told = {}, {}, {}
        return one

    @property
    def orders(self) -> list[str]:
        """The orders that it has."""
        return list(self.joined)

    def apply(self, event: Event) -> None:
        """Fold one event, new or from the log; say what follows from it to the orders."""
        super().apply(event)
        if not isinstance(event, FactTold):
            return
        told, message = event.told, (event.told.source, event.told.id)
        self.seen[message] = told
        if isinstance(told.fact, ACTS):
            return  # it concerns no order
        if told.source != SOURCE:
            self.bodies[message] = event.body
        concerned: dict[str, None] = {}
        if isinstance(told.fact, Retracted):
            before = self.void
            self.retract(told)
            for one in sorted(before ^ self.void):
                if (about := self.seen.get(one)) is not None:
                    concerned |= dict.fromkeys(self._stand(about, holds=one in before))
        elif message not in self.void:
            concerned = dict.fromkeys(self._stand(told, holds=True))
        self._say(concerned, event)

    def _stand(self, told: Told[Any], *, holds: bool) -> Iterable[str]:
        """Let a fact count, or no more; the orders that it concerns."""
        fact, message = told.fact, (told.source, told.id)
        if isinstance(fact, Retracted):
            return ()
        if isinstance(fact, NotificationFeeCharged):
            month = month_of(told.at)
            self.months.setdefault(fact.order, {})[month] = None
            return self.fees.setdefault(month, Fees()).stand(told, holds=holds)
        if isinstance(fact, OrderJoined):
            joins = self.joined.setdefault(fact.order, set())
            joins.add(message) if holds else joins.discard(message)
            if not joins:
                del self.joined[fact.order]
            return (fact.order,)
        if holds:
            self.facts[message] = told
        else:
            del self.facts[message]
        return self.orders

    def _say(self, concerned: Iterable[str], event: Event) -> None:
        """Tell orders what concerns them and was not told them, take back what does no more."""
        version = event.originator_version
        for order in concerned:
            key, wanted = f"{self.seller}/{order}", self._wanted(order)
            known = self.told.setdefault(order, {})
            for message in [one for one in wanted if one not in known]:
                about = wanted[message]
                id = named(version, *message, self.subject)
                since = max(event.timestamp, about.recorded_at)
                known[message] = Told(about.fact, about.at, since, SOURCE, id)
                self.said.append(Said(key, known[message], self.bodies.get(message, b"")))
            for message in [one for one in known if one not in wanted]:
                back = taking_back(known.pop(message), event, *message, self.subject)
                self.said.append(Said(key, back))

    def _wanted(self, order: str) -> dict[Message, Told[Any]]:
        """What an order should know: all about the customer, and its months' earliest fees."""
        if order not in self.joined:
            return {}
        first = [self.fees[month].first for month in self.months.get(order, ())]
        return self.facts | {
            (fee.source, fee.id): fee
            for fee in first
            if fee is not None and fee.fact.order != order
        }


def is_customer(key: str) -> bool:
    """Whether a stream `seller/subject` is a customer's."""
    return key.split("/", 1)[1].startswith(CUSTOMER)
