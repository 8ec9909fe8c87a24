"""Dead letters: what is parked, by why; each with its remedy, and the acts that settle it.

What stands in a message is masked until somebody asks for it: it may be about persons.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right, Who
from adapters.console.once import once
from adapters.console.rendering import address, customer_at, order_at, page
from adapters.console.session import desk_of, form_of, signed_in, who_of
from adapters.dead_letters import Retry, discarded, is_correctable, told_again
from adapters.http.api.errors import status_of
from adapters.http.api.idempotency import told_at
from adapters.http.desk import may_tell, needs
from adapters.inbox import Untaken
from adapters.masking import MASK, payload, text
from adapters.messages import DECISION_SOURCE, Message, understand
from adapters.orders import sellers
from adapters.postgres import letters
from adapters.postgres.letters import OPEN, STATES, Settling
from adapters.remedies import MEANINGS, remedy
from adapters.report import Report
from domain.errors import Missing, Refused, VillkorError
from domain.fields import CUSTOMER

IS_THERE = """
    select exists (select from orders where seller = $1 and order_id = $2) or exists (
        select from events where seller = $1 and order_id = $2 and starts_with($2, 'customer:')
    )
"""
SHOWN = 50
TOGETHER = 100
"""Letters that are told again while somebody waits."""
SENTENCES = {
    "taken": "It was told again, and taken.",
    "parked": "It was told again, and is parked again: the sentence says why.",
    "known": "It was told again; it was known already, so nothing changed.",
    "discarded": "It was discarded.",
    "waiting": "It was handed over and is safe; its writer has not taken it yet. Look again later.",
}
"""What came of an act, in words."""
Letter = dict[str, Any]


async def queue(request: Request) -> Response:
    """The reasons with their counts, and the letters of one, or of all."""
    who, query = await signed_in(request, Right.LETTERS), request.query_params
    reason, state = query.get("reason") or None, query.get("state") or None
    seller = query.get("seller") or None
    async with desk_of(request).reader.asking(who) as store:
        groups = await letters.reasons(store.pool, seller)
        rows = await letters.listed(
            store.pool, reason, _states(state), SHOWN + 1, _number(query, "after"), seller
        )
        shops = await sellers(store.pool)
    more = rows[SHOWN - 1]["id"] if len(rows) > SHOWN else None
    return page(
        request, "letters.html", groups=groups, rows=rows[:SHOWN], more=more, reason=reason,
        state=state, seller=seller, sellers=shops, states=STATES, meanings=MEANINGS,
        together=TOGETHER, told=_told_all(query), left=_number(query, "left"),
        behind=_number(query, "behind"),
    )  # fmt: skip


def _states(told: str | None) -> tuple[str, ...]:
    if told not in (None, "all", *STATES):
        raise Refused(f"state: {told!r} is none of {', '.join(STATES)}, all")
    return {None: OPEN, "all": STATES}.get(told) or (str(told),)


def _number(told: Mapping[str, str], name: str) -> int:
    """A number that the address, or a form, has under a name; 0 without one."""
    value = told.get(name) or "0"
    if not (value.isascii() and value.isdigit()):
        raise Refused(f"{name}: {value!r} is no number of a letter")
    return min(int(value[:30]), 2**62)


def _told_all(query: Mapping[str, str]) -> str | None:
    """What came of telling all of a reason again, in words."""
    counts = [(query.get(name, ""), words) for name, words in (
        ("taken", "taken"), ("known", "known already"), ("parked", "parked again"),
        ("waiting", "handed over, and not taken by their writers yet"),
    )]  # fmt: skip
    said = [f"{count} {words}" for count, words in counts if count.isdecimal()]
    return ", ".join(said) or None


async def one(request: Request) -> Response:
    """A letter whole, with what can be done about it."""
    who = await signed_in(request, Right.LETTERS)
    return _letter(request, await _found(request, who))


async def _found(request: Request, who: Who) -> Letter:
    """The letter of the address, as it is there for somebody; `at` is where what it is about has a
    page, None where it has none. Raises Missing.
    """
    id = request.path_params["id"]
    async with desk_of(request).reader.asking(who) as store:
        letter = await letters.shown(store.pool, id)
        if letter is None:
            raise Missing(f"there is no dead letter {id}")
        is_there = await store.pool.fetchval(IS_THERE, letter["seller"], letter["order_id"])
    return letter | {"at": _at(letter) if is_there else None}


def _at(letter: Letter) -> str:
    seller, subject = letter["seller"], letter["order_id"]
    if subject.startswith(CUSTOMER):
        return customer_at(seller, subject.removeprefix(CUSTOMER))
    return order_at(seller, subject)


def _letter(
    request: Request, letter: Letter, status: int = 200, *, act: str = "", wrong: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """The page of a letter; `wrong` stands beside the form of the `act` that was refused."""
    who = who_of(request)
    may = who is not None and who.may(Right.OPERATE)
    bare = may and ("payload" in request.query_params or act == "edit")
    is_open = letter["state"] in OPEN
    return page(
        request, "letter.html", status, letter=letter, bare=bare, act=act, wrong=wrong,
        typed=typed or {}, remedy=remedy(letter), may_act=may and is_open,
        meaning=MEANINGS.get(letter["reason"], ""), open=is_open, may=may,
        is_correctable=is_correctable(letter),
        is_decision=letter["message_source"] == DECISION_SOURCE,
        payload=payload(letter["value"], bare=bare),
        headers=[(name, text(value) if bare else MASK) for name, value in letter["headers"]],
        edits=[edit | {"value": payload(edit["value"], bare=bare)} for edit in letter["edits"]],
        said=SENTENCES.get(request.query_params.get("said", "")),
    )  # fmt: skip


# -- acts -----------------------------------------------------------------------------------------


async def retry_all(request: Request) -> Response:
    """Tell those again that are parked for a reason and are there for who asks, the oldest first.

    So many at a time that somebody can wait for them; the next go on behind these.
    """
    who = await signed_in(request, Right.OPERATE)
    typed, desk = await form_of(request), desk_of(request)
    reason, seller = typed.get("reason", ""), typed.get("seller") or None
    behind = _number(typed, "behind")
    async with desk.reader.asking(who) as store:
        ids, left = await letters.oldest(store.pool, reason, seller, behind, TOGETHER)
    said = {"reason": reason, "seller": seller, "left": left, "behind": ids[-1] if ids else behind}
    why, done = Settling(told_at(request), who.token), Report()
    try:
        if ids:
            done = await told_again(desk.session, why, lambda retry: retry.all_of(ids))
    except Untaken:
        return RedirectResponse(address("/dead-letters", said, waiting=len(ids)), 303)
    counts = {"taken": done.taken, "known": done.duplicates, "parked": done.parked}
    return RedirectResponse(address("/dead-letters", said, **counts), 303)


async def retry(request: Request) -> Response:
    """Tell a letter again as it came."""

    async def tell(letter: Letter, typed: Mapping[str, str], who: Who) -> str:
        why = Settling(told_at(request), who.token)
        return await _again(request, why, lambda retry: retry.all_of([letter["id"]]))

    return await _acted(request, "retry", tell)


async def edit(request: Request) -> Response:
    """Tell a letter in other words; the bytes that came are kept."""

    async def tell(letter: Letter, typed: Mapping[str, str], who: Who) -> str:
        why, value = _why(request, who, typed), typed.get("value", "").encode()
        # As from outside, whoever it came from: no act, and nothing of another seller.
        fact = understand(Message(value, "edit"))
        await may_tell(desk_of(request), who, Right.OPERATE, fact)
        return await _again(request, why, lambda retry: retry.edited(letter["id"], value))

    return await _acted(request, "edit", tell)


async def discard(request: Request) -> Response:
    """Put a letter away for good, once its number was typed."""

    async def put_away(letter: Letter, typed: Mapping[str, str], who: Who) -> str:
        why = _why(request, who, typed)
        if typed.get("confirmed") != str(letter["id"]):
            raise Refused(f"type {letter['id']}, the number of this letter, to discard it")
        await discarded(desk_of(request).session, [letter["id"]], why)
        return "discarded"

    return await _acted(request, "discard", put_away)


async def _acted(
    request: Request, act: str, work: Callable[[Letter, Mapping[str, str], Who], Awaitable[str]]
) -> Response:
    """Do an act about a letter, and show what came of it; a refusal stands beside its form.

    What was settled meanwhile stays as it is.
    """
    who = await signed_in(request, Right.OPERATE)
    letter = await _found(request, who)
    needs(who, Right.OPERATE, letter["seller"])
    typed = await form_of(request)
    try:
        if letter["state"] not in OPEN:
            raise Missing(f"it is not parked any more: it was {letter['state']}")
        said = await work(letter, typed, who)
    except Untaken:
        said = "waiting"
    except VillkorError as error:
        status = status_of(error)
        return _letter(request, letter, status, act=act, wrong=str(error), typed=typed)
    return RedirectResponse(f"/dead-letters/{letter['id']}?said={said}", 303)


async def _again(
    request: Request, why: Settling, telling: Callable[[Retry], Awaitable[Report]]
) -> str:
    done = await told_again(desk_of(request).session, why, telling)
    return "taken" if done.taken else "known" if done.duplicates else "parked"


def _why(request: Request, who: Who, typed: Mapping[str, str]) -> Settling:
    """Who does it and why. Raises Refused where that is not said."""
    if not typed.get("note"):
        raise Refused("the reason is missing")
    return Settling(told_at(request), who.token, typed["note"])


ROUTES = (
    Route("/dead-letters", queue),
    Route("/dead-letters/retry", once(retry_all), methods=["POST"]),
    Route("/dead-letters/{id:number}", one),
    Route("/dead-letters/{id:number}/retry", once(retry), methods=["POST"]),
    Route("/dead-letters/{id:number}/edit", once(edit), methods=["POST"]),
    Route("/dead-letters/{id:number}/discard", once(discard), methods=["POST"]),
)
