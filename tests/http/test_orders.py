"""Orders over HTTP: found, paged, and only those that are there for who asks."""

import re
from typing import Any, cast

import asyncpg

from adapters.access import Role, Who
from adapters.cli.demo import NOW
from adapters.http.desk import Desk
from adapters.orders import MOST, Filter, Place, orders, page, sellers
from adapters.postgres.store import Store
from adapters.queries import SELLERS
from tests.asked import client


async def test_pages_follow_each_other_and_hold_every_order_once(desk: Desk):
    """`next` leads through all orders, the newest first."""
    async with client(desk, Role.AGENT) as agent:
        found, after = [], None
        while True:
            asked = {"limit": 100} | ({"after": after} if after else {})
            page = (await agent.get("/v1/orders", params=asked)).raise_for_status().json()
            found += page["orders"]
            if (after := page["next"]) is None:
                break
    assert len({(one["seller"], one["order"]) for one in found}) == len(found) == 240
    placed = [one["placed_at"] or "" for one in found]
    assert placed == sorted(placed, reverse=True)


async def test_a_seller_never_sees_the_orders_of_another(desk: Desk):
    """Only rows of the token's sellers are there, and to ask for another's is refused."""
    async with client(desk, Role.AGENT, "sweeto") as agent:
        page = (await agent.get("/v1/orders", params={"limit": 200})).json()
        others = await agent.get("/v1/orders", params={"seller": "allectra"})
    assert {one["seller"] for one in page["orders"]} == {"sweeto"}
    assert (others.status_code, "orders" in others.json()) == (403, False)


async def test_orders_are_found_by_what_is_known_of_them(desk: Desk):
    """A status, an open deadline, a customer, and each number that people have in their hands."""
    async with client(desk, Role.AGENT) as agent:

        async def found(**asked: str) -> list[str]:
            answer = await agent.get("/v1/orders", params={"limit": 200, **asked})
            return [one["order"] for one in answer.raise_for_status().json()["orders"]]

        returned = await found(status="returned", seller="allectra")
        assert "ALL-0004" in returned
        assert "ALL-0019" not in returned
        assert await found(status="no such status") == []
        waiting = await found(deadline="refund")
        assert sorted(waiting) == ["ALL-0030", "NOR-0013"]  # those of others have lapsed
        assert await found(customer="c-3601") == ["ALL-0004"]
        for text in ("ALL-0004", "SE35546047044", "SE355460", "c-3601"):
            assert await found(text=text) == ["ALL-0004"], text
        invoice = await desk.session.store.pool.fetchrow(
            "select order_id, subject from timeline where type = 'InvoiceIssued' limit 1"
        )
        assert invoice["order_id"] in await found(text=invoice["subject"])


async def test_what_people_type_is_text_and_no_pattern(desk: Desk):
    """Per cent and underscore stand for themselves, and so does a backslash."""
    async with client(desk, Role.AGENT) as agent:
        for text in ("%", "ALL-%", "ALL_0004", "_", "ALL\\-0004", "'", "%%%"):
            page = (await agent.get("/v1/orders", params={"text": text})).json()
            assert page["orders"] == [], text


async def test_an_empty_text_and_an_unknown_kind_are_no_faults(desk: Desk):
    """The first asks nothing; the second is the kind of no open deadline."""
    async with client(desk, Role.AGENT) as agent:
        known = (await agent.get("/v1/orders", params={"deadline": "no such kind"})).json()
    assert known["orders"] == []
    async with desk.reader.asking(Who("t", Role.AGENT, ("*",))) as store:
        assert await orders(store.pool, Filter(text=""), 9) == await orders(store.pool, Filter(), 9)


