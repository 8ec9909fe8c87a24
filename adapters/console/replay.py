"""Replay: how far everything is, verifying and rebuilding from here, and what-if.

Verifying and rebuilding read all of the log as its owner, so that they are for who sees all
sellers. They go on beside those who ask, one at a time; their part of the page is asked for every
second while they do, and without scripts by a link.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right, Who
from adapters.background import Work
from adapters.console.once import once
from adapters.console.owed import Explained, explained
from adapters.console.rendering import address, anew, page
from adapters.console.session import desk_of, form_of, signed_in
from adapters.console.verification import MOST, VERIFYING, as_file, last_verified, wall
from adapters.http.desk import Forbidden, needs
from adapters.http.downloads import sheet as csv
from adapters.inbox import Untaken
from adapters.orders import sellers
from adapters.postgres.store import Store
from adapters.processes import Progress, cores
from adapters.rebuild import Override, rebuild
from adapters.standing import standing
from adapters.verify import verify
from adapters.what_if import WhatIf
from adapters.what_if.few import both_of, what_if_of
from adapters.what_if.sheet import sheet
from adapters.what_if.supposed import Question, asked
from domain.errors import Refused, TermsError, VillkorError
from domain.terms.book import Book
from projections import PROJECTIONS

REBUILDING = "rebuilding"
WORD = "rebuild"
"""What is typed to confirm a rebuild."""
DESPITE = "despite"
"""What is typed to rebuild although a hash chain is broken."""
ASKED = ("seller", "terms", "day", "reading", "order")
"""What a what-if asks in its address."""
BESIDE = max(2, cores())
"""Processes that verify or rebuild: never this one, which answers others meanwhile."""


class Both(NamedTuple):
    """An outcome as it is, and as it would be; None where there is none."""

    before: Explained | None
    after: Explained | None


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
        models=[one.name for one in PROJECTIONS], word=WORD, despite=DESPITE,
        **_shown(request, who), **last_verified(request, who, found.events),
    )  # fmt: skip


async def part(request: Request) -> Response:
    """What is at work, alone; once it has ended, all of the page is otherwise."""
    shown = _shown(request, await signed_in(request, Right.LOG))
    work: Work | None = shown["work"]
    if work is None or not work.is_running:
        return anew()
    return page(request, "replay_work.html", **shown)


def _shown(request: Request, who: Who) -> dict[str, Any]:
    """What is at work, or what came of it; only who sees all sees it."""
    work = desk_of(request).background.work if who.sees_all else None
    return {
        "work": work, "verifying": VERIFYING, "percent": _percent(work), "wall": wall,
        "may_cancel": work is not None and _may(who, work),
    }  # fmt: skip


def _percent(work: Work | None) -> int:
    return 100 * work.done // work.of if work is not None and work.of else 0


def _may(who: Who, work: Work) -> bool:
    """Who may begin it may cancel it."""
    return who.may(Right.LOG if work.name == VERIFYING else Right.OPERATE)


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

    if wrong := _unsigned(typed):
        return await _board(request, who, 422, act=REBUILDING, wrong=wrong, typed=typed)
    override = None
    if typed.get("despite"):
        override = Override(who.token, typed["reason"], session.clock.now())

    async def run(progress: Progress) -> Any:
        done = await rebuild(
            session.store, names, despite=override, progress=progress, processes=BESIDE
        )
        if done.inbox:
            with suppress(Untaken):  # its writer takes the act later
                await session.taken(done.inbox)
        return done

    return await _begun(request, who, REBUILDING, run)


def _unsigned(typed: Mapping[str, str]) -> str:
    """What an override lacks, in a sentence; '' where all is there, or none is meant."""
    despite, reason = typed.get("despite", ""), typed.get("reason", "").strip()
    if not despite and not reason:
        return ""
    if despite.lower() != DESPITE:
        return f"type {DESPITE} to go on although a chain is broken; nothing was begun"
    return "" if reason else "say why it goes on although a chain is broken; nothing was begun"


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
    who = await signed_in(request, Right.LOG)
    told = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    return await _what_if(request, who, told)


async def draft(request: Request) -> Response:
    """The same of terms that nobody adopted, pasted or from a file: of them nothing is kept."""
    who = await signed_in(request, Right.LOG)
    typed = {name: value for name, value in (await form_of(request)).items() if value}
    if "file" in typed:
        typed["draft"] = typed.pop("file")
    if "draft" not in typed:
        asks = {name: typed.get(name) for name in ASKED}
        return RedirectResponse(address("/replay/what-if", asks), 303)
    return await _what_if(request, who, typed)


async def _what_if(request: Request, who: Who, told: Mapping[str, str]) -> Response:
    found, both, wrong, desk = None, [], "", desk_of(request)
    if "seller" in told:
        needs(who, Right.LOG, told["seller"])
    async with desk.reader.asking(who) as store:
        whose = await sellers(store.pool)
        if told.keys() & {"seller", "draft"}:
            try:
                question = _question(request, told)
                found = await what_if_of(store, desk.book, question, desk.now, told.get("order"))
                if "order" in told and found.found.differing:
                    both = await _both(store, desk.book, found, told["order"])
            except TermsError as error:
                wrong = f"the draft: {error}" if "draft" in told else str(error)
            except VillkorError as error:
                wrong = str(error)
    if found is not None and told.get("format") == "csv":
        return await csv(f"what-if-{told['seller']}", lambda out: sheet(out, found))
    return page(
        request, "replay_what_if.html", 422 if wrong else 200, told=told, found=found, wrong=wrong,
        sellers=whose, readings=_readings(request), most=MOST, both=both,
    )  # fmt: skip


async def _both(store: Store, book: Book, found: WhatIf, order: str) -> list[Both]:
    """Each outcome of an order that would differ: explained as it is, and as it would be."""
    twice = await both_of(store, book, found.question, found.at, order)
    assert twice is not None, "it differs, so it was decided twice"
    said = [
        [None if item is None else explained([item], (), twice.state, book)[0] for item in pair]
        for pair in twice.differing
    ]
    return [Both(before, after) for before, after in said]


def _question(request: Request, told: Mapping[str, str]) -> Question:
    """What is supposed. Raises VillkorError where it cannot be."""
    if "seller" not in told:
        raise Refused("seller: choose whose terms the draft is of")
    if not told.keys() & {"terms", "draft", "reading", "day"}:
        raise Refused("nothing is supposed; choose other terms, a reading or a day")
    seller, text = told["seller"], told.get("draft")
    terms = seller if text is not None or told.get("terms") == "installed" else None
    readings: Sequence[str] = [told["reading"]] if "reading" in told else []
    question = asked(desk_of(request).book, terms, readings, told.get("day"), seller)
    return replace(question, text=text)


def _readings(request: Request) -> dict[str, list[str]]:
    """The open questions of all terms, each with its options."""
    return {name: list(one.options) for name, one in desk_of(request).book.readings.items()}


ROUTES = (
    Route("/replay", board), Route("/replay/work", part),
    Route("/replay/verify", once(verifying), methods=["POST"]),
    Route("/replay/verification.json", as_file),
    Route("/replay/rebuild", once(rebuilding), methods=["POST"]),
    Route("/replay/cancel", cancelling, methods=["POST"]),
    Route("/replay/what-if", what_if), Route("/replay/what-if", draft, methods=["POST"]),
)  # fmt: skip
