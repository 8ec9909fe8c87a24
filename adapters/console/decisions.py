"""Decisions needed: what the terms leave to a person, as a work queue, and the act itself.

A decision becomes a fact of its order, by the name of the token. Each form carries the id of the
fact that it would tell, so that sending it twice tells it once.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.access import Right, Who
from adapters.console.once import id_of, once
from adapters.console.rendering import page
from adapters.console.session import desk_of, form_of, path_of, signed_in
from adapters.deciding import SOURCE, Decided, Decision, came_of, decide
from adapters.http.api.errors import status_of
from adapters.http.api.idempotency import told_at
from adapters.http.api.paging import cursor, place
from adapters.http.desk import needs
from adapters.inbox import Untaken
from adapters.messages import understand
from adapters.narrated import changed, reason
from adapters.orders import sellers
from adapters.postgres.letters import why_parked
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.story import Story
from adapters.undecided import Place, counts, open_questions, questions, settled_questions
from domain.errors import Conflict, Guarded, Missing, Refused, VillkorError
from domain.events import FactTold, OutcomeRaised
from domain.facts import DiscretionExercised
from domain.outcomes import Ruling
from domain.policies.goodwill import AGREED_FEE, DECISIONS, FREIGHT, GOODWILL

SHOWN = 50
BESIDE = {
    GOODWILL: "Goodwill: money back beside the terms",
    FREIGHT: "Freight back, or a part of it",
    AGREED_FEE: "A fee that the customer agreed to",
}
"""What can be decided about any order, in words."""
NUMBER = re.compile(r"([0-9]{1,3}(\s[0-9]{3})+|[0-9]+)([.,][0-9]+)?")
"""A number as people write it, its thousands apart or not."""
LONGEST = 16


async def queue(request: Request) -> Response:
    """What waits for a decision, the oldest first."""
    who, query = await signed_in(request, Right.ORDERS), request.query_params
    seller, kind = query.get("seller") or None, query.get("kind") or None
    after = place(query.get("after") or None, Place)
    async with desk_of(request).reader.asking(who) as store:
        waiting = await counts(store.pool)
        rows = await questions(store, seller, kind, SHOWN + 1, after)
        shops = await sellers(store.pool)
    kinds: Counter[str] = Counter()
    for shop, name, many in waiting:
        kinds[name] += many if seller in (None, shop) else 0
    return page(
        request, "decisions.html", rows=rows[:SHOWN], seller=seller, kind=kind, sellers=shops,
        kinds={name: many for name, many in kinds.most_common() if many},
        more=cursor(rows[SHOWN - 1].place) if len(rows) > SHOWN else None,
    )  # fmt: skip


async def of_an_order(request: Request) -> Response:
    """The questions about one order, and what can be decided beside the terms."""
    who = await signed_in(request, Right.ORDERS)
    return await _order(request, who)


async def _order(
    request: Request, who: Who, status: int = 200, *, wrong: str = "",
    typed: Mapping[str, str] | None = None, unsure: bool = False,
) -> Response:  # fmt: skip
    """The page; `wrong` stands beside the form whose `about` was typed, which asks whether it is
    meant where that is `unsure`.
    """
    seller, order = request.path_params["seller"], request.path_params["order"]
    async with desk_of(request).reader.asking(who) as store:
        row = await Queries(store.pool).order(order, seller)
        story = await Story.read(store, seller, order)
        typed, told = typed or {}, request.query_params.get("told")
        parked = None if told is None else await why_parked(
            store.pool, (seller, order, SOURCE, told)
        )  # fmt: skip
    return page(
        request, "decision.html", status, row=row, typed=typed, wrong=wrong,
        asked=open_questions(story.events), settled=settled_questions(story.events),
        beside=BESIDE, may=who.may(Right.DECIDE), decided=_decided(story), unsure=unsure,
        came=_came_of(story, typed.get("id") or told), told=told, parked=parked,
    )  # fmt: skip


def _decided(story: Story) -> list[FactTold]:
    """What people decided about the order, was not refused and not taken back, the last first."""
    refused = {one.cause for one in story.outcomes if isinstance(one, Ruling)}
    told = story.order.state.all(DiscretionExercised)
    stands = {(one.source, one.id) for one in told if one.id not in refused}
    return [
        event for event in reversed(story.events)
        if isinstance(event, FactTold) and isinstance(event.told.fact, DiscretionExercised)
        and (event.told.source, event.told.id) in stands
    ]  # fmt: skip


def _came_of(story: Story, id: str | None) -> dict[str, Any] | None:
    """What came of a decision: what changed and why, or why it does not count."""
    if not id or (raised := came_of(story, id)) is None:
        return None
    refusal = Decided(id, story, raised).refusal
    return {
        "refused": next((reason(one) for one in raised if one.item is refusal), None),
        "changes": [(changed(one), reason(one), one) for one in raised if not _is_refusal(one)],
    }


def _is_refusal(event: OutcomeRaised) -> bool:
    """Of a decision: also of earlier ones, whose bounds it moved."""
    return isinstance(event.item, Ruling) and event.item.about == "discretion"


async def act(request: Request) -> Response:
    """Tell a decision. One outside its bound is told too, and refused; what was typed is kept.

    One that no writer takes in time is safe: its page says that it waits.
    """
    who = await signed_in(request, Right.DECIDE)
    seller, order = request.path_params["seller"], request.path_params["order"]
    needs(who, Right.DECIDE, seller)
    typed = await form_of(request)
    try:
        id = f"console-{id_of(typed)}"
        await _tell(request, who, _decision(who, seller, order, typed), id)
    except Missing:
        raise
    except Untaken:
        return RedirectResponse(f"{path_of(request)}?told={id}", 303)
    except VillkorError as error:
        status = status_of(error)
        without = {name: value for name, value in typed.items() if name != "id"}
        unsure = isinstance(error, Guarded)
        return await _order(request, who, status, wrong=str(error), typed=without, unsure=unsure)
    async with desk_of(request).reader.asking(who) as store:
        came = _came_of(await Story.read(store, seller, order), id)
    if came is not None and came["refused"]:
        return await _order(request, who, 422, typed={**typed, "id": id})
    return RedirectResponse(f"{path_of(request)}?told={id}", 303)


async def _tell(request: Request, who: Who, decision: Decision, id: str) -> None:
    """Tell it once, also where its form lay open for longer than answers are kept.

    Raises Conflict where the form told something else before, such as what was refused.
    """
    desk, now = desk_of(request), told_at(request)
    async with desk.reader.asking(who) as store:
        told = await _told(store, decision, id)
    if told is None:
        await decide(desk.session, decision, id, now)
        return
    meant = understand(decision.message(now, id)).told.fact
    assert isinstance(meant, DiscretionExercised)
    if told != replace(meant, by=None, reason=None):  # who and why are kept beside the log
        raise Conflict(
            "this form was sent already and said something else, which is in the log; what stands "
            "here now was not told: send it again, if it is meant"
        )


async def _told(store: Store, decision: Decision, id: str) -> DiscretionExercised | None:
    """What a form told. Raises Missing where the order is not there for who decides."""
    await Queries(store.pool).order(decision.order, decision.seller)
    story = await Story.read(store, decision.seller, decision.order)
    for event in story.events:
        if isinstance(event, FactTold) and (event.told.source, event.told.id) == (SOURCE, id):
            assert isinstance(event.told.fact, DiscretionExercised)
            return event.told.fact
    return None


def _decision(who: Who, seller: str, order: str, typed: Mapping[str, str]) -> Decision:
    """What was typed. Raises Refused, naming what is missing or is no amount."""
    about = typed.get("about", "")
    word = DECISIONS.get(about) or typed.get("decision")
    if not word:
        raise Refused("choose what is decided")
    return Decision(
        seller=seller, order=order, about=about, decision=word,
        amount=_number(typed.get("amount", ""), "the amount", "kronor, like 150.00"),
        percent=_number(typed.get("percent", ""), "the percentage", "a percentage, like 25"),
        by=who.token, reason=typed.get("reason", ""), sure=typed.get("sure") == "yes",
    )  # fmt: skip


def _number(told: str, name: str, like: str) -> Decimal | None:
    if not told:
        return None
    if len(told) > LONGEST or NUMBER.fullmatch(told) is None:
        raise Refused(f"{name}: {told!r} is not {like}")
    return Decimal("".join(told.split()).replace(",", "."))


ROUTES = (
    Route("/decisions", queue),
    Route("/decisions/{seller}/{order:path}", of_an_order),
    Route("/decisions/{seller}/{order:path}", once(act), methods=["POST"]),
)
