"""What every member of a group has: what it was assigned, and whether that still holds.

The client calls its listener beside whatever the member is doing, so the listener only notes what
is the case; the member looks at it before it acts on anything that was fetched.
"""

import asyncio
from abc import abstractmethod

from aiokafka import ConsumerRebalanceListener, TopicPartition

from adapters.metrics import Metrics


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """`generation` counts rebalances; what was claimed in another one, or fetched, is void."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.generation = self.claimed_in = 0
        self.assigned: frozenset[TopicPartition] = frozenset()
        self.writing = asyncio.Lock()
        """Held while a batch is in flight: what is revoked is let go of after it."""

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Nothing fetched so far counts; once the batch in flight has ended, others may write."""
        self.generation += 1
        self.assigned = frozenset()
        async with self.writing:
            await self.release()

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Only noted: what fails in here would be swallowed by the client. `step` claims."""
        self.generation += 1
        self.assigned = frozenset(assigned)
        self.metrics.rebalances.inc()

    @abstractmethod
    async def release(self) -> None:
        """Let others have what was claimed here."""
