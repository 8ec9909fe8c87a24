"""Subledgers: who owes and is owed, which seller's orders, tax by rate, how old receivables are.

Each comes to what its accounts come to, and says so with its sums.
"""

from datetime import date
from typing import NamedTuple

import asyncpg

from adapters.ledger.sums import SUMS
from adapters.ledger.trial import Span
from projections.posting_rules import ADVANCE, BANK, RECEIVABLE, ROUNDING

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
    with moved as (
        select seller, order_id, currency,
               coalesce(sum(amount) filter (where account = {RECEIVABLE}), 0) as owes,
               coalesce(-sum(amount) filter (where account = {ADVANCE}), 0) as owed
        from postings
        where account in ({RECEIVABLE}, {ADVANCE}) and ($1::text is null or seller = $1)
          and period <= $2 and booked <= $3
        group by seller, order_id, currency
    ), held as (
        select m.seller, m.currency, o.customer, count(*) as orders,
               sum(owes)::bigint as owes, sum(owed)::bigint as owed
        from moved m left join orders o using (seller, order_id)
        where owes <> 0 or owed <> 0
        group by m.seller, m.currency, o.customer
    ), summed as (
        select *, count(*) over same as customers, (sum(owes) over same)::bigint as all_owe,
               (sum(owed) over same)::bigint as all_owed
        from held window same as (partition by seller, currency)
    ), listed as (
        select *, row_number() over (
            partition by seller, currency order by owes desc, owed desc, customer
        ) as place
        from summed where $4::text is null or customer = $4
    )
    select seller, currency, customer, orders, owes, owed, customers, all_owe, all_owed from listed
    where place <= $5 order by seller, currency, place
"""


async def customers(
    pool: asyncpg.Pool, seller: str | None, span: Span, customer: str | None = None,
    limit: int = MOST,
) -> list[CustomerBalance]:  # fmt: skip
    """Customers with a balance at the end of the span, those who owe most first.

    Of each seller and currency the first `limit` are listed.
    """
    rows = await pool.fetch(CUSTOMERS, seller, span.last, span.as_of, customer, limit)
    return [CustomerBalance(*row) for row in rows]


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


SELLERS = f"""
    with moved as (
        select seller, order_id, currency,
               sum(amount) filter (where account = {BANK}) as bank,
               sum(amount) filter (where account = {RECEIVABLE}) as receivable,
               sum(amount) filter (where account = {ADVANCE}) as advance,
               sum(amount) filter (where account between 3000 and 3999
                                     and account <> {ROUNDING} or account = 8313) as income,
               sum(amount) filter (where account between 2610 and 2639) as vat,
               sum(amount) as total
        from postings
        where ($1::text is null or seller = $1) and period between $2 and $3 and booked <= $4
        group by seller, order_id, currency
    ), summed as (
        select o.marketplace, m.seller, m.currency, count(*) as orders,
               coalesce(sum(bank), 0)::bigint as bank,
               coalesce(sum(receivable), 0)::bigint as receivable,
               coalesce(sum(advance), 0)::bigint as advance,
               coalesce(sum(income), 0)::bigint as income,
               coalesce(sum(vat), 0)::bigint as vat,
               sum(total)::bigint as total
        from moved m left join orders o using (seller, order_id)
        where $5::text is null or o.marketplace = $5
        group by o.marketplace, m.seller, m.currency
    )
    select marketplace, seller, currency, orders, bank, receivable, advance, income, vat,
           total - bank - receivable - advance - income - vat as other
    from summed
    order by marketplace nulls last, currency, seller
"""


async def sellers(
    pool: asyncpg.Pool, seller: str | None, span: Span, marketplace: str | None = None
) -> list[SellerBalance]:
    """What each seller's orders moved in the span, by the marketplace that they came through."""
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
    with owing as (
        select seller, order_id, currency, sum(amount) as owes
        from postings
        where account = {RECEIVABLE} and ($1::text is null or seller = $1) and booked <= $2
        group by seller, order_id, currency
        having sum(amount) <> 0
    ), asked as (
        select o.*, left(d.due, 10)::date as due, d.amount,
               coalesce(sum(d.amount) over (latest rows between unbounded preceding
                                            and 1 preceding), 0) as newer,
               row_number() over (
                   partition by o.seller, o.order_id, o.currency order by d.due, d.subject
               ) = 1 as oldest
        from owing o left join deadlines d
          on (d.seller, d.order_id, d.kind) = (o.seller, o.order_id, 'payment')
             and not (d.state in ('met', 'cancelled')
                      and (d.settled_at at time zone 'Europe/Stockholm')::date <= $2)
             and exists (
                 select from timeline t
                 where (t.seller, t.order_id, t.subject) = (d.seller, d.order_id, d.subject)
                   and t.type = 'InvoiceIssued'
                   and (t.recorded_at at time zone 'Europe/Stockholm')::date <= $2)
        window latest as (
            partition by o.seller, o.order_id, o.currency order by d.due desc, d.subject desc
        )
    ), parts as (
        select seller, currency, due,
               case when oldest then greatest(owes - newer, 0)
                    else least(greatest(owes - newer, 0), amount) end as part
        from asked
    )
    select seller, currency,
           coalesce(sum(part) filter (where due is null), 0)::bigint,
           coalesce(sum(part) filter (where $2 <= due), 0)::bigint,
           coalesce(sum(part) filter (where $2 - due between 1 and 30), 0)::bigint,
           coalesce(sum(part) filter (where $2 - due between 31 and 60), 0)::bigint,
           coalesce(sum(part) filter (where $2 - due between 61 and 90), 0)::bigint,
           coalesce(sum(part) filter (where $2 - due > 90), 0)::bigint
    from parts
    group by seller, currency
    order by seller, currency
"""


async def ageing(pool: asyncpg.Pool, seller: str | None, day: date) -> list[Ageing]:
    """How old receivables are as of a day: what was booked and invoiced by then, due as is known
    now."""
    return [Ageing(*row) for row in await pool.fetch(AGEING, seller, day)]
