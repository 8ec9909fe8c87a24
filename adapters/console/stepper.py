"""One order, event by event: the event, what it changed, and what every policy said at it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.access import Right
from adapters.console.drawn import strip
from adapters.console.happened import Happening, entries, happened
from adapters.console.order import behind, named
from adapters.console.rendering import instant, money, order_at, page
from adapters.console.session import desk_of, signed_in
from adapters.plain import MONEY
from adapters.asking import answered, recorded_of
from adapters.console.spoken import spoken
from adapters.stepping import Changed, step
from domain.errors import Missing
from domain.events import OutcomeRaised
from projections.posting_rules import CHART


async def stepped(request: Request) -> Response:
    """Event `number` of an order."""
    who, (seller, order) = await signed_in(request, Right.LOG), named(request)
    number, desk = request.path_params["number"], desk_of(request)
    async with desk.reader.asking(who) as store:
        rows, legs, beside = await behind(store, desk.book, seller, order)
    recorded = recorded_of(rows)
    if not 1 <= number <= len(recorded):
        raise Missing(f"{order} has the events 1 to {len(recorded)}, and none that is {number}")
    found = step(recorded, number, desk.book)
    places = [
        {"version": one.event.originator_version, "partition": one.partition,
         "position": one.position} for one in recorded
    ]  # fmt: skip
    state = answered(rows, desk.book, None, None, desk.now).state
    names = {line.line: line.name for line in state.lines.values() if line.name}
    known = [one.event for one in recorded]
    events = happened(known, places, entries(legs), beside, state.currency)
    policy = found.event.policy if isinstance(found.event, OutcomeRaised) else None
    return page(
        request, "stepper.html", seller=seller, order=order, number=number, last=len(recorded),
        one=events[number - 1], failure=found.failure,
        spoken=spoken(found.said, policy, names, state.currency),
        changed=[_words(one) for one in found.changed], strip=_strip(events, number, seller, order),
    )  # fmt: skip


def _strip(events: list[Happening], number: int, seller: str, order: str) -> Any:
    """The time line; its marks lead to the steps."""
    steps = f"{order_at(seller, order)}/steps"
    marks = [
        replace(one.mark, href=f"{steps}/{one.number}", is_here=one.number == number)
        for one in events
    ]
    return strip(sorted(marks, key=lambda mark: mark.day))


def _words(one: Changed) -> tuple[str, str, str, Any, Any]:
    """(table, row, column, before, after), as people read them."""
    if one.table == "accounts":
        name = f"{one.column} {CHART.get(int(one.column), '')}"
        return "accounts", one.row, name, money(one.before), money(one.after)
    column = one.column.replace("_", " ")
    return one.table, one.row, column, _value(one, one.before), _value(one, one.after)


def _value(one: Changed, value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, int) and one.column in MONEY:
        return money(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


ROUTES = (Route("/orders/{seller}/{order:path}/steps/{number:number}", stepped),)
