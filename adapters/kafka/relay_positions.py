"""How far a lane came, as Kafka knows it: one offset that moves with what is published.

It lies on a marker topic that nobody writes, under a group of the lane's own, and its metadata is
the place of each of the lane's partitions. Kafka forgets the offsets of groups that are idle for a
week, so Postgres remembers too; where they cannot both be right, the lane stops.
"""

import asyncio
from base64 import b85decode, b85encode
from collections.abc import Mapping
from operator import gt
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from adapters.kafka.clients import Kafka, closed
from adapters.kafka.relay_batches import BATCH_BYTES
from adapters.kafka.topics import POSITIONS
from adapters.partitions import PARTITIONS
from adapters.postgres.relay import Place, Places, Standing
from domain.errors import Corrupt

WIDTH = 6
"""Bytes of a position: all places of one lane alone fit into the 4,096 characters of metadata."""
TRANSACTION_MS = 20_000
"""After so long Kafka aborts what a lane left open; readers wait for it as long."""
START_SECONDS = 30.0


class Vector(NamedTuple):
    """The places of a lane among so many."""

    lanes: int
    places: Places


def told(vector: Vector) -> str:
    """A vector as the metadata of an offset: the number of lanes, and the places in base 85."""
    numbers = [number for _, place in sorted(vector.places.items()) for number in place]
    packed = b"".join(number.to_bytes(WIDTH, "big") for number in numbers)
    return f"{vector.lanes} {b85encode(packed).decode()}"


def understood(lane: int, metadata: str) -> Vector:
    """The vector of a lane's offset. Raises Corrupt where it is none."""
    try:
        lanes, packed = metadata.split(" ")
        those = range(lane, PARTITIONS, int(lanes))
        raw = b85decode(packed)
        numbers = [int.from_bytes(raw[at : at + WIDTH], "big") for at in range(0, len(raw), WIDTH)]
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        places = {one: Place(*pair) for one, pair in zip(those, pairs, strict=True)}
    except ValueError as error:
        raise Corrupt(f"relay lane {lane}: its offset in Kafka has no positions: {error}") from None
    return Vector(int(lanes), places)


class Names(NamedTuple):
    """What a lane is called in Kafka: the same whichever worker runs it."""

    installation: str
    marker: str = POSITIONS

    def lane(self, lane: int) -> str:
        """The transactional id of a lane, and the group of its offset."""
        return f"villkor-relay-{self.installation}-{lane}"

    @property
    def place(self) -> TopicPartition:
        return TopicPartition(self.marker, 0)


async def started(kafka: Kafka, names: Names, lane: int) -> AIOKafkaProducer:
    """The producer of a lane. Whoever was it before is fenced, and what he left open aborted."""
    producer = kafka.producer(
        transactional_id=names.lane(lane), transaction_timeout_ms=TRANSACTION_MS,
        max_batch_size=BATCH_BYTES,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_SECONDS):
            await producer.start()
    except BaseException:
        await closed(producer)
        raise
    return producer


async def mark(producer: AIOKafkaProducer, names: Names, lane: int, vector: Vector) -> None:
    """Put a lane's places into the transaction; the offset itself counts all that went out."""
    count = sum(sum(place) for place in vector.places.values())
    offset = {names.place: OffsetAndMetadata(count, told(vector))}
    await producer.send_offsets_to_transaction(offset, names.lane(lane))


async def vector_of(admin: AIOKafkaAdminClient, names: Names, lane: int) -> Vector | None:
    """What Kafka knows of a lane; only once its producer has started is it final.

    None where there is no offset: there never was one, or it has expired.
    """
    there = await admin.list_consumer_group_offsets(names.lane(lane), partitions=[names.place])
    if (found := there.get(names.place)) is None:  # the group's coordinator is not ready
        raise KafkaError(f"the offset of relay lane {lane} cannot be read yet")
    return None if found.offset < 0 else understood(lane, found.metadata)


def settled(lane: int, found: Vector | None, standings: Mapping[int, Standing]) -> Places:
    """Where the partitions of a lane stand, from what Kafka and Postgres know of them.

    Raises Corrupt where that cannot be told.
    """
    places: Places = {}
    for partition, (certain, intent) in standings.items():
        if found is None and intent != certain:
            raise Corrupt(
                f"relay lane {lane}: Kafka has forgotten its offset, and whether partition"
                f" {partition} was published from {certain} up to {intent} is not known; look at"
                f" the end of the topic. `villkor relay reset {lane}` publishes it, perhaps again"
            )
        known = Place() if found is None else found.places.get(partition, Place())
        if any(map(gt, known, map(max, certain, intent))):
            raise Corrupt(
                f"relay lane {lane}: partition {partition} was published up to {known}, and the"
                f" log knows of {intent}: was the database restored? Restore a later backup, or"
                f" tell the consumers: `villkor relay reset {lane}` publishes again from {certain}"
            )
        places[partition] = Place(*map(max, certain, known))
    return places
