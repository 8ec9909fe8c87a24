"""`villkor acts`: what people did, who they were, when, and why."""

from typing import Annotated

import typer

from adapters.acted import Kind, Wanted
from adapters.acted import acts as read
from adapters.cli import render
from adapters.cli.look import AsJson, Limit, Seller, heard_of
from adapters.cli.render import instant
from adapters.cli.session import Session, running


def acts(
    kind: Annotated[Kind | None, typer.Option(help="Only acts of this kind.")] = None,
    by: Annotated[str | None, typer.Option(help="Only of whom this is part of the name.")] = None,
    seller: Seller = None,
    limit: Limit = 40,
    json: AsJson = False,
) -> int:
    """Decisions, rules adopted, data erased, months closed, letters told again or put away,
    tokens: who, when and why, newest first."""

    async def work(session: Session) -> int:
        await heard_of(session, seller)
        found = await read(session.store.pool, Wanted(kind, by, seller), limit)
        if json:
            rows = [
                {name: value for name, value in one._asdict().items() if name != "place"}
                for one in found
            ]
            render.as_json({"acts": rows})
            return 0
        render.table(
            ("when", "who", "order", "what", "why", "in the log"),
            ((instant(one.at), one.by or "", one.order or "", one.what, one.reason or "",
              "" if one.position is None else f"{one.partition}/{one.position}")
             for one in found),
        )  # fmt: skip
        return 0

    return running(work)
