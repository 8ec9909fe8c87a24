"""Where webhooks are kept before they are answered: in Kafka or, without it, in the log.

A sender that hears 200 will not tell it again, so the body has to be safe by then; one that
hears 503 will.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from adapters.bodies import Body, Intake, left_in_inbox
from adapters.clock import Clock
from adapters.kafka.clients import Kafka, closed
from adapters.kafka.topics import FACTS, PREFIX
from adapters.messages import Message, understand
from adapters.postgres.connect import GONE, within
from adapters.postgres.store import Store
from adapters.senders import Senders
from domain.errors import Refused, Uncertain, VillkorError

PATIENCE_SECONDS = 3.0
"""Shopify waits five seconds for an answer, the others longer."""
KAFKA_FAILS = (TimeoutError, KafkaError, OSError)
DATABASE_FAILS = (TimeoutError, Uncertain, asyncpg.PostgresError, *GONE)
STRUCTURED = b"application/cloudevents+json"
log = structlog.get_logger()


class Unavailable(VillkorError):
    """What was sent cannot be kept just now; send it again."""


@dataclass(slots=True, frozen=True)
class Webhook:
    """What was sent, less what is personal; `kind` is `carrier` or `shop`, `source` which.

    `key` is the parcel or order that it is about, where it says so; `topic` and `shop` are as in
    `adapters.bodies.Body`.
    """

    kind: str
    source: str
    value: bytes
    key: bytes | None = None
    topic: str | None = None
    shop: str | None = None


class Destination(Protocol):
    """What keeps webhooks safe."""

    async def put(self, webhook: Webhook) -> None:
        """Return once it is safe. Raises Unavailable in time for the sender, or Refused."""

    async def ready(self) -> str | None:
        """What keeps it from taking anything, in a sentence; none where nothing does."""


class ToKafka:
    """To the topic of the source, acknowledged by all replicas in sync."""

    def __init__(
        self, kafka: Kafka, patience: float = PATIENCE_SECONDS, facts: str = FACTS
    ) -> None:
        self.kafka, self.patience, self.facts = kafka, patience, facts
        self.producer: AIOKafkaProducer | None = None
        self.starting = asyncio.Lock()
        self.closing: set[asyncio.Task[None]] = set()

    async def put(self, webhook: Webhook) -> None:
        topic = f"{PREFIX}.{webhook.kind}.{webhook.source}"
        told = (("topic", webhook.topic), ("shop", webhook.shop))
        headers = [(name, text.encode()) for name, text in told if text is not None]
        await self._send(topic, [(webhook.value, webhook.key)], headers)

    async def tell(self, facts: Sequence[Message]) -> None:
        """Facts that are understood, to their topic. Raises as `put` does; tell all of them again:
        what is told twice is one."""
        records = [(one.value, understand(one).key.encode()) for one in facts]
        await self._send(self.facts, records, [("content-type", STRUCTURED)])

    async def _send(
        self, topic: str, records: Sequence[tuple[bytes, bytes | None]],
        headers: list[tuple[str, bytes]],
    ) -> None:  # fmt: skip
        """Return once (value, key) of all are acknowledged."""
        producer = None
        try:
            async with asyncio.timeout(self.patience):
                producer = await self._started()
                sent = [await producer.send(topic, *one, headers=headers) for one in records]
                await asyncio.gather(*sent)
        except MessageSizeTooLargeError as error:
            raise Refused("what is kept of the body is larger than Kafka takes") from error
        except KAFKA_FAILS as error:
            log.warning("not kept", topic=topic, error=type(error).__name__)
            self._drop(producer)
            raise Unavailable from error

    async def ready(self) -> str | None:
        try:
            async with asyncio.timeout(self.patience):
                await self._started()
        except KAFKA_FAILS as error:
            return f"Kafka at {self.kafka.bootstrap} does not answer ({type(error).__name__})"
        return None

    async def close(self) -> None:
        """Let go of the brokers."""
        self._drop(self.producer)
        await asyncio.gather(*self.closing)

    async def _started(self) -> AIOKafkaProducer:
        async with self.starting:
            if self.producer is None:
                producer = self.kafka.producer(acks="all")
                try:
                    await producer.start()
                except BaseException:
                    self._close(producer)
                    raise
                self.producer = producer
            return self.producer

    def _drop(self, producer: AIOKafkaProducer | None) -> None:
        """Begin anew after a failure: a producer may never recover from one (aiokafka's 1017)."""
        if producer is not None and producer is self.producer:
            self.producer = None
            self._close(producer)

    def _close(self, producer: AIOKafkaProducer) -> None:
        closing = asyncio.create_task(closed(producer))
        self.closing.add(closing)
        closing.add_done_callback(self.closing.discard)


class ToLog:
    """By the road of raw bodies: what a carrier said is committed, facts lie in the inbox."""

    def __init__(
        self, store: Store, senders: Senders, clock: Clock, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.store, self.clock, self.patience = store, clock, patience
        self.intake = Intake(store, senders, clock)
        self.told = asyncio.Event()
        """Set when something lies in the inbox."""

    async def put(self, webhook: Webhook) -> None:
        place = f"webhook:{webhook.source}"
        body = Body(webhook.value, place, self.clock.now(), webhook.shop, webhook.topic)
        try:
            tell = left_in_inbox(self.store)
            await within(self.patience, self.intake.take(webhook.source, [body], tell))
        except DATABASE_FAILS as error:
            log.warning("webhook not kept", source=webhook.source, error=type(error).__name__)
            raise Unavailable from error
        self.told.set()

    async def ready(self) -> str | None:
        try:
            await within(self.patience, self.store.pool.execute("select 1"))
        except DATABASE_FAILS as error:
            return f"the database does not answer ({type(error).__name__})"
        return None
