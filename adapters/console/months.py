"""Accounting months: which are open, the act that closes one, and books to take along."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right
from adapters.console.books import Asked, as_sheet, asked, grouped, ledger_page, sellers_of
from adapters.console.once import once
from adapters.console.session import desk_of, form_of
from adapters.exports import beancount, hledger, sie
from adapters.exports.ledger import Ledger, reading
from adapters.http.desk import needs
from adapters.http.downloads import download, sheet
from adapters.inbox import Untaken
from adapters.ledger import late, periods, sheets
from adapters.ledger.closing import close_month
from adapters.ledger.periods import Period, check_closable
from adapters.ledger.sheets import For
from adapters.ledger.subledgers import MOST
from adapters.ledger.told import month_of
from adapters.ledger.trial import Span, trial_balance
from adapters.ledger.unsettled import unsettled
from adapters.partitions import PARTITIONS
from domain.calendar import day_of
from domain.errors import Guarded, Missing, Refused
from projections.periods import after


JOURNALS = {
    "hledger": (hledger.SUFFIX, hledger.write), "beancount": (beancount.SUFFIX, beancount.write),
}  # fmt: skip
SIE: dict[str, sie.Type] = {"sie-4i": "4I", "sie-4e": "4E"}
TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
SHOWN = 24
"""Months of a seller on a page."""
LATE = 20
"""Late entries on the page of a month; the CSV has all."""


async def listed(request: Request) -> Response:
    """The months of each seller's books, the newest first; or of one those before a month."""
    asking = await asked(request)
    before = month_of(asking.query.get("before"), "before")
    async with desk_of(request).reader.asking(asking.who) as store:
        found = await periods.periods(store.pool, asking.seller)
        sellers = await sellers_of(request, store, asking.seller)
    wanted = [one for one in found if before is None or one.month < before]
    groups = [
        (seller, list(some)[::-1]) for seller, some in groupby(wanted, key=lambda one: one.seller)
    ]
    return ledger_page(
        request, "ledger_periods.html", asking, groups=groups, sellers=sellers, of=PARTITIONS,
        shown=SHOWN, before=before, due=_due(found, day_of(desk_of(request).now)),
    )  # fmt: skip


def _due(known: Iterable[Period], today: date) -> dict[str, Period]:
    """By seller the first month that is over, has postings and is not closed: the next to close."""
    found: dict[str, Period] = {}
    for one in known:
        if one.entries and one.state != "closed" and after(one.month) <= today:
            found.setdefault(one.seller, one)
    return found


# -- one month -------------------------------------------------------------------------------------


async def month(request: Request) -> Response:
    """One month: what it comes to, what is unsettled, and its files."""
    asking, seller, first = await _one(request)
    return await _month(request, asking, seller, first)


async def _one(request: Request) -> tuple[Asked, str, date]:
    """Who asks for which month of whose books. Raises Forbidden and Missing."""
    asking, path = await asked(request), request.path_params
    needs(asking.who, Right.LEDGER, path["seller"])
    try:
        first = month_of(path["month"])
    except Refused as error:
        raise Missing(str(error)) from error
    assert first is not None  # the route has it
    return asking, path["seller"], first


