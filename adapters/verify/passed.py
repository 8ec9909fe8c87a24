"""What streams tell each other: all of it has arrived or is on its way, and nothing else has.

A log has as many such messages as orders, so that they are first only added up: a sum of digests
for each partition that is told something must come out the same at both ends. Where one does not,
the messages themselves are compared.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from adapters.verify.differences import Difference
from adapters.messages import envelope
from adapters.partitions import partition_of
from domain.errors import Refused
from domain.stream import SOURCE, Stream

Name = tuple[str, str]
"""(key of the stream that is told, id)."""
Content = tuple[datetime, Any]
_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(slots=True)
class Passed:
    """Both ends of messages between streams."""

    said: dict[Name, Content] = field(default_factory=dict)
    heard: dict[Name, Content] = field(default_factory=dict)

    def add(self, other: "Passed") -> None:
        self.said |= other.said
        self.heard |= other.heard

    def differences(self, on_the_way: Collection[Name]) -> list[Difference]:
        """Each that is missing at one end, or not the same at both."""
        lost = self.said.keys() - self.heard.keys() - set(on_the_way)
        found = [(to, f"{_shown(self.said[to, id])} ({id}) never came") for to, id in lost]
        found += [
            (to, f"{_shown(heard)} ({id}) was not said by any stream")
            if said is None
            else (to, f"{_shown(heard)} ({id}) was said as {_shown(said)}")
            for (to, id), heard in self.heard.items()
            if (said := self.said.get((to, id))) != heard
        ]
        return [
            Difference(sentence=f"{to}: {what}", table="events", order=to)
            for to, what in sorted(found)
        ]


@dataclass(slots=True)
class Sums:
    """Sums of messages by the partition that is told them; those on their way are kept apart."""

    on_the_way: frozenset[Name] = frozenset()
    said: Counter[int] = field(default_factory=Counter)
    heard: Counter[int] = field(default_factory=Counter)
    apart: Passed = field(default_factory=Passed)

    def take(self, stream: Stream) -> None:
        """Both ends at a stream whose events were all applied."""
        for sums, apart, messages in (
            (self.said, self.apart.said, _said(stream)),
            (self.heard, self.apart.heard, _heard(stream)),
        ):
            for name, content in messages:
                if name in self.on_the_way:
                    apart[name] = content
                else:
                    sums[partition_of(name[0])] += _digest(name, content)

    def add(self, other: "Sums") -> None:
        self.said.update(other.said)
        self.heard.update(other.heard)
        self.apart.add(other.apart)

    def partitions_apart(self) -> frozenset[int]:
        """The partitions that were told something else than was said to them."""
        return frozenset(
            one for one in {*self.said, *self.heard} if self.said[one] != self.heard[one]
        )


def messages_in(stream: Stream, partitions: Collection[int]) -> Passed:
    """Both ends, at a stream, of the messages for streams of these partitions."""
    return Passed(
        {name: one for name, one in _said(stream) if partition_of(name[0]) in partitions},
        {name: one for name, one in _heard(stream) if partition_of(name[0]) in partitions},
    )


def names(values: Iterable[bytes]) -> frozenset[Name]:
    """What messages between streams are called; bytes that are none are nothing's name."""
    found = set()
    for value in values:
        try:
            event, _ = envelope(value)
        except Refused:
            continue
        found.add((f"{event.seller}/{event.subject}", event.id))
    return frozenset(found)


def _said(stream: Stream) -> Iterator[tuple[Name, Content]]:
    for said in stream.said:
        yield (said.to, said.told.id), (said.told.at, said.told.fact)


def _heard(stream: Stream) -> Iterator[tuple[Name, Content]]:
    for (source, id), told in stream.seen.items():
        if source == SOURCE:
            yield (stream.id, id), (told.at, told.fact)


def _digest(name: Name, content: Content) -> int:
    at, fact = content
    what = (*name, at.isoformat(), type(fact).__name__, fact)
    return int.from_bytes(blake2b(_encode(what), digest_size=16).digest(), "big")


def _shown(content: Content) -> str:
    return f"{type(content[1]).__name__} of {content[0].isoformat()}"
