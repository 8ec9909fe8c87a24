"""Verify: decide every order again from its recorded facts, and walk the hash chains.

Replay folds what was recorded and never decides; this is its opposite, and must find the same
outcomes, byte for byte, in the same order. The rules' version may differ: then what the rules of
today would decide otherwise is what is listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.codec import Stored, decode, encode
from adapters.postgres.store import Store
from adapters.seal import START, chained
from domain.decide import lapse, tell
from domain.errors import VillkorError
from domain.events import AnyEvent, FactTold, TermsPinned
from domain.order import Order
from domain.state import Told
from domain.terms.book import Book

Row = tuple[int, datetime, Stored]
"""(version, recorded at, stored event) of one order."""


@dataclass(slots=True)
class Verified:
    """What was looked at, and every difference as a sentence; the ledger must come to 0."""

    orders: int = 0
    events: int = 0
    ledger_total: int = 0
    differences: list[str] = field(default_factory=list)


async def verify(store: Store, book: Book) -> Verified:
    """Walk the whole log, partition by partition."""
    book.stored |= {edition.hash: edition for edition in await store.editions()}
    result = Verified(ledger_total=await store.ledger_total())
    for partition, position, head in await store.partitions():
        by_order: dict[str, list[Row]] = {}
        chain, count = START, 0
        async for row in store.read_events(partition):
            if row.position > position:
                break  # written since
            count += 1
            stored = Stored(row.type, row.schema, row.at, row.body, row.meta, row.source, row.id)
            key = f"{row.seller}/{row.order_id}"
            chain = chained(chain, key, row.version, row.recorded_at, stored)
            if chain != row.hash or count != row.position:
                result.differences.append(
                    f"partition {partition}: event {row.position} ({key} {row.version}) "
                    "does not fit the chain"
                )
                chain, count = row.hash, row.position
            by_order.setdefault(key, []).append((row.version, row.recorded_at, stored))
        if (count, chain) != (position, head):
            result.differences.append(
                f"partition {partition}: the log ends at {count}, its head is at {position}"
            )
        result.events += count
        result.orders += len(by_order)
        for key, rows in by_order.items():
            result.differences += again(key, rows, book)
    if result.ledger_total:
        result.differences.append(f"ledger: comes to {result.ledger_total} öre, not to 0")
    return result


def again(key: str, rows: Sequence[Row], book: Book) -> list[str]:
    """Decide one order again; the differences between what was and what would be recorded."""
    try:
        recorded = [decode(key, version, at, stored) for version, at, stored in rows]
        decided = _decide(key, recorded, book)
    except VillkorError as error:
        return [f"{key}: {error}"]
    shown = [_shown(event) for event in decided]
    for number, (version, at, stored) in enumerate(rows):
        was = (version, at, stored.type, stored.body)
        now = shown[number] if number < len(shown) else None
        if was != now:
            instead = "nothing" if now is None else f"{now[2]} {now[3].decode()}"
            return [f"{key} {version}: {stored.type} {stored.body.decode()}, now {instead}"]
    if len(shown) > len(rows):
        return [f"{key}: {shown[len(rows)][2]} would follow"]
    return []


def _decide(key: str, recorded: Sequence[AnyEvent], book: Book) -> list[AnyEvent]:
    order = Order.blank(key)
    for event in recorded:
        if isinstance(event, TermsPinned):
            order.editions[(event.seller, event.marketplace, event.day)] = event.edition
    for event in recorded:
        if isinstance(event, FactTold):
            was = event.told
            told = Told(was.fact, was.at, event.timestamp, was.source, was.id)
            tell(order, told, event.body, book)
    if recorded:
        lapse(order, recorded[-1].timestamp, book)
    return order.collect()


def _shown(event: AnyEvent) -> tuple[int, datetime, str, bytes]:
    stored = encode(event, "")
    return (event.originator_version, event.timestamp, stored.type, stored.body)
