"""Facts over HTTP where there is Kafka: they go the road of all facts, and are asked after."""

import json

from adapters.access import Role
from adapters.http.desk import Desk
from adapters.http.destinations import ToKafka
from adapters.kafka.clients import Kafka
from tests.asked import client, desk_on
from tests.facts import life
from tests.kafka.bench import Bench

BATCH = {"content-type": "application/cloudevents-batch+json", "prefer": "wait=30"}


def through_kafka(desk: Desk, to_kafka: ToKafka) -> Desk:
    return Desk(desk.reader, desk.session, to_kafka.tell)


async def test_facts_go_to_their_topic_and_their_outcomes_are_heard(bench: Bench) -> None:
    """Keyed by their order: its worker takes them at once, and none has to go round."""
    to_kafka = ToKafka(Kafka(bench.broker.bootstrap), facts=bench.topic)
    facts = [json.loads(one.value) for at in range(5) for one in life("allectra", f"A-{at}")]
    async with (
        desk_on(bench.database) as desk, bench.working(),
        client(through_kafka(desk, to_kafka), Role.OPERATOR) as operator,
    ):  # fmt: skip
        told = await operator.post("/v1/facts", json=facts, headers=BATCH)
    await to_kafka.close()
    assert told.status_code == 200, told.text
    assert [one["state"] for one in told.json()["facts"]] == ["decided"] * len(facts)
    kinds = {event["type"] for one in told.json()["facts"] for event in one["outcomes"]}
    assert {"FeeRaised", "DeadlineSet", "Ruling"} <= kinds
    sql = "select count(*) from events where source = '/test/allectra'"
    assert await bench.store.pool.fetchval(sql) == len(facts)
