"""Facts a second through `App.handle`, beside the eventsourcing package's own command cycle.

    python tests/benchmarks/road.py [ORDERS]

Same facts, same Postgres, one run, so that the ratio means something on any machine. Under it the
microseconds of each stage a fact, and the rows written a fact.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import asyncpg
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

import adapters.app
import adapters.lane
from adapters.app import App
from adapters.clock import Clock
from adapters.inbox import drain
from adapters.ingest import BATCH
from adapters.log import configure
from adapters.messages import Message
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.seal import Sealing
from adapters.terms import book
from deploy.demo.generate import SHOPS, story
from domain.order import Order

PACKAGE_ORDERS = 250
"""So many orders' whole lives are told to the package, which takes its time."""
ROUNDS = 3


def traffic(orders: int) -> list[Message]:
    """The demo's lives at any size, orders interleaved as they would be told."""
    r = random.Random(1)
    told = []
    for number in range(orders):
        life = story(SHOPS[number % len(SHOPS)], 1000 + number // len(SHOPS), r)
        told += [json.dumps(fact, ensure_ascii=False).encode() for fact in life.told]
    keyed = sorted(enumerate(told), key=lambda one: one[0] % 997)
    return [Message(value, f"bench:{number}") for number, value in keyed]


def whole_lives(messages: list[Message], orders: int) -> list[Message]:
    """All facts of the first so many orders, in the order in which they are told."""
    subjects = [json.loads(one.value)["subject"] for one in messages]
    wanted = set(list(dict.fromkeys(subjects))[:orders])
    return [one for one, subject in zip(messages, subjects, strict=True) if subject in wanted]


class Stages:
    """Seconds spent in each stage; what a stage calls of another counts for the other only."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self.inner = 0.0

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            outer, self.inner, start = self.inner, 0.0, perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                took = perf_counter() - start
                self.spent[name] = self.spent.get(name, 0.0) + took - self.inner
                self.inner = outer + took

        return run

    @contextmanager
    def watching(self) -> Iterator[None]:
        watched: list[tuple[Any, str, str]] = [
            (adapters.app, "understand", "decode"),
            (adapters.lane, "tell", "decide"),
            (Order, "tell", "take"),
            (adapters.lane, "encode", "encode"),
            (Sealing, "seal", "encode"),
            (adapters.lane, "fold_events", "project"),
        ]
        originals = [(owner, name, getattr(owner, name)) for owner, name, _ in watched]
        for owner, name, stage in watched:
            setattr(owner, name, self.timed(stage, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, original in originals:
                setattr(owner, name, original)


async def fresh(dsn: str, name: str) -> str:
    """An empty database of the server."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(f'drop database if exists "{name}"')
    await connection.execute(f'create database "{name}"')
    await connection.close()
    head, _, query = dsn.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")


async def ours(dsn: str, messages: list[Message]) -> tuple[float, int]:
    """Seconds for all facts, and the rows that were written."""
    await migrate(dsn)
    store = await Store.open(dsn)
    app = await App.start(store, book(), "bench", Clock())
    await app.claim()
    start = perf_counter()
    for at in range(0, len(messages), BATCH):
        await app.handle(messages[at : at + BATCH])
        await drain(app)
    took = perf_counter() - start
    await app.release()
    rows = 0
    for table in ("events", "timeline", "postings", "deadlines", "orders", "parcels", "timers"):
        rows += await store.pool.fetchval(f"select count(*) from {table}")
    await store.close()
    return took, rows


class PackageOrder(Aggregate):
    """The same facts as events of the package's own aggregate, deciding nothing."""

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


def theirs(dsn: str, messages: list[Message]) -> float:
    """Seconds for the package's command cycle: get, one event, save, for each fact."""
    at = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    application: Application[Any] = Application(
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": at["dbname"],
            "POSTGRES_HOST": at["host"],
            "POSTGRES_PORT": at.get("port", "5432"),
            "POSTGRES_USER": at["user"],
            "POSTGRES_PASSWORD": at.get("password", ""),
        }
    )
    start = perf_counter()
    for message in messages:
        fact = json.loads(message.value)
        key = f"{fact['seller']}/{fact['subject']}"
        try:
            order: Any = application.repository.get(PackageOrder.create_id(key))
        except AggregateNotFoundError:
            order = PackageOrder(key)
        order.tell(message.value.decode())
        application.save(order)
    took = perf_counter() - start
    application.close()
    return took


async def main(orders: int) -> None:
    configure("console:warning")
    messages = traffic(orders)
    stages = Stages()
    with tempfile.TemporaryDirectory() as home:
        async with embedded(Path(home)) as dsn:
            rates, rows = [], 0
            for number in range(ROUNDS):
                name = await fresh(dsn, f"ours{number}")
                took, rows = await ours(name, messages)
                rates.append(len(messages) / took)
            with stages.watching():
                await ours(await fresh(dsn, "staged"), messages)
            few = whole_lives(messages, PACKAGE_ORDERS)
            theirs_took = await asyncio.to_thread(theirs, await fresh(dsn, "theirs"), few)
    rate, package = sorted(rates)[ROUNDS // 2], len(few) / theirs_took
    print(f"{len(messages)} facts of {orders} orders, {os.cpu_count()} cores")
    print(
        f"villkor                {rate:8.0f} facts/s  "
        f"(rounds: {', '.join(f'{one:.0f}' for one in rates)})"
    )
    print(f"eventsourcing package  {package:8.0f} facts/s  (get, one event, save; decides nothing)")
    print(f"ratio                  {rate / package:8.1f}")
    for stage, spent in stages.spent.items():
        print(f"  {stage:10} {1e6 * spent / len(messages):7.1f} µs a fact")
    other = 1e6 / rate - 1e6 * sum(stages.spent.values()) / len(messages)
    print(
        f"  {'write':10} {other:7.1f} µs a fact (the rest of the wall clock: Postgres and waiting)"
    )
    print(f"  {rows / len(messages):.1f} rows a fact")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000))
