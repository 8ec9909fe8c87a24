"""Balances, statements and subledgers: each comes to what the postings come to, counted again."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.app import App
from adapters.ledger.statement import Mark, Statement, statements
from adapters.ledger.subledgers import ageing, customers, sellers, vat
from adapters.ledger.sums import add_up
from adapters.ledger.trial import EVER, Span, off, trial_balance
from adapters.postgres.store import Store
from domain.errors import VillkorError
from projections.posting_rules import CHART
from tests.facts import life, message, placed

MONTHS = [date(2026, month, 1) for month in (7, 8, 9, 10, 11)]
SPANS = [
    Span(), *(Span(one, one) for one in MONTHS), Span(MONTHS[1], MONTHS[3]),
    Span(as_of=date(2026, 9, 15)), Span(MONTHS[2], MONTHS[2], date(2026, 9, 15)),
    Span(date(2027, 1, 1), date(2027, 1, 1)),
]  # fmt: skip


@pytest.fixture
async def legs(shops: Store) -> list[Any]:
    return list(
        await shops.pool.fetch("select * from postings order by period, booked, partition, "
                               "position, leg")
    )  # fmt: skip


def within(leg: Any, span: Span) -> bool:
    return leg["period"] <= span.last and leg["booked"] <= span.as_of


# -- the trial balance ----------------------------------------------------------------------------


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("added_up", [False, True])
async def test_opening_movement_and_closing_are_the_postings(
    shops: Store, legs: list[Any], span: Span, added_up: bool
) -> None:
    """By seller, currency and account, with and without what was added up beforehand."""
    if added_up:
        await add_up(shops.pool)
    expected: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for leg in legs:
        if within(leg, span):
            own = expected[leg["seller"], leg["currency"], leg["account"]]
            if leg["period"] < span.first:
                own[0] += leg["amount"]
            else:
                own[1] += max(leg["amount"], 0)
                own[2] += max(-leg["amount"], 0)
                own[3] += 1
    found = await trial_balance(shops.pool, None, span)
    assert {one[:3]: list(one[3:]) for one in found} == expected
    assert set(off(found).values()) <= {(0, 0, 0)}
    for one in found:
        assert one.closing == one.opening + one.debit - one.credit


async def test_what_one_month_closes_with_the_next_opens_with(shops: Store) -> None:
    for before, after in pairwise(MONTHS):
        closing = await trial_balance(shops.pool, None, Span(before, before))
        opening = await trial_balance(shops.pool, None, Span(after, after))
        opened = {one[:3]: one.opening for one in opening if one.opening}
        assert {one[:3]: one.closing for one in closing if one.closing} == opened


# -- the statement of an account ------------------------------------------------------------------


async def pages(store: Store, account: int, seller: str, span: Span, limit: int) -> list[Statement]:
    """A statement from its first page to its last, each found by the one behind it."""
    found: list[Statement] = []
    before: Mark | None = None
    while True:
        [page] = await statements(store.pool, account, seller, span, limit, before)
        found.insert(0, page)
        if page.earlier is None:
            return found
        before = Mark.read(str(page.earlier))


@pytest.mark.parametrize("added_up", [False, True])
@pytest.mark.parametrize("limit", [1, 7, 1000])
@pytest.mark.parametrize("account", [1510, 2420, 1930, 3001])
async def test_a_statement_is_every_entry_with_the_balance_behind_it(
    shops: Store, legs: list[Any], account: int, limit: int, added_up: bool
) -> None:
    """Page by page each entry once; each page brings forward what the one before ended with."""
    if added_up:
        await add_up(shops.pool)
    for span in (Span(), Span(MONTHS[2], MONTHS[2]), Span(MONTHS[1], as_of=date(2026, 10, 3))):
        own = [leg for leg in legs if leg["account"] == account and leg["seller"] == "sweeto"
               and within(leg, span)]  # fmt: skip
        some = await pages(shops, account, "sweeto", span, limit)
        entries = [one for page in some for one in page.entries]
        shown = [leg for leg in own if leg["period"] >= span.first]
        assert [(one.partition, one.position, one.leg) for one in entries] == [
            (leg["partition"], leg["position"], leg["leg"]) for leg in shown
        ]
        balance = sum(leg["amount"] for leg in own) - sum(leg["amount"] for leg in shown)
        for page in some:
            assert (page.brought, page.total) == (balance, len(shown))
            for one in page.entries:
                balance += one.amount
                assert one.balance == balance
        assert some[-1].closing == balance
        assert some[0].opening == some[0].brought


async def test_an_entry_names_its_contra_accounts(shops: Store, legs: list[Any]) -> None:
    """All other accounts of the same entry."""
    by_entry: dict[Any, set[int]] = defaultdict(set)
    for leg in legs:
        by_entry[leg["partition"], leg["position"]].add(leg["account"])
    [page] = await statements(shops.pool, 1930, "gandalf", Span(), 1000)
    for one in page.entries:
        assert set(one.contra) == by_entry[one.partition, one.position] - {1930}
        assert one.contra


async def test_a_statement_is_of_one_seller_and_currency(app: App, store: Store) -> None:
    euros = message("PaymentReceived", "allectra", "A-2", "p", 1, amount=10.0)
    await app.handle([*life("allectra", "A-1"), *life("netzilla", "N-1")])
    await app.handle([placed("allectra", "A-2", currency="EUR"), euros])
    found = await statements(store.pool, 1930, None, Span(), 50)
    assert [(one.seller, one.currency, one.closing) for one in found] == [
        ("allectra", "EUR", 1000), ("allectra", "SEK", 104900), ("netzilla", "SEK", 104900),
    ]  # fmt: skip


def test_a_place_that_no_page_named_is_an_error() -> None:
    with pytest.raises(VillkorError, match="'2024' is no place in a statement"):
        Mark.read("2024")


# -- subledgers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("span", SPANS)
async def test_customers_come_to_1510_and_2420(shops: Store, span: Span) -> None:
    """By seller; the sums are those of all customers, however few are listed."""
    accounts = Counter[tuple[str, int]]()
    for one in await trial_balance(shops.pool, None, span):
        accounts[one.seller, one.account] += one.closing
    found = await customers(shops.pool, None, span)
    for seller in {one.seller for one in found}:
        own = [one for one in found if one.seller == seller]
        assert sum(one.owes for one in own) == accounts[seller, 1510] == own[0].all_owe
        assert sum(one.owed for one in own) == -accounts[seller, 2420] == own[0].all_owed
        assert all(one.owes >= 0 and one.owed >= 0 for one in own)
    few = await customers(shops.pool, None, span, limit=1)
    assert {one.seller: one[6:] for one in few} == {one.seller: one[6:] for one in found}
    assert len(few) == len({one.seller for one in found})


async def test_a_customer_is_all_orders_of_one_reference(app: App, store: Store) -> None:
    """Two orders of one customer, and one that names none."""
    nobody = {"kind": "consumer"}
    for order in ("A-1", "A-2"):
        await app.handle(life("allectra", order))
    await app.handle([placed("allectra", "A-3", customer=nobody), *life("allectra", "A-3")[1:]])
    found = await customers(store.pool, "allectra", Span())
    assert [(one.customer, one.orders, one.owes, one.owed) for one in found] == [
        ("c-1", 2, 2 * 44500, 0), (None, 1, 44500, 0),
    ]  # fmt: skip
    assert await customers(store.pool, "allectra", Span(), customer="c-2") == []


@pytest.mark.parametrize("span", SPANS)
async def test_sellers_come_to_the_trial_balance(shops: Store, span: Span) -> None:
    """Each seller's accounts, by marketplace, come to 0 and to what the accounts moved."""
    accounts = Counter[tuple[str, int]]()
    for one in await trial_balance(shops.pool, None, span):
        accounts[one.seller, one.account] += one.debit - one.credit
    for row in await sellers(shops.pool, None, span):
        assert sum(row[4:]) == 0
        assert row.bank == accounts[row.seller, 1930]
        assert row.vat == sum(accounts[row.seller, account] for account in range(2610, 2640))
        assert row.marketplace == ("allectra" if row.seller == "nordkabel" else None)


