"""A ledger for beancount: opening balances, a transaction a voucher, and closing balances asserted.

It passes `bean-check`. Accounts are `Assets:1510-Kundfordringar`, since a name has no blanks. The
metadata name the event: its place in the log, order and type. After beancount's language syntax
(version 3): a balance is that of the beginning of its day, so that the closing ones stand at the
day after the last month, and are to be met to the cent (`~ 0.00`), not to a tolerance.
"""

import re
from datetime import timedelta
from typing import BinaryIO

from adapters.exports.ledger import (
    Ledger, Nature, Voucher, Written, journal, name_of, nature_of, on_a_line,
)  # fmt: skip
from domain.money import kronor

SUFFIX = ".beancount"
ROOTS: dict[Nature, str] = {
    "asset": "Assets", "liability": "Liabilities", "income": "Income", "expense": "Expenses",
}  # fmt: skip
WORD = re.compile(r"[^\W_]+")


async def write(ledger: Ledger, out: BinaryIO) -> Written:
    """All currencies in one file, in UTF-8."""
    return await journal(ledger, out, _head, _transaction, _foot)


def _account(account: int) -> str:
    return f"{ROOTS[nature_of(account)]}:{account}-" + "-".join(WORD.findall(name_of(account)))


def _string(told: str) -> str:
    return '"' + on_a_line(told, "").replace("\\", "\\\\").replace('"', '\\"') + '"'


def _head(ledger: Ledger) -> str:
    lines = [f'option "title" {_string(f"Villkor: {ledger.title}")}']
    lines += [f'option "operating_currency" "{one}"' for one in ledger.currencies()]
    lines.append("")
    for number in sorted({one.account for one in ledger.balances()}):
        lines += [f"{ledger.first} open {_account(number)}",
                  f'  name: "{number} {name_of(number)}"']  # fmt: skip
    opening = [one for one in ledger.balances() if one.opening]
    if opening:
        lines += ["", f'{ledger.first} * "Ingående balanser"']
    lines += [f"  {_account(one.account)}  {kronor(one.opening)} {one.currency}" for one in opening]
    return "\n".join(lines) + "\n"


def _transaction(voucher: Voucher) -> str:
    lines = [
        "",
        f"{voucher.day} * {_string(voucher.order)} {_string(voucher.words)}",
        f'  event: "{voucher.reference}"',
        f"  partition: {voucher.partition}",
        f"  position: {voucher.position}",
        f"  order: {_string(voucher.order)}",
        f'  type: "{voucher.type}"',
        f"  booked: {voucher.booked}",
        f"  occurred: {voucher.occurred}",
    ]
    lines += [
        f"  {_account(leg.account)}  {kronor(leg.amount)} {leg.currency}" for leg in voucher.legs
    ]
    return "\n".join(lines) + "\n"


def _foot(ledger: Ledger) -> str:
    day = ledger.final_day + timedelta(days=1)
    lines = [
        f"{day} balance {_account(one.account)}  {kronor(one.closing)} ~ 0.00 {one.currency}"
        for one in ledger.balances()
    ]
    return "\n".join(["", *lines]) + "\n"
