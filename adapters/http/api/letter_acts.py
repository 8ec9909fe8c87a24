"""/v1/dead-letters/../retry and /discard: what becomes of a parked message."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path
from starlette.responses import Response

from adapters.access import Right, Who
from adapters.dead_letters import Retry, discarded, told_again
from adapters.http.api.acts_models import Discarding, Retrying, Settled
from adapters.http.api.caching import as_json
from adapters.http.api.errors import problems
from adapters.http.api.idempotency import IDEMPOTENT, Once
from adapters.http.api.identity import AtDesk, Somebody
from adapters.http.desk import Desk, may_tell, needs
from adapters.messages import Message, understand
from adapters.postgres.letters import OPEN, Settling, shown
from adapters.report import Report
from domain.errors import Guarded, Missing, Refused

router = APIRouter(
    prefix="/dead-letters", tags=["dead letters"], route_class=Once, dependencies=[IDEMPOTENT]
)  # fmt: skip
Id = Annotated[int, Path(ge=1, lt=2**62, examples=[1])]
ACTS = problems(400, 401, 403, 404, 409, 413, 422)


@router.post(
    "/{id}/retry", response_model=Settled, responses=ACTS, operation_id="retry_dead_letter"
)
async def retry_letter(
    desk: AtDesk, who: Somebody, id: Id, body: Retrying
) -> Response:  # fmt: skip
    """Tell a parked message again: as it came, or in other words. The bytes that came are kept."""
    await _must_be_parked(desk, who, id)
    value = None if body.fact is None else await _edited(desk, who, body.fact)
    if value is not None and body.note is None:
        raise Refused("note: is missing; what is told in other words says why")

    async def telling(retry: Retry) -> Report:
        return await (retry.all_of([id]) if value is None else retry.edited(id, value))

    why = Settling(desk.now, who.token, body.note)
    report = await told_again(desk.session, why, telling)
    state = "parked" if report.parked else "duplicate" if report.duplicates else "taken"
    return as_json({"id": id, "state": state})


@router.post(
    "/{id}/discard", response_model=Settled, responses=ACTS, operation_id="discard_dead_letter"
)
async def discard_letter(
    desk: AtDesk, who: Somebody, id: Id, body: Discarding
) -> Response:  # fmt: skip
    """Put a parked message away for good; that it was done is in the log."""
    await _must_be_parked(desk, who, id)
    await discarded(desk.session, [id], Settling(desk.now, who.token, body.reason))
    return as_json({"id": id, "state": "discarded"})


async def _must_be_parked(desk: Desk, who: Who, id: int) -> None:
    """Raises Missing where there is no such letter for who asks, Guarded where it was settled."""
    needs(who, Right.OPERATE)
    async with desk.reader.asking(who) as store:
        letter = await shown(store.pool, id)
    if letter is None:
        raise Missing(f"there is no dead letter {id}; /v1/dead-letters lists them")
    if letter["state"] not in OPEN:
        raise Guarded(f"the dead letter {id} is {letter['state']} already")


async def _edited(desk: Desk, who: Who, fact: dict[str, Any]) -> bytes:
    """What is told instead, of a seller that who asks may tell of."""
    try:
        value = msgspec.json.encode(fact)
    except (ValueError, OverflowError) as error:
        raise Refused(f"fact: cannot be told ({error})") from error
    await may_tell(desk, who, Right.OPERATE, understand(Message(value, "edit")))
    return value
