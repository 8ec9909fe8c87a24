"""A relay beside a writer: what fails is published once all the same; what cannot be is said."""

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from adapters import publishable
from adapters.app import App
from adapters.kafka import relay_lane
from adapters.kafka.clients import Kafka

from adapters.kafka.relay_batches import Batches
from adapters.kafka.topics import Out, Topic, administrator, ensure, facts_topic
from tests.facts import START, message, placed
from adapters.partitions import partition_of
from tests.kafka.bench import Bench, until
from tests.kafka.outgoing import published, read, recorded, relaying, running
from tests.kafka.test_relay import orders


async def test_what_is_committed_goes_out_without_being_asked_for(bench: Bench, app: App) -> None:
    async with relaying(bench, app) as relay:
        await running(relay)
        await app.handle(orders(20))
        found = await published(bench)
        (standing, *_) = relay.standings()
    assert relay.published == len(found)
    assert relay.transactions <= 4, "what is pending goes out together"
    assert standing.lag == 0


async def test_the_next_relay_goes_on_where_the_last_one_committed(bench: Bench, app: App) -> None:
    for prefix in "ABC":
        async with relaying(bench, app):
            await app.handle(orders(5, prefix))
            await published(bench)


async def test_a_failed_send_aborts_everything_and_takes_a_new_producer(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, failures = Batches.sent, 2

    async def failing(self: Batches) -> None:
        nonlocal failures
        await sent(self)
        if failures:
            failures -= 1
            raise KafkaError("a record was refused")

    monkeypatch.setattr(Batches, "sent", failing)
    await app.handle(orders(20))
    async with relaying(bench, app):
        await published(bench)
    everything = await read(bench, bench.out.outcomes, "read_uncommitted")
    assert len(everything) > len(await recorded(bench))


async def test_a_commit_whose_answer_is_lost_is_not_sent_again(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, lost = AIOKafkaProducer.commit_transaction, 0

    async def losing(self: AIOKafkaProducer) -> None:
        nonlocal lost
        await commit(self)
        if relay.ready(relay.writer) and lost < 4:  # type: ignore[attr-defined]
            lost += 1
            raise KafkaError("the answer was lost")

    async with relaying(bench, app) as relay:
        await running(relay)
        monkeypatch.setattr(AIOKafkaProducer, "commit_transaction", losing)
        await app.handle(orders(20))
        await published(bench)
    assert lost > 0


async def test_two_workers_that_think_they_own_a_lane_publish_once(bench: Bench, app: App) -> None:
    """The later one fences the earlier, whatever the group says."""
    async with relaying(bench, app) as first:
        await running(first)
        async with relaying(bench, app) as second:
            await running(second)
            await app.handle(orders(20))
            await published(bench)
            await until(lambda: first.fenced + second.fenced > 0)
            await app.handle(orders(20, "B"))
            await published(bench)


@pytest.mark.parametrize("partitions", [3, 8])
async def test_outcomes_lie_where_kafkas_own_partitioner_puts_their_keys(
    bench: Bench, app: App, partitions: int
) -> None:
    name = f"outcomes-{uuid4().hex[:8]}"
    bench.out = Out(name, bench.out.dead_letters, bench.out.positions)
    async with administrator(Kafka(bench.broker.bootstrap)) as admin:
        await ensure(admin, [Topic(name, partitions)])
    await app.handle(orders(30))
    async with relaying(bench, app):
        found = await published(bench)
    those = list(range(partitions))
    assert {one.partition for one in found} == set(those)
    for one in found:
        assert one.partition == DefaultPartitioner()(one.key, those, those)


async def test_a_missing_topic_is_waited_for(bench: Bench, app: App) -> None:
    name = f"outcomes-{uuid4().hex[:8]}"
    bench.out = Out(name, bench.out.dead_letters, bench.out.positions)
    await app.handle(orders(5))
    async with relaying(bench, app) as relay:
        await until(lambda: "`villkor topics create` makes it" in relay.trouble)
        async with administrator(Kafka(bench.broker.bootstrap)) as admin:
            await ensure(admin, [Topic(name, 4)])
        await published(bench)


async def test_facts_are_read_on_while_the_relay_is_in_trouble(bench: Bench) -> None:
    bench.out = Out("no-outcomes", "no-letters", "no-positions")
    await bench.tell([placed("gandalf", f"A-{number}") for number in range(10)])
    async with bench.working() as worker:
        await bench.has(10)
        await until(lambda: bool(worker.relay.trouble))
        assert not worker.health.ready
        assert worker.health.alive


@pytest.mark.parametrize("others", [8, 2])
async def test_the_number_of_lanes_may_change(bench: Bench, app: App, others: int) -> None:
    """Kafka's partitions of the facts are others: old lanes are fenced, the highest place wins."""
    await app.handle(orders(20))
    async with AsyncExitStack() as stack:
        async with relaying(bench, app) as old:
            await published(bench)
            bench.topic += "-other"
            async with administrator(Kafka(bench.broker.bootstrap)) as admin:
                await ensure(admin, [facts_topic(others, bench.topic)])
            new = await stack.enter_async_context(relaying(bench, app, partitions=others))
            await running(new)
            await app.handle(orders(20, "B"))
            await until(lambda: old.fenced > 0)
        await published(bench)
    async with relaying(bench, app, partitions=others):
        await app.handle(orders(5, "C"))
        await published(bench)


async def test_lanes_do_not_change_for_one_who_is_behind(bench: Bench, app: App) -> None:
    """The topic has four partitions by now, and this worker remembers two."""
    async with relaying(bench, app) as right:
        await running(right)
        async with relaying(bench, app, partitions=2) as behind:
            await until(lambda: any("has 4 partitions by now" in lane.trouble
                                    for lane in behind.lanes.values()))  # fmt: skip
            await app.handle(orders(5))
            await published(bench)


async def test_a_transaction_is_bounded(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_lane, "RECORDS", 50)
    await app.handle(orders(60))
    async with relaying(bench, app) as relay:
        found = await published(bench)
    assert relay.transactions > len(found) / 4 / 50


async def test_places_are_said_again_before_kafka_forgets_them(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, home = 0, partition_of("allectra/A-0") % 4
    mark = relay_lane.mark

    async def counted(*arguments: Any) -> None:
        nonlocal said
        await mark(*arguments)
        said += 1

    monkeypatch.setattr(relay_lane, "MARK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(relay_lane, "mark", counted)
    async with relaying(bench, app) as relay:
        await running(relay)
        await app.handle([message("OrderConfirmed", "allectra", "A-0", "m")])  # nothing follows
        await until(lambda: relay.standings()[home].position == 1)
        said = 0
        await until(lambda: said > 20)
        await app.handle(orders(2))
        await published(bench)
    async with relaying(bench, app) as again:
        await running(again)


async def test_a_deadline_whose_outcome_kafka_would_not_take_is_parked_alone(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    await app.handle([placed("gandalf", "A-1"), placed("gandalf", "A-2")])
    monkeypatch.setattr(publishable, "LOOKED_AT_BYTES", 0)
    monkeypatch.setattr(publishable, "MOST_BYTES", 100)
    late = START + timedelta(days=60)
    assert (await app.lapse(late)).parked == 2
    assert {row["place"] for row in await bench.parked()} == {"timer"}
    monkeypatch.undo()
    assert (await app.wake("gandalf/A-1", late)).lapsed > 0


async def test_an_outcome_that_kafka_would_not_take_is_refused_when_it_is_decided(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message that causes it is parked alone, and its order is as it was before."""
    facts = orders(2)
    await app.handle(facts[:3])
    monkeypatch.setattr(publishable, "LOOKED_AT_BYTES", 0)
    monkeypatch.setattr(publishable, "MOST_BYTES", 1000)
    report = await app.handle([facts[5], *facts[7:8]])
    assert report.parked > 0
    (letter, *_) = await bench.parked()
    assert letter["reason"] == "refused"
    assert "more than 1000: tell the order in smaller parts" in letter["sentence"]
    monkeypatch.undo()
    await app.handle(facts)
    async with relaying(bench, app):
        await published(bench)
