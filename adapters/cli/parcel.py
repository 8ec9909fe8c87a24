"""`villkor parcel`: what carriers said of a parcel, and what its orders were told."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from adapters.cli import render
from adapters.cli.look import AsJson
from adapters.cli.render import instant
from adapters.cli.session import Session, running
from adapters.parcels.shown import shown
from domain.errors import VillkorError


def parcel(
    number: Annotated[str, typer.Argument(help="The tracking number, spaced as you like.")],
    carrier: Annotated[str | None, typer.Option(help="Only this carrier's.")] = None,
    json: AsJson = False,
) -> int:
    """What carriers said of a parcel, of every grade; whose it is, what was told, what waits."""

    async def work(session: Session) -> int:
        found = await shown(session.store, number, carrier)
        if not found:
            raise VillkorError(
                f"no order ships {number!r} and no carrier told of it; `villkor show ORDER` has"
                " the numbers of an order's parcels"
            )
        if json:
            render.as_json({"parcels": found})
        else:
            for one in found:
                _table(one)
        return 0

    return running(work)


def _table(one: dict[str, Any]) -> None:
    render.say(f"{one['carrier']} {one['number']}")
    for ship in one["shipments"]:
        gone = ", retracted" if ship["retracted"] else ""
        name = f"{ship['seller']} {ship['order']}, parcel {ship['parcel']}"
        render.say(f"shipped {instant(ship['at'])} by {name}{gone}")
    if not one["shipments"]:
        render.say("no order ships it yet")
    render.table(
        ("when", "said by", "codes", "grade", "what", "became"),
        (
            (instant(seen["at"]), seen["source"], ", ".join(seen["codes"]), seen["grade"],
             seen["says"] or "", "; ".join(_became(seen)))
            for seen in one["sightings"]
        ),
    )  # fmt: skip


def _became(seen: dict[str, Any]) -> Iterator[str]:
    if seen["fact"]:
        yield seen["fact"]
    if seen["takes_back"]:
        yield f"takes back {seen['takes_back']}"
    if seen["corrects"]:
        yield f"takes back {seen['corrects']}"
    if seen["told"]:
        yield "told to " + ", ".join(seen["told"])
    if seen["waiting"]:
        yield "waits"
