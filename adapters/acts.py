"""Acts of people, told to the log from inside: what they did, who and why are events as well."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from adapters.messages import ACT, ACT_SOURCE, Message, telling, understand
from adapters.partitions import partition_of, register_of
from adapters.postgres import sql
from adapters.postgres.letters import Settling
from domain.acts import LettersDiscarded, RulesAdopted
from domain.errors import Refused
from domain.fields import Value
from domain.state import Told
from domain.stream import Said, Stream, named


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


def check_adopted(stream: Stream, told: Told[Any], rules: str) -> None:
    """Raises Refused where a stream is told anew to adopt other rules than its writer decides by.

    Else a worker that is not upgraded yet would settle the order by its own.
    """
    adopted = told.fact.rules if isinstance(told.fact, RulesAdopted) else rules
    if adopted != rules and not stream.knows(told):
        raise Refused(
            f"rules: {adopted!r} are adopted, the order's writer decides by {rules!r}; once all "
            "writers are of one version, `villkor dead-letters retry`"
        )


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
