"""Who owes what and what sellers moved: as the postings say, however much was added up."""

import re
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest

from adapters.app import App
from adapters.inbox import drain
from adapters.ledger import shops as derived
from adapters.ledger.periods import close
from adapters.ledger.subledgers import (
    After, CustomerBalance, SellerBalance, ageing, customers, cut, sellers,
)  # fmt: skip
from adapters.ledger.sums import add_up, differences
from adapters.ledger.trial import Span
from adapters.postgres.store import Store
from adapters.rebuild import rebuild
from domain.acts import PeriodClosed
from domain.errors import Refused, VillkorError
from tests.facts import life, message, placed
from tests.ledger.test_balances import SPANS
from tests.ledger.test_periods import LATER

MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 1)
OF_2024 = [
    Span(), Span(MARCH, MARCH), Span(APRIL, APRIL), Span(as_of=date(2024, 3, 20)),
    Span(MARCH, MARCH, date(2024, 3, 10)), Span(MARCH, APRIL, date(2024, 4, 2)),
]  # fmt: skip
POSTED = """
    select p.*, o.customer, coalesce(o.marketplace, '') as marketplace
    from postings p left join orders o using (seller, order_id)
"""


async def by_hand(store: Store, span: Span) -> tuple[list[Any], list[Any]]:
    """(customers, sellers) of a span, summed over all postings here."""
    legs = await store.pool.fetch(POSTED)
    owed: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    moved: dict[Any, Counter[str]] = defaultdict(Counter)
    orders = defaultdict(set)
    for leg in legs:
        if leg["period"] > span.last or leg["booked"] > span.as_of:
            continue
        account, amount = leg["account"], leg["amount"]
        if account in (1510, 2420):
            key = leg["seller"], leg["currency"], leg["customer"], leg["order_id"]
            owed[key][account == 2420] += amount if account == 1510 else -amount
        if leg["period"] >= span.first:
            shop = leg["marketplace"] or None, leg["seller"], leg["currency"]
            orders[shop].add(leg["order_id"])
            moved[shop][column(account)] += amount
    found: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (*key, _), (owes, has) in owed.items():
        if owes or has:
            own = found[tuple(key)]
            own[:] = own[0] + 1, own[1] + owes, own[2] + has
    names = SellerBalance._fields[4:]
    return (
        sorted(((*key, *figures) for key, figures in found.items()), key=repr),
        sorted(((*key, len(orders[key]), *(own[name] for name in names))
                for key, own in moved.items()), key=repr),
    )  # fmt: skip


def column(account: int) -> str:
    if account in (1930, 1510, 2420):
        return {1930: "bank", 1510: "receivable", 2420: "advance"}[account]
    if account == 8313 or (3000 <= account <= 3999 and account != 3740):
        return "income"
    return "vat" if 2610 <= account <= 2639 else "other"


async def asked(store: Store, span: Span) -> tuple[list[Any], list[Any]]:
    return (
        sorted((one[:6] for one in await customers(store.pool, None, span)), key=repr),
        sorted((tuple(one) for one in await sellers(store.pool, None, span)), key=repr),
    )


async def exact(store: Store, spans: list[Span]) -> None:
    """Every question's answer is the postings', and what was added up is as verify wants it."""
    for span in spans:
        assert await asked(store, span) == await by_hand(store, span), span
    async with store.pool.acquire() as connection:
        assert await differences(connection) == []


async def test_answers_are_the_postings_of_every_span(demo_copy: str) -> None:
    """With nothing added up, with all, and after a rebuild has replaced the postings."""
    store = await Store.open(demo_copy)
    await exact(store, SPANS)
    await add_up(store.pool)
    await exact(store, SPANS)
    days = [await ageing(store.pool, None, day) for day in (date(2026, 9, 1), date(2026, 11, 1))]
    await rebuild(store)
    await exact(store, SPANS[:2])
    assert days == [
        await ageing(store.pool, None, day) for day in (date(2026, 9, 1), date(2026, 11, 1))
    ]
    await store.close()


