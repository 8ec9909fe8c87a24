"""What lies beside the log and follows from it: timers, shipments, and what is personal."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import asyncpg
import msgspec

from adapters.codec import KINDS, OutcomeMeta
from adapters.verify.differences import Difference, Place, Values, differing
from adapters.folding import Stream as Rows
from adapters.messages import Personal
from adapters.parcels.matching import shipments
from adapters.rules import rules_digest
from adapters.streams import AnyStream
from domain.acts import PersonalDataErased
from domain.decide import LAPSES, lapse
from domain.order import Order
from domain.terms.book import Book

_OF = "join unnest($1::text[], $2::text[]) k(seller, order_id) using (seller, order_id)"
TIMERS = f"select seller, order_id, partition, due, wakes::text from timers {_OF}"
SHIPMENTS = f"""
    select seller, order_id, source, id, carrier, number, parcel, at, retracted,
           generation is not null or retracted as told_through
    from shipments {_OF}
"""
PERSONAL = f"select seller, order_id, version, field, value::text, salt from personal {_OF}"
ROWS_OF_NOBODY = {
    table: f"select seller, order_id from {table} t where not exists "
    "(select from events e where (e.seller, e.order_id) = (t.seller, t.order_id)) limit 1000"
    for table in ("timers", "shipments", "personal")
}
"""Rows of orders that are not in the log."""
ERASED = PersonalDataErased.__name__
Wakes = dict[str, datetime]
"""When each policy asks to be run without a fact."""
_wakes = msgspec.json.Decoder(dict[str, datetime])
_outcome_meta = msgspec.json.Decoder(OutcomeMeta)


async def beside(
    connection: asyncpg.Connection,
    together: Sequence[tuple[AnyStream, Rows]],
    book: Book,
    failed: frozenset[str],
) -> tuple[Counter[str], list[Difference]]:
    """How many rows these streams have by table, and where they should be others.

    `failed` are the orders of which a timer was parked: it is not due until that was mended.
    """
    names = [stream.id.split("/", 1) for stream, _ in together]
    columns = list(zip(*names, strict=True))
    found = {
        "timers": await connection.fetch(TIMERS, *columns),
        "shipments": await connection.fetch(SHIPMENTS, *columns),
        "personal": await connection.fetch(PERSONAL, *columns),
    }
    count = Counter({table: len(rows) for table, rows in found.items()})
    differences = _timers(together, found["timers"], book, failed)
    differences += _compared("shipments", 4, _shipped(together), map(dict, found["shipments"]))
    differences += _persons(together, found["personal"])
    return count, differences


def _compared(
    table: str, width: int, expected: Iterable[Values], found: Iterable[Values]
) -> list[Difference]:
    """Rows of which the first so many columns are the key."""
    should = {tuple(row.values())[:width]: row for row in expected}
    there = {tuple(row.values())[:width]: row for row in found}
    return [
        differing(table, key, should.get(key), there.get(key))
        for key in {**should, **there}
        if should.get(key) != there.get(key)
    ]


# -- timers ---------------------------------------------------------------------------------------


def _timers(
    together: Sequence[tuple[AnyStream, Rows]],
    found: Sequence[asyncpg.Record],
    book: Book,
    failed: frozenset[str],
) -> list[Difference]:
    rows = {f"{row[0]}/{row[1]}": dict(row) | {"wakes": _wakes.decode(row[4])} for row in found}
    expected = []
    for stream, events in together:
        if not isinstance(stream, Order):
            continue
        row = rows.get(stream.id, {})
        wakes = _asked(stream, events, row.get("wakes"), book)
        due = min(wakes.values(), default=None)
        if stream.id in failed and row.get("due") is None:
            due = None
        seller, order = stream.id.split("/", 1)
        expected.append(
            {"seller": seller, "order_id": order, "partition": events[0].partition, "due": due,
             "wakes": wakes}
        )  # fmt: skip
    return _compared("timers", 2, expected, rows.values())


def _asked(order: Order, events: Rows, wakes: Wakes | None, book: Book) -> Wakes:
    """When policies ask to be run: as after the last event, or later where `wakes` says so and
    time could pass until then without an event. Other rules may have asked for other instants.
    """
    recorded = dict(order.wakes)
    if wakes is None or wakes == recorded:
        return recorded
    if any(one.type in KINDS and _rules(one.meta) != rules_digest() for one in events):
        return wakes
    for _ in range(LAPSES):
        if order.wakes_at is None or _happens(order, order.wakes_at, book):
            break
        if order.wakes == wakes:
            return wakes
    return recorded


def _happens(order: Order, until: datetime, book: Book) -> bool:
    """Whether something happens to an order until then, if only that a rule fails."""
    try:
        lapse(order, until, book)
    except Exception:  # noqa: BLE001 - a writer would have parked that timer
        return True
    return bool(order.collect())


def _rules(meta: bytes) -> str:
    return _outcome_meta.decode(meta).rules


# -- shipments, and what is personal --------------------------------------------------------------


def _shipped(together: Sequence[tuple[AnyStream, Rows]]) -> Iterator[Values]:
    for stream, _ in together:
        for one in shipments(stream) if isinstance(stream, Order) else ():
            yield {
                "seller": one.seller, "order_id": one.order, "source": one.source, "id": one.id,
                "carrier": one.carrier, "number": one.number, "parcel": one.parcel, "at": one.at,
                "retracted": one.retracted, "told_through": True,
            }  # fmt: skip


def _persons(
    together: Sequence[tuple[AnyStream, Rows]], found: Sequence[asyncpg.Record]
) -> list[Difference]:
    """Values are compared by the digests that the log has of them; they are never shown."""
    digests = dict(one for stream, rows in together for one in _digests(stream.id, rows).items())
    there = {(f"{row[0]}/{row[1]}", row[2], row[3]): row for row in found}
    differences = []
    for name in {**digests, **there}:
        order, version, field = name
        row, digest = there.get(name), digests.get(name)
        if row is None:
            what = "is missing, and no act erased it"
        elif digest is None:
            what = "is of no event, or should have been erased"
        elif Personal(field, json.loads(row[4]), row[5]).digest != digest:
            what = "was changed"
        else:
            continue
        differences.append(
            Difference(
                sentence=f"{order} {version}: {field} {what}", table="personal", order=order,
                event=Place(version=version),
            )
        )  # fmt: skip
    return differences


def _digests(key: str, rows: Rows) -> dict[tuple[str, int, str], str]:
    """What the events of a stream say of the personal values beside them, less what was erased."""
    erased = max((one.version for one in rows if one.type == ERASED), default=0)
    return {
        (key, one.version, field): digest
        for one in rows
        if one.version >= erased and b'"personal"' in one.meta
        for field, digest in json.loads(one.meta).get("personal", {}).items()
    }
