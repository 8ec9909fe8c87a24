"""`python -m tests.scenarios.coverage` records which scenarios decide which clause."""

import json
from dataclasses import asdict
from pathlib import Path

from adapters.coverage import DECIDED, FOLDER, Decided, decided
from adapters.terms import book

SCENARIOS = Path(__file__).parent


def text(found: dict[str, Decided]) -> str:
    """One clause a line, so that changes can be read."""
    rows = [f"  {json.dumps(id)}: {json.dumps(asdict(one))}" for id, one in found.items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    Path(str(FOLDER / DECIDED)).write_text(text(decided([SCENARIOS], book())), "utf-8")
