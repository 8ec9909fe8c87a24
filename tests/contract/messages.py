"""Real messages as their readers get them, and the same with one field wrong.

    python -m tests.contract.messages FILE

writes them for `check.mjs`: facts of the demo and of the worked examples, outcomes of the demo.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from adapters.app import App
from adapters.scenarios.check import _split
from adapters.cli.demo import FACTS, NOW
from adapters.clock import Clock
from adapters.ingest import ingest, messages
from adapters.kafka.outcomes import TYPES, Mode, encoded
from adapters.log import configure
from adapters.partitions import PARTITIONS
from adapters.postgres.batch import EventRow
from adapters.postgres.embedded import embedded
from adapters.postgres.migrate import migrate
from adapters.postgres.store import Store
from adapters.terms import book
from tests.adapters.test_schemas import SCENARIOS, Core
from tests.conftest import directory

Event = dict[str, Any]
OF_A_FACT = ("type", "at", "id", "recorded_at", "source")
FACT_HEADERS = {"content-type": "application/cloudevents+json"}
MAPS = ("inputs", "custom_terms")
"""Objects whose fields anybody names."""


# -- real ones --------------------------------------------------------------------------------


def facts() -> list[Event]:
    """Every fact of the demo, and of the worked examples as an order system would tell it."""
    demo = [json.loads(one.value) for one in messages([str(FACTS)])]
    taken = [event for event in demo if event["data"].get("return_cost") != -95.0]
    assert len(demo) - len(taken) == 1, "the demo has one fact that is refused"
    return taken + [fact for file in SCENARIOS for fact in _of_scenarios(file)]


def _of_scenarios(file: Path) -> Iterator[Event]:
    for number, part in enumerate(_split(file.read_text("utf-8"))):
        document = yaml.load(part, Core)
        for one in (document or {}).get("cart") or [document or {}]:
            if "order" in one:
                yield from _of_an_order(one, f"{file.stem}-{number}")


def _of_an_order(one: Event, id: str) -> Iterator[Event]:
    order = one["order"]
    told = [{"type": "OrderPlaced", "at": order.get("placed_at"), **order}]
    told += [{"type": "OrderConfirmed", "at": order.get("confirmed_at")}]
    told += one.get("facts") or []
    for number, fact in enumerate(told):
        if fact["at"] is not None:
            yield {
                "specversion": "1.0", "id": f"{id}/{number}", "source": "/scenarios",
                "type": fact["type"], "seller": order.get("seller", "allectra"), "subject": id,
                "time": fact["at"], "datacontenttype": "application/json",
                "data": {name: value for name, value in fact.items() if name not in OF_A_FACT},
            }  # fmt: skip


async def outcomes_of_the_demo(dsn: str) -> list[EventRow]:
    """Tell the demo to an empty database; its outcomes as they are stored, in the log's order."""
    store = await Store.open(dsn)
    app = await App.start(store, book(), "test", Clock())
    await app.claim()
    await ingest(app, list(messages([str(FACTS)])), NOW)
    await app.release()
    rows = [
        row for partition in range(PARTITIONS) async for row in store.read_events(partition)
        if row.type in TYPES
    ]  # fmt: skip
    await store.close()
    return rows


# -- with one field wrong ---------------------------------------------------------------------


def one_of_a_shape(events: list[Event]) -> list[Event]:
    """Of messages of one type with the same fields, the first."""
    found: dict[tuple[Any, ...], Event] = {}
    for event in events:
        found.setdefault((event["type"], *sorted(map(str, _paths(event)))), event)
    return list(found.values())


def wrong_types(event: Event) -> Iterator[tuple[str, Event]]:
    """The event with each field in turn of a type that nothing here has."""
    for path in _paths(event):
        yield _shown("of another type", path), _with(event, path, _of_another_type)


def unknown_fields(event: Event) -> Iterator[tuple[str, Event]]:
    """The event with one field more in each object of its data."""
    for path in [["data"], *_paths(event)]:
        value = _at(event, path)
        if isinstance(value, dict) and path[-1] not in MAPS and path[0] == "data":
            yield (
                _shown("with a field unknown", path),
                _with(event, path, lambda value: {**value, "unknown": 1}),
            )


def lacking(event: Event, path: list[str | int]) -> Event:
    """The event without one field."""
    changed = deepcopy(event)
    del _at(changed, path[:-1])[path[-1]]
    return changed


def _of_another_type(value: Any) -> Any:
    return 1 if isinstance(value, dict | list) else {"unknown": 1}


def _with(event: Event, path: list[str | int], change: Any) -> Event:
    changed = deepcopy(event)
    _at(changed, path[:-1])[path[-1]] = change(_at(event, path))
    return changed


def _at(event: Any, path: list[str | int]) -> Any:
    for step in path:
        event = event[step]
    return event


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[list[str | int]]:
    """The way to every field, and to the first item of every list."""
    steps: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list) and value:
        steps = [0]
    for step in steps:
        yield [*path, step]
        yield from _paths(value[step], (*path, step))


def _shown(what: str, path: list[str | int]) -> str:
    return f"{'.'.join(map(str, path))} {what}"


# -- for check.mjs ----------------------------------------------------------------------------


def lines(rows: list[EventRow]) -> Iterator[Event]:
    """Facts and outcomes in both modes, then those of each shape with one field wrong."""
    told = facts()
    shapes = one_of_a_shape(told)
    yield from (_line(event, FACT_HEADERS) for event in told)
    yield from map(_binary, shapes)
    for row in rows:
        yield of_a_row(row, "structured")
        yield of_a_row(row, "binary")
    whole = [json.loads(encoded(row).value) for row in rows]
    headers = of_a_row(rows[0], "structured")["headers"]
    for event in shapes + one_of_a_shape(whole):
        for what, wrong in [*wrong_types(event), *unknown_fields(event)]:
            yield {**_line(event, headers), "payload": wrong, "valid": False, "what": what}


def of_a_row(row: EventRow, mode: Mode) -> Event:
    """An outcome as it goes out."""
    _, value, headers = encoded(row, mode)
    return {
        "message": row.type + ("Binary" if mode == "binary" else ""), "what": f"{row.key} {mode}",
        "headers": {name: one.decode() for name, one in headers}, "payload": json.loads(value),
        "valid": True,
    }  # fmt: skip


def _line(event: Event, headers: dict[str, str]) -> Event:
    return {
        "message": event["type"], "headers": headers, "payload": event, "valid": True,
        "what": event["id"],
    }  # fmt: skip


def _binary(event: Event) -> Event:
    """A fact as its sender writes it in binary mode."""
    beside = ("data", "datacontenttype")
    headers = {f"ce_{name}": one for name, one in event.items() if name not in beside}
    return {
        "message": f"{event['type']}Binary", "payload": event["data"], "valid": True,
        "headers": {"content-type": event["datacontenttype"], **headers}, "what": event["id"],
    }  # fmt: skip


async def _told() -> list[EventRow]:
    with directory() as home:
        async with embedded(home) as dsn:
            await migrate(dsn)
            return await outcomes_of_the_demo(dsn)


if __name__ == "__main__":
    configure("console:warning")
    written = (json.dumps(line) + "\n" for line in lines(asyncio.run(_told())))
    Path(sys.argv[1]).write_text("".join(written), "utf-8")
