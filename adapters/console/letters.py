"""Dead letters: what is parked, by why; each with its remedy, and the acts that settle it.

What stands in a message is masked until somebody asks for it: it may be about persons.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right, Who
from adapters.console.rendering import page
from adapters.console.session import desk_of, form_of, signed_in
from adapters.dead_letters import Retry, discarded, is_fact, told_again
from adapters.http.api.errors import STATUS
from adapters.http.desk import may_tell, needs
from adapters.masking import MASK, payload, text
from adapters.messages import Message, understand
from adapters.postgres import letters
from adapters.postgres.letters import OPEN, STATES, Settling
from adapters.remedies import MEANINGS, remedy
from adapters.report import Report
from domain.errors import Missing, Refused, VillkorError

SHOWN = 50
SENTENCES = {
    "taken": "It was told again, and taken.",
    "parked": "It was told again, and is parked again: the sentence says why.",
    "known": "It was told again; it was known already, so nothing changed.",
    "discarded": "It was discarded.",
}
"""What came of an act, in words."""
Letter = dict[str, Any]


async def queue(request: Request) -> Response:
    """The reasons with their counts, and the letters of one, or of all."""
    who, query = await signed_in(request, Right.LETTERS), request.query_params
    reason, state = query.get("reason") or None, query.get("state") or None
    async with desk_of(request).reader.asking(who) as store:
        groups = await letters.reasons(store.pool)
        rows = await letters.listed(
            store.pool, reason, _states(state), SHOWN + 1, _after(query.get("after"))
        )
    more = rows[SHOWN - 1]["id"] if len(rows) > SHOWN else None
    return page(request, "letters.html", groups=groups, rows=rows[:SHOWN], more=more,
                reason=reason, state=state, states=STATES, meanings=MEANINGS,
                told=_told_all(query))  # fmt: skip


def _states(told: str | None) -> tuple[str, ...]:
    if told not in (None, "all", *STATES):
        raise Refused(f"state: {told!r} is none of {', '.join(STATES)}, all")
    return {None: OPEN, "all": STATES}.get(told) or (str(told),)


def _after(told: str | None) -> int:
    if told and not told.isdecimal():
        raise Refused(f"after: {told!r} is no number of a letter")
    return min(int(told or 0), 2**62)


def _told_all(query: Mapping[str, str]) -> str | None:
    """What came of telling all of a reason again, in words."""
    counts = [(query.get(name, ""), words) for name, words in (
        ("taken", "taken"), ("known", "known already"), ("parked", "parked again"),
    )]  # fmt: skip
    said = [f"{count} {words}" for count, words in counts if count.isdecimal()]
    return ", ".join(said) or None


async def one(request: Request) -> Response:
    """A letter whole, with what can be done about it."""
    who = await signed_in(request, Right.LETTERS)
    return _letter(request, await _found(request, who))


async def _found(request: Request, who: Who) -> Letter:
    """The letter of the address, as it is there for somebody. Raises Missing."""
    id = request.path_params["id"]
    async with desk_of(request).reader.asking(who) as store:
        letter = await letters.shown(store.pool, id) if id < 2**62 else None
    if letter is None:
        raise Missing(f"there is no dead letter {id}")
    return letter


def _letter(
    request: Request, letter: Letter, status: int = 200, *, act: str = "", wrong: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """The page of a letter; `wrong` stands beside the form of the `act` that was refused."""
    bare = "payload" in request.query_params or act == "edit"
    return page(
        request, "letter.html", status, letter=letter, bare=bare, act=act, wrong=wrong,
        typed=typed or {}, remedy=remedy(letter), is_fact=is_fact(letter),
        meaning=MEANINGS.get(letter["reason"], ""), open=letter["state"] in OPEN,
        payload=payload(letter["value"], bare=bare),
        headers=[(name, text(value) if bare else MASK) for name, value in letter["headers"]],
        edits=[edit | {"value": payload(edit["value"], bare=bare)} for edit in letter["edits"]],
        said=SENTENCES.get(request.query_params.get("said", "")),
    )  # fmt: skip


# -- acts -----------------------------------------------------------------------------------------


async def retry_all(request: Request) -> Response:
    """Tell all again that are parked for a reason and are there for who asks."""
    who = await signed_in(request, Right.OPERATE)
    typed, desk = await form_of(request), desk_of(request)
    reason = typed.get("reason", "")
    async with desk.reader.asking(who) as store:
        ids = await letters.of_reason(store.pool, reason)
    why = Settling(desk.now, who.token)
    done = Report()
    if ids:
        done = await told_again(desk.session, why, lambda retry: retry.all_of(ids))
    counts = f"taken={done.taken}&known={done.duplicates}&parked={done.parked}"
    return RedirectResponse(f"/dead-letters?{counts}", 303)


async def retry(request: Request) -> Response:
    """Tell a letter again as it came."""

    async def tell(letter: Letter, typed: Mapping[str, str], who: Who) -> str:
        why = Settling(desk_of(request).now, who.token)
        return await _again(request, why, lambda retry: retry.all_of([letter["id"]]))

    return await _acted(request, "retry", tell)


async def edit(request: Request) -> Response:
    """Tell a letter in other words; the bytes that came are kept."""

    async def tell(letter: Letter, typed: Mapping[str, str], who: Who) -> str:
        why, value = _why(request, typed), typed.get("value", "").encode()
        # As from outside, whoever it came from: no act, and nothing of another seller.
        may_tell(who, Right.OPERATE, understand(Message(value, "edit")))
        return await _again(request, why, lambda retry: retry.edited(letter["id"], value))

    return await _acted(request, "edit", tell)


async def discard(request: Request) -> Response:
    """Put a letter away for good, once its number was typed."""

    async def put_away(letter: Letter, typed: Mapping[str, str], who: Who) -> str:
        why = _why(request, typed)
        if typed.get("confirmed") != str(letter["id"]):
            raise Refused(f"type {letter['id']}, the number of this letter, to discard it")
        await discarded(desk_of(request).session, [letter["id"]], why)
        return "discarded"

    return await _acted(request, "discard", put_away)


async def _acted(
    request: Request, act: str, work: Callable[[Letter, Mapping[str, str], Who], Awaitable[str]]
) -> Response:
    """Do an act about a letter, and show what came of it; a refusal stands beside its form.

    What was settled meanwhile stays as it is: who sends a form twice changes nothing.
    """
    who = await signed_in(request, Right.OPERATE)
    letter = await _found(request, who)
    needs(who, Right.OPERATE, letter["seller"])
    typed = await form_of(request)
    try:
        if letter["state"] not in OPEN:
            raise Missing(f"it is not parked any more: it was {letter['state']}")
        said = await work(letter, typed, who)
    except VillkorError as error:
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 503)
        return _letter(request, letter, status, act=act, wrong=str(error), typed=typed)
    return RedirectResponse(f"/dead-letters/{letter['id']}?said={said}", 303)


async def _again(
    request: Request, why: Settling, telling: Callable[[Retry], Awaitable[Report]]
) -> str:
    done = await told_again(desk_of(request).session, why, telling)
    return "taken" if done.taken else "known" if done.duplicates else "parked"


def _why(request: Request, typed: Mapping[str, str]) -> Settling:
    """Who does it and why. Raises Refused where one is not said."""
    for name, words in (("by", "your name"), ("note", "the reason")):
        if not typed.get(name):
            raise Refused(f"{words} is missing")
    return Settling(desk_of(request).now, typed["by"], typed["note"])


ROUTES = (
    Route("/dead-letters", queue),
    Route("/dead-letters/retry", retry_all, methods=["POST"]),
    Route("/dead-letters/{id:int}", one),
    Route("/dead-letters/{id:int}/retry", retry, methods=["POST"]),
    Route("/dead-letters/{id:int}/edit", edit, methods=["POST"]),
    Route("/dead-letters/{id:int}/discard", discard, methods=["POST"]),
)
