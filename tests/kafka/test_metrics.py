"""What a worker tells of itself, and that it gives up where it cannot go on."""

import asyncio
import json

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.app import App
from adapters.backlog import Backlog
from adapters.bodies import Body, Intake, left_in_inbox
from adapters.clock import Clock
from adapters.http.server import listening
from adapters.kafka import reader
from adapters.kafka.standings import standings
from adapters.metrics import FIGURES, Metrics
from adapters.postgres import parcels
from adapters.postgres.batch import Batch
from adapters.postgres.store import Store
from adapters.senders import Senders
from tests.facts import life, message
from tests.kafka.bench import Bench, until

Figures = dict[tuple[str, ...], float]


def figures(text: str) -> Figures:
    """(name, labels in order of their names) -> figure, as Prometheus reads them."""
    return {
        (one.name, *(one.labels[name] for name in sorted(one.labels))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def sum_of(found: Figures, name: str, topic: str) -> float:
    """A figure of all partitions of a topic together."""
    return sum(
        figure for key, figure in found.items() if (key[0], key[-1]) == (f"villkor_{name}", topic)
    )


async def test_a_worker_tells_how_far_it_is(bench: Bench) -> None:
    facts = life("allectra", "A-1")
    bad = message("Teleported", "allectra", "A-1", "t")
    await bench.tell([*facts, bad, facts[0]])
    told = len(facts) + 2
    async with bench.working() as worker:
        worker.metrics.watchdog.patience = 2.0  # it looks more often
        async with (
            listening(worker.told(), ("127.0.0.1", 0)) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):
            await bench.has(len(facts))
            await until(lambda: worker.health.ready)
            for path in ("/health/live", "/health/ready"):
                assert (await client.get(path)).status_code == 200
            found: Figures = {}

            async def shown() -> bool:
                answer = await client.get("/metrics")
                found.update(figures(answer.text))
                facts = [sum_of(found, name, bench.topic) for name in ("log_end", "position")]
                ends = sum_of(found, "log_end", bench.out.outcomes)
                return facts == [told, told] and ends > told

            await until(shown)
    assert found["villkor_messages_total", "taken"] == len(facts)
    assert found["villkor_messages_total", "duplicate"] == 1
    assert found["villkor_messages_total", "parked"] == 1
    assert found["villkor_rebalances_total",] >= 1
    assert found["villkor_batch_messages_sum",] == told
    assert sum_of(found, "lag_messages", bench.topic) == 0
    assert ("villkor_commits_refused_total", "kafka") in found
    assert not worker.health.ready


async def test_a_database_that_does_not_answer_does_not_hold_up_metrics(store: Store) -> None:
    """The figures stay as they were, and it is told that they are old."""
    metrics = Metrics(backlog=Backlog(store.pool, patience=0.2, fresh=0.0))
    assert figures((await metrics.told()).decode())["villkor_database_up",] == 1
    held = [await store.pool.acquire() for _ in range(store.pool.get_max_size())]
    found = figures((await metrics.told()).decode())
    for one in held:
        await store.pool.release(one)
    assert found["villkor_database_up",] == 0
    assert found["villkor_inbox_messages",] == 0
    assert found["villkor_database_age_seconds",] > 0


async def test_what_takes_long_to_count_is_left_out_and_keeps_no_other_figure_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "STANDING", "select pg_sleep(60)")
    found = figures((await Metrics(backlog=Backlog(store.pool)).told()).decode())
    assert (found["villkor_database_up",], found["villkor_inbox_messages",]) == (1, 0)
    assert ("villkor_sightings_waiting",) not in found


async def test_what_waits_in_the_database_is_told_by_reason_and_carrier(
    app: App, store: Store
) -> None:
    await app.handle([message("Teleported", "allectra", "A-1", "t")])
    at = "2026-03-02T09:00:00+0100"
    known = {"requested": "G1", "status": "INTRANSIT", "statusDateTime": at}
    unknown = {"requested": "G2", "events": [{"code": "never heard", "eventDateTime": at}]}
    told = json.dumps({"parcels": [known, unknown]}).encode()
    tell = left_in_inbox(store)
    await Intake(store, Senders(), Clock()).take("gls", [Body(told, "f:1")], tell)
    await store.put_inbox([(7, b"{}", "f:2")])
    metrics = Metrics(backlog=Backlog(store.pool))
    found = figures((await metrics.told()).decode())
    assert found["villkor_dead_letters", "unknown_type"] == 1
    assert found["villkor_dead_letters", "unknown_code"] == 1
    assert found["villkor_unknown_codes", "gls"] == 1
    assert found["villkor_sightings_waiting",] == 1
    assert found["villkor_sightings_overdue",] == 0
    assert (found["villkor_inbox_messages",], found["villkor_inbox_oldest_seconds",] >= 0) == (1, 1)
    assert metrics.backlog is not None
    assert set(metrics.backlog.figures) == set(FIGURES)


async def test_a_worker_that_is_stuck_gives_up_and_says_why(bench: Bench) -> None:
    """Its supervisor then starts it anew: nothing that hung is brought along."""
    await bench.tell(life("allectra", "A-1"))
    stuck = bench.process("stalling")
    await until(lambda: stuck.popen.poll() is not None)
    assert stuck.popen.returncode == 1
    [said] = stuck.said("gave up")
    assert said["reason"].startswith(f"{bench.topic}[")
    assert "has 7 messages to take and was not read on for" in said["reason"]


async def test_while_the_database_holds_it_back_a_worker_takes_no_more_in_hand(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One batch, and what the client fetched ahead: one answer a partition, of bounded size."""
    most, write = 50, Store.write
    writing, going_on = asyncio.Event(), asyncio.Event()

    async def held_back(self: Store, batch: Batch) -> None:
        if batch.positions:
            writing.set()
            await going_on.wait()
        await write(self, batch)

    monkeypatch.setattr(reader, "BATCH", most)
    monkeypatch.setattr(Store, "write", held_back)
    facts = [one for number in range(100) for one in life("allectra", f"A-{number}")]
    await bench.tell(facts)
    async with bench.working() as worker:
        await writing.wait()
        assert worker.reader is not None
        consumer, owned = worker.reader.consumer, worker.reader.owned
        fetched = consumer._fetcher._records
        await until(lambda: len(fetched) == len(owned), what="it has fetched ahead")
        for _ in range(3):
            in_hand = [await consumer.position(one) - own.beginning for one, own in owned.items()]
            assert 0 < sum(in_hand) <= most
            assert len(fetched) == len(owned)
            found = await standings(worker.reader)
            assert found is not None
            assert sum(one.lag for one in found) == len(facts)
            assert any(one.oldest is not None for one in found)
        going_on.set()
        await bench.has(len(facts))
