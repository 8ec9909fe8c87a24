"""/v1/decisions: a person exercises discretion; it becomes a fact, by the name of the token."""

from hashlib import sha256

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Right, Who
from adapters.deciding import Decision, messages_of
from adapters.http.api.errors import problems
from adapters.http.api.facts_models import DecisionTold, FactStatus
from adapters.http.api.idempotency import IDEMPOTENT, Once, key_of, told_at
from adapters.http.api.identity import AtDesk, Somebody
from adapters.http.api.waiting import Patience, answered
from adapters.http.desk import needs
from adapters.messages import understand
from adapters.status import Name

router = APIRouter(
    prefix="/decisions", tags=["decisions"], route_class=Once, dependencies=[IDEMPOTENT]
)  # fmt: skip


@router.post(
    "", status_code=202,
    responses={
        200: {"model": FactStatus, "description": "Decided in time; `refusal` says if it does "
              "not count, and its bound."},
        202: {
            "model": FactStatus, "description": "Taken; ask at its Location.",
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **problems(400, 401, 403, 404, 409, 413, 422),
    },
)  # fmt: skip
async def post_decision(
    request: Request, desk: AtDesk, who: Somebody, body: DecisionTold, patience: Patience
) -> Response:
    """Decide about an order, beside its terms or where they leave it to a person."""
    needs(who, Right.DECIDE, body.seller)
    decision = Decision(**body.model_dump(), by=who.token)
    id = _id(request, who, decision)
    async with desk.reader.asking(who) as store:
        messages = await messages_of(store, decision, told_at(request), id)
    await desk.tell(messages)
    names = [Name.of(understand(one)) for one in messages]
    return await answered(request, desk, who, names, patience)


def _id(request: Request, who: Who, decision: Decision) -> str | None:
    """What is sent again under its key is the same decision, also where nobody could answer it."""
    if (key := key_of(request)) is None:
        return None
    return f"{decision.about}-{sha256(f'{who.token} {key}'.encode()).hexdigest()[:16]}"
