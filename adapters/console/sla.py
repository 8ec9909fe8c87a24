"""The SLA board: what falls due, in four bands, the most urgent first, looked at again by itself.

The board alone is asked for every ten seconds, by the tag of what is shown: nothing is answered
where that is still so. Without scripts the page is the same, and is loaded again by a link.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.access import Right
from adapters.console.rendering import address, day, instant, page
from adapters.console.session import desk_of, signed_in
from adapters.deadlines import NOTHING_LOST, whose
from adapters.http.api.paging import cursor, place
from adapters.orders import sellers
from adapters.postgres.store import Store
from adapters.sla import Band, Board, Due, Filter, Place, bands, due
from domain.errors import Refused

EACH, SHOWN = 10, 50
"""How many rows of each band, and of the one band that was asked for."""
PARTIES = ("seller", "customer", "carrier")
WORDS = {
    Band.PAST_DUE: "Past due", Band.TODAY: "Today", Band.WEEK: "This week", Band.LATER: "Later",
}  # fmt: skip
NEVERTHELESS = {
    Band.PAST_DUE: "Nothing is past due.", Band.TODAY: "Nothing more falls due today.",
    Band.WEEK: "Nothing more falls due by Sunday.", Band.LATER: "Nothing falls due later.",
}  # fmt: skip
"""What is said of a band in which there is nothing."""


@dataclass(slots=True)
class Listed:
    """A band as it is shown: its rows, and how to go on to those behind them."""

    band: Band
    rows: list[Due]
    more: str | None

    @property
    def word(self) -> str:
        return WORDS[self.band]

    @property
    def nothing(self) -> str:
        return NEVERTHELESS[self.band]


async def board(request: Request) -> Response:
    """The page."""
    who = await signed_in(request, Right.ORDERS)
    async with desk_of(request).reader.asking(who) as store:
        shown = await _shown(request, store)
        choices = {"seller": await sellers(store.pool), "party": PARTIES} | _choices(shown)
    return page(request, "sla.html", **_tagged(request, shown), choices=choices)


async def part(request: Request) -> Response:
    """The board alone; 204 where it is as who asks has it."""
    who = await signed_in(request, Right.ORDERS)
    async with desk_of(request).reader.asking(who) as store:
        shown = _tagged(request, await _shown(request, store))
    if request.query_params.get("tag") == shown["tag"]:
        return Response(status_code=204)
    return page(request, "sla_board.html", **shown)


async def _shown(request: Request, store: Store) -> dict[str, Any]:
    """What the board says now to what the address asks for."""
    query, now = request.query_params, desk_of(request).now
    wanted = Filter(*(query.get(name) or None for name in Filter._fields))
    only = _band(query.get("band") or None)
    counted = await bands(store.pool, wanted, now)
    listed = []
    for band in Band if only is None else (only,):
        after = None if only is None else place(query.get("after") or None, Place)
        listed.append(await _rows(store, wanted, band, EACH if only is None else SHOWN, after, now))
    return {"wanted": wanted, "only": only, "now": now, "counted": counted, "listed": listed,
            "live": query.get("live") != "no", "words": WORDS}  # fmt: skip


def _band(told: str | None) -> Band | None:
    if told is None:
        return None
    try:
        return Band(told)
    except ValueError:
        raise Refused(f"band: {told!r} is none of {', '.join(Band)}") from None


async def _rows(
    store: Store, wanted: Filter, band: Band, limit: int, after: Place | None, now: datetime
) -> Listed:
    rows = await due(store.pool, wanted, band, limit + 1, after, now=now)
    more = cursor(rows[limit - 1].place) if len(rows) > limit else None
    return Listed(band, rows[:limit], more)


def _tagged(request: Request, shown: dict[str, Any]) -> dict[str, Any]:
    """With the tag of what is shown, to the minute, and where the board alone is asked for."""
    now: datetime = shown["now"]
    counted = [(one.count, sorted(one.at_risk.items())) for one in shown["counted"].bands.values()]
    shows = (shown["wanted"], shown["only"], counted, shown["listed"])
    said = f"{now:%Y-%m-%dT%H:%M} {request.query_params.get('after')} {shows}"
    tag = blake2b(said.encode(), digest_size=9).hexdigest()
    asked = {**request.query_params, "tag": None}
    return shown | {
        "tag": tag, "again": address("/sla/board", asked, tag=tag), "left": left, "until": until,
        "whose": whose, "nothing_lost": NOTHING_LOST,
        "at": lambda **changed: address("/sla", asked, **changed),
    }  # fmt: skip


def _choices(shown: dict[str, Any]) -> dict[str, list[str]]:
    """What the board can be narrowed to, from what is on it; what is chosen is always among it."""
    counted: Board = shown["counted"]
    wanted: Filter = shown["wanted"]
    return {
        name: sorted({one for one in (*counted.groups[name], getattr(wanted, name)) if one})
        for name in ("kind", "carrier", "clause")
    }


def left(until: datetime, now: datetime) -> str:
    """The time left, or how long ago it was: '3 d 4 h', '11 h', '35 min', '2 d 1 h late'."""
    rest = until - now
    minutes = int(abs(rest).total_seconds() // 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    if days:
        said = f"{days} d {hours % 24} h" if days < 14 else f"{days} d"
    else:
        said = f"{hours} h" if hours else f"{minutes} min"
    return said if rest > timedelta() else f"{said} late"


def until(due: str) -> Markup:
    """The last day, or the last instant where the term is one of hours."""
    return instant(datetime.fromisoformat(due)) if "T" in due else day(date.fromisoformat(due))


ROUTES = (Route("/sla", board), Route("/sla/board", part))
