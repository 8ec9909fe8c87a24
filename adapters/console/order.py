"""One order on a page: how it stands, what is owed and why, its money, and what happened.

Asked of a past moment the page shows that, says so, and says what is otherwise today.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right, Who
from adapters.asking import Answer, answered, with_editions
from adapters.asking.plain import live_of, past_of
from adapters.console.asked import Asked, day_on
from adapters.console.bill import Bill, bills, bills_then
from adapters.console.drawn import OUTLINES, legend, strip
from adapters.console.happened import Beside, Happening, entries, happened
from adapters.console.owed import Explained, answers, explained, in_money
from adapters.console.rendering import for_pages, page, with_query
from adapters.console.session import desk_of, signed_in
from adapters.console.sla import left
from adapters.console.waiting import waiting
from adapters.console.windows import Window
from adapters.terms.editions import said
from adapters.ledger.order import LEGS, money_of, off
from adapters.moves import set_off
from adapters.narrated import choices
from adapters.orders import Filter
from adapters.orders import named as having
from adapters.plain import plain
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.settling import unpaid
from adapters.sla import band_of
from domain.calendar import A_DAY, day_of
from domain.errors import Missing, Unanswerable
from domain.events import AnyEvent, FactTold
from domain.outcomes import DecisionNeeded
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
    if request.query_params.keys() & {"day", "on"}:
        return await _chosen(request, who)
    desk, asked = desk_of(request), Asked.of(request)
    async with desk.reader.asking(who) as store:
        rows, legs, beside = await behind(store, desk.book, seller, order)
    present = answered(rows, desk.book, None, None, desk.now)
    found = _answer(rows, desk.book, asked, desk.now) or present
    currency = found.row["currency"]
    known = _events(found, present)
    events = happened(known, present.timeline, entries(legs), beside, currency)
    only_money = request.query_params.get("rows") == "money"
    listed = [one for one in events if one.is_money] if only_money else events
    window = Window.of(request, listed)
    return page(
        request, "order.html", 422 if asked.hindrance else 200, found=found, asked=asked,
        status_words=STATUS, present=present,
        differs=_differences(found, present) if asked.is_past else [],
        window=window, at=window.at, all_rows=len(events), only_money=only_money,
        now=desk.now, moment=asked.as_of or asked.known_at or desk.now,
        strip=_strip(listed, window.at, found, desk.now), legend=legend(),
        days=_days(present, asked, desk.now), words=(NOW, THEN), currency=currency,
        **_said(found, known, desk.book), bills=_bills(found, legs), off=off(legs),
        choices=choices,
        left=left, outlines=OUTLINES, a_day=A_DAY, own_terms=found.seller in desk.book.sellers,
    )  # fmt: skip


def named(request: Request) -> tuple[str, str]:
    """(seller, order) of the address."""
    return request.path_params["seller"], request.path_params["order"]


async def rows_of(store: Store, book: Book, seller: str, order: str) -> Sequence[EventRow]:
    """All events of an order. Raises Missing where there is none for who asks."""
    rows = (await store.streams([(seller, order)])).get(f"{seller}/{order}")
    if rows is None:
        other = await having(store.pool, Filter(text=order))
        found = "the search finds orders by any number"
        if other is not None and other["order_id"] == order:
            found = f"{other['seller']} has one of that number"
        raise Missing(f"{seller} has no order {order!r}; {found}")
    await with_editions(store, book, rows)
    return rows


async def behind(
    store: Store, book: Book, seller: str, order: str
) -> tuple[Sequence[EventRow], Sequence[Any], Beside]:
    """An order's events, its entries, and what lies beside the log about persons."""
    rows = await rows_of(store, book, seller, order)
    legs = await store.pool.fetch(LEGS, seller, order)
    return rows, legs, await Queries(store.pool).beside(seller, order)


def _answer(
    rows: Sequence[EventRow], book: Book, asked: Asked, now: datetime
) -> Answer | None:  # fmt: skip
    """What was asked for; None where it cannot be answered, which `asked` then says."""
    if asked.hindrance is None and asked.is_past:
        try:
            return answered(rows, book, asked.as_of, asked.known_at, now)
        except Unanswerable as error:
            asked.hindrance = for_pages(str(error))
    asked.as_of = asked.known_at = None
    return None


