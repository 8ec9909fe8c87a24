"""Verify: decide every order again from its recorded facts, and walk the hash chains.

Replay folds what was recorded and never decides; this is its opposite, and must find the same
outcomes, byte for byte, in the same order. The rules' version may differ: then what the rules of
today would decide otherwise is what is listed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from adapters.codec import Stored, decode, encode
from adapters.messages import INSIDE, Personal
from adapters.passed import Passed
from adapters.postgres.store import Store
from adapters.seal import START, chained
from domain.customer_stream import Customer, hear, is_customer
from domain.decide import lapse, tell
from domain.errors import VillkorError
from domain.events import AnyEvent, FactTold, OutcomeRaised, TermsPinned
from domain.order import Order
from domain.state import Told
from domain.terms.book import Book

Row = tuple[int, datetime, Stored]
"""(version, recorded at, stored event) of one order."""
Beside = tuple[str, int, str]
"""(order, version, field) of a personal value."""


@dataclass(slots=True)
class Verified:
    """What was looked at, and every difference as a sentence; the ledger must come to 0."""

    orders: int = 0
    customers: int = 0
    events: int = 0
    ledger_total: int = 0
    differences: list[str] = field(default_factory=list)


async def verify(store: Store, book: Book) -> Verified:
    """Walk the whole log, partition by partition, and what lies beside it."""
    editions = await store.editions()
    book.stored |= {edition.hash: edition for edition in editions}
    result = Verified(ledger_total=await store.ledger_total())
    result.differences += [
        f"edition {edition.hash[:12]} of {edition.seller} is not what its name says"
        for edition in editions
        if sha256(edition.encode()).hexdigest() != edition.hash
    ]
    digests: dict[Beside, str] = {}
    partitions, on_the_way = await store.cut(INSIDE)
    passed = Passed(on_the_way)
    for partition, position, head in partitions:
        streams = await _walk(store, partition, position, head, result)
        for key, rows in streams.items():
            result.customers += is_customer(key)
            result.differences += again(key, rows, book, passed)
            digests |= _digests(key, rows)
        result.orders += len(streams)
    result.orders -= result.customers
    result.differences += passed.differences()
    async for row in store.personal():
        name = (f"{row.seller}/{row.order_id}", row.version, row.field)
        if digests.get(name) != Personal(row.field, json.loads(row.value), row.salt).digest:
            result.differences.append(f"{name[0]} {row.version}: {row.field} was changed")
    if result.ledger_total:
        result.differences.append(f"ledger: comes to {result.ledger_total} öre, not to 0")
    return result


async def _walk(
    store: Store, partition: int, position: int, head: bytes, result: Verified
) -> dict[str, list[Row]]:
    """The events of a partition by order; each must fit the one before, the last the head."""
    by_order: dict[str, list[Row]] = {}
    chain, count = START, 0
    async for row in store.read_events(partition):
        if 0 < position < row.position:
            break  # written since
        count += 1
        chain = chained(chain, row.key, row.version, row.recorded_at, row.stored)
        if chain != row.hash or count != row.position:
            result.differences.append(
                f"partition {partition}: event {row.position} ({row.key} {row.version}) "
                "does not fit the chain"
            )
            chain, count = row.hash, row.position
        by_order.setdefault(row.key, []).append((row.version, row.recorded_at, row.stored))
    if (count, chain) != (position, head):
        result.differences.append(
            f"partition {partition}: the log ends at {count}, its head is at {position}"
        )
    result.events += count
    return by_order


def _digests(key: str, rows: Sequence[Row]) -> dict[Beside, str]:
    """What the events say of the personal values beside them."""
    return {
        (key, version, field): digest
        for version, _, stored in rows
        if b'"personal"' in stored.meta
        for field, digest in json.loads(stored.meta).get("personal", {}).items()
    }


def again(key: str, rows: Sequence[Row], book: Book, passed: Passed) -> list[str]:
    """Decide one order again, or hear a customer's facts; what would be recorded otherwise.

    What the recorded events say to other streams is put into `passed`.
    """
    try:
        recorded = [decode(key, version, at, stored) for version, at, stored in rows]
        stream = _hear(key, recorded) if is_customer(key) else _decide(key, recorded, book)
        decided = stream.collect()
        if found := _differences(key, recorded, decided):
            stream = (Customer if is_customer(key) else Order).blank(key)
            for event in recorded:
                stream.apply(event)
    except VillkorError as error:
        return [f"{key}: {error}"]
    passed.take(stream)
    return found


def _differences(key: str, recorded: Sequence[AnyEvent], decided: Sequence[AnyEvent]) -> list[str]:
    for was, now in zip_longest(map(_shown, recorded), map(_shown, decided)):
        if was is None:
            return [f"{key}: {now[2]} would follow"]
        if was != now:
            instead = "nothing" if now is None else f"{now[2]} {now[3].decode()}"
            return [f"{key} {was[0]}: {was[2]} {was[3].decode()}, now {instead}"]
    return []


def _hear(key: str, recorded: Sequence[AnyEvent]) -> Customer:
    customer = Customer.blank(key)
    for event in recorded:
        if isinstance(event, FactTold):
            hear(customer, event.told, event.body)
    return customer


def _decide(key: str, recorded: Sequence[AnyEvent], book: Book) -> Order:
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
    return order


def _shown(event: AnyEvent) -> tuple[Any, ...]:
    """All of an event but the version of the rules that decided it."""
    stored = encode(event, "")
    by = (event.policy, event.cause) if isinstance(event, OutcomeRaised) else None
    void = event.void if isinstance(event, FactTold) else None
    return (
        event.originator_version, event.timestamp, stored.type, stored.body, stored.at, by, void,
    )  # fmt: skip
