"""The head of every page: what waits for whom, and how far sums and Kafka are behind the log."""

import re

from adapters.access import Role
from adapters.http.desk import Desk
from adapters.pending import MOST
from tests.console.test_sessions import signed_in

BESIDE = re.compile(r'<span class="pending" title="([^"]+)">')
MANY = """
    insert into dead_letters (identity, seller, place, headers, value, reason, sentence, parked_at)
    select md5(n::text), 'netzilla', 'test', '{}', '', 'refused', 'no', now()
    from generate_series(1, 200) n
"""


async def beside(desk: Desk, role: Role, *sellers: str, path: str = "/orders") -> list[str]:
    async with signed_in(desk, role, *sellers) as one:
        return BESIDE.findall((await one.get(path)).text)


async def test_the_head_says_what_waits_for_whom_it_is(own_desk: Desk) -> None:
    """By role, and of the sellers that are there for who asks; up to what anybody gets done."""
    pool = own_desk.session.store.pool
    events = f"{await pool.fetchval('select sum(position) from partitions'):,} events behind"
    events = events.replace(",", "\u202f")
    assert await beside(own_desk, Role.AGENT) == ["5 decisions needed"]
    assert await beside(own_desk, Role.AGENT, "compumail", path="/sla") == []
    audited = ["5 decisions needed", events, "1 messages parked"]
    assert await beside(own_desk, Role.AUDITOR) == audited
    await pool.execute(MANY)
    assert f"{MOST}+ messages parked" in await beside(own_desk, Role.OPERATOR, path="/replay")
    own = await beside(own_desk, Role.AUDITOR, "allectra", path="/decisions")
    assert [one for one in own if "parked" in one] == []
    await _tells_nothing_of_others(own_desk, events.removesuffix(" events behind"))


async def _tells_nothing_of_others(desk: Desk, events: str) -> None:
    """How much is appended to the log is how much all sellers sell."""
    assert [one for one in await beside(desk, Role.AUDITOR, "sweeto") if "behind" in one] == []
    heads = "select encode(head, 'hex') from partitions where position > 0"
    rows = await desk.session.store.pool.fetch(heads)
    grows = {f">{events}<", *(f"<code>{head}</code>" for (head,) in rows)}
    for limited in (False, True):
        async with signed_in(desk, Role.AUDITOR, *["sweeto"] * limited) as one:
            text = (await one.get("/replay")).text
        assert {told for told in grows if told in text} == (set() if limited else grows)
        assert ("<td>behind</td>" in text) == limited


async def test_what_renews_itself_counts_nothing(desk: Desk) -> None:
    """It is a part of a page, and has no head."""
    async with signed_in(desk, Role.AGENT) as one:
        part = await one.get("/sla/board", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert BESIDE.findall(part.text) == []
