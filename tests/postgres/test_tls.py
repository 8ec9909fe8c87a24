"""TLS to Postgres, as `VILLKOR_DATABASE` asks for it.

The embedded server is built without TLS, so a proxy that terminates it stands before it, as
pgbouncer or a cloud's does.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from adapters.postgres.store import Store
from domain.errors import VillkorError

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@pytest.fixture
async def tls(database: str, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of the database behind TLS, without what to trust: that is in `tmp_path`."""
    ours, strangers = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(tmp_path / "ca.pem")
    strangers.cert_pem.write_to_path(tmp_path / "stranger.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.issue_cert("localhost").configure_cert(context)
    url = urlsplit(database)
    socket = Path(parse_qs(url.query)["host"][0]) / ".s.PGSQL.5432"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            assert await reader.readexactly(8) == SSL_REQUEST
            writer.write(b"S")
            await writer.start_tls(context)
            inner_reader, inner_writer = await asyncio.open_unix_connection(str(socket))
            await asyncio.gather(piped(reader, inner_writer), piped(inner_reader, writer))

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    yield f"postgresql://{url.username or 'postgres'}:opensesame@localhost:{port}{url.path}"
    proxy.close()


async def piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_a_server_that_is_who_it_says_is_used_over_tls(tls: str, tmp_path: Path) -> None:
    store = await Store.open(f"{tls}?sslmode=verify-full&sslrootcert={tmp_path}/ca.pem")
    assert await store.partitions() == []
    await store.close()


async def test_a_server_of_another_authority_is_not_used(tls: str, tmp_path: Path) -> None:
    with pytest.raises(VillkorError, match="certificate verify failed") as refused:
        await Store.open(f"{tls}?sslmode=verify-full&sslrootcert={tmp_path}/stranger.pem")
    assert "opensesame" not in str(refused.value)
