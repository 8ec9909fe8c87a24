"""One order on a page: how it stands, what is owed and why, its money, and what happened.

Asked of a past moment the page shows that, says so, and says what is otherwise today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right, Who
from adapters.asking import Answer, answered, with_editions
from adapters.asking.plain import live_of
from adapters.console.asked import Asked
from adapters.console.drawn import OUTLINES, legend, strip
from adapters.console.happened import Happening, entries, happened
from adapters.console.owed import Explained, answers, explained, in_money
from adapters.console.rendering import page, with_query
from adapters.console.session import desk_of, signed_in
from adapters.console.sla import left
from adapters.terms.editions import said
from adapters.ledger.order import LEGS, OrderMoney, money_of
from adapters.narrated import choice
from adapters.plain import plain
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.queries import Queries
from domain.calendar import A_DAY, STOCKHOLM, day_of, start_of
from domain.errors import Missing, Unanswerable
from domain.outcomes import Deadline, DecisionNeeded
from domain.terms.book import Book

SOON = timedelta(days=3)
STATUS = {
    "waiting for the order": "Something was told of it, but not yet by the order system.",
    "placed": "The customer ordered; the seller has not confirmed yet.",
    "confirmed": "The seller confirmed it; nothing has been sent yet.",
    "pending": "The order waits for an answer.",
    "refused": "The order was refused.",
    "cancelled": "The order was cancelled.",
    "withdrawn": "The customer withdrew from the purchase.",
    "blocked": "Nothing may be delivered for now.",
    "partly shipped": "Some of the goods were sent, some not.",
    "shipped": "The goods were sent.",
    "shipped again": "The goods were sent again.",
    "in transit": "The goods are on their way.",
    "delivery attempted": "The carrier tried to deliver, and did not reach the customer.",
    "delivery failed": "The carrier could not deliver.",
    "ready for collection": "The parcel waits to be collected.",
    "unclaimed": "Nobody collected the parcel.",
    "lost": "The parcel was lost.",
    "returned": "The parcel came back to the seller.",
    "collected": "The customer collected the goods.",
    "delivered": "The goods were delivered.",
}
"""An order's status in words."""


async def shown(request: Request) -> Response:
    """The page."""
    who, (seller, order) = await signed_in(request, Right.ORDERS), named(request)
    if (told := request.query_params.get("day")) is not None:
        return await _chosen(request, who, told)
    desk, asked = desk_of(request), Asked.of(request)
    async with desk.reader.asking(who) as store:
        rows = await rows_of(store, desk.book, seller, order)
        legs = await store.pool.fetch(LEGS, seller, order)
        beside = await Queries(store.pool).beside(seller, order)
    present = answered(rows, desk.book, None, None, desk.now)
    found = _answer(rows, desk.book, asked, desk.now) or present
    currency = found.row["currency"]
    events = happened(found.events, found.timeline, entries(legs), beside, currency)
    only_money = request.query_params.get("rows") == "money"
    listed = [one for one in events if one.is_money] if only_money else events
    return page(
        request, "order.html", 422 if asked.hindrance else 200, found=found, asked=asked,
        status_words=STATUS, present=present,
        differs=_differences(found, present) if asked.is_past else [],
        rows=listed, all_rows=len(events), only_money=only_money, now=desk.now,
        strip=_strip(listed, found, desk.now), legend=legend(),
        days=_days(present, found, desk.now), currency=currency,
        **_said(found, desk.book), money_rows=_money(found, legs), choice=choice,
        left=left, outlines=OUTLINES, a_day=A_DAY,
    )  # fmt: skip


def named(request: Request) -> tuple[str, str]:
    """(seller, order) of the address."""
    return request.path_params["seller"], request.path_params["order"]


async def rows_of(store: Store, book: Book, seller: str, order: str) -> Sequence[EventRow]:
    """All events of an order. Raises Missing where there is none for who asks."""
    rows = (await store.streams([(seller, order)])).get(f"{seller}/{order}")
    if rows is None:
        raise Missing(f"{seller} has no order {order!r}; the search finds orders by any number")
    await with_editions(store, book, rows)
    return rows


