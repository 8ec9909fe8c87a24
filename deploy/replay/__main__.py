"""`python -m deploy.replay DIR`: an exported log verified on a cluster, as one JSON object."""

import pickle
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.canonical import TableSum
from adapters.cli import FAILED, render
from adapters.cli.progress import towards_the_end
from adapters.cli.verify import DIFFERENCES
from adapters.verify.arranged import arranged
from adapters.verify.differences import Difference
from adapters.exports.log import Log, name_of, opened
from adapters.processes import Part, Progress, quiet
from adapters.rules import rules_digest
from adapters.terms import book
from adapters.verify.editions import editions_of, unpinned
from adapters.verify.log import Found, Given
from deploy.replay.bucket import Replayed, Task, messages, replayed
from domain.errors import VillkorError
from projections import PROJECTIONS

try:
    from deploy.replay.cluster import LOCAL, cluster, over_buckets
except ImportError:
    sys.exit("replay: needs Ray, which is not installed; the extra `replay` of this project has it")


@dataclass(slots=True)
class Whole:
    """What a log came to: amounts in öre, tables by their names."""

    found: Found = field(default_factory=Found)
    ledger_total: int = 0
    tables: dict[str, TableSum] = field(
        default_factory=lambda: {one.table: TableSum() for one in PROJECTIONS}
    )

    def add(self, other: Replayed) -> None:
        self.found.add(other.found)
        self.ledger_total += other.ledger_total
        for table, one in other.tables.items():
            self.tables[table].add(one)


def replay(folder: Path, log: Log, rows: Path | None = None, progress: Progress = quiet) -> Whole:
    """Replay a whole log on the cluster that is connected. Its differences are in their order."""
    editions, differences = editions_of(log.editions)
    terms = book()
    terms.stored |= editions
    given = Given(terms, frozenset(log.on_the_way))
    task = pickle.dumps(Task(given, rules_digest(), rows is not None))
    whole, parts = Whole(), dict[Part, list[Difference]]()

    def take(part: Part, one: Replayed) -> None:
        whole.add(one)
        parts[part] = one.found.differences
        if rows is not None:
            _write(rows, part, one.rows)

    over_buckets(folder, log, replayed, (task,), take=take, progress=progress)
    for part in sorted(parts):
        whole.found.differences += parts[part]
    whole.found.differences += _passed(folder, log, whole.found, given)
    whole.found.differences += differences + unpinned(editions, whole.found.pinned)
    if whole.ledger_total:
        said = f"ledger: comes to {whole.ledger_total} öre, not to 0"
        whole.found.differences.append(Difference(sentence=said, table="postings"))
    whole.found.differences = arranged(whole.found.differences)
    return whole


def _passed(folder: Path, log: Log, found: Found, given: Given) -> list[Difference]:
    """What streams told each other, by name where it does not add up."""
    passed = found.sums.apart
    if apart := found.sums.partitions_apart():
        over_buckets(folder, log, messages, (apart,), take=lambda _, one: passed.add(one))
    return passed.differences(given.on_the_way)


def _write(folder: Path, part: Part, rows: dict[str, bytes]) -> None:
    for table, file in rows.items():
        path = folder / table / name_of(part.partition)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)


def for_programs(log: Log, whole: Whole) -> dict[str, Any]:
    """What is said of it: the names are those of `villkor verify --json`, amounts are kronor."""
    found = whole.found
    return {
        "installation": log.installation, "at": log.at, "rules": rules_digest(),
        "orders": found.orders, "customers": found.customers, "events": found.events,
        "ledger_total": whole.ledger_total / 100,
        "tables": {
            table: {"rows": one.rows, "digest": one.hex} for table, one in whole.tables.items()
        },
        "differences": [one.for_programs() for one in found.differences],
        "held": [
            {"seller": one.seller, "order": one.order, "amount": one.amount} for one in found.held
        ],
    }  # fmt: skip


def main(
    folder: Annotated[Path, typer.Argument(help="What `villkor export log` wrote.")],
    address: Annotated[
        str, typer.Option(help="local, auto, or where a cluster is: ray://HOST:10001.")
    ] = LOCAL,
    rows: Annotated[
        Path | None, typer.Option(help="A folder for the rows of all read models, as Parquet.")
    ] = None,
) -> None:
    """Verify an exported log on a Ray cluster; exit 3 where there are differences."""
    log = opened(folder)
    with cluster(address), towards_the_end("replay") as progress:
        whole = replay(folder, log, rows, progress)
    render.as_json(for_programs(log, whole))
    raise typer.Exit(DIFFERENCES if whole.found.differences else 0)


if __name__ == "__main__":
    try:
        typer.run(main)
    except VillkorError as error:
        sys.stderr.write(f"replay: {error}\n")
        sys.exit(FAILED)
