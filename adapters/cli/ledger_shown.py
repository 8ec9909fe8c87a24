"""How the ledger's answers look: tables for people, one JSON object for programs."""

import shlex
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from adapters.cli import render
from adapters.cli.render import instant, money
from adapters.ledger import plain
from adapters.ledger.late import Late, Moved
from adapters.ledger.order import Line, OrderMoney
from adapters.ledger.periods import Period
from adapters.ledger.statement import Entry, Statement
from adapters.ledger.subledgers import Ageing, CustomerBalance, SellerBalance, VatRow
from adapters.ledger.trial import EVER, Balance, Span, off
from adapters.partitions import PARTITIONS
from projections.posting_rules import CHART

Row = dict[str, Any]


# -- the trial balance -----------------------------------------------------------------------------

FIGURES = ("opening", "debit", "credit", "closing")


def trial_balance(balances: Sequence[Balance], span: Span, *, each: bool, json: bool) -> None:
    """Accounts with what they opened with, moved and closed with, and the sums under them."""
    if json:
        render.as_json(plain.trial_balance(balances))
        return
    sums = off(balances)
    if not each:
        _balances(plain.merged(balances), span)
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
    """What stands by an entry of what happened in a month before that in which it was booked, or
    whose own month was closed by then."""
    before = one.occurred < one.booked.replace(day=1)
    happened = f"\noccurred {one.occurred}" if before else ""
    closed = f"\nbooked {one.booked},\nclosed: in {one.period:%Y-%m}" if one.late else ""
    return happened + closed


def statement(
    account: int, pages: Sequence[Statement], span: Span, limit: int, *, json: bool
) -> None:
    """An account's pages: opening balance, entries with the balance behind each, closing one."""
    if json:
        render.as_json(plain.statement(account, pages))
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
        if page.off:
            render.say(f"the entries come to {money(page.off)} more: `villkor verify` says where")
        if page.earlier is not None:
            render.say(f"{len(page.entries)} of {page.total} entries; the page before:")
            render.line(_page_before(page, span, limit))


def _page_before(page: Statement, span: Span, limit: int) -> str:
    """The command that shows it, to be pasted as it is."""
    words = ["villkor", "ledger", str(page.account), "--seller", page.seller]
    if span.first == span.last:
        words += ["--month", f"{span.first:%Y-%m}"]
    else:
        words += ["--from", f"{span.first:%Y-%m}"] if span.first != EVER[0] else []
        words += ["--to", f"{span.last:%Y-%m}"] if span.last != EVER[1] else []
    words += ["--as-of", str(span.as_of)] if span.as_of != EVER[1] else []
    return shlex.join([*words, "--limit", str(limit), "--before", str(page.earlier)])


def order(row: Row, moneys: Sequence[OrderMoney], *, json: bool) -> None:
    """An order's money: line by line, then in = out + earned + owed, which comes to 0.00."""
    if json:
        render.as_json(plain.order(row["seller"], row["order_id"], moneys))
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


# -- subledgers ------------------------------------------------------------------------------------


def customers(found: Sequence[CustomerBalance], *, json: bool) -> None:
    if json:
        render.as_json(plain.customers(found))
        return
    sums = {(one.seller, one.currency): one[6:] for one in found}
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
    if json:
        render.as_json(plain.sellers(found))
        return
    for (marketplace, currency), some in groupby(found, key=lambda one: (one[0], one.currency)):
        render.heading(f"{f'Through {marketplace}' if marketplace else 'Their own'}, {currency}")
        columns = ("1930", "1510\n2420", "income\nVAT", "other")
        render.table(
            ("seller", *columns),
            ((f"{one.seller}\n{one.orders} orders", money(one.bank),
              f"{money(one.receivable)}\n{money(one.advance)}",
              f"{money(one.income)}\n{money(one.vat)}", _unless_0(one.other)) for one in some),
            right=columns,
        )  # fmt: skip


def vat(found: Sequence[VatRow], *, json: bool) -> None:
    if json:
        render.as_json(plain.vat(found))
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
    if json:
        render.as_json(plain.ageing(found, day))
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
        render.as_json(plain.periods(found))
        return
    render.table(
        ("seller", "month", "entries", "state", "by", "when"),
        ((one.seller, f"{one.month:%Y-%m}", one.entries, _state(one), one.by,
          instant(one.closed_at)) for one in found),
        right=("entries",),
    )  # fmt: skip


def late(
    seller: str, month: date, found: Sequence[Late], sums: Sequence[Moved], *, json: bool
) -> None:
    """What happened in a month and was booked in a later one, and what it comes to by account."""
    if json:
        render.as_json(plain.late(seller, month, found, sums))
        return
    render.table(
        ("happened", "order", "what", "booked", "in", "amount", ""),
        ((one.occurred, one.order, one.what, one.booked, f"{one.period:%Y-%m}", money(one.amount),
          one.currency) for one in found),
        right=("amount",),
    )  # fmt: skip
    render.table(
        ("account", "", "in all", ""),
        ((one.account, CHART.get(one.account, ""), money(one.amount), one.currency)
         for one in sums),
        right=("in all",),
    )  # fmt: skip


def _state(one: Period) -> str:
    return f"closing ({one.partitions} of {PARTITIONS})" if one.state == "closing" else one.state


def closed(one: Period, *, json: bool) -> None:
    if json:
        render.as_json(plain.period(one) | {"already": one.already})
        return
    by = "" if one.by is None else f" by {one.by}"
    if one.already:
        render.say(f"{one.month:%Y-%m} of {one.seller} was closed already{by}, "
                   f"{instant(one.closed_at)}: nothing new is recorded")  # fmt: skip
        return
    render.say(f"{one.seller} is closed up to {one.month:%Y-%m}{by}, {instant(one.closed_at)}; "
               "what is posted from now on goes to later months")  # fmt: skip
