"""How the ledger's answers look: tables for people, one JSON object for programs."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from adapters.cli import render
from adapters.cli.render import instant, money
from adapters.ledger.order import Line, OrderMoney
from adapters.ledger.periods import Period
from adapters.ledger.statement import Entry, Statement
from adapters.ledger.subledgers import Ageing, CustomerBalance, SellerBalance, VatRow
from adapters.ledger.trial import Balance, Span, off
from adapters.partitions import PARTITIONS
from projections.posting_rules import CHART

Row = dict[str, Any]


def _in_kronor(row: Row, *names: str) -> Row:
    return {name: value / 100 if name in names else value for name, value in row.items()}


# -- the trial balance -----------------------------------------------------------------------------

FIGURES = ("opening", "debit", "credit", "closing")


def trial_balance(balances: Sequence[Balance], span: Span, *, each: bool, json: bool) -> None:
    """Accounts with what they opened with, moved and closed with, and the sums under them."""
    sums, merged = off(balances), _merged(balances)
    if json:
        total = sum(abs(closing) for _, _, closing in _by_currency(merged).values())
        render.as_json({
            "accounts": [_account(one) for one in merged], "total": total / 100,
            "sellers": [
                {"seller": seller, "currency": currency, "opening": opening / 100,
                 "movement": moved / 100, "closing": closing / 100,
                 "accounts": [_account(one) for one in balances
                              if (one.seller, one.currency) == (seller, currency)]}
                for (seller, currency), (opening, moved, closing) in sums.items()
            ],
        })  # fmt: skip
        return
    if not each:
        _balances(merged, span)
    for (seller, currency), _ in sums.items() if each else ():
        render.heading(f"{seller} {currency}")
        own = [one for one in balances if (one.seller, one.currency) == (seller, currency)]
        _balances(own, span)
    if len(sums) > 1 and not each:
        render.heading("Each seller's own comes to")
        render.table(
            ("seller", "", "opening", "movement", "closing"),
            ((*key, *map(money, parts)) for key, parts in sums.items()),
            right=("opening", "movement", "closing"),
        )


def _merged(balances: Iterable[Balance]) -> list[Balance]:
    """The same accounts of all sellers together, by currency and number."""
    found: dict[tuple[str, int], Balance] = {}
    for one in balances:
        key = one.currency, one.account
        had = found.get(key, Balance("", *key, 0, 0, 0, 0))
        found[key] = Balance("", *key, *(a + b for a, b in zip(had[3:], one[3:], strict=True)))
    return [found[key] for key in sorted(found)]


def _by_currency(balances: Iterable[Balance]) -> dict[str, tuple[int, int, int]]:
    return {currency: parts for (_, currency), parts in off(balances).items()}


def _account(one: Balance) -> Row:
    row = one._asdict() | {"closing": one.closing, "balance": one.closing}
    del row["seller"]
    return _in_kronor(row, *FIGURES, "balance")


def _balances(balances: Sequence[Balance], span: Span) -> None:
    sums = off(balances)
    if span.whole:
        rows: list[tuple[Any, ...]] = [
            (one.account, CHART.get(one.account, ""), money(one.closing), one.currency)
            for one in balances
        ]
        rows += [("", "sum", money(closing), key[1]) for key, (_, _, closing) in sums.items()]
        render.table(("account", "", "balance", ""), rows or [("", "sum", money(0), "")],
                     right=("balance",))  # fmt: skip
        return
    rows = [
        (one.account, CHART.get(one.account, ""), money(one.opening), money(one.debit),
         money(one.credit), money(one.closing))
        for one in balances
    ]  # fmt: skip
    for (_, currency), (opening, _, closing) in sums.items():
        own = [one for one in balances if one.currency == currency]
        debit, credit = sum(one.debit for one in own), sum(one.credit for one in own)
        rows.append(("", f"sum {currency}", money(opening), money(debit), money(credit),
                     money(closing)))  # fmt: skip
    render.table(("account", "", *FIGURES), rows, right=FIGURES)


# -- an account, an order --------------------------------------------------------------------------


def _late(one: Entry | Line) -> str:
    """What stands by an entry whose own month was closed when it was booked."""
    return f"\nbooked {one.booked},\nclosed: in {one.period:%Y-%m}" if one.late else ""


def statement(account: int, pages: Sequence[Statement], *, json: bool) -> None:
    """An account's pages: opening balance, entries with the balance behind each, closing one."""
    if json:
        render.as_json({
            "account": account,
            "entries": [_entry(page, one) for page in pages for one in page.entries],
            "statements": [
                {"seller": page.seller, "currency": page.currency, "opening": page.opening / 100,
                 "brought_forward": page.brought / 100, "closing": page.closing / 100,
                 "total_entries": page.total,
                 "earlier": None if page.earlier is None else str(page.earlier)}
                for page in pages
            ],
        })  # fmt: skip
        return
    for page in pages:
        render.heading(f"{account} {CHART.get(account, '')}: {page.seller}, {page.currency}")
        render.say(f"opening balance {money(page.opening)}")
        if page.earlier is not None:
            render.say(f"brought forward {money(page.brought)}")
        render.table(
            ("date", "order", "what", "contra", "amount", "balance"),
            ((one.booked, one.order, one.what + _late(one), " ".join(map(str, one.contra)),
              money(one.amount), money(one.balance)) for one in page.entries),
            right=("amount", "balance"),
        )  # fmt: skip
        render.say(f"closing balance {money(page.closing)}")
        if page.earlier is not None:
            render.line(f"{len(page.entries)} of {page.total} entries; the page before: "
                       f"--seller {page.seller} --before {page.earlier}")  # fmt: skip


