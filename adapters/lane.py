"""One lane of the road: a set of partitions with one connection, batch after batch.

Within a batch: load the orders that are not cached (one query), take and decide, seal the events
into their partitions' hash chains, fold them into the read models, write everything in one
transaction. What was decided counts only once that is committed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import structlog

from adapters.codec import decode, encode
from adapters.messages import INSIDE, Message, Understood, envelope, telling
from adapters.parcels.matching import shipments
from adapters.partitions import partition_of
from adapters.postgres.batch import (
    Batch,
    Claim,
    DeadLetter,
    PersonalRow,
    Position,
    TimerRow,
)  # fmt: skip
from adapters.postgres.connect import GONE
from adapters.postgres.store import Store
from adapters.publishable import publishable
from adapters.report import Report
from adapters.seal import Sealing
from domain.customer_stream import Customer, hear, is_customer
from domain.decide import lapse, tell
from domain.errors import Corrupt, Fenced, Refused, Uncertain, VillkorError
from domain.events import AnyEvent, FactTold, OutcomeRaised, TermsPinned
from domain.facts import Retracted, Shipped
from domain.order import Order
from domain.register import Register, enter, is_register
from domain.terms.book import Book
from projections.fold import Rows, fold_events
from projections.projection import Recorded

log = structlog.get_logger()
YIELD_EVERY = 5
"""Facts between two looks at the event loop, so that another lane's reply is not kept waiting."""
CACHED_ORDERS = 50_000
STOPPING = (Fenced, Uncertain, Corrupt, *GONE)
"""What is nobody's message's fault: the partition stops, or is claimed again."""
LAPSE_BATCH = 1_000


AnyStream = Order | Customer | Register


def blank(key: str) -> AnyStream:
    """The stream of a key, of which nothing is known yet."""
    if is_customer(key):
        return Customer.blank(key)
    return Register.blank(key) if is_register(key) else Order.blank(key)


@dataclass(slots=True)
class Cached:
    """An order, customer or register of this writer, and its rows in the keyed read models."""

    stream: AnyStream
    rows: Rows


@dataclass(slots=True)
class Work:
    """What a batch asks of a lane: facts by order, what was refused, inbound positions."""

    by_order: dict[str, list[tuple[Message, Understood]]] = field(default_factory=dict)
    refused: list[DeadLetter] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    inbox: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.by_order or self.refused or self.positions or self.inbox)

    @property
    def messages(self) -> int:
        return sum(map(len, self.by_order.values()))

    def parts(self) -> "list[Work]":
        """The halves of its facts; what else it asks goes with the last."""
        told = [(key, one) for key, ones in self.by_order.items() for one in ones]
        middle = len(told) // 2
        last = Work(refused=self.refused, positions=self.positions, inbox=self.inbox)
        halves = [(Work(), told[:middle]), (last, told[middle:])]
        for work, half in halves:
            for key, one in half:
                work.by_order.setdefault(key, []).append(one)
        return [work for work, _ in halves if work]

    def refusing(self, error: Exception) -> "Work":
        """The same with its facts parked."""
        letters = [
            parked(message, error, one.told.recorded_at, one)
            for ones in self.by_order.values()
            for message, one in ones
        ]
        return Work(refused=self.refused + letters, positions=self.positions, inbox=self.inbox)


