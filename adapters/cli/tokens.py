"""`villkor tokens`: who may ask over HTTP, in which role, and for which sellers."""

from typing import Annotated

import typer

from adapters import tokens as kept
from adapters.access import Role
from adapters.cli import render
from adapters.cli.look import AsJson, heard_of
from adapters.cli.render import instant
from adapters.cli.session import Session, running
from adapters.tokens import Signed

tokens = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What it is called: once, also when it is revoked.")]
By = Annotated[str, typer.Option(help="Who does it.")]
Reason = Annotated[str, typer.Option(help="Why.")]


@tokens.command("create")
def tokens_create(
    name: Name,
    role: Annotated[Role, typer.Option(help="What it may do.")],
    by: By,
    reason: Reason,
    seller: Annotated[
        list[str] | None, typer.Option(help="Whose rows it sees, once for each; none: all.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Make a token. It is shown this once; only its digest is kept."""

    async def work(session: Session) -> int:
        for one in seller or ():
            await heard_of(session, one)
        signed, now = Signed(by, reason), session.clock.now()
        made = await kept.create(session.store, name, role, seller or (), signed, now)
        if json:
            render.as_json(
                {"name": name, "role": role, "sellers": seller or [], "token": made.secret}
            )
        else:
            render.line(made.secret)
            whose = ", ".join(seller or ()) or "every seller"
            render.hint(f"{name} is {role} for {whose}; the token is not shown again")
        await session.taken(made.inbox)
        return 0

    return running(work)


@tokens.command("list")
def tokens_list(json: AsJson = False) -> int:
    """Every token that was made, and what became of it."""

    async def work(session: Session) -> int:
        found = await kept.listed(session.store.pool)
        if json:
            render.as_json({"tokens": found})
            return 0
        render.table(
            ("name", "role", "sellers", "made", "by", "revoked"),
            ((one["name"], one["role"], ", ".join(one["sellers"]) or "all",
              instant(one["created_at"]), one["by"], instant(one["revoked_at"]))
             for one in found),
        )  # fmt: skip
        return 0

    return running(work)


@tokens.command("revoke")
def tokens_revoke(name: Name, by: By, reason: Reason, json: AsJson = False) -> int:
    """Let nobody ask with a token any more; who is signed in with it is signed out at once."""

    async def work(session: Session) -> int:
        rows = await kept.revoke(session.store, name, Signed(by, reason), session.clock.now())
        if json:
            render.as_json({"name": name, "revoked": True})
        else:
            render.say(f"{name}: revoked")
        await session.taken(rows)
        return 0

    return running(work)