def _entry(page: Statement, one: Entry) -> Row:
    return {
        "seller": page.seller, "currency": page.currency, "order_id": one.order, "kind": one.what,
        "booked": one.booked, "occurred": one.occurred, "period": f"{one.period:%Y-%m}",
        "late": one.late, "contra": list(one.contra), "amount": one.amount,
        "balance": one.balance, "partition": one.partition, "position": one.position,
        "leg": one.leg,
    }  # fmt: skip


def order(row: Row, moneys: Sequence[OrderMoney], *, json: bool) -> None:
    """An order's money: line by line, then in = out + earned + owed, which comes to 0.00."""
    if json:
        render.as_json({"seller": row["seller"], "order": row["order_id"],
                        "currencies": [_order(one) for one in moneys]})  # fmt: skip
        return
    if not moneys:
        render.say(f"{row['seller']} {row['order_id']} moved no money yet")
    for one in moneys:
        render.heading(f"{one.seller} {one.order}, {one.currency}")
        render.table(
            ("date", "what", "paid in", "repaid", "earned", "owed"),
            ((line.booked, line.what + _late(line), *map(_unless_0, line[7:10]),
              money(line.owed)) for line in one.lines),
            right=("paid in", "repaid", "earned", "owed"),
        )  # fmt: skip
        render.table(("", "", "kronor"), _adds_up(one), right=("kronor",))


def _unless_0(amount: int) -> str:
    return money(amount) if amount else ""


def _adds_up(one: OrderMoney) -> list[tuple[str, str, str]]:
    earned = [
        ("- earned", f"{account} {CHART.get(account, '')}", money(-amount))
        for account, amount in one.earned.items()
    ]
    return [
        ("paid in", "", money(one.paid_in)),
        ("- repaid", "", money(-one.repaid)),
        *earned,
        ("+ owed by the customer", "1510", money(one.owes)),
        ("- owed to the customer", "2420", money(-one.owed)),
        ("comes to", "", money(one.off)),
    ]


def _order(one: OrderMoney) -> Row:
    figures = ("paid_in", "repaid", "earned", "owed")
    return {
        "currency": one.currency,
        "lines": [
            _in_kronor(line._asdict() | {"period": f"{line.period:%Y-%m}"}, *figures)
            for line in one.lines
        ],
        "paid_in": one.paid_in / 100,
        "repaid": one.repaid / 100,
        "earned": {str(account): amount / 100 for account, amount in one.earned.items()},
        "owed_by_customer": one.owes / 100,
        "owed_to_customer": one.owed / 100,
        "comes_to": one.off / 100,
    }


# -- subledgers ------------------------------------------------------------------------------------


def customers(found: Sequence[CustomerBalance], *, json: bool) -> None:
    sums = {(one.seller, one.currency): one[6:] for one in found}
    if json:
        render.as_json({
            "customers": [_in_kronor(dict(zip(one._fields[:6], one[:6], strict=True)),
                                     "owes", "owed") for one in found],
            "sums": [{"seller": seller, "currency": currency, "customers": count,
                      "owes": owes / 100, "owed": owed / 100}
                     for (seller, currency), (count, owes, owed) in sums.items()],
        })  # fmt: skip
        return
    rows = [
        (one.seller, one.customer or "(no reference)", one.orders, money(one.owes),
         money(one.owed), one.currency)
        for one in found
    ]  # fmt: skip
    rows += [(seller, f"all {count} customers", "", money(owes), money(owed), currency)  # type: ignore[misc]
             for (seller, currency), (count, owes, owed) in sums.items()]  # fmt: skip
    render.table(("seller", "customer", "orders", "owes (1510)", "is owed (2420)", ""), rows,
                 right=("orders", "owes (1510)", "is owed (2420)"))  # fmt: skip


