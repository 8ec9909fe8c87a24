"""`python -m tests.scenarios.coverage` records which scenarios decide which clause, and what of."""

import json
from dataclasses import asdict
from pathlib import Path

from adapters.terms.coverage import DECIDED, FOLDER, Decided, decided
from adapters.terms import book
from adapters.scenarios.worked import EXAMPLES, Example, examples
from tests.worked import SCENARIOS, played


def text(found: dict[str, Decided]) -> str:
    """One clause a line, so that changes can be read."""
    rows = [f"  {json.dumps(id)}: {json.dumps(asdict(one))}" for id, one in found.items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def told(found: dict[str, Example]) -> str:
    """One scenario a line."""
    rows = [
        f"  {json.dumps(id)}: {json.dumps([one.title, one.comes_to], ensure_ascii=False)}"
        for id, one in found.items()
    ]
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    Path(str(FOLDER / DECIDED)).write_text(text(decided(played(), book())), "utf-8")
    Path(str(FOLDER / EXAMPLES)).write_text(told(examples([SCENARIOS])), "utf-8")
