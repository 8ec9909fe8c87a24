"""The embedded default: it survives kill -9, and programs on one directory share one server."""

import asyncio
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from adapters.app import App
from adapters.clock import Clock
from adapters.postgres.embedded import Server, embedded, reached
from adapters.postgres.migrate import migrate, scripts
from adapters.postgres.store import Store
from adapters.rebuild import check
from adapters.terms import book
from adapters.verify import verify
from domain.errors import Uncertain, VillkorError
from tests.facts import life


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


async def test_kill_9_in_mid_batch_loses_nothing_that_was_acknowledged(home: Path) -> None:
    """The batch under way is rolled back as a whole; what was committed before is all there."""
    async with embedded(home) as dsn:
        await migrate(dsn)
        store = await Store.open(dsn)
        app = await App.start(store, book(), "one", Clock())
        await app.claim()
        await app.handle(life("allectra", "A-1"))
        lock = await asyncpg.connect(dsn)
        holding = lock.transaction()
        await holding.start()
        await lock.execute("lock table orders in access exclusive mode")
        under_way = asyncio.create_task(app.handle(life("allectra", "A-2")))
        waits = "select count(*) from pg_locks where not granted"
        async with asyncio.timeout(30):
            while not await lock.fetchval(waits):
                assert not under_way.done(), under_way
                await asyncio.sleep(0.01)
        os.kill(postmaster(home), signal.SIGKILL)
        with pytest.raises(Uncertain):
            await under_way
        lock.terminate()
        store.pool.terminate()
    async with embedded(home) as dsn:
        store = await Store.open(dsn)
        orders = [row["order_id"] for row in await store.pool.fetch("select order_id from orders")]
        assert orders == ["A-1"]
        app = await App.start(store, book(), "one", Clock())
        await app.claim()
        report = await app.handle([*life("allectra", "A-1"), *life("allectra", "A-2")])
        assert report.duplicates == report.taken == len(life("allectra", "A-2"))
        assert (await verify(store, book())).differences == []
        assert (await check(store)).differences == []
        await app.release()
        await store.close()


async def test_two_programs_on_one_directory_share_a_server(home: Path) -> None:
    """So does a person, by the command that the doctor says."""
    async with embedded(home) as first:
        await migrate(first)
        here = postmaster(home)
        asked = [*shlex.split(reached(home)), "-Atc", "select 7"]
        assert await asyncio.to_thread(subprocess.check_output, asked) == b"7\n"
        script = (
            "import asyncio, sys, asyncpg\n"
            "from pathlib import Path\n"
            "from adapters.postgres.embedded import embedded\n"
            "async def main():\n"
            "    async with embedded(Path(sys.argv[1])) as dsn:\n"
            "        connection = await asyncpg.connect(dsn)\n"
            "        print(await connection.fetchval('select count(*) from partitions'))\n"
            "        await connection.close()\n"
            "asyncio.run(main())\n"
        )

        other = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(home), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await other.communicate()
        assert (out.strip(), other.returncode) == (b"0", 0)
        assert postmaster(home) == here
        connection = await asyncpg.connect(first)  # the one that left did not stop it
        assert await connection.fetchval("select 1") == 1
        await connection.close()


def test_the_socket_of_a_deep_directory_lies_elsewhere(home: Path) -> None:
    deep = home / ("d" * 90)
    assert f"-h {home / 'postgres'} " in reached(home)
    assert re.search(r"-h /tmp/villkor-[0-9a-f]{16} -U postgres$", reached(deep))
    assert reached(deep) == reached(deep)
    Server.of(deep).socket.rmdir()


async def test_a_directory_that_cannot_be_used_is_said_in_words(home: Path) -> None:
    (home / "postgres").write_text("a file in the way")
    with pytest.raises(VillkorError, match=r"the embedded Postgres in .* does not start"):
        async with embedded(home):
            pass


async def test_applying_the_schema_again_changes_nothing(database: str) -> None:
    await migrate(database)
    connection = await asyncpg.connect(database)
    rows = await connection.fetch("select name from schema_version order by version")
    assert [row["name"] for row in rows] == [name for _, name, _ in scripts()]
    await connection.close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            "insert into schema_version values (99, '099_later.sql', 'x')",
            "the database has schema 99",
        ),
        ("update schema_version set checksum = 'x' where version = 1", "was changed after"),
    ],
)
async def test_a_schema_that_is_not_this_programs_is_an_error(
    database: str, change: str, sentence: str
) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute(change)
    await connection.close()
    with pytest.raises(VillkorError, match=sentence):
        await migrate(database)
