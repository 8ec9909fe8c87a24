"""Seals events into their partition: a gapless position, and a hash that chains to the one before.

A row that was changed, removed or put in later no longer fits the hash of its successor.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import msgspec

from adapters.codec import Stored
from adapters.postgres.batch import Batch, EventRow
from domain.calendar import EPOCH
from domain.errors import Fenced
from domain.events import AnyEvent

_encode = msgspec.json.Encoder().encode
START = bytes(32)
"""What the first event of a partition chains to."""


def chained(head: bytes, key: str, version: int, recorded_at: datetime, stored: Stored) -> bytes:
    """The hash of an event: of its predecessor's, and of everything that is stored of it."""
    columns = (
        key, version, stored.type, stored.schema, _instant(stored.at), _instant(recorded_at),
        stored.source, stored.id, len(stored.body),
    )  # fmt: skip
    return sha256(b"".join((head, _encode(columns), stored.body, stored.meta))).digest()


@lru_cache(256)
def _instant(at: datetime) -> str:
    """An instant in any offset; what was recorded together has the same."""
    return str(at - EPOCH)


@dataclass(slots=True)
class Sealing:
    """Puts events into a batch, each behind the last of its partition."""

    batch: Batch

    def seal(
        self, partition: int, seller: str, order_id: str, event: AnyEvent, stored: Stored
    ) -> int:
        """The event's position. Raises Fenced where the partition is not owned."""
        claim = self.batch.claims.get(partition)
        if claim is None:
            raise Fenced(f"partition {partition} is not owned by this writer")
        position, head = self.batch.heads.get(partition, (claim.position, claim.head))
        position += 1
        version, recorded_at = event.originator_version, event.timestamp
        digest = chained(head, event.originator_id, version, recorded_at, stored)
        self.batch.heads[partition] = (position, digest)
        self.batch.events.append(
            EventRow(
                partition, position, seller, order_id, version, stored.type, stored.schema,
                stored.at, recorded_at, stored.source, stored.id, stored.body, stored.meta, digest,
            )
        )  # fmt: skip
        return position
