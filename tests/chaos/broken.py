"""What can be left out on purpose, one thing at a time, to see that the harness notices.

It is done to the code of a worker's process from outside; the product has no switch for it.
"""

from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition

from adapters.kafka.reader import Reader
from adapters.postgres import sql
from adapters.postgres.batch import Batch
from adapters.postgres.store import Store

NOTHING = "nothing"
KEYS = """
    alter table events drop constraint events_pkey;
    drop index events_of_an_order;
    create index on events (partition, position);
    create index on events (seller, order_id, version);
"""
"""The second lock on the door: what an unfenced zombie writes again breaks unique keys."""
UNFENCED = """
    with mine as (
        select p.partition, u.next, u.head from partitions p
        join unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])
             u(partition, epoch, expected, next, head) on p.partition = u.partition
        order by p.partition for update of p
    )
    update partitions p
    set position = mine.next, head = mine.head, heartbeat = clock_timestamp()
    from mine where p.partition = mine.partition
"""
UNCOMPARED = """
    update positions p set next_offset = u.next
    from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
         u(topic, kafka_partition, epoch, expected, next)
    where p.topic = u.topic and p.kafka_partition = u.kafka_partition
"""
STORED = """
    select nullif(next_offset, -1) from positions where topic = $1 and kafka_partition = $2
"""
_commit = AIOKafkaProducer.commit_transaction


def without_seek() -> None:
    """Seek where the group assigns, and not again where a fetched batch is discarded."""
    noted, read_on = Reader.on_partitions_assigned, Reader._read_on

    async def assigned(self: Reader, those: set[TopicPartition]) -> None:
        beginnings = await self.ends.beginning_offsets(list(those))
        for one in those:
            stored = await self.app.store.pool.fetchval(STORED, one.topic, one.partition)
            self.consumer.seek(one, beginnings[one] if stored is None else stored)
        noted(self, those)

    async def unsought(self: Reader, epochs: dict[TopicPartition, int]) -> None:
        self.consumer.seek = lambda *_: None
        try:
            await read_on(self, epochs)
        finally:
            del self.consumer.seek

    Reader.on_partitions_assigned = assigned  # type: ignore[assignment,method-assign]
    Reader._read_on = unsought  # type: ignore[method-assign]


def without_fence() -> None:
    """Write whoever owns the partition by now, and wherever it stands; see `KEYS`."""
    sql.FENCE, sql.MOVE_POSITIONS = UNFENCED, UNCOMPARED


def without_transaction() -> None:
    """Store how far was read on its own, before what was read."""
    write = Store.write

    async def apart(self: Store, batch: Batch) -> None:
        if batch.positions:
            async with self.pool.acquire() as connection:
                await self._move(connection, batch)
            batch.positions = []
        await write(self, batch)

    Store.write = apart  # type: ignore[method-assign]


def without_relay_transaction() -> None:
    """Commit what goes out on its own, before how far it went."""
    tell = AIOKafkaProducer.send_offsets_to_transaction

    async def apart(self: AIOKafkaProducer, *offset: Any) -> None:
        await _commit(self)
        await self.begin_transaction()
        await tell(self, *offset)

    AIOKafkaProducer.send_offsets_to_transaction = apart


WITHOUT: dict[str, Callable[[], None]] = {
    NOTHING: lambda: None,
    "seek": without_seek,
    "fence": without_fence,
    "transaction": without_transaction,
    "relay": without_relay_transaction,
}
