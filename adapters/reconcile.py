"""Missed webhooks: an export of a shop's API against the log, and what no webhook told.

A webhook and an export that tell of the same thing are one message (`adapters.shops`), so what is
not in the log yet was never told. It became known now, whenever it happened.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from adapters.bodies import Body, Intake, Tell
from adapters.messages import Message, Understood, understand
from adapters.report import Report
from adapters.shops import SHOPS, kept
from adapters.shops.reading import encoded, parsed
from domain.errors import Refused, Unreadable, VillkorError

BATCH = 200
LISTS = (
    "orders", "results", "fulfillments", "refunds", "transactions", "returns", "fulfillment_events",
)  # fmt: skip
"""What the shops' APIs call a list of things."""
Name = tuple[str, str, str, str]
"""(seller, order, source, id) of a message."""


@dataclass(slots=True, frozen=True)
class Missed:
    """A fact that no webhook told."""

    seller: str
    order: str
    type: str
    at: datetime
    id: str
    taken: bool


@dataclass(slots=True)
class Reconciled:
    """What an export told: counts, and what was missed, by order and time."""

    report: Report = field(default_factory=Report)
    missed: list[Missed] = field(default_factory=list)


async def reconcile(intake: Intake, system: str, exports: Iterable[Body], tell: Tell) -> Reconciled:
    """Take what an export of a shop's API tells and no webhook did; a second time there is nothing.

    Raises VillkorError where `system` is no shop system.
    """
    if system not in SHOPS:
        raise VillkorError(f"{system!r} has no export to compare; there are {', '.join(SHOPS)}")
    done, rest = Reconciled(), (one for export in exports for one in parts(system, export))
    while batch := list(islice(rest, BATCH)):
        await _reconcile(intake, system, batch, tell, done)
    done.missed.sort(key=lambda one: (one.seller, one.order, one.at, one.type))
    return done


async def _reconcile(
    intake: Intake, system: str, batch: Sequence[Body], tell: Tell, done: Reconciled
) -> None:
    now = intake.clock.now()
    prepared = await intake.prepare(system, [replace(one, recorded_at=now) for one in batch])
    told: dict[Name, tuple[Message, Understood]] = {}
    refused = []
    for message in prepared.messages:
        try:
            one = understand(message)
        except Refused:
            refused.append(message)  # its writer parks it, with a reason
        else:
            told[_name(one)] = (message, one)
    before = await intake.store.known(list(told))
    new = {name: found for name, found in told.items() if name not in before}
    done.report += prepared.report
    done.report.duplicates += len(before)
    if not (new or refused):
        return
    done.report += await tell([*(message for message, _ in new.values()), *refused])
    after = await intake.store.known(list(new))
    done.missed += [_missed(one, taken=name in after) for name, (_, one) in new.items()]


def parts(system: str, export: Body) -> Iterator[Body]:
    """What an export lists, a body each, so that one that is refused keeps no other back."""
    read = wrapper = None
    with suppress(Unreadable):
        read = parsed(kept(system, export.value))
    listed = read
    if isinstance(read, dict) and "id" not in read:
        wrapper = next((name for name in LISTS if isinstance(read.get(name), list)), None)
        listed = read if wrapper is None else read[wrapper]
    if not isinstance(listed, list):
        yield export
        return
    for number, one in enumerate(listed, 1):
        part = encoded([one] if wrapper is None else {wrapper: [one]})
        yield replace(export, value=part, place=f"{export.place}#{number}")


def _name(one: Understood) -> Name:
    return one.seller, one.order, one.told.source, one.told.id


def _missed(one: Understood, *, taken: bool) -> Missed:
    told = one.told
    return Missed(one.seller, one.order, type(told.fact).__name__, told.at, told.id, taken)
