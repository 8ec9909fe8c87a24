"""What people did, read back: who, when, what and why, the newest first.

Acts that concern no single order lie in the registers of the log, and those are found by their
names, however many orders there are. What was told again of the parked is kept with the letters.
What was decided, adopted or erased of an order stands in that order's own history.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg
import msgspec

from adapters.partitions import PARTITIONS, registers

MOST = 10_000
"""Acts of a file."""
ACTED = """
    with told as (
        select e.partition, e.position, e.order_id, e.version, e.type, e.recorded_at as at, e.body,
               count(*) over (partition by e.type, e.id) as partitions,
               row_number() over (partition by e.type, e.id
                                  order by e.recorded_at desc, e.partition desc) as nth
        from events e
        where e.seller = 'villkor' and e.order_id = any($1::text[])
          and ($2::text is null or e.type = $2)
    ), acts as (
        select t.at, t.partition::int, t.position, t.type as kind, t.partitions,
               convert_from(t.body, 'UTF8')::jsonb as told,
               b.value #>> '{}' as by, r.value #>> '{}' as reason
        from told t
        left join personal b on (b.seller, b.order_id, b.version, b.field)
                              = ('villkor', t.order_id, t.version, 'by')
        left join personal r on (r.seller, r.order_id, r.version, r.field)
                              = ('villkor', t.order_id, t.version, 'reason')
        where t.nth = 1
        union all
        select d.settled_at, -1, min(d.id), 'LettersRetried', 0,
               jsonb_build_object('letters', jsonb_agg(d.id order by d.id), 'seller', d.seller),
               d.settled_by, d.note
        from dead_letters d
        where d.state = 'retried' and ($2::text is null or $2 = 'LettersRetried')
        group by d.settled_at, d.seller, d.settled_by, d.note
    )
    select * from acts
    where ($3::text is null or position(lower($3) in lower(by)) > 0)
      and ($4::text is null or told ->> 'seller' = $4 or told -> 'sellers' ? $4)
      and ($5::timestamptz is null or (at, partition, position) < ($5, $6::int, $7::bigint))
    order by at desc, partition desc, position desc
    limit $8
"""


class Kind(StrEnum):
    """What was done, by the type of its event."""

    CLOSED = "PeriodClosed"
    DISCARDED = "LettersDiscarded"
    RETRIED = "LettersRetried"
    """No event: what is told again is one of its own."""
    CREATED = "TokenCreated"
    REVOKED = "TokenRevoked"
    OVERRIDDEN = "ChainOverridden"


WORDS: Mapping[Kind, str] = {
    Kind.CLOSED: "months closed", Kind.DISCARDED: "letters discarded",
    Kind.RETRIED: "letters retried", Kind.CREATED: "tokens made", Kind.REVOKED: "tokens revoked",
    Kind.OVERRIDDEN: "broken chains overridden",
}  # fmt: skip


class Wanted(NamedTuple):
    """Which acts; None does not ask. A person is found by any part of the name."""

    kind: Kind | None = None
    by: str | None = None
    seller: str | None = None


class Place(NamedTuple):
    """Where an act stands among them: the last of a page."""

    at: datetime
    partition: int
    position: int


class Act(NamedTuple):
    """What somebody did. `by` is the name of the token that asked over HTTP, or the name that was
    given to a command; it and `reason` are None once they are erased.

    `partition` and `position` are the event's in the log, None where it is told by none.
    """

    at: datetime
    kind: Kind
    what: str
    seller: str | None
    by: str | None
    reason: str | None
    partition: int | None
    position: int | None
    letter: int | None
    place: Place


async def acts(
    pool: asyncpg.Pool, wanted: Wanted, limit: int, after: Place | None = None
) -> list[Act]:
    """The acts that are there for who asks, those before a place."""
    rows = await pool.fetch(
        ACTED, registers(range(PARTITIONS)), *wanted, *(after or (None,) * 3), limit
    )
    return [_act(row) for row in rows]


def _act(row: asyncpg.Record) -> Act:
    kind, told = Kind(row["kind"]), msgspec.json.decode(row["told"])
    partition, position = row["partition"], row["position"]
    letter = position if partition < 0 else None
    return Act(
        row["at"], kind, _what(kind, told, row["partitions"]), told.get("seller"), row["by"],
        row["reason"], None if letter else partition, None if letter else position, letter,
        Place(row["at"], partition, position),
    )  # fmt: skip


def _what(kind: Kind, told: Mapping[str, Any], partitions: int) -> str:
    """What was done, in words."""
    match kind:
        case Kind.CLOSED:
            part = "" if partitions == PARTITIONS else f", in {partitions} of {PARTITIONS} parts"
            return f"closed {told['month']} of {told['seller']}{part}"
        case Kind.CREATED:
            whose = ", ".join(told.get("sellers") or ()) or "every seller"
            return f"made the token {told['token']}: {told['role']}, for {whose}"
        case Kind.REVOKED:
            return f"revoked the token {told['token']}"
        case Kind.OVERRIDDEN:
            return f"rebuilt of a chain that is broken from {told['position']} on"
        case Kind.DISCARDED:
            number = len(told["letters"])
            return f"discarded {number} letter{'s' if number != 1 else ''}"
        case Kind.RETRIED:
            first, number = told["letters"][0], len(told["letters"])
            return f"told {f'letter {first}' if number == 1 else f'{number} letters'} again"
