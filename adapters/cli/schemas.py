"""Commands about the contract of messages: its documents, and what changed in them."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli import render
from adapters.cli.look import AsJson
from adapters.contract import published
from domain.errors import Guarded

BREAKING = 3
schemas = typer.Typer(no_args_is_help=True)


@schemas.command("write")
def write(json: AsJson = False) -> int:
    """Generate the schemas of facts and outcomes, AsyncAPI and OpenAPI, into deploy/."""
    files = [str(file.relative_to(published.DEPLOY.parent)) for file in published.write()]
    if json:
        render.as_json({"files": files})
        return 0
    for file in files:
        render.say(file)
    return 0


@schemas.command("check")
def check(
    against: Annotated[
        Path, typer.Option(help="A folder with the schemas of another version.")
    ] = published.PUBLISHED,
    json: AsJson = False,
) -> int:
    """What changed in the schemas since, and whom it breaks: producers of facts, or consumers."""
    found = published.verdicts(against)
    breaking = [one for one in found if one.breaking]
    if json:
        render.as_json({
            "breaking": len(breaking), "compatible": len(found) - len(breaking),
            "changes": [
                {
                    "kind": change.kind, "where": change.where, "was": change.was,
                    "now": change.now, "breaks": side if change.breaks(side) else None,
                }
                for change, side in found
            ],
        })  # fmt: skip
    else:
        for one in found:
            render.say(f"{f'breaks {one.side}' if one.breaking else 'compatible'}: {one.change}")
        render.say(f"{len(breaking)} changes break others, {len(found) - len(breaking)} do not")
    return BREAKING if breaking else 0


@schemas.command("publish")
def publish(json: AsJson = False) -> int:
    """Record the schemas as published; refused where a change breaks those who rely on them."""
    if published.PUBLISHED.exists():
        breaking = [one for one in published.verdicts(published.PUBLISHED) if one.breaking]
        if breaking:
            first = breaking[0]
            raise Guarded(
                f"{len(breaking)} changes break {first.side}, the first {first.change}; "
                "`villkor schemas check` lists them: keep the old form beside the new one"
            )
    published.publish()
    if json:
        render.as_json({"published": str(published.PUBLISHED)})
    else:
        render.say(f"published in {published.PUBLISHED}")
    return 0
