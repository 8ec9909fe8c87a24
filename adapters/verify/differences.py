"""What verify finds: of each difference the order, the event, what follows and what is there."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import msgspec

from adapters.codec import KINDS, Stored
from adapters.folding import Difference as OfRows
from adapters.postgres.batch import EventRow
from domain.explain import MONEY as AMOUNTS
from domain.money import kronor
from projections import PROJECTIONS

Values = Mapping[str, Any]
SHOWN = 100
STEPS = ("steps", "breakdown")
MONEY = frozenset({"amount", "goods", "freight", "paid", "repaid", "fees", "refunds"})
"""Columns that are öre; sentences have kronor."""
COLUMNS = {one.table: [column.name for column in one.columns] for one in PROJECTIONS}


class Place(NamedTuple):
    """An event's place in the log, as far as it is known; `version` is that in its order."""

    partition: int | None = None
    position: int | None = None
    version: int | None = None


@dataclass(slots=True, frozen=True, kw_only=True)
class Difference:
    """Something that the log says otherwise, or that the log itself contradicts.

    `order` is `seller/order`; `expected` and `found` are columns with their values, None where a
    whole row is too many or missing. Amounts are öre.
    """

    sentence: str
    table: str
    order: str | None = None
    event: Place | None = None
    expected: Values | None = None
    found: Values | None = None

    def __str__(self) -> str:
        return self.sentence

    def for_programs(self) -> dict[str, Any]:
        """By the names of its fields, those of an event's place too."""
        return asdict(self) | {"event": None if self.event is None else self.event._asdict()}


def place_of(row: EventRow) -> Place:
    return Place(row.partition, row.position, row.version)


def of_rows(one: OfRows) -> Difference:
    """A row of a read model that the log gives otherwise; of two rows, the columns that differ."""
    names = COLUMNS[one.table]
    expected = None if one.expected is None else dict(zip(names, one.expected, strict=True))
    found = None if one.found is None else dict(zip(names, one.found, strict=True))
    return differing(one.table, one.key, expected, found)


def differing(
    table: str, key: tuple[Any, ...], expected: Values | None, found: Values | None
) -> Difference:
    """A row that should be another, should be there, or should not."""
    row = expected or found or {}
    order = f"{row['seller']}/{row['order_id']}" if "order_id" in row else None
    event = Place(row.get("partition"), row.get("position"), row.get("version"))
    named = " ".join(map(str, key))
    if expected is None or found is None:
        what = "is missing" if found is None else "does not follow from the log"
        sentence = f"{table} {named}: {what}"
    else:
        both = expected.keys() | found.keys()
        apart = sorted(name for name in both if expected.get(name) != found.get(name))
        expected = {name: expected.get(name) for name in apart}
        found = {name: found.get(name) for name in apart}
        said = ", ".join(
            f"{name} is {_said(name, found[name])}, not {_said(name, expected[name])}"
            for name in apart
        )
        sentence = f"{table} {named}: {said}"
    return Difference(
        sentence=sentence, table=table, order=order, event=event if any(event) else None,
        expected=expected, found=found,
    )  # fmt: skip


def event_said(stored: Stored | None) -> str:
    """An event in a sentence, the amounts of an outcome in kronor."""
    if stored is None:
        return "nothing"
    body = stored.body
    if stored.type in KINDS:
        with suppress(msgspec.DecodeError):  # of a row that was changed
            body = msgspec.json.encode(_in_kronor(msgspec.json.decode(body)))
    return f"{stored.type} {body.decode()}"


def _in_kronor(value: Any, name: str = "") -> Any:
    """A stored outcome with its amounts written out; steps are pairs of a label and an amount."""
    if isinstance(value, dict):
        return {key: _in_kronor(inner, key) for key, inner in value.items()}
    if name in STEPS:
        return [(label, kronor(amount)) for label, amount in value]
    if isinstance(value, list):
        return [_in_kronor(one) for one in value]
    is_amount = isinstance(value, int) and not isinstance(value, bool) and name.endswith(AMOUNTS)
    return kronor(value) if is_amount else value


def _said(name: str, value: Any) -> str:
    """A value in a sentence, an amount in kronor; programs are told all of it."""
    text = kronor(value) if name in MONEY and isinstance(value, int) else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}.."
