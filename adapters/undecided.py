"""What waits for a person: questions that the terms leave open, since when, the oldest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import asyncpg

from adapters.codec import decode
from adapters.postgres.store import Store
from domain.events import AnyEvent, OutcomeRaised
from domain.explain import sentence
from domain.outcomes import DecisionNeeded
from domain.policies.discretion import PRICED

OPEN = """
    with open as materialized (
        select o.seller, o.order_id, q.* from orders o, lateral (
            select t.source, t.message, t.kind, max(t.version) as version,
                   min(t.at) filter (where t.type = 'DecisionNeeded') as first,
                   coalesce(max(t.version) filter (where t.type = 'DecisionSettled'), 0) as settled
            from timeline t
            where (t.seller, t.order_id) = (o.seller, o.order_id)
              and t.type in ('DecisionNeeded', 'DecisionSettled')
            group by t.source, t.message, t.kind
            having max(t.version)
                > coalesce(max(t.version) filter (where t.type = 'DecisionSettled'), 0)
            offset 0
        ) q
        where o.open_decisions > 0 and ($1::text is null or o.seller = $1)
    )
"""
"""Order by order, of those that wait: what was settled long ago is not looked at."""
COUNTS = f"""
    {OPEN}
    select seller, kind, count(*) from open group by seller, kind order by seller, kind
"""
SINCE = """
    case settled when 0 then first else (
        select min(t.at) from timeline t
        where (t.seller, t.order_id, t.source, t.message)
            = (open.seller, open.order_id, open.source, open.message)
          and t.type = 'DecisionNeeded' and t.version > open.settled
    ) end
"""
ORDERS = f"""
    {OPEN}
    select count(distinct (seller, order_id)) from open where {SINCE} < $2
"""
PAGE = f"""
    {OPEN}, waiting as (
        select open.*, {SINCE} as since from open where $2::text is null or kind = $2
    )
    select seller, order_id, source, message from waiting
    where $3::timestamptz is null
       or (since, seller, order_id, message) > ($3, $4, $5, $6)
    order by since, seller, order_id, message limit $7
"""


class Place(NamedTuple):
    """Where a question stands among all: by since when it is open, then by name."""

    since: datetime
    seller: str
    order: str
    key: str


class Question(NamedTuple):
    """A question about an order, and why it is asked, in a sentence.

    `version` is the order's event that asked it last. Bounds are öre, or per cent where it is
    answered in per cent.
    """

    seller: str
    order: str
    policy: str
    about: str
    """As a decision names it: `unclaimed:p1`."""
    since: datetime
    version: int
    item: DecisionNeeded
    reason: str
    currency: str

    @property
    def place(self) -> Place:
        return Place(self.since, self.seller, self.order, self.item.key)

    @property
    def is_percent(self) -> bool:
        """Whether it is answered in per cent of the price: what is deducted is."""
        return "deduct" in self.item.choices

    @property
    def is_priced(self) -> bool:
        """Whether one of its answers has an amount, or a percentage."""
        return any(choice in PRICED for choice in self.item.choices)


async def counts(pool: asyncpg.Pool, seller: str | None = None) -> list[tuple[str, str, int]]:
    """(seller, kind, how many) of the open questions."""
    return [tuple(row) for row in await pool.fetch(COUNTS, seller)]


async def waiting_since(pool: asyncpg.Pool, seller: str, before: datetime) -> int:
    """How many orders of a seller wait with a question that is open since before a moment."""
    found: int = await pool.fetchval(ORDERS, seller, before)
    return found


async def questions(
    store: Store, seller: str | None, kind: str | None, limit: int, after: Place | None = None
) -> list[Question]:
    """A page of the open questions, the oldest first."""
    place = (None,) * len(Place._fields) if after is None else after
    rows = await store.pool.fetch(PAGE, seller, kind, *place, limit)
    streams = await store.streams(sorted({(row["seller"], row["order_id"]) for row in rows}))
    found = {
        (one.seller, one.order, one.policy, one.item.key): one
        for stream in streams.values()
        for one in open_questions(
            decode(row.key, row.version, row.recorded_at, row.stored)
            for row in stream if row.type in DecisionNeeded.names
        )
    }  # fmt: skip
    return [found[tuple(row)] for row in rows]


def open_questions(events: Iterable[AnyEvent]) -> list[Question]:
    """The questions that one order's events leave open, in the order in which they were asked."""
    return _asked(events)[0]


def settled_questions(events: Iterable[AnyEvent]) -> list[Question]:
    """Those that are not asked any more, as they were asked: somebody may decide them anew."""
    return _asked(events)[1]


def _asked(events: Iterable[AnyEvent]) -> tuple[list[Question], list[Question]]:
    """The open questions, and the settled ones."""
    found: dict[tuple[str, str], Question] = {}
    settled: dict[tuple[str, str], Question] = {}
    for event in events:
        if not isinstance(event, OutcomeRaised) or not isinstance(event.item, DecisionNeeded):
            continue
        name = (event.policy, event.item.key)
        before = found.pop(name, None)
        settled.pop(name, None)
        into = settled if event.type == DecisionNeeded.names[2] else found
        into[name] = _question(event, event.item, before)
    return list(found.values()), list(settled.values())


def _question(event: OutcomeRaised, item: DecisionNeeded, before: Question | None) -> Question:
    seller, order = event.originator_id.split("/", 1)
    return Question(
        seller, order, event.policy, item.key.partition(" ")[2].removesuffix(":"),
        event.timestamp if before is None else before.since, event.originator_version, item,
        sentence(item.because, "en", event.goods, event.currency), event.currency,
    )  # fmt: skip
