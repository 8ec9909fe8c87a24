"""What became of messages: in the log with what they caused, parked, or on their way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

import asyncpg

from adapters.codec import KINDS
from adapters.contract import shapes
from adapters.deciding import OF_A_REMEDY, SOURCE
from adapters.kafka.outcomes import data_of, encoded
from adapters.messages import Understood
from adapters.postgres.batch import EventRow

TOLD = """
    select e.seller, e.order_id, e.source, e.id, e.version, e.recorded_at
    from events e join unnest($1::text[], $2::text[], $3::text[], $4::text[])
         u(seller, order_id, source, id)
      on (e.seller, e.order_id, e.source, e.id) = (u.seller, u.order_id, u.source, u.id)
"""
CAUSED = """
    select e.partition, e.position, e.seller, e.order_id, e.version, e.type, e.schema, e.at,
           e.recorded_at, e.source, e.id, e.body, e.meta, e.hash, u.version
    from events e join unnest($1::text[], $2::text[], $3::int[]) u(seller, order_id, version)
      on (e.seller, e.order_id) = (u.seller, u.order_id) and e.version > u.version
    where e.type = any($4::text[])
      and (convert_from(e.meta, 'UTF8')::jsonb ->> 'cause')::int = u.version
    order by e.seller, e.order_id, e.version
"""
PARKED = """
    select seller, order_id, message_source, message_id, id, reason, sentence
    from dead_letters d join unnest($1::text[], $2::text[], $3::text[], $4::text[])
         u(s, o, source, name)
      on (seller, order_id, message_source, message_id) = (u.s, u.o, u.source, u.name)
    where state = 'parked' order by id
"""
State = Literal["waiting", "decided", "parked"]


class Name(NamedTuple):
    """What a message is known by."""

    seller: str
    order: str
    source: str
    id: str

    @classmethod
    def of(cls, one: Understood) -> "Name":
        return cls(one.seller, one.order, one.told.source, one.told.id)

    @property
    def all(self) -> "list[Name]":
        """With what is told beside it: the choice of a remedy with the decision about it."""
        decided = self.source == SOURCE
        return [self, self._replace(id=self.id + OF_A_REMEDY)] if decided else [self]


@dataclass(slots=True)
class Letter:
    """A message of that name that was parked: its id among the dead letters, and why."""

    id: int
    reason: str
    sentence: str


@dataclass(slots=True)
class Status:
    """What became of a message; `version` is its place among its order's events.

    `outcomes` are those that it caused, and `refusal` says why a decision does not count. A message
    that is in the log may have been parked as well: told again in other words (`conflict`).
    """

    name: Name
    version: int | None = None
    recorded_at: datetime | None = None
    outcomes: list[EventRow] = field(default_factory=list)
    parked: list[Letter] = field(default_factory=list)

    @property
    def state(self) -> State:
        """`waiting` where nobody has decided it: it is on its way, if it was told."""
        if self.version is not None:
            return "decided"
        return "parked" if self.parked else "waiting"

    @property
    def events(self) -> list[bytes]:
        """The outcomes as CloudEvents in JSON, as they are sent."""
        return [encoded(row).value for row in self.outcomes]

    @property
    def refusal(self) -> str | None:
        """Why it does not count, where it is a decision outside its bounds."""
        for row in self.outcomes:
            data = data_of(row)
            if isinstance(data, shapes.Ruling) and data.of_fact == self.name.id and (
                (data.about, data.decision) == ("discretion", "refused")
            ):  # fmt: skip
                return data.explanation.en
        return None


async def statuses(pool: asyncpg.Pool, names: Sequence[Name]) -> list[Status]:
    """What became of messages, in their order: three queries, however many they are."""
    found = {name: Status(name) for name in names}
    columns = list(zip(*found, strict=True))
    versions: dict[tuple[str, str, int], Status] = {}
    for *name, version, recorded_at in await pool.fetch(TOLD, *columns):
        one = found[Name(*name)]
        one.version, one.recorded_at = version, recorded_at
        versions[one.name.seller, one.name.order, version] = one
    if versions:
        caused = await pool.fetch(CAUSED, *zip(*versions, strict=True), list(KINDS))
        for *row, cause in caused:
            event = EventRow(*row)
            versions[event.seller, event.order_id, cause].outcomes.append(event)
    for *name, id, reason, sentence in await pool.fetch(PARKED, *columns):
        found[Name(*name)].parked.append(Letter(id, reason, sentence))
    return [found[name] for name in names]


def together(found: Sequence[Status]) -> Status:
    """What became of the first message, with what those told beside it caused."""
    first, *more = found
    for one in more:
        first.outcomes += one.outcomes
        first.parked += one.parked
    return first
