"""What people did, read back: who, when, what and why, the newest first.

Acts that concern no single order lie in the registers of the log, and those are found by their
names; what was decided, adopted or erased of an order or a customer, by an index of its own. What
was told again of the parked is kept with the letters.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import asyncpg
import msgspec

from adapters.partitions import PARTITIONS, registers
from domain.money import kronor, ore

MOST = 10_000
"""Acts of a file."""
# A name that is asked for is looked up for each act (`coalesce`), not in all that is personal.
ACTED = """
    with told as (
        select e.partition, e.position, e.order_id, e.version, e.type, e.recorded_at as at, e.body,
               count(*) over (partition by e.type, e.id) as partitions,
               row_number() over (partition by e.type, e.id
                                  order by e.recorded_at desc, e.partition desc) as nth
        from events e
        where e.seller = 'villkor' and e.order_id = any($1::text[])
          and ($2::text is null or e.type = $2)
    ), of_orders as (
        select e.recorded_at as at, e.partition::int, e.position, e.type as kind, e.seller,
               e.order_id, e.version, convert_from(e.body, 'UTF8')::jsonb as told,
               b.value #>> '{}' as by, r.value #>> '{}' as reason
        from events e
        left join personal b on (b.seller, b.order_id, b.version, b.field)
                              = (e.seller, e.order_id, e.version, 'by')
        left join personal r on (r.seller, r.order_id, r.version, r.field)
                              = (e.seller, e.order_id, e.version, 'reason')
        where e.type in ('DiscretionExercised', 'RulesAdopted', 'PersonalDataErased')
          and ($2::text is null or e.type = $2) and ($4::text is null or e.seller = $4)
          and ($3::text is null or coalesce(position(lower($3) in lower(b.value #>> '{}')), 0) > 0)
          and (e.recorded_at, e.partition, e.position)
              < (coalesce($5::timestamptz, 'infinity'), coalesce($6::int, 0),
                 coalesce($7::bigint, 0))
        order by e.recorded_at desc, e.partition desc, e.position desc
        limit $8
    ), acts as (
        select t.at, t.partition::int, t.position, t.type as kind, null as seller,
               null as order_id, null::int as version, t.partitions,
               convert_from(t.body, 'UTF8')::jsonb as told,
               b.value #>> '{}' as by, r.value #>> '{}' as reason
        from told t
        left join personal b on (b.seller, b.order_id, b.version, b.field)
                              = ('villkor', t.order_id, t.version, 'by')
        left join personal r on (r.seller, r.order_id, r.version, r.field)
                              = ('villkor', t.order_id, t.version, 'reason')
        where t.nth = 1
        union all
        select d.settled_at, -1, min(d.id), 'LettersRetried', d.seller, null, null, 0,
               jsonb_build_object('letters', jsonb_agg(d.id order by d.id)), d.settled_by, d.note
        from dead_letters d
        where d.state = 'retried' and ($2::text is null or $2 = 'LettersRetried')
        group by d.settled_at, d.seller, d.settled_by, d.note
        union all
        select at, partition, position, kind, seller, order_id, version, 0, told, by, reason
        from of_orders
    )
    select *, coalesce(seller, told ->> 'seller') as whose from acts
    where ($3::text is null or position(lower($3) in lower(by)) > 0)
      and ($4::text is null or coalesce(seller, told ->> 'seller') = $4
           or told -> 'sellers' ? $4)
      and ($5::timestamptz is null or (at, partition, position) < ($5, $6::int, $7::bigint))
    order by at desc, partition desc, position desc
    limit $8
"""


class Kind(StrEnum):
    """What was done, by the type of its event."""

    CLOSED = "PeriodClosed"
    DECIDED = "DiscretionExercised"
    ADOPTED = "RulesAdopted"
    ERASED = "PersonalDataErased"
    DISCARDED = "LettersDiscarded"
    RETRIED = "LettersRetried"
    """No event: what is told again is one of its own."""
    CREATED = "TokenCreated"
    REVOKED = "TokenRevoked"
    OVERRIDDEN = "ChainOverridden"


WORDS: Mapping[Kind, str] = {
    Kind.CLOSED: "months closed", Kind.DECIDED: "decisions", Kind.ADOPTED: "rules adopted",
    Kind.ERASED: "personal data erased", Kind.DISCARDED: "letters discarded",
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
    given to a command or told by a system; it and `reason` are None once they are erased.

    `order` is the order, or `customer:REF`, that it was done to, and `version` the event of its
    stream; None where it is done to none.
    `partition` and `position` are the event's in the log, None where it is told by none.
    """

    at: datetime
    kind: Kind
    what: str
    seller: str | None
    order: str | None
    version: int | None
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
    retried = partition < 0
    return Act(
        row["at"], kind, _what(kind, told, row["partitions"]), row["whose"], row["order_id"],
        row["version"], row["by"], row["reason"], None if retried else partition,
        None if retried else position, position if retried else None,
        Place(row["at"], partition, position),
    )  # fmt: skip


def _what(kind: Kind, told: Mapping[str, Any], partitions: int) -> str:
    """What was done, in words."""
    match kind:
        case Kind.CLOSED:
            part = "" if partitions == PARTITIONS else f", in {partitions} of {PARTITIONS} parts"
            return f"closed {told['month']} of {told['seller']}{part}"
        case Kind.DECIDED:
            return f"decided {_decided(told)}"
        case Kind.ADOPTED:
            return f"adopted rules {told['rules']}"
        case Kind.ERASED:
            return "erased what is personal"
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


def _decided(told: Mapping[str, Any]) -> str:
    """About what, which way and how much, in the currency of the order."""
    much = [kronor(ore(told["amount"]))] if told.get("amount") is not None else []
    if told.get("percent") is not None:
        much.append(f"{told['percent']} %")
    return ", ".join([f"{told['about']}: {told['decision']}", *much])
