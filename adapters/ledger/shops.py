"""Order by order and shop by shop: what orders owe from day to day, and what sellers' orders moved.

`ledger_orders` and `ledger_sellers` are added up with the sums by day, and a question takes what
happened since to them, so that it is exact at any moment. What an order's rows were is worked out
again whenever anything happens to it: its customer and marketplace are those of the order's row.
"""

from typing import Any

import asyncpg

from adapters.postgres.sql import NAMED
from domain.errors import VillkorError
from domain.money import kronor
from projections.posting_rules import ADVANCE, BANK, RECEIVABLE, ROUNDING

MOVED = ("orders", "bank", "receivable", "advance", "income", "vat", "total")
INCOME = f"account between 3000 and 3999 and account <> {ROUNDING} or account = 8313"
VAT = "account between 2610 and 2639"

DAYS = f"""
    select seller, order_id, currency, period, booked,
           coalesce(sum(amount) filter (where account = {BANK}), 0) as bank,
           coalesce(sum(amount) filter (where account = {RECEIVABLE}), 0) as receivable,
           coalesce(sum(amount) filter (where account = {ADVANCE}), 0) as advance,
           coalesce(sum(amount) filter (where {INCOME}), 0) as income,
           coalesce(sum(amount) filter (where {VAT}), 0) as vat,
           sum(amount) as total
    from {{postings}}
    group by seller, order_id, currency, period, booked
"""
"""What an order's postings came to on a day, in a month."""
ITEMS = """
    select seller, order_id, currency, booked as since,
           coalesce(lead(booked) over orders, 'infinity') as until,
           (sum(receivable) over orders)::bigint as owes,
           (-sum(advance) over orders)::bigint as owed
    from (
        select seller, order_id, currency, booked, sum(receivable) as receivable,
               sum(advance) as advance
        from {days} group by seller, order_id, currency, booked
    ) d
    window orders as (partition by seller, order_id, currency order by booked)
"""
"""How an order's balances stand from each of its days on."""
SHARES = """
    select d.*, coalesce(o.marketplace, '') as marketplace,
           (booked = min(booked) over (partition by d.seller, d.order_id, d.currency, period))::int
               as orders,
           coalesce(max(period) over (
               partition by d.seller, d.order_id, d.currency order by period
               groups between unbounded preceding and 1 preceding
           ), '-infinity') as before
    from {days} d {joined}
"""
"""What an order gives to the sums of its seller."""
OF_ALL = "left join orders o on (o.seller, o.order_id) = (d.seller, d.order_id)"
"""Beside `d`, the rows of all orders: read through once."""
OF_ITS_ROW = """
    left join lateral (
        select customer, marketplace from orders k
        where (k.seller, k.order_id) = (d.seller, d.order_id) offset 0
    ) o on true
"""
"""Beside `d`, the row of its order, looked up for each of a few."""
AS_ADDED_UP = """
    left join lateral (
        select marketplace from ledger_orders k
        where (k.seller, k.order_id) = (d.seller, d.order_id) limit 1
    ) o on true
"""
"""Beside `d`, the marketplace under which its order was added up."""
SUMMED_UP = f"""
    select seller, marketplace, currency, period, before, booked,
           {", ".join(f"sum({name})::bigint as {name}" for name in MOVED)}
    from {{shares}} s group by seller, marketplace, currency, period, before, booked
"""
TOUCHED = """
    touched as materialized (
        select distinct moved.after, e.seller, e.order_id
        from moved cross join lateral (
            select seller, order_id from events e
            where e.partition = moved.partition and e.position > moved.after
            offset 0
        ) e
    ), theirs as materialized (
        select p.*, p.position > t.after as is_new
        from touched t cross join lateral (
            select p.* from timeline l join postings p using (partition, position)
            where (l.seller, l.order_id) = (t.seller, t.order_id)
            offset 0
        ) p
    ), now_days as materialized (
        {days_now}
    ), now_items as (
        select d.*, o.customer, coalesce(o.marketplace, '') as marketplace
        from ({items}) d {joined}
    )
""".format(
    days_now=DAYS.format(postings="theirs"), items=ITEMS.format(days="now_days"), joined=OF_ITS_ROW
)
"""Orders to which something happened since (with `moved`), and what their rows are now."""
CHANGES = f"""
    {TOUCHED}, old_days as materialized (
        {DAYS.format(postings="theirs where not is_new")}
    ), changes as (
        select seller, marketplace, currency, period, before, booked, {", ".join(MOVED)}
        from ({SHARES.format(days="now_days", joined=OF_ITS_ROW)}) n
        union all
        select seller, marketplace, currency, period, before, booked,
               {", ".join(f"-{name}" for name in MOVED)}
        from ({SHARES.format(days="old_days", joined=AS_ADDED_UP)}) o
    )
"""
"""What that changes in the sums of sellers."""
SHARED = f"""
    {CHANGES}, sums as (
        select * from ledger_sellers where exists (select from summed)
        union all
        select * from changes
    )
"""
"""The table expression `sums`: sellers' orders by day."""

FAR = 200_000
"""Events that were not added up yet, whose orders take too long to look up one by one."""
BEHIND = """
    select coalesce(sum(l.position - coalesce(s.position, 0)), 0)::bigint
    from partitions l left join ledger_summed s
      on s.partition = l.partition and s.file = pg_relation_filenode('postings')
"""


async def check_summed(pool: asyncpg.Pool) -> None:
    """Raises VillkorError while most is yet to be added up: at first, and after a rebuild."""
    behind = await pool.fetchval(BEHIND)
    if behind > FAR:
        raise VillkorError(
            f"what orders owe and moved is being added up from the log: {behind} events are left; "
            "ask again in a minute (`/ledger` answers meanwhile)"
        )


