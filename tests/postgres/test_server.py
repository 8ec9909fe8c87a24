"""The embedded server after crashes of all kinds, and connecting to one that is not there."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest

from adapters.postgres import connect
from adapters.postgres.connect import connected
from adapters.postgres.embedded import Server, embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from domain.errors import VillkorError
from tests.conftest import named

PROGRAM = """
import asyncio, sys
from pathlib import Path
from adapters.postgres.embedded import embedded

async def main():
    async with embedded(Path(sys.argv[1])):
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def pid_file(home: Path) -> Path:
    return home / "postgres" / "postmaster.pid"


async def answers(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("select 1") == 1
    finally:
        await connection.close()


async def program(home: Path) -> asyncio.subprocess.Process:
    """Another program that uses the server."""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(home), stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"ready\n"
    return other


async def test_a_killed_program_does_not_keep_the_server_for_ever(home: Path) -> None:
    """Its server runs on; the next program joins it, and stops it as the last one out."""
    other = await program(home)
    server = pid_file(home).read_text()
    other.kill()
    await other.wait()
    async with embedded(home) as dsn:
        assert pid_file(home).read_text() == server
        assert await answers(dsn)
    assert not pid_file(home).exists()


async def test_the_one_that_started_it_may_leave_first(home: Path) -> None:
    other = await program(home)
    async with embedded(home) as dsn:
        other.send_signal(signal.SIGINT)
        await other.wait()
        assert await answers(dsn)
    assert not pid_file(home).exists()


async def test_two_that_begin_at_one_time_make_one_server(home: Path) -> None:
    async def use() -> str:
        async with embedded(home) as dsn:
            assert await answers(dsn)
            return pid_file(home).read_text()

    first, second = await asyncio.gather(use(), use())
    assert first.splitlines()[1] == second.splitlines()[1]


async def test_a_pid_file_whose_number_is_another_process_now_is_stale(home: Path) -> None:
    """As after a restart of the machine, where numbers begin anew."""
    async with embedded(home):
        text = pid_file(home).read_text()
    pid_file(home).write_text("\n".join([str(os.getpid()), *text.splitlines()[1:]]))
    async with embedded(home) as dsn:
        assert await answers(dsn)


async def test_a_server_that_was_killed_starts_again_with_a_stale_socket(home: Path) -> None:
    async with embedded(home) as dsn:
        os.kill(int(pid_file(home).read_text().split()[0]), signal.SIGKILL)
        async with embedded(home) as again:
            assert again == dsn
            assert await answers(again)


async def test_what_a_killed_first_start_left_is_cleared_away(home: Path) -> None:
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    async with embedded(home) as dsn:
        assert await answers(dsn)
    assert not (home / "postgres.new").exists()


async def test_a_deep_directory_gets_a_socket_elsewhere(home: Path) -> None:
    deep = home / ("x" * 100) / "y y"
    async with embedded(deep) as dsn:
        assert await answers(dsn)
    folder = Server.of(deep).socket
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


async def test_why_it_does_not_start_is_said_in_its_own_words(home: Path) -> None:
    async with embedded(home):
        pass
    with (home / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("nonsense = 1\n")
    with pytest.raises(VillkorError, match=r"does not start \(.*contains errors.*\); look at"):
        async with embedded(home):
            pass


async def test_its_data_are_safe(home: Path) -> None:
    """Flushed at each commit, with checksums, on a socket that only the owner reaches."""
    names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    async with embedded(home) as dsn:
        connection = await asyncpg.connect(dsn)
        found = [await connection.fetchval("select current_setting($1)", name) for name in names]
        listens = await connection.fetchval("show listen_addresses")
        await connection.close()
    assert found == ["on"] * len(names)
    assert listens == ""


async def test_a_database_that_is_not_there_is_said_in_words(server: str) -> None:
    with pytest.raises(VillkorError, match=r"'nowhere' at .* cannot be used .*does not exist"):
        await migrate(named(server, "nowhere"))


async def test_a_database_that_does_not_answer_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And then an error, without the password."""
    monkeypatch.setattr(connect, "ATTEMPTS", 3)
    monkeypatch.setattr(connect, "SHORTEST", 0.001)
    with pytest.raises(VillkorError, match=r"'v' at 127\.0\.0\.1:1 does not answer") as error:
        await Store.open("postgresql://ada:secret@127.0.0.1:1/v")
    assert "secret" not in str(error.value)


async def test_a_database_that_is_starting_is_waited_for(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = asyncpg.connect, []

    async def starting(dsn: str, **settings: object) -> asyncpg.Connection:
        asked.append(dsn)
        if len(asked) < 3:
            raise asyncpg.CannotConnectNowError("the database system is starting up")
        return await real(dsn, **settings)

    monkeypatch.setattr(connect.asyncpg, "connect", starting)
    monkeypatch.setattr(connect, "SHORTEST", 0.001)
    await (await connected(server)).close()
    assert len(asked) == 3
