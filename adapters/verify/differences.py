"""What verify finds: of each difference the order, the event, what follows and what is there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from adapters.folding import Difference as OfRows
from adapters.postgres.batch import EventRow
from adapters.verify.words import Line, compared, is_text
from projections import PROJECTIONS

Values = Mapping[str, Any]
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
    breaks: bool = False
    """Whether a hash chain does not hold there."""
    follows: int | None = None
    """The event of its order that does not fit the chain, from which this may follow."""

    def __str__(self) -> str:
        return self.sentence

    @property
    def lines(self) -> list[Line]:
        """What is apart: of long values the paths that differ, amounts in kronor."""
        return compared(self.expected or {}, self.found or {})

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
        what = ", ".join(_column(name, expected[name], found[name]) for name in apart)
        sentence = f"{table} {named}: {what}"
    return Difference(
        sentence=sentence, table=table, order=order, event=event if any(event) else None,
        expected=expected, found=found,
    )  # fmt: skip


def _column(name: str, expected: Any, found: Any) -> str:
    """A column that differs, in a sentence; of a text of JSON what differs within it."""
    lines = compared({name: expected}, {name: found})
    what = ", ".join(f"{path} is {is_}, not {should}" for path, should, is_ in lines)
    return f"{name} is otherwise: {what}" if is_text(name, expected, found) else what
