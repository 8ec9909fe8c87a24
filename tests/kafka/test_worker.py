"""The worker on a real broker: each fact once, whatever stops, dies or comes back."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import hand_over
from adapters.kafka.clients import Kafka
from adapters.kafka.reader import Polled, Reader
from adapters.kafka.topics import administrator, ensure, facts_topic
from adapters.messages import Message
from adapters.partitions import partition_of
from adapters.report import Report
from adapters.terms import book
from adapters.verify import verify
from domain.errors import Corrupt
from tests.facts import START, life, message, placed
from tests.kafka.bench import Bench, until

EACH = len(life("allectra", "A"))


def orders(count: int, prefix: str = "A") -> list[Message]:
    """The whole lives of so many orders."""
    return [one for number in range(count) for one in life("allectra", f"{prefix}-{number}")]


def hours_to(at: datetime) -> float:
    return (at - START) / timedelta(hours=1)


async def test_a_backlog_is_read_once_and_orders_come_out_right(bench: Bench) -> None:
    await bench.tell(orders(300))
    async with bench.working() as worker:
        await bench.has(300 * EACH)
        await until(lambda: worker.health.ready)
        assert worker.health.alive
        await bench.tell(orders(5, "B"))
        await bench.has(305 * EACH)
    assert not worker.health.ready
    assert (worker.report.taken, worker.report.duplicates) == (305 * EACH, 0)
    total = await bench.store.ledger_total()
    fees = await bench.store.pool.fetchval("select count(*) from orders where fees > 0")
    assert (total, fees) == (0, 305)


async def test_facts_are_recorded_when_the_broker_had_them(bench: Bench) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    await bench.tell([message("OrderConfirmed", "allectra", "A", "m", known=5)])
    async with bench.working():
        await bench.has(1)
    recorded_at = await bench.store.pool.fetchval("select recorded_at from events")
    assert before < recorded_at < datetime.now(UTC) + timedelta(seconds=1)


@pytest.mark.parametrize("partitions", [1, 16])
async def test_topics_of_other_sizes(bench: Bench, partitions: int) -> None:
    """One partition of Kafka has all of the log's; sixteen have sixteen each."""
    bench.topic += f"-{partitions}"
    async with administrator(Kafka(bench.broker.bootstrap)) as admin:
        await ensure(admin, [facts_topic(partitions, bench.topic)])
    await bench.tell(orders(20))
    async with bench.working() as worker:
        await bench.has(20 * EACH)
    assert worker.report.duplicates == 0


async def test_structured_and_binary_mode_are_one_message(bench: Bench) -> None:
    """The same event in either mode is told twice, not two facts."""
    (one,) = [one for one in life("allectra", "A") if b"Shipped" in one.value]
    headers = {
        "ce_specversion": "1.0", "ce_id": "shipped", "ce_source": "/test/allectra",
        "ce_type": "Shipped", "ce_subject": "A", "ce_seller": "allectra",
        "ce_time": (START + timedelta(hours=24)).isoformat(), "content-type": "application/json",
    }  # fmt: skip
    binary = b'{"parcel": "p1", "carrier": "dhl", "tracking": "T1", "cost": 79.0}'
    home = partition_of("allectra/A") % 4
    pairs = tuple((name, text.encode()) for name, text in headers.items())
    await bench.tell([one])
    await bench.tell([Message(binary, "", headers=pairs)], home)
    async with bench.working() as worker:
        await bench.has_read(home, 2)
    assert worker.report == Report(taken=1, duplicates=1, outcomes=worker.report.outcomes)


async def test_poison_is_parked_alone_and_nothing_stops(bench: Bench) -> None:
    poison = [
        Message(b"\xff\x00 no message", "", headers=(("trace", b"1"),)),
        Message(b"{}", ""),
        message("Teleported", "allectra", "A-0", "t"),
        message("Shipped", "allectra", "A-0", "s", parcel="p1", cost=-1),
    ]
    facts = orders(20)
    await bench.tell(poison, 1)
    await bench.tell(facts[:50])
    await bench.tell(poison, 2)
    await bench.tell(facts[50:])
    async with bench.working():
        await bench.has(len(facts))
        await bench.has_parked(len(poison))
    letters = await bench.parked()
    assert len(letters) == len(poison), letters
    assert {letter["reason"] for letter in letters} == {"unreadable", "unknown_type", "refused"}
    assert any(letter["place"].startswith(f"{bench.topic}[") for letter in letters)


