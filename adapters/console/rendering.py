"""Pages from templates: every value is escaped, amounts and times look the same everywhere."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from secrets import token_hex
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from adapters.access import Right
from adapters.console.session import csrf_of, path_of, pending_of, who_of
from adapters.pending import MOST, Pending
from domain.calendar import STOCKHOLM
from domain.money import kronor
from domain.outcomes import AnyOutcome
from domain.words import word
from projections.posting_rules import CHART

TABS: tuple[tuple[str, str, Right], ...] = (
    ("Orders", "/orders", Right.ORDERS),
    ("Deadlines", "/sla", Right.ORDERS),
    ("Decisions", "/decisions", Right.ORDERS),
    ("Ledger", "/ledger", Right.LEDGER),
    ("Terms", "/terms", Right.ORDERS),
    ("Replay", "/replay", Right.LOG),
    ("Acts", "/acts", Right.LOG),
    ("Dead letters", "/dead-letters", Right.LETTERS),
)


class Number(IntegerConvertor):
    """A number in a page's address, that the database can hold; a longer one is no page."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", Number())
COMMAND = re.compile(r"; [^;`]*`villkor [^`]*`[^;]*")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
EVENTS = 200
"""Events of an order that a page shows at a time."""


def money(amount: int | None) -> str:
    """Kronor with a thin space between thousands, and a real minus."""
    if amount is None:
        return ""
    whole, _, ore = kronor(abs(amount)).partition(".")
    return f"{'−' if amount < 0 else ''}{int(whole):,}".replace(",", "\u202f") + f".{ore}"


def count(number: int) -> str:
    """A number with a thin space between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def instant(at: datetime | None) -> Markup:
    """An instant on the clocks of Stockholm, to the minute; machines get all of it."""
    if at is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time>').format(
        at.isoformat(), f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
    )


def day(at: date | datetime | None) -> Markup:
    """A day, that of Stockholm."""
    if at is None:
        return Markup("")
    shown = at.astimezone(STOCKHOLM).date() if isinstance(at, datetime) else at
    return Markup('<time datetime="{0}">{0}</time>').format(shown)


def local(at: datetime | None) -> str:
    """An instant as a form's field of date and time has it, on the clocks of Stockholm."""
    return "" if at is None else f"{at.astimezone(STOCKHOLM):%Y-%m-%dT%H:%M}"


def begun(sentence: str) -> str:
    """A sentence with its first letter as it stands at the beginning."""
    return sentence[:1].upper() + sentence[1:]


def for_pages(sentence: str) -> str:
    """An error's sentence without what to type at a command line, its times as pages have them."""
    return TIME.sub(_for_people, COMMAND.sub("", sentence))


def _for_people(found: re.Match[str]) -> str:
    """A time as pages have it; what only looks like one, as it stands."""
    with suppress(ValueError, OverflowError):
        return f"{datetime.fromisoformat(found[0]).astimezone(STOCKHOLM):%Y-%m-%d %H:%M}"
    return found[0]


def clause_at(clause: str) -> str:
    """Where a clause, a statute or a reading is explained."""
    return f"/terms/clause/{quote(clause, '')}"


def order_at(seller: str, order: str, event: int | None = None) -> str:
    """Where an order's page is, or the row of an event on it."""
    at = f"/orders/{quote(seller, '')}/{quote(order)}"
    if event is None:
        return at
    return f"{at}#e{event}" if event <= EVENTS else f"{at}?event={event}#e{event}"


def customer_at(seller: str, ref: str) -> str:
    """Where a customer's page is."""
    return f"/customers/{quote(seller, '')}/{quote(ref, '')}"


def fresh() -> str:
    """An id for a form that nobody has sent."""
    return token_hex(12)


def kind_of(item: AnyOutcome) -> str:
    """`fee`, `refund`, `deadline` and the like."""
    return type(item).__name__.lower()


def given(query: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a query that were told."""
    return {name: value for name, value in query.items() if value not in (None, "")}


@cache
def environment() -> Environment:
    """The templates; a name that is not given is an error."""
    made = Environment(
        loader=PackageLoader("adapters.console"), autoescape=select_autoescape(),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"money": money, "instant": instant, "day": day, "kind": kind_of,
                     "word": word, "count": count, "local": local, "begun": begun,
                     "given": given}  # fmt: skip
    made.globals |= {
        "static": static, "account_name": lambda number: CHART.get(number, ""),
        "clause_at": clause_at, "order_at": order_at, "fresh": fresh,
    }  # fmt: skip
    return made


@cache
def static(name: str) -> str:
    """Where a file of `static/` is, under a name that changes with what it holds."""
    held = files("adapters.console").joinpath("static", name).read_bytes()
    return f"/static/{name}?{sha256(held).hexdigest()[:12]}"


def address(path: str, query: Mapping[str, Any], **changed: Any) -> str:
    """A path with a query, some of it changed; None, or an empty text, takes a name out."""
    kept = given({**query, **changed})
    return path + (f"?{urlencode(kept)}" if kept else "")


def with_query(request: Request, **changed: Any) -> str:
    """This page's address with some of its query changed."""
    return address(path_of(request), request.query_params, **changed)


def anew() -> Response:
    """To a part of a page that renews itself: the browser loads the whole page anew."""
    return Response(status_code=204, headers={"HX-Refresh": "true"})


def _said(pending: Pending) -> dict[str, tuple[str, str]]:
    """Where a tab leads -> the number beside it, and what it counts; none where nothing waits."""
    told = {
        "/decisions": (pending.decisions, "decisions needed"),
        "/dead-letters": (pending.letters, "messages parked"),
        "/replay": (pending.lag, "events behind"),
    }
    return {
        at: (f"{MOST}+" if number > MOST and at != "/replay" else count(number), words)
        for at, (number, words) in told.items() if number
    }  # fmt: skip


def page(
    request: Request, template: str, status: int = 200, **told: Any
) -> Response:  # fmt: skip
    """A page. Templates know who asks, the tabs that there are, and `told`."""
    who = who_of(request)
    given: dict[str, Any] = {
        "request": request, "path": path_of(request), "query": request.query_params,
        "who": who, "Right": Right, "csrf": csrf_of(request),
        "tabs": [(name, at) for name, at, right in TABS if who is not None and who.may(right)],
        "pending": _said(pending_of(request)),
        "with_query": lambda **changed: with_query(request, **changed),
    }  # fmt: skip
    text = environment().get_template(template).render(**given | told)
    return HTMLResponse(text, status)
