"""The eventsourcing package on its own psycopg recorder: told the same facts, deciding nothing."""

import json
from collections.abc import Sequence
from itertools import islice
from time import perf_counter
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from adapters.messages import Message
from tests.benchmarks.apart import Start
from tests.benchmarks.facts import interleaved

GOTTEN = 300
"""Orders that are got, each once."""
AT_ONCE = 100
"""Facts in a batch: in larger ones its pipeline may wait for ever."""
LONG = 7
"""Facts of an order, about."""


class PackageOrder(Aggregate):
    """The facts as events of the package's own aggregate."""

    @event("Started")
    def __init__(self, key: str) -> None:
        self.key = key
        self.told = 0

    @staticmethod
    def create_id(key: str) -> Any:
        return uuid5(NAMESPACE_URL, key)

    @event("Told")
    def tell(self, data: str) -> None:
        self.told += 1


def lives(facts: int) -> list[Message]:
    """So many facts of whole lives, many orders at a time."""
    return list(islice(interleaved(range(1 + facts // LONG * 2), 1 + facts // LONG // 2), facts))


def application(dsn: str) -> Application[Any]:
    at = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    return Application(
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": at["dbname"],
            "POSTGRES_HOST": at["host"],
            "POSTGRES_PORT": at.get("port", "5432"),
            "POSTGRES_USER": at["user"],
            "POSTGRES_PASSWORD": at.get("password", ""),
        }
    )


async def cycle(start: Start, dsn: str, facts: int) -> float:
    """Facts a second of its command cycle: get, one event, save."""
    with application(dsn) as app:
        messages = lives(facts + 1)
        _tell(app, messages[:1])
        start()
        begun = perf_counter()
        for message in messages[1:]:
            _tell(app, [message])
        return facts / (perf_counter() - begun)


async def batches(start: Start, dsn: str, facts: int) -> float:
    """The same in batches: each order got once, told all, and all of them saved in one go."""
    with application(dsn) as app:
        messages = lives(facts + 1)
        _tell(app, messages[:1])
        start()
        begun = perf_counter()
        for at in range(1, len(messages), AT_ONCE):
            _tell(app, messages[at : at + AT_ONCE])
        return facts / (perf_counter() - begun)


def _tell(app: Application[Any], messages: Sequence[Message]) -> None:
    orders: dict[str, Any] = {}
    for message in messages:
        fact = json.loads(message.value)
        key = f"{fact['seller']}/{fact['subject']}"
        if (order := orders.get(key)) is None:
            try:
                order = app.repository.get(PackageOrder.create_id(key))
            except AggregateNotFoundError:
                order = PackageOrder(key)
            orders[key] = order
        order.tell(message.value.decode())
    app.save(*orders.values())


async def gets(start: Start, dsn: str, events: int) -> float:
    """Events a second of `repository.get`, of orders with so many events."""
    with application(dsn) as app:
        told = [one.value.decode() for one in lives(events - 1)]
        for number in range(GOTTEN):
            order = PackageOrder(f"seller/{number}")
            for one in told:
                order.tell(one)
            app.save(order)
        start()
        begun = perf_counter()
        for number in range(GOTTEN):
            app.repository.get(PackageOrder.create_id(f"seller/{number}"))
        return GOTTEN * events / (perf_counter() - begun)
