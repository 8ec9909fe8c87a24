"""Which orders a sighting concerns and what they are told. Pure: no order of arrival matters.

The ids follow from the parcel's number and the carrier's own identity of the event, so that what
is told twice is told once:

    370123:4711                  the fact of an event
    370123.1:4711                the same, once an earlier `Shipped` of the order was retracted
    370123.0.1:4711              the same, revised by a later snapshot
    370123/revised/4711          which takes this back
    370123/back/4711/4712        event 4712 takes back the fact of 4711
    370123/stays/4711/4712       it does not: a later one is what it takes back
    370123/unshipped/4711        the `Shipped` through which it was told was retracted
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from adapters.carriers import parcel_key
from adapters.messages import Envelope, Message
from adapters.parcels import Seen, Shipment, is_number
from domain.facts import Shipped
from domain.fields import LONGEST
from domain.order import Order
from domain.stream import named

PLACE = "parcels"
"""The place of what is handed over because a parcel became known, or was given up."""
Through = tuple[str, str, int | None]


def source_of(translator: str) -> str:
    """The source of the facts that a carrier's translator tells."""
    return f"carrier:{translator}"


def fact_id(ship: Shipment, one: Seen) -> str:
    """The id of the fact that an event tells through a shipment."""
    text = f"{_head(ship, one)}:{one.event}"
    return text if len(text.encode()) <= LONGEST else sha256(text.encode()).hexdigest()


def _head(ship: Shipment, one: Seen) -> str:
    if one.revision:
        return f"{ship.number}.{ship.generation}.{one.revision}"
    return f"{ship.number}.{ship.generation}" if ship.generation else ship.number


# -- what orders ship ---------------------------------------------------------------------------


def shipments(order: Order) -> Iterator[Shipment]:
    """The parcels with a number that an order ships, as it now knows them."""
    for told in order.facts:
        if not isinstance(told.fact, Shipped) or not (told.fact.carrier and told.fact.tracking):
            continue
        carrier, number = parcel_key(told.fact.carrier, told.fact.tracking)
        if is_number(number):
            yield Shipment(
                seller=order.seller, order=order.subject, source=told.source, id=told.id,
                carrier=carrier, number=number, parcel=told.fact.parcel, at=told.at,
                retracted=(told.source, told.id) in order.void,
            )  # fmt: skip


def changed(
    known: Iterable[Shipment], told: Iterable[Shipment]
) -> tuple[list[Shipment], list[Shipment]]:
    """The shipments to write, and those of the generations that end with them.

    `told` are shipments of orders as they now stand, `known` those stored of the same numbers.
    What was retracted counts first. A message that ships the same parcel as another that holds
    shares its generation: then nothing need be told anew, nor taken back while one of them holds.
    """
    rows = {_message(one): one for one in known}
    writes: dict[tuple[str, ...], Shipment] = {}
    for one in sorted(told, key=lambda one: (not one.retracted, one.at, _message(one))):
        old = rows.get(_message(one))
        if old is not None and old.key == one.key and old.retracted == one.retracted:
            continue
        if one.retracted:
            new = replace(one, generation=old.generation if old else None)
        else:
            new = replace(one, generation=_generation(one, rows.values()))
        rows[_message(one)] = writes[_message(one)] = new
    holding = {one.through for one in rows.values() if not one.retracted}
    over = {one.through for one in writes.values() if one.retracted} - holding
    ended = [
        one for one in rows.values() if one.generation is not None and one.through in over
    ]  # fmt: skip
    return list(writes.values()), ended


def _generation(new: Shipment, rows: Iterable[Shipment]) -> int:
    """Of its order's shipments of the number: that of the same parcel, or the next."""
    others = [
        one for one in rows
        if (one.key, one.seller, one.order) == (new.key, new.seller, new.order)
        and one.generation is not None
    ]  # fmt: skip
    same = [one for one in others if not one.retracted and one.parcel == new.parcel]
    if same:
        return same[0].generation or 0
    return max((one.generation or 0 for one in others), default=-1) + 1


def _message(one: Shipment) -> tuple[str, str, str, str]:
    return one.seller, one.order, one.source, one.id


# -- what orders are told -----------------------------------------------------------------------


