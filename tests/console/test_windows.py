"""An order of thousands of events: a window of them at a time, and the time line whole."""

import re

from adapters.access import Role
from adapters.console.rendering import order_at
from adapters.http.desk import Desk
from tests.console.test_order import ORDER
from tests.console.test_sessions import signed_in

TOLD_AGAIN = """
    insert into events (partition, position, seller, order_id, version, type, schema, at,
                        recorded_at, source, id, body, meta, hash)
    select e.partition, l.position + n, seller, order_id, 21 + n, type, schema, last + n * m,
           last + n * m, source, id || '-' || n, body, meta, hash
    from events e join (select partition, max(position) as position, max(recorded_at) as last
                        from events group by partition) l using (partition),
         generate_series(1, $1) n, (values (interval '1 minute')) t (m)
    where (seller, order_id, type) = ('allectra', 'ALL-0004', 'InTransit')
"""


async def test_an_order_of_thousands_of_events_shows_some_at_a_time(own_desk: Desk) -> None:
    """The time line has all; a link to an event opens where its row is, and money is found."""
    await own_desk.session.store.pool.execute(TOLD_AGAIN, 3_000)
    async with signed_in(own_desk, Role.AUDITOR) as one:
        first = (await one.get(ORDER)).text
        assert len(re.findall(r'<li class="event">', first)) == 200
        assert "3021 events on" in first
        assert '<a rel="next" href="/orders/allectra/ALL-0004?event=201#happened">' in first
        assert len(first) < 400_000
        there = (await one.get(f"{ORDER}?event=2999")).text
        assert re.findall(r'class="opened" id="e(\d+)"', there) == [
            str(number) for number in range(2801, 3001)
        ]  # fmt: skip
        assert f'{ORDER}?event=21#e21">event 21</a>' in there
        money = (await one.get(f"{ORDER}?rows=money&event=2999")).text
        assert re.findall(r'class="opened" id="e(\d+)"', money) == ["9", "10", "19", "21"]
        assert f'because of <a href="{ORDER}?event=18#e18">#18</a>' in money
    assert order_at("allectra", "ALL-0004", 21) == f"{ORDER}#e21"
    assert order_at("allectra", "ALL-0004", 2999) == f"{ORDER}?event=2999#e2999"