async def _month(
    request: Request, asking: Asked, seller: str, first: date, fault: str | None = None,
    fields: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """The page of a month; with a fault, the form as it was sent."""
    desk = desk_of(request)
    async with desk.reader.asking(asking.who) as store:
        known = await periods.periods(store.pool, seller)
        await sellers_of(request, store, seller)
        groups = grouped(await trial_balance(store.pool, seller, Span(first, first)))
        waits = await unsettled(store.pool, seller, first, desk.now)
        came_late = await late.entries(store.pool, seller, first, LATE + 1)
    one = next((one for one in known if one.month == first), Period(seller, first, 0))
    waits_for = next((each for each in known if each.state != "closed" and each.entries), one)
    answer = ledger_page(
        request, "ledger_month.html", asking, seller=seller, period=one, groups=groups,
        unsettled=waits, late=came_late[:LATE], more_late=len(came_late) > LATE,
        hindrance=_hindrance(known, one, desk.now), of=PARTITIONS,
        next=_due(known, day_of(desk.now)).get(seller), begun=first <= day_of(desk.now),
        moved=[group for group in groups if group.debit], fault=fault, fields=fields or {},
        waits_for=waits_for if waits_for.month < first else None,
        before=max((each.month for each in known if each.month < first), default=None),
        behind=min((each.month for each in known if each.month > first), default=None),
        last_day=after(first) - timedelta(days=1),
    )  # fmt: skip
    answer.status_code = 409 if fault else 200
    return answer


def _hindrance(known: Sequence[Period], one: Period, now: datetime) -> str | None:
    """Why a month cannot be closed now, where it cannot."""
    try:
        check_closable(known, one.seller, one.month, now)
    except Guarded as error:
        return str(error)
    return None


async def close(request: Request) -> Response:
    """Close a month, once who does it has typed which, for nothing opens it again."""
    asking, seller, first = await _one(request)
    needs(asking.who, Right.CLOSE, seller)
    fields, desk, told = await form_of(request), desk_of(request), f"{first:%Y-%m}"
    if fault := _unfilled(fields, told):
        return await _month(request, asking, seller, first, fault, fields)
    try:
        done = await close_month(
            desk.session, seller, told, asking.who.token, fields["reason"], asking.who
        )
        if done.already:
            fault = f"{told} was closed already: nothing of yours is recorded"
            return await _month(request, asking, seller, first, fault)
    except Untaken:
        pass  # the page says in how many partitions it is closed
    except (Guarded, Refused) as error:
        return await _month(request, asking, seller, first, str(error), fields)
    return RedirectResponse(request.url.path, 303)


def _unfilled(fields: dict[str, str], told: str) -> str | None:
    """What a form lacks, in a sentence."""
    if not fields.get("reason"):
        return "the reason is missing: such as what was reconciled, and with what"
    if fields.get("month") != told:
        return f"the month to close was not confirmed: type {told}"
    return None


async def late_entries(request: Request) -> Response:
    """What happened in a month and stands in the books of a later one, as CSV."""
    asking, seller, first = await _one(request)
    whom = as_sheet(request) or For.PROGRAMS
    async with desk_of(request).reader.asking(asking.who) as store:
        found = await late.entries(store.pool, seller, first, MOST)
    return await sheet(
        f"late-{seller}-{first:%Y-%m}", lambda out: sheets.late(out, seller, first, found, whom)
    )


# -- books to take along ---------------------------------------------------------------------------


async def exported(request: Request) -> Response:
    """A seller's months in the format of another program."""
    asking, format = await asked(request), request.path_params["format"]
    if asking.seller is None or asking.span == Span():
        raise Refused("seller: say whose books, and which month, as seller and month")
    if format not in JOURNALS and format not in SIE:
        formats = ", ".join([*SIE, *JOURNALS])
        raise Missing(f"there is no format {format!r}; there are {formats}")
    desk, span = desk_of(request), asking.span
    async with (
        desk.reader.asking(asking.who) as store,
        reading(store.pool, asking.seller, span.first, span.last) as ledger,
    ):
        if format in JOURNALS:
            suffix, write = JOURNALS[format]
            return await download(asking.name + suffix, TEXT, partial(write, ledger))
        return await _sie(asking, SIE[format], ledger, day_of(desk.now))


async def _sie(asking: Asked, type: sie.Type, ledger: Ledger, today: date) -> Response:
    """A SIE file: of the currency that is said, or the home currency where there are several."""
    query, having = asking.query, ledger.currencies()
    currency = query.get("currency") or (sie.HOME if sie.HOME in having else having[0])
    if currency not in having:
        raise Missing(f"{ledger.title} has nothing in {currency!r}; it has {', '.join(having)}")
    number, starts = query.get("orgnr"), query.get("year_starts", "1")
    if number is not None and not sie.is_organisation_number(number):
        raise Refused(f"orgnr: {number!r} is no organisation number, NNNNNN-NNNN")
    if not (starts.isascii() and starts.isdigit() and 1 <= int(starts) <= 12):
        raise Refused(f"year_starts: {starts!r} is no month from 1 to 12")
    company = sie.Company(query.get("company", ledger.seller), number, int(starts))
    name = asking.name + sie.suffix(type, currency, having)
    return await download(
        name, BYTES,
        partial(sie.write, ledger, type=type, company=company, today=today, currency=currency),
    )  # fmt: skip


ROUTES = (
    Route("/ledger/periods", listed),
    Route("/ledger/periods/{seller}/{month}", month),
    Route("/ledger/periods/{seller}/{month}", once(close), methods=["POST"]),
    Route("/ledger/periods/{seller}/{month}/late", late_entries),
    Route("/ledger/export/{format}", exported),
)