class Lane:
    """The writer of some partitions. Its methods are serial: one batch at a time."""

    def __init__(self, store: Store, book: Book, rules: str) -> None:
        self.store, self.book, self.rules = store, book, rules
        self.claims: dict[int, Claim] = {}
        self.cache: dict[str, Cached] = {}
        self.lock = asyncio.Lock()

    def own(self, claim: Claim) -> None:
        self.claims[claim.partition] = claim
        self.forget({claim.partition})

    def disown(self, partitions: set[int] | None) -> list[Claim]:
        gone = set(self.claims) if partitions is None else partitions & set(self.claims)
        self.forget(gone)
        return [self.claims.pop(partition) for partition in gone]

    def forget(self, partitions: set[int] | None = None) -> None:
        """Drop what is cached: all, or of some partitions."""
        if partitions is None:
            self.cache.clear()
        else:
            for key in [key for key in self.cache if partition_of(key) in partitions]:
                del self.cache[key]

    # -- a batch --------------------------------------------------------------------------------

    async def run(self, work: Work) -> Report:
        """Take, decide and write a batch. Whatever is raised, nothing of it is remembered here.

        Where a batch cannot be taken as a whole, its halves are told, down to the one message at
        fault, which is parked; told twice is harmless, and positions move with the last part.
        """
        async with self.lock:
            try:
                return await self._run(work)
            except STOPPING:
                raise
            except Exception as error:
                if not work.by_order:
                    raise
                log.warning("batch told in parts", error=type(error).__name__)
                return await self._in_parts(work, error)

    async def _in_parts(self, work: Work, error: Exception) -> Report:
        report = Report()
        for part in work.parts():
            try:
                report += await self._run(part)
            except STOPPING:
                raise
            except Exception as worse:  # noqa: BLE001 - narrowed down to its message
                if part.messages > 1:
                    report += await self._in_parts(part, worse)
                else:
                    report += await self._run(part.refusing(worse))
        return report

    async def _run(self, work: Work) -> Report:
        report = Report(parked=len(work.refused))
        batch = Batch(dict(self.claims), positions=work.positions, inbox_taken=work.inbox)
        batch.dead_letters += work.refused
        async with self._remembered():
            await self._load(work.by_order)
            await self._take(work, batch, report)
            await self._write(batch)
        report.owing += batch.handed_over
        return report

    @asynccontextmanager
    async def _remembered(self) -> AsyncIterator[None]:
        """What was decided meanwhile is kept only where it was written."""
        try:
            yield
        except BaseException:
            self.forget()
            raise
        self._trim()

    async def lapse(self, until: datetime, partitions: set[int] | None) -> Report:
        """Let what falls due in the owned partitions up to `until` lapse, batch by batch."""
        mine = sorted(set(self.claims) if partitions is None else partitions & set(self.claims))
        total = Report()
        while due := await self.store.due(mine, until, LAPSE_BATCH):
            total += await self.wake([f"{seller}/{order}" for seller, order, _ in due], until)
        return total

    async def wake(self, keys: list[str], until: datetime) -> Report:
        """Let what falls due of these orders up to `until` lapse, in one batch."""
        async with self.lock, self._remembered():
            batch, report = Batch(dict(self.claims)), Report()
            await self._load(keys)
            for number, key in enumerate(keys):
                self._lapse(key, until, batch, report)
                if number % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
            await self._write(batch)
            return report

    async def _load(self, keys: Iterable[str]) -> None:
        missing = [key for key in keys if key not in self.cache]
        if not missing:
            return
        loaded = await self.store.load([tuple(key.split("/", 1)) for key in missing])
        for key in missing:
            stream = blank(key)
            rows = Rows()
            if (found := loaded.get(key)) is not None:
                for version, recorded_at, stored in found.events:
                    stream.apply(decode(key, version, recorded_at, stored))
                stream.hand_over()  # that was done when it was said
                if isinstance(stream, Order):
                    stream.catch_up()
                    stream.wakes |= found.wakes
                rows = Rows(found.rows)
            self.cache[key] = Cached(stream, rows)

    async def _take(self, work: Work, batch: Batch, report: Report) -> None:
        count = 0
        for key, told in work.by_order.items():
            cached = self.cache[key]
            stream, origins = cached.stream, dict[int, Understood]()
            waited = _waits(stream) and stream.version > 0
            for message, understood in told:
                self._tell(stream, message, understood, origins, batch, report)
                count += 1
                if count % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
            self._keep(cached, origins, batch, report)
            if _waits(stream):
                report.waits[key] = len(stream.seen)
            elif waited:
                report.waits[key] = 0

    def _tell(
        self, stream: AnyStream, message: Message, understood: Understood,
        origins: dict[int, Understood], batch: Batch, report: Report,
    ) -> None:  # fmt: skip
        mark = stream.mark()
        try:
            if isinstance(stream, Order):
                is_new = tell(stream, understood.told, understood.body, self.book)
            elif isinstance(stream, Customer):
                is_new = hear(stream, understood.told, understood.body)
            else:
                is_new = enter(stream, understood.told, understood.body)
        except Exception as error:  # noqa: BLE001 - one message must not stop the others
            stream.restore(mark)
            report.parked += 1
            at = understood.told.recorded_at
            batch.dead_letters.append(parked(message, error, at, understood))
            return
        if is_new:
            origins[_version_of(stream, understood)] = understood
        if message.inside:
            report.passed += 1
        elif is_new:
            report.taken += 1
        else:
            report.duplicates += 1

    def _lapse(self, key: str, until: datetime, batch: Batch, report: Report) -> None:
        cached = self.cache[key]
        order = cached.stream
        if not isinstance(order, Order):
            return  # nothing of others falls due
        mark = order.mark()
        try:
            lapse(order, until, self.book)
            raised: list[Any] = order.pending_events[:]
            for event in raised:
                publishable(event, encode(event, self.rules))
        except Exception as error:  # noqa: BLE001 - one timer must not stop the others
            order.restore(mark)
            seller, order_id = key.split("/", 1)
            batch.dead_letters.append(
                DeadLetter(
                    place="timer", value=b"", reason="policy_error", sentence=sentence(error),
                    parked_at=order.wakes_at or until, seller=seller, order_id=order_id,
                    partition=partition_of(key), message_source="timer", message_id=key,
                )
            )  # fmt: skip
            report.parked += 1
            batch.timers.append(TimerRow(seller, order_id, partition_of(key), None, _wakes(order)))
            return
        self._keep(cached, {}, batch, report)

    def _keep(
        self, cached: Cached, origins: dict[int, Understood], batch: Batch, report: Report
    ) -> None:
        """Seal what the stream recorded, fold it, and put its rows into the batch."""
        stream = cached.stream
        events = stream.collect()
        seller, order_id = stream.id.split("/", 1)
        partition = partition_of(stream.id)
        sealing = Sealing(batch)
        recorded = []
        told = {
            event.originator_version: (event.told.source, event.told.id)
            for event in events if isinstance(event, FactTold)
        }  # fmt: skip
        for event in events:
            origin = origins.get(event.originator_version)
            personal = {} if origin is None else {one.field: one.digest for one in origin.personal}
            cause = told.get(event.cause) if isinstance(event, OutcomeRaised) else None
            extensions = origin.extensions if origin else None
            stored = encode(event, self.rules, personal, extensions, cause)
            publishable(event, stored)
            position = sealing.seal(partition, seller, order_id, event, stored)
            recorded.append(Recorded(event, seller, order_id, partition, position))
            if origin is not None:
                batch.personal += [
                    PersonalRow(seller, order_id, event.originator_version, one.field,
                                msgspec.json.encode(one.value), one.salt)
                    for one in origin.personal
                ]  # fmt: skip
            if isinstance(event, TermsPinned):
                batch.editions.append(
                    self.book.pinned(event.edition, event.seller, event.marketplace, event.day)
                )
            elif isinstance(event, OutcomeRaised):
                report.lapsed += event.cause == 0
                report.outcomes += event.cause > 0
        fold_events(recorded, cached.rows, batch.changes)
        if isinstance(stream, Order) and any(map(_ships, events)):
            batch.shipments += [(one, stream.clock) for one in shipments(stream)]
        for said in stream.hand_over():
            batch.inbox.append((partition_of(said.to), telling(said), INSIDE))
            report.owing += 1
        if isinstance(stream, Order) and stream.version:
            due = stream.wakes_at
            batch.timers.append(TimerRow(seller, order_id, partition, due, _wakes(stream)))

    async def _write(self, batch: Batch) -> None:
        await self.store.write(batch)
        for partition, (position, head) in batch.heads.items():
            batch.claims[partition].position, batch.claims[partition].head = position, head
        for letter in batch.dead_letters:  # never its sentence: that may quote a person
            log.info(
                "parked", reason=letter.reason, place=letter.place, seller=letter.seller,
                order=letter.order_id, partition=letter.partition,
            )  # fmt: skip
        if batch.events:
            last = batch.events[-1]
            log.debug("written", events=len(batch.events), order=f"{last.seller}/{last.order_id}",
                      partition=last.partition, position=last.position)  # fmt: skip

    def _trim(self) -> None:
        """Forget the orders cached longest ago."""
        while len(self.cache) > CACHED_ORDERS:
            del self.cache[next(iter(self.cache))]


