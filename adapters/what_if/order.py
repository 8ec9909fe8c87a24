"""What if, one order: decided twice at one moment, and what would differ.

Compared is today's decision of the recorded facts under the terms that the order pinned with the
decision of the same facts under what is supposed. What streams told each other is taken as it was
recorded. Nothing is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from adapters.asking import by_account, supposing
from adapters.codec import KINDS, decode
from adapters.terms.editions import said
from adapters.postgres.batch import EventRow
from adapters.what_if.supposed import Supposed
from adapters.what_if import MONEY, Change, Differs, Found, Moved, Undecided, What
from domain.acts import ACTS
from domain.decide import edition_of, owed, owed_under, true_then
from domain.errors import VillkorError
from domain.events import FactTold, TermsPinned
from domain.facts import Retracted
from domain.order import Order
from domain.outcomes import OUTCOMES, AnyOutcome, Fee, Refund, WriteOff
from domain.state import OrderState
from domain.terms.book import Book, Edition
from projections.books import balances

Owing = Mapping[tuple[str, str], AnyOutcome]
"""(policy, key) -> what is owed."""
NAMES: dict[type[Any], list[str]] = {
    kind: [one.name for one in fields(kind) if one.name != "because"] for kind in OUTCOMES
}
"""All of an outcome but why it is owed."""


def look_at(
    rows: Sequence[EventRow], book: Book, supposed: Supposed, at: datetime, found: Found
) -> None:
    """Decide one order twice, and put what came of it into `found`."""
    seller, subject = rows[0].seller, rows[0].order_id
    found.orders += 1
    if supposed.question.seller not in (None, seller):
        return
    try:
        if (otherwise := _otherwise(rows, book, supposed, at)) is None:
            return
        found.concerned += 1
        twice = _twice(*otherwise, book, supposed, at)
    except VillkorError as error:
        found.undecided.append(Undecided(seller, subject, str(error)))
        return
    state, before, after = twice
    if changes := list(_changes(before, after)):
        accounts = list(_moved(rows[0].key, state, before, after)) if _pays(changes) else []
        currency = state.order.currency
        apart = supposed.question.at is None and not _is_recorded(rows, before)
        found.differing.append(Differs(seller, subject, currency, changes, accounts, apart))


def _is_recorded(rows: Sequence[EventRow], decided: Owing) -> bool:
    """Whether what is owed in money stands recorded just so."""
    order = Order.blank(rows[0].key)
    for row in rows:
        order.apply(decode(row.key, row.version, row.recorded_at, row.stored))
    standing = (
        ((policy, key), item)
        for policy, items in order.standing.items() for key, item in items.items()
    )  # fmt: skip
    recorded, fresh = (
        {(name, amount) for name, item in of if (amount := _amount(item))}
        for of in (standing, decided.items())
    )
    return recorded == fresh


class Twice(NamedTuple):
    """An order at a moment, and what is owed by it: as it is, and under what is supposed."""

    state: OrderState
    before: Owing
    after: Owing

    @property
    def differing(self) -> list[tuple[AnyOutcome | None, AnyOutcome | None]]:
        """What is and would be, of each outcome that differs in more than its reasons."""
        both = (
            (self.before.get(name), self.after.get(name))
            for name in sorted(self.before.keys() | self.after.keys())
        )
        return [(old, new) for old, new in both if _content(old) != _content(new)]


def twice(rows: Sequence[EventRow], book: Book, supposed: Supposed, at: datetime) -> Twice | None:
    """One order decided twice; None where it would live under the same terms.

    Raises VillkorError where it cannot be decided.
    """
    otherwise = _otherwise(rows, book, supposed, at)
    return None if otherwise is None else _twice(*otherwise, book, supposed, at)


def _otherwise(
    rows: Sequence[EventRow], book: Book, supposed: Supposed, at: datetime
) -> tuple[Order, OrderState, Edition] | None:
    """An order as it was at a moment, and its other edition; None where it has none."""
    order = told(rows)
    state = true_then(order, at, rows[-1].recorded_at)
    if state.data is None:
        return None
    chosen, pinned = edition_of(order, state, book)
    if not supposed.question.concerns(rows[0].seller, state.order.marketplace):
        return None
    otherwise = supposed.edition(chosen, pinned)
    return None if otherwise.hash == pinned.hash else (order, state, otherwise)


def _twice(
    order: Order, state: OrderState, otherwise: Edition, book: Book, supposed: Supposed,
    at: datetime,
) -> Twice:  # fmt: skip
    before = _owing(owed(order, state, book, at))
    return Twice(state, before, _owing(owed_under(state, supposed.terms(otherwise), at)))


def told(rows: Iterable[EventRow]) -> Order:
    """An order as far as its facts and editions go: deciding at one moment needs no more."""
    order: Order | None = None
    for row in rows:
        order = order or Order.blank(row.key)
        if row.type in KINDS:
            continue
        event = decode(row.key, row.version, row.recorded_at, row.stored)
        if isinstance(event, TermsPinned):
            order.editions[(event.seller, event.marketplace, event.day)] = event.edition
        elif isinstance(event, FactTold) and isinstance(event.told.fact, Retracted):
            order.retractions.append(event.told)
        elif isinstance(event, FactTold) and not isinstance(event.told.fact, ACTS):
            order.facts.append(event.told)
    assert order is not None, "an order has events"
    order.facts.sort(key=lambda one: one.place)
    return order


def _owing(items: Iterable[tuple[str, AnyOutcome]]) -> Owing:
    return {(policy, item.key): item for policy, item in items}


def _changes(before: Owing, after: Owing) -> Iterator[Change]:
    """What differs in more than its reasons."""
    for policy, key in sorted(before.keys() | after.keys()):
        old, new = before.get((policy, key)), after.get((policy, key))
        if _content(old) == _content(new):
            continue
        what: What = "raised" if old is None else "gone" if new is None else "otherwise"
        words = _words(old, new)
        yield Change(policy, key.removesuffix(":"), what, *words, _amount(old), _amount(new))


def _content(item: AnyOutcome | None) -> dict[str, Any]:
    if item is None:
        return {}
    return {name: getattr(item, name) for name in NAMES[type(item)]}


def _words(old: AnyOutcome | None, new: AnyOutcome | None) -> tuple[str, str]:
    """What of both a person compares; where that is the same, whatever differs."""
    before, after = ("" if item is None else said(item) for item in (old, new))
    if before != after:
        return before, after
    one, other = _content(old), _content(new)
    names = [name for name in one if one[name] != other[name]]
    return _listed(one, names), _listed(other, names)


def _listed(content: Mapping[str, Any], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {_text(content[name])}" for name in names)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(map(_text, value)) or "none"
    return "none" if value is None else str(value)


def _amount(item: AnyOutcome | None) -> int:
    return item.amount if isinstance(item, (Fee, Refund, WriteOff)) else 0


def _pays(changes: Iterable[Change]) -> bool:
    """Whether any of them may move an account."""
    return any(change.kind.split(" ", 1)[0] in MONEY for change in changes)


def _moved(key: str, state: OrderState, before: Owing, after: Owing) -> Iterator[Moved]:
    """The accounts of the order's books that would have another balance."""
    one, other = (_books(key, state, owing) for owing in (before, after))
    for account in sorted(one.keys() | other.keys()):
        old, new = one.get(account, 0), other.get(account, 0)
        if old != new:
            yield Moved(account, old, new)


def _books(key: str, state: OrderState, owing: Owing) -> dict[int, int]:
    """The balance of each account of an order of which this is owed."""
    items = ((policy, item) for (policy, _), item in owing.items())
    books = by_account(balances(state, supposing(key, state, items).stands))
    return books.get(state.order.currency, {})
