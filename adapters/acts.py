"""Acts of people, told to the log from inside: what they did, who and why are events as well."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg

from adapters.messages import ACT, ACT_SOURCE, Message, telling, understand
from adapters.partitions import partition_of, register_of
from adapters.postgres import sql
from adapters.postgres.letters import Settling
from domain.acts import LettersDiscarded
from domain.fields import Value
from domain.state import Told
from domain.stream import Said, named


def act(key: str, fact: Value, id: str, at: datetime) -> Said:
    """An act for the stream `key`; the same `id` told twice is one act."""
    return Said(key, Told(fact, at, at, ACT_SOURCE, id))


async def tell(connection: asyncpg.Connection, acts: Iterable[Said]) -> list[int]:
    """Hand acts to their writers, in the transaction of what they do: rows of the inbox.

    Raises Refused where their streams could not take one, so that nothing is done without it.
    """
    rows = [(partition_of(one.to), telling(one), ACT) for one in acts]
    for _, value, place in rows:
        understand(Message(value, place))
    columns = list(zip(*rows, strict=True)) or [()] * 3
    return [row[0] for row in await connection.fetch(sql.PUT_INBOX, *columns)]


def discarding(letters: Sequence[tuple[str, int]], why: Settling) -> list[Said]:
    """What registers are told of (digest, partition) of letters that were put away."""
    by_partition: dict[int, list[str]] = {}
    for digest, partition in letters:
        by_partition.setdefault(partition, []).append(digest)
    return [
        act(
            register_of(partition),
            LettersDiscarded(letters=tuple(digests), by=why.by, reason=why.note),
            named("discarded", why.at.isoformat(), *digests),
            why.at,
        )
        for partition, digests in by_partition.items()
    ]
