"""A journal for hledger: opening balances, a transaction a voucher, and closing balances asserted.

It passes `hledger check --strict`: accounts (`assets:1510 Kundfordringar`) and currencies are
declared, and what the months move must lead from the opening to the closing balances. Tags name
the event: `event` is its place in the log, partition/position. After hledger's manual of the
journal format (1.25): a description ends at `;`, a tag at a comma, so that these are
percent-encoded in the names of orders.
"""

from typing import BinaryIO

from adapters.exports.ledger import (
    Ledger, Nature, Voucher, Written, journal, name_of, nature_of, on_a_line,
)  # fmt: skip
from domain.money import kronor

SUFFIX = ".journal"
ROOTS: dict[Nature, tuple[str, str]] = {
    "asset": ("assets", "A"), "liability": ("liabilities", "L"), "income": ("revenues", "R"),
    "expense": ("expenses", "X"),
}  # fmt: skip
"""What accounts of a nature stand under, and hledger's letter for their type."""
SPECIAL = ";|,"


async def write(ledger: Ledger, out: BinaryIO) -> Written:
    """All currencies in one journal, in UTF-8."""
    return await journal(ledger, out, _head, _transaction, _foot)


def _account(account: int) -> str:
    return f"{ROOTS[nature_of(account)][0]}:{account} {name_of(account)}"


def _head(ledger: Ledger) -> str:
    lines = [f"; Villkor: {on_a_line(ledger.title, '')}", "decimal-mark .",
             *(f"commodity 1000.00 {currency}" for currency in ledger.currencies())]  # fmt: skip
    for number in sorted({one.account for one in ledger.balances()}):
        lines.append(f"account {_account(number)}  ; type:{ROOTS[nature_of(number)][1]}")
    opening = [one for one in ledger.balances() if one.opening]
    if opening:
        lines += ["", f"{ledger.first} * (opening) Ingående balanser"]
    lines += [
        f"    {_account(one.account)}  {kronor(one.opening)} {one.currency}" for one in opening
    ]
    return "\n".join(lines) + "\n"


def _transaction(voucher: Voucher) -> str:
    order = on_a_line(voucher.order, SPECIAL)
    lines = [
        "",
        f"{voucher.day} * ({voucher.reference}) {order} {voucher.words}",
        f"    ; event:{voucher.reference}, order:{order}, kind:{voucher.type}",
        f"    ; booked:{voucher.booked}, occurred:{voucher.occurred}",
    ]
    lines += [
        f"    {_account(leg.account)}  {kronor(leg.amount)} {leg.currency}" for leg in voucher.legs
    ]
    return "\n".join(lines) + "\n"


def _foot(ledger: Ledger) -> str:
    lines = ["", f"{ledger.final_day} * (closing) Utgående balanser"]
    lines += [
        f"    {_account(one.account)}  0.00 {one.currency} = {kronor(one.closing)} {one.currency}"
        for one in ledger.balances()
    ]
    return "\n".join(lines) + "\n"
