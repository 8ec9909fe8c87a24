"""One lane of the road: a set of partitions with one connection, batch after batch.

Within a batch: load the orders that are not cached (one query), take and decide, seal the events
into their partitions' hash chains, fold them into the read models, write everything in one
transaction. What was decided counts only once that is committed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

import msgspec
import structlog

from adapters.acts import check_adopted
from adapters.codec import encode
from adapters.messages import INSIDE, Message, Understood, telling
from adapters.parcels.matching import shipments
from adapters.partitions import partition_of
from adapters.postgres.batch import Batch, Claim, DeadLetter, PersonalRow, TimerRow
from adapters.postgres.connect import GONE
from adapters.postgres.store import Store
from adapters.publishable import publishable
from adapters.report import Report
from adapters.seal import Sealing
from adapters.streams import AnyStream, blank, replayed
from adapters.work import Work, parked, sentence
from domain.acts import PersonalDataErased
from domain.decide import follow, lapse, tell
from domain.errors import Corrupt, Fenced, Swapped, Uncertain
from domain.events import AnyEvent, FactTold, OutcomeRaised, TermsPinned
from domain.facts import Retracted, Shipped
from domain.order import Order
from domain.register import Register
from domain.stream import hear
from domain.terms.book import Book
from projections.fold import Rows, fold_events
from projections.periods import closing
from projections.projection import Recorded

log = structlog.get_logger()
TURN_SECONDS = 0.001
"""Between two looks at the event loop: a reply to another lane is kept waiting no longer."""
CACHED_ORDERS = 50_000
STOPPING = (Fenced, Uncertain, Corrupt, *GONE)
"""What is nobody's message's fault: the partition stops, or is claimed again."""
LAPSE_BATCH = 1_000


Origins = dict[int, Understood]
"""The messages behind new events, by their versions."""


@dataclass(slots=True)
class Cached:
    """An order, customer or register of this writer, and its rows in the keyed read models."""

    stream: AnyStream
    rows: Rows
    timer: TimerRow | None = None
    """As it was last written, where that is known."""


class Lane:
    """The writer of some partitions. Its methods are serial: one batch at a time."""

    def __init__(self, store: Store, book: Book, rules: str, deciding: asyncio.Lock) -> None:
        self.store, self.book, self.rules = store, book, rules
        self.deciding = deciding
        """Held by the lane that decides: the others have its core for nothing but their writing."""
        self.claims: dict[int, Claim] = {}
        self.cache: dict[str, Cached] = {}
        self.lock = asyncio.Lock()
        self.turn_ends = 0.0

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
        return await self._on_what_is_live(lambda: self._once(work))

    async def _on_what_is_live(self, batch: Callable[[], Awaitable[Report]]) -> Report:
        """A batch; told again at once where the read models were swapped under it."""
        while True:
            try:
                return await batch()
            except Swapped as swapped:
                for partition, models in swapped.models.items():
                    self.claims[partition].models = models

    async def _once(self, work: Work) -> Report:
        report = Report(parked=len(work.refused))
        batch = Batch(dict(self.claims), positions=work.positions, inbox_taken=work.inbox)
        batch.dead_letters += work.refused
        async with self._remembered():
            await self._load(work.by_order)
            async with self.deciding:
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
        async with self.lock:
            return await self._on_what_is_live(lambda: self._wake(keys, until))

    async def _wake(self, keys: list[str], until: datetime) -> Report:
        async with self._remembered():
            batch, report = Batch(dict(self.claims)), Report()
            await self._load(keys)
            async with self.deciding:
                for key in keys:
                    self._lapse(key, until, batch, report)
                    await self._others_turn()
            await self._write(batch)
            return report

    async def _load(self, keys: Iterable[str]) -> None:
        missing = [key for key in keys if key not in self.cache]
        if not missing:
            return
        loaded = await self.store.load([tuple(key.split("/", 1)) for key in missing])
        for key in missing:
            found = loaded.get(key)
            if found is None:
                self.cache[key] = Cached(blank(key), Rows())
                continue
            stream = replayed(key, found.events, self.rules)
            if isinstance(stream, Order):
                stream.wakes |= found.wakes
                if stream.holds:
                    with suppress(Exception):  # it shows when the order is told something, or woken
                        follow(stream, self.book)
            self.cache[key] = Cached(stream, Rows(found.rows))

    async def _take(self, work: Work, batch: Batch, report: Report) -> None:
        for key, told in work.by_order.items():
            stream = self.cache[key].stream
            waited = _waits(stream) and stream.version > 0
            origins: Origins = {}
            try:
                new = []
                for message, understood in told:
                    new.append((message, self._tell(stream, understood, origins)))
                    await self._others_turn()
            except Exception:  # noqa: BLE001 - whose fault it is shows when they are told apart
                origins = {}
                new = await self._tell_apart(key, told, origins, batch, report)
            for message, is_new in new:
                _count(message, report, is_new=is_new)
            cached = self.cache[key]
            self._keep(cached, origins, batch, report)
            if _waits(cached.stream):
                report.waits[key] = len(cached.stream.seen)
            elif waited:
                report.waits[key] = 0

    async def _tell_apart(
        self, key: str, told: Iterable[tuple[Message, Understood]], origins: Origins,
        batch: Batch, report: Report,
    ) -> list[tuple[Message, bool]]:  # fmt: skip
        """Tell a stream, loaded anew, message by message; what fails is undone and parked alone."""
        del self.cache[key]
        await self._load([key])
        stream, new = self.cache[key].stream, []
        for message, understood in told:
            mark = stream.mark()
            try:
                new.append((message, self._tell(stream, understood, origins)))
            except Exception as error:  # noqa: BLE001 - one message must not stop the others
                stream.restore(mark)
                report.parked += 1
                at = understood.told.recorded_at
                batch.dead_letters.append(parked(message, error, at, understood))
            await self._others_turn()
        return new

    def _tell(self, stream: AnyStream, understood: Understood, origins: Origins) -> bool:
        """Whether the message is new to the stream."""
        check_adopted(stream, understood.told, self.rules)
        if isinstance(stream, Order):
            is_new = tell(stream, understood.told, understood.body, self.book)
        else:
            is_new = hear(stream, understood.told, understood.body)
        if is_new:
            origins[_version_of(stream, understood)] = understood
        return is_new

    async def _others_turn(self) -> None:
        """Let others have the event loop, where they have waited for it long enough."""
        if perf_counter() >= self.turn_ends:
            await asyncio.sleep(0)
            self.turn_ends = perf_counter() + TURN_SECONDS

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
            cached.timer = None
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
        sealing, closed = Sealing(batch), batch.months(partition).get(seller)
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
            recorded.append(Recorded(event, seller, order_id, partition, position, closed))
            if origin is not None:
                batch.personal += [
                    PersonalRow(seller, order_id, event.originator_version, one.field,
                                msgspec.json.encode(one.value), one.salt)
                    for one in origin.personal
                ]  # fmt: skip
            if _erases(event):
                batch.erased.append((seller, order_id, event.originator_version))
            if isinstance(event, TermsPinned):
                batch.editions.append(
                    self.book.pinned(event.edition, event.seller, event.marketplace, event.day)
                )
            elif isinstance(event, OutcomeRaised):
                report.lapsed += event.cause == 0
                report.outcomes += event.cause > 0
        if isinstance(stream, Register):
            for event in events:
                batch.closed[partition] = closing(event, batch.months(partition))
        fold_events(recorded, cached.rows, batch.changes)
        if isinstance(stream, Order) and any(map(_ships, events)):
            batch.shipments += [(one, stream.clock) for one in shipments(stream)]
        for said in stream.hand_over():
            batch.inbox.append((partition_of(said.to), telling(said), INSIDE))
            report.owing += 1
        if isinstance(stream, Order) and stream.version:
            timer = TimerRow(seller, order_id, partition, stream.wakes_at, _wakes(stream))
            if timer != cached.timer:
                batch.timers.append(timer)
                cached.timer = timer

    async def _write(self, batch: Batch) -> None:
        await self.store.write(batch)
        for partition, (position, head) in batch.heads.items():
            batch.claims[partition].position, batch.claims[partition].head = position, head
        for partition, closed in batch.closed.items():
            batch.claims[partition].closed = closed
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


def _count(message: Message, report: Report, *, is_new: bool) -> None:
    if message.inside:
        report.passed += 1
    elif is_new:
        report.taken += 1
    else:
        report.duplicates += 1


def _waits(stream: AnyStream) -> bool:
    """Whether the order system has not told of the order yet."""
    return isinstance(stream, Order) and stream.state.data is None


def _ships(event: AnyEvent) -> bool:
    """Whether a parcel may have become the order's by this, or ceased to be."""
    return isinstance(event, FactTold) and isinstance(event.told.fact, (Shipped, Retracted))


def _erases(event: AnyEvent) -> bool:
    """Whether what lies beside the stream about persons is to go with it."""
    return isinstance(event, FactTold) and isinstance(event.told.fact, PersonalDataErased)


def _version_of(stream: AnyStream, understood: Understood) -> int:
    """The version of the event that holds a fact just told."""
    for event in reversed(stream.pending_events):
        if isinstance(event, FactTold) and event.told is understood.told:
            return event.originator_version
    raise AssertionError("a fact that was taken is an event")


def _wakes(order: Order) -> bytes:
    return msgspec.json.encode(order.wakes)
