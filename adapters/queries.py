"""Questions to the read models. Nothing here decides or writes."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from adapters.orders import sellers
from domain.errors import Missing, VillkorError
from domain.fields import CUSTOMER
from projections.sla import TOLD

Row = dict[str, Any]

ORDERS = """
    select seller, order_id, status, customer, marketplace, placed_at, goods, freight, paid,
           fees, refunds, open_decisions, next_deadline, next_deadline_at
    from orders
    where ($1::text is null or seller = $1) and ($2::text is null or status = $2)
    order by placed_at desc nulls last, seller, order_id
    limit $3
"""
ONE_ORDER = "select * from orders where order_id = $1 and ($2::text is null or seller = $2)"
TIMELINE = "select * from timeline where seller = $1 and order_id = $2 order by version"
PARCELS = "select * from parcels where seller = $1 and order_id = $2 order by parcel"
BESIDE = """
    select version, field, value::text from personal where seller = $1 and order_id = $2
    order by version, field
"""
DEADLINES = f"""
    select {", ".join(TOLD)} from deadlines where seller = $1 and order_id = $2
    order by kind collate "C", subject collate "C"
"""
SLA = """
    with by_currency as (
        select seller, party, kind, currency,
               count(*) filter (where state = 'open') as open,
               count(*) filter (where at_risk is not null and lapses_at <= $2) as past_due,
               count(*) filter (where state = 'met') as met,
               count(*) filter (where state = 'lapsed') as lapsed,
               sum(at_risk)::bigint as at_risk
        from deadlines
        where $1::text is null or seller = $1
        group by seller, party, kind, currency
    )
    select seller, party, kind, sum(open)::bigint as open, sum(past_due)::bigint as past_due,
           sum(met)::bigint as met, sum(lapsed)::bigint as lapsed,
           coalesce(jsonb_object_agg(currency, at_risk) filter (where at_risk > 0), '{}') as at_risk
    from by_currency
    group by seller, party, kind
    order by seller, party, kind
"""
CART = """
    select seller, order_id, status, currency, goods, freight, fees, refunds, open_decisions,
           next_deadline_at
    from orders where cart = $1
    order by placed_at nulls last, seller, order_id
"""
CART_DEADLINES = """
    select d.seller, d.order_id, d.kind, d.subject, d.due, d.lapses_at, d.party
    from deadlines d join orders o on (o.seller, o.order_id) = (d.seller, d.order_id)
    where o.cart = $1 and d.at_risk is not null
    order by d.lapses_at, d.seller, d.order_id, d.kind, d.subject
"""
OF_A_CUSTOMER = """
    select seller, order_id, status, cart, currency, placed_at, paid, fees, refunds
    from orders where customer = $1 and ($2::text is null or seller = $2)
    order by placed_at desc nulls last, seller, order_id
    limit $3 offset $4
"""
INBOX = """
    select count(*) as waiting, min(received_at) as since,
           coalesce(min(received_at) < clock_timestamp() - interval '1 minute', false) as late
    from inbox
"""
SELLERS = """
    with recursive of (seller) as (
        select unnest($1::text[])
    ), through (seller, marketplace) as (
        select seller, (select min(marketplace) from orders o where o.seller = of.seller) from of
        union all
        select seller, (select min(o.marketplace) from orders o
                        where o.seller = t.seller and o.marketplace > t.marketplace)
        from through t where marketplace is not null
    )
    select seller, marketplace from through where marketplace is not null
    union all
    select seller, null from of where exists (
        select from orders o where o.seller = of.seller and o.marketplace is null
    )
    order by seller, marketplace
"""
"""From one to the next by the index: a few steps, however many orders there are."""
MERCHANTS = """
    select distinct seller, marketplace from editions
    where marketplace is not null and marketplace <> seller
    order by seller, marketplace
"""
ORDERS_OF = """
    select count(*) from orders where seller = $1 and marketplace is not distinct from $2
"""
STATUSES = "select distinct status from orders order by status"
TRIAL_BALANCE = """
    select account, currency, sum(amount)::bigint as balance, count(*) as entries
    from postings
    where $1::text is null or seller = $1
    group by account, currency
    order by currency, account
"""
STRANGERS = """
    select count(*) from orders
    where (seller, order_id) not in (select * from unnest($1::text[], $2::text[]))
"""
COUNTS = """
    select (select count(*) from orders) as orders,
           (select count(*) from events) as events,
           (select count(*) from events
            where source not in ('villkor:streams', 'villkor:acts')) as facts,
           (select count(*) from dead_letters where state = 'parked') as parked
