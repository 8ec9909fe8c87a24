"""What a clause decided, order by order: outcomes that stand and name it, the newest orders first.

No index has outcomes by clause. Each page looks through so many orders of one seller, whether any
of them names it or not, and says where to go on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TextIO

import asyncpg

from adapters.ledger.sheets import For, Sheet, money
from adapters.orders import PLACED, UNPLACED
from adapters.terms.clauses import GONE, MONEY, OUTCOMES, TYPES

LOOKED = 1_000
"""Orders that are looked through for a page."""
NAMING = f"""
    with part as materialized (
        select seller, order_id, placed_at, currency from orders
        where seller = $1 and ($2::timestamptz is null or ({PLACED}, order_id) < ($2, $3::text))
        order by {PLACED} desc, order_id desc limit $8
    ), named as (
        select * from unnest($5::text[], $6::text[], $7::bool[]) n(type, outcome, gone)
    )
    select p.order_id, p.placed_at, p.currency, s.version, s.at, n.outcome, s.kind, s.subject,
           s.amount
    from part p left join lateral (
        select t.version, t.at, t.type, t.kind, t.subject, t.amount, t.clauses,
               lead(t.version) over (
                   partition by t.source, t.message order by t.version
               ) is null as stands
        from timeline t
        where (t.seller, t.order_id) = (p.seller, p.order_id) and t.type = any($5)
    ) s on s.stands and s.clauses @> array[$4::text]
    left join named n on n.type = s.type and not n.gone
    order by {PLACED} desc, p.order_id desc, s.version
"""


class Place(NamedTuple):
    """The last order that was looked through."""

    placed_at: datetime
    order: str


class Decided(NamedTuple):
    """An outcome that stands, the version of its last event, and its amount in öre, if any."""

    order: str
    version: int
    at: datetime
    outcome: str
    kind: str | None
    subject: str | None
    amount: int | None
    currency: str | None

    @property
    def is_money(self) -> bool:
        return self.outcome in MONEY


class Found(NamedTuple):
    """What was found in so many orders, and where to go on; None where all were looked through."""

    rows: Sequence[Decided]
    looked: int
    next: Place | None


async def naming(pool: asyncpg.Pool, seller: str, clause: str, after: Place | None) -> Found:
    """The outcomes of a seller's orders before a place that name a clause."""
    known = (TYPES, OUTCOMES, GONE)
    rows = await pool.fetch(NAMING, seller, *(after or (None, None)), clause, *known, LOOKED)
    orders = {row["order_id"]: row["placed_at"] or UNPLACED for row in rows}
    found = [
        Decided(row["order_id"], row["version"], row["at"], row["outcome"], row["kind"],
                row["subject"], row["amount"], row["currency"])
        for row in rows if row["outcome"] is not None
    ]  # fmt: skip
    last = next(reversed(orders.items()), None)
    more = None if last is None or len(orders) < LOOKED else Place(last[1], last[0])
    return Found(found, len(orders), more)


def sheet(out: TextIO, found: Iterable[Decided]) -> None:
    """The same as CSV."""
    rows = Sheet(out, For.PROGRAMS, "order", "event", "at", "outcome", "kind", "subject", "amount",
                 "currency")  # fmt: skip
    for one in found:
        amount = None if one.amount is None or not one.is_money else money(one.amount)
        rows.row(one.order, one.version, one.at.isoformat(), one.outcome, one.kind, one.subject,
                 amount, one.currency)  # fmt: skip
