"""The ledger's answers as CSV, a row at a time: by RFC 4180 with a decimal point in amounts, or as
Excel opens it in Sweden, with semicolons and decimal commas.

UTF-8 with its mark in front, without which Excel reads å as Ã¥. What a program would take for a
formula (a name that begins with = + - @) has an apostrophe before it.
"""

import csv
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TextIO

import asyncpg

from adapters.acted import Act
from adapters.ledger.late import Late
from adapters.ledger.statement import Statement
from adapters.ledger.subledgers import Ageing, CustomerBalance, SellerBalance, VatRow
from adapters.ledger.trial import Balance, Span, off
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


class For(StrEnum):
    """Whom a file is for."""

    PROGRAMS = "programs"
    EXCEL = "excel"
    """In Sweden, where the comma is the decimal one."""


class Sheet:
    """Writes CSV: öre that are said to be money become kronor, other cells are as they are."""

    def __init__(self, out: TextIO, whom: For, *columns: str) -> None:
        self.excel = whom == For.EXCEL
        self.writer = csv.writer(out, delimiter=";" if self.excel else ",")
        out.write(MARK)
        self.writer.writerow(columns)

    def row(self, *cells: Any) -> None:
        self.writer.writerow([_safe(cell, comma=self.excel) for cell in cells])


def _safe(cell: Any, *, comma: bool) -> Any:
    """A cell that no program takes for a formula. Amounts are digits, and come as `Money`."""
    if isinstance(cell, Money):
        return cell.replace(".", ",") if comma else cell
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


class Money(str):
    """An amount in kronor, which may begin with a minus; or another decimal number."""

    __slots__ = ()


def money(amount: int) -> Money:
    return Money(kronor(amount))


def trial(out: TextIO, balances: Sequence[Balance], whom: For = For.PROGRAMS) -> None:
    """Accounts with opening balance, debit, credit and closing balance; and a row that says so
    where a seller's do not come to 0.00."""
    sheet = Sheet(out, whom, "seller", "currency", "account", "name", "opening", "debit", "credit",
                  "closing", "entries")  # fmt: skip
    for one in balances:
        sheet.row(one.seller, one.currency, one.account, CHART.get(one.account, ""),
                  money(one.opening), money(one.debit), money(one.credit), money(one.closing),
                  one.entries)  # fmt: skip
    for (seller, currency), (opening, moved, closing) in off(balances).items():
        if opening or moved or closing:
            sheet.row(seller, currency, "", "DOES NOT COME TO 0.00", money(opening), "", "",
                      money(closing), "")  # fmt: skip


def customers(
    out: TextIO, found: Iterable[CustomerBalance], whom: For = For.PROGRAMS
) -> None:  # fmt: skip
    sheet = Sheet(out, whom, "seller", "currency", "customer", "orders", "owes", "owed")
    for one in found:
        sheet.row(*one[:4], money(one.owes), money(one.owed))


def sellers(out: TextIO, found: Iterable[SellerBalance], whom: For = For.PROGRAMS) -> None:
    sheet = Sheet(out, whom, *SellerBalance._fields)
    for one in found:
        sheet.row(*one[:4], *map(money, one[4:]))


def vat(out: TextIO, found: Iterable[VatRow], whom: For = For.PROGRAMS) -> None:
    """Base and tax; the rate is empty where nothing was taxed."""
    sheet = Sheet(out, whom, "seller", "currency", "month", "rate_percent", "account", "base",
                  "vat")  # fmt: skip
    for one in found:
        rate = Money(f"{one.rate / 100:g}") if one.rate else None
        sheet.row(one.seller, one.currency, f"{one.month:%Y-%m}", rate, one.account,
                  money(one.base), money(one.vat))  # fmt: skip


def ageing(out: TextIO, found: Iterable[Ageing], whom: For = For.PROGRAMS) -> None:
    sheet = Sheet(out, whom, *Ageing._fields, "total")
    for one in found:
        sheet.row(one.seller, one.currency, *map(money, one[2:]), money(one.total))


def late(
    out: TextIO, seller: str, month: date, found: Iterable[Late], whom: For = For.PROGRAMS
) -> None:
    """What happened in a month and stands in the books of a later one."""
    sheet = Sheet(out, whom, "seller", "month", "currency", "order", "what", "occurred", "booked",
                  "booked_in", "accounts", "amount", "event")  # fmt: skip
    for one in found:
        sheet.row(seller, f"{month:%Y-%m}", one.currency, one.order, one.what, one.occurred,
                  one.booked, f"{one.period:%Y-%m}", " ".join(map(str, one.accounts)),
                  money(one.amount), f"{one.partition}/{one.position}")  # fmt: skip


async def statement(
    pool: asyncpg.Pool, out: TextIO, pages: Sequence[Statement], span: Span,
    whom: For = For.PROGRAMS,
) -> None:  # fmt: skip
    """Every entry of these statements in the span, with the balance behind each.

    The column `row` says which rows are entries, so that what opens and closes is not summed up.
    """
    sheet = Sheet(out, whom, "seller", "account", "currency", "booked", "occurred", "month",
                  "order", "what", "contra", "amount", "balance", "event", "leg",
                  "row")  # fmt: skip
    for page in pages:
        whose, balance = (page.seller, page.account, page.currency), page.opening
        sheet.row(*whose, "", "", "", "", "opening balance", "", "", money(balance), "", "",
                  "opening")  # fmt: skip
        async for row in _entries(pool, whose, span):
            balance += row["amount"]
            sheet.row(
                *whose, row["booked"], row["occurred"], f"{row['period']:%Y-%m}", row["order_id"],
                row["kind"], row["contra"], money(row["amount"]), money(balance),
                f"{row['partition']}/{row['position']}", row["leg"], "entry",
            )  # fmt: skip
        sheet.row(*whose, "", "", "", "", "closing balance", "", "", money(balance), "", "",
                  "closing")  # fmt: skip
        if balance != page.closing:
            said = f"DOES NOT COME TO {kronor(page.closing)}, WHICH THE BALANCES SAY"
            sheet.row(*whose, "", "", "", "", said, "", "", money(balance - page.closing), "", "",
                      "difference")  # fmt: skip


def acts(out: TextIO, found: Iterable[Act]) -> None:
    sheet = Sheet(out, For.PROGRAMS, "at", "kind", "seller", "order", "what", "by", "reason",
                  "partition", "position")  # fmt: skip
    for one in found:
        sheet.row(one.at.isoformat(), one.kind, one.seller, one.order, one.what, one.by,
                  one.reason, one.partition, one.position)  # fmt: skip


async def _entries(
    pool: asyncpg.Pool, whose: tuple[str, int, str], span: Span
) -> AsyncIterator[asyncpg.Record]:
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        await connection.execute(HOLD_MODELS)
        asked = (*whose, span.first, span.last, span.as_of)
        async for row in connection.cursor(ENTRIES, *asked, prefetch=PAGE):
            yield row
