"""Kafka's clients, made in one place: where the brokers are, and how they are spoken to."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from adapters.kafka.security import OPEN, Security
from adapters.settings import Settings
from domain.errors import VillkorError

REQUEST_MS = 10_000
REBALANCE_MS = 60_000
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
CLOSE_SECONDS = 10.0


@dataclass(slots=True, frozen=True)
class Kafka:
    """How to reach the brokers; every client of theirs comes from here."""

    bootstrap: str
    security: Security = OPEN

    @classmethod
    def of(cls, settings: Settings) -> "Kafka":
        """Raises VillkorError where VILLKOR_KAFKA is not set."""
        if settings.kafka is None:
            raise VillkorError(
                "VILLKOR_KAFKA is not set: it names the brokers, host:port[,host:port]"
            )
        return cls(settings.kafka, settings.security)

    def consumer(self, **more: Any) -> AIOKafkaConsumer:
        """A consumer that commits nothing by itself."""
        return AIOKafkaConsumer(**self._common(), enable_auto_commit=False, **more)

    def member(self, group: str, session_ms: int, on_no_offset: str) -> AIOKafkaConsumer:
        """A member of a group that reads what was committed; `on_no_offset` is Kafka's own word.

        With several assignors aiokafka would join once for each of them.
        """
        return self.consumer(
            group_id=group,
            isolation_level="read_committed",
            auto_offset_reset=on_no_offset,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 10,
            rebalance_timeout_ms=max(session_ms, REBALANCE_MS),
        )

    def producer(self, **more: Any) -> AIOKafkaProducer:
        """An idempotent producer."""
        return AIOKafkaProducer(**self._common(), enable_idempotence=True, **more)

    def admin(self) -> AIOKafkaAdminClient:
        return AIOKafkaAdminClient(**self._common())

    def _common(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": self.bootstrap,
            "request_timeout_ms": REQUEST_MS,
            **self.security.options(),
        }


def pause(failures: int) -> float:
    """Seconds to wait after so many failures one after the other: longer each time, at random."""
    longest: float = min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** min(failures, 10))
    return longest * random.uniform(0.5, 1.0)


async def closed(*clients: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Stop clients beside each other, in bounded time, whatever state they are in.

    A consumer whose fetch is failing just then stops halfway (aiokafka's issue 647), and a
    producer that has no broker to flush to goes on trying: their connections are closed here.
    """
    for end in (_stopped, _cut):
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(*map(end, clients), return_exceptions=True)


async def _stopped(one: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    await one.stop()


async def _cut(one: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    if isinstance(one, AIOKafkaConsumer):
        await one._client.close()
        return
    if one._sender is not None:
        await one._sender.close()
    await one.client.close()
