"""Listening: uvicorn in the event loop of the process, which keeps its own signals."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from domain.errors import VillkorError

GRACE_SECONDS = 10
CONNECTIONS = 200
"""At a time; with the largest body of each it bounds what is held in memory."""
BACKLOG = 128
log = structlog.get_logger()


class Server(uvicorn.Server):
    """A server that leaves the signals to its process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(
    app: ASGIApp, address: tuple[str, int], listener: socket.socket | None = None
) -> AsyncIterator[int]:
    """Serve at an address, which gives the port; leaving answers what was begun, then closes.

    `listener` is a socket that is `bound` to it already. Raises VillkorError where the address
    cannot be had.
    """
    listener = listener or bound(address)
    server = Server(uvicorn.Config(
        app, lifespan="off", log_config=None, log_level="critical", access_log=False, ws="none",
        server_header=False, proxy_headers=False, limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    ))  # fmt: skip
    host, port = listener.getsockname()[:2]
    running = asyncio.create_task(server.serve(sockets=[listener]))
    log.info("listening", host=host, port=port)
    try:
        yield port
    finally:
        server.should_exit = True
        await running


def bound(address: tuple[str, int]) -> socket.socket:
    """A socket that listens there. Raises VillkorError where the address cannot be had."""
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise VillkorError(
            f"nobody can listen at {host}:{port} ({error.strerror}); is another program there? "
            "VILLKOR_LISTEN names another address, like 127.0.0.1:8081"
        ) from error
