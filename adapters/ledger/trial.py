"""The trial balance: every account's opening balance, what moved, and its closing balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import asyncpg

from adapters.ledger.sums import SUMS

EVER = (date(1900, 1, 1), date(2200, 1, 1))


@dataclass(slots=True, frozen=True)
class Span:
    """Months by their first days, both included, and the last day of booking that counts."""

    first: date = EVER[0]
    last: date = EVER[1]
    as_of: date = EVER[1]

    @property
    def whole(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Span()


class Balance(NamedTuple):
    """An account of a seller in one currency, in öre; debits positive but for `credit`.

    `opening` is what all months before the span come to: no account is brought to 0 at a year's
    end here.
    """

    seller: str
    currency: str
    account: int
    opening: int
    debit: int
    credit: int
    entries: int

    @property
    def closing(self) -> int:
        return self.opening + self.debit - self.credit


TRIAL = f"""
    {SUMS}
    select seller, currency, account,
           coalesce(sum(debit - credit) filter (where period < $2), 0)::bigint,
           coalesce(sum(debit) filter (where period >= $2), 0)::bigint,
           coalesce(sum(credit) filter (where period >= $2), 0)::bigint,
           coalesce(sum(entries) filter (where period >= $2), 0)::bigint
    from sums
    where ($1::text is null or seller = $1) and period <= $3 and booked <= $4
    group by seller, currency, account
    order by seller, currency, account
"""


async def trial_balance(pool: asyncpg.Pool, seller: str | None, span: Span) -> list[Balance]:
    """The accounts of a seller (of all), by seller, currency and number; each sum comes to 0."""
    rows = await pool.fetch(TRIAL, seller, span.first, span.last, span.as_of)
    return [Balance(*row) for row in rows]


def off(balances: Iterable[Balance]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """By seller and currency, what opening, movement and closing come to: nought, all three."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = {}
    for one in balances:
        opening, moved, closing = sums.get((one.seller, one.currency), (0, 0, 0))
        sums[one.seller, one.currency] = (
            opening + one.opening, moved + one.debit - one.credit, closing + one.closing
        )  # fmt: skip
    return sums
