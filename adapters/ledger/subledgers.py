"""Subledgers: who owes and is owed, which seller's orders, tax by rate, how old receivables are.

Each comes to what its accounts come to, and says so with its sums. None reads all postings: they
begin from what was added up by day and by order, of which those with a balance are few.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

import asyncpg

from adapters.ledger.items import OPEN, opened
from adapters.ledger.shops import SHARED, check_summed
from adapters.ledger.sums import BEFORE_IT, SUMS
from adapters.ledger.trial import EVER, Span
from domain.errors import Refused
from projections.periods import after as month_after
from projections.posting_rules import ROUNDING

MOST = 2**31 - 1


class CustomerBalance(NamedTuple):
    """What a customer of a seller owes (1510), and is owed (2420), in öre; both at least 0.

    `customer` is None for orders that name none. The last three are of all customers of the seller
    in that currency, whichever are listed: how many, and their sums.
    """

    seller: str
    currency: str
    customer: str | None
    orders: int
    owes: int
    owed: int
    customers: int
    all_owe: int
    all_owed: int


CUSTOMERS = f"""
    with {OPEN}, held as materialized (
        select seller, currency, customer, count(*) as orders, sum(owes)::bigint as owes,
               sum(owed)::bigint as owed
        from items
        where ($8::text is null or seller = $8) and ($9::text is null or currency = $9)
        group by seller, currency, customer
    ), sums as materialized (
        select seller, currency, count(*) as customers, sum(owes)::bigint as all_owe,
               sum(owed)::bigint as all_owed
        from held group by seller, currency
    )
    select seller, currency, l.*, customers, all_owe, all_owed
    from sums s cross join lateral (
        select customer, orders, owes, owed from held h
        where (h.seller, h.currency) = (s.seller, s.currency)
          and ($10::text is null or customer = $10)
          and ($12::bigint is null or (-owes, -owed, customer is null, coalesce(customer, ''))
                > (-$12::bigint, -$13::bigint, $14::text is null, coalesce($14, '')))
        order by owes desc, owed desc, customer limit $11
    ) l
    order by seller, currency, owes desc, owed desc, customer
"""


class After(NamedTuple):
    """A place in the list of a seller's customers: behind this one."""

    seller: str
    currency: str
    owes: int
    owed: int
    customer: str | None

    @classmethod
    def of(cls, one: CustomerBalance) -> "After":
        return cls(one.seller, one.currency, one.owes, one.owed, one.customer)


async def customers(
    pool: asyncpg.Pool, seller: str | None, span: Span, customer: str | None = None,
    limit: int = MOST, after: After | None = None,
) -> list[CustomerBalance]:  # fmt: skip
    """Customers with a balance at the end of the span, those who owe most first.

    Of each seller and currency the first `limit` are listed, or those after a place. Raises Refused
    where that is in the list of another seller.
    """
    if after is not None and seller not in (None, after.seller):
        raise Refused(f"seller: the place is in the list of {after.seller}, not of {seller}")
    day = min(span.as_of, month_after(span.last) - timedelta(days=1))
    whose = (seller, None) if after is None else after[:2]
    place = (None, None, None) if after is None else after[2:]
    async with opened(pool, day, span.last) as (connection, items):
        rows = await connection.fetch(CUSTOMERS, *items, *whose, customer, limit, *place)
    return [CustomerBalance(*row) for row in rows]


def cut(
    found: Sequence[CustomerBalance], limit: int
) -> tuple[list[CustomerBalance], dict[tuple[str, str], After]]:
    """The first `limit` of each seller and currency, and where there are more, behind which."""
    shown, more = list[CustomerBalance](), dict[tuple[str, str], After]()
    for key, some in groupby(found, key=lambda one: (one.seller, one.currency)):
        own = list(some)
        shown += own[:limit]
        if len(own) > limit:
            more[key] = After.of(own[limit - 1])
    return shown, more


class SellerBalance(NamedTuple):
    """The orders of a seller on a marketplace (None: on its own), by what accounts they moved.

    Öre, debits positive; all but `orders` come to 0.
    """

    marketplace: str | None
    seller: str
    currency: str
    orders: int
    bank: int
    receivable: int
    advance: int
    income: int
    vat: int
    other: int

    @property
    def off(self) -> int:
        """What all accounts come to: nought."""
        return sum(self[4:])


SELLERS = f"""
    with {BEFORE_IT}, {SHARED}, summed_up as (
        select marketplace, seller, currency,
               coalesce(sum(orders) filter (where before < $2), 0)::bigint as orders,
               sum(bank)::bigint as bank, sum(receivable)::bigint as receivable,
               sum(advance)::bigint as advance, sum(income)::bigint as income,
               sum(vat)::bigint as vat, sum(total)::bigint as total
        from sums
        where ($1::text is null or seller = $1) and period between $2 and $3 and booked <= $4
          and ($5::text is null or marketplace = $5)
        group by marketplace, seller, currency
    )
    select nullif(marketplace, ''), seller, currency, orders, bank, receivable, advance, income,
           vat, total - bank - receivable - advance - income - vat as other
    from summed_up where orders > 0
    order by marketplace = '', marketplace, currency, seller
"""


