"""Where a figure is from: a message or a value of the terms, found by what it is called.

Equal values say little (a fee of 199 in the terms, goods for 199 in the order). What goes by the
figure's name is its source; of what is merely equal nothing more than that is said.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.calendar import day_of
from domain.explain import MONEY
from domain.facts import OrderConfirmed, OrderPlaced
from domain.fields import Line
from domain.outcomes import Because
from domain.state import Told
from domain.terms.book import Book, Edition
from domain.terms.values import Entry, as_list

COUNTS = (
    "quantity", "technician_minutes", "percent", "value_loss_percent", "vat_rate", "age",
    "withdrawal_days",
)  # fmt: skip
"""Fields of facts whose numbers are no amounts."""
ENDINGS = ("_amount", "_fee", "_price", "_percent", "_points")
"""What the name of a figure says of its unit, which the name of a key need not."""
OF_A_PART = re.compile(r"(?:from|line)_.+_(late_amount|reference_percent|goods|value_loss_percent)")
"""Names of figures that there are several of: of each half-year, or of each line."""
DECIDED = "DiscretionExercised"
LIKEWISE = {
    "at": ("started", "ended", "changed", "requested", "notified_at"),
    "amount": ("return_cost", "forwarding_cost", "agent_pickup", "tariff"),
    "base": ("InvoiceIssued.amount",), "bought": ("placed",), "ceiling": ("rate_ceiling",),
    "counted": ("goods",),
    "decided": (f"{DECIDED}.percent",), "least": ("floor",), "order": ("goods",),
    "party": ("seller", "marketplace"), "reported": ("requested", "issued"),
    "written_off": ("InvoiceIssued.amount",),
    "cost": ("reminder", "collection", "other_cost", "forwarding_cost"),
    "customs": ("customs_cost",),
    "delivery": ("price", "cart_shipping", "standard", "tariff"),
    "forwarding": ("forwarding_cost",),
    "freight": ("flat", "tariff", "price", "freight_paid_by_customer"),
    "from": ("delivered", "collected", "availableforcollection", "started", "reported", "issued"),
    "goods": ("unit_price", "RemedyChosen.amount"), "goods_price": ("unit_price", "goods"),
    "late": ("InvoiceIssued.amount",),
    "lines": ("line",), "margin": ("late_margin",), "minimum": ("minimum",),
    "most": ("reminder", "collection", "compensation", "ceiling"),
    "not_approved_return": ("not_approved",),
    "other_costs": ("other_cost",), "outbound_freight": ("cost",),
    "paid": ("PaymentReceived.amount",), "paid_freight": ("freight_paid_by_customer",),
    "price": ("unit_price", "goods", "PurchaseGuaranteeClaimed.amount", "RemedyChosen.amount"),
    "rate": ("late_interest",), "received": ("delivered", "collected"),
    "refused": ("line", "lines"), "return_freight": ("return_cost", "freight"),
    "return_label": ("label_cost",), "return_pickup": ("agent_pickup",),
    "return_slip": ("label_cost",), "returned_goods": ("unit_price", "goods"),
    "since": ("exceeded", "overdue"), "told": ("notified", "requested"),
    "until": ("paymentreceived",), "wasted_trip": ("cost",),
    "wrong_seller_handling": ("forwarding_cost",),
}  # fmt: skip
"""Name of a figure -> what the same is called in messages and terms; of a moment, in their types.

`PaymentReceived.amount` is a field of that message alone.
"""


@dataclass(slots=True, frozen=True)
class Source:
    """A message, or a value of the terms, that an input is taken from."""

    type: str
    id: str
    source: str | None = None
    at: datetime | None = None


@dataclass(slots=True, frozen=True)
class Origin:
    """`sources` of a figure, none where it was computed from others.

    Not `certain`: it is one of them at most, for all that the names say.
    """

    sources: tuple[Source, ...] = ()
    certain: bool = True


COMPUTED = Origin()


@dataclass(slots=True, frozen=True)
class Saying:
    """One value that somewhere stands, the name that it has there, and whether it is an amount."""

    source: Source
    name: str
    value: Any
    money: bool


@dataclass(slots=True)
class Sources:
    """What an outcome rests on: the messages, and the values of the terms under its clauses."""

    section: str
    """Of the terms: that of the policy that decided, whose own key goes before another's."""
    messages: list[Saying]
    terms: list[Saying]

    @classmethod
    def of(
        cls, told: Sequence[Told[Any]], edition: Edition, book: Book, because: Because
    ) -> "Sources":
        clauses = {*because.clauses, *(name for name, _ in because.statutes)}
        messages = [saying for one in told for saying in _said(one)]
        entries = (*edition.entries.items(), *_series(book, edition))
        terms = [
            saying for key, entry in sorted(entries, key=lambda one: one[0])
            if entry and (clauses & set(as_list(entry["clause"])) or key.startswith("tariff."))
            for saying in _printed(key, entry)
        ]  # fmt: skip
        return cls(because.rule.split(".")[0], messages, terms)

    def origin(self, name: str, value: str | int | bool | None) -> Origin:
        """Where a figure of that name and value is from."""
        if value is None or isinstance(value, bool):
            return COMPUTED
        money = isinstance(value, int) and name.endswith(MONEY)
        return self._origin(name, value, money)

    def step(self, label: str, amount: int) -> Origin:
        """Where a term of a sum is from."""
        return self._origin(label, abs(amount), True)

    def _origin(self, name: str, value: str | int, money: bool) -> Origin:
        names = _names(name, money)
        printed = [one for one in self.terms if _is_called(one, names)]
        if found := _once(_equal(printed, value, money)):
            own = tuple(one for one in found if one.id.startswith(f"{self.section}."))
            return Origin(own or found, certain=len(own or found) == 1)
        told = [one for one in self.messages if one.money == money]
        if money and any(isinstance(one.value, Decimal) for one in printed):
            told = [one for one in told if one.source.type == DECIDED]
        called = [one for one in told if _is_called(one, names)]
        if found := _once(_equal(called, value, money)):
            return Origin(found, certain=len(found) == 1 or not money)
        if money and (found := _adding_up(called, value)):
            return Origin(found)
        likely = money or (isinstance(value, str) and not _is_figure(value))
        return Origin(_once(_equal(told, value, money)), certain=False) if likely else COMPUTED


