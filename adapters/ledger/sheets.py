"""The ledger's answers as CSV (RFC 4180), a row at a time: amounts in kronor with a decimal point.

UTF-8 with its mark in front, without which Excel reads å as Ã¥. What a program would take for a
formula (a name that begins with = + - @) has an apostrophe before it.
"""

import csv
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, TextIO

import asyncpg

from adapters.ledger.statement import Statement
from adapters.ledger.subledgers import Ageing, CustomerBalance, SellerBalance, VatRow
from adapters.ledger.trial import Balance, Span
from adapters.postgres.sql import HOLD_MODELS
from domain.money import kronor
from projections.posting_rules import CHART

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PAGE = 1_000
"""Legs that are fetched at a time."""
ENTRIES = """
    select booked, occurred, period, order_id, kind, amount, partition, position, leg, (
        select string_agg(distinct c.account::text, ' ' order by c.account::text) from postings c
        where (c.partition, c.position) = (p.partition, p.position) and c.currency = $3
          and c.account <> $2
    ) as contra
    from postings p
    where seller = $1 and account = $2 and currency = $3 and period between $4 and $5
      and booked <= $6
    order by period, booked, partition, position, leg
"""
Rows = Iterable[Sequence[Any]]


class Sheet:
    """Writes CSV: öre that are said to be money become kronor, other cells are as they are."""

    def __init__(self, out: TextIO, *columns: str) -> None:
        self.writer = csv.writer(out)
        out.write(MARK)
        self.writer.writerow(columns)

    def row(self, *cells: Any) -> None:
        self.writer.writerow([_safe(cell) for cell in cells])


def _safe(cell: Any) -> Any:
    """A cell that no program takes for a formula. Amounts are digits, and come as `Money`."""
    if isinstance(cell, str) and not isinstance(cell, Money) and cell.startswith(FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


class Money(str):
    """An amount in kronor, which may begin with a minus."""

    __slots__ = ()


def money(amount: int) -> Money:
    return Money(kronor(amount))


def trial(out: TextIO, balances: Iterable[Balance]) -> None:
    """Accounts with opening balance, debit, credit and closing balance."""
    sheet = Sheet(out, "seller", "currency", "account", "name", "opening", "debit", "credit",
                  "closing", "entries")  # fmt: skip
    for one in balances:
        sheet.row(one.seller, one.currency, one.account, CHART.get(one.account, ""),
                  money(one.opening), money(one.debit), money(one.credit), money(one.closing),
                  one.entries)  # fmt: skip


def customers(out: TextIO, found: Iterable[CustomerBalance]) -> None:
    sheet = Sheet(out, "seller", "currency", "customer", "orders", "owes", "owed")
    for one in found:
        sheet.row(*one[:4], money(one.owes), money(one.owed))


def sellers(out: TextIO, found: Iterable[SellerBalance]) -> None:
    sheet = Sheet(out, *SellerBalance._fields)
    for one in found:
        sheet.row(*one[:4], *map(money, one[4:]))


def vat(out: TextIO, found: Iterable[VatRow]) -> None:
    sheet = Sheet(out, "seller", "currency", "month", "rate_percent", "account", "base", "vat")
    for one in found:
        sheet.row(one.seller, one.currency, f"{one.month:%Y-%m}", f"{one.rate / 100:g}",
                  one.account, money(one.base), money(one.vat))  # fmt: skip


def ageing(out: TextIO, found: Iterable[Ageing]) -> None:
    sheet = Sheet(out, *Ageing._fields, "total")
    for one in found:
        sheet.row(one.seller, one.currency, *map(money, one[2:]), money(one.total))


async def statement(
    pool: asyncpg.Pool, out: TextIO, pages: Sequence[Statement], span: Span
) -> None:  # fmt: skip
    """Every entry of these statements in the span, with the balance behind each."""
    sheet = Sheet(out, "seller", "account", "currency", "booked", "occurred", "month", "order",
                  "what", "contra", "amount", "balance", "event", "leg")  # fmt: skip
    for page in pages:
        whose, balance = (page.seller, page.account, page.currency), page.opening
        sheet.row(*whose, "", "", "", "", "opening balance", "", "", money(balance), "", "")
        async for row in _entries(pool, whose, span):
            balance += row["amount"]
            sheet.row(
                *whose, row["booked"], row["occurred"], f"{row['period']:%Y-%m}", row["order_id"],
                row["kind"], row["contra"], money(row["amount"]), money(balance),
                f"{row['partition']}/{row['position']}", row["leg"],
            )  # fmt: skip
        sheet.row(*whose, "", "", "", "", "closing balance", "", "", money(balance), "", "")


async def _entries(
    pool: asyncpg.Pool, whose: tuple[str, int, str], span: Span
) -> AsyncIterator[asyncpg.Record]:
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        await connection.execute(HOLD_MODELS)
        asked = (*whose, span.first, span.last, span.as_of)
        async for row in connection.cursor(ENTRIES, *asked, prefetch=PAGE):
            yield row
