"""The relay: publishes outcomes and dead letters for the partitions that this worker's reader owns.

It follows the reader: a lane begins when its Kafka partition is claimed, looks for work whenever
something was committed, and ends when the partition goes to another worker. Whatever befalls it,
facts are read on.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog
from aiokafka.errors import ProducerFenced

from adapters.kafka.clients import Kafka, pause
from adapters.kafka.outcomes import TYPES, Mode
from adapters.kafka.reader import Reader
from adapters.kafka.relay_lane import Outlet, RelayLane
from adapters.kafka.relay_positions import Names
from adapters.kafka.relay_regroup import regroup
from adapters.kafka.topics import Out, administrator, partitions_of
from adapters.postgres.connect import within
from adapters.postgres.relay import RelayStore
from adapters.watchdog import Standing
from domain.errors import Corrupt, Fenced

POLL_SECONDS = 1.0
"""How often it looks though nobody said that there is something."""
LOOK_SECONDS = 10.0
LEAVE_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 60.0
"""Until a lane that stopped looks again whether somebody has helped."""

log = structlog.get_logger()


class Relay:
    """The lanes of one process.

    `transactions`, `published` and `fenced` count what its lanes did, those that ended included.
    """

    def __init__(self, kafka: Kafka, out: Out | None = None, mode: Mode = "structured") -> None:
        self.kafka, self.out, self.mode = kafka, out or Out(), mode
        self.lanes: dict[int, RelayLane] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.ended = [0, 0, 0]
        self.trouble = ""

    def ready(self, reader: Reader) -> bool:
        """Whether what the reader commits is published, all of it."""
        owned = {one.partition for one in reader.owned}
        running = {one for one, lane in self.lanes.items() if lane.running}
        return not self.trouble and running == owned

    @property
    def transactions(self) -> int:
        return self.ended[0] + sum(lane.transactions for lane in self.lanes.values())

    @property
    def published(self) -> int:
        return self.ended[1] + sum(lane.published for lane in self.lanes.values())

    @property
    def fenced(self) -> int:
        return self.ended[2] + sum(lane.fenced for lane in self.lanes.values())

    def standings(self) -> list[Standing]:
        """How far each lane published, and how far its partitions of the log go.

        Who cannot look has something before him, for all that is known.
        """
        unseen = int(bool(self.trouble))
        return [
            Standing(
                self.out.outcomes, number, sum(at.event for at in lane.at.values()),
                sum(end.event for end in lane.ends.values()) + unseen, stopped=lane.halted,
            )
            for number, lane in self.lanes.items()
        ]  # fmt: skip

    # -- following the reader -------------------------------------------------------------------

    async def follow(self, reader: Reader) -> None:
        """Publish what the reader's claims bring, until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    outlet = await self._outlet(reader)
                    while True:
                        await self._turn(reader, outlet)
                        failures, self.trouble = 0, ""
                except Exception as error:  # noqa: BLE001 - facts are read on meanwhile
                    failures += 1
                    self.trouble = f"{type(error).__name__}: {error}"
                    again_in = pause(failures)
                    log.warning("relay lost", error=self.trouble, again_in=round(again_in, 1))
                    await asyncio.sleep(again_in)
        finally:
            await self._end(list(self.lanes))

    async def _outlet(self, reader: Reader) -> Outlet:
        """Where to publish. Raises VillkorError where a topic is missing."""
        store = RelayStore(reader.app.store.pool, TYPES)
        names = Names(await store.installation(), self.out.positions)
        async with administrator(self.kafka) as admin:
            sizes = {
                name: await partitions_of(admin, name)
                for name in (self.out.outcomes, self.out.dead_letters, self.out.positions)
            }
        return Outlet(self.kafka, store, names, self.out, self.mode, reader.partitions, sizes)

    async def _turn(self, reader: Reader, outlet: Outlet) -> None:
        """Have the lanes that the reader owns, tell them how far the log goes, and wait."""
        owned = _owned(reader)
        await self._end([one for one, lane in self.lanes.items() if owned.get(one) != lane.epochs])
        for one in owned.keys() - self.lanes.keys():
            self.lanes[one] = RelayLane(outlet, one, owned[one])
            self.tasks[one] = asyncio.create_task(self._tend(self.lanes[one], reader.topic))
        if self.lanes:
            those = [one for lane in self.lanes.values() for one in lane.epochs]
            ends = await within(LOOK_SECONDS, outlet.store.ends(those))
            for lane in self.lanes.values():
                lane.look({one: ends[one] for one in lane.epochs if one in ends})
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await reader.news.wait()
        reader.news.clear()

    async def _tend(self, lane: RelayLane, topic: str) -> None:
        """Keep a lane going until it is told to stop; where only a person can help, say so."""
        failures = 0
        while not lane.stopping.is_set():
            done = lane.transactions
            try:
                await regroup(lane.outlet, topic)
                await lane.run()
            except Corrupt as error:
                lane.halted, lane.trouble, again_in = True, str(error), LOOK_AGAIN_SECONDS
                log.error("relay lane stopped", lane=lane.number, reason=lane.trouble)
            except Exception as error:  # noqa: BLE001 - a lane outlives whatever it depends on
                failures = 1 if lane.transactions > done else failures + 1
                fenced = isinstance(error, Fenced | ProducerFenced)
                lane.fenced += fenced
                lane.trouble, again_in = f"{type(error).__name__}: {error}", pause(failures)
                log.warning("relay lane fenced" if fenced else "relay lane lost", lane=lane.number,
                            error=lane.trouble, again_in=round(again_in, 1))  # fmt: skip
            else:
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(lane.stopping.wait(), again_in)

    async def _end(self, those: list[int]) -> None:
        """Let lanes finish their transactions, but not for long."""
        ending = []
        for one in those:
            self.lanes[one].stop()
            ending.append(self.tasks[one])
        if not ending:
            return
        _, late = await asyncio.wait(ending, timeout=LEAVE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for one in those:
            lane = self.lanes.pop(one)
            del self.tasks[one]
            counts = (lane.transactions, lane.published, lane.fenced)
            self.ended = [sum(two) for two in zip(self.ended, counts, strict=True)]


def _owned(reader: Reader) -> Mapping[int, dict[int, int]]:
    """The reader's Kafka partitions, with the epochs of the log's partitions that go with them."""
    if not reader.claimed:
        return {}
    epochs = {claim.partition: claim.epoch for claim in reader.app.claims}
    return {
        one.partition: {log: epochs[log] for log in reader.shares([one]) if log in epochs}
        for one in reader.owned
    }