def _events(found: Answer, present: Answer) -> Sequence[AnyEvent]:
    """What had happened: as of a moment the facts that count, and what had been raised by then."""
    if found.as_of is None:
        return found.events
    until = min(found.as_of, found.known_at or found.as_of)
    facts = {one.originator_version for one in found.events}
    return [
        one for one in present.events
        if one.originator_version in facts
        or (not isinstance(one, FactTold) and one.timestamp <= until)
    ]  # fmt: skip


def _said(found: Answer, events: Sequence[AnyEvent], book: Book) -> dict[str, Any]:
    """What is owed, answered and due, for the page."""
    items: list[Explained] = explained(
        found.outcomes, events, found.state, book, set_off(found)
    )  # fmt: skip
    return {
        "owed": in_money(items),
        "answers": answers(items),
        "decisions": [one for one in items if isinstance(one.item, DecisionNeeded)],
        "soon": SOON,
        "band_of": band_of,
    } | waiting(found, items)


def _bills(found: Answer, legs: Sequence[Any]) -> list[Bill]:
    """Where its money is. As of a moment nothing was booked yet: balances alone say it."""
    if found.as_of is not None:
        return bills_then(found.balances, unpaid(found))
    shown = {(row["partition"], row["position"]) for row in found.timeline}
    booked = [leg for leg in legs if (leg["partition"], leg["position"]) in shown]
    return bills(money_of(found.seller, found.order, booked), unpaid(found))


def _strip(
    rows: Sequence[Happening], at: Callable[[int], str], found: Answer, now: datetime
) -> Any:
    """The time line of all of them, also of those whose rows are in other windows."""
    marks = [replace(one.mark, href=at(one.number)) for one in rows]
    marks.sort(key=lambda mark: mark.day)
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
    words: str
    """What is said of the chosen day."""


NOW, THEN, ON = "As it is today,", "As it was at the end of", "As it was on"


def _days(present: Answer, asked: Asked, now: datetime) -> Days:
    known = [day_of(event.timestamp) for event in present.events]
    first, last = known[0], max(known[-1], day_of(now))
    at = last if asked.as_of is None else day_of(asked.as_of)
    words = NOW if asked.as_of is None else ON if asked.end_of is None else THEN
    eventful = sorted({(day - first).days for day in known})
    count = (last - first).days
    return Days(first, count, min(max((at - first).days, 0), count), eventful, words)


async def _chosen(request: Request, who: Who) -> Response:
    """A day of the slider (`day`) or the calendar (`on`): to its end, or to the present.

    What is told beside the slider counts more.
    """
    query = request.query_params
    if query.get("as_of"):
        return RedirectResponse(with_query(request, day=None, on=None), 303)
    desk, (seller, order) = desk_of(request), named(request)
    async with desk.reader.asking(who) as store:
        rows = await rows_of(store, desk.book, seller, order)
    told = query.get("day", "")
    day = int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0
    chosen = day_on(query.get("on", "")) or day_of(rows[0].recorded_at) + day * A_DAY
    as_of = None if chosen >= day_of(desk.now) else chosen
    return RedirectResponse(with_query(request, day=None, on=None, as_of=as_of), 303)


async def as_json(request: Request) -> Response:
    """The same as a file: what `villkor show --json` says, of the moment that is asked about."""
    who, (seller, order) = await signed_in(request, Right.ORDERS), named(request)
    desk, asked = desk_of(request), Asked.of(request)
    async with desk.reader.asking(who) as store:
        rows = await rows_of(store, desk.book, seller, order)
        past = _answer(rows, desk.book, asked, desk.now)
        present = answered(rows, desk.book, None, None, desk.now)
        told = plain(past_of(past) if past else await live_of(present, Queries(store.pool)))
    if asked.hindrance:
        raise Unanswerable(asked.hindrance)
    body = msgspec.json.format(msgspec.json.encode(told), indent=2)
    name = quote(f"{seller}-{order}{asked.suffix}.json", "")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(body, headers=headers, media_type="application/json")


ROUTES = (
    Route("/orders/{seller}/{order:path}/download", as_json),
    Route("/orders/{seller}/{order:path}", shown),
)
