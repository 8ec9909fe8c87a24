"""`villkor doctor`: every look at this installation that can be taken."""

import asyncio
from dataclasses import asdict

from adapters.cli import render
from adapters.cli.look import AsJson
from adapters.doctor import findings


def doctor(json: AsJson = False) -> int:
    """What is wrong with this installation, in words."""
    found = asyncio.run(findings())
    if json:
        render.as_json({"findings": [asdict(one) for one in found]})
    else:
        for one in found:
            render.say(f"{'ok  ' if one.fine else 'BAD '} {one.what}")
    return 0 if all(one.fine for one in found) else 1
