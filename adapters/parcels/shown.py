"""What is known of a parcel: who ships it, what carriers said, and what orders were told of it."""

from typing import Any

from adapters.carriers import parcel_key
from adapters.carriers.meanings import table
from adapters.parcels import Seen, Shipment
from adapters.parcels.matching import concerned, fact_id, source_of
from adapters.postgres import parcels
from adapters.postgres.store import Store
from domain.calendar import day_of

Row = dict[str, Any]


async def shown(store: Store, number: str, carrier: str | None) -> list[Row]:
    """All parcels of that number (of one carrier), as numbers are matched."""
    key = parcel_key(carrier or "", number)
    found = await parcels.parcels_named(store.pool, key[1], key[0] if carrier else None)
    return [await _parcel(store, *one) for one in found]


async def _parcel(
    store: Store, key: tuple[str, str], shipments: list[Shipment], seen: list[Seen]
) -> Row:
    names = {
        (ship.seller, ship.order, source_of(one.source), fact_id(ship, one))
        for ship in shipments
        for one in seen
        if one.fact and ship.generation is not None
    }
    known = await store.known(sorted(names))
    holding = [one for one in shipments if not one.retracted]
    return {
        "carrier": key[0],
        "number": key[1],
        "shipments": [
            {"seller": one.seller, "order": one.order, "parcel": one.parcel, "at": one.at,
             "source": one.source, "id": one.id, "retracted": one.retracted}
            for one in shipments
        ],
        "sightings": [_sighting(one, holding, known) for one in seen],
    }  # fmt: skip


def _sighting(one: Seen, holding: list[Shipment], known: set[tuple[str, ...]]) -> Row:
    told = {
        (ship.seller, ship.order, source_of(one.source), fact_id(ship, one)) for ship in holding
    }
    return {
        "at": one.at, "recorded_at": one.recorded_at, "source": one.source, "event": one.event,
        "codes": one.codes, "says": _says(one), "grade": one.grade, "judged_by": one.judged_by,
        "fact": one.fact, "data": one.data, "takes_back": one.takes_back,
        "corrects": one.corrects, "waiting": one.tells and not concerned(one, holding),
        "told": [f"{seller}/{order}" for seller, order, *_ in sorted(told & known)],
    }  # fmt: skip


def _says(one: Seen) -> str | None:
    """What the table says of the first code that it knows."""
    known, day = table(one.source), day_of(one.at)
    found = (known.of(code, day) for code in one.codes)
    return next((means.says for means in found if means is not None), None)
