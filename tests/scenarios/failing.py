"""Writes failing.txt anew: `python -m tests.scenarios.failing > tests/scenarios/failing.txt`."""

import sys
from pathlib import Path

from adapters.check import check
from adapters.terms import book

if __name__ == "__main__":
    failed = [result.id for result in check([Path(__file__).parent], book()) if not result.passed]
    sys.stdout.write("\n".join(sorted(failed)) + "\n")