def _waits(stream: AnyStream) -> bool:
    """Whether the order system has not told of the order yet."""
    return isinstance(stream, Order) and stream.state.data is None


def _ships(event: AnyEvent) -> bool:
    """Whether a parcel may have become the order's by this, or ceased to be."""
    return isinstance(event, FactTold) and isinstance(event.told.fact, (Shipped, Retracted))


def _version_of(stream: AnyStream, understood: Understood) -> int:
    """The version of the event that holds a fact just told."""
    for event in reversed(stream.pending_events):
        if isinstance(event, FactTold) and event.told is understood.told:
            return event.originator_version
    raise AssertionError("a fact that was taken is an event")


def _wakes(order: Order) -> bytes:
    return msgspec.json.encode(order.wakes)


def sentence(error: Exception) -> str:
    """What went wrong, for people: an error of ours is one already."""
    if isinstance(error, VillkorError):
        return str(error)
    return f"a rule failed: {type(error).__name__}: {error}"


def parked(
    message: Message, error: Exception, parked_at: datetime, told: Understood | None = None
) -> DeadLetter:
    """A dead letter from a message and what went wrong with it; who it is about, where known."""
    letter = DeadLetter(
        place=message.place, value=message.value, key=message.key, headers=message.headers,
        reason=error.reason if isinstance(error, Refused) else "policy_error",
        sentence=sentence(error), parked_at=parked_at,
    )  # fmt: skip
    if told is not None:
        letter.seller, letter.order_id = told.seller, told.order
        letter.message_source, letter.message_id = told.told.source, told.told.id
    else:
        with suppress(Refused):
            event, _ = envelope(message.value)
            letter.seller, letter.order_id = event.seller, event.subject
            letter.message_source, letter.message_id = event.source, event.id
    if letter.order_id is not None:
        letter.partition = partition_of(f"{letter.seller}/{letter.order_id}")
    return letter