def _names(name: str, money: bool) -> tuple[str, ...]:
    """What a figure may be called; any amount can be what a person decided."""
    part = OF_A_PART.fullmatch(name)
    own = part[1] if part else name.rstrip("0123456789").rstrip("_")
    bare = next((own.removesuffix(end) for end in ENDINGS if own.endswith(end)), own)
    also = (f"{DECIDED}.amount",) if money else ()
    return (own, bare, *LIKEWISE.get(own, ()), *LIKEWISE.get(bare, ()), *also)


def _is_called(saying: Saying, names: Iterable[str]) -> bool:
    """Whether it has one of the names; a moment, whether its message's type ends so.

    `placed` is when an OrderPlaced was, `reported` when a DamageReported was.
    """
    if saying.name == "":
        return saying.source.type.casefold().endswith(tuple(names))
    return saying.name in names or f"{saying.source.type}.{saying.name}" in names


def _is_figure(value: str) -> bool:
    """Whether it is a number, a day or an instant: what such are equal to means nothing."""
    return value[:1].isdigit() and (len(value) > 9 or value.replace(".", "").isdigit())


def _adding_up(sayings: Sequence[Saying], value: str | int) -> tuple[Source, ...]:
    """All that go by one name, where together they come to the amount."""
    for name in dict.fromkeys(one.name for one in sayings):
        alike = [one for one in sayings if one.name == name]
        if sum(one.value for one in alike) * 100 == value:
            return _once(alike)
    return ()


def _equal(sayings: Iterable[Saying], value: str | int, money: bool) -> list[Saying]:
    """Those that say the same; one of several lines is named by its message, too."""
    wanted = Decimal(value) / 100 if money else value
    found = [one for one in sayings if _same(one.value, wanted)]
    if found or not isinstance(value, str) or ", " not in value:
        return found
    parts = set(value.split(", "))
    return [one for one in sayings if one.value in parts]


def _same(said: Any, wanted: Any) -> bool:
    if isinstance(said, Decimal) and isinstance(wanted, str):
        try:
            return said == Decimal(wanted)
        except ArithmeticError:
            return False
    return bool(said == wanted)


def _once(sayings: Iterable[Saying]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(one.source for one in sayings))


def _said(told: Told[Any]) -> Iterator[Saying]:
    """Every value of a message, and its moment as an instant and as a day."""
    source = message(told)
    for name, value in _values(told.fact):
        money = isinstance(value, int) and name not in COUNTS
        yield Saying(source, name, Decimal(value) / 100 if money else value, money)
    moments = (told.at.isoformat(), day_of(told.at).isoformat())
    for moment in moments[: 1 if isinstance(told.fact, (OrderPlaced, OrderConfirmed)) else 2]:
        yield Saying(source, "", moment, False)


def _values(fact: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """(field, value) of everything in a fact, as inputs have them; what all of a line costs."""
    if is_dataclass(fact):
        for one in fields(fact):
            yield from _values(getattr(fact, one.name), one.name)
        if isinstance(fact, Line):
            yield "goods", fact.quantity * fact.unit_price
    elif isinstance(fact, tuple):
        for inner in fact:
            yield from _values(inner, name)
    elif isinstance(fact, (date, datetime)):
        yield name, fact.isoformat()
    elif fact is not None and not isinstance(fact, bool):
        yield name, fact


def _printed(key: str, entry: Entry) -> Iterator[Saying]:
    """The figures and words of a key: of a table each by its name, the amount by the key's."""
    source, path = Source("terms", key), key.rsplit("@", 1)[0].split(".")
    own = (path[-1], "tariff") if path[0] == "tariff" else (path[-1],)
    table = entry["value"] if isinstance(entry["value"], dict) else {"amount": entry["value"]}
    for inner, value in table.items():
        if isinstance(value, bool) or value is None:
            continue
        figure = _figure(value)
        names = (*own, str(table.get("kind", ""))) if inner == "amount" else (inner,)
        yield from (Saying(source, name, figure, True) for name in names if name)


def _figure(value: Any) -> Any:
    """A number of the terms; words as they are."""
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value


def _series(book: Book, edition: Edition) -> Iterator[tuple[str, Entry]]:
    """Statutory values chosen by another day than the contract's: each, with its first day."""
    for key, dated in book.law.items():
        if f"law.{key}" not in edition.entries:
            yield from ((f"law.{key}@{entry['from']}", entry) for entry in dated)


def message(told: Told[Any]) -> Source:
    """A message, as a source."""
    return Source(type(told.fact).__name__, told.id, told.source, told.at)
