"""What if, of one order or of the few that a seller has: on one connection, without processes.

For those who wait for the answer; a large log is worked through by the command.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from adapters.orders import sellers
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.what_if import Found, WhatIf
from adapters.what_if.log import must_concern
from adapters.what_if.order import Twice, look_at, twice
from adapters.what_if.supposed import Question, Supposed
from domain.calendar import day_of
from domain.errors import Guarded
from domain.terms.book import Book

MOST = 1_000
"""Orders that are decided while somebody waits."""
TOGETHER = 100
ORDERS = """
    select seller, marketplace, order_id from orders where seller = $1 order by order_id limit $2
"""


async def what_if_of(
    store: Store, book: Book, question: Question, now: datetime, order: str | None = None
) -> WhatIf:
    """Answer a question about one order, or about all of its seller; nothing is written.

    Raises Missing where there is no such order, Guarded where the seller has more than `MOST`, and
    VillkorError where the terms are at fault or not known of the day, or none of it is asked about.
    """
    book.stored |= {edition.hash: edition for edition in await store.editions()}
    if order is None:
        rows = await store.pool.fetch(ORDERS, question.seller, MOST + 1)
        _must_be_few(question, rows)
    else:
        rows = [await Queries(store.pool).order(order, question.seller)]
    having = {(row["seller"], row["marketplace"]) for row in rows}
    must_concern(question, having or {(one, None) for one in await sellers(store.pool)})
    supposed = Supposed(question, book)
    supposed.must_hold(having, day_of(now))
    keys = [(row["seller"], row["order_id"]) for row in rows]
    found, at = Found(), question.at or now
    for first in range(0, len(keys), TOGETHER):
        for told in (await store.streams(keys[first : first + TOGETHER])).values():
            look_at(told, book, supposed, at, found)
            await asyncio.sleep(0)  # others are answered meanwhile
    return WhatIf(question, at, found, resumed=0)


async def both_of(
    store: Store, book: Book, question: Question, at: datetime, order: str
) -> Twice | None:
    """One order, as it is and as it would be at a moment: what `what_if_of` compared.

    None where it would live under the same terms.
    """
    row = await Queries(store.pool).order(order, question.seller)
    [rows] = (await store.streams([(row["seller"], order)])).values()
    return twice(rows, book, Supposed(question, book), at)


def _must_be_few(question: Question, orders: Sequence[object]) -> None:
    if len(orders) > MOST:
        told = [("--terms", question.terms), ("--date", question.day), ("--at", question.at)]
        told += [("--reading", f"{name}={option}") for name, option in question.readings]
        options = " ".join(f"{name} {value}" for name, value in told if value is not None)
        raise Guarded(
            f"{question.seller} has more than {MOST} orders; name one, or run "
            f"`villkor what-if {options} --seller {question.seller}`"
        )
