"""A body and the `Shipped` of its parcel at one time: the later waits, and neither is missed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.app import App
from adapters.bodies import Intake, by_app
from adapters.inbox import drain
from adapters.postgres import parcels
from adapters.postgres.store import Store
from adapters.senders import Senders
from tests.bodies import body, postnord, ships
from tests.kafka.bench import until

WAITING = """
    select count(*) > 0 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
"""
TOLD = "select type from events where source = 'carrier:postnord' order by version"


class Gate:
    """Holds a transaction just before it commits."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()

    def before(self, then: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def held(*args: Any, **more: Any) -> Any:
            self.reached.set()
            await self.open.wait()
            return await then(*args, **more)

        return held


@pytest.mark.parametrize("first", ["body", "shipped"])
async def test_whoever_is_first_is_seen_by_the_other(
    app: App, store: Store, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Both are on their way at once, each in a transaction that does not see the other's yet."""
    intake, gate = Intake(store, Senders(), app.clock), Gate()

    async def tell_body() -> None:
        await intake.take("postnord", [body(postnord())], by_app(app))

    async def tell_shipped() -> None:
        await app.handle([ships()])

    if first == "body":
        monkeypatch.setattr(parcels, "park", gate.before(parcels.park))
        one, other = tell_body, tell_shipped
    else:
        monkeypatch.setattr(store, "_move", gate.before(store._move))
        one, other = tell_shipped, tell_body
    held = asyncio.create_task(one())
    await gate.reached.wait()
    second = asyncio.create_task(other())

    async def waits() -> bool:
        return bool(await store.pool.fetchval(WAITING)) or second.done()

    await until(waits)
    gate.open.set()
    await asyncio.gather(held, second)
    await drain(app)
    told = [row[0] for row in await store.pool.fetch(TOLD)]
    assert told == ["InTransit", "AvailableForCollection"]
    assert await parcels.standing(store.pool) == (0, 0, 0)