"""


class Queries:
    """The read models of one database."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def _all(self, sql: str, *values: Any) -> list[Row]:
        return [dict(row) for row in await self.pool.fetch(sql, *values)]

    async def orders(self, seller: str | None, status: str | None, limit: int) -> list[Row]:
        return await self._all(ORDERS, seller, status, limit)

    async def order(self, order_id: str, seller: str | None) -> Row:
        """One order. Raises Missing where there is none, VillkorError where sellers share it."""
        if order_id.startswith(CUSTOMER):
            raise Missing(f"nothing is owed to {order_id!r} itself; `villkor show` has it")
        found = await self._all(ONE_ORDER, order_id, seller)
        if not found:
            raise Missing(f"there is no order {order_id!r}; `villkor orders` lists them")
        if len(found) > 1:
            sellers = ", ".join(sorted(row["seller"] for row in found))
            raise VillkorError(f"{sellers} each have an order {order_id!r}; say --seller")
        return found[0]

    async def timeline(self, seller: str, order_id: str) -> list[Row]:
        return await self._all(TIMELINE, seller, order_id)

    async def parcels(self, seller: str, order_id: str) -> list[Row]:
        return await self._all(PARCELS, seller, order_id)

    async def deadlines(self, seller: str, order_id: str) -> list[Row]:
        """An order's deadlines, also those that are over."""
        return await self._all(DEADLINES, seller, order_id)

    async def beside(self, seller: str, order_id: str) -> dict[int, dict[str, str]]:
        """What lies beside an order's events about persons: version -> field -> value."""
        found: dict[int, dict[str, str]] = {}
        for row in await self._all(BESIDE, seller, order_id):
            found.setdefault(row["version"], {})[row["field"]] = str(json.loads(row["value"]))
        return found

    async def cart(self, cart: str) -> tuple[list[Row], list[Row]]:
        """A cart's orders and what waits of them. Raises Missing where there are none."""
        orders = await self._all(CART, cart)
        if not orders:
            raise Missing(f"no order has the cart {cart!r}; `villkor orders` lists orders")
        return orders, await self._all(CART_DEADLINES, cart)

    async def of_customer(
        self, ref: str, seller: str | None, limit: int | None = None, after: int = 0
    ) -> list[Row]:
        """The orders of a customer, newest first: so many (all), after so many."""
        return await self._all(OF_A_CUSTOMER, ref, seller, limit, after)

    async def inbox(self) -> Row:
        """How many messages wait for their writers, since when, and whether that is long."""
        return (await self._all(INBOX))[0]

    async def sla(self, seller: str | None, now: datetime) -> list[Row]:
        """How deadlines ended and what waits, by seller, whose move it is, and kind.

        Past due are also refunds that lapsed and were not paid since. `at_risk` is currency ->
        amount in öre.
        """
        rows = await self._all(SLA, seller, now)
        return [row | {"at_risk": json.loads(row["at_risk"])} for row in rows]

    async def sellers(self) -> list[Row]:
        """Whose orders there are, and on which marketplace."""
        return await self._all(SELLERS, await sellers(self.pool))

    async def orders_of(self, seller: str, marketplace: str | None) -> int:
        """How many orders a seller has on a marketplace (None: on none)."""
        found: int = await self.pool.fetchval(ORDERS_OF, seller, marketplace)
        return found

    async def merchants(self) -> list[tuple[str, str]]:
        """(seller, marketplace) wherever an order pinned terms of both."""
        return [tuple(row.values()) for row in await self._all(MERCHANTS)]

    async def statuses(self) -> list[str]:
        """The statuses in which there are orders."""
        return [row["status"] for row in await self._all(STATUSES)]

    async def trial_balance(self, seller: str | None = None) -> list[Row]:
        return await self._all(TRIAL_BALANCE, seller)

    async def strangers(self, known: set[tuple[str, str]]) -> int:
        """How many orders there are beside these (seller, order)."""
        sellers, orders = [one[0] for one in known], [one[1] for one in known]
        found: int = await self.pool.fetchval(STRANGERS, sellers, orders)
        return found

    async def counts(self) -> Row:
        return (await self._all(COUNTS))[0]


def total(balances: Sequence[Row]) -> int:
    """How far the trial balance is from 0 in all currencies together: not at all."""
    sums: dict[str, int] = {}
    for row in balances:
        sums[row["currency"]] = sums.get(row["currency"], 0) + row["balance"]
    return sum(map(abs, sums.values()))
