"""Whose move it is, on the page and in the list of orders: late, asked for, without a day."""

import re

from adapters.access import Role
from adapters.http.desk import Desk
from tests.console.test_sessions import signed_in


async def test_late_money_is_whose_move_it_is_first_and_a_past_day_counts_its_own(
    desk: Desk,
) -> None:
    """What should have been paid back is late until it is; the day that is shown counts time."""
    async with signed_in(desk, Role.AGENT) as one:

        async def said(path: str) -> str:
            """What a page says, without its tags."""
            text = (await one.get(f"/orders/{path}")).text
            return " ".join(re.sub(r"<[^>]*>", " ", text).split())

        page = await said("nordkabel/NOR-0029")
        assert "move it is The seller : refund 8 990.00 SEK, due 2026-09-20 60 d late" in page
        assert page.index("60 d late") < page.index("The customer may use the warranty until")
        assert "Refund: withdrawal 2#NOR-0029-8 8 990.00 SEK Due 2026-09-20 60 d late" in page
        assert "to be paid back to the customer" in page
        page = (await one.get("/orders?customer=c-5520")).text
        assert re.search(
            r'badge bad">\s*<svg class="shape past_due".*?</svg>\s*refund 60 d late', page, re.S
        )
        before = await said("nordkabel/NOR-0029?as_of=2026-09-19T12:00")
        assert (
            "move it is The seller is to pay back 8990.00 SEK by 2026-09-20 1 d 12 h left" in before
        )
        assert "Due 2026-09-20 1 d 12 h left" in before
        assert " d late" not in before
        asked = await said("netzilla/NET-0029")
        assert "The customer is asked to report damage by 2026-11-23 3 d 12 h left" in asked
        assert (
            "Parcel p1, visible; nothing is lost after it; in time until 2027-01-14 at least"
            in asked
        )
        assert "The customer is to" not in asked
        assert "1 also runs, nobody's move A fault counts as" in asked
        back = await said("allectra/ALL-0006")
        assert back.count("late Why") == 1
        assert "may report damage" not in back.partition("What happened")[0]  # the mouse came back
        damaged = await said("netzilla/NET-0008")
        assert "The customer is to send USB hub back" in damaged
        assert "The seller is to put right what is wrong with USB hub" in damaged
        assert "Order NET-0008, transportskada: godtas. Skadan på USB hub" in damaged
        told = await said("netzilla/NET-0035")
        assert "The seller is to confirm that the withdrawal came" in told
        page = (await one.get("/orders/nordkabel/NOR-0029")).text
        assert re.search(r"you get 8990\.00 SEK back \(withdrawal\), by 2026-09-20 at", page)
        ahead = (await one.get("/orders/netzilla/NET-0040")).text
        assert "paid in advance, for what is not delivered yet" in ahead
        assert "to be paid back" not in ahead
