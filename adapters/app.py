"""The composition root, and the one road: every message comes through `App.handle`.

A batch is understood, grouped by order, decided, sealed into the log's partitions, folded into the
read models and written, all of it in one transaction (DESIGN.md section 4). Partitions are split
over two lanes with a connection each: while one lane waits for Postgres the other decides, and
neither decides on what is not committed.
"""

import asyncio
import gc
from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.clock import Clock
from adapters.lane import Lane
from adapters.messages import Message, understand
from adapters.partitions import PARTITIONS, partition_of
from adapters.postgres.batch import Claim, Position
from adapters.postgres.store import Store
from adapters.report import Report
from adapters.rules import rules_digest
from adapters.work import Work, parked
from domain.errors import Refused, VillkorError
from domain.terms.book import Book

LANES = 2
COLLECTOR = (1_000_000, 50, 1000)
"""Orders are cached by the ten thousand: looking through them all the time costs a tenth."""


class App:
    """A writer: the partitions that it claimed, and the road through them."""

    def __init__(self, store: Store, book: Book, owner: str, clock: Clock, lanes: int) -> None:
        rules = rules_digest()
        self.store, self.book, self.owner, self.clock = store, book, owner, clock
        deciding = asyncio.Lock()
        self.lanes = [Lane(store, book, rules, deciding) for _ in range(lanes)]

    @classmethod
    async def start(
        cls, store: Store, book: Book, owner: str, clock: Clock, lanes: int = LANES
    ) -> "App":
        """A writer on an open store; it owns nothing until it claims."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTOR)
        return cls(store, book, owner, clock, lanes)

    # -- owning partitions ----------------------------------------------------------------------

    async def claim(
        self, partitions: Iterable[int] = range(PARTITIONS), *, takeover: bool = False
    ) -> dict[int, Claim]:
        """Become the writer of these partitions. Raises Guarded where another one is alive.

        Raises VillkorError where the read models are another version's: what is folded on rows of
        another form is posted wrong.
        """
        if outdated := " ".join(await self.store.outdated()):
            raise VillkorError(
                f"read models were built by another version of Villkor; run `villkor rebuild "
                f"{outdated}`, then go on"
            )
        claims: dict[int, Claim] = await self.store.claim(
            sorted(partitions), self.owner, takeover=takeover
        )
        for partition, claim in claims.items():
            lane = self._lane(partition)
            async with lane.lock:
                lane.own(claim)
        # What another writer's orders pinned meanwhile is needed to go on with them.
        self.book.stored |= {edition.hash: edition for edition in await self.store.editions()}
        return claims

    async def release(self, partitions: Iterable[int] | None = None) -> None:
        """Stop being the writer of these partitions (all), and forget what was cached of them."""
        gone = None if partitions is None else set(partitions)
        for lane in self.lanes:
            async with lane.lock:
                await self.store.release(lane.disown(gone))

    async def heartbeat(self) -> None:
        """Say that this writer is alive. Raises Fenced where it is the writer no more."""
        await self.store.heartbeat(self.claims)

    @property
    def partitions(self) -> list[int]:
        """The partitions that are owned."""
        return sorted(claim.partition for claim in self.claims)

    @property
    def claims(self) -> list[Claim]:
        return [claim for lane in self.lanes for claim in lane.claims.values()]

    def _lane(self, partition: int) -> Lane:
        return self.lanes[partition % len(self.lanes)]

    # -- the road -------------------------------------------------------------------------------

    async def handle(
        self,
        messages: Sequence[Message],
        positions: Sequence[Position] = (),
        inbox: Sequence[tuple[int, int]] = (),
    ) -> Report:
        """Take a batch of messages, with the inbound positions or inbox rows behind it.

        All or nothing a lane: `positions` of a Kafka partition go with the lane of its number,
        `inbox` has (partition, row). Raises Fenced where a partition was lost, and what the store
        raises where the outcome of the commit is unknown; then claim again and tell again.
        """
        work = [Work() for _ in self.lanes]
        for message in messages:
            self._sort(message, work)
        for position in positions:
            work[position.kafka_partition % len(work)].positions.append(position)
        for partition, row in inbox:
            work[partition % len(work)].inbox.append(row)
        return await self._all(
            [lane.run(one) for lane, one in zip(self.lanes, work, strict=True) if one]
        )

    def _sort(self, message: Message, work: list[Work]) -> None:
        """Put a message into the work of its lane: of the position that moves with it, if any."""
        try:
            understood = understand(message)
        except Refused as error:
            lane = (message.home or 0) % len(work)
            work[lane].refused.append(parked(message, error, self.clock.now()))
            return
        # A time that is yet to come moves no order's clock: the fact waits for it.
        understood.told.recorded_at = min(understood.told.recorded_at, self.clock.now())
        partition = partition_of(understood.key)
        if message.home is not None:
            partition = message.home
        orders = work[partition % len(work)].by_order
        orders.setdefault(understood.key, []).append((message, understood))

    async def lapse(self, until: datetime, partitions: Iterable[int] | None = None) -> Report:
        """Let the deadlines of the owned partitions (or these of them) lapse up to an instant."""
        wanted = None if partitions is None else set(partitions)
        return await self._all([lane.lapse(until, wanted) for lane in self.lanes])

    async def wake(self, key: str, until: datetime) -> Report:
        """Let what falls due of one order (`seller/order`) up to an instant lapse."""
        return await self._lane(partition_of(key)).wake([key], until)

    async def _all(self, runs: Sequence[object]) -> Report:
        """Run the lanes beside each other; the first failure is raised once all have ended."""
        done = await asyncio.gather(*runs, return_exceptions=True)  # type: ignore[call-overload]
        for one in done:
            if isinstance(one, BaseException):
                raise one
        return sum(done, Report())
