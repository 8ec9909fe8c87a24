"""/v1/dead-letters: what is parked, why, and what puts it right."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right
from adapters.http.api.caching import tagged
from adapters.http.api.errors import problems
from adapters.http.api.identity import Letters, Somebody
from adapters.http.api.models import Shape, like
from adapters.http.api.orders import links
from adapters.http.api.paging import Limit
from adapters.http.desk import needs
from adapters.masking import MASK, payload, text
from adapters.postgres import letters
from adapters.postgres.letters import OPEN
from adapters.remedies import MEANINGS, remedy
from domain.errors import Missing

router = APIRouter(prefix="/dead-letters", tags=["dead letters"])
State = Literal["parked", "resolved", "retried", "discarded"]
SENTENCE = "line: line 9 is returned, but the order has no line 9"


class Reason(Shape):
    """What is parked for a reason; resolved is what was told again in another form since."""

    reason: str = like("refused")
    meaning: str | None = like(MEANINGS["refused"])
    parked: int = like(1)
    resolved: int = like(0)
    oldest: datetime = like("2026-09-09T16:27:00Z")
    newest: datetime = like("2026-09-09T16:27:00Z")


class LetterRow(Shape):
    """A parked message, and why it was."""

    id: int = like(1)
    seller: str | None = like("sweeto")
    order: str | None = like("SWE-0012")
    place: str = like("deploy/demo/facts.jsonl:812")
    reason: str = like("refused")
    sentence: str = like(SENTENCE)
    parked_at: datetime = like("2026-09-09T16:27:00Z")
    state: State = like("parked")


class LetterPage(Shape):
    """The reasons with their counts, and the letters; `next` asks for those behind them."""

    reasons: list[Reason]
    dead_letters: list[LetterRow]
    next: int | None = like(None)


class Edit(Shape):
    """What was told in a letter's place, and the letter that this was parked as, if it was."""

    edited_at: datetime = like("2026-09-10T08:00:00Z")
    edited_by: str = like("Ada")
    note: str = like("the line is 1")
    payload: str = like('{"specversion": "1.0"}')
    parked_as: int | None = like(None)


class Letter(LetterRow):
    """A letter whole. Its payload, and its headers' values, are masked unless an operator asks."""

    meaning: str | None = like(MEANINGS["refused"])
    remedy: str = like("Have its sender mend what the sentence names, and tell it anew.")
    message_source: str | None = like("/orders/sweeto")
    message_id: str | None = like("SWE-0012-9")
    settled_at: datetime | None = like(None)
    settled_by: str | None = like(None)
    note: str | None = like(None)
    headers: list[tuple[str, str]] = like([["ce_type", MASK]])
    payload: str = like('{"specversion": "1.0", "type": "ReturnReceived", "data": "•••"}')
    edit_of: int | None = like(None, "The letter that this is an edit of.")
    edits: list[Edit]


ALIKE = ("place", "reason", "sentence", "parked_at", "state")
WHOLE = (*ALIKE, "message_source", "message_id", "settled_at", "settled_by", "note", "edit_of")


@router.get(
    "", response_model=LetterPage, operation_id="list_dead_letters",
    responses={200: links({"id": "$response.body#/dead_letters/0/id"}, "get_dead_letter",
                          "retry_dead_letter", "discard_dead_letter"),
               **problems(401, 403, 422)},
)  # fmt: skip
async def list_letters(
    request: Request, store: Letters,
    reason: Annotated[str | None, Query(description="Only what was parked for this.")] = None,
    state: Annotated[
        State | None, Query(description="Only what is in this state; else parked and resolved.")
    ] = None,
    limit: Limit = 50,
    after: Annotated[int, Query(ge=0, lt=2**62, description="`next` of the page before.")] = 0,
) -> Response:  # fmt: skip
    """What is parked, by reason and one by one, the oldest first."""
    states = OPEN if state is None else (state,)
    groups = await letters.reasons(store.pool)
    rows = await letters.listed(store.pool, reason, states, limit + 1, after)
    return tagged(request, {
        "reasons": [one | {"meaning": MEANINGS.get(one["reason"])} for one in groups],
        "dead_letters": [_row(one, ALIKE) for one in rows[:limit]],
        "next": rows[limit - 1]["id"] if len(rows) > limit else None,
    })  # fmt: skip


@router.get(
    "/{id}", response_model=Letter, operation_id="get_dead_letter",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def get_letter(
    request: Request, who: Somebody, store: Letters,
    id: Annotated[int, Path(ge=1, lt=2**62, examples=[1])],
    bare: Annotated[
        bool, Query(alias="payload", description="All of it: it may be about persons.")
    ] = False,
) -> Response:  # fmt: skip
    """One letter: why it was parked, and what to do next."""
    letter = await letters.shown(store.pool, id)
    if letter is None:
        raise Missing(f"there is no dead letter {id}; /v1/dead-letters lists them")
    if bare:
        needs(who, Right.OPERATE, letter["seller"])
    return tagged(request, _row(letter, WHOLE) | {
        "meaning": MEANINGS.get(letter["reason"]), "remedy": remedy(letter),
        "headers": [(name, text(value) if bare else MASK) for name, value in letter["headers"]],
        "payload": payload(letter["value"], bare=bare),
        "edits": [_edit(one, bare=bare) for one in letter["edits"]],
    })  # fmt: skip


def _row(letter: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    shown = {name: letter[name] for name in names}
    return {
        "id": letter["id"], "seller": letter["seller"], "order": letter["order_id"], **shown,
    }  # fmt: skip


def _edit(one: dict[str, Any], *, bare: bool) -> dict[str, Any]:
    kept = {name: one[name] for name in ("edited_at", "edited_by", "note", "parked_as")}
    return kept | {"payload": payload(one["value"], bare=bare)}
