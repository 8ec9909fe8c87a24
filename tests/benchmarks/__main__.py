"""The benchmark: one run, one table, one document.

    python -m tests.benchmarks [--quick] [--json FILE] [--readme]

`--quick` takes minutes and says little; the whole takes long, and tens of GB of disk. `--json`
keeps what was measured, beside what `python -m tests.benchmarks.asked` did; README shows the table
of `results.json` beside this file, and `--readme` writes it there without measuring anything.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from adapters.log import configure
from adapters.postgres.embedded import embedded
from tests.benchmarks.run import QUICK, Results, Sizes, keep, measured
from tests.benchmarks.table import markdown, rendered
from tests.readme import README

RESULTS = Path(__file__).with_name("results.json")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="a few minutes, for a look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was measured")
    parser.add_argument("--readme", action="store_true", help="only write README's table")
    parser.add_argument("--folder", type=Path, help="where its Postgres has its data")
    return parser.parse_args()


async def run(sizes: Sizes, folder: Path | None) -> Results:
    """Measure on a Postgres of its own."""
    configure("console:warning")
    with tempfile.TemporaryDirectory(prefix="villkor-bench-", dir=folder) as home:
        async with embedded(Path(home)) as dsn:
            return await measured(dsn, sizes, lambda what: print(what, file=sys.stderr, flush=True))


def main() -> None:
    asked = arguments()
    if not asked.readme:
        results = asyncio.run(run(QUICK if asked.quick else Sizes(), asked.folder))
        if asked.json is not None:
            keep(asked.json, results)
        print(markdown(results))
        return
    text = README.read_text("utf-8")
    README.write_text(rendered(text, json.loads(RESULTS.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main()
