"""What verify finds: of each difference the order, the event, what follows and what is there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from adapters.folding import Difference as OfRows
from adapters.postgres.batch import EventRow
from projections import PROJECTIONS

Values = Mapping[str, Any]
SHOWN = 100
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
            f"{name} is {_short(found[name])}, not {_short(expected[name])}" for name in apart
        )
        sentence = f"{table} {named}: {said}"
    return Difference(
        sentence=sentence, table=table, order=order, event=event if any(event) else None,
        expected=expected, found=found,
    )  # fmt: skip


def _short(value: Any) -> str:
    """A value in a sentence; programs are told all of it."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}.."