@pytest.mark.parametrize("span", SPANS[:7])
async def test_vat_comes_to_the_sales_and_the_tax_accounts(shops: Store, span: Span) -> None:
    accounts = Counter[tuple[str, int]]()
    for one in await trial_balance(shops.pool, None, span):
        accounts[one.seller, one.account] += one.credit - one.debit
    base, tax = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for row in await vat(shops.pool, None, span):
        base[row.seller, row.account] += row.base
        tax[row.seller, row.account] += row.vat
        assert not (row.rate == 0 and row.vat)
    for (seller, account), amount in accounts.items():
        if 2610 <= account <= 2639:
            assert tax[seller, account] == amount
        elif (3000 <= account <= 3999 and account != 3740) or account == 8313:
            assert base[seller, account] == amount


async def test_vat_of_mixed_rates_is_told_apart_on_one_account(app: App, store: Store) -> None:
    """Freight goes with its goods: a share of 3520 at each rate, taxed as its base is."""
    lines = [
        {"line": str(rate), "sku": "S", "category": "home", "unit_price": 1000.0, "vat_rate": rate}
        for rate in (25, 12, 6)
    ]
    await app.handle([placed("allectra", "A-1", lines=lines), *life("allectra", "A-1")[1:4]])
    rows = await vat(store.pool, "allectra", Span())
    freight = {row.rate: row.base for row in rows if row.account == 3520}
    assert set(freight) == {2500, 1200, 600}
    by_rate = Counter[int](), Counter[int]()
    for row in rows:
        by_rate[0][row.rate] += row.base
        by_rate[1][row.rate] += row.vat
    for rate, base in by_rate[0].items():
        assert abs(by_rate[1][rate] - base * rate / 10_000) <= 1
    assert sum(by_rate[0].values()) + sum(by_rate[1].values()) == 304900


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2026, 10, 1), date(2026, 11, 20)])
async def test_receivables_by_age_come_to_1510(shops: Store, day: date) -> None:
    accounts = Counter[str]()
    for one in await trial_balance(shops.pool, None, Span(as_of=day)):
        accounts[one.seller] += one.closing if one.account == 1510 else 0
    for row in await ageing(shops.pool, None, day):
        assert row.total == accounts.pop(row.seller)
        assert min(row[2:]) >= 0
    assert not any(accounts.values())