async def test_what_was_aborted_is_not_read_and_markers_do_not_hold_up_the_clock(
    bench: Bench,
) -> None:
    """Transactions end in records that nobody sees; a partition that ends so is read to its end."""
    transactional = {"transactional_id": bench.topic}
    home = partition_of("gandalf/kept") % 4
    async with AIOKafkaProducer(
        bootstrap_servers=bench.broker.bootstrap, **transactional
    ) as producer:
        for one, kept in ((placed("gandalf", "kept"), True), (placed("gandalf", "not"), False)):
            with suppress(ZeroDivisionError):
                async with producer.transaction():
                    sent = await producer.send(bench.topic, one.value, b"?", home)
                    await sent
                    assert kept or 1 / 0
    async with bench.working():
        await bench.has(1)
        await has_lapsed(bench, 1)


async def has_lapsed(bench: Bench, count: int) -> None:
    async def lapsed() -> bool:
        sql = "select count(*) from deadlines where state = 'lapsed'"
        return bool(await bench.store.pool.fetchval(sql) == count)

    await until(lapsed, what=f"{count} lapsed")


async def test_a_fact_on_a_wrong_partition_is_forwarded_to_its_writer(bench: Bench) -> None:
    """Producers on librdkafka share out keys in another way; two workers get all of it right."""
    facts = orders(8)
    for partition in range(4):
        await bench.tell(facts[partition::4], partition)
    async with bench.working() as one, bench.working() as other:
        await bench.has(len(facts))
    assert one.report.parked + other.report.parked == 0


async def test_workers_that_come_and_go_lose_and_double_nothing(bench: Bench) -> None:
    facts = orders(400)
    telling = asyncio.create_task(tell_slowly(bench, facts))
    async with bench.working() as first:
        for _ in range(3):
            async with bench.working() as second:
                await until(lambda: second.health.ready)
                await asyncio.sleep(1)
        await telling
        await bench.has(len(facts))
    assert first.report.duplicates == 0
    assert not await bench.parked()


async def tell_slowly(bench: Bench, facts: Sequence[Message]) -> None:
    for start in range(0, len(facts), 100):
        await bench.tell(facts[start : start + 100])
        await asyncio.sleep(0.2)


async def test_a_batch_that_is_discarded_is_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fetching moved the client's position: without seeking back, what was discarded is lost."""
    poll, discards = Reader._poll, 1

    async def overtaken(self: Reader) -> Polled:
        nonlocal discards
        polled = await poll(self)
        if polled and discards:
            discards -= 1
            self.generation += 1  # as when the group rebalances meanwhile
        return polled

    monkeypatch.setattr(Reader, "_poll", overtaken)
    facts = orders(50)
    await bench.tell(facts)
    async with bench.working() as worker:
        await until(lambda: not discards)
        await bench.tell(orders(1, "B"))
        await bench.has(len(facts) + EACH)
    assert worker.report.duplicates == 0


async def test_a_worker_that_is_killed_is_continued_by_another(bench: Bench) -> None:
    killed = bench.process()
    await bench.tell(orders(100))
    await until(lambda: bool(killed.said("claimed")))
    telling = asyncio.create_task(tell_slowly(bench, orders(200, "B")))
    await asyncio.sleep(0.5)
    killed.popen.kill()
    async with bench.working() as worker:
        await telling
        await bench.has(300 * EACH, 60)
    assert worker.report.duplicates == 0


async def test_a_zombie_writes_nothing(bench: Bench) -> None:
    """A worker that was stopped in mid-batch, and wakes when another has read on, is refused."""
    await bench.tell(orders(50))
    zombie = bench.process("zombie")
    await until(lambda: zombie.is_stopped)
    async with bench.working() as worker:
        await bench.has(50 * EACH, 60)
        zombie.signal(signal.SIGCONT)
        await until(lambda: bool(zombie.said("lost")))
        await bench.tell(orders(50, "B"))
        await bench.has(100 * EACH)
        await asyncio.to_thread(zombie.end)
    assert "Fenced" in zombie.said("lost")[0]["error"]
    assert worker.report.duplicates == 0


async def test_sigterm_finishes_the_batch_and_leaves_the_partitions_free(bench: Bench) -> None:
    process = bench.process()
    await bench.tell(orders(50))
    await until(lambda: bool(process.said("ready")))
    assert await asyncio.to_thread(process.end) == 0
    assert process.said("left")
    owned = "select count(*) from partitions where owner is not null"
    assert await bench.store.pool.fetchval(owned) == 0


async def test_the_broker_may_be_killed_and_come_back(bench: Bench) -> None:
    await bench.tell(orders(50))
    async with bench.working() as worker:
        await bench.has(50 * EACH)
        await asyncio.to_thread(bench.broker.kill)
        await until(lambda: not worker.health.ready)
        assert worker.health.alive
        await asyncio.to_thread(bench.broker.start)
        await bench.tell(orders(50, "B"))
        await bench.has(100 * EACH, 60)
    assert worker.report.duplicates == 0