async def test_an_order_counts_as_it_is_now_however_it_was_when_it_was_added_up(
    app: App, store: Store
) -> None:
    """Taken back, told of another customer, and one paid in another month."""
    await app.handle(life("allectra", "A-1"))
    await app.handle([placed("nordkabel", "N-1", marketplace="allectra"),
                      *life("nordkabel", "N-1")[1:4]])  # fmt: skip
    await add_up(store.pool)
    other = {"kind": "consumer", "ref": "c-9"}
    again = message(
        "OrderPlaced", "nordkabel", "N-1", "again", 31, marketplace="allectra", customer=other,
        lines=[{"line": "1", "sku": "S", "category": "home", "unit_price": 1200.0}],
        shipping={"method": "standard", "price": 49.0}, payment={"method": "card"},
    )  # fmt: skip
    gone = message("Retracted", "nordkabel", "N-1", "no", 30, fact="placed")
    paid = message("PaymentReceived", "allectra", "A-1", "rest", 800, 800, amount=445.0)
    for told in ([gone], [again], [paid], life("sweeto", "S-1")):
        await app.handle(told)
        await exact(store, OF_2024)
        await add_up(store.pool)
        await exact(store, OF_2024)
    row = await store.pool.fetchrow("select * from orders where order_id = 'N-1'")
    assert (row["marketplace"], row["customer"]) == ("allectra", "c-9")
    [one] = await sellers(store.pool, "allectra", Span(MARCH, APRIL))
    assert one.orders == 1


async def test_what_was_booked_in_a_closed_month_is_in_the_books_of_the_next(
    app: App, store: Store
) -> None:
    """At the end of the month that was closed it is not there, as of its day of booking it is."""

    async def taken(_: Any) -> None:
        await drain(app)

    await app.handle(life("allectra", "A-1") + life("allectra", "A-2"))
    told = PeriodClosed(seller="allectra", month="2024-03", by="Ann", reason="month end")
    await close(store, taken, told, LATER)
    await app.handle(
        [message("PaymentReceived", "allectra", "A-1", "rest", 400, 400, amount=445.0)]
    )
    for _ in range(2):
        await exact(store, OF_2024)
        [march] = await customers(store.pool, "allectra", Span(MARCH, MARCH))
        [day] = await customers(store.pool, "allectra", Span(as_of=date(2024, 3, 31)))
        assert (march.orders, march.owes, day.orders, day.owes) == (2, 2 * 44500, 1, 44500)
        await add_up(store.pool)


async def test_while_most_is_yet_to_be_added_up_a_question_says_so(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, instead of looking up all orders one by one."""
    await app.handle(life("allectra", "A-1"))
    monkeypatch.setattr(derived, "FAR", 3)
    for asking in (
        customers(store.pool, None, Span()), sellers(store.pool, None, Span()),
        ageing(store.pool, None, MARCH),
    ):  # fmt: skip
        with pytest.raises(VillkorError, match="being added up from the log: 20 events are left"):
            await asking
    await add_up(store.pool)
    assert await customers(store.pool, None, Span())


async def test_customers_are_read_page_by_page(demo_copy: str) -> None:
    """Each once, in one order; the sums are those of all on every page."""
    store = await Store.open(demo_copy)
    whole = await customers(store.pool, None, Span())
    for seller in {one.seller for one in whole}:
        own = [one for one in whole if one.seller == seller]
        found, after = list[CustomerBalance](), None
        while True:
            page = await customers(store.pool, seller, Span(), limit=3, after=after)
            shown, more = cut(page, 2)
            found += shown
            if not more:
                break
            [after] = more.values()
        assert found == own
    with pytest.raises(Refused, match="the place is in the list of gandalf, not of sweeto"):
        await customers(store.pool, "sweeto", Span(), after=After("gandalf", "SEK", 1, 0, None))
    await store.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update ledger_orders set owes = owes + 1 where owes > 0",
         "ledger_orders allectra/A-1 from .*: owes .* was added up, the postings come to owes"),
        ("update ledger_orders set customer = 'c-2'", "its end, customer or marketplace"),
        ("delete from ledger_orders", "nothing was added up"),
        ("update ledger_sellers set orders = orders + 1", "what its orders moved is not what was"),
    ],
)  # fmt: skip
async def test_a_row_that_was_changed_is_named(
    app: App, store: Store, change: str, said: str
) -> None:
    await app.handle(life("allectra", "A-1"))
    await add_up(store.pool)
    await store.pool.execute(change)
    async with store.pool.acquire() as connection:
        sentences = " ".join(said for _, said in await derived.differences(connection))
    assert re.search(said, sentences), sentences
