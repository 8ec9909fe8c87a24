"""Chain heads go to a file and a topic while a worker works; failing to write them stops nobody."""

from pathlib import Path
from uuid import uuid4

from adapters.heads import against, in_file
from adapters.kafka.clients import Kafka
from adapters.kafka.heads import Heads, on_topic
from adapters.kafka.topics import administrator, ensure, heads_topic
from adapters.metrics import Metrics
from adapters.settings import Settings
from tests.facts import life
from tests.kafka.bench import Bench, until

EVERY = 0.1


async def topic_of_heads(bench: Bench) -> str:
    name = f"heads-{uuid4().hex[:8]}"
    async with administrator(Kafka(bench.broker.bootstrap)) as admin:
        await ensure(admin, [heads_topic(name)])
    return name


async def test_heads_are_written_where_they_moved_and_fit_the_log(
    bench: Bench, tmp_path: Path
) -> None:
    topic, path = await topic_of_heads(bench), tmp_path / "heads"
    heads = Heads(Metrics(), path, topic, EVERY)
    ends = "select max(position) from events where partition = $1"

    async def written() -> bool:
        rows = list(in_file(path)) if path.exists() else []
        latest = {one.partition: one.position for one in rows}
        return bool(latest) and all(
            [await bench.store.pool.fetchval(ends, one) == end for one, end in latest.items()]
        )

    async with bench.working(heads=heads):
        await bench.tell(life("allectra", "A-1"))
        await bench.has(len(life("allectra", "A-1")))
        await until(written, what="heads of what was told")
        first = len(list(in_file(path)))
        await bench.tell(life("netzilla", "N-1"))
        await bench.has(2 * len(life("allectra", "A-1")))
        await until(lambda: len(list(in_file(path))) > first, what="heads of what moved")
        await until(written)
    assert await against(bench.store, in_file(path)) == []
    latest = {one.partition: one for one in in_file(path)}
    settings = Settings(tmp_path, kafka=bench.broker.bootstrap)
    on_kafka = {one.partition: one for one in await on_topic(settings, topic)}
    assert on_kafka == latest
    await bench.store.pool.execute("delete from events")
    assert len(await against(bench.store, on_kafka.values())) == len(on_kafka)


async def test_heads_that_cannot_be_written_are_counted_and_stop_nobody(
    bench: Bench, tmp_path: Path
) -> None:
    metrics = Metrics()
    heads = Heads(metrics, tmp_path / "nowhere" / "heads", "heads-unused", EVERY)
    failed = metrics.heads.labels("failed")
    async with bench.working(heads=heads):
        await bench.tell(life("allectra", "A-1"))
        await until(lambda: failed._value.get() > 1, what="heads fail to be written")
        await bench.tell(life("netzilla", "N-1"))
        await bench.has(2 * len(life("allectra", "A-1")))
