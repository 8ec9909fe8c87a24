"""A rebuild that kills itself at a point of its work: `python -m .. DATABASE POINT`."""

import asyncio
import os
import signal
import sys
from typing import Any

import asyncpg

from adapters import rebuild as rebuilding
from adapters.postgres import beside
from adapters.postgres.store import Store

POINTS: dict[str, Any] = {
    "created": (beside, "create"),
    "a partition folded": (rebuilding._Rebuild, "_take"),
    "a table completed": (beside, "complete"),
    "caught up": (rebuilding._Rebuild, "catch_up"),
    "held": (beside, "hold"),
    "not committed": (asyncpg.Connection, "execute", "set schema"),
    "swapped": (rebuilding._Rebuild, "swapped"),
}
"""By name: the step after which it ends, and what this time is said to it."""


def last(step: Any, said: str = "") -> Any:
    """A step, and the end of this process, as sudden as a power cut's."""

    async def ends(*given: Any, **named: Any) -> Any:
        result = await step(*given, **named)
        if said in str(given):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def ends_now(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    return ends if asyncio.iscoroutinefunction(step) else ends_now


async def main(database: str, point: str) -> None:
    owner, name, *said = POINTS[point]
    setattr(owner, name, last(getattr(owner, name), *said))
    store = await Store.open(database)
    await rebuilding.rebuild(store, processes=2 if point == "a partition folded" else 1)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