# -- adding up -------------------------------------------------------------------------------------

PUT_ITEMS = """
    insert into ledger_orders
        (seller, order_id, currency, since, until, owes, owed, customer, marketplace)
    select seller, order_id, currency, since, until, owes, owed, customer, marketplace
    from now_items
"""
PUT_SUMS = f"""
    insert into ledger_sellers as s
        (seller, marketplace, currency, period, before, booked, {", ".join(MOVED)})
    {SUMMED_UP}
    having ({", ".join(f"sum({name})" for name in MOVED)})
        is distinct from ({", ".join("0" for _ in MOVED)})
    on conflict (seller, marketplace, currency, period, before, booked) do update
    set {", ".join(f"{name} = s.{name} + excluded.{name}" for name in MOVED)}
"""
FIRST = f"""
    now_days as materialized ({DAYS.format(postings="postings p")}),
    now_items as (
        select d.*, o.customer, coalesce(o.marketplace, '') as marketplace
        from ({ITEMS.format(days="now_days")}) d {OF_ALL}
    ), shares as (
        {SHARES.format(days="now_days", joined=OF_ALL)}
    ), put_items as ({PUT_ITEMS}), put_sums as ({PUT_SUMS.format(shares="shares")})
"""
"""All of it, where nothing was added up yet."""
NEXT = f"""
    {CHANGES}, put_items as (
        {PUT_ITEMS}
        on conflict (seller, order_id, currency, since) do update
        set until = excluded.until, owes = excluded.owes, owed = excluded.owed,
            customer = excluded.customer, marketplace = excluded.marketplace
        where (ledger_orders.until, ledger_orders.owes, ledger_orders.owed, ledger_orders.customer,
               ledger_orders.marketplace)
           is distinct from (excluded.until, excluded.owes, excluded.owed, excluded.customer,
                             excluded.marketplace)
    ), put_sums as ({PUT_SUMS.format(shares="changes")})
"""
"""What happened since."""

# -- verifying -------------------------------------------------------------------------------------

ADDED = """
    (select p.* from ledger_summed s join postings p
         on p.partition = s.partition and p.position <= s.position) p
"""
"""The postings that were added up."""
WRONG_ITEMS = f"""
    with summed as (select partition, position from ledger_summed), moved as (
        select l.partition, l.position, coalesce(summed.position, 0) as after
        from partitions l left join summed using (partition)
        where l.position > coalesce(summed.position, 0)
    ), touched as materialized (
        select distinct e.seller, e.order_id
        from moved join events e on e.partition = moved.partition and e.position > moved.after
    ), days as materialized ({DAYS.format(postings=ADDED)}),
    fresh as (
        select i.*, o.customer, coalesce(o.marketplace, '') as marketplace,
               t.seller is not null as is_touched
        from ({ITEMS.format(days="days")}) i left join orders o using (seller, order_id)
        left join touched t using (seller, order_id)
    )
    select coalesce(d.seller, f.seller) as seller, coalesce(d.order_id, f.order_id) as order_id,
           coalesce(d.since, f.since) as since, d.owes, d.owed, f.owes as really_owes,
           f.owed as really_owed
    from ledger_orders d full join fresh f on (d.seller, d.order_id, d.currency, d.since)
                                            = (f.seller, f.order_id, f.currency, f.since)
    where (d.until, d.owes, d.owed) is distinct from (f.until, f.owes, f.owed)
       or not f.is_touched
          and (d.customer, d.marketplace) is distinct from (f.customer, f.marketplace)
    limit {NAMED}
"""
WRONG_SUMS = f"""
    with days as materialized ({DAYS.format(postings=ADDED)}),
    shares as (
        {SHARES.format(days="days", joined=AS_ADDED_UP)}
    ), fresh as ({SUMMED_UP.format(shares="shares")})
    select coalesce(d.seller, f.seller) as seller, coalesce(d.booked, f.booked) as booked,
           coalesce(d.marketplace, f.marketplace) as marketplace
    from ledger_sellers d full join fresh f
      on (d.seller, d.marketplace, d.currency, d.period, d.before, d.booked)
       = (f.seller, f.marketplace, f.currency, f.period, f.before, f.booked)
    where ({", ".join(f"coalesce(d.{name}, 0)" for name in MOVED)})
       is distinct from ({", ".join(f"coalesce(f.{name}, 0)" for name in MOVED)})
    limit {NAMED}
"""


async def differences(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """(table, sentence) of each row that is not what postings and orders come to."""
    found = [("ledger_orders", _of_an_order(row)) for row in await connection.fetch(WRONG_ITEMS)]
    return found + [
        ("ledger_sellers", f"ledger_sellers: {row['seller']}, {row['booked']}"
         f"{row['marketplace'] and ', through ' + row['marketplace']}: "
         "what its orders moved is not what was posted")
        for row in await connection.fetch(WRONG_SUMS)
    ]  # fmt: skip


def _of_an_order(row: Any) -> str:
    """What an order was said to owe from a day on, and what it does."""
    said = [
        "nothing" if owes is None else f"owes {kronor(owes)}, is owed {kronor(owed)}"
        for owes, owed in ((row["owes"], row["owed"]), (row["really_owes"], row["really_owed"]))
    ]
    whose = f"ledger_orders {row['seller']}/{row['order_id']} from {row['since']}"
    if said[0] == said[1]:
        return f"{whose}: its end, customer or marketplace is not that of the order"
    return f"{whose}: {said[0]} was added up, the postings come to {said[1]}"
