"""How far a lane came: what Kafka and Postgres remember, and what happens where they differ."""

from uuid import uuid4

import pytest
from aiokafka.errors import ProducerFenced

from adapters.app import App
from adapters.kafka import relay, relay_reset
from adapters.kafka.clients import Kafka
from adapters.kafka.relay_positions import Vector, settled, told, understood
from adapters.kafka.relay_reset import reset
from adapters.partitions import PARTITIONS
from adapters.postgres.relay import Place, Standing
from domain.errors import Corrupt, Guarded, VillkorError
from tests.kafka.bench import Bench, until
from tests.kafka.outgoing import place, published, read, recorded, relaying, running
from tests.kafka.test_relay import orders

LARGEST = 2**48 - 1
MOST_METADATA = 4096
"""Kafka's own limit (offset.metadata.max.bytes)."""


@pytest.mark.parametrize(("lane", "lanes"), [(0, 1), (3, 4), (255, 256)])
def test_places_fit_into_the_metadata_of_an_offset(lane: int, lanes: int) -> None:
    places = {one: Place(LARGEST, LARGEST - one) for one in range(lane, PARTITIONS, lanes)}
    metadata = told(Vector(lanes, places))
    assert len(metadata) <= MOST_METADATA
    assert understood(lane, metadata) == Vector(lanes, places)


@pytest.mark.parametrize("metadata", ["", "4", "4 !!", "4 0000", "x 00000"])
def test_metadata_of_others_are_refused(metadata: str) -> None:
    with pytest.raises(Corrupt, match="relay lane 3: its offset in Kafka has no positions"):
        understood(3, metadata)


AT = Place(10, 2)
AHEAD = Place(12, 2)


@pytest.mark.parametrize(
    ("kafka", "certain", "intent", "is_at"),
    [
        (AT, AT, AT, AT),
        (AHEAD, AT, AHEAD, AHEAD),  # committed, and the word of it lost
        (AT, AT, AHEAD, AT),  # not committed
        (Place(8, 1), AT, AT, AT),  # of another number of lanes, or lost by Kafka
        (None, AT, AT, AT),  # forgotten, and known all the same
    ],
)
def test_the_highest_place_wins(
    kafka: Place | None, certain: Place, intent: Place, is_at: Place
) -> None:
    found = None if kafka is None else Vector(4, {7: kafka})
    assert settled(3, found, {7: Standing(certain, intent)}) == {7: is_at}


def test_what_nobody_knows_stops_the_lane() -> None:
    with pytest.raises(Corrupt, match=r"has forgotten its offset, .* `villkor relay reset 3`"):
        settled(3, None, {7: Standing(AT, AHEAD)})


@pytest.mark.parametrize("kafka", [AHEAD, Place(10, 3)])
def test_kafka_ahead_of_the_log_stops_the_lane(kafka: Place) -> None:
    with pytest.raises(Corrupt, match="was the database restored"):
        settled(3, Vector(4, {7: kafka}), {7: Standing(AT, AT)})


# -- on the real broker ----------------------------------------------------------------------------


async def forget(bench: Bench) -> None:
    """What Kafka does with the offsets of idle groups: here under another name for all of them."""
    await bench.store.pool.execute("update installation set id = $1", uuid4())


async def test_an_expired_offset_does_not_mean_zero(bench: Bench, app: App) -> None:
    await app.handle(orders(20))
    async with relaying(bench, app):
        await published(bench)
        with pytest.raises(Guarded, match="relay lane 0 knows how far it came"):
            await reset(Kafka(bench.broker.bootstrap), bench.store.pool, 0, bench.out.positions)
    await forget(bench)
    async with relaying(bench, app) as again:
        await running(again)
        await app.handle(orders(5, "B"))
        await published(bench)


async def test_where_nobody_knows_the_lane_stops_until_a_person_says_what_to_do(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction was begun, and Kafka has forgotten how it ended."""
    monkeypatch.setattr(relay, "LOOK_AGAIN_SECONDS", 1.0)
    await app.handle(orders(20))
    async with relaying(bench, app):
        await published(bench)
    await forget(bench)
    await bench.store.pool.execute("update relay set intent = position + 3 where partition % 4 = 1")
    async with relaying(bench, app) as stopped:
        await until(lambda: bool(stopped.lanes) and "has forgotten" in stopped.lanes[1].trouble)
        await until(lambda: stopped.lanes[0].running)
        assert not stopped.lanes[1].running
        await app.handle(orders(20, "B"))
        others = {one for one in await recorded(bench) if one[0] % 4 != 1}

        async def others_go_on() -> bool:
            return others <= set(map(place, await read(bench, bench.out.outcomes)))

        await until(others_go_on)
        await reset(Kafka(bench.broker.bootstrap), bench.store.pool, 1, bench.out.positions)
        await published(bench)


async def test_a_lane_that_is_in_the_way_of_its_reset_was_helped_all_the_same(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks by itself after Postgres was told where it begins, and before Kafka is."""
    await app.handle(orders(20))
    async with relaying(bench, app):
        await published(bench)
    await forget(bench)
    await bench.store.pool.execute("update relay set intent = position + 3 where partition % 4 = 1")

    async def fenced(*given: object) -> None:
        raise ProducerFenced

    monkeypatch.setattr(relay_reset, "mark", fenced)
    await reset(Kafka(bench.broker.bootstrap), bench.store.pool, 1, bench.out.positions)
    await app.handle(orders(5, "B"))
    async with relaying(bench, app):
        await published(bench)


async def test_a_restored_database_stops_its_lanes_and_may_publish_again(
    bench: Bench, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "LOOK_AGAIN_SECONDS", 1.0)
    await app.handle(orders(20))
    async with relaying(bench, app):
        before = await published(bench)
    await bench.store.pool.execute("update relay set position = 0, intent = 0")
    async with relaying(bench, app) as stopped:
        await until(lambda: len(stopped.lanes) == 4)
        await until(lambda: all("restored" in one.trouble for one in stopped.lanes.values()))
        assert len(await read(bench, bench.out.outcomes)) == len(before)
        for lane in range(4):
            await reset(Kafka(bench.broker.bootstrap), bench.store.pool, lane, bench.out.positions)

        async def again() -> bool:
            return len(await read(bench, bench.out.outcomes)) == 2 * len(before)

        await until(again)


async def test_a_lane_that_is_not_there_cannot_be_reset(bench: Bench) -> None:
    kafka = Kafka(bench.broker.bootstrap)
    with pytest.raises(VillkorError, match="there is no relay lane 0: there are 0"):
        await reset(kafka, bench.store.pool, 0, bench.out.positions)
