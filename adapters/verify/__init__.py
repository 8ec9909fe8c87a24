"""Verify: everything that follows from the recorded facts is worked out again, and compared.

Replay folds what was recorded and never decides; this is its opposite. The hash chains are walked,
every order is decided again under the terms that it pinned, and must find the same outcomes, byte
for byte; and every row that follows from the log, in the read models and beside them, must be the
one that is there. All of it in one snapshot, partition by partition, while writers are at work.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg

from adapters.verify.arranged import arranged
from adapters.verify.differences import Difference, of_rows
from adapters.folding import strangers
from adapters import sla_sums
from adapters.held import HeldOrder
from adapters.ledger import sums
from adapters.messages import INSIDE
from adapters.verify.passed import names
from adapters.postgres import sql
from adapters.postgres.store import Store
from adapters.rules import rules_digest
from adapters.processes import Part, Progress, Snapshot, over_partitions, quiet, snapshot
from adapters.verify.protected import UNPROTECTED, Unprotected
from adapters.verify import tokens
from adapters.verify.beside import ROWS_OF_NOBODY
from adapters.verify.editions import EDITIONS, editions_of, unpinned
from adapters.verify.log import Found, Given
from adapters.verify.partition import messages, verified
from domain.money import kronor
from domain.terms.book import Book
from projections import PROJECTIONS

FAILED = "select distinct message_id from dead_letters where place = 'timer'"
AHEAD = """
    select r.partition, greatest(r.position, r.intent), coalesce(p.position, 0)
    from relay r left join partitions p using (partition)
    where greatest(r.position, r.intent) > coalesce(p.position, 0) order by 1
"""


@dataclass(slots=True)
class Verified:
    """What was looked at, and every difference; the ledger must come to 0 öre."""

    orders: int = 0
    customers: int = 0
    events: int = 0
    position: int = 0
    """Where the log ended, in events of all partitions, as its heads say."""
    rules: str = ""
    """The version of the rules that decided again."""
    heads_compared: bool = False
    """Whether chain heads that were kept elsewhere were looked for in the log."""
    ledger_total: int = 0
    differences: list[Difference] = field(default_factory=list)
    held: list[HeldOrder] = field(default_factory=list)
    """What other rules decided, and today's would decide otherwise."""
    unprotected: tuple[Unprotected, ...] = UNPROTECTED
    notes: list[str] = field(default_factory=list)
    """What could not be compared, or not be named, this time, and is no difference."""


async def verify(
    store: Store, book: Book, *, progress: Progress = quiet, processes: int | None = None
) -> Verified:
    """Verify the whole log, and what follows from it; a rebuild swaps nothing meanwhile.

    There are as many processes as cores, or one, this, for a small log, unless it is said.
    """
    async with snapshot(store.dsn) as cut:
        return await _verified(cut, book, progress, processes)


async def _verified(
    cut: Snapshot, book: Book, progress: Progress, processes: int | None
) -> Verified:  # fmt: skip
    connection, result = cut.connection, Verified(position=cut.events, rules=rules_digest())
    editions, differences = editions_of(await connection.fetch(EDITIONS))
    book.stored |= editions
    on_the_way = names(row[0] for row in await connection.fetch(sql.INSIDE, INSIDE))
    failed = frozenset(row[0] for row in await connection.fetch(FAILED))
    whole, parts = Found(), dict[Part, list[Difference]]()

    def take(part: Part, found: Found) -> None:
        whole.add(found)
        parts[part] = found.differences

    given = Given(book, on_the_way, failed)
    await over_partitions(
        cut, verified, (given,), take=take, progress=progress, processes=processes
    )
    result.orders, result.customers, result.events = whole.orders, whole.customers, whole.events
    result.held = sorted(whole.held, key=lambda one: (one.seller, one.order))
    result.ledger_total = await connection.fetchval(sql.LEDGER_TOTAL)
    for part in sorted(parts):
        result.differences += parts[part]
    result.differences += await _passed(cut, whole, given, processes)
    result.differences += differences + unpinned(editions, whole.pinned)
    result.differences += await _of_nobody(connection, whole.rows)
    result.differences += await tokens.differences(connection, whole.tokens)
    result.differences += await _ahead(connection)
    for added in (sums, sla_sums):
        if await connection.fetchval(added.STALE):
            result.notes.append(added.NOT_COMPARED)
        apart = await added.differences(connection)
        result.notes += [
            f"{table}: {count} rows that differ are named, and there may be more"
            for table, count in Counter(table for table, _ in apart).items()
            if count >= sql.NAMED
        ]
        result.differences += [Difference(sentence=said, table=table) for table, said in apart]
    if result.ledger_total:
        said = f"ledger: comes to {kronor(result.ledger_total)}, not to 0.00"
        total = {"amount": result.ledger_total}
        result.differences.append(
            Difference(sentence=said, table="postings", expected={"amount": 0}, found=total)
        )
    result.differences = arranged(result.differences)
    return result


async def _passed(
    cut: Snapshot, whole: Found, given: Given, processes: int | None
) -> list[Difference]:  # fmt: skip
    """What streams told each other, by name where it does not add up."""
    passed = whole.sums.apart
    if apart := whole.sums.partitions_apart():
        await over_partitions(
            cut, messages, (apart,), take=lambda _, found: passed.add(found), processes=processes
        )
    return passed.differences(given.on_the_way)


# -- what no partition could see ------------------------------------------------------------------


async def _of_nobody(connection: asyncpg.Connection, rows: Mapping[str, int]) -> list[Difference]:
    """Rows of orders that are not in the log, where a table has more than its orders have."""
    differences = [of_rows(one) for one in await strangers(connection, rows, PROJECTIONS)]
    for table, query in ROWS_OF_NOBODY.items():
        if await connection.fetchval(f"select count(*) from {table}") == rows.get(table, 0):
            continue
        for row in await connection.fetch(query):
            order = f"{row['seller']}/{row['order_id']}"
            sentence = f"{table} {order}: is not of the log"
            differences.append(Difference(sentence=sentence, table=table, order=order))
    return differences


async def _ahead(connection: asyncpg.Connection) -> list[Difference]:
    """Partitions of which more was published than there is: their end was cut off."""
    return [
        Difference(
            sentence=f"partition {partition}: published up to {published}, the log ends at {end}",
            table="relay", found={"position": published}, expected={"position": end},
        )
        for partition, published, end in await connection.fetch(AHEAD)
    ]  # fmt: skip
