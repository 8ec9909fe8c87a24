"""`villkor topics create`: what it makes, what it says of what is there, what it refuses."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from adapters.kafka import topics
from adapters.kafka.clients import Kafka
from adapters.kafka.topics import administrator, check_facts, create, ensure, facts_topic
from adapters.settings import Settings
from domain.errors import Guarded, VillkorError
from tests.kafka.bench import until
from tests.kafka.broker import Broker, RunningBroker


@pytest.fixture
async def admin(broker: Broker | RunningBroker) -> AsyncIterator[AIOKafkaAdminClient]:
    async with administrator(Kafka(broker.bootstrap)) as one:
        yield one


@pytest.fixture
def name() -> str:
    return f"facts-{uuid4().hex[:8]}"


async def made(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    """Somebody else's topic, once the broker knows it."""
    await admin.create_topics([topic])

    async def known() -> bool:
        return topic.name in await admin.list_topics()

    await until(known)


@pytest.mark.parametrize("partitions", [1, 2, 8, 64, 256])
def test_facts_have_equal_shares_of_the_log(partitions: int) -> None:
    assert facts_topic(partitions).partitions == partitions


@pytest.mark.parametrize(
    ("partitions", "sentence"),
    [
        (12, "villkor.facts cannot have 12 partitions: .* 256 = 21 x 12 \\+ 4"),
        (512, "256 = 0 x 512 \\+ 256"),
        (0, "there must be one at least"),
    ],
)
def test_other_numbers_are_refused_with_the_arithmetic(partitions: int, sentence: str) -> None:
    with pytest.raises(Guarded, match=sentence):
        facts_topic(partitions)


async def test_topics_are_created_once_and_checked_from_then_on(
    broker: Broker | RunningBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for constant in ("FACTS", "OUTCOMES", "DEAD_LETTERS", "POSITIONS", "HEADS"):
        monkeypatch.setattr(topics, constant, f"{constant.lower()}-{uuid4().hex[:8]}")
    raw = topics.source_topics(f"t{uuid4().hex[:8]}")
    monkeypatch.setattr(topics, "source_topics", lambda: raw)
    settings = Settings(tmp_path, kafka=broker.bootstrap)
    first, second = await create(settings), await create(settings)
    assert [said.split(" ", 1)[1] for said in first] == [
        *["created with 8 partitions"] * 3, *["created with 1 partitions"] * 2,
        *["created with 4 partitions"] * len(raw),
    ]  # fmt: skip
    assert len(second) == len(first)
    assert [one for one in second if not one.endswith("is as it should be")] == []


async def test_facts_are_stamped_by_the_broker(admin: AIOKafkaAdminClient, name: str) -> None:
    await ensure(admin, [facts_topic(2, name)])
    assert await check_facts(admin, name) == 2


async def test_a_difference_is_said_in_words(admin: AIOKafkaAdminClient, name: str) -> None:
    await made(admin, NewTopic(name, 2, 1, topic_configs={"retention.ms": "1000"}))
    said = await ensure(admin, [facts_topic(4, name)])
    assert said == [
        f"{name} has 2 partitions, not 4: it stays so, since with another number facts would find"
        " other writers",
        f"{name} has retention.ms=1000, not 2592000000: alter it with kafka-configs --alter"
        f" --topic {name} --add-config retention.ms=2592000000",
        f"{name} has message.timestamp.type=CreateTime, not LogAppendTime: alter it with"
        f" kafka-configs --alter --topic {name} --add-config message.timestamp.type=LogAppendTime",
    ]


async def test_facts_that_carry_their_producers_clock_are_not_read(
    admin: AIOKafkaAdminClient, name: str
) -> None:
    await made(admin, NewTopic(name, 2, 1))
    with pytest.raises(Guarded, match=r"message\.timestamp\.type=CreateTime"):
        await check_facts(admin, name)


async def test_facts_in_unequal_shares_are_not_read(admin: AIOKafkaAdminClient, name: str) -> None:
    await made(admin, NewTopic(name, 3, 1))
    with pytest.raises(Guarded, match="256 = 85 x 3"):
        await ensure(admin, [facts_topic(8, name)])


async def test_a_topic_that_is_missing_says_what_makes_it(admin: AIOKafkaAdminClient) -> None:
    with pytest.raises(VillkorError, match="`villkor topics create` makes it"):
        await check_facts(admin, "nowhere")


async def test_without_kafka_the_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(VillkorError, match="VILLKOR_KAFKA is not set"):
        await create(Settings(tmp_path))
