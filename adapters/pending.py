"""What waits for people, and how far sums and Kafka are behind the log: told on every page's head.

It is counted up to `MOST`: more is more than anybody gets done in a day.
"""

from typing import NamedTuple

import asyncpg

from adapters.access import Right, Who
from adapters.postgres.letters import STATE
from adapters.standing import FOLLOWERS

MOST = 99
PENDING = f"""
    select case when $1 then (select count(*) from (
               select from dead_letters d where d.state = 'parked' and {STATE} = 'parked'
               limit {MOST + 1}
           ) parked) end as letters,
           case when $2 then (select coalesce(sum(open_decisions), 0) from (
               select open_decisions from orders where open_decisions > 0 limit {MOST + 1}
           ) undecided) end as decisions,
           case when $3 then (
               select max(log.events - f.position)
               from (select coalesce(sum(position), 0) as events from partitions) log,
                    ({FOLLOWERS}) f (what, position)
               where f.what <> 'relay' or exists (select from relay where position > 0)
           )::bigint end as lag
"""


class Pending(NamedTuple):
    """Parked messages and open decisions, and events that something lacks; None is not for who
    asks. One more than `MOST` is more than that.
    """

    letters: int | None
    decisions: int | None
    lag: int | None


NOTHING = Pending(None, None, None)


async def pending(pool: asyncpg.Pool, who: Who) -> Pending:
    """What somebody may know of it, in one query. The log's growth tells of all sellers."""
    sees_log = who.may(Right.LOG) and who.sees_all
    having = who.may(Right.LETTERS), who.may(Right.ORDERS), sees_log
    return Pending(*await pool.fetchrow(PENDING, *having))
