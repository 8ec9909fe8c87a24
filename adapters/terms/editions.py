"""Two editions side by side: the values that differ, and every order that would end otherwise."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from adapters.scenarios.check import documents, overrides
from adapters.terms.coverage import worded
from adapters.messages import Message, Understood, understand
from adapters.scenarios.played import Cart
from adapters.terms import text_of
from domain.calendar import moment
from domain.decide import lapse, tell
from domain.errors import Refused, VillkorError
from domain.order import Order
from domain.outcomes import AnyOutcome, Deadline, Fee, Refund, Ruling, WriteOff
from domain.money import kronor
from domain.terms.book import Book, Edition

Change = tuple[str, str, str]
"""(what, under the one edition, under the other); '' where it is not there."""


@dataclass(slots=True, frozen=True)
class Side:
    """One of the two: its name as asked for, its edition, and all terms as if it always held."""

    name: str
    edition: Edition
    book: Book


def side(asked: str, book: Book, today: date, marketplace: str | None = None) -> Side:
    """`SELLER`, `SELLER@DAY` or `FILE.toml@DAY`; without a day today's, of a file its newest.

    Raises VillkorError where there is no such seller, file or day, or the terms are at fault.
    """
    name, _, told = asked.partition("@")
    file = Path(name)
    if file.suffix == ".toml":
        if not file.is_file():
            raise VillkorError(f"{name} is not there; name a seller or a terms file")
        name, book = file.stem, book.beside(file.stem, text_of(file))
        today = max(one["from"] for entries in book.sellers[name].values() for one in entries)
    if name not in book.sellers:
        sellers = ", ".join(sorted(book.sellers))
        raise VillkorError(f"there are no terms of {name!r}; there are those of {sellers}")
    try:
        day = date.fromisoformat(told) if told else today
    except ValueError as error:
        raise VillkorError(f"{told!r} is not a day in ISO 8601") from error
    first = min(one["from"] for entries in book.sellers[name].values() for one in entries)
    if day < first:
        raise VillkorError(f"terms of {name} are known from {first} on, not on {day}")
    always = book.frozen(name, day)
    edition = always.edition(name, marketplace, min(day, book.still_valid_on))
    always.terms(edition)  # where they are at fault, that is said once, and not of every order
    return Side(asked, edition, always)


def values(one: Side, other: Side) -> list[Change]:
    """The values that differ, with their clauses."""
    keys = sorted(one.edition.entries.keys() | other.edition.entries.keys())
    both = [(key, _said(one.edition, key), _said(other.edition, key)) for key in keys]
    return [change for change in both if change[1] != change[2]]


def _said(edition: Edition, key: str) -> str:
    entry = edition.entries.get(key)
    return "" if entry is None else f"{worded(entry['value'])} ({', '.join(entry['clause'])})"


def scenarios(one: Side, other: Side, paths: Iterable[Path]) -> Iterator[tuple[str, list[Change]]]:
    """Each scenario of the seller whose outcome differs, and how."""
    for name, document in documents(paths):
        stories = _stories(document)
        if any(_is_of(story["order"], one.edition.seller) for story in stories):
            ends = [_ends(stories, document, each.book) for each in (one, other)]
            if changes := list(_differing(*ends)):
                yield str(document.get("id", name)), changes


def _stories(document: Any) -> list[Mapping[str, Any]]:
    """The orders of a scenario; those about a reading say themselves what each option changes."""
    if not isinstance(document, Mapping) or "reading" in document:
        return []
    cart = document.get("cart")
    stories = cart if isinstance(cart, list) else [document]
    return [story for story in stories if "order" in story]


def _is_of(order: Mapping[str, Any], seller: str) -> bool:
    return seller in (order.get("seller"), order.get("marketplace"))


def _ends(
    stories: list[Mapping[str, Any]], document: Mapping[str, Any], book: Book
) -> dict[str, str]:
    """Outcome -> what it says, of every order of a scenario, at its end."""
    try:
        as_of = moment(document["as_of"]) if "as_of" in document else None
        runs = Cart(stories, as_of, book.otherwise(overrides(document))).runs
    except (VillkorError, ValueError) as error:
        return {"the order": str(error)}
    several = len(runs) > 1
    return {
        f"{run.order.id.split('/')[0]} {item.key}" if several else item.key: said(item)
        for run in runs for item in run.standing()
    }  # fmt: skip


def orders(
    one: Side, other: Side, messages: Iterable[Message], until: datetime
) -> Iterator[tuple[str, list[Change]]]:
    """Each order of these facts that would stand otherwise at `until`, and how."""
    mine = sorted(_understood(messages, one.edition.seller), key=lambda each: each.key)
    for key, group in groupby(mine, key=lambda each: each.key):
        facts = [(each.told, each.body) for each in group]
        changes = list(_differing(*(_lived(key, facts, side.book, until) for side in (one, other))))
        if changes:
            yield key, changes


def _understood(messages: Iterable[Message], seller: str) -> Iterator[Understood]:
    """The facts about a seller's orders; what no order could take decides nothing."""
    for message in messages:
        with suppress(Refused):
            told = understand(message)
            if told.seller == seller:
                yield told


def _lived(key: str, facts: list[tuple[Any, bytes]], book: Book, until: datetime) -> dict[str, str]:
    order = Order.blank(key)
    for told, body in facts:
        mark = order.mark()
        try:
            tell(order, told, body, book)
        except VillkorError:
            order.restore(mark)  # parked under these terms, whichever they are
    lapse(order, until, book)
    stands = order.standing.values()
    return {item.key: said(item) for items in stands for item in items.values()}


def _differing(one: dict[str, str], other: dict[str, str]) -> Iterator[Change]:
    for key in sorted(one.keys() | other.keys()):
        if one.get(key) != other.get(key):
            yield key.removesuffix(":"), one.get(key, ""), other.get(key, "")


def said(item: AnyOutcome) -> str:
    """What of an outcome a person compares: its amount, its day, its answer."""
    match item:
        case Fee() | Refund() | WriteOff():
            return kronor(item.amount)
        case Deadline():
            return f"{item.due.isoformat()} {item.state}"
        case Ruling():
            return item.decision
        case _:
            return "stands"