def concerned(one: Seen, shipments: Iterable[Shipment]) -> bool:
    """Whether an order is known that shipped the parcel of a sighting."""
    return any(not ship.retracted and ship.reaches(one.at) for ship in shipments)


def tellings(
    shipments: Sequence[Shipment],
    seen: Sequence[Seen],
    about: Collection[str],
    place: str | None = None,
) -> Iterator[Message]:
    """What the orders of one number are told of these of its events (`about`), each once.

    `seen` are all sightings of the number: what one of them takes back follows from all. The place
    of the messages is that of the carrier's bodies, unless another is said.
    """
    by_through: dict[Through, list[Shipment]] = {}
    for ship in shipments:
        if not ship.retracted:
            by_through.setdefault(ship.through, []).append(ship)
    for ships in by_through.values():
        within = [one for one in seen if concerned(one, ships)]
        for one in within:
            yield from _told(ships[0], one, within, about, place)


def _told(
    ship: Shipment, one: Seen, within: Sequence[Seen], about: Collection[str], place: str | None
) -> Iterator[Message]:
    """The fact of a sighting, and what it takes back."""
    if one.event in about:
        for revision in range(one.revision):
            yield _retraction(ship, one, "revised", replace(one, revision=revision), place=place)
        if one.fact:
            data = {"parcel": ship.parcel} | one.data
            yield _message_of(ship, one, one.fact, fact_id(ship, one), data, place)
    if one.corrects and {one.event, one.corrects} & set(about):
        told = [also for also in within if (also.source, also.event) == (one.source, one.corrects)]
        wrong = told[0] if told else replace(one, event=one.corrects, revision=0)
        yield _retraction(ship, one, "back", wrong, one.event, place=place)
    if one.takes_back:
        yield from _taken_back(ship, one, within, about, place)


def _taken_back(
    ship: Shipment, one: Seen, within: Sequence[Seen], about: Collection[str], place: str | None
) -> Iterator[Message]:
    """The latest earlier fact of a type was wrong; of those before it this is not said."""
    earlier = sorted(
        (also for also in within
         if also.fact == one.takes_back and also.source == one.source and also.at <= one.at),
        key=lambda also: (also.at, also.event),
    )  # fmt: skip
    if not earlier or not {one.event, *(also.event for also in earlier)} & set(about):
        return
    *before, last = earlier
    yield _retraction(ship, one, "back", last, one.event, place=place)
    for also in before:  # each was the latest for as long as nothing later was known
        wrong = named(_head(ship, also), "back", also.event, one.event)
        yield _retraction(ship, one, "stays", also, one.event, place=place, wrong=wrong)


def unshipped(
    ended: Iterable[Shipment], seen: Sequence[Seen], since: Mapping[tuple[str, str], datetime]
) -> Iterator[Message]:
    """The retractions of what was told through shipments of one number.

    `since` says of each order (seller, order) when it took them back.
    """
    done: set[tuple[Through, str, str]] = set()
    for ship in ended:
        at = since[ship.seller, ship.order]
        for one in seen:
            telling = (ship.through, one.source, one.event)
            if one.fact and ship.reaches(one.at) and telling not in done:
                done.add(telling)
                given_up = replace(one, at=at, recorded_at=at)
                yield _retraction(ship, given_up, "unshipped", one, place=PLACE)


def _retraction(
    ship: Shipment, one: Seen, why: str, told: Seen, *parts: str, place: str | None, wrong: str = ""
) -> Message:
    """What a sighting makes wrong: the fact of another, or the message with the id `wrong`."""
    id = named(_head(ship, told), why, told.event, *parts)
    known_at = max(one.recorded_at, told.recorded_at)
    data = {"fact": wrong or fact_id(ship, told)}
    return _message_of(ship, replace(one, recorded_at=known_at), "Retracted", id, data, place)


def _message_of(
    ship: Shipment,
    one: Seen,
    type: str,
    id: str,
    data: dict[str, Any],
    place: str | None,
) -> Message:
    event = Envelope(
        "1.0", id, source_of(one.source), type, ship.order, one.at.isoformat(), ship.seller,
        msgspec.Raw(msgspec.json.encode(data)), one.recorded_at.isoformat(),
    )  # fmt: skip
    key = f"{ship.seller}/{ship.order}".encode()
    return Message(msgspec.json.encode(event), place or f"carrier.{one.source}", key=key)