def sellers(found: Sequence[SellerBalance], *, json: bool) -> None:
    figures = SellerBalance._fields[4:]
    if json:
        rows = [_in_kronor(one._asdict(), *figures) for one in found]
        render.as_json({"sellers": rows})
        return
    for (marketplace, currency), some in groupby(found, key=lambda one: (one[0], one.currency)):
        render.heading(f"{f'Through {marketplace}' if marketplace else 'Their own'}, {currency}")
        render.table(
            ("seller", "orders", "1930", "1510", "2420", "income", "VAT", "other"),
            ((one.seller, one.orders, *map(money, one[4:9]), _unless_0(one.other))
             for one in some),
            right=("orders", "1930", "1510", "2420", "income", "VAT", "other"),
        )  # fmt: skip


def vat(found: Sequence[VatRow], *, json: bool) -> None:
    if json:
        rows = [
            _in_kronor(one._asdict() | {"month": f"{one.month:%Y-%m}", "rate": one.rate / 100},
                       "base", "vat")
            for one in found
        ]  # fmt: skip
        render.as_json({"vat": rows, "base": sum(one.base for one in found) / 100,
                        "tax": sum(one.vat for one in found) / 100})  # fmt: skip
        return
    for (seller, currency), some in groupby(found, key=lambda one: one[:2]):
        render.heading(f"{seller} {currency}")
        own, table = list(some), list[tuple[str, ...]]()
        for (month, rate), parts in groupby(own, key=lambda one: (one.month, one.rate)):
            at = list(parts)
            table.append((f"{month:%Y-%m}", f"{rate / 100:g} %" if rate else "none",
                         money(sum(one.base for one in at)), money(sum(one.vat for one in at)),
                         " ".join(str(one.account) for one in at)))  # fmt: skip
        table.append(("", "sum", money(sum(one.base for one in own)),
                     money(sum(one.vat for one in own)), ""))  # fmt: skip
        render.table(("month", "rate", "base", "VAT", "accounts"), table, right=("base", "VAT"))


PAST_DUE = ("no due day", "not due yet", "1 to 30", "31 to 60", "61 to 90", "more than 90")


def ageing(found: Sequence[Ageing], day: date, *, json: bool) -> None:
    figures = Ageing._fields[2:]
    if json:
        rows = [
            _in_kronor(one._asdict() | {"total": one.total}, *figures, "total") for one in found
        ]
        render.as_json({"as_of": day, "ageing": rows})
        return
    for one in found:
        render.heading(f"{one.seller} {one.currency}, as of {day}")
        parts = zip(PAST_DUE, one[2:], strict=True)
        aged = [(words, money(part)) for words, part in parts if part]
        render.table(("days past due", "1510"), [*aged, ("sum", money(one.total))],
                     right=("1510",))  # fmt: skip


# -- months ----------------------------------------------------------------------------------------


def periods(found: Sequence[Period], *, json: bool) -> None:
    if json:
        render.as_json({"periods": [_period(one) for one in found]})
        return
    render.table(
        ("seller", "month", "entries", "state", "by", "when"),
        ((one.seller, f"{one.month:%Y-%m}", one.entries, _state(one), one.by,
          instant(one.closed_at)) for one in found),
        right=("entries",),
    )  # fmt: skip


def _state(one: Period) -> str:
    return f"closing ({one.partitions} of {PARTITIONS})" if one.state == "closing" else one.state


def _period(one: Period) -> Row:
    return {
        "seller": one.seller, "month": f"{one.month:%Y-%m}", "entries": one.entries,
        "state": one.state, "partitions": one.partitions, "closed_at": one.closed_at,
        "by": one.by, "reason": one.reason,
    }  # fmt: skip


def closed(one: Period, *, json: bool) -> None:
    if json:
        render.as_json(_period(one))
        return
    by = "" if one.by is None else f" by {one.by}"
    render.say(f"{one.seller} is closed up to {one.month:%Y-%m}{by}, {instant(one.closed_at)}; "
               "what is posted from now on goes to later months")  # fmt: skip
