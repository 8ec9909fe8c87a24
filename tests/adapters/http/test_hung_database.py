"""A database that takes a statement and never answers: nobody who asks over HTTP waits for it.

Its client would: it waits for the server also where it cancels, and where it rolls back.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from adapters.backlog import Backlog
from adapters.clock import Clock
from adapters.http.destinations import ToLog, Unavailable, Webhook
from adapters.metrics import Metrics
from adapters.postgres.store import Store
from adapters.senders import Senders
from tests.bodies import postnord

PATIENCE, LONG = 0.2, 20.0


@pytest.fixture
async def hung(store: Store) -> AsyncIterator[Store]:
    """The one connection that lies in the pool is of a process of Postgres that is stopped."""
    process = await store.pool.fetchval("select pg_backend_pid()")
    os.kill(process, signal.SIGSTOP)
    yield store
    os.kill(process, signal.SIGCONT)


async def answered(asked: Coroutine[Any, Any, Any]) -> Any:
    """What it gives, or raises; whoever hangs is not waited for here either."""
    task = asyncio.create_task(asked)
    done, _ = await asyncio.wait({task}, timeout=LONG)
    assert done, "it hangs with the database"
    return await task


async def test_a_webhook_is_not_acknowledged(hung: Store) -> None:
    destination = ToLog(hung, Senders(), Clock(), PATIENCE)
    with pytest.raises(Unavailable):
        await answered(destination.put(Webhook("carrier", "postnord", postnord())))


async def test_who_asks_whether_it_is_ready_hears_why_not(hung: Store) -> None:
    why = await answered(ToLog(hung, Senders(), Clock(), PATIENCE).ready())
    assert why == "the database does not answer (TimeoutError)"


async def test_metrics_are_told(hung: Store) -> None:
    told = await answered(Metrics(backlog=Backlog(hung.pool, PATIENCE)).told())
    assert b"villkor_database_up 0.0" in told
