"""Given facts, when time passes, then this stands: a story of one order under real terms.

one = story("gandalf", kind="business", placed="2024-02-28")
one.told(InvoiceIssued(invoice="F1", amount=100_00), at="2024-03-01")
one.until("2024-04-26")
assert one.fees() == {"late_interest": 5_00}
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from adapters.terms import book
from domain.calendar import moment
from domain.customer import derived
from domain.decide import lapse, tell
from domain.facts import OrderConfirmed, OrderPlaced, Retracted
from domain.fields import Customer, Line, Payment, Shipping, Value
from domain.order import Order
from domain.outcomes import (
    Deadline, DecisionNeeded, Fee, Outcome, Refund, Replacement, Ruling,
)  # fmt: skip
from domain.state import Told
from domain.terms.book import Overrides

Item = TypeVar("Item", bound=Outcome)
SOURCE = "/test"


def goods(line: str, price: int, **other: Any) -> Line:
    """A line of one piece; the price is in öre."""
    return Line(line=line, unit_price=price, **other)


class Story:
    """One order, told fact by fact; `at` is when it happened, `known` when it became known."""

    def __init__(self, seller: str, overrides: Overrides) -> None:
        self.order = Order.blank(f"{seller}/A-1")
        self.book = book().otherwise(overrides)
        self.count = 0

    def told(self, fact: Value, at: str, *, known: str | None = None, id: str = "") -> "Story":
        self.count += 1
        when = moment(at)
        recorded_at = moment(known) if known else when
        told = Told(fact, when, recorded_at, SOURCE, id or f"#{self.count}")
        tell(self.order, told, b"", self.book)
        return self

    def retracted(self, id: str, at: str) -> "Story":
        return self.told(Retracted(fact=id), at=at)

    def until(self, at: str) -> "Story":
        lapse(self.order, moment(at), self.book)
        return self

    # -- what stands ----------------------------------------------------------------------------

    def standing(self, kind: type[Item]) -> list[Item]:
        return [
            item
            for items in self.order.standing.values()
            for item in items.values()
            if isinstance(item, kind)
        ]

    def fees(self) -> dict[str, int]:
        """Kind -> öre; kinds that stand several times are added."""
        return _added((fee.kind, fee.amount) for fee in self.standing(Fee))

    def refunds(self) -> dict[str, int]:
        return _added((refund.kind, refund.amount) for refund in self.standing(Refund))

    def deadlines(self, kind: str) -> list[tuple[str, str]]:
        """(due, state) of the deadlines of a kind; instants in UTC."""
        return [
            (one.due.isoformat(), one.state) for one in self.standing(Deadline) if one.kind == kind
        ]

    def rulings(self, about: str) -> list[str]:
        return [one.decision for one in self.standing(Ruling) if one.about == about]

    def decisions(self) -> list[str]:
        return [one.about for one in self.standing(DecisionNeeded)]

    def replacements(self) -> list[tuple[str, ...]]:
        return [one.lines for one in self.standing(Replacement)]

    def clauses(self, kind: str) -> set[str]:
        """The clauses of everything of a kind, or about it."""
        return {
            clause
            for item in self.standing(Outcome)
            if kind in (getattr(item, "kind", None), getattr(item, "about", None))
            for clause in item.because.clauses
        }


def _added(pairs: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for kind, amount in pairs:
        total[kind] = total.get(kind, 0) + amount
    return total


def story(
    seller: str = "allectra",
    *,
    lines: Sequence[Line] = (goods("1", 1000_00),),
    kind: Any = "consumer",
    placed: str = "2024-03-04",
    confirmed: bool = True,
    pay: Any = "card",
    plan: Any = None,
    freight: int = 0,
    shipping: Shipping | None = None,
    customer: Customer | None = None,
    readings: dict[str, str] | None = None,
    tariff: dict[str, Any] | None = None,
    rates: dict[str, Decimal] | None = None,
    **order: Any,
) -> Story:
    """An order placed, and confirmed at once, under a seller's terms; amounts in öre."""
    one = Story(seller, Overrides(readings or {}, tariff or {}, rates or {}))
    placed_order = OrderPlaced(
        seller=seller,
        customer=derived(customer or Customer(kind=kind)),
        placed_at=moment(placed),
        lines=tuple(lines),
        shipping=shipping or Shipping(price=freight),
        payment=Payment(method=pay, plan=plan),
        **order,
    )
    one.told(placed_order, at=placed, id="placed")
    if confirmed:
        one.told(OrderConfirmed(confirmed_at=moment(placed)), at=placed, id="confirmed")
    return one
