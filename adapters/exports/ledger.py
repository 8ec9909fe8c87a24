"""What every export reads: balances and vouchers of a seller's months, as of one instant.

A voucher is an entry, and an entry is an event's: partition and position lead back to it. Months
are accounting periods. What was booked in a month that was closed by then belongs to the next open
one: the voucher has the first day of that, and says when it was booked.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import BinaryIO, Literal, NamedTuple
from urllib.parse import quote

import asyncpg

from adapters.postgres.sql import HOLD_MODELS
from domain.calendar import add_months
from domain.errors import Guarded, Missing
from domain.money import kronor
from projections.posting_rules import CHART

PAGE = 1_000
"""Legs that are fetched at a time."""
MOVEMENTS = """
    select currency, account, period, sum(amount)::bigint
    from postings where seller = $1 and period <= $2
    group by currency, account, period
    order by currency, account, period
"""
LEGS = """
    select p.order_id, p.partition, p.position, p.booked, p.occurred, p.period, p.kind,
           t.type, t.clauses, p.leg, p.account, p.amount, p.currency
    from postings p left join timeline t on
        (t.seller, t.order_id, t.partition, t.position)
        = (p.seller, p.order_id, p.partition, p.position)
    where p.seller = $1 and p.period between $2 and $3 and ($4::text is null or p.currency = $4)
    order by {}, p.leg
"""
Arranged = Literal["day", "number"]
ARRANGED: dict[Arranged, str] = {
    "day": LEGS.format("greatest(p.booked, p.period), p.partition, p.position"),
    "number": LEGS.format("p.partition, p.position"),
}
REACH = "select min(period), max(period) from postings where seller = $1"
SELLERS = "select distinct seller from orders"

Nature = Literal["asset", "liability", "income", "expense"]
NATURES: tuple[tuple[int, Nature], ...] = (
    (1999, "asset"), (2999, "liability"), (3999, "income"), (7999, "expense"),
    (8399, "income"), (8999, "expense"),
)  # fmt: skip
"""The classes of the BAS chart, each by its last account; 80 to 83 are financial income."""


def nature_of(account: int) -> Nature:
    return next(nature for last, nature in NATURES if account <= last)


def name_of(account: int) -> str:
    """What the chart calls an account."""
    return CHART.get(account, "Konto")


def on_a_line(told: str, special: str) -> str:
    """A name as it was told, but what is special in a format or not printable percent-encoded."""
    return "".join(
        quote(one) if one in special or one == "%" or not one.isprintable() else one for one in told
    )


class Leg(NamedTuple):
    """`amount` is in minor units of the currency, debits positive."""

    leg: int
    account: int
    amount: int
    currency: str


@dataclass(slots=True, frozen=True)
class Voucher:
    """An entry of the ledger, whole, or its legs in one currency, which balance by themselves."""

    order: str
    partition: int
    position: int
    booked: date
    """The day in Stockholm on which the event was recorded."""
    occurred: date
    """The day on which what it tells of happened (BFL 5 kap. 7 §)."""
    period: date
    """The first day of the month in whose books it stands."""
    kind: str
    type: str
    clauses: tuple[str, ...]
    legs: tuple[Leg, ...]

    @property
    def day(self) -> date:
        """Its day in the books."""
        return max(self.booked, self.period)

    @property
    def reference(self) -> str:
        """The place of its event in the log."""
        return f"{self.partition}/{self.position}"

    @property
    def words(self) -> str:
        """What it is about, for accountants; with the days that are not its day in the books."""
        recorded = f", bokfört {self.booked}" if self.booked != self.day else ""
        happened = f", avser {self.occurred}" if self.occurred != self.day else ""
        return f"{self.kind}{recorded}{happened}"


class Balance(NamedTuple):
    """`opening` is what all earlier months come to: no account is brought to 0 at a year's end."""

    currency: str
    account: int
    opening: int
    movement: int
    closing: int


@dataclass(slots=True)
class Written:
    """How much a file holds."""

    vouchers: int = 0
    legs: int = 0

    def count(self, voucher: Voucher) -> None:
        self.vouchers += 1
        self.legs += len(voucher.legs)


