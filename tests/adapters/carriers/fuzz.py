"""Mutated bodies of every carrier and shop: facts or a clear refusal, and never anything else.

    python -m tests.adapters.carriers.fuzz [COUNT] [NAME..]

COUNT bodies (100,000 by default) of every system are made from those in `bodies/`, whose names
begin with the system's. A shop's topic stands between the first two dots of its file's name, with
a comma for the slash: `shopify.orders,create.paid.json`. What fails is shown with its bytes.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from adapters import carriers, shops
from adapters.carriers.meanings import fact_data, meaning
from adapters.edge import fact_type, read_json
from domain.errors import Refused
from tests.adapters.carriers.mutations import broken, same

HERE = Path(__file__).parent
SEED = 20261121
Told = tuple[str, ...] | None
"""Facts, one text each; None where a body is refused."""


@dataclass(frozen=True, slots=True)
class Body:
    """A made-up body of one system; `read` gives its facts, one text each, or raises Refused."""

    system: str
    name: str
    value: bytes
    read: Callable[[bytes], tuple[str, ...]]

    @property
    def is_xml(self) -> bool:
        return self.name.endswith(".xml")


def bodies() -> Iterator[Body]:
    """Every body there is, of carriers and shops."""
    for source in carriers.FAMILY:
        for path in sorted((HERE / "bodies").glob(f"{source}*")):
            read = partial(_sightings, carriers.translator(source))
            yield Body(source, path.name, path.read_bytes(), read)
    for system in shops.SHOPS:
        for path in sorted((HERE.parent / "shops" / "bodies").glob(f"{system}*")):
            read = partial(_facts, shops.translator(system), topic_of(path.name))
            yield Body(system, path.name, path.read_bytes(), read)


def topic_of(name: str) -> str | None:
    """The topic that a shop's body is sent under, as its file's name tells it."""
    parts = name.split(".")
    return parts[1].replace(",", "/") if len(parts) > 2 else None


def _sightings(translate: carriers.Translator, value: bytes) -> tuple[str, ...]:
    """What a carrier's body says; the facts that it becomes must be facts, and be storable."""
    read = translate(value)
    told = [(one, meaning(one)) for one in read.sightings]
    for one, means in told:
        assert one.event, one
        assert one.tracking, one
        assert "\x00" not in "".join((one.event, one.tracking, *one.codes)).encode().decode()
        if means is not None and means.fact is not None:
            data = msgspec.json.encode({"parcel": "p1"} | fact_data(one, means))
            try:
                read_json(fact_type(means.fact), data)
            except Refused as refusal:
                raise AssertionError(f"{refusal}: {one}") from refusal
    return (*(repr(one) for one in told), *(repr(one) for one in read.problems))


def _facts(translate: shops.Translator, topic: str | None, value: bytes) -> tuple[str, ...]:
    """What a shop's body says; a fact that is none is refused where it is taken."""
    told = translate(value, topic)
    for one in told:
        read_json(fact_type(one.type), msgspec.json.encode(one.data))
    return tuple(repr(one) for one in told)


def fuzz(found: Iterable[Body], count: int, seed: int = SEED) -> Counter[str]:
    """COUNT bodies in turn; half of them broken, half saying the same. Returns what became of them.

    Raises AssertionError with the body for another exception, or for other facts.
    """
    each, outcomes = list(found), Counter[str]()
    known = {one.name: _tried(one, one.value) for one in each}
    for turn in range(count):
        one, random = each[turn % len(each)], Random(f"{seed}/{turn}")
        if turn // len(each) % 2:
            told = _tried(one, same(one.value, random, is_xml=one.is_xml))
            assert told == known[one.name], _difference(one, turn, told, known[one.name])
            outcomes["same"] += 1
        else:
            value = broken(one.value, random, is_xml=one.is_xml)
            outcomes["refused" if _tried(one, value) is None else "accepted"] += 1
    return outcomes


def _difference(one: Body, turn: int, told: Told, known: Told) -> str:
    """The first thing that is said otherwise."""
    for now, before in zip_longest(told or (), known or ()):
        if now != before:
            return f"{one.name}, turn {turn}: {now} is not {before}"
    return f"{one.name}, turn {turn}: {'taken' if told else 'refused'}, and was not so before"


def _tried(one: Body, value: bytes) -> Told:
    """The facts of a body; None where it is refused."""
    try:
        return one.read(value)
    except Refused:
        return None
    except Exception as error:
        raise AssertionError(f"{one.name}: {error!r} for {value!r}") from error


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 100_000
    systems: dict[str, list[Body]] = {}
    for one in bodies():
        systems.setdefault(one.system, []).append(one)
    print(f"{'system':16}{'bodies':>8}{'same':>8}{'broken':>8}{'accepted':>10}{'seconds':>9}")
    for name, found in systems.items():
        if arguments[1:] and name not in arguments[1:]:
            continue
        began = time.perf_counter()
        seen: Any = fuzz(found, count)
        spoiled = seen["accepted"] + seen["refused"]
        share, took = seen["accepted"] / max(spoiled, 1), time.perf_counter() - began
        print(f"{name:16}{count:8}{seen['same']:8}{spoiled:8}{share:10.1%}{took:9.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