LARGE = """
    insert into orders
    select 'allectra', 'X-' || n, 'confirmed', 'x-' || n, null, null, 'SEK',
           timestamptz '2020-01-01' + n * interval '1 minute', 0, 0, 0, 0, 0, 0, 0, null, null,
           now(), 1, ''
    from generate_series(1, 100000) n;
    insert into parcels
    select seller, order_id, 'p1', 'postnord', 'T' || order_id, 'in_transit', '{}', null, null,
           null, null, now()
    from orders where order_id like 'X-%';
    update timeline set subject = 'F-2041' where (seller, order_id, version) = (
        select seller, order_id, version from timeline where type = 'InvoiceIssued'
        order by 1, 2, 3 limit 1
    );
    analyze orders, parcels, timeline, deadlines;
"""
SCANS = ("Seq Scan on orders", "Seq Scan on parcels", "Seq Scan on timeline")


class Told:
    """A pool that remembers what it was asked."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool, self.asked = pool, list[tuple[str, list[Any]]]()
        self.fetchval = pool.fetchval

    async def fetch(self, query: str, *values: Any) -> Any:
        self.asked.append((query, list(values)))
        return await self.pool.fetch(query, *values)


async def most_rows(store: Store, query: str, values: list[Any]) -> int:
    """How many rows a step of the plan came to, or dropped, at most."""
    rows = await store.pool.fetch(f"explain (analyze, timing off) {query}", *values)
    plan = "\n".join(row[0] for row in rows)
    steps = re.findall(r"actual rows=([\d.]+) loops=(\d+)", plan)
    dropped = re.findall(r"Rows Removed by Filter: (\d+)", plan)
    return int(max([float(one) * int(loops) for one, loops in steps] + list(map(float, dropped))))


async def test_pages_and_searches_read_few_rows_of_a_large_table(own_desk: Desk):
    """As whoever asks, under row-level security, which no filter may run before."""
    await own_desk.session.store.pool.execute(LARGE)
    who, after = Who("t", Role.AGENT, ("*",)), Place(NOW, "sweeto", "X")
    async with own_desk.reader.asking(who) as store:
        for wanted in (
            Filter(), Filter(seller="allectra"), Filter(text="X-4711"), Filter(text="TX-47"),
            Filter(customer="x-4711", seller="allectra"), Filter(text="x-4711", seller="allectra"),
            Filter(status="placed"), Filter(seller="allectra", status="placed"),
        ):  # fmt: skip
            told = Told(store.pool)
            await orders(cast(asyncpg.Pool, told), wanted, 51, after)
            for query, values in told.asked:
                rows = await store.pool.fetch(f"explain {query}", *values)
                plan = "\n".join(row[0] for row in rows)
                assert not any(scan in plan for scan in SCANS), f"{wanted}\n{plan}"
        query, values = page(Filter(text="X-1"), 51, None, await sellers(store.pool))
        assert await most_rows(store, query, values) <= 4 * MOST
        begun = await orders(store.pool, Filter(text="X-1"), 2 * MOST)
        assert len(begun) == MOST
        assert "X-1" in {row["order_id"] for row in begun}
        found = await orders(store.pool, Filter(text="TX-4711"), 50)
        assert "X-4711" in {row["order_id"] for row in found}
        assert len(await orders(store.pool, Filter(text="F-2041"), 50)) == 1  # an invoice's
        assert await sellers(store.pool) == [
            "allectra", "compumail", "gandalf", "netzilla", "nordkabel", "sweeto"
        ]  # fmt: skip
    known = await own_desk.session.queries.sellers()
    assert {one["seller"]: one["marketplace"] for one in known}["allectra"] is None
    names = [one["seller"] for one in known]
    assert await most_rows(own_desk.session.store, SELLERS, [names]) <= MOST
    for asked in (
        Filter(), Filter(seller="allectra"), Filter(deadline="no such kind"), Filter(text="X-1"),
        Filter(text="TX-"), Filter(text="x-1"), Filter(deadline="refund"),
    ):  # fmt: skip
        async with own_desk.reader.asking(Who("t", Role.AGENT, ("sweeto",))) as store:
            told = Told(store.pool)
            await orders(cast(asyncpg.Pool, told), asked, 51)
            for query, values in told.asked:
                assert await most_rows(store, query, values) <= MOST, f"{asked}\n{query}"