async def test_the_database_may_crash_and_come_back(bench: Bench) -> None:
    """One of its processes is killed: all connections end, and it recovers from its log.

    A worker does not notice what is over between two batches: it crashes until it is noticed.
    """
    await bench.tell(orders(50))
    async with bench.working() as worker:
        await bench.has(50 * EACH)
        telling = asyncio.create_task(tell_slowly(bench, orders(200, "B")))
        await until(lambda: worker.health.ready)
        while worker.health.ready:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                pid: int = await bench.store.pool.fetchval("select pg_backend_pid()")
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.1)
        await telling
        await has_after_a_crash(bench, 250 * EACH)
    assert worker.report.duplicates == 0


async def has_after_a_crash(bench: Bench, facts: int) -> None:
    for _ in range(5):
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await bench.has(facts)
            return
        await asyncio.sleep(1)
    await bench.has(facts)


async def test_a_backlog_is_read_before_its_deadlines_lapse(bench: Bench) -> None:
    """Down over a deadline: the fact that met it in time is in the backlog, and counts."""
    now = datetime.now(UTC)
    met = placed("gandalf", "met")
    shipped = message("Shipped", "gandalf", "met", "s", hours_to(now), parcel="p", carrier="dhl")
    missed = placed("gandalf", "missed")
    home = partition_of("gandalf/met") % 4
    for one in (met, missed):
        one.value = one.value.replace(START.isoformat().encode(), now.isoformat().encode())
    await bench.tell([met, missed])
    async with bench.working():
        await bench.has(2)
    others = [
        one for number in range(6000) if partition_of(f"allectra/B-{number}") % 4 == home
        for one in life("allectra", f"B-{number}")[:2]
    ]  # fmt: skip
    await bench.tell([*others, shipped])
    async with bench.working(Clock(now + timedelta(days=30))):
        await bench.has(len(others) + 3, 60)

        async def caught_up() -> bool:
            sql = "select state from deadlines where kind = 'delivery' and order_id = 'missed'"
            return bool(await bench.store.pool.fetchval(sql) == "lapsed")

        await until(caught_up)
        await asyncio.sleep(2)
    sql = "select kind from timeline where order_id = 'met' and state = 'lapsed'"
    assert await bench.store.pool.fetch(sql) == []


async def test_only_the_partition_whose_log_is_broken_stops(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = App.handle

    async def corrupt(self: App, messages: Sequence[Message], *more: Any) -> Report:
        if any(one.home == 2 for one in messages):
            raise Corrupt("a gap in partition 2")
        return await handle(self, messages, *more)

    monkeypatch.setattr(App, "handle", corrupt)
    facts = orders(40)
    broken = [one for one in facts if partition_of(key_of(one)) % 4 == 2]
    await bench.tell(facts)
    async with bench.working() as worker:
        await bench.has(len(facts) - len(broken))
        await until(lambda: not worker.health.ready)
        assert worker.health.alive
    monkeypatch.undo()
    async with bench.working():
        await bench.has(len(facts))


def key_of(one: Message) -> str:
    return f"allectra/{json.loads(one.value)['subject']}"


async def test_what_other_programs_hand_over_is_taken(bench: Bench) -> None:
    await bench.tell(orders(1))
    async with bench.working():
        await bench.has(EACH)
        report = await hand_over(bench.store, Clock(), orders(2))
    assert (report.taken, report.duplicates) == (EACH, EACH)


async def test_records_that_were_removed_unread_stop_their_partition(bench: Bench) -> None:
    await bench.tell(orders(10))
    async with bench.working():
        await bench.has(10 * EACH)
    await bench.store.pool.execute(
        "update positions set next_offset = 1000000 where kafka_partition = 3"
    )
    facts = orders(10, "B")
    there = [one for one in facts if partition_of(key_of(one)) % 4 != 3]
    await bench.tell(facts)
    async with bench.working() as worker:
        await bench.has(10 * EACH + len(there))
        assert worker.health.alive
        assert not worker.health.ready


async def test_a_word_about_a_customer_reaches_the_orders_of_other_workers(bench: Bench) -> None:
    """Told before half of its orders; two workers have their shares of the partitions."""
    first, last = ([placed("gandalf", f"{name}-{number}") for number in range(8)] for name in "GH")
    over = message("CreditLimitExceeded", "gandalf", "customer:c-1", "over", 1)

    async def blocked() -> bool:
        sql = "select count(*) filter (where status = 'blocked') = 16 from orders"
        return bool(await bench.store.pool.fetchval(sql))

    async with bench.working(), bench.working():
        await bench.tell([*first, over])
        await bench.tell(last)
        await until(blocked, what="16 orders are blocked")
    assert (await verify(bench.store, book())).differences == []
