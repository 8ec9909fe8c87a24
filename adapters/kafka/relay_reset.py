"""A lane that stopped because nobody knows what it published: a person has it publish again."""

import asyncpg
from aiokafka.errors import ProducerFenced

from adapters.kafka.clients import Kafka, closed
from adapters.kafka.outcomes import TYPES
from adapters.kafka.relay_batches import transaction
from adapters.kafka.relay_positions import Names, Vector, mark, settled, started, vector_of
from adapters.kafka.topics import POSITIONS, administrator
from adapters.partitions import PARTITIONS
from adapters.postgres.relay import Places, RelayStore
from domain.errors import Corrupt, Guarded, VillkorError

ATTEMPTS = 5
"""The lane itself looks from time to time whether somebody has helped, and is in the way then."""


async def reset(kafka: Kafka, pool: asyncpg.Pool, lane: int, marker: str = POSITIONS) -> Places:
    """Have a lane begin from where Postgres is certain that it came; the places.

    Raises VillkorError where there is no such lane, Guarded where it knows by itself.
    """
    store = RelayStore(pool, TYPES)
    lanes = await store.lanes()
    if lanes is None or not 0 <= lane < lanes:
        raise VillkorError(f"there is no relay lane {lane}: there are {lanes or 0}, from 0 on")
    names = Names(await store.installation(), marker)
    standings = await store.standings(range(lane, PARTITIONS, lanes))
    vector = Vector(lanes, {one: standing.certain for one, standing in standings.items()})
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await _begun_anew(kafka, store, names, lane, vector)
            break
        except ProducerFenced:
            if attempt == ATTEMPTS:
                raise
        except Guarded:
            if attempt == 1:
                raise
            break  # the lane was in the way when it saw what was settled, and goes on from there
    return vector.places


async def _begun_anew(
    kafka: Kafka, store: RelayStore, names: Names, lane: int, vector: Vector
) -> None:
    """Postgres goes first: once Kafka knows the places, the lane may be publishing again."""
    standings = await store.standings(vector.places)
    producer = await started(kafka, names, lane)
    try:
        async with administrator(kafka) as admin:
            found = await vector_of(admin, names, lane)
        try:
            settled(lane, found, standings)
        except Corrupt:
            await store.settle(vector.places)
            async with transaction(producer):
                await mark(producer, names, lane, vector)
        else:
            raise Guarded(f"relay lane {lane} knows how far it came: it needs no reset")
    finally:
        await closed(producer)
