"""Waiting for what was told to be decided (`Prefer: wait=5`, RFC 7240), and what became of it."""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from adapters.access import Who
from adapters.http.api.caching import as_json
from adapters.http.desk import Desk
from adapters.status import Name, Status, statuses, together

LONGEST = 30
"""Seconds that anybody is waited for."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
"""Seconds between two looks: each is half as long again as the one before."""
WAIT = re.compile(r'wait\s*=\s*"?(\d{1,9})"?', re.ASCII)


def patience(
    prefer: Annotated[
        str | None,
        Header(
            description="`wait=5`: wait until it is decided, or after seconds, at most 30.",
            examples=["wait=5", "respond-async"],
        ),
    ] = None,
) -> int | None:
    """The seconds that somebody is waited for; what is not understood is no preference."""
    for one in (prefer or "").split(","):
        if found := WAIT.fullmatch(one.partition(";")[0].strip().lower()):
            return min(int(found[1]), LONGEST)
    return None


Patience = Annotated[int | None, Depends(patience)]


async def became(desk: Desk, who: Who, names: Sequence[Name]) -> list[Status]:
    """What became of messages, as somebody sees it."""
    async with desk.reader.asking(who) as store:
        return await statuses(store.pool, names)


async def awaited(desk: Desk, who: Who, names: Sequence[Name], seconds: int | None) -> list[Status]:
    """The same, once all are decided or parked, or the seconds are over."""
    ends = asyncio.get_running_loop().time() + (seconds or 0)
    pause = SHORTEST_PAUSE
    while True:
        found = await became(desk, who, names)
        left = ends - asyncio.get_running_loop().time()
        if left <= 0 or desk.ending.is_set() or all(one.state != "waiting" for one in found):
            return found
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)


def location(request: Request, name: Name) -> str:
    """Where to ask what became of a message."""
    return f"{request.scope.get('root_path', '')}/facts?{urlencode(name._asdict())}"


def status_of(one: Status, url: str) -> dict[str, Any]:
    """What became of a message, for programs."""
    return {
        **one.name._asdict(), "location": url, "state": one.state, "version": one.version,
        "recorded_at": one.recorded_at, "refusal": one.refusal,
        "outcomes": [msgspec.Raw(event) for event in one.events], "parked": one.parked,
    }  # fmt: skip


async def answered(
    request: Request, desk: Desk, who: Who, names: Sequence[Name], seconds: int | None,
    *, batch: bool = False,
) -> Response:  # fmt: skip
    """200 with what became of messages where all are decided or parked in time, else 202.

    Without a preference nobody looks: 202, and where to ask. Those that are no batch are one, and
    what was told beside it.
    """
    found = [Status(name) for name in names]
    if seconds is not None:
        found = await awaited(desk, who, names, seconds)
    done = seconds is not None and all(one.state != "waiting" for one in found)
    facts = [
        status_of(one, location(request, one.name))
        for one in (found if batch else [together(found)])
    ]
    headers = {} if batch else {"Location": facts[0]["location"]}
    if done:
        headers["Preference-Applied"] = f"wait={seconds}"
    return as_json({"facts": facts} if batch else facts[0], 200 if done else 202, headers)
