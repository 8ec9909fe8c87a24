"""The ledger's answers for programs: plain values by their names, amounts in kronor."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from adapters.ledger.late import Late, Moved
from adapters.ledger.order import OrderMoney
from adapters.ledger.periods import Period
from adapters.ledger.statement import Entry, Statement
from adapters.ledger.subledgers import Ageing, CustomerBalance, SellerBalance, VatRow
from adapters.ledger.trial import Balance, off

Row = dict[str, Any]
FIGURES = ("opening", "debit", "credit", "closing")
MOVED = ("paid_in", "repaid", "earned", "owed")
NONE: Mapping[tuple[str, str], str] = {}


def trial_balance(balances: Sequence[Balance]) -> Row:
    """All accounts together, and each seller's own; `total` is how far off they are: 0.00."""
    together = merged(balances)
    total = sum(abs(closing) for _, _, closing in off(together).values())
    return {
        "accounts": [_account(one) for one in together],
        "total": total / 100,
        "sellers": [
            {"seller": seller, "currency": currency, "opening": opening / 100,
             "movement": moved / 100, "closing": closing / 100,
             "accounts": [_account(one) for one in balances
                          if (one.seller, one.currency) == (seller, currency)]}
            for (seller, currency), (opening, moved, closing) in off(balances).items()
        ],
    }  # fmt: skip


def merged(balances: Iterable[Balance]) -> list[Balance]:
    """The same accounts of all sellers together, by currency and number."""
    found: dict[tuple[str, int], Balance] = {}
    for one in balances:
        key = one.currency, one.account
        had = found.get(key, Balance("", *key, 0, 0, 0, 0))
        found[key] = Balance("", *key, *(a + b for a, b in zip(had[3:], one[3:], strict=True)))
    return [found[key] for key in sorted(found)]


def _account(one: Balance) -> Row:
    row = one._asdict() | {"closing": one.closing, "balance": one.closing}
    del row["seller"]
    return _in_kronor(row, *FIGURES, "balance")


def statement(account: int, pages: Sequence[Statement]) -> Row:
    """An account's pages: what each begins and ends with, and the entries of all."""
    return {
        "account": account,
        "entries": [_entry(page, one) for page in pages for one in page.entries],
        "statements": [
            {"seller": page.seller, "currency": page.currency, "opening": page.opening / 100,
             "brought_forward": page.brought / 100, "closing": page.closing / 100,
             "total_entries": page.total,
             "earlier": None if page.earlier is None else str(page.earlier)}
            for page in pages
        ],
    }  # fmt: skip


def _entry(page: Statement, one: Entry) -> Row:
    return {
        "seller": page.seller, "currency": page.currency, "order_id": one.order, "kind": one.what,
        "booked": one.booked, "occurred": one.occurred, "period": f"{one.period:%Y-%m}",
        "late": one.late, "contra": list(one.contra), "amount": one.amount / 100,
        "balance": one.balance / 100, "partition": one.partition, "position": one.position,
        "leg": one.leg,
    }  # fmt: skip


def order(seller: str, order_id: str, moneys: Iterable[OrderMoney]) -> Row:
    """An order's money in each currency: in = out + earned + owed, which comes to 0.00."""
    return {"seller": seller, "order": order_id, "currencies": [_order(one) for one in moneys]}


def _order(one: OrderMoney) -> Row:
    return {
        "currency": one.currency,
        "lines": [
            _in_kronor(line._asdict() | {"period": f"{line.period:%Y-%m}"}, *MOVED)
            for line in one.lines
        ],
        "paid_in": one.paid_in / 100,
        "repaid": one.repaid / 100,
        "earned": {str(account): amount / 100 for account, amount in one.earned.items()},
        "owed_by_customer": one.owes / 100,
        "owed_to_customer": one.owed / 100,
        "comes_to": one.off / 100,
    }


def customers(
    found: Iterable[CustomerBalance], more: Mapping[tuple[str, str], str] = NONE
) -> Row:  # fmt: skip
    """The customers listed, and by seller and currency the sums of all customers.

    `more` has what asks for the customers behind these, where there are more.
    """
    rows = list(found)
    sums = {(one.seller, one.currency): one[6:] for one in rows}
    return {
        "customers": [
            _in_kronor(dict(zip(one._fields[:6], one[:6], strict=True)), "owes", "owed")
            for one in rows
        ],
        "sums": [
            {"seller": seller, "currency": currency, "customers": count, "owes": owes / 100,
             "owed": owed / 100, "next": more.get((seller, currency))}
            for (seller, currency), (count, owes, owed) in sums.items()
        ],
    }  # fmt: skip


def sellers(found: Iterable[SellerBalance]) -> Row:
    """What each seller's orders moved."""
    return {"sellers": [_in_kronor(one._asdict(), *SellerBalance._fields[4:]) for one in found]}


def vat(found: Sequence[VatRow]) -> Row:
    """Base and tax by month, rate and account; rates in per cent."""
    return {
        "vat": [
            _in_kronor(
                one._asdict() | {"month": f"{one.month:%Y-%m}", "rate": one.rate / 100},
                "base", "vat",
            ) for one in found
        ],
        "base": sum(one.base for one in found) / 100,
        "tax": sum(one.vat for one in found) / 100,
    }  # fmt: skip


def ageing(found: Iterable[Ageing], day: date) -> Row:
    """How old receivables are as of a day."""
    figures = (*Ageing._fields[2:], "total")
    rows = [_in_kronor(one._asdict() | {"total": one.total}, *figures) for one in found]
    return {"as_of": day, "ageing": rows}


def late(seller: str, month: date, found: Iterable[Late], sums: Iterable[Moved]) -> Row:
    """What happened in a month and stands in the books of a later one, and its sums."""
    return {
        "seller": seller, "month": f"{month:%Y-%m}",
        "entries": [
            {"order_id": one.order, "kind": one.what, "currency": one.currency,
             "occurred": one.occurred, "booked": one.booked, "period": f"{one.period:%Y-%m}",
             "accounts": list(one.accounts), "amount": one.amount / 100,
             "partition": one.partition, "position": one.position}
            for one in found
        ],
        "accounts": [_in_kronor(one._asdict(), "amount") for one in sums],
    }  # fmt: skip


def periods(found: Iterable[Period]) -> Row:
    """The months of each seller's books."""
    return {"periods": [period(one) for one in found]}


def period(one: Period) -> Row:
    """A month, whether it is closed, and by whom."""
    return {
        "seller": one.seller, "month": f"{one.month:%Y-%m}", "entries": one.entries,
        "state": one.state, "partitions": one.partitions, "closed_at": one.closed_at,
        "by": one.by, "reason": one.reason,
    }  # fmt: skip


def _in_kronor(row: Row, *names: str) -> Row:
    return {name: value / 100 if name in names else value for name, value in row.items()}
