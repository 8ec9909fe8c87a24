"""The end of a run: what must hold of log, topics and read models, each finding as a sentence."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from aiokafka.structs import ConsumerRecord

from adapters.kafka.outcomes import TYPES, encoded
from adapters.kafka.topics import DEAD_LETTERS, OUTCOMES
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.rebuild import check
from adapters.terms import book
from adapters.verify import verify
from domain.outcomes import OUTCOMES as KINDS
from tests.chaos.oracle import differences
from tests.chaos.seen import Seen
from tests.chaos.told import END, Telling

SHOWN = 5
FACTS_IN_LOG = """
    select seller, order_id, source, id, count(*) from events
    where source <> 'villkor:streams' group by 1, 2, 3, 4
"""
GONE = frozenset(kind.names[2] for kind in KINDS)
HISTORY = ("version", "cause", "change", "before", "rules")
"""What in the data of an outcome says how it came to stand, and not what stands."""
Findings = dict[str, list[str]]
"""By check; one that found nothing holds."""


async def checks(store: Store, oracle: Store, telling: Telling, seen: Seen) -> Findings:
    """All that must hold, by name."""
    outcomes = await _outcomes(store)
    verified = await verify(store, book())
    return {
        "every fact once in the log": await _facts(store, telling),
        "every outcome once on the topic, in order": _sent(outcomes, seen.records[OUTCOMES]),
        "what stands by the topic is the oracle's": _stands(
            seen.records[OUTCOMES], await _outcomes(oracle)
        ),
        "what stands by the log is the oracle's": await differences(store, oracle),
        "every bad message parked once": await _parked(store, telling, seen),
        "nothing waits": await _waiting(store),
        "ledger 0.00": [f"{verified.ledger_total} öre"] if verified.ledger_total else [],
        "verify": [one.sentence for one in verified.differences],
        "rebuild --check": (await check(store)).differences,
    }


async def _facts(store: Store, telling: Telling) -> list[str]:
    log = {tuple(row)[:4]: row[4] for row in await store.pool.fetch(FACTS_IN_LOG)}
    told = Counter(_name(one.value) for one in telling.facts)
    return _some("lost", told.keys() - log.keys()) + _some(
        "not as often as told", (one for one, count in log.items() if count != told[one])
    )


def _name(value: bytes) -> tuple[str, str, str, str]:
    event = msgspec.json.decode(value)
    return event["seller"], event["subject"], event["source"], event["id"]


async def _outcomes(store: Store) -> list[EventRow]:
    """The outcomes of the log, each partition in its order."""
    found = []
    for partition, *_ in await store.partitions():
        found += [row async for row in store.read_events(partition) if row.type in TYPES]
    return found


def _sent(outcomes: Sequence[EventRow], records: Sequence[ConsumerRecord]) -> list[str]:
    """The log against the topic: the same, each once, an order's in the order of its versions."""
    logged = {(row.partition, row.position): row for row in outcomes}
    topic = Counter(_place(record) for record in records)
    found = _some("in the log and not sent", logged.keys() - topic.keys())
    found += _some("sent and not in the log", topic.keys() - logged.keys())
    found += _some("sent more than once", (one for one, count in topic.items() if count > 1))
    last: dict[int, int] = {}
    other, late = [], []
    for record in records:
        partition, position = place = _place(record)
        if last.get(partition, 0) >= position:
            late.append(place)
        last[partition] = position
        if place in logged and (record.key, record.value) != encoded(logged[place])[:2]:
            other.append(place)
    return found + _some("sent after a later one", late) + _some("sent with other bytes", other)


def _place(record: ConsumerRecord) -> tuple[int, int]:
    headers = dict(record.headers)
    return int(headers["villkor-partition"]), int(headers["villkor-position"])


def _stands(records: Iterable[ConsumerRecord], oracle: Iterable[EventRow]) -> list[str]:
    """Who only folds what the topic says must end where the oracle ends."""
    ours = _folded(record.value for record in records)
    theirs = _folded(encoded(row).value for row in oracle)
    return _some(
        "otherwise", (one for one in ours.keys() | theirs if ours.get(one) != theirs.get(one))
    )


def _folded(values: Iterable[bytes]) -> dict[tuple[str, ...], Any]:
    stands: dict[tuple[str, ...], Any] = {}
    for value in values:
        event = msgspec.json.decode(value)
        data = event["data"]
        place = event["seller"], event["subject"], data["policy"], data["key"]
        if event["type"] in GONE:
            stands.pop(place, None)
        else:
            stands[place] = {name: data[name] for name in data if name not in HISTORY}
    return stands


async def _parked(store: Store, telling: Telling, seen: Seen) -> list[str]:
    told = Counter(set(telling.bad))
    rows = await store.pool.fetch("select value from dead_letters where state = 'parked'")
    found = []
    for where, values in (
        ("Postgres", Counter(bytes(row[0]) for row in rows)),
        ("the topic", Counter(record.value for record in seen.records[DEAD_LETTERS])),
    ):
        found += _some(f"missing in {where}", told - values)
        found += _some(f"too many in {where}", values - told)
    return found


async def _waiting(store: Store) -> list[str]:
    """Nothing is left in the inbox, and nothing was due by the end that did not lapse."""
    inbox = await store.pool.fetchval("select count(*) from inbox")
    due = await store.pool.fetchval("select count(*) from timers where due <= $1", END)
    return [f"{inbox} in the inbox, {due} due"] if inbox or due else []


def _some(what: str, ones: Iterable[Any]) -> list[str]:
    """The first few of what was found, and how many there are."""
    found = sorted(map(str, ones))
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return [f"{what}: {'; '.join(found[:SHOWN])}{more}"] if found else []
