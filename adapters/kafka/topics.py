"""Kafka's topics: their names and settings, and how they are created and checked."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from adapters.carriers import FAMILY
from adapters.kafka.clients import Kafka
from adapters.partitions import PARTITIONS
from adapters.settings import Settings
from adapters.shops import SHOPS
from domain.errors import Guarded, VillkorError

PREFIX = "villkor"
FACTS, OUTCOMES, DEAD_LETTERS = "villkor.facts", "villkor.outcomes", "villkor.dead-letters"
POSITIONS = "villkor.positions"
"""Nobody writes it: its offsets say how far outcomes were published."""
HEADS = "villkor.heads"
"""The latest chain head of each of the log's partitions (adapters/heads.py)."""
DEFAULT_PARTITIONS = 8
SOURCE_PARTITIONS = 4

# Longer than any outage: what was read is in Postgres, which is the record.
RETENTION = {"cleanup.policy": "delete", "retention.ms": str(30 * 24 * 3600 * 1000)}
# Recorded time is when the broker had a fact, whatever its producer's clock said.
RECORDED = {"message.timestamp.type": "LogAppendTime"}
# A message of Kafka's usual limit, and the headers that say why it was parked.
ROOM = {"max.message.bytes": str(2 * 1024 * 1024)}
LATEST = {"cleanup.policy": "compact"}
REPLICAS, REPLICAS_IN_SYNC = 3, 2
LOOKS, LOOK_SECONDS = 100, 0.1


@dataclass(slots=True, frozen=True)
class Topic:
    """What a topic should be like; each setting is Kafka's own name and value."""

    name: str
    partitions: int = DEFAULT_PARTITIONS
    settings: dict[str, str] = field(default_factory=lambda: dict(RETENTION))


@dataclass(slots=True, frozen=True)
class Out:
    """The topics of what goes out."""

    outcomes: str = OUTCOMES
    dead_letters: str = DEAD_LETTERS
    positions: str = POSITIONS

    def topics(self, partitions: int = DEFAULT_PARTITIONS) -> tuple[Topic, ...]:
        """What they should be like."""
        return (
            Topic(self.outcomes, partitions),
            Topic(self.dead_letters, partitions, RETENTION | ROOM),
            Topic(self.positions, 1),
        )


def facts_topic(partitions: int = DEFAULT_PARTITIONS, name: str = FACTS) -> Topic:
    """The topic of facts. Raises Guarded unless the number of partitions divides the log's."""
    whole_shares(name, partitions)
    return Topic(name, partitions, RETENTION | RECORDED)


def heads_topic(name: str = HEADS) -> Topic:
    """The topic of chain heads."""
    return Topic(name, 1, dict(LATEST))


def source_topics(prefix: str = PREFIX) -> tuple[Topic, ...]:
    """The topics of raw bodies, one for each carrier and shop system that is understood here."""
    kinds = {"carrier": FAMILY, "shop": SHOPS}
    return tuple(
        Topic(f"{prefix}.{kind}.{name}", SOURCE_PARTITIONS)
        for kind, names in kinds.items()
        for name in names
    )


def whole_shares(name: str, partitions: int) -> None:
    """Raises Guarded where the partitions of a topic of facts are not equal shares of the log's."""
    if partitions < 1 or PARTITIONS % partitions:
        sum_ = (
            "there must be one at least" if partitions < 1
            else f"{PARTITIONS} = {PARTITIONS // partitions} x {partitions}"
                 f" + {PARTITIONS % partitions}"
        )  # fmt: skip
        raise Guarded(
            f"{name} cannot have {partitions} partitions: they must share out the log's"
            f" {PARTITIONS} evenly, and {sum_}; take 8, 16, 32 or another power of two"
        )


async def create(settings: Settings, partitions: int = DEFAULT_PARTITIONS) -> list[str]:
    """Create the topics that are missing and check the others; what was found, in words.

    Raises Guarded for a number of partitions that cannot be, VillkorError where Kafka refuses.
    """
    out = Out(OUTCOMES, DEAD_LETTERS, POSITIONS)
    topics = (
        facts_topic(partitions, FACTS), *out.topics(partitions), heads_topic(HEADS),
        *source_topics(),
    )  # fmt: skip
    async with administrator(Kafka.of(settings)) as admin:
        return await ensure(admin, topics)


