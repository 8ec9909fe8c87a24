"""Work over partitions: in one snapshot, in this process or in several, ended when asked to."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable

import asyncpg
import psutil
import pytest

from adapters.app import App
from adapters.postgres.store import Store
from adapters.processes import Part, Snapshot, over_partitions, snapshot
from domain.errors import Corrupt, VillkorError
from tests.facts import life

ORDERS = 12
LOOKS, LOOK_SECONDS = 300, 0.1


async def counted(connection: asyncpg.Connection, part: Part, times: int) -> tuple[int, int]:
    """A partition's events as its transaction sees them, and which process looked."""
    count = "select count(*) from events where partition = $1"
    return times * await connection.fetchval(count, part.partition), os.getpid()


async def failing(_: asyncpg.Connection, part: Part) -> None:
    raise Corrupt(f"partition {part.partition} is not as it was")


async def dying(_: asyncpg.Connection, __: Part) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def endless(connection: asyncpg.Connection, _: Part) -> None:
    await connection.execute("select pg_sleep(600)")


async def noting(connection: asyncpg.Connection, part: Part) -> None:
    await connection.execute("insert into relay (partition) values ($1)", part.partition)


@pytest.fixture
async def told(app: App) -> App:
    await app.handle([one for n in range(ORDERS) for one in life("allectra", f"A-{n}")])
    return app


@pytest.mark.parametrize("processes", [1, 2])
async def test_each_partition_is_read_once_as_the_snapshot_has_it(
    told: App, store: Store, processes: int
) -> None:
    """What is written later is not seen; both ways of working give the same."""
    found: dict[int, int] = {}
    workers, shown = set(), []

    def take(part: Part, result: tuple[int, int]) -> None:
        assert part.partition not in found
        found[part.partition], worker = result
        workers.add(worker)

    async with snapshot(store.dsn) as cut:
        before = {part.partition: part.position for part in cut.parts}
        await told.handle(life("allectra", "B-1"))
        await over_partitions(
            cut, counted, (3,), take=take, processes=processes,
            progress=lambda done, of: shown.append((done, of)),
        )  # fmt: skip
    assert found == {partition: 3 * position for partition, position in before.items()}
    assert (workers == {os.getpid()}) == (processes == 1)
    assert shown[0] == (0, cut.events)
    assert shown[-1] == (cut.events, cut.events)
    assert len(shown) == len(before) + 1


@pytest.mark.parametrize("processes", [1, 2])
async def test_what_the_work_raises_is_raised(told: App, store: Store, processes: int) -> None:
    async with snapshot(store.dsn) as cut:
        with pytest.raises(Corrupt, match="is not as it was"):
            await over_partitions(
                cut, failing, take=lambda _, __: None, processes=processes
            )  # fmt: skip


@pytest.mark.parametrize("processes", [1, 2])
async def test_only_work_that_says_so_writes_and_each_partition_is_committed(
    told: App, store: Store, processes: int
) -> None:
    async with snapshot(store.dsn) as cut:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await over_partitions(cut, noting, take=lambda _, __: None, processes=processes)
        await over_partitions(
            cut, noting, take=lambda _, __: None, processes=processes, readonly=False
        )
    rows = await store.pool.fetch("select partition from relay order by partition")
    assert [row[0] for row in rows] == [part.partition for part in cut.parts]


async def test_a_process_that_dies_is_an_error_with_a_sentence(told: App, store: Store) -> None:
    async with snapshot(store.dsn) as cut:
        with pytest.raises(VillkorError, match="was ended from outside"):
            await over_partitions(cut, dying, take=lambda _, __: None, processes=2)


class Deadly:
    """Whoever reads it dies, as a process does that cannot be started."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


async def test_a_process_that_dies_before_it_works_hangs_nobody(told: App, store: Store) -> None:
    """However much it was to be given."""
    async with snapshot(store.dsn) as cut:
        with pytest.raises(VillkorError, match="was ended from outside"):
            await over_partitions(
                cut, counted, (bytes(1_000_000), Deadly()), take=lambda _, __: None, processes=2
            )


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(LOOKS):
        if holds():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("it never came to hold")


async def hang(cut: Snapshot) -> None:
    await over_partitions(cut, endless, take=lambda _, __: None, processes=2)


async def asleep(store: Store) -> None:
    """Wait until two processes sleep in the database."""
    query = """
        select count(*) from pg_stat_activity
        where datname = current_database() and query like 'select pg_sleep%' and state = 'active'
    """
    for _ in range(LOOKS):
        if await store.pool.fetchval(query) == 2:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise AssertionError("they never got there")


async def test_who_gives_up_ends_all_processes(told: App, store: Store) -> None:
    me = psutil.Process()
    before = set(me.children(recursive=True))
    async with snapshot(store.dsn) as cut:
        work = asyncio.create_task(hang(cut))
        await asleep(store)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    left = set(me.children(recursive=True)) - before
    await until(lambda: not [one for one in left if "spawn_main" in " ".join(one.cmdline())])


@pytest.mark.parametrize(
    ("signal_", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
async def test_the_processes_end_with_the_one_that_started_them(
    told: App, store: Store, signal_: signal.Signals, code: int
) -> None:
    """Also where that was killed; a Ctrl-C that it alone gets is enough, and the exit code 130."""
    program = [sys.executable, "-m", "tests.postgres.test_processes", store.dsn]
    started = await asyncio.create_subprocess_exec(*program)
    await asleep(store)
    children = psutil.Process(started.pid).children(recursive=True)
    assert len(children) >= 2
    started.send_signal(signal_)
    assert await started.wait() == code
    await until(lambda: not any(map(psutil.pid_exists, [one.pid for one in children])))


async def _main(dsn: str) -> None:
    async with snapshot(dsn) as cut:
        await hang(cut)


if __name__ == "__main__":
    try:
        asyncio.run(_main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
