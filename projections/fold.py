"""Folding: recorded events into rows to write, each key of a keyed table once a batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from domain.events import OutcomeRaised
from projections import PROJECTIONS
from projections.dossier import Dossier
from projections.orders import ORDERS, dossier_of
from projections.projection import (
    AnyProjection, Appended, Computed, Evolving, Key, Recorded, Row,
)  # fmt: skip

Tables = dict[str, dict[Key, Row]]


class Rows:
    """What the keyed tables hold of one order: table -> key -> row, and its dossier.

    It follows what was folded, committed or not: after a failed batch it is dropped and loaded
    again. Rows come as the database gives them; arrays become tuples, as projections make them.
    """

    __slots__ = ("dossier", "tables")

    def __init__(self, loaded: Mapping[str, Mapping[Key, Iterable[object]]] | None = None) -> None:
        self.tables: Tables = {
            table: {key: plain(row) for key, row in rows.items()}
            for table, rows in (loaded or {}).items()
        }
        self.dossier: Dossier | None = None
        for row in self.tables.get(ORDERS.table, {}).values():
            self.dossier = dossier_of(row)

    def of(self, table: str) -> dict[Key, Row]:
        return self.tables.setdefault(table, {})


def plain(row: Iterable[object]) -> Row:
    """A row of the database as projections make it."""
    return tuple([tuple(one) if isinstance(one, list) else one for one in row])


@dataclass(slots=True)
class Changes:
    """What a batch writes to the read models, by table; the rows are in column order."""

    appended: dict[str, list[Row]] = field(default_factory=dict)
    upserted: dict[str, dict[Key, Row]] = field(default_factory=dict)
    deleted: dict[str, set[Key]] = field(default_factory=dict)

    def put(self, table: str, key: Key, row: Row | None) -> None:
        """What stands under a key at the end of the batch: a row, or nothing."""
        if row is None:
            self.upserted.get(table, {}).pop(key, None)
            self.deleted.setdefault(table, set()).add(key)
        else:
            self.deleted.get(table, set()).discard(key)
            self.upserted.setdefault(table, {})[key] = row


def fold(
    recorded: Sequence[Recorded],
    rows_of: Mapping[str, Rows],
    changes: Changes,
    projections: Sequence[AnyProjection] = PROJECTIONS,
) -> None:
    """Fold a batch. `rows_of` has the rows of every order in it, by `seller/order`."""
    by_order: dict[str, list[Recorded]] = {}
    for one in recorded:
        by_order.setdefault(one.event.originator_id, []).append(one)
    for key, events in by_order.items():
        fold_events(events, rows_of[key], changes, projections)


def fold_events(
    recorded: Sequence[Recorded],
    rows: Rows,
    changes: Changes,
    projections: Sequence[AnyProjection] = PROJECTIONS,
) -> None:
    """Fold events of one order, in their order."""
    if not recorded:
        return
    dossier = rows.dossier
    if dossier is None:
        dossier = rows.dossier = Dossier(recorded[0].seller, recorded[0].order)
    appended, evolving, computed = _by_kind(tuple(projections))
    into = [(one.rows, changes.appended.setdefault(one.table, [])) for one in appended]
    before: dict[tuple[Evolving, Key], Row | None] = {}
    for one in recorded:
        event = one.event
        dossier.take(event)
        for rows_of, new in into:
            new += rows_of(one, dossier)
        if isinstance(event, OutcomeRaised):
            for keyed in evolving:
                if isinstance(event.item, keyed.of):
                    key = (one.seller, one.order, *keyed.name_of(event.item))
                    held = rows.of(keyed.table)
                    row = held.get(key)
                    before.setdefault((keyed, key), row)
                    held[key] = keyed.evolve(row, event, key)
    for keyed in evolving:
        if held := rows.of(keyed.table):
            completed = keyed.completed(dossier)
            for key, row in held.items():
                now = held[key] = completed(row)
                if now != before.get((keyed, key), row):
                    changes.put(keyed.table, key, now)
    for whole in computed:
        _compute(whole, dossier, rows.of(whole.table), changes)


def _compute(
    projection: Computed, dossier: Dossier, held: dict[Key, Row], changes: Changes
) -> None:
    """What an order's rows in a table should be, against what they were."""
    places = projection.places
    rows = {tuple([row[place] for place in places]): row for row in projection.rows(dossier)}
    for key in [key for key in held if key not in rows]:
        del held[key]
        changes.put(projection.table, key, None)
    for key, row in rows.items():
        if held.get(key) != row:
            held[key] = row
            changes.put(projection.table, key, row)


@cache
def _by_kind(
    projections: tuple[AnyProjection, ...],
) -> tuple[list[Appended], list[Evolving], list[Computed]]:
    return (
        [one for one in projections if isinstance(one, Appended)],
        [one for one in projections if isinstance(one, Evolving)],
        [one for one in projections if isinstance(one, Computed)],
    )
