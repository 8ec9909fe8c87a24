"""What contradicts itself is said where it is read: false arithmetic, postings, decided again."""

from dataclasses import replace

from adapters.access import Role
from adapters.http.desk import Desk
from adapters.story import Story, explained
from domain.explain import contradicted
from domain.outcomes import Fee
from tests.console.test_sessions import signed_in

FORGED = """
    update events set body =
        replace(encode(body, 'escape'), '"amount":44500', '"amount":41500')::bytea
    where order_id = 'ALL-0004' and type = 'FeeAdjusted'
"""
POSTED = """
    update postings set amount = amount + 10000 where (partition, position, leg) = (
        select partition, position, leg from postings where order_id = 'ALL-0004' limit 1)
"""


async def test_a_forged_amount_is_told_to_no_customer_and_decided_again_is_not_what_is_recorded(
    own_desk: Desk,
) -> None:
    """On the order's page, at the command line, and of an order that a what-if lists."""
    store = own_desk.session.store
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        assert await connection.execute(FORGED) == "UPDATE 1"
        await connection.execute(POSTED)
    async with signed_in(own_desk, Role.AUDITOR) as one:
        page = (await one.get("/orders/allectra/ALL-0004")).text
        reading = "allectra-unclaimed-freight=round_trip"
        query = {"seller": "allectra", "reading": reading, "order": "ALL-0004"}
        supposed = (await one.get("/replay/what-if", params=query)).text
        sound = {**query, "order": "ALL-0017"}
        other = (await one.get("/replay/what-if", params=sound)).text
    assert "The steps come to 445.00, and not to 415.00" in page
    assert "415,00" not in page
    assert "The postings of this order come to 100.00 SEK, and not to 0.00" in page
    assert "recorded otherwise" in supposed
    assert "As decided again" in supposed
    assert "As decided again" in other
    assert "recorded otherwise" not in other
    story = await Story.read(store, "allectra", "ALL-0004")
    [fee] = [item for item in story.outcomes if isinstance(item, Fee)]
    assert contradicted(fee) == 44500
    assert contradicted(replace(fee, amount=44500)) is None
    said = explained(fee, "sv", story.order.state)
    assert said[0].startswith("stegen blir 445.00, vilket inte är beloppet")
    assert not any("415" in line for line in said)