async def sellers(
    pool: asyncpg.Pool, seller: str | None, span: Span, marketplace: str | None = None
) -> list[SellerBalance]:
    """What each seller's orders moved in the span, by the marketplace that they came through."""
    await check_summed(pool)
    rows = await pool.fetch(
        SELLERS, seller, span.first, span.last, span.as_of, marketplace
    )  # fmt: skip
    return [SellerBalance(*row) for row in rows]


class VatRow(NamedTuple):
    """What was earned at a rate on an account in a month, without tax, or the tax on it.

    `rate` is in hundredths of a per cent, 0 where there is no tax; öre, credits positive.
    """

    seller: str
    currency: str
    month: date
    rate: int
    account: int
    base: int
    vat: int


VAT = f"""
    {SUMS}
    select seller, currency, period, rate, account,
           (case when is_vat then 0 else amount end)::bigint as base,
           (case when is_vat then amount else 0 end)::bigint as vat
    from (
        select seller, currency, period, rate, account,
               account between 2610 and 2639 as is_vat, sum(credit - debit) as amount
        from sums
        where ($1::text is null or seller = $1) and period between $2 and $3 and booked <= $4
          and (account between 3000 and 3999 and account <> {ROUNDING}
               or account between 2610 and 2639 or account = 8313)
        group by seller, currency, period, rate, account
    ) moved
    order by seller, currency, period, rate desc, account
"""


async def vat(pool: asyncpg.Pool, seller: str | None, span: Span) -> list[VatRow]:
    """Base and tax by month, rate and account; they come to the sales and the 26xx accounts."""
    rows = await pool.fetch(VAT, seller, span.first, span.last, span.as_of)
    return [VatRow(*row) for row in rows]


class Ageing(NamedTuple):
    """A seller's receivables (1510) as of a day, in öre, by days past due.

    `undated` is owed without a day: no invoice asks for it, or it was paid and a fee was left.
    """

    seller: str
    currency: str
    undated: int
    not_due: int
    days_30: int
    days_60: int
    days_90: int
    older: int

    @property
    def total(self) -> int:
        return sum(self[2:])


# What an order owes is due with its latest invoices: payments settle the oldest first. The oldest
# unpaid one takes what the others leave. Invoices that nobody knew by that day are not among them.
AGEING = f"""
    with {OPEN}, owing as materialized (
        select seller, order_id, currency, owes from items
        where owes <> 0 and ($8::text is null or seller = $8)
    ), invoiced as materialized (
        select seller, order_id, d.subject, d.due, d.amount
        from deadlines d join timeline t using (seller, order_id, subject)
        where d.kind = 'payment' and t.type = 'InvoiceIssued'
          and ($8::text is null or seller = $8)
          and not (d.state in ('met', 'cancelled')
                   and (d.settled_at at time zone 'Europe/Stockholm')::date <= $1)
        group by seller, order_id, d.subject, d.due, d.amount
        having (min(t.recorded_at) at time zone 'Europe/Stockholm')::date <= $1
    ), asked as (
        select o.*, left(d.due, 10)::date as due, d.amount,
               coalesce(sum(d.amount) over (latest rows between unbounded preceding
                                            and 1 preceding), 0) as newer,
               row_number() over (
                   partition by o.seller, o.order_id, o.currency order by d.due, d.subject
               ) = 1 as oldest
        from owing o join invoiced d using (seller, order_id)
        window latest as (
            partition by o.seller, o.order_id, o.currency order by d.due desc, d.subject desc
        )
    ), dated as (
        select seller, currency, $1 - due as past,
               case when oldest then greatest(owes - newer, 0)
                    else least(greatest(owes - newer, 0), amount) end as part
        from asked
    ), aged as (
        select seller, currency, sum(part) as dated,
               sum(part) filter (where past <= 0) as not_due,
               sum(part) filter (where past between 1 and 30) as days_30,
               sum(part) filter (where past between 31 and 60) as days_60,
               sum(part) filter (where past between 61 and 90) as days_90,
               sum(part) filter (where past > 90) as older
        from dated group by seller, currency
    )
    select seller, currency, (sum(owes) - coalesce(max(dated), 0))::bigint,
           {", ".join(f"coalesce(max({name}), 0)::bigint" for name in Ageing._fields[3:])}
    from owing left join aged using (seller, currency)
    group by seller, currency
    order by seller, currency
"""


async def ageing(pool: asyncpg.Pool, seller: str | None, day: date) -> list[Ageing]:
    """How old receivables are as of a day: what was booked and invoiced by then, due as is known
    now. Raises VillkorError while most is yet to be added up."""
    async with opened(pool, day, EVER[1]) as (connection, items):
        return [Ageing(*row) for row in await connection.fetch(AGEING, *items, seller)]