async def ensure(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    """Create or check each of these topics; a sentence or more a topic."""
    there = set(await admin.list_topics())
    brokers = len((await admin.describe_cluster())["brokers"])
    said = []
    for topic in topics:
        created = topic.name not in there and await _create(admin, topic, min(brokers, REPLICAS))
        await _until_known(admin, topic.name)
        if created:
            said.append(f"{topic.name} created with {topic.partitions} partitions")
        else:
            said += await differences(admin, topic) or [f"{topic.name} is as it should be"]
    return said


async def _until_known(admin: AIOKafkaAdminClient, name: str) -> None:
    """Wait until the brokers know what the controller created a moment ago."""
    for _ in range(LOOKS):
        if name in await admin.list_topics():
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise VillkorError(f"{name} was created, but the brokers do not know it yet; try once more")


async def _create(admin: AIOKafkaAdminClient, topic: Topic, replicas: int) -> bool:
    """Create a topic; False where somebody else has. Raises VillkorError where Kafka refuses."""
    settings = dict(topic.settings)
    if replicas == REPLICAS:
        settings["min.insync.replicas"] = str(REPLICAS_IN_SYNC)
    new = NewTopic(topic.name, topic.partitions, replicas, topic_configs=settings)
    answer = await admin.create_topics([new])
    ((_, code, why),) = answer.topic_errors
    if code not in (0, TopicAlreadyExistsError.errno):
        raise VillkorError(f"{topic.name} was not created: {why or for_code(code).description}")
    return bool(code == 0)


async def differences(admin: AIOKafkaAdminClient, topic: Topic) -> list[str]:
    """How a topic differs from what it should be, in words, with what to do about it.

    Raises Guarded where the partitions of facts are no equal shares of the log's.
    """
    partitions = await partitions_of(admin, topic.name)
    said = []
    if RECORDED.items() <= topic.settings.items():
        whole_shares(topic.name, partitions)
    if partitions != topic.partitions:
        said.append(
            f"{topic.name} has {partitions} partitions, not {topic.partitions}: it stays so,"
            " since with another number facts would find other writers"
        )
    actual = await _settings_of(admin, topic.name)
    for setting, wanted in topic.settings.items():
        if actual.get(setting) != wanted:
            said.append(
                f"{topic.name} has {setting}={actual.get(setting)}, not {wanted}: alter it with"
                f" kafka-configs --alter --topic {topic.name} --add-config {setting}={wanted}"
            )
    return said


async def partitions_of(admin: AIOKafkaAdminClient, name: str) -> int:
    """How many partitions a topic has. Raises VillkorError where there is no such topic."""
    if name not in await admin.list_topics():
        raise VillkorError(f"there is no topic {name}; `villkor topics create` makes it")
    described = await admin.describe_topics([name])
    return len(described[0]["partitions"])


async def check_facts(admin: AIOKafkaAdminClient, name: str) -> int:
    """The partitions of a topic of facts, once it is fit to be read.

    Raises VillkorError where it is missing, Guarded where its settings would make facts wrong.
    """
    partitions = await partitions_of(admin, name)
    wanted = Topic(name, partitions, RECORDED)
    if found := await differences(admin, wanted):
        raise Guarded("; ".join(found))
    return partitions


async def _settings_of(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    ((_, _, _, _, entries),) = answer.resources
    return {entry[0]: entry[1] for entry in entries}


@asynccontextmanager
async def administrator(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that administers. Raises VillkorError where Kafka does not answer."""
    admin = kafka.admin()
    try:
        await admin.start()
        yield admin
    except KafkaConnectionError as error:
        raise VillkorError(
            f"Kafka at {kafka.bootstrap} does not answer; is it running, and are VILLKOR_KAFKA"
            " and what it says of security right?"
        ) from error
    except KafkaError as error:
        raise VillkorError(f"Kafka at {kafka.bootstrap}: {error}") from error
    finally:
        await admin.close()