def _answer(
    rows: Sequence[EventRow], book: Book, asked: Asked, now: datetime
) -> Answer | None:  # fmt: skip
    """What was asked for; None where it cannot be answered, which `asked` then says."""
    if asked.hindrance is None and asked.is_past:
        try:
            return answered(rows, book, asked.as_of, asked.known_at, now)
        except Unanswerable as error:
            asked.hindrance = str(error)
    asked.as_of = asked.known_at = None
    return None


def _said(found: Answer, book: Book) -> dict[str, Any]:
    """What is owed, answered and due, for the page."""
    items: list[Explained] = explained(found.outcomes, found.events, found.state, book)
    due = [one for one in items if isinstance(one.item, Deadline) and one.item.state == "open"]
    return {
        "owed": in_money(items),
        "answers": answers(items),
        "decisions": [one for one in items if isinstance(one.item, DecisionNeeded)],
        "due": sorted(due, key=_lapses),
        "soon": SOON,
    }


def _lapses(one: Explained) -> datetime:
    assert isinstance(one.item, Deadline)
    return one.item.lapses_at


def _money(found: Answer, legs: Sequence[Any]) -> list[OrderMoney]:
    """Where its money is. As of a moment nothing was booked yet: balances alone say it."""
    if found.as_of is not None:
        return []
    shown = {(row["partition"], row["position"]) for row in found.timeline}
    return money_of(
        found.seller, found.order,
        [leg for leg in legs if (leg["partition"], leg["position"]) in shown],
    )  # fmt: skip


def _strip(rows: Sequence[Happening], found: Answer, now: datetime) -> Any:
    marks = sorted((one.mark for one in rows), key=lambda mark: mark.day)
    if found.as_of is None and found.known_at is None:
        return strip(marks, day_of(now))
    until = min(at for at in (found.as_of, found.known_at) if at is not None)
    return strip(marks, day_of(until), "then")


def _differences(found: Answer, present: Answer) -> list[tuple[str, str, str]]:
    """(what, then, today): how it stood, and what was owed otherwise."""
    rows = []
    if found.row["status"] != present.row["status"]:
        rows.append(("status", found.row["status"], present.row["status"]))
    then, today = ({item.key: said(item) for item in one.outcomes} for one in (found, present))
    for key in dict.fromkeys((*then, *today)):
        if then.get(key) != today.get(key):
            name = key.replace("_", " ").replace(":", " ").strip()
            rows.append((name, then.get(key, ""), today.get(key, "")))
    return rows


# -- choosing a moment ----------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Days:
    """The days of an order that can be chosen, from its first to today."""

    first: date
    count: int
    chosen: int
    eventful: Sequence[int]
    """On which something became known."""


def _days(present: Answer, found: Answer, now: datetime) -> Days:
    known = [day_of(event.timestamp) for event in present.events]
    first, last = known[0], max(known[-1], day_of(now))
    at = last if found.as_of is None else day_of(found.as_of)
    eventful = sorted({(day - first).days for day in known})
    count = (last - first).days
    return Days(first, count, min(max((at - first).days, 0), count), eventful)


async def _chosen(request: Request, who: Who, told: str) -> Response:
    """A day of the slider: to the end of that day, or to the present."""
    desk, (seller, order) = desk_of(request), named(request)
    async with desk.reader.asking(who) as store:
        rows = await rows_of(store, desk.book, seller, order)
    day = int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0
    end = start_of(day_of(rows[0].recorded_at) + (day + 1) * A_DAY) - timedelta(minutes=1)
    as_of = None if end >= desk.now else f"{end.astimezone(STOCKHOLM):%Y-%m-%dT%H:%M}"
    return RedirectResponse(with_query(request, day=None, as_of=as_of), 303)


async def as_json(request: Request) -> Response:
    """The same as a file: what `villkor show --json` says."""
    who, (seller, order) = await signed_in(request, Right.ORDERS), named(request)
    desk = desk_of(request)
    async with desk.reader.asking(who) as store:
        rows = await rows_of(store, desk.book, seller, order)
        found = answered(rows, desk.book, None, None, desk.now)
        told = plain(await live_of(found, Queries(store.pool)))
    body = msgspec.json.format(msgspec.json.encode(told), indent=2)
    name = quote(f"{seller}-{order}.json", "")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(body, headers=headers, media_type="application/json")


ROUTES = (
    Route("/orders/{seller}/{order:path}/download", as_json),
    Route("/orders/{seller}/{order:path}", shown),
)
