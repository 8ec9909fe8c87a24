"""The last verification: what it found, what it covers and does not, and as a file.

A rebuild that ends later does not take its place; how far the log has grown since is said.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right, Who
from adapters.console.rendering import customer_at, order_at
from adapters.console.session import desk_of, signed_in
from adapters.http.desk import Forbidden
from adapters.plain import plain
from adapters.verify.differences import Difference
from adapters.verify.plain import plain as found_plain
from adapters.verify.protected import PROTECTED
from domain.calendar import STOCKHOLM
from domain.errors import Missing
from domain.fields import CUSTOMER

VERIFYING = "verifying"
MOST = 200
"""Differences that a page shows."""
PAGES: Mapping[str, tuple[str, str]] = {
    "postings": ("ledger", "/ledger"), "ledger_days": ("ledger", "/ledger"),
    "ledger_orders": ("customers", "/ledger/customers"),
    "ledger_sellers": ("sellers", "/ledger/sellers"), "deadline_sums": ("deadlines", "/sla"),
    "tokens": ("acts", "/acts"), "editions": ("terms", "/terms"),
}  # fmt: skip
"""Where there is no order: the page that shows what a table holds."""


def last_verified(request: Request, who: Who, events: int) -> dict[str, Any]:
    """For a page: the last verification that was done, and the log's growth since, in events."""
    done = desk_of(request).background.done.get(VERIFYING) if who.sees_all else None
    if done is None:
        return {"verified": None}
    shown = done.result.differences[:MOST]
    return {
        "verified": done, "since": events - done.result.position, "protected": PROTECTED,
        "groups": [list(some) for _, some in groupby(shown, key=lambda one: one.order)],
        "most": MOST, "led_to": led_to,
    }  # fmt: skip


def led_to(one: Difference) -> tuple[str, str] | None:
    """What a difference is of, and its address: an event, an order, a customer, or a page."""
    if one.order is None:
        return PAGES.get(one.table)
    seller, _, subject = one.order.partition("/")
    if subject.startswith(CUSTOMER):
        return subject, customer_at(seller, subject.removeprefix(CUSTOMER))
    version = None if one.event is None else one.event.version
    return subject, order_at(seller, subject, version)


def wall(at: datetime | None) -> str:
    """An instant to the second, with its zone."""
    return "" if at is None else f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M:%S %Z}"


async def as_file(request: Request) -> Response:
    """The last verification with what it covers, who made it and when. Raises Missing."""
    who = await signed_in(request, Right.LOG)
    if not who.sees_all:
        raise Forbidden("this token is for some sellers; the whole log is for who sees all")
    done = desk_of(request).background.done.get(VERIFYING)
    if done is None:
        raise Missing("nothing was verified since this program began; verify the log first")
    told = {
        "begun_at": done.begun_at, "ended_at": done.ended_at, "seconds": done.seconds,
        "by": done.by, **found_plain(done.result),
    }  # fmt: skip
    body = msgspec.json.format(msgspec.json.encode(plain(told)), indent=2)
    name = f"verification-{done.begun_at:%Y-%m-%dT%H%M%SZ}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=headers, media_type="application/json")
