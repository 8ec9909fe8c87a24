"""`villkor relay`: outcomes of a period once more, and lanes that begin again."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.app import App
from adapters.kafka.clients import Kafka
from adapters.kafka.outcomes import TYPES, Mode
from adapters.kafka.relay_replay import Period, replay
from adapters.kafka.topics import Topic, administrator, ensure
from domain.calendar import moment
from domain.errors import Guarded, VillkorError
from tests.facts import life
from tests.kafka.bench import Bench
from tests.kafka.outgoing import in_order, place, published, read, relaying
from tests.kafka.test_cli import villkor
from tests.kafka.test_relay import orders

START, MIDDLE, END = map(moment, ("2024-03-01T00:00Z", "2024-03-10T00:00Z", "2025-01-01T00:00Z"))
OF_A_PERIOD = """
    select partition, position from events
    where type = any($1) and recorded_at >= $2 and recorded_at < $3 and seller = $4
    order by 1, 2
"""


@pytest.fixture
async def topic(bench: Bench) -> str:
    """The topic of a new consumer."""
    name = f"again-{uuid4().hex[:8]}"
    async with administrator(Kafka(bench.broker.bootstrap)) as admin:
        await ensure(admin, [Topic(name, 3)])
    return name


@pytest.mark.parametrize("mode", ["structured", "binary"])
async def test_a_period_is_replayed_and_marked_and_the_live_position_stays(
    bench: Bench, app: App, topic: str, mode: Mode
) -> None:
    await app.handle([*orders(20), *life("gandalf", "G-1")])
    async with relaying(bench, app):
        live = await published(bench)
    before = await bench.store.pool.fetch("select * from relay")
    kafka = Kafka(bench.broker.bootstrap)
    period = Period(START, MIDDLE, "allectra")
    run, count = await replay(kafka, bench.store.pool, period, topic, mode)
    found = await read(bench, topic)
    wanted = await bench.store.pool.fetch(OF_A_PERIOD, sorted(TYPES), START, MIDDLE, "allectra")
    assert sorted(map(place, found)) == [tuple(row) for row in wanted]
    assert 0 < count == len(found) < len(live)
    in_order(found)
    for one in found:
        headers = dict(one.headers)
        assert headers["villkor-replay"].decode() == run
        attribute = headers["ce_replay"].decode() if mode == "binary" else (
            json.loads(one.value)["replay"]
        )  # fmt: skip
        assert attribute == run
    assert await bench.store.pool.fetch("select * from relay") == before
    async with relaying(bench, app):
        assert len(await published(bench)) == len(live)


async def test_the_end_of_a_period_is_not_in_it(bench: Bench, app: App, topic: str) -> None:
    await app.handle(orders(5))
    kafka, pool = Kafka(bench.broker.bootstrap), bench.store.pool
    counts = [
        (await replay(kafka, pool, Period(*period), topic, "structured"))[1]
        for period in ((START, MIDDLE), (MIDDLE, END), (START, END), (MIDDLE, MIDDLE))
    ]
    assert counts[0] + counts[1] == counts[2] > 0
    assert counts[3] == 0


@pytest.mark.parametrize("live", ["villkor.outcomes", "villkor.facts", "villkor.dead-letters",
                                  "villkor.carrier.ups"])  # fmt: skip
async def test_live_topics_are_refused(bench: Bench, live: str) -> None:
    kafka = Kafka(bench.broker.bootstrap)
    with pytest.raises(Guarded, match=f"{live} is live"):
        await replay(kafka, bench.store.pool, Period(START, END), live, "structured")


async def test_a_topic_that_is_not_there_is_named(bench: Bench) -> None:
    kafka = Kafka(bench.broker.bootstrap)
    with pytest.raises(VillkorError, match="there is no topic nowhere; create it"):
        await replay(kafka, bench.store.pool, Period(START, END), "nowhere", "structured")


async def test_the_command_says_how_many_went_where(
    bench: Bench, app: App, topic: str, tmp_path: Path
) -> None:
    await app.handle(orders(3))
    settings = {
        "VILLKOR_HOME": str(tmp_path), "VILLKOR_DATABASE": bench.database,
        "VILLKOR_KAFKA": bench.broker.bootstrap,
    }  # fmt: skip
    asked = ["--from", "2024-03-01", "--to", "2025-01-01T00:00:00Z", "--topic", topic, "--json"]
    command = villkor("relay", "replay", *asked, **settings)
    said, talk = await asyncio.to_thread(command.communicate)
    assert command.returncode == 0, talk
    told = json.loads(said)
    assert told["topic"] == topic
    assert told["outcomes"] == len(await read(bench, topic)) > 0
    command = villkor("relay", "reset", "7", **settings)
    _, talk = await asyncio.to_thread(command.communicate)
    assert (command.returncode, talk) == (
        1,
        "villkor: there is no relay lane 7: there are 0, from 0 on\n",
    )
