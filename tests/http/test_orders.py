"""Orders over HTTP: found, paged, and only those that are there for who asks."""

from adapters.access import Role, Who
from adapters.cli.demo import NOW
from adapters.http.desk import Desk
from adapters.orders import Filter, Place, orders, page, sellers
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
    """Whatever is asked, only rows of the token's sellers are there."""
    async with client(desk, Role.AGENT, "sweeto") as agent:
        page = (await agent.get("/v1/orders", params={"limit": 200})).json()
        others = (await agent.get("/v1/orders", params={"seller": "allectra"})).json()
    assert {one["seller"] for one in page["orders"]} == {"sweeto"}
    assert others["orders"] == []


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
    analyze orders, parcels, timeline, deadlines;
"""
SCANS = ("Seq Scan on orders", "Seq Scan on parcels", "Seq Scan on timeline")


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
            query, values = page(wanted, 51, after, ["allectra", "sweeto"])
            rows = await store.pool.fetch(f"explain {query}", *values)
            plan = "\n".join(row[0] for row in rows)
            assert not any(scan in plan for scan in SCANS), f"{wanted}\n{plan}"
        found = await orders(store.pool, Filter(text="TX-4711"), 50)
        assert "X-4711" in {row["order_id"] for row in found}
        assert await sellers(store.pool) == [
            "allectra", "compumail", "gandalf", "netzilla", "nordkabel", "sweeto"
        ]  # fmt: skip
