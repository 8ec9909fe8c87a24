"""What can go out at all: asked when an outcome is decided, since later nobody could help it."""

from adapters.codec import Stored
from adapters.kafka.outcomes import encoded
from adapters.partitions import partition_of
from adapters.postgres.batch import EventRow
from domain.errors import Refused
from domain.events import AnyEvent, OutcomeRaised

MOST_BYTES = 512 * 1024
"""Of a message: half of what Kafka takes without being told otherwise."""
LOOKED_AT_BYTES = 32 * 1024
"""Most outcomes are stored in far less; only of larger ones the message is made."""


def publishable(event: AnyEvent, stored: Stored) -> None:
    """Raises Refused where an outcome is too large to be told to others."""
    size = len(stored.body) + len(stored.meta)
    if size < LOOKED_AT_BYTES or not isinstance(event, OutcomeRaised):
        return
    key, version = event.originator_id, event.originator_version
    seller, order = key.split("/", 1)
    row = EventRow(
        partition_of(key), 0, seller, order, version, stored.type, stored.schema, stored.at,
        event.timestamp, None, None, stored.body, stored.meta, b"",
    )  # fmt: skip
    if (size := len(encoded(row).value)) > MOST_BYTES:
        raise Refused(
            f"what follows from this would be a {event.type} of {size} bytes, more than"
            f" {MOST_BYTES}: tell the order in smaller parts"
        )