@dataclass(slots=True)
class Ledger:
    """A seller's books from the month `first` to the month `last`, each by its first day."""

    seller: str
    first: date
    last: date
    moved: dict[tuple[str, int], dict[date, int]]
    """What each month moved, by currency and account, from the beginning to `last`."""
    connection: asyncpg.Connection = field(repr=False)

    @property
    def final_day(self) -> date:
        """The last day of the months."""
        return add_months(self.last, 1) - timedelta(days=1)

    @property
    def title(self) -> str:
        """`allectra 2026-09`, or with both months."""
        months = f"{self.first:%Y-%m}"
        return f"{self.seller} {months}" + (
            "" if self.first == self.last else f" to {self.last:%Y-%m}"
        )

    def currencies(self, since: date | None = None) -> list[str]:
        """Those in which anything was ever moved, or since a month."""
        return sorted({
            currency for (currency, _), months in self.moved.items()
            if since is None or max(months) >= since
        })  # fmt: skip

    def balances(self, currency: str | None = None) -> Iterator[Balance]:
        """Every account that was ever used, by currency and account."""
        for (unit, account), months in self.moved.items():
            if currency in (None, unit):
                opening = sum(amount for month, amount in months.items() if month < self.first)
                closing = sum(months.values())
                yield Balance(unit, account, opening, closing - opening, closing)

    async def vouchers(
        self, by: Arranged = "day", currency: str | None = None, since: date | None = None
    ) -> AsyncIterator[Voucher]:
        """The vouchers, read page by page: by day, or in the order of partition and position.

        Of one currency where that is said; from the month `since` on instead of the first.
        """
        asked = (self.seller, since or self.first, self.last, currency)
        entry: list[asyncpg.Record] = []
        async for row in self.connection.cursor(ARRANGED[by], *asked, prefetch=PAGE):
            if entry and entry[0][1:3] != row[1:3]:
                yield _voucher(entry)
                entry = []
            entry.append(row)
        if entry:
            yield _voucher(entry)


def _voucher(entry: list[asyncpg.Record]) -> Voucher:
    order, partition, position, booked, occurred, period, kind, type, clauses = entry[0][:9]
    sums: dict[str, int] = {}
    for *_, amount, currency in entry:
        sums[currency] = sums.get(currency, 0) + amount
    if any(sums.values()):
        raise Guarded(
            f"the entry {partition}/{position} of {order} does not come to 0.00, and nothing is "
            "exported until it does; `villkor verify` says what it was"
        )
    return Voucher(
        order, partition, position, booked, occurred, period, kind, type or kind.split(" ")[0],
        tuple(clauses or ()), tuple(Leg(*row[9:]) for row in entry),
    )  # fmt: skip


@asynccontextmanager
async def reading(
    pool: asyncpg.Pool, seller: str, first: date, last: date, others: Iterable[str] = ()
) -> AsyncIterator[Ledger]:
    """The ledger as it is at this instant, whatever is booked while it is read.

    Raises Missing where the seller is unknown (`others` are not, though they have no order),
    or has no entry in these months.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute(HOLD_MODELS)
        ledger = Ledger(seller, first, last, {}, connection)
        for currency, account, period, amount in await connection.fetch(MOVEMENTS, seller, last):
            ledger.moved.setdefault((currency, account), {})[period] = amount
        _check(ledger)
        if not ledger.currencies(first):
            raise Missing(await _nothing(ledger, others))
        yield ledger


def _check(ledger: Ledger) -> None:
    """Raises Guarded where the accounts do not come to 0.00, in a month or in all."""
    sums: dict[tuple[str, date], int] = {}
    for (currency, _), months in ledger.moved.items():
        for month, amount in months.items():
            sums[currency, month] = sums.get((currency, month), 0) + amount
    for (currency, month), amount in sorted(sums.items()):
        if amount:
            raise Guarded(
                f"{ledger.seller} {month:%Y-%m}: the accounts come to {kronor(amount)} {currency}, "
                "not to 0.00, and nothing is exported until they do; `villkor verify` says where"
            )


async def _nothing(ledger: Ledger, others: Iterable[str]) -> str:
    """Why there is nothing to write, and what there is."""
    since, until = await ledger.connection.fetchrow(REACH, ledger.seller)
    if since is not None:
        reach = f"the entries are from {since:%Y-%m} to {until:%Y-%m}"
        return f"nothing was booked in {ledger.title}; {reach}"
    sellers = {*others, *(row[0] for row in await ledger.connection.fetch(SELLERS))}
    if ledger.seller in sellers:
        return f"nothing was booked for {ledger.seller} yet"
    return f"nobody is called {ledger.seller!r}; there are {', '.join(sorted(sellers))}"


async def journal(
    ledger: Ledger, out: BinaryIO, head: Callable[[Ledger], str], entry: Callable[[Voucher], str],
    foot: Callable[[Ledger], str],
) -> Written:  # fmt: skip
    """Write a journal in UTF-8: what stands before the vouchers, them, and what stands behind."""
    written = Written()
    out.write(head(ledger).encode())
    async for voucher in ledger.vouchers():
        out.write(entry(voucher).encode())
        written.count(voucher)
    out.write(foot(ledger).encode())
    return written
