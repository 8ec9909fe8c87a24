"""The statement of an account: opening balance, each entry with its contra accounts, closing one.

Entries stand in the order of month, day of booking and place in the log. A page is the latest
entries before a mark; the balance at the mark is what is summed by day, and what of its day comes
before it, so that a page takes as long in a large ledger as in a small one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import asyncpg

from adapters.ledger.sums import SUMS
from adapters.ledger.trial import EVER, Span
from adapters.postgres.sql import HOLD_MODELS
from domain.errors import Refused


class Mark(NamedTuple):
    """A place in a statement: just before an entry's leg."""

    period: date
    booked: date
    partition: int
    position: int
    leg: int

    def __str__(self) -> str:
        period, booked, *place = self
        return ":".join((f"{period:%Y-%m}", str(booked), *map(str, place)))

    @classmethod
    def read(cls, told: str) -> "Mark":
        """A mark as a page printed it. Raises Refused."""
        try:
            period, booked, *place = told.split(":")
            partition, position, leg = map(int, place)
            return cls(
                date.fromisoformat(f"{period}-01"), date.fromisoformat(booked), partition,
                position, leg,
            )  # fmt: skip
        except ValueError as error:
            raise Refused(f"{told!r} is no place in a statement; a page names them") from error


class Entry(NamedTuple):
    """A leg on the account, debits positive; `balance` is the account's behind it."""

    period: date
    booked: date
    occurred: date
    order: str
    what: str
    contra: tuple[int, ...]
    amount: int
    balance: int
    partition: int
    position: int
    leg: int

    @property
    def late(self) -> bool:
        """Whether its own month was closed when it was booked."""
        return self.booked.replace(day=1) < self.period

    @property
    def mark(self) -> Mark:
        return Mark(self.period, self.booked, self.partition, self.position, self.leg)


@dataclass(slots=True, frozen=True)
class Statement:
    """A page of an account in a span. `opening` and `closing` are the span's, `brought` the page's.

    `earlier` marks where the page before this one ends, where there is one.
    """

    seller: str
    account: int
    currency: str
    opening: int
    closing: int
    brought: int
    total: int
    entries: tuple[Entry, ...]
    earlier: Mark | None

    @property
    def off(self) -> int:
        """What the entries come to more than the balances, as far as the first page can say."""
        return 0 if self.earlier is not None else self.opening - self.brought


HELD = f"""
    {SUMS}
    select seller, currency,
           coalesce(sum(debit - credit) filter (where period < $3), 0)::bigint as opening,
           sum(debit - credit)::bigint as closing,
           coalesce(sum(entries) filter (where period >= $3), 0)::bigint as total
    from sums
    where account = $1 and ($2::text is null or seller = $2) and period <= $4 and booked <= $5
    group by seller, currency
    order by seller, currency
"""
UP_TO = f"""
    {SUMS}
    select coalesce(sum(debit - credit), 0)::bigint + coalesce((
        select sum(amount) from postings
        where seller = $1 and account = $2 and currency = $3 and period = $4 and booked = $5
          and (partition, position, leg) < ($6, $7, $8)
    ), 0)::bigint
    from sums
    where seller = $1 and account = $2 and currency = $3 and (period, booked) < ($4, $5)
      and booked <= $9
"""
CURRENCY = "select currency from postings where (partition, position, leg) = ($1, $2, $3)"
PAGE = """
    select l.*, (
        select array_agg(distinct c.account order by c.account) from postings c
        where c.partition = l.partition and c.position = l.position and c.currency = $3
          and c.account <> $2
    ) as contra
    from (
        select period, booked, occurred, order_id, kind, amount, partition, position, leg
        from postings
        where seller = $1 and account = $2 and currency = $3 and period >= $4 and booked <= $5
          and (period, booked, partition, position, leg) < ($6, $7, $8, $9, $10)
        order by period desc, booked desc, partition desc, position desc, leg desc
        limit $11
    ) l
    order by period, booked, partition, position, leg
"""


async def statements(
    pool: asyncpg.Pool, account: int, seller: str | None, span: Span, limit: int,
    before: Mark | None = None,
) -> list[Statement]:  # fmt: skip
    """The statement of an account, one for each seller and currency; each the latest `limit`.

    Before a mark there are those of its currency alone. Raises Refused where no leg has it.
    """
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        await connection.execute(HOLD_MODELS)
        asked = (account, seller, span.first, span.last, span.as_of)
        rows = await connection.fetch(HELD, *asked)
        if before is not None:
            currency = await connection.fetchval(CURRENCY, *before[2:])
            if currency is None:
                raise Refused(f"{str(before)!r} is no place in a statement; a page names them")
            rows = [held for held in rows if held["currency"] == currency]
        return [await _statement(connection, account, held, span, limit, before) for held in rows]


async def _statement(
    connection: asyncpg.Connection, account: int, held: Any, span: Span, limit: int,
    before: Mark | None,
) -> Statement:  # fmt: skip
    whose = (held["seller"], account, held["currency"])
    end = before or Mark(span.last, EVER[1], 0, 0, 0)
    rows: Sequence[Any] = await connection.fetch(
        PAGE, *whose, span.first, span.as_of, *end, limit + 1
    )
    more, rows = len(rows) > limit, rows[-limit:]
    balance = held["closing"]
    if before is not None:
        balance = await connection.fetchval(UP_TO, *whose, *before, span.as_of)
    brought = balance = balance - sum(row["amount"] for row in rows)
    entries = []
    for row in rows:
        balance += row["amount"]
        entries.append(
            Entry._make((*row[:5], tuple(row["contra"] or ()), row["amount"], balance, *row[6:9]))
        )
    return Statement(
        held["seller"], account, held["currency"], held["opening"], held["closing"], brought,
        held["total"], tuple(entries), entries[0].mark if more else None,
    )  # fmt: skip
