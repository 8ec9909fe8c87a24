"""Kafka's clients, made in one place: where the brokers are, and how they are spoken to."""

from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from adapters.settings import Settings
from domain.errors import VillkorError

REQUEST_MS = 10_000


@dataclass(slots=True, frozen=True)
class Kafka:
    """How to reach the brokers; every client of theirs comes from here."""

    bootstrap: str

    @classmethod
    def of(cls, settings: Settings) -> "Kafka":
        """Raises VillkorError where VILLKOR_KAFKA is not set."""
        if settings.kafka is None:
            raise VillkorError(
                "VILLKOR_KAFKA is not set: it names the brokers, host:port[,host:port]"
            )
        return cls(settings.kafka)

    def consumer(self, **more: Any) -> AIOKafkaConsumer:
        """A consumer that commits nothing by itself."""
        return AIOKafkaConsumer(**self._common(), enable_auto_commit=False, **more)

    def producer(self, **more: Any) -> AIOKafkaProducer:
        """An idempotent producer."""
        return AIOKafkaProducer(**self._common(), enable_idempotence=True, **more)

    def admin(self) -> AIOKafkaAdminClient:
        return AIOKafkaAdminClient(**self._common())

    def _common(self) -> dict[str, Any]:
        return {"bootstrap_servers": self.bootstrap, "request_timeout_ms": REQUEST_MS}
