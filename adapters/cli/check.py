"""`villkor check`: worked examples of the terms against the real rules."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.scenarios.check import check as check_scenarios
from adapters.scenarios.check import there
from adapters.cli import render
from adapters.cli.look import AsJson
from adapters.terms import book
from domain.errors import VillkorError

DIFFERENCES = 3


def check(
    paths: Annotated[list[Path], typer.Argument(help="Scenario files or folders of them.")],
    json: AsJson = False,
) -> int:
    """Scenario files against the real rules: each difference, expected and got."""
    results = check_scenarios(there(paths), book())
    if not results:
        raise VillkorError(f"{', '.join(map(str, paths))}: no scenario is there")
    passed = sum(result.passed for result in results)
    if json:
        render.as_json({"passed": passed, "failed": len(results) - passed, "results": [
            {"id": result.id, "passed": result.passed, "differences": result.differences}
            for result in results
        ]})  # fmt: skip
    else:
        for result in results:
            for difference in result.differences:
                render.line(f"{result.id}: {difference}")
            if result.differences and result.explanation:
                render.line("    stands: " + "; ".join(result.explanation))
        render.say(f"{passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else DIFFERENCES