@pytest.mark.parametrize(
    ("days", "part"),
    [(0, "not_due"), (1, "days_30"), (30, "days_30"), (31, "days_60"), (60, "days_60"),
     (61, "days_90"), (90, "days_90"), (91, "older")],
)  # fmt: skip
async def test_a_receivable_ages_by_its_days_past_due(
    app: App, store: Store, days: int, part: str
) -> None:
    """On its due day it is not yet past due; each bound belongs to the younger part."""
    await app.handle([
        placed("allectra", "A-1", payment={"method": "klarna_invoice"}),
        message("OrderConfirmed", "allectra", "A-1", "c", 1),
        message("Shipped", "allectra", "A-1", "s", 2, parcel="p1", carrier="dhl", tracking="T"),
        message("InvoiceIssued", "allectra", "A-1", "i", 3, invoice="F1", amount=1049.0,
                due="2024-04-01"),
    ])  # fmt: skip
    due = await store.pool.fetchval("select due from deadlines where kind = 'payment'")
    [row] = await ageing(store.pool, None, date.fromisoformat(due) + timedelta(days=days))
    assert getattr(row, part) == row.total == 104900


async def test_on_a_past_day_nobody_knows_the_invoices_that_came_later(
    app: App, store: Store
) -> None:
    """What is owed then is due with the invoices of then; those of today take none of it."""
    await app.handle([
        placed("gandalf", "A-1", payment={"method": "invoice"}, customer={"kind": "business"}),
        message("OrderConfirmed", "gandalf", "A-1", "c", 1),
        message("Shipped", "gandalf", "A-1", "s", 2, parcel="p1", carrier="dhl", tracking="T"),
    ])  # fmt: skip
    day = date(2024, 4, 30)
    [row] = await ageing(store.pool, None, day)
    assert row.undated == row.total == 104900
    for number, hours in enumerate((3, 24 * 90)):
        invoice = message("InvoiceIssued", "gandalf", "A-1", f"i{number}", hours,
                          invoice=f"F{number}", amount=524.5)  # fmt: skip
        before = await ageing(store.pool, None, day)
        await app.handle([invoice])
        if number:
            assert await ageing(store.pool, None, day) == before
    [row] = before
    assert (row.days_30 + row.days_60, row.total) == (104900, 104900)
    [row] = await ageing(store.pool, None, date(2024, 7, 30))
    assert (row.days_60, row.older) == (52450, 52450)


async def test_the_oldest_invoice_is_paid_first(app: App, store: Store) -> None:
    """Of two invoices and a late payment of the first, what is left is due with the second; the
    interest on the first is as old as that."""
    await app.handle([
        placed("gandalf", "A-1", payment={"method": "invoice"}, customer={"kind": "business"}),
        message("OrderConfirmed", "gandalf", "A-1", "c", 1),
        message("Shipped", "gandalf", "A-1", "s", 2, parcel="p1", carrier="dhl", tracking="T"),
        message("InvoiceIssued", "gandalf", "A-1", "i", 3, invoice="F1", amount=700.0),
        message("InvoiceIssued", "gandalf", "A-1", "j", 24 * 40, invoice="F2", amount=349.0),
    ])  # fmt: skip
    dues = await store.pool.fetch("select due from deadlines where kind = 'payment' order by due")
    [first, second] = [date.fromisoformat(row["due"]) for row in dues]
    assert (second - first).days > 31
    [row] = await ageing(store.pool, None, second + timedelta(days=1))
    assert (row.days_30, row.total - row.days_60) == (34900, 34900)
    paid = message("PaymentReceived", "gandalf", "A-1", "p", 24 * 41, amount=700.0)
    await app.handle([paid])
    [row] = await ageing(store.pool, None, second + timedelta(days=1))
    interest = await store.pool.fetchval("select fees from orders")
    assert (row.days_30, row.days_60, row.total) == (34900, interest, 34900 + interest)


def test_the_chart_names_every_account_that_is_posted(legs: list[Any]) -> None:
    assert {leg["account"] for leg in legs} <= set(CHART)
    assert EVER[0] < min(leg["period"] for leg in legs)
