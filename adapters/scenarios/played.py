"""The orders of a scenario, played through the real aggregates and policies."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.edge import fact_type, read_values, without_persons
from adapters.scenarios.expected import shown
from domain.announce import stream_of
from domain.calendar import moment
from domain.customer_stream import Customer
from domain.stream import hear
from domain.decide import lapse, tell
from domain.errors import Conflict
from domain.events import OutcomeRaised
from domain.facts import AccountSettled, CreditLimitExceeded, InvoiceOverdue, Retracted
from domain.order import Order
from domain.outcomes import AnyOutcome, ClosedCase, Deadline
from domain.state import Told
from domain.stream import Said
from domain.terms.book import Book


class ScenarioRun:
    """One order of a scenario: the facts to tell it by `as_of`, and what came of them."""

    def __init__(self, one: Mapping[str, Any], as_of: datetime | None, number: int) -> None:
        order = dict(one["order"])
        self.order = Order.blank(f"{order.get('seller')}/scenario-{number}")
        ref = (order.get("customer") or {}).get("ref")
        self.customer = None if ref is None else stream_of(order.get("seller", ""), ref)
        self.ever: dict[str, tuple[str, Deadline]] = {}
        self.facts: deque[Told[Any]] = deque()
        for kind, at, recorded_at, id, data in _messages(order, one.get("facts") or []):
            if as_of is None or at <= as_of:
                fact, _ = without_persons(read_values(fact_type(kind), data))
                self.facts.append(Told(fact, at, recorded_at, f"scenario-{number}", id))

    def take(self, told: Told[Any], book: Book) -> None:
        """Tell the order a fact; the same id with another body is parked, as it would be live."""
        with suppress(Conflict):
            tell(self.order, told, b"", book)
        self._remember()

    def until(self, as_of: datetime, book: Book) -> None:
        lapse(self.order, as_of, book)
        self._remember()

    def _remember(self) -> None:
        for event in self.order.collect():
            if isinstance(event, OutcomeRaised) and isinstance(event.item, Deadline):
                self.ever[event.item.key] = (event.policy, event.item)

    def standing(self, kind: type[AnyOutcome] | None = None) -> list[AnyOutcome]:
        return [item for _, item in self._standing(kind)]

    def _standing(self, kind: type[AnyOutcome] | None) -> list[tuple[str, AnyOutcome]]:
        return [
            (policy, item)
            for policy, items in self.order.standing.items()
            for item in items.values()
            if kind is None or isinstance(item, kind)
        ]

    def shown(self, kind: type[AnyOutcome]) -> list[dict[str, Any]]:
        """What is compared: what stands; of deadlines also what existed, of cases all there are."""
        standing = self._standing(kind)
        stands = [shown(item, policy) for policy, item in standing]
        if kind is ClosedCase:
            closed = {item.rma for _, item in standing}
            cases = [name for name in self.order.state.rmas if name not in closed]
            return stands + [{"rma": name, "state": "open", "clauses": ()} for name in cases]
        if kind is not Deadline:
            return stands
        keys = {item.key for _, item in standing}
        gone = [one for key, one in self.ever.items() if key not in keys]
        return stands + [{**shown(item, policy), "state": "cancelled"} for policy, item in gone]


def with_cart_totals(documents: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The orders of a cart, each told what the whole cart comes to: its goods, its deliveries.

    An order never reads another, so an order system tells it (`cart_total`, `cart_shipping`); here
    it follows from the orders that stand beside it, where they do not say it themselves.
    """
    carts: dict[str, list[Mapping[str, Any]]] = {}
    for order in (one["order"] for one in documents):
        if "cart" in order:
            carts.setdefault(order["cart"], []).append(order)
    told = {
        cart: {
            "cart_total": str(sum((_goods(one) for one in orders), Decimal(0))),
            "cart_shipping": str(sum((_delivery(one) for one in orders), Decimal(0))),
        }
        for cart, orders in carts.items()
    }
    return [
        {**one, "order": {**told.get(one["order"].get("cart"), {}), **one["order"]}}
        for one in documents
    ]


def _goods(order: Mapping[str, Any]) -> Decimal:
    lines = order.get("lines", ())
    prices = (Decimal(line["unit_price"]) * int(line.get("quantity", 1)) for line in lines)
    return sum(prices, Decimal(0))


def _delivery(order: Mapping[str, Any]) -> Decimal:
    return Decimal((order.get("shipping") or {}).get("price") or 0)


CUSTOMER_LEVEL = (CreditLimitExceeded, InvoiceOverdue, AccountSettled)
"""Facts of an order that are about its customer (FACTS.md section 3)."""


class Cart:
    """Orders, and the customers that they share, told in order of time as they would be live."""

    def __init__(
        self, documents: Sequence[Mapping[str, Any]], as_of: datetime | None, book: Book
    ) -> None:
        self.book = book
        whole = enumerate(with_cart_totals(documents), 1)
        self.runs = [ScenarioRun(one, as_of, number) for number, one in whole]
        self.orders = {run.order.id: run for run in self.runs}
        self.customers = {
            run.customer: Customer.blank(run.customer) for run in self.runs if run.customer
        }
        self._play()
        if as_of is not None:
            self._lapse(as_of)

    def _play(self) -> None:
        """Tell every fact to its order, or to its customer where there is more than one order."""
        about = {run.order.id: _about_the_customer(run) for run in self.runs}
        while waiting := [run for run in self.runs if run.facts]:
            run = min(waiting, key=lambda one: max(one.facts[0].recorded_at, one.order.clock))
            told = run.facts.popleft()
            shared = run.customer is not None and len(self.runs) > 1
            if shared and told.id in about[run.order.id]:
                self._deliver(Said(run.customer or "", told))
            else:
                self._deliver(Said(run.order.id, told))

    def _lapse(self, as_of: datetime) -> None:
        for run in self.runs:
            run.until(as_of, self.book)
        while said := [one for run in self.runs for one in run.order.hand_over()]:
            self._deliver(*said)
            for run in self.runs:
                run.until(as_of, self.book)

    def _deliver(self, *said: Said) -> None:
        """Tell streams what they are told, and what they say to each other because of it."""
        waiting = deque(said)
        while waiting:
            one = waiting.popleft()
            if (run := self.orders.get(one.to)) is not None:
                run.take(one.told, self.book)
                waiting += run.order.hand_over()
            else:
                customer = self.customers.setdefault(one.to, Customer.blank(one.to))
                hear(customer, one.told, one.body)
                waiting += customer.hand_over()


def _about_the_customer(run: ScenarioRun) -> set[str]:
    """The ids of an order's facts that are about its customer, and of what takes them back."""
    about = {told.id for told in run.facts if isinstance(told.fact, CUSTOMER_LEVEL)}
    for told in run.facts:
        if isinstance(told.fact, Retracted) and told.fact.fact in about:
            about.add(told.id)
    return about


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
