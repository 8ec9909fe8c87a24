"""Replay: how far everything is, verifying and rebuilding from here, and what-if.

Verifying and rebuilding read all of the log as its owner, so that they are for who sees all
sellers. They go on beside those who ask, one at a time; their part of the page is asked for every
second while they do, and without scripts by a link.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right, Who
from adapters.background import Work
from adapters.console.rendering import money, order_at, page
from adapters.console.session import SignedOut, desk_of, form_of, signed_in
from adapters.http.desk import Forbidden, needs
from adapters.orders import sellers
from adapters.processes import Progress, cores
from adapters.rebuild import rebuild
from adapters.standing import standing
from adapters.verify import verify
from adapters.verify.differences import MONEY, SHOWN, Difference
from adapters.what_if.few import what_if_of
from adapters.what_if.supposed import asked
from domain.errors import Refused, VillkorError
from domain.fields import CUSTOMER
from projections import PROJECTIONS

VERIFYING, REBUILDING = "verifying", "rebuilding"
WORD = "rebuild"
"""What is typed to confirm a rebuild."""
MOST = 200
"""Differences, or orders that would differ, that a page shows."""
BESIDE = max(2, cores())
"""Processes that verify or rebuild: never this one, which answers others meanwhile."""


async def board(request: Request) -> Response:
    """The page."""
    return await _board(request, await signed_in(request, Right.LOG))


async def _board(
    request: Request, who: Who, status: int = 200, *, act: str = "", wrong: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    async with desk_of(request).reader.asking(who) as store:
        found = await standing(store.pool)
    return page(
        request, "replay.html", status, standing=found, act=act, wrong=wrong, typed=typed or {},
        models=[one.name for one in PROJECTIONS], word=WORD, **_shown(request, who),
    )  # fmt: skip


async def part(request: Request) -> Response:
    """What is at work, alone. Who is signed out loads the page."""
    try:
        who = await signed_in(request, Right.LOG)
    except SignedOut:
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return page(request, "replay_work.html", **_shown(request, who))


def _shown(request: Request, who: Who) -> dict[str, Any]:
    """What is at work, or what came of it; only who sees all sees it."""
    work = desk_of(request).background.work if who.sees_all else None
    return {
        "work": work, "verifying": VERIFYING, "percent": _percent(work), "most": MOST,
        "may_cancel": work is not None and _may(who, work), "led_to": led_to, "values": values,
    }  # fmt: skip


def _percent(work: Work | None) -> int:
    return 100 * work.done // work.of if work is not None and work.of else 0


def _may(who: Who, work: Work) -> bool:
    """Who may begin it may cancel it."""
    return who.may(Right.LOG if work.name == VERIFYING else Right.OPERATE)


def led_to(one: Difference) -> tuple[str, str] | None:
    """The order or customer of a difference, and the address of its event, where there is one."""
    if one.order is None:
        return None
    seller, _, subject = one.order.partition("/")
    if subject.startswith(CUSTOMER):
        ref = subject.removeprefix(CUSTOMER)
        return subject, f"/customers/{quote(seller, '')}/{quote(ref, '')}"
    version = None if one.event is None else one.event.version
    return subject, order_at(seller, subject) + ("" if version is None else f"#e{version}")


def values(of: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Columns and what they hold, amounts in kronor, each as short as a line."""
    said = []
    for name, value in (of or {}).items():
        text = money(value) if name in MONEY and isinstance(value, int) else str(value)
        said.append((name.replace("_", " "), text if len(text) <= SHOWN else f"{text[:SHOWN]}.."))
    return said


# -- acts -----------------------------------------------------------------------------------------


async def verifying(request: Request) -> Response:
    """Begin to verify the whole log."""
    who = await _all_seeing(request, Right.LOG)
    await form_of(request)
    session = desk_of(request).session

    async def run(progress: Progress) -> Any:
        return await verify(session.store, session.book, progress=progress, processes=BESIDE)

    return await _begun(request, who, VERIFYING, run)


async def rebuilding(request: Request) -> Response:
    """Begin to rebuild the read models that are ticked (all), once the word was typed."""
    who = await _all_seeing(request, Right.OPERATE)
    typed = await form_of(request)
    session = desk_of(request).session
    names = [one.name for one in PROJECTIONS if one.name in typed]
    if typed.get("confirmed", "").lower() != WORD:
        wrong = f"type {WORD} to confirm it; nothing was begun"
        return await _board(request, who, 422, act=REBUILDING, wrong=wrong, typed=typed)

    async def run(progress: Progress) -> Any:
        return await rebuild(session.store, names, progress=progress, processes=BESIDE)

    return await _begun(request, who, REBUILDING, run)


async def cancelling(request: Request) -> Response:
    """Cancel what is at work; what it would have changed is as it was."""
    who, background = await _all_seeing(request, Right.LOG), desk_of(request).background
    if background.work is not None and not _may(who, background.work):
        needs(who, Right.OPERATE)
    await form_of(request)
    await background.end()
    return RedirectResponse("/replay#work", 303)


async def _all_seeing(request: Request, right: Right) -> Who:
    """Who may do it. Raises Forbidden also where it does not see all sellers."""
    who = await signed_in(request, right)
    if not who.sees_all:
        raise Forbidden("this token is for some sellers; the whole log is for who sees all")
    return who


async def _begun(request: Request, who: Who, name: str, run: Any) -> Response:
    try:
        desk_of(request).background.begin(name, who.token, run)
    except VillkorError as error:
        return await _board(request, who, 409, act=name, wrong=str(error))
    return RedirectResponse("/replay#work", 303)


# -- what if --------------------------------------------------------------------------------------


async def what_if(request: Request) -> Response:
    """The form, and what would differ. Nothing is written; the question is in the address."""
    who, desk = await signed_in(request, Right.LOG), desk_of(request)
    told = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    found, wrong = None, ""
    async with desk.reader.asking(who) as store:
        whose = await sellers(store.pool)
        if told.get("seller"):
            needs(who, Right.LOG, told["seller"])
            try:
                question = _question(request, told)
                found = await what_if_of(store, desk.book, question, desk.now, told.get("order"))
            except VillkorError as error:
                wrong = str(error)
    return page(
        request, "replay_what_if.html", 422 if wrong else 200, told=told, found=found, wrong=wrong,
        sellers=whose, readings=_readings(request), most=MOST,
    )  # fmt: skip


def _question(request: Request, told: Mapping[str, str]) -> Any:
    """What is supposed. Raises VillkorError where it cannot be."""
    if not told.keys() & {"terms", "reading", "day"}:
        raise Refused("nothing is supposed; choose other terms, a reading or a day")
    seller = told["seller"]
    terms = seller if told.get("terms") == "installed" else None
    readings: Sequence[str] = [told["reading"]] if "reading" in told else []
    return asked(desk_of(request).book, terms, readings, told.get("day"), seller)


def _readings(request: Request) -> dict[str, list[str]]:
    """The open questions of all terms, each with its options."""
    return {name: list(one.options) for name, one in desk_of(request).book.readings.items()}


ROUTES = (
    Route("/replay", board), Route("/replay/work", part),
    Route("/replay/verify", verifying, methods=["POST"]),
    Route("/replay/rebuild", rebuilding, methods=["POST"]),
    Route("/replay/cancel", cancelling, methods=["POST"]),
    Route("/replay/what-if", what_if),
)  # fmt: skip
