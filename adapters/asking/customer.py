"""What was told of a customer by one moment, as it was known at another, and its orders then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.asking import Row, answered, passed, said, when, with_editions
from adapters.codec import decode
from adapters.postgres.batch import EventRow
from adapters.postgres.store import Store
from adapters.queries import Queries
from domain.between import OrderJoined
from domain.errors import Missing, Unanswerable
from domain.events import FactTold
from domain.fields import CUSTOMER
from domain.stream import BEGINNING
from domain.terms.book import Book

OF_AN_ORDER = (
    "seller", "order_id", "status", "cart", "currency", "placed_at", "paid", "fees", "refunds",
)  # fmt: skip


@dataclass(slots=True, frozen=True)
class CustomerAnswer:
    """A customer as of one moment, as known at another; `orders` are rows as they were then.

    `more` says whether there are others, where so many were asked for.
    """

    seller: str
    subject: str
    as_of: datetime | None
    known_at: datetime | None
    facts: list[FactTold]
    orders: list[Row]
    more: bool = False


async def answer_customer(
    store: Store, book: Book, seller: str, subject: str, as_of: datetime | None = None,
    known_at: datetime | None = None, *, now: datetime, limit: int | None = None, after: int = 0,
) -> CustomerAnswer:  # fmt: skip
    """What had been told of a customer (`customer:REF`), and the orders that it then had: all, or
    of so many after so many, the newest first.

    Raises Unanswerable where nothing of it was known by then, or nothing had happened, or it is
    yet to come; Missing where nothing was ever told of it.
    """
    key = f"{seller}/{subject}"
    rows = (await store.streams([(seller, subject)])).get(key)
    if rows is None:
        raise Missing(f"{seller} was told nothing of {subject!r}; `villkor orders` lists orders")
    present = max(now, rows[-1].recorded_at)
    as_of, known_at = passed(key, as_of, known_at, present)
    events = [decode(key, row.version, row.recorded_at, row.stored) for row in rows]
    ever = [one for one in events if isinstance(one, FactTold)]
    facts = _by_then(key, ever, as_of, known_at)
    queries, ref, end = Queries(store.pool), subject.removeprefix(CUSTOMER), None
    if limit is not None:
        end = after + limit
    if as_of is None and known_at is None:
        live = await queries.of_customer(ref, seller, None if limit is None else limit + 1, after)
        more = limit is not None and len(live) > limit
        return CustomerAnswer(seller, subject, as_of, known_at, facts, live[:limit], more)
    live = await queries.of_customer(ref, seller)
    joined = [one.told.fact.order for one in ever if isinstance(one.told.fact, OrderJoined)]
    names = [*dict.fromkeys([*(row["order_id"] for row in live), *reversed(joined)])]
    streams = await store.streams([(seller, name) for name in names[after:end]])
    found = []
    for stream in streams.values():
        await with_editions(store, book, stream)
        row = _then(stream, book, as_of, known_at, present)
        if row is not None and row["customer"] == ref:
            found.append({name: row[name] for name in OF_AN_ORDER})
    found.sort(key=lambda row: row["order_id"])
    found.sort(key=lambda row: row["placed_at"] or BEGINNING, reverse=True)
    more = end is not None and len(names) > end
    return CustomerAnswer(seller, subject, as_of, known_at, facts, found, more)


def _by_then(
    key: str, ever: Sequence[FactTold], as_of: datetime | None, known_at: datetime | None
) -> list[FactTold]:
    """The facts that were known, and had happened. Raises Unanswerable where there are none."""
    known = [one for one in ever if known_at is None or one.timestamp <= known_at]
    if known_at is not None and not known:
        raise Unanswerable(
            f"{said(key)} was not known at {when(known_at)}: the first of it became known at "
            f"{when(ever[0].timestamp)}"
        )
    happened = [one for one in known if as_of is None or one.told.at <= as_of]
    if as_of is not None and not happened:
        first = min(one.told.at for one in known)
        raise Unanswerable(
            f"nothing of {said(key)} had happened at {when(as_of)}: the first that is known of it "
            f"was at {when(first)}"
        )
    return happened


def _then(
    stream: Sequence[EventRow], book: Book, as_of: datetime | None, known_at: datetime | None,
    now: datetime,
) -> Row | None:  # fmt: skip
    """An order's row as it was then; None where there was no such order yet."""
    try:
        return answered(stream, book, as_of, known_at, now).row
    except Unanswerable:
        return None
