"""Connecting: a database that is starting is waited for; one that cannot be had is an error."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg

from domain.errors import VillkorError

T = TypeVar("T")
SESSION = {"jit": "off", "timezone": "UTC", "application_name": "villkor"}
DATABASE = "VILLKOR_DATABASE"
CONNECTIONS = 6
ATTEMPTS = 8
SHORTEST, LONGEST = 0.1, 5.0
"""Seconds between two attempts: doubled each time; eleven in all."""

NOT_YET = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ConnectionDoesNotExistError,
)
NEVER = (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError)
GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""What is raised where the connection broke under a statement."""
_working: set[asyncio.Task[Any]] = set()
"""The event loop holds tasks only weakly."""


async def connected(dsn: str) -> asyncpg.Connection:
    """A connection. Raises VillkorError where there is none to be had."""
    return await _patiently(dsn, lambda: asyncpg.connect(dsn, server_settings=SESSION))


async def pool(
    dsn: str, settings: Mapping[str, str] = SESSION, named: str = DATABASE
) -> asyncpg.Pool:
    """A pool of connections. Raises VillkorError where there are none to be had.

    `named` is the setting that says so where this cannot be.
    """

    async def create() -> asyncpg.Pool:
        return await asyncpg.create_pool(
            dsn, min_size=1, max_size=CONNECTIONS, server_settings={**SESSION, **settings}
        )

    return await _patiently(dsn, create, named)


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What work on the database gives. Raises TimeoutError where it takes longer.

    What is given up ends by itself, and nobody waits for that: who cancels a statement, or rolls
    back, waits for the server once more, and one that hangs answers neither.
    """
    task = asyncio.create_task(work)
    _working.add(task)
    task.add_done_callback(_ended)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()


def _ended(task: asyncio.Task[Any]) -> None:
    """Whoever waited knows how; how what was given up ended concerns nobody."""
    _working.discard(task)
    if not task.cancelled():
        task.exception()


async def _patiently(dsn: str, connect: Callable[[], Awaitable[T]], named: str = DATABASE) -> T:
    for attempt in range(ATTEMPTS):
        try:
            return await connect()
        except NOT_YET as error:
            if isinstance(error, ssl.SSLCertVerificationError):
                raise _unusable(dsn, error, named) from error
            if attempt == ATTEMPTS - 1:
                raise VillkorError(
                    f"the database {_place(dsn)} does not answer ({error}); "
                    f"is it running, and is {named} right?"
                ) from error
            await asyncio.sleep(min(SHORTEST * 2**attempt, LONGEST))
        except NEVER as error:
            raise _unusable(dsn, error, named) from error
    raise AssertionError("the last attempt returns or raises")


def _unusable(dsn: str, error: Exception, named: str) -> VillkorError:
    return VillkorError(f"the database {_place(dsn)} cannot be used ({error}); look at {named}")


def _place(dsn: str) -> str:
    """Where a database is, without who asks for it: URLs hold passwords."""
    url = urlsplit(dsn)
    host = url.netloc.rpartition("@")[2] or parse_qs(url.query).get("host", [""])[0]
    return f"{url.path.lstrip('/')!r} at {host or 'the local socket'}"
