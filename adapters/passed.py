"""What streams tell each other: all of it has arrived or is on its way, and nothing else has."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from adapters.messages import envelope
from domain.errors import Refused
from domain.stream import SOURCE, Stream

Name = tuple[str, str]
"""(key of the stream that is told, id)."""
Content = tuple[datetime, Any]


class Passed:
    """Both ends of every message between streams of the log, and those that are on their way."""

    def __init__(self, on_the_way: Iterable[bytes] = ()) -> None:
        self.said: dict[Name, Content] = {}
        self.heard: dict[Name, Content] = {}
        self.on_the_way = set(map(_name, on_the_way))

    def take(self, stream: Stream) -> None:
        """Both ends at a stream whose events were all applied."""
        for said in stream.said:
            self.said[(said.to, said.told.id)] = (said.told.at, said.told.fact)
        for (source, id), told in stream.seen.items():
            if source == SOURCE:
                self.heard[(stream.id, id)] = (told.at, told.fact)

    def differences(self) -> list[str]:
        """A sentence for each that is missing at one end, or not the same at both."""
        lost = self.said.keys() - self.heard.keys() - self.on_the_way
        found = [f"{to}: {_shown(self.said[to, id])} ({id}) never came" for to, id in lost]
        found += [
            f"{to}: {_shown(heard)} ({id}) was not said by any stream"
            if said is None
            else f"{to}: {_shown(heard)} ({id}) was said as {_shown(said)}"
            for (to, id), heard in self.heard.items()
            if (said := self.said.get((to, id))) != heard
        ]
        return sorted(found)


def _name(value: bytes) -> Name:
    try:
        event, _ = envelope(value)
    except Refused:
        return ("", "")
    return (f"{event.seller}/{event.subject}", event.id)


def _shown(content: Content) -> str:
    return f"{type(content[1]).__name__} of {content[0].isoformat()}"
