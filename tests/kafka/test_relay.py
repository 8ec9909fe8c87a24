"""The relay on a real broker: each outcome once and in order, whatever stops, dies, comes back."""

import asyncio
import signal
from collections.abc import Sequence

import pytest

from adapters.kafka import relay_lane
from adapters.messages import Message
from tests.facts import life
from tests.kafka.bench import Bench, until
from tests.kafka.outgoing import place, published, read, recorded

EACH = len(life("allectra", "A"))


def orders(count: int, prefix: str = "A") -> list[Message]:
    """The whole lives of so many orders."""
    return [one for number in range(count) for one in life("allectra", f"{prefix}-{number}")]


async def tell_slowly(bench: Bench, facts: Sequence[Message]) -> None:
    for start in range(0, len(facts), 50):
        await bench.tell(facts[start : start + 50])
        await asyncio.sleep(0.1)


async def test_outcomes_are_published_once_and_in_order(bench: Bench) -> None:
    await bench.tell(orders(50))
    async with bench.working() as worker:
        await bench.has(50 * EACH)
        await published(bench)
        await bench.tell(orders(5, "B"))
        await bench.has(55 * EACH)
        found = await published(bench)
    assert worker.relay.published == len(found) > 55


async def test_a_worker_that_is_killed_is_continued_where_it_committed(bench: Bench) -> None:
    killed = bench.process()
    telling = asyncio.create_task(tell_slowly(bench, orders(150)))

    async def has_published() -> bool:
        return len(await read(bench, bench.out.outcomes)) > 0

    await until(has_published)
    killed.popen.kill()
    async with bench.working():
        await telling
        await bench.has(150 * EACH, 60)
        await published(bench)


async def test_the_commit_of_a_zombie_is_refused(bench: Bench) -> None:
    """Stopped with all sent and nothing committed; another publishes it meanwhile."""
    zombie = bench.process("late")
    await bench.tell(orders(30))
    await until(lambda: zombie.is_stopped)
    async with bench.working():
        await published(bench)
        zombie.signal(signal.SIGCONT)
        await until(lambda: bool(zombie.said("relay lane fenced")))
        await bench.tell(orders(30, "B"))
        await bench.has(60 * EACH)
        await published(bench)
    assert "ProducerFenced" in zombie.said("relay lane fenced")[0]["error"]
    everything = await read(bench, bench.out.outcomes, "read_uncommitted")
    assert len(everything) > len(await recorded(bench)), "the zombie had sent some of it"


async def test_the_broker_may_be_killed_in_mid_publishing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_lane, "RECORDS", 50)
    await bench.tell(orders(200))
    async with bench.working() as worker:
        await until(lambda: worker.relay.published > 0)
        await asyncio.to_thread(bench.broker.kill)
        await asyncio.to_thread(bench.broker.start)
        await bench.tell(orders(20, "B"))
        await bench.has(220 * EACH, 60)
        await published(bench)


async def test_lost_connections_to_the_database_lose_and_double_nothing(bench: Bench) -> None:
    ended = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
    async with bench.working() as worker:
        telling = asyncio.create_task(tell_slowly(bench, orders(100)))
        await until(lambda: worker.relay.published > 0)
        for _ in range(3):
            await bench.store.pool.execute(f"{ended} and datname = current_database()")
            await asyncio.sleep(0.5)
        await telling
        await bench.has(100 * EACH, 60)
        found = await published(bench)
    assert len(set(map(place, found))) == len(found)


async def test_workers_that_come_and_go_take_over_each_others_lanes(bench: Bench) -> None:
    telling = asyncio.create_task(tell_slowly(bench, orders(150)))
    async with bench.working() as first:
        for _ in range(2):
            async with bench.working() as second:
                await until(lambda: second.health.ready)
                await until(lambda: second.relay.published > 0)
        await telling
        await bench.has(150 * EACH)
        await published(bench)
    assert first.relay.fenced == 0
