"""What a read model is: a table, the shape of its rows, and how events become rows.

There are three kinds. *Appended* tables get rows for an event and never change them. *Evolving*
ones fold each event into the row of a key. *Computed* ones follow from an order's dossier as a
whole and are compared with what stood, once a batch.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, NamedTuple, get_type_hints

from domain.events import AnyEvent, OutcomeRaised
from projections.dossier import Dossier

Key = tuple[Any, ...]
Row = tuple[Any, ...]

Text = Annotated[str, "text"]
MaybeText = Annotated[str | None, "text"]
Texts = Annotated[tuple[str, ...], "text[]"]
Small = Annotated[int, "smallint"]
Integer = Annotated[int, "integer"]
MaybeInteger = Annotated[int | None, "integer"]
Big = Annotated[int, "bigint"]
MaybeBig = Annotated[int | None, "bigint"]
Day = Annotated[date, "date"]
Instant = Annotated[datetime, "timestamptz"]
MaybeInstant = Annotated[datetime | None, "timestamptz"]


@dataclass(slots=True, eq=False)
class Recorded:
    """An event of the order `seller/order`, and its place in the log."""

    event: AnyEvent
    seller: str
    order: str
    partition: int
    position: int
    closed: date | None = None
    """The last month that its seller's books are closed for, at its place in its partition."""

    @property
    def key(self) -> str:
        return f"{self.seller}/{self.order}"


class Column(NamedTuple):
    name: str
    sql_type: str


def columns_of(row: type[NamedTuple]) -> tuple[Column, ...]:
    """The columns of a row class, in order: its fields are annotated with their SQL types."""
    hints = get_type_hints(row, include_extras=True)
    return tuple(Column(name, hint.__metadata__[0]) for name, hint in hints.items())


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """`name` is what people rebuild; one may have several tables. A new `version` asks for it.

    Every table begins with `seller` and `order_id`.
    """

    name: str
    version: int
    table: str
    row: type[Any]
    key: tuple[str, ...]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return columns_of(self.row)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where the key's columns stand in a row."""
        names = [column.name for column in self.columns]
        return tuple(names.index(name) for name in self.key)


@dataclass(frozen=True, kw_only=True, eq=False)
class Appended(Projection):
    """`rows(recorded, dossier)`: the dossier has taken the event already."""

    rows: Callable[[Recorded, Dossier], Sequence[Row]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Evolving(Projection):
    """Folds the outcomes of kind `of`: `evolve(row, event, key)` is the row of a key after one.

    A key is the seller, the order and what `name_of` the outcome gives. `completed(dossier)` gives
    a row the columns that follow from the order as it then stands.
    """

    of: type[Any]
    name_of: Callable[[Any], tuple[Any, ...]]
    evolve: Callable[[Row | None, OutcomeRaised, Key], Row]
    completed: Callable[[Dossier], Callable[[Row], Row]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Computed(Projection):
    """`rows(dossier)`: all rows of an order, in this table, as they now are."""

    rows: Callable[[Dossier], Iterable[Row]]


Keyed = Evolving | Computed
AnyProjection = Appended | Evolving | Computed
