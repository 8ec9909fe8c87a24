"""A real broker for the session, and a fresh topic of facts for each test."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from adapters.kafka.clients import Kafka
from adapters.kafka.topics import administrator, ensure, facts_topic
from adapters.postgres.store import Store
from tests.kafka.broker import Broker, RunningBroker, running_broker
from tests.kafka.bench import Bench, out_of


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker | RunningBroker]:
    one = running_broker(tmp_path_factory.mktemp("kafka"))
    yield one
    if isinstance(one, Broker):
        one.stop()


@pytest.fixture
async def bench(
    broker: Broker | RunningBroker, database: str, store: Store
) -> AsyncIterator[Bench]:
    """A topic of four partitions, a database, and what tells facts and looks at them."""
    topic = f"facts-{uuid4().hex[:8]}"
    async with administrator(Kafka(broker.bootstrap)) as admin:
        await ensure(admin, [facts_topic(4, topic), *out_of(topic).topics(4)])
    one = Bench(broker, topic, database, store)
    yield one
    await one.close()
